"""The frame predictor: it learns motion, measures honestly, and continues films of any length."""

from __future__ import annotations

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
from studio.families.video.films import ContinueSettings
from studio.families.video.frame_predictor import FramePredictor
from studio.families.video.frame_predictor_networks import _REACH, TRANSLATORS, _moved
from studio.families.video.frame_predictor_recipe import PRESETS, FramePredictorRecipe

SIZE, SEEN, FORESEEN = 16, 4, 4


def moving(count: int, seed: int = 0, frames: int = SEEN + FORESEEN, size: int = SIZE) -> Tensor:
    """Return clips (N, 3, T, H, W) of a bar that wanders around the frame at a steady pace."""
    generator = torch.Generator().manual_seed(seed)
    begin, pace = torch.randint(0, size, (2, count), generator=generator)
    pace = pace % 2 + 1
    at = (begin[:, None] + pace[:, None] * torch.arange(frames)) % size  # (N, T)
    off = (torch.arange(size) - at[..., None]) % size  # (N, T, W)
    bar = torch.where(off < 4, 0.8, -0.8)
    return bar[:, None, :, None].expand(-1, 3, -1, size, -1).contiguous()


def made(compute: Compute | None = None, channels: int = 3, **options: Any) -> FramePredictor:
    """Return a small predictor that has learned nothing."""
    settings = {"width": 8, "hidden": 32, "blocks": 2, "halvings": 2, "steps": 60}
    settings |= {"seen": SEEN, "foreseen": FORESEEN, "learning_rate": 4e-3} | options
    family = FramePredictor(FramePredictorRecipe(**settings), compute or Compute())
    torch.manual_seed(0)
    frames = settings["seen"] + settings["foreseen"]
    family.setup(
        DataSpec(
            modality=Modality.VIDEO,
            shape=(channels, int(frames), SIZE, SIZE),
            count=64,
            resources={"fps": "8.0"},
        )
    )
    return family


def train(family: FramePredictor, items: Tensor) -> None:
    """Train for all of its steps."""
    for step in range(family.recipe.steps):
        torch.manual_seed(step)
        family.step = step
        family.train_step(Batch(items[torch.randint(0, len(items), (16,))]))


@pytest.mark.parametrize("translator", TRANSLATORS)
def test_learns_where_things_move(translator: str) -> None:
    family = made(translator=translator)
    unseen = Batch(moving(24, seed=5))
    before = family.validate(unseen)
    assert float(before["val_psnr_gain"]) == pytest.approx(0, abs=1e-4)  # it repeats the last frame
    train(family, moving(64))
    after = family.validate(unseen)
    assert float(after["val_psnr_gain"]) > 2
    assert float(after["val_ssim"]) > float(before["val_ssim"]) + 0.05


def test_pixels_come_from_where_the_flow_points() -> None:
    frame = torch.rand(1, 3, 8, 8)
    right = torch.zeros(1, 2, 2, 2)
    right[:, 0] = 2 * 3 / 8 / _REACH  # three pixels of eight, in half sides
    assert torch.allclose(_moved(frame, right)[..., :5], frame[..., 3:], atol=1e-5)
    assert torch.allclose(_moved(frame, right)[..., 5:], frame[..., -1:].expand(-1, -1, -1, 3))
    assert torch.allclose(_moved(frame, torch.zeros(1, 2, 2, 2)), frame, atol=1e-5)


def test_gain_is_counted_from_the_last_frame_seen() -> None:
    family = made()
    clips = moving(6)
    levels = ((clips + 1) * 127.5).round()
    off = (levels[:, :, SEEN:] - levels[:, :, SEEN - 1 : SEEN]).square().mean((1, 3, 4))
    expected = (10 * (255**2 / off).log10()).mean()
    assert float(family.validate(Batch(clips))["val_psnr"]) == pytest.approx(float(expected), 1e-4)


def test_a_recipe_cuts_clips_to_what_it_sees_and_foresees() -> None:
    assert FramePredictorRecipe().prepares() == {"frames": 20}
    assert FramePredictorRecipe(seen=6, foreseen=3).prepares() == {"frames": 9}
    for preset in PRESETS:
        assert "frames" not in preset.preparation


def test_clips_of_another_length_are_refused() -> None:
    family = FramePredictor(FramePredictorRecipe(), Compute())
    with pytest.raises(StudioError, match="must have 20"):
        family.setup(DataSpec(modality=Modality.VIDEO, shape=(3, 16, SIZE, SIZE)))


def test_frames_of_any_size_go_through() -> None:
    family = made(halvings=3)
    past = torch.rand(2, 3, SEEN, 19, 27)
    with torch.no_grad():
        assert family.predictor(past).shape == (2, 3, FORESEEN, 19, 27)


def test_shows_what_came_beside_what_it_foresaw() -> None:
    family = made()
    clips = moving(3)
    shown = [each for each in family.show(Batch(clips)) if isinstance(each, Clip)]
    assert len(shown) == 3
    frames = shown[0].frames
    assert frames.shape == (SEEN + FORESEEN, SIZE, 2 * SIZE + 2, 3)
    expected = ((clips[0] + 1) * 127.5).round().permute(1, 2, 3, 0).numpy()
    assert np.array_equal(frames[:, :, :SIZE], expected)
    assert np.array_equal(frames[:SEEN, :, -SIZE:], expected[:SEEN])
    # a new network repeats the last frame
    assert np.array_equal(frames[SEEN:, :, -SIZE:], expected[[SEEN - 1] * FORESEEN])
    assert frames[:, 0, SIZE, 0].tolist() == [0] * SEEN + [255] * FORESEEN


# ---------------------------------------------------------------------------------- continuing


def film(frames: np.ndarray, fps: float = 8.0) -> Film:
    """Return frames (T, H, W, 3) as a film."""
    count, height, width = frames.shape[:3]
    return Film(lambda: iter(frames), width, height, fps, count)


def continued(family: FramePredictor, given: Film | Clip, more: int) -> Film:
    """Return a film with what the family says follows."""
    request = SampleRequest(
        task=Task.CONTINUE, seeds=[0], media=[given], settings=ContinueSettings(more=more)
    )
    (found,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(found, Film)
    return found


def test_a_film_goes_on_as_it_would_have() -> None:
    family = made()
    train(family, moving(64))
    whole = ((moving(1, seed=9, frames=24)[0] + 1) * 127.5).round().permute(1, 2, 3, 0)
    pixels = whole.to(torch.uint8).numpy()
    ticks = []
    request = SampleRequest(
        task=Task.CONTINUE,
        seeds=[0],
        media=[film(pixels[:14])],
        settings=ContinueSettings(more=10),
    )
    (longer,) = family.sample(request, lambda done, total: ticks.append((done, total)))
    assert isinstance(longer, Film)
    frames = np.stack(list(longer.frames()))
    assert longer.count == len(frames) == 24
    assert longer.facts == {"input": 0, "new_from": 14 / 8}
    assert np.array_equal(frames[:14], pixels[:14])
    assert ticks[-1] == (10, 10)
    off = (frames[14:].astype(float) - pixels[14:]) ** 2
    still = (pixels[[13] * 10].astype(float) - pixels[14:]) ** 2
    assert off[:4].mean() < 0.4 * still[:4].mean()
    assert off.mean() < 0.7 * still.mean()  # also where it looks at frames of its own
    assert np.array_equal(frames, np.stack(list(longer.frames())))  # read again, the same


def test_a_film_of_another_size_and_rate_is_brought_to_the_models() -> None:
    frames = np.zeros((48, 30, 52, 3), np.uint8)
    frames[:, :, 11:41] = 200  # the middle square
    frames[:, :, :11] = 90
    longer = continued(made(), film(frames, fps=24.0), 3)
    found = list(longer.frames())
    assert (longer.width, longer.height, longer.fps) == (SIZE, SIZE, 8.0)
    assert longer.count == len(found) == 16 + 3
    assert all(frame.shape == (SIZE, SIZE, 3) for frame in found)
    assert np.stack(found)[:, :, 1:-1].min() > 190


def test_a_single_frame_is_continued_too() -> None:
    frame = np.full((1, SIZE, SIZE, 3), 77, np.uint8)
    found = list(continued(made(), film(frame), 2).frames())
    assert len(found) == 3
    assert np.unique(np.stack(found)).tolist() == [77]


def test_a_clip_in_memory_is_a_film_too() -> None:
    grey = Clip(np.full((5, SIZE, SIZE, 1), 50, np.uint8), 8.0)
    found = list(continued(made(channels=1), grey, 2).frames())
    assert [frame.shape for frame in found] == [(SIZE, SIZE, 3)] * 7


def test_a_film_without_a_frame_is_refused() -> None:
    nothing = Film(lambda: iter(()), 8, 8, 8.0)
    with pytest.raises(StudioError, match="cannot be foreseen"):
        list(continued(made(), nothing, 2).frames())


def test_a_picture_goes_on_as_a_film_that_stood_still() -> None:
    pixels = np.full((SIZE, SIZE, 3), 120, np.uint8)
    alone = Film(lambda: iter([pixels]), SIZE, SIZE, 240.0, 1)
    stood = film(np.repeat(pixels[None], 12, axis=0))
    family = made()
    longer, again = continued(family, alone, 5), continued(family, stood, 5)
    frames = np.stack(list(longer.frames()))
    assert longer.count == len(frames) == 6
    assert longer.facts == {"input": 0, "new_from": 0.125}
    assert np.array_equal(frames[0], pixels)
    assert np.array_equal(frames[1:], np.stack(list(again.frames()))[12:])


def test_without_a_film_there_is_nothing_to_continue() -> None:
    with pytest.raises(StudioError, match="none were given"):
        next(made().sample(SampleRequest(task=Task.CONTINUE, seeds=[0]), lambda _d, _t: None))
