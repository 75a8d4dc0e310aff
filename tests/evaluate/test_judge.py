"""The judge of a dataset is trained once and kept; what was damaged is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.core.catalogue import catalogue
from studio.core.errors import StopRequested
from studio.core.project import Project
from studio.core.work import Work
from studio.data.modality import modality_data
from studio.data.store import PreparedData, prepare
from studio.evaluate import judge as judges
from studio.evaluate.feature_net import View
from studio.evaluate.quality import Quality, quality


class Listening(Work):
    """Notes the stages of the work; stops it at a stage of that name."""

    def __init__(self, stop_at: str = "") -> None:
        self.stages: set[str] = set()
        self._stop_at = stop_at

    def progress(self, stage: str, done: int, *_more: Any, **_named: Any) -> None:
        self.stages.add(stage)
        if stage == self._stop_at and done:
            raise StopRequested


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let judges learn for a moment: what is kept of them is the same."""
    monkeypatch.setattr(View, "shown", 1_000)


@pytest.fixture
def data(project: Path) -> Iterator[PreparedData]:
    """Return the two kinds of shapes, prepared."""
    opened = Project.open(project)
    dataset = opened.library.datasets.find("Shapes")
    assert dataset is not None
    yield prepare(opened, dataset.id, {"size": 16, "validation_percent": 25}, Work())
    opened.close()


def judged(data: PreparedData, work: Work) -> Quality:
    """Return what the judge says of the data's own pictures."""
    pictures = modality_data(data.spec.modality).as_prepared(data.items[:], data.spec)
    return quality(pictures, data, work)


def figures(found: Quality) -> tuple[dict[str, float], str]:
    """Return the numbers and the judge."""
    return found.metrics, found.judge


def kept(data: PreparedData) -> list[Path]:
    """Return the judges that are kept with the data."""
    return list(data.folder.glob("judge-*"))


def test_the_second_time_trains_nothing_and_says_the_same(
    data: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Listening()
    found = judged(data, first)
    assert first.stages
    named = {"accepted", "share_disc", "share_square", "judge_accuracy", "judge_score"}
    assert named <= set(found.metrics)
    assert 0 <= found.metrics["judge_accuracy"] <= 1
    info = catalogue().family("gan").info
    assert info.metric("share_disc").title == "Of these, disc"
    assert all(info.metric(name).help for name in found.metrics)
    assert [path.suffix for path in kept(data)] == [".safetensors"]
    monkeypatch.setattr(judges, "taught", None)
    second = Listening()
    assert figures(judged(data, second)) == figures(found)
    assert "Training a judge on your labels" not in second.stages


@pytest.mark.parametrize("damage", [b"", b"not weights", None], ids=["empty", "other", "cut"])
def test_a_damaged_judge_is_made_anew(data: PreparedData, damage: bytes | None) -> None:
    found = judged(data, Work())
    (path,) = kept(data)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    work = Listening()
    assert figures(judged(data, work)) == figures(found)
    assert "Training a judge on your labels" in work.stages
    assert path.read_bytes() == whole


def test_stopped_in_training_it_keeps_nothing(data: PreparedData) -> None:
    with pytest.raises(StopRequested):
        judged(data, Listening(stop_at="Training a judge on your labels"))
    assert not kept(data)
