"""Runs side by side: aligned by step or time, what is better, and where that cannot be said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.core.catalogue import catalogue
from studio.core.files import append_json_line
from studio.core.media import Modality
from studio.core.recipe import DatasetRef, RunRecipe, differing_settings
from studio.core.runs import Evaluation, Run, RunState, RunStatus, step_name
from studio.core.side_by_side import (
    Track,
    aligned,
    best_place,
    common_end,
    compared_metrics,
    points,
)


def made_run(
    folder: Path,
    *,
    steps: range,
    pace: float,
    family: str = "gan",
    measured: dict[int, float] | None = None,
    judge: str = "abc",
    **options: Any,
) -> Run:
    """Write a run that drew a sheet at each of the steps, `pace` seconds a step."""
    run = Run(folder)
    values = catalogue().family(family).values("quick") | options
    run.create(
        RunRecipe(
            name=folder.name.title(),
            family=family,
            preset="quick",
            modality=Modality.IMAGE,
            dataset=DatasetRef(id="d", name="Digits"),
            preparation={"size": 32},
            options=values,
        )
    )
    run.write_state(RunState(status=RunStatus.DONE, step=steps[-1], steps=steps[-1], created=1.0))
    for step in range(1, steps[-1] + 1):
        values = {"loss_critic": 1.0, "steps_per_second": 1 / pace}
        if step % 10 == 0:
            values["sample_distance"] = 100.0 - step
        append_json_line(run.metrics_path, {"step": step, "seconds": step * pace, "values": values})
    for step in steps:
        Image.new("L", (8, 8), step % 255).save(run.samples / f"{step_name(step)}.png")
    for step, distance in (measured or {}).items():
        row = Evaluation(
            step=step,
            created=float(step),
            metrics={"studio_fd": distance, "studio_fd_floor": 0.5, "recall": 0.01 * distance},
            judge=judge,
            samples=100,
        )
        append_json_line(run.evaluations_path, row.model_dump(mode="json"))
    return run


@pytest.fixture
def tracks(tmp_path: Path) -> list[Track]:
    """Return a quick run of 60 steps and a slow one of 40."""
    quick = made_run(
        tmp_path / "quick", steps=range(10, 61, 10), pace=1, measured={30: 9.0, 60: 4.0}
    )
    slow = made_run(
        tmp_path / "slow", steps=range(20, 41, 20), pace=3, measured={20: 5.0}, learning_rate=0.1
    )
    return [Track.read(quick), Track.read(slow)]


def test_the_same_step(tracks: list[Track]) -> None:
    """Each shows its newest sheet until then, and what was known at that sheet."""
    quick, slow = aligned(tracks, "step", 35)
    assert (quick.step, quick.seconds, slow.step, slow.seconds) == (30, 30.0, 20, 60.0)
    assert quick.sheet is not None
    assert quick.sheet.name == "step-00000030.png"
    assert quick.values["sample_distance"] == 70.0
    assert quick.values["studio_fd"] == 9.0
    assert (quick.measured, slow.measured) == (30, 20)
    before, _ = aligned(tracks, "step", 25)
    assert "studio_fd" not in before.values
    assert before.measured is None


def test_the_same_time(tracks: list[Track]) -> None:
    quick, slow = aligned(tracks, "time", 60.0)
    assert (quick.step, slow.step) == (60, 20)
    early, late = aligned(tracks, "time", 2.0)
    assert (early.step, late.step) == (10, 20)  # the first sheets: there are none before


def test_each_sheet_is_seen_at_its_own_time(tmp_path: Path) -> None:
    """Also where its step was not reported, as in runs of older versions."""
    run = made_run(tmp_path / "sparse", steps=range(10, 41, 10), pace=1)
    rows = run.metrics_path.read_text("utf-8").splitlines(keepends=True)
    run.metrics_path.write_text("".join(row for row in rows if '"step": 20' not in row), "utf-8")
    track = Track.read(run)
    assert [track.side(track.step_at(at)).step for at in points([track], "time")] == [
        10,
        20,
        30,
        40,
    ]


def test_where_they_are_compared(tracks: list[Track]) -> None:
    assert points(tracks, "step") == [10, 20, 30, 40, 50, 60]
    assert points(tracks, "time") == [10, 20, 30, 40, 50, 60, 120]
    assert common_end(tracks, "step") == 40
    assert common_end(tracks, "time") == 60
    assert [side.step for side in aligned(tracks, "step")] == [40, 40]


def test_what_decides(tracks: list[Track]) -> None:
    sides = aligned(tracks, "time", 60.0)
    infos = [catalogue().family("gan").info] * 2
    metrics = compared_metrics(sides, infos)
    assert next(iter(metrics)) == "studio_fd"
    assert "sample_distance" in metrics
    assert "studio_fd_floor" not in metrics  # the same for every model of a dataset
    assert "steps_per_second" not in metrics  # of the machine
    assert "loss_critic" not in metrics  # has no better way
    families = ["gan", "gan"]
    assert best_place("studio_fd", metrics["studio_fd"], sides, families) == 0  # 4 is under 5
    assert best_place("recall", metrics["recall"], sides, families) == 1  # more is better


def test_what_cannot_be_compared(tmp_path: Path, tracks: list[Track]) -> None:
    other = made_run(
        tmp_path / "other", steps=range(10, 61, 10), pace=1, measured={60: 1.0}, judge="xyz"
    )
    sides = aligned([tracks[0], Track.read(other)], "step", 60)
    metrics = compared_metrics(sides, [catalogue().family("gan").info] * 2)
    assert best_place("studio_fd", metrics["studio_fd"], sides, ["gan", "gan"]) == -1
    # all alike
    assert best_place("sample_distance", metrics["sample_distance"], sides, ["gan"] * 2) == -1
    # a number of the model itself means something else for another kind
    vae = catalogue().family("vae").info
    (own,) = [name for name in vae.metrics if name == vae.best]
    sides[0].values[own], sides[1].values[own] = 1.0, 2.0
    assert best_place(own, vae.metric(own), sides, ["vae", "vae"]) in (0, 1)
    if vae.metric(own).about == "model":
        assert best_place(own, vae.metric(own), sides, ["vae", "diffusion"]) == -1


def test_a_run_without_sheets_or_numbers(tmp_path: Path, tracks: list[Track]) -> None:
    bare = made_run(tmp_path / "bare", steps=range(1, 2), pace=1)
    for path in bare.samples.iterdir():
        path.unlink()
    bare.metrics_path.unlink()
    side = aligned([Track.read(bare), tracks[0]], "step", 30)[0]
    assert side.sheet is None
    assert side.values == {}


def test_settings_that_differ(tracks: list[Track]) -> None:
    found = differing_settings([track.recipe for track in tracks])
    assert list(found) == ["learning_rate"]
    assert found["learning_rate"][1] == 0.1
