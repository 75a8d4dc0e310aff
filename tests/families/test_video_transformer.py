"""The video Transformer: it learns pieces and writing, follows labels and continues films."""

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
from studio.families.video.video_transformer import VideoTransformer
from studio.families.video.video_transformer_recipe import (
    VideoTransformerRecipe,
    VideoTransformerSampling,
)

SIZE, FRAMES = 8, 8
TINY = {"width": 16, "code": 8, "vocabulary": 16, "writer_width": 64, "writer_depth": 1}


def clips(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return clips that get brighter (0) or darker (1) from frame to frame."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    ramp = torch.linspace(-0.9, 0.9, FRAMES)
    values = torch.where(labels[:, None] == 0, ramp, -ramp)
    items = values[:, None, :, None, None].expand(-1, 1, -1, SIZE, SIZE)
    return items + 0.03 * torch.randn(items.shape, generator=generator), labels


def made(steps: int = 300, **options: Any) -> VideoTransformer:
    settings = (
        TINY | {"steps": steps, "learning_rate": 3e-3, "time_halvings": 1, "settle": 0.5} | options
    )
    family = VideoTransformer(VideoTransformerRecipe(**settings), Compute())
    torch.manual_seed(0)
    family.setup(
        DataSpec(
            modality=Modality.VIDEO,
            shape=(1, FRAMES, SIZE, SIZE),
            labels=("up", "down"),
            count=256,
            statistics={"mean": 0.0, "std": 0.6},
            resources={"fps": "8.0"},
        )
    )
    return family


@pytest.fixture(scope="module")
def learned() -> VideoTransformer:
    torch.set_num_threads(1)
    family = made()
    items, labels = clips(256, 0)
    for step in range(family.recipe.steps):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(len(items), (16,))
        family.train_step(Batch(items[chosen], labels[chosen]))
    for network in family.networks().values():
        network.eval()
    return family


def rises(frames: np.ndarray) -> bool:
    """Tell whether a clip gets brighter, on the whole."""
    light = frames.astype(float).mean((1, 2, 3))
    half = len(light) // 2
    return bool(light[half:].mean() > light[:half].mean())


def test_learns_pieces_and_writing(learned: VideoTransformer) -> None:
    items, labels = clips(32, 7)
    fresh, found = (each.validate(Batch(items, labels)) for each in (made(), learned))
    assert set(found) == {"val_reconstruction", "val_bits_per_token", "val_psnr"}
    assert float(found["val_reconstruction"]) < 0.1 < float(fresh["val_reconstruction"])
    assert float(found["val_psnr"]) > float(fresh["val_psnr"]) + 6
    assert float(found["val_bits_per_token"]) < 0.5 * float(fresh["val_bits_per_token"])


def test_new_clips_follow_their_label(learned: VideoTransformer) -> None:
    labels = [0, 1] * 6
    request = SampleRequest(seeds=range(12), labels=labels)
    made_clips = list(learned.sample(request, lambda _d, _t: None))
    right = [
        rises(each.frames) == (label == 0)
        for each, label in zip(made_clips, labels, strict=True)
        if isinstance(each, Clip)
    ]
    assert sum(right) >= 11


def test_copies_stay_close(learned: VideoTransformer) -> None:
    items, _ = clips(4, 11)
    files = ((items + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 4, 1)
    request = SampleRequest(task=Task.RECONSTRUCT, inputs=files.numpy())
    copies = [c for c in learned.sample(request, lambda _d, _t: None) if isinstance(c, Clip)]
    drawn = np.stack([copy.frames for copy in copies]).astype(float)
    assert drawn.shape == tuple(files.shape)
    assert np.abs(drawn - files.numpy()).mean((1, 2, 3, 4)).max() < 20


def test_a_film_goes_on_as_it_began(learned: VideoTransformer) -> None:
    for sign in (1, -1):
        light = 128 + sign * np.linspace(-115, 115, FRAMES)[: FRAMES // 2]
        frames = np.repeat(light, SIZE * SIZE * 3).reshape(-1, SIZE, SIZE, 3).astype(np.uint8)
        source = Film(lambda frames=frames: iter(frames), SIZE, SIZE, 8.0, len(frames))  # type: ignore[misc]
        request = SampleRequest(
            task=Task.CONTINUE,
            seeds=[1],
            media=[source],
            settings=VideoTransformerSampling(more=4, temperature=0.3),
        )
        (found,) = learned.sample(request, lambda _d, _t: None)
        assert isinstance(found, Film)
        whole = np.stack(list(found.frames()))
        assert len(whole) == found.count == FRAMES
        new = whole[FRAMES // 2 :].astype(float).mean()
        assert (new > 140) if sign > 0 else (new < 116)
        assert np.array_equal(whole, np.stack(list(found.frames())))


def test_seeds_tell_other_ways_and_it_goes_on_for_long() -> None:
    family = made()
    frames = np.random.default_rng(0).integers(0, 256, (9, SIZE, SIZE, 3), dtype=np.uint8)
    source = Film(lambda: iter(frames), SIZE, SIZE, 8.0, 9)

    def told(seed: int) -> np.ndarray:
        settings = VideoTransformerSampling(more=11)
        request = SampleRequest(task=Task.CONTINUE, seeds=[seed], media=[source], settings=settings)
        (found,) = family.sample(request, lambda _d, _t: None)
        assert isinstance(found, Film)
        return np.stack(list(found.frames()))

    one, other = told(1), told(2)
    assert len(one) == 20
    assert not np.array_equal(one[9:], other[9:])
    assert np.array_equal(one, told(1))


def test_pieces_of_the_past_do_not_depend_on_the_future() -> None:
    family = made()
    one, _ = clips(2, 3)
    other = one.clone()
    other[:, :, 4:] = torch.rand_like(other[:, :, 4:])
    with torch.no_grad():
        codes = [family.quantiser(family.encoder(each)).codes for each in (one, other)]
    assert torch.equal(codes[0][:, :4], codes[1][:, :4])  # 2 maps of 2 × 2 below each other
    assert codes[0].shape == (2, 8, 2)


def test_what_does_not_fit_is_refused() -> None:
    family = VideoTransformer(VideoTransformerRecipe(time_halvings=2), Compute())
    with pytest.raises(StudioError, match="cannot fill clips of 10"):
        family.setup(DataSpec(modality=Modality.VIDEO, shape=(3, 10, 16, 16)))
