"""Making music on the Generate page: the batch, edits and their undo, saving, pitches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asset_maker import add_pictures
from music_maker import Tone, cards, scale
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Outcome
from studio.data.music import midi
from studio.ui import settings
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_middles import middle_of
from studio.ui.pages.generate_music import MusicMiddle
from studio.ui.side_work import side_work, slow_work
from studio.ui.sound import player
from studio.ui.views.music_facts import facts_of
from studio.ui.views.music_notes import NoteTable
from studio.ui.views.music_survey import Survey

TOGETHER = 8000  # milliseconds of patience
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return an empty project."""
    settings.settings().clear()
    with cards(Tone(60.0)):
        made = Studio(Project.open(tmp_path / "Noten für alle.studio", create=True), fake_engine)
        yield made
        side_work().wait()
        slow_work().wait()
        made.close()
        made.deleteLater()


def add_tunes(studio: Studio, count: int, name: str = "tune") -> list[int]:
    """Write tunes as the engine does and enter them."""
    ids = []
    for number in range(count):
        path = studio.project.assets / f"{name}-{number}.mid"
        recipe = {"studio": "0", "model": {"title": "T"}, "facts": {"seed": number}}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(midi.write(scale(4 + number), recipe))
        fields: dict[str, Any] = {
            "path": studio.project.relative(path),
            "modality": Modality.MUSIC,
            "recipe": recipe,
            "title": f"tunes · seed {number}",
        }
        ids += add_pictures(studio.project, 1, **fields)
    return ids


def filled(studio: Studio, qtbot: QtBot, count: int = 3) -> MusicMiddle:
    """Return the middle with a batch, its first piece in sight."""
    assert middle_of(Modality.MUSIC) is MusicMiddle
    actions = AssetActions(studio, None)  # type: ignore[arg-type]
    middle = MusicMiddle(Around(studio, MakePanel(studio), actions))
    qtbot.addWidget(middle)
    middle.resize(900, 640)
    with qtbot.waitExposed(middle):
        middle.show()
    ids = add_tunes(studio, count)
    middle.begin(GenerateRequest(model="run"), count)
    for index, asset in enumerate(ids):
        middle.asset_made(
            AssetMade(job_id="j", asset=asset, path="", index=index, total=count), None
        )
    middle.finished(JobFinished(job_id="j", outcome=Outcome.DONE, seconds=2.0))
    qtbot.waitUntil(lambda: middle.tune.draft is not None, timeout=TOGETHER)
    return middle


def notes(middle: MusicMiddle) -> list[tuple[int, int, int]]:
    """Return (start, end, pitch) of the notes in sight."""
    table = middle.tune.editor.table
    return list(zip(table.start.tolist(), table.end.tolist(), table.pitch.tolist(), strict=True))


def choose(middle: MusicMiddle, *indices: int) -> None:
    """Choose notes."""
    chosen = np.zeros(len(middle.tune.editor.table), bool)
    chosen[list(indices)] = True
    middle.tune.editor.choose(chosen)


def test_a_batch_fills_and_each_piece_is_seen(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot)
    assert middle._pill.text() == "3 of 3 · 2.0 s"
    assert middle.batch.model().rowCount() == 3
    assert middle.tune.title.text() == "Tune 1"
    qtbot.waitUntil(lambda: bool(middle.tune._facts.text()), timeout=TOGETHER)
    assert middle.tune._facts.text() == "C major · 120 bpm · 4 bars · 20 notes"
    assert middle.tune._scale_pill.text() == "in scale 100%"
    QTest.keyClick(middle.batch, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: middle.tune.editor.table.bars() == 5, timeout=TOGETHER)
    QTest.keyClick(middle.batch, Qt.Key.Key_Space)
    assert middle.tune.bar.playing()
    row = middle.batch.visualRect(middle.batch.model().index(1, 0))
    star = QPoint(row.right() - 12, row.center().y())
    QTest.mouseClick(middle.batch.viewport(), LEFT, pos=star)
    (asset,) = studio.project.library.assets.get([middle._source.ids[1]])
    assert asset.rating == 5
    middle.begin(GenerateRequest(model="run"), 1)
    assert middle.batch.model().rowCount() == 0
    assert middle.tune.draft is not None, "the piece stays until another comes"


def test_every_edit_can_be_undone(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    editor, before = middle.tune.editor, notes(middle)
    choose(middle, 2, 3)
    edits = {
        "up": lambda: QTest.keyClick(editor, Qt.Key.Key_Up),
        "octave": lambda: QTest.keyClick(
            editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier
        ),
        "later": lambda: QTest.keyClick(editor, Qt.Key.Key_Right),
        "longer": lambda: QTest.keyClick(
            editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier
        ),
        "straight": middle.tune._tools.quantise,
        "gone": lambda: QTest.keyClick(editor, Qt.Key.Key_Delete),
    }
    states = [before]
    for work in edits.values():
        work()
        states.append(notes(middle))
        choose_again = editor.chosen().any() or work is edits["gone"]
        assert choose_again, "what was changed stays chosen"
    (_, up, octave, later, longer, _straight, gone) = states
    assert [pitch for *_, pitch in up] != [pitch for *_, pitch in before]
    assert sum(p for *_, p in octave) == sum(p for *_, p in up) - 24
    assert sum(start for start, *_ in later) == sum(start for start, *_ in octave) + 2 * 120
    assert sum(end for _, end, _ in longer) == sum(end for _, end, _ in later) + 2 * 120
    assert len(gone) == len(before) - 2
    assert middle.tune.save.isEnabled()
    for state in reversed(states[:-1]):
        studio.undo.undo()
        assert notes(middle) == state
    assert not middle.tune.save.isEnabled(), "it is as its file again"
    studio.undo.redo()
    assert notes(middle) == up
    assert middle.tune.draft is not None
    assert middle.tune.draft.piece.source is middle.tune.editor.table.music, "it is heard so"


def test_edits_stop_at_the_ends_of_the_keyboard_and_of_time(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    middle.tune.editor.choose_all()
    for _ in range(12):
        QTest.keyClick(middle.tune.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    pitches = middle.tune.editor.table.pitch
    assert pitches.max() == 127 and pitches.min() == 127 - 36, "all move by the same"
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Left)
    assert middle.tune.editor.table.start.min() == 0
    for _ in range(40):
        QTest.keyClick(middle.tune.editor, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert (middle.tune.editor.table.end > middle.tune.editor.table.start).all()


def test_notes_are_chosen_and_dragged_with_the_pointer(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    editor = middle.tune.editor
    port, box = editor.viewport(), editor.note_box(3)
    QTest.mouseClick(port, LEFT, pos=box.center().toPoint())
    assert editor.chosen().tolist() == [i == 3 for i in range(len(editor.table))]
    start, _end, pitch = notes(middle)[3]
    to = box.center().toPoint() + QPoint(round(editor.scale.x(480)), -round(2 * editor.scale.row))
    QTest.mousePress(port, LEFT, pos=box.center().toPoint())
    QTest.mouseMove(port, to)
    QTest.mouseRelease(port, LEFT, pos=to)
    assert int(editor.chosen().sum()) == 1
    moved = notes(middle)[int(np.flatnonzero(editor.chosen())[0])]
    assert moved == (start + 480, _end + 480, pitch + 2)
    # a frame around everything, then a click on empty room
    corner = QPoint(port.width() - 3, port.height() - 3)
    QTest.mousePress(port, LEFT, pos=QPoint(45, 24))
    QTest.mouseMove(port, corner)
    QTest.mouseRelease(port, LEFT, pos=corner)
    assert int(editor.chosen().sum()) > 10
    QTest.mouseClick(port, LEFT, pos=corner)
    assert not editor.chosen().any()
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert editor.chosen().all()


def test_an_edited_piece_is_saved_beside_its_original(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    (asset,) = studio.project.library.assets.get([middle._source.ids[0]])
    original = studio.project.folder / asset.path
    raw = original.read_bytes()
    middle.save()
    assert not list(original.parent.glob("*edited*")), "nothing was changed yet"
    choose(middle, 0)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Up)
    middle.tune.save.click()
    qtbot.waitUntil(lambda: len(middle._source.ids) == 2, timeout=TOGETHER)
    assert original.read_bytes() == raw
    (new,) = studio.project.library.assets.get([middle._source.ids[1]])
    assert (new.title, new.seed) == ("tunes · seed 0 · edited", asset.seed)
    assert new.thumb.length > 0
    written = studio.project.folder / new.path
    recipe = midi.read_recipe(written.read_bytes())
    assert recipe is not None and recipe["facts"]["edits"] == ["moving notes"]
    assert recipe["facts"]["original"] == asset.path
    table = NoteTable(midi.read(written.read_bytes()))
    assert sorted(table.pitch.tolist()) == sorted(middle.tune.editor.table.pitch.tolist())
    assert not middle.tune.save.isEnabled()


def test_saving_waits_while_the_engine_writes(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers in the pack of thumbnails would spoil each other's places."""
    middle = filled(studio, qtbot, 1)
    busy = [True]
    monkeypatch.setattr(type(studio.maker), "busy", property(lambda _self: busy[0]))
    size = studio.project.thumbnails.stat().st_size
    choose(middle, 0)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Delete)
    middle.save()
    qtbot.waitUntil(lambda: bool(middle._saver._written), timeout=TOGETHER)
    assert studio.project.thumbnails.stat().st_size == size
    busy[0] = False
    qtbot.waitUntil(lambda: len(middle._source.ids) == 2, timeout=TOGETHER)


def test_an_undone_edit_of_another_piece_brings_it_into_sight(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 2)
    first = middle.tune.draft
    choose(middle, 0)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Delete)
    QTest.keyClick(middle.batch, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: middle.tune.draft is not first, timeout=TOGETHER)
    studio.undo.undo()
    assert middle.tune.draft is first
    assert len(middle.tune.editor.table) == 20


def test_pitches_are_compared_with_the_collection(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    facts = facts_of(NoteTable(scale()))
    middle.pitches.show_facts(facts, None)
    assert middle.pitches._words.text() == "5.0 notes per bar."
    assert not middle.pitches._theirs[0].isVisible()
    like = Survey(9, *({} for _ in range(3)), (90, 100, 120), 2.0, facts.pitch_classes, 6.2)  # type: ignore[arg-type]
    middle.pitches.show_facts(facts, like)
    words = "Close to your collection. Notes per bar 5.0 against 6.2."
    assert middle.pitches._words.text() == words
    turned = tuple(np.roll(facts.pitch_classes, 1))
    middle.pitches.show_facts(facts, like._replace(pitch_classes=turned))
    assert middle.pitches._words.text().startswith("Other pitches")
    assert "in your pieces" in middle.pitches.chart.accessibleName()


def test_a_file_that_went_away_is_said(studio: Studio, qtbot: QtBot) -> None:
    middle = filled(studio, qtbot, 1)
    (gone,) = add_tunes(studio, 1, "gone")
    for path in studio.project.assets.glob("*.mid"):
        path.unlink()
    middle._shelf._drafts.clear()
    middle.begin(GenerateRequest(model="run"), 1)
    middle.asset_made(AssetMade(job_id="j", asset=gone, path="", index=0, total=1), None)
    middle.finished(JobFinished(job_id="j", outcome=Outcome.DONE, seconds=1.0))
    qtbot.waitUntil(lambda: "No such file" in middle.tune.editor._message, timeout=TOGETHER)
    assert middle.tune.draft is None
    assert not player().plays()


def test_every_control_has_a_name(qtbot: QtBot, studio: Studio) -> None:
    """Every control of the three parts has a name for screen readers."""
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider

    middle = filled(studio, qtbot, 1)
    for kind in (QAbstractButton, QComboBox, QSlider):
        for control in middle.findChildren(kind):
            text = control.text() if isinstance(control, QAbstractButton) else ""
            if control.isHidden():
                continue
            assert control.accessibleName() or text, control


def test_an_edited_piece_is_kept_before_the_model_goes_on_from_it(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    middle = filled(studio, qtbot, 1)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(middle._make, "show_request", asked.append)
    middle.tune.go_on.click()
    (original,) = studio.project.library.assets.get([middle._source.ids[0]])
    assert asked[0]["task"] == "continue"
    assert asked[0]["inputs"] == [str(studio.project.folder / original.path)]
    choose(middle, 0)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Up)
    QTest.keyClick(middle.tune.editor, Qt.Key.Key_Escape)
    middle.tune.go_on.click()
    qtbot.waitUntil(lambda: len(asked) == 2, timeout=TOGETHER)
    assert asked[1]["inputs"][0].endswith("tune-0-edited.mid")
