"""Film restoration: frames help each other, and whole films come back with all that is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Clip, Film, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.degradations import eight_bits
from studio.families.video.video_restore import VideoRestore
from studio.families.video.video_restore_recipe import VideoRestoreRecipe, VideoRestoreSettings

SIZE, FRAMES = 24, 5
DAMAGES = ("noise", "blur", "jpeg", "upscale2", "upscale4")
every_damage = pytest.mark.parametrize("damage", DAMAGES)


def stripes(count: int, seed: int = 0, channels: int = 3, frames: int = FRAMES) -> Tensor:
    """Return clips (N, C, T, H, W) of stripes of two colours that wander by a part of a pixel."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.arange(SIZE)[:, None], torch.arange(SIZE)
    angle, width, shift = torch.rand(3, count, 1, 1, 1, generator=generator)
    along = y * (3.14 * angle).sin() + x * (3.14 * angle).cos()
    along = along + 0.4 * torch.arange(frames)[:, None, None]
    broad = 3 + 4 * width
    to_edge = (0.5 - ((along / broad + 2 * shift) % 2 - 1).abs()) * broad
    share = (to_edge + 0.5).clamp(0, 1)[:, None]
    one, other = 1.8 * torch.rand(2, count, channels, 1, 1, 1, generator=generator) - 0.9
    return eight_bits(share * one + (1 - share) * other)


def made(channels: int = 3, compute: Compute | None = None, **o: Any) -> VideoRestore:
    """Return a small family that has learned nothing."""
    options = {"width": 8, "blocks": 2, "batch_size": 16, "steps": 50, "learning_rate": 4e-3} | o
    family = VideoRestore(VideoRestoreRecipe(**options), compute or Compute())
    torch.manual_seed(0)
    shape = (channels, FRAMES, SIZE, SIZE)
    family.setup(
        DataSpec(modality=Modality.VIDEO, shape=shape, count=64, resources={"fps": "12.0"})
    )
    return family


def train(family: VideoRestore, items: Tensor, steps: int = 50) -> None:
    """Train."""
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        family.train_step(Batch(items[torch.randint(0, len(items), (16,))]))


@pytest.mark.parametrize(
    ("damage", "gain"), [("noise", 3.0), ("blur", 0.2), ("jpeg", 0.1), ("upscale2", 0.1)]
)
def test_learns_to_repair(damage: str, gain: float) -> None:
    family = made(damage=damage, width=12)
    unseen = Batch(stripes(24, seed=9))
    assert float(family.validate(unseen)["val_psnr_gain"]) == pytest.approx(0, abs=0.01)
    train(family, stripes(64))
    found = family.validate(unseen)
    assert float(found["val_psnr_gain"]) > gain
    assert {"val_psnr", "val_ssim", "val_sharpness"} <= set(found)


def test_neighbours_help_against_noise() -> None:
    still = stripes(64)[:, :, :1].expand(-1, -1, FRAMES, -1, -1)
    gains = []
    for window in (1, 3):
        family = made(damage="noise", window=window, width=12)
        train(family, still)
        gains.append(float(family.validate(Batch(still[:24]))["val_psnr_gain"]))
    assert gains[1] > gains[0] + 1


@every_damage
def test_a_new_model_gives_back_the_middle_frame(damage: str) -> None:
    family = made(damage=damage)
    clips = stripes(4)
    clean, damaged = family._spoiled(Batch(clips))
    assert torch.equal(clean, clips[:, :, FRAMES // 2])
    with torch.no_grad():
        restored = family.restorer(damaged.pictures, damaged.guide)
    if family.damage.scale > 1:
        restored = eight_bits(restored)
    assert torch.equal(restored, family._baseline(damaged))


def test_all_frames_of_a_window_are_spoiled_alike() -> None:
    still = stripes(8)[:, :, :1].expand(-1, -1, FRAMES, -1, -1)
    for damage in ("blur", "jpeg", "upscale2"):
        family = made(damage=damage)
        spoiled = family._pairs(Batch(still)).draws["spoiled"]
        one, two, three = spoiled.chunk(3, 1)
        assert torch.equal(one, two)
        assert torch.equal(two, three)
    noisy = made(damage="noise")._pairs(Batch(still)).draws
    one, two, _ = noisy["spoiled"].chunk(3, 1)
    assert not torch.equal(one, two)  # as strong, and yet other noise
    assert noisy["guide"].shape == (8, 1, SIZE, SIZE)


def test_parts_of_a_step_see_the_same_damage() -> None:
    losses = []
    for parts in (1, 4):
        family = made(damage="noise", compute=Compute(micro_batches=parts))
        torch.manual_seed(3)
        losses.append(float(family.train_step(Batch(stripes(16)))["loss"]))
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_clips_shorter_than_the_window_are_refused() -> None:
    family = VideoRestore(VideoRestoreRecipe(window=5), Compute())
    with pytest.raises(StudioError, match="have 3"):
        family.setup(DataSpec(modality=Modality.VIDEO, shape=(3, 3, SIZE, SIZE)))


@every_damage
def test_shows_spoiled_repaired_and_clean_side_by_side(damage: str) -> None:
    clips = stripes(2)
    shown = [each for each in made(damage=damage).show(Batch(clips)) if isinstance(each, Clip)]
    assert [each.frames.shape for each in shown] == [(FRAMES, SIZE, 3 * SIZE, 3)] * 2
    expected = ((clips[0] + 1) * 127.5).round().permute(1, 2, 3, 0).numpy()
    assert np.array_equal(shown[0].frames[:, :, 2 * SIZE :], expected)
    assert np.array_equal(shown[0].frames[:, :, :SIZE], shown[0].frames[:, :, SIZE : 2 * SIZE])


# ----------------------------------------------------------------------------------- repairing


def film(count: int, height: int, width: int, sound: Path | None = None) -> Film:
    """Return a film with soft and hard places that wander."""
    y, x = np.arange(height)[:, None, None], np.arange(width)[None, :, None]

    def frames() -> Iterator[np.ndarray]:
        for number in range(count):
            waves = [np.sin((x + number) / (7 + 3 * c)) + np.cos(y / (5 + 2 * c)) for c in range(3)]
            pixels = 55 * np.concatenate(waves, 2) + 128 + 10 * (((x + number) // 9 + y // 9) % 2)
            yield pixels.clip(0, 255).astype(np.uint8)

    return Film(frames, width, height, 25.0, count, sound)


def restored(family: VideoRestore, given: Film | Clip, **settings: Any) -> Film:
    """Return a film that the family repaired."""
    request = SampleRequest(
        task=Task.RESTORE, media=[given], settings=VideoRestoreSettings(**settings)
    )
    (found,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(found, Film)
    return found


def test_a_film_keeps_all_that_is_its_own(tmp_path: Path) -> None:
    source = film(7, 50, 72, sound=tmp_path / "own.mp4")
    found = restored(made(damage="upscale2"), source)
    assert (found.width, found.height) == (144, 100)
    assert (found.fps, found.count, found.sound) == (25.0, 7, source.sound)
    assert found.facts == {"input": 0}
    frames = list(found.frames())
    assert len(frames) == 7
    assert {frame.shape for frame in frames} == {(100, 144, 3)}


@pytest.mark.parametrize("damage", ["noise", "upscale2", "upscale4"])
def test_large_frames_have_no_seams(damage: str) -> None:
    family = made(damage=damage)
    train(family, stripes(64), 25)
    source = film(2, 110, 150)
    tiled = next(restored(family, source, tile=64).frames()).astype(int)
    whole = next(restored(family, source, tile=4096).frames()).astype(int)
    assert np.abs(tiled - whole).max() <= 1


def test_frames_are_made_while_they_are_asked_for() -> None:
    read = 0
    source = film(40, 32, 32)

    def counted() -> Iterator[np.ndarray]:
        nonlocal read
        for frame in source.frames():
            read += 1
            yield frame

    ticks: list[tuple[int, int]] = []
    watched = Film(counted, 32, 32, 25.0, 40)
    request = SampleRequest(task=Task.RESTORE, media=[watched])
    (found,) = made(damage="blur").sample(request, lambda d, t: ticks.append((d, t)))
    assert isinstance(found, Film)
    assert read == 0
    walk = found.frames()
    next(walk)
    next(walk)
    assert read == 3  # the second frame and its neighbours
    assert ticks[-1] == (2, 40)


def test_strength_mixes_with_the_own_frame() -> None:
    family = made(damage="blur")
    train(family, stripes(64), 25)
    source = film(1, 30, 30)
    own = next(source.frames())
    assert np.array_equal(next(restored(family, source, strength=0.0).frames()), own)
    assert not np.array_equal(next(restored(family, source).frames()), own)


def test_a_model_of_grey_clips_repairs_colours_one_by_one() -> None:
    family = made(channels=1, damage="noise")
    train(family, stripes(64, channels=1), 10)
    frames = list(restored(family, film(3, 30, 34)).frames())
    assert [frame.shape for frame in frames] == [(30, 34, 3)] * 3


def test_what_would_become_too_large_is_refused() -> None:
    huge = Film(lambda: iter(()), 40_000, 20_000, 25.0, 1)
    with pytest.raises(StudioError, match="million"):
        restored(made(damage="upscale4"), huge)


def test_without_a_film_there_is_nothing_to_repair() -> None:
    with pytest.raises(StudioError, match="none were given"):
        next(made().sample(SampleRequest(task=Task.RESTORE), lambda _d, _t: None))
