"""Batches: many models in one folder with a manifest, that go on after a stop, and a game kit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from studio.cli import main
from studio.core.assets import AssetFilter
from studio.core.batch_recipes import MANIFEST, BatchPart, BatchRecipe
from studio.core.errors import StopRequested, StudioError
from studio.core.files import read_json
from studio.core.paths import starter_models
from studio.core.project import Project
from studio.core.protocol import AssetMade, MakeBatch, Message
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.jobs import run_job


def ready(name: str) -> str:
    """Return the path of a model that comes with the program."""
    return next(str(path) for path in starter_models() if path.stem == name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "game.studio"
    Project.open(folder, create=True).close()
    return folder


def batch(project: Path, recipe: BatchRecipe, out: str = "", stop_after: int = 0) -> dict[str, Any]:
    """Make a batch; end it as the user would once so many things were made."""
    control = Control()
    made = 0

    def emit(event: Message) -> None:
        nonlocal made
        made += isinstance(event, AssetMade)
        if stop_after and made >= stop_after:
            control.stop(save=True)

    command = MakeBatch(project=str(project), recipe=recipe, out=out)
    return run_job(command, JobContext("batch", control, emit))


def test_models_times_labels_times_seeds_with_a_manifest(project: Path) -> None:
    models = (ready("digits-gan"), ready("digits-vqvae"))
    part = BatchPart(name="Digits", models=models, labels=("3", "7"), count=2, seed=5)
    result = batch(project, BatchRecipe(name="My digits", parts=(part,)))
    folder = Path(result["folder"])
    told = read_json(folder / MANIFEST)
    assert result["made"] == len(told["files"]) == 8
    assert {(each["label"], each["seed"]) for each in told["files"]} == {
        (label, seed) for label in "37" for seed in (5, 6)
    }
    files = [folder / each["file"] for each in told["files"]]
    assert len(set(files)) == 8
    assert all(path.exists() and path.parent == folder / "digits" for path in files)
    opened = Project.open(project)
    assert len(opened.library.assets.ids(AssetFilter())) == 8  # all are in the gallery
    opened.close()


def test_a_batch_that_was_stopped_goes_on_and_makes_nothing_twice(project: Path) -> None:
    part = BatchPart(name="digits", models=(ready("digits-gan"),), labels=("1", "2", "3"), count=3)
    recipe = BatchRecipe(name="digits", parts=(part,), folder="day/digits")
    with pytest.raises(StopRequested):
        batch(project, recipe, stop_after=4)
    opened = Project.open(project)
    before = len(opened.library.assets.ids(AssetFilter()))
    opened.close()
    assert 4 <= before < 9
    result = batch(project, recipe)
    opened = Project.open(project)
    assert len(opened.library.assets.ids(AssetFilter())) == 9
    opened.close()
    assert result["made"] == 9
    again = batch(project, recipe)  # all of it is there already
    opened = Project.open(project)
    assert len(opened.library.assets.ids(AssetFilter())) == 9
    opened.close()
    assert again["made"] == 9


def test_one_model_that_fails_does_not_take_the_others_along(project: Path) -> None:
    parts = (
        BatchPart(name="gone", models=("no-such-run",), count=2),
        BatchPart(name="odd", models=(ready("digits-gan"),), labels=("unicorn",), count=2),
        BatchPart(name="good", models=(ready("digits-gan"),), count=2),
    )
    result = batch(project, BatchRecipe(name="mixed", parts=parts))
    assert result["made"] == 2
    assert [each["part"] for each in result["failed"]] == ["gone", "odd"]
    assert "unicorn" in result["failed"][1]["message"]


def test_a_batch_of_which_nothing_can_be_made_fails(project: Path) -> None:
    part = BatchPart(name="gone", models=("no-such-run",), count=2)
    with pytest.raises(StudioError, match="no-such-run"):
        batch(project, BatchRecipe(name="none", parts=(part,)))


def test_another_batch_in_the_folder_is_left_alone(project: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    digits = BatchPart(name="digits", models=(ready("digits-gan"),), count=1)
    batch(project, BatchRecipe(name="one", parts=(digits,)), out)
    with pytest.raises(StudioError, match="made by the batch"):
        batch(project, BatchRecipe(name="two", parts=(digits,)), out)
    assert read_json(Path(out) / MANIFEST)["name"] == "one"


def test_the_command_line_makes_a_game_kit(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "kit"
    words = ["game-kit", str(project), "--out", str(out), "--name", "Tiny quest"]
    words += ["--sprites", ready("shapes-gan"), "--tune", ready("tunes-composer")]
    assert main([*words, "--dialogue", ready("tales-chains"), "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["result"]["made"] == 16 + 1 + 12
    told = read_json(out / MANIFEST)
    kinds = [each["kind"] for each in told["files"]]
    assert [kinds.count(kind) for kind in ("image", "music", "audio", "text")] == [16, 1, 0, 12]
    (tune,) = (each for each in told["files"] if each["part"] == "tune")
    assert soundfile.info(str(out / tune["also"][0])).duration > 1  # it sounds without a synth
    assert all((out / each["file"]).exists() for each in told["files"])
    # a manifest is enough to make the same again
    again = tmp_path / "again"
    assert main(["batch", str(project), "--recipe", str(out / MANIFEST), "--out", str(again)]) == 0
    first = next(each["file"] for each in told["files"] if each["kind"] == "image")
    assert (again / first).read_bytes() == (out / first).read_bytes()
