"""Files are replaced whole or not at all, and states move only along the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core import files
from studio.core.state import TRANSITIONS, EngineState, may_move


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert files.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "step"
    for content in ("one", "two"):
        with files.replacing_folder(path) as folder:
            (folder / "x").write_text(content)
    with pytest.raises(RuntimeError), files.replacing_folder(path) as folder:
        (folder / "x").write_text("three")
        raise RuntimeError
    assert (path / "x").read_text() == "two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    files.append_json_line(path, {"step": 1})
    with path.open("a") as stream:
        stream.write('{"step": 2, "val')
    assert files.read_json_lines(path) == [{"step": 1}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mnist · GAN Quick", "mnist-gan-quick"),
        ("日本 語", "日本-語"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "untitled"),
        ("Zähler / Nenner?", "zähler-nenner"),
    ],
)
def test_a_slug_is_a_file_name_everywhere(name: str, expected: str) -> None:
    assert files.slug(name) == expected


def test_every_state_has_moves_and_a_crash_can_come_at_any_time() -> None:
    assert set(TRANSITIONS) == set(EngineState)
    for state in EngineState:
        if state != EngineState.CRASHED:
            assert may_move(state, EngineState.CRASHED)
    assert not may_move(EngineState.IDLE, EngineState.PAUSED)
    assert may_move(EngineState.CRASHED, EngineState.STARTING)


def test_an_unused_name_keeps_the_whole_of_its_ending(tmp_path: Path) -> None:
    assert files.unused(tmp_path / "a.wav") == tmp_path / "a.wav"
    for name in ("a.wav", "a.24.wav", "a-2.24.wav"):
        (tmp_path / name).touch()
    assert files.unused(tmp_path / "a.wav") == tmp_path / "a-2.wav"
    assert files.unused(tmp_path / "a.24.wav", ".24.wav") == tmp_path / "a-3.24.wav"
