"""CycleGAN for films: it learns another kind, keeps frames together, and whole films stay whole."""

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
from studio.evaluate.video_frames import flicker_ratio
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.cyclegan_recipe import CycleGANSettings
from studio.families.video.space_time import as_frames
from studio.families.video.video_cyclegan import VideoCycleGAN, restlessness
from studio.families.video.video_cyclegan_recipe import VideoCycleGANRecipe

SIZE, FRAMES = 16, 6


def squares(count: int, seed: int, *, still: bool = False, noise: float = 0.0) -> Tensor:
    """Return clips (N, 1, T, H, W) of a bright square that wanders over a dark ground."""
    generator = torch.Generator().manual_seed(seed)
    clips = torch.full((count, 1, FRAMES, SIZE, SIZE), -0.8)
    for clip in clips:
        x, y = torch.randint(9, (2,), generator=generator).tolist()
        bright = 0.2 + 0.7 * float(torch.rand(1, generator=generator))
        for place in range(FRAMES):
            left = x if still else (x + place) % 11
            clip[0, place, y : y + 5, left : left + 5] = bright
    return clips + noise * torch.randn(clips.shape, generator=generator)


def kinds(count: int, seed: int, **how: Any) -> tuple[Tensor, Tensor]:
    """Return clips of red squares and others of blue ones, in colour."""
    red, blue = squares(count, seed, **how), squares(count, seed + 1, **how)
    dark = torch.full_like(red, -0.8)
    return torch.cat([red, dark, dark], 1), torch.cat([dark, dark, blue], 1)


def made(
    shape: tuple[int, ...] = (3, FRAMES, SIZE, SIZE),
    other: int = 3,
    compute: Compute | None = None,
    **o: Any,
) -> VideoCycleGAN:
    """Return a small family that has learned nothing."""
    options = {"width": 8, "blocks": 1, "identity": 0, "learning_rate": 2e-3, "steps": 250} | o
    family = VideoCycleGAN(VideoCycleGANRecipe(**options), compute or Compute())
    torch.manual_seed(0)
    family.setup(
        DataSpec(
            modality=Modality.VIDEO,
            shape=shape,
            partner_shape=(other, *shape[1:]),
            partner_count=32,
            count=32,
            resources={"fps": "12.0"},
        )
    )
    return family


def train(family: VideoCycleGAN, first: Tensor, second: Tensor, steps: int) -> dict[str, Tensor]:
    """Train; returns what the last step told."""
    told: dict[str, Tensor] = {}
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        a, b = torch.randint(len(first), (2, 2))
        told = family.train_step(Batch(first[a], partner=second[b]))
    return told


def test_learns_the_other_kind_without_pairs() -> None:
    family = made(temporal=2.0)
    first, second = kinds(8, 90)
    unseen = Batch(first, partner=second)
    before = family.validate(unseen)
    train(family, *kinds(32, 0), 250)
    found = family.validate(unseen)
    assert found["val_distance"] < 0.5 * before["val_distance"]
    assert found["val_overall"] == found["val_distance"] + found["val_cycle"]
    assert found["val_cycle_psnr"] > 18
    assert 0.3 < found["val_flicker_ratio"] < 2
    with torch.no_grad():
        translated = family.there(first)
    assert translated[:, 2].max() > translated[:, 0].max()


def test_what_stands_still_trembles_less_with_the_temporal_loss() -> None:
    ratios = {}
    for weight in (0.0, 20.0):
        family = made(temporal=weight)
        train(family, *kinds(32, 0, still=True, noise=0.05), 50)
        clips = kinds(8, 90, still=True, noise=0.05)[0]
        with torch.no_grad():
            translated = family.there(clips).clamp(-1, 1)
        ratios[weight] = float(flicker_ratio(translated, clips).mean())
    assert ratios[20.0] < 0.8 * ratios[0.0]


def test_restlessness_is_what_changes_although_the_source_does_not() -> None:
    still = squares(2, 0, still=True)
    assert restlessness(still, still) == 0
    trembling = still.clone()
    trembling[:, :, 1::2] += 0.4
    torch.testing.assert_close(restlessness(trembling, still), torch.tensor(0.4))
    # changes that the source has too are no flicker, and those where it moves do not count
    assert restlessness(trembling, trembling) == 0
    moving = still.clone()
    moving[:, :, 1::2] += 1.5
    assert restlessness(-1.5 * moving, moving) < 1e-6


@pytest.mark.parametrize("length", [2, 3, 4])
def test_frames_in_a_row_are_seen_and_every_critic_learns(length: int) -> None:
    family = made(compared=length, motion_critic=True, temporal=1.0)
    first, second = kinds(4, 0)
    first[:, 0] += torch.linspace(0, 0.5, FRAMES)[:, None, None]  # tells the places of frames
    seen = family._somewhere(first)
    assert seen.shape == (4, 3, length, SIZE, SIZE)
    for clip, whole in zip(seen, first, strict=True):
        starts = range(FRAMES - length + 1)
        assert any(torch.equal(clip, whole[:, at : at + length]) for at in starts)
    told = family.train_step(Batch(first, partner=second))
    assert {"cycle", "temporal", "loss_critic"} <= set(told)
    assert all(each.grad is not None for each in family.critic_first.parameters())


@pytest.mark.parametrize("layout", [False, True])
def test_learns_in_every_memory_layout_and_at_half_precision(layout: bool) -> None:
    compute = Compute(autocast=torch.bfloat16, channels_last=layout)
    family = made(compute=compute, motion_critic=True, cycle_noise=0.05)
    first, second = kinds(4, 0)
    told = family.train_step(Batch(first, partner=second))
    assert all(value.isfinite() for value in told.values())
    with torch.inference_mode(), compute.precision():
        found = family.validate(Batch(first, partner=second))
    assert all(value.isfinite() for value in found.values())
    assert len(list(family.show(Batch(first, partner=second)))) == 4


def test_clips_too_short_or_without_a_partner_are_refused() -> None:
    with pytest.raises(StudioError, match="clips with 3"):
        made((3, 3, SIZE, SIZE), compared=4)
    alone = DataSpec(modality=Modality.VIDEO, shape=(3, FRAMES, SIZE, SIZE))
    with pytest.raises(StudioError, match="only one was given"):
        VideoCycleGAN(VideoCycleGANRecipe(), Compute()).setup(alone)
    other = alone.model_copy(update={"partner_shape": (3, FRAMES, 32, 32)})
    with pytest.raises(StudioError, match="into 32 × 32"):
        VideoCycleGAN(VideoCycleGANRecipe(), Compute()).setup(other)


def test_shows_clips_beside_what_they_became() -> None:
    family = made()
    first, second = kinds(3, 0)
    shown = [each for each in family.show(Batch(first, partner=second)) if isinstance(each, Clip)]
    assert [each.frames.shape for each in shown] == [(FRAMES, SIZE, 2 * SIZE, 3)] * 3
    for clip, own in zip(shown, (first[0], first[1], second[2]), strict=True):
        expected = ((own + 1) * 127.5).round().permute(1, 2, 3, 0).numpy()
        assert np.array_equal(clip.frames[:, :, :SIZE], expected)


def test_frames_alone_and_clips_are_turned_alike() -> None:
    family = made()
    clips = kinds(2, 0)[0]
    with torch.no_grad():
        torch.testing.assert_close(as_frames(family.there(clips)), family.there(as_frames(clips)))
    assert set(family.exported()) == {"there", "back"}
    assert family.exported()["there"].draw(2, 0)[0].shape == (2, 3, SIZE, SIZE)


# --------------------------------------------------------------------------------- translating


def film(count: int, height: int, width: int, sound: Path | None = None) -> tuple[Film, list[int]]:
    """Return a film, and a list that tells which of its frames were read."""
    read: list[int] = []

    def frames() -> Iterator[np.ndarray]:
        for number in range(count):
            read.append(number)
            yield np.full((height, width, 3), 40 + 3 * number, np.uint8)

    return Film(frames, width, height, 25.0, count, sound), read


def translated(family: VideoCycleGAN, given: Film | Clip, **settings: Any) -> Film:
    """Return a film that the family translated."""
    request = SampleRequest(
        task=Task.TRANSLATE, media=[given], settings=CycleGANSettings(**settings)
    )
    (found,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(found, Film)
    return found


@pytest.mark.parametrize("direction", ["forward", "back"])
def test_a_film_keeps_all_that_is_its_own(direction: str, tmp_path: Path) -> None:
    family = made((1, FRAMES, SIZE, SIZE), other=3)
    source, read = film(7, 50, 72, sound=tmp_path / "own.mp4")
    found = translated(family, source, direction=direction)
    assert (found.width, found.height) == (72, 50)
    assert (found.fps, found.count, found.sound) == (25.0, 7, source.sound)
    assert found.facts == {"input": 0}
    assert not read  # nothing is made before it is written
    frames = found.frames()
    first = next(frames)
    assert read == [0]  # and never more than one frame ahead
    rest = list(frames)
    assert {frame.shape for frame in (first, *rest)} == {(50, 72, 3)}
    assert len(rest) == 6
    assert np.array_equal(first, next(found.frames()))  # begins anew


def test_settings_of_pictures_count_for_films() -> None:
    family = made()
    found = translated(family, film(2, 120, 200)[0], limit=100, side=32, detail=False)
    assert (found.width, found.height) == (100, 60)
    assert [frame.shape for frame in found.frames()] == [(60, 100, 3)] * 2
    clip = Clip(np.zeros((3, 20, 30, 3), np.uint8), 12.0)
    assert len(list(translated(family, clip).frames())) == 3


def test_progress_reaches_the_end_of_all_films() -> None:
    family = made()
    ticks: list[float] = []
    request = SampleRequest(task=Task.TRANSLATE, media=[film(3, 20, 20)[0], film(4, 20, 20)[0]])
    for each in family.sample(request, lambda done, total: ticks.append(done / total)):
        assert isinstance(each, Film)
        list(each.frames())
    assert len(ticks) == 7
    assert ticks == sorted(ticks)
    assert ticks[-1] == 1


def test_without_a_film_it_says_so() -> None:
    with pytest.raises(StudioError, match="none were given"):
        list(made().sample(SampleRequest(task=Task.TRANSLATE), lambda _done, _total: None))
