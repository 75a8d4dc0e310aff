"""Models of sounds and of films that are killed go on as if nothing had been, bit for bit."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from forks import SERVER, ensure_server
from PIL import Image
from safetensors.torch import load_file

from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.core.protocol import ImportFiles, Outcome, Train
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunStatus
from studio.engine.trainer import Trainer
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink

STEPS, SAVED, KILLED = 6, 3, 4
RATE = 8000

#: What a tiny model of each family is like.
TINY: dict[str, list[str]] = {
    "wavenet": ["width=4", "skip=8", "layers=3", "stacks=1", "crop=64"],
    "wavegan": ["width=2", "code=4", "critic_steps=2"],
    "spectrogram": ["width=8", "code=4", "vocoder_width=16", "vocoder_depth=1", "vocoder_batch=2"],
    "tts": ["width=16", "depth=1", "vocoder_width=16", "vocoder_depth=1", "vocoder_batch=2"],
    "synth": ["tries=2"],
    "videogan": ["width=4", "code=4", "motion=2"],
    "video_transformer": ["width=8", "code=4", "vocabulary=16", "writer_width=32"],
    "frame_predictor": ["width=4", "hidden=16", "blocks=1", "halvings=2", "seen=4", "foreseen=4"],
    "video_cyclegan": ["width=4", "blocks=1"],
    "video_restore": ["width=8", "blocks=1", "crop=16"],
    "video_diffusion": ["width=16"],
    "motion": [],
}
OF_CLIPS = ["size=16", "frames=8", "sample_every=6"]


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    """Start the server before the first test, so that no test is blamed for leaving it."""
    ensure_server()


@pytest.fixture(scope="module")
def project(own_folders: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a project with the datasets *Sounds*, *Films* and *Dark films*."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("own")
    draw = np.random.default_rng(0)
    for number in range(12):
        place = folder / "Sounds" / ("kick", "coin")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        time = np.arange(1600) / RATE
        tone = 0.5 * np.sin(2 * np.pi * (200 + 90 * number) * time) * np.exp(-9 * time)
        soundfile.write(place / f"{number}.wav", tone, RATE)
        (place / f"{number}.txt").write_text(("bo", "bi")[number % 2], "utf-8")
    for name, light in (("Films", 255), ("Dark films", 120)):
        (folder / name).mkdir()
        for number in range(6):
            frames = draw.integers(0, 40, (24, 24, 24, 3), dtype=np.uint8)
            for at, frame in enumerate(frames):
                left = (at + 3 * number) % 18
                frame[8 : 8 + number, left : left + 6] = light
            first, *others = map(Image.fromarray, frames)
            first.save(
                folder / name / f"{number}.gif", save_all=True, append_images=others, duration=80
            )
    there = folder / "Own.studio"
    ensure_project(there)
    for name in ("Sounds", "Films", "Dark films"):
        modality = Modality.AUDIO if name == "Sounds" else Modality.VIDEO
        files = ImportFiles(
            project=str(there), name=name, paths=[str(folder / name)], modality=modality
        )
        assert run_with(files, Sink()).outcome == Outcome.DONE
    yield there
    torch.set_num_threads(threads)


def tiny_recipe(project: Path, family: str) -> RunRecipe:
    info = catalogue().family(family).info
    clips = info.modality is Modality.VIDEO
    common = ["batch_size=4", "precision=fp32", f"steps={STEPS}", f"checkpoint_every={SAVED}"]
    settings = [*common, *TINY[family], *(OF_CLIPS if clips else ["seconds=0.128"])]
    data, partner = ("Films", "Dark films") if clips else ("Sounds", "")
    return recipe(
        project, data, family, "quick", settings, 7, "Tiny", partner if info.partner else ""
    )


def train_and_die(project: str, made: RunRecipe) -> None:
    """Run by the forked process: train until a step that is never done."""
    whole = Trainer._train_step

    def step(trainer: Trainer) -> object:
        if trainer.step == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(trainer)

    Trainer._train_step = step  # type: ignore[method-assign, assignment]
    torch.set_num_threads(1)
    run_with(Train(project=project, recipe=made), Sink())


def ended(run: Run) -> tuple[dict[str, bytes], dict[str, float]]:
    """Return the bytes of every tensor of a run's last checkpoint, and what it measured there.

    Metrics of steps are means over as many as fell into a moment; held-out ones are exact.
    """
    folder = run.checkpoint_paths()[STEPS]
    tensors = {
        f"{name}/{key}": tensor.numpy().tobytes()
        for name in ("weights", "ema")
        for key, tensor in load_file(folder / f"{name}.safetensors").items()
    }
    measured = {
        name: value
        for row in run.metrics()
        if row["step"] == STEPS
        for name, value in row["values"].items()
        if name.startswith("val_")
    }
    return tensors, measured


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("family", TINY)
def test_killed_and_resumed_it_ends_with_the_same_weights(project: Path, family: str) -> None:
    made = tiny_recipe(project, family)
    done = run_with(Train(project=str(project), recipe=made), Sink())
    assert done.outcome == Outcome.DONE, done.error
    whole = Run.find(project / "runs", done.result["run"])
    before = {run.id for run in Run.all(project / "runs")}

    process = SERVER.Process(target=train_and_die, args=(str(project), made))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL
    process.close()
    (again,) = (run for run in Run.all(project / "runs") if run.id not in before)
    assert again.state().status == RunStatus.INTERRUPTED
    assert list(again.checkpoint_paths()) == [SAVED]
    assert run_with(Train(project=str(project), resume=again.id), Sink()).outcome == Outcome.DONE

    (weights, measured), (same_weights, same_measured) = ended(whole), ended(again)
    assert weights.keys() == same_weights.keys()
    assert [name for name in weights if weights[name] != same_weights[name]] == []
    assert measured == same_measured
