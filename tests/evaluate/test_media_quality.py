"""Judges of recordings and of clips: real ones reach the floor, spoiled ones do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.media import Clip, Media, Modality, Sound
from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.modality import modality_data
from studio.data.store import PreparedData, prepare
from studio.evaluate import audio, video
from studio.evaluate.clip_net import ClipView
from studio.evaluate.feature_net import taught
from studio.evaluate.sound_view import SoundView
from studio.families.audio.sample_metrics import SAMPLE_METRICS as SOUND_METRICS
from studio.families.video.sample_metrics import SAMPLE_METRICS as CLIP_METRICS

RATE = 8_000


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let judges learn for seconds: these data need no more."""
    monkeypatch.setattr(SoundView, "shown", 3_000)
    monkeypatch.setattr(ClipView, "shown", 1_200)


def chirp(seed: int, *, rising: bool) -> Sound:
    """Return a tone that rises or falls, over a little hiss."""
    draw = np.random.default_rng(seed)
    time = np.arange(2_048) / RATE
    low, high = draw.uniform(200, 500), draw.uniform(1_000, 1_800)
    pitch = low + (high - low) * (time if rising else time[-1] - time) / time[-1]
    wave = np.sin(2 * np.pi * np.cumsum(pitch) / RATE + draw.uniform(0, 6))
    wave = wave * np.minimum(1, 20 * time) + 0.003 * draw.standard_normal(len(time))
    return Sound((0.9 * wave / np.abs(wave).max()).astype(np.float32)[:, None], RATE)


def ball(seed: int, *, across: bool) -> Clip:
    """Return a ball that goes across or down."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16]
    start, speed = draw.uniform(2, 6, 2), draw.uniform(0.6, 1.1)
    frames = []
    for number in range(8):
        at = start + np.array([0, speed] if across else [speed, 0]) * number
        light = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / 6)[..., None]
        frames.append(30 + 200 * light * np.array([1, 0.8, 0.3]))
    return Clip(np.stack(frames).astype(np.uint8), 12.0)


def _prepared(
    folder: Path, modality: Modality, made: dict[str, list[Media]], suffix: str, **settings: Any
) -> Iterator[PreparedData]:
    kind = modality_data(modality)
    for label, media in made.items():
        for number, each in enumerate(media):
            kind.save(each, folder / label / f"{number}{suffix}", None)
    opened = Project.open(folder / "p.studio", create=True)
    found = import_paths(opened, "made", [folder / label for label in made], Work())
    yield prepare(opened, found.dataset_id, settings | {"validation_percent": 50}, Work())
    opened.close()


@pytest.fixture
def sounds(tmp_path: Path) -> Iterator[PreparedData]:
    """Return 120 chirps, half of them kept for checking."""
    made: dict[str, list[Media]] = {
        label: [chirp(1_000 * rising + seed, rising=bool(rising)) for seed in range(60)]
        for rising, label in enumerate(("falls", "rises"))
    }
    settings = {"rate": RATE, "seconds": 0.256}
    yield from _prepared(tmp_path, Modality.AUDIO, made, ".wav", **settings)


@pytest.fixture
def clips(tmp_path: Path) -> Iterator[PreparedData]:
    """Return 120 clips, half of them kept for checking."""
    made: dict[str, list[Media]] = {
        label: [ball(1_000 * across + seed, across=bool(across)) for seed in range(60)]
        for across, label in enumerate(("down", "across"))
    }
    settings = {"frames": 8, "size": 16}
    yield from _prepared(tmp_path, Modality.VIDEO, made, ".mp4", **settings)


def media(data: PreparedData, places: np.ndarray[Any, Any]) -> list[Media]:
    """Return prepared items with their labels, as samples have them."""
    found = modality_data(data.spec.modality).as_prepared(data.items[places], data.spec)
    names = [data.spec.labels[label] for label in data.labels[places]]
    return [replace(each, facts={"label": name}) for each, name in zip(found, names, strict=True)]


def test_the_judge_of_recordings(sounds: PreparedData) -> None:
    real = audio.quality(media(sounds, sounds.validation), sounds, Work())
    floor, ceiling = (real.metrics[f"studio_fad_{name}"] for name in ("floor", "ceiling"))
    assert real.learned == "labels"
    assert real.metrics["studio_fad"] == pytest.approx(floor, rel=1e-3)
    assert ceiling > 5 * floor
    assert real.metrics["judge_accuracy"] > 0.9
    assert real.metrics["label_accuracy"] == pytest.approx(real.metrics["judge_accuracy"])
    draw = np.random.default_rng(0)
    hiss = draw.uniform(-1, 1, (60, 2_048, 1)).astype(np.float32)
    noise = audio.quality([Sound(each, RATE) for each in hiss], sounds, Work())
    assert noise.judge == real.judge
    assert noise.metrics["studio_fad"] > 5 * floor
    assert "label_accuracy" not in noise.metrics  # nobody asked for one
    copied = audio.quality(media(sounds, sounds.train[:60]), sounds, Work())
    assert copied.metrics["copies"] > 0.9
    assert copied.copies is not None
    backwards = [_backwards(each) for each in media(sounds, sounds.validation)]
    assert audio.quality(backwards, sounds, Work()).metrics["label_accuracy"] < 0.2
    described = {name for name in real.metrics if name.split("_")[0] != "share"}
    assert described <= set(SOUND_METRICS)


def _backwards(sound: Media) -> Media:
    assert isinstance(sound, Sound)
    return replace(sound, samples=sound.samples[::-1].copy())


def _changed(data: PreparedData, change: Callable[[Any], Any]) -> dict[str, float]:
    """Return what is measured of held-out clips whose frames were changed."""
    spoiled = []
    for each in media(data, data.validation):
        assert isinstance(each, Clip)
        spoiled.append(replace(each, frames=change(each.frames)))
    return video.quality(spoiled, data, Work()).metrics


def test_the_judge_of_clips(clips: PreparedData) -> None:
    real = video.quality(media(clips, clips.validation), clips, Work())
    floor, ceiling = (real.metrics[f"studio_fvd_{name}"] for name in ("floor", "ceiling"))
    assert real.metrics["studio_fvd"] == pytest.approx(floor, rel=1e-3)
    assert ceiling > 5 * floor
    assert real.metrics["label_accuracy"] > 0.9
    draw = np.random.default_rng(0)
    # every frame is real: only time tells
    shuffled = _changed(clips, lambda frames: frames[draw.permutation(len(frames))])
    still = _changed(clips, lambda frames: np.repeat(frames[:1], len(frames), 0))
    for found in (shuffled, still):
        assert found["studio_fvd"] > 3 * floor
    noise = _changed(clips, lambda frames: draw.integers(0, 256, frames.shape).astype(np.uint8))
    assert noise["studio_fvd"] > 5 * floor
    copied = video.quality(media(clips, clips.train[:60]), clips, Work())
    assert copied.metrics["copies"] > 0.9
    assert copied.copies is not None
    short = [ball(5_000 + seed, across=True) for seed in range(4)]
    assert video.quality([replace(each, frames=each.frames[:5]) for each in short], clips, Work())
    described = {name for name in real.metrics if name.split("_")[0] != "share"}
    assert described <= set(CLIP_METRICS)


def test_without_labels_a_clip_out_of_order_is_another_one() -> None:
    made = [ball(seed, across=bool(seed % 2)).frames for seed in range(160)]
    items = torch.from_numpy(np.stack(made)).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
    view = ClipView()
    network = taught(items[:120], learned="pictures", device=torch.device("cpu"), view=view)
    right = network.look(items[120:])
    wrong = network.look(items[120:].flip(2))
    moved = network.look(items[120:] + 0.02)
    assert (right - moved).norm(dim=1).mean() < 0.5 * (right - wrong).norm(dim=1).mean()
