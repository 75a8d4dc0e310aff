"""A run that is killed again and again equals one that never was, bit for bit."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from forks import SERVER, ensure_server
from safetensors.torch import load_file

from studio.core.project import Project
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunStatus
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink

KILLS = {"gan": 10, "vae": 10, "gpt": 5}
STEPS = 120

#: What tiny models of texts are like; all others are of pictures.
OF_TEXTS = {"gpt": ["batch_size=8", "size=24", "width=32", "depth=1", "dropout=0.2"]}
OF_PICTURES = ["batch_size=8", "size=28", "width=4", "code=4"]


@pytest.fixture(scope="session", autouse=True)
def server() -> None:
    """Start the server before the first test, so that no test is blamed for leaving it."""
    ensure_server()


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 40 short texts."""
    folder = tmp_path_factory.mktemp("stories")
    for index in range(40):
        pick = random.Random(index).choice
        words = [
            pick(["red", "hen", "ran", "over", "a", "hill", "and", "slept"]) for _ in range(30)
        ]
        (folder / f"{index:02d}.txt").write_text(" ".join(words) + ".\n", "utf-8")
    return folder


def tiny_recipe(project: Path, family: str, *settings: str) -> RunRecipe:
    common = [*OF_TEXTS.get(family, OF_PICTURES), "precision=fp32"]
    return recipe(project, dataset_of(family), family, "quick", [*common, *settings], 7, "Tiny")


def dataset_of(family: str) -> str:
    return "Stories" if family in OF_TEXTS else "Shapes"


def train_in_process(project: str, made: RunRecipe | None, run: str) -> None:
    """Run by the forked process: train, quietly."""
    run_with(Train(project=project, recipe=made, resume=run), Sink())


def only_run(project: Path) -> Run:
    (found,) = Run.all(project / "runs")
    return found


def weights_of(run: Run) -> dict[str, bytes]:
    """Return the bytes of every tensor of a run's last checkpoint, averages included."""
    folder = run.checkpoint_paths()[STEPS]
    return {
        f"{name}/{key}": tensor.numpy().tobytes()
        for name in ("weights", "ema")
        for key, tensor in load_file(folder / f"{name}.safetensors").items()
    }


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("family", KILLS)
def test_killed_at_random_moments_it_ends_with_the_same_weights(
    project: Path, tmp_path: Path, pictures: Path, stories: Path, family: str
) -> None:
    data = stories if family in OF_TEXTS else pictures

    def bring_in(there: Path) -> None:
        files = ImportFiles(project=str(there), name=dataset_of(family), paths=[str(data)])
        assert run_with(files, Sink()).outcome == Outcome.DONE

    if family in OF_TEXTS:
        bring_in(project)
    made = tiny_recipe(project, family, f"steps={STEPS}", "checkpoint_every=10", "sample_every=30")
    assert run_with(Train(project=str(project), recipe=made), Sink()).outcome == Outcome.DONE
    whole = only_run(project)
    expected = weights_of(whole)

    chance = random.Random(family)
    second = tmp_path / "Again.studio"
    ensure_project(second)
    bring_in(second)
    killed, run_id = 0, ""
    made = made.model_copy(update={"dataset": tiny_recipe(second, family).dataset})
    while True:
        job = (str(second), None if run_id else made, run_id)
        process = SERVER.Process(target=train_in_process, args=job)
        process.start()
        if killed < KILLS[family]:
            time.sleep(chance.uniform(0.05, 0.6))
            if process.is_alive():
                os.kill(process.pid or 0, signal.SIGKILL)
                killed += 1
        process.join(120)
        process.close()
        if not run_id and (second / "runs").exists() and Run.all(second / "runs"):
            run_id = only_run(second).id
        if run_id and only_run(second).state().status == RunStatus.DONE:
            break
        if run_id:
            assert only_run(second).state().status == RunStatus.INTERRUPTED

    assert killed >= 1
    assert weights_of(only_run(second)) == expected
    steps = [row["step"] for row in only_run(second).metrics()]
    assert steps == sorted(steps), "metrics of a lost part were kept"


def test_a_stopped_run_goes_on_as_if_nothing_had_been(project: Path) -> None:
    settings = [f"steps={STEPS}", "checkpoint_every=40"]
    made = tiny_recipe(project, "vae", *settings)
    assert run_with(Train(project=str(project), recipe=made), Sink()).outcome == Outcome.DONE
    whole = only_run(project)

    limited = made.model_copy(update={"options": made.options | {"minutes": 0.002}})
    ended = run_with(Train(project=str(project), recipe=limited), Sink())
    part = Run.find(project / "runs", ended.result["run"])
    assert part.state().step < STEPS
    part.recipe_path.write_text(made.model_dump_json())
    assert run_with(Train(project=str(project), resume=part.id), Sink()).outcome == Outcome.DONE
    assert weights_of(part) == weights_of(whole)


def test_the_project_stays_readable_while_it_is_trained_in(project: Path) -> None:
    made = tiny_recipe(project, "vae", "steps=40")
    assert run_with(Train(project=str(project), recipe=made), Sink()).outcome == Outcome.DONE
    opened = Project.open(project)
    run = only_run(project)
    assert run.state().status == RunStatus.DONE
    assert run.state().best_step in run.checkpoint_paths()
    assert 40 in run.sample_paths()
    assert opened.library.datasets.find("Shapes") is not None
    opened.close()
