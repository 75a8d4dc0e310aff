"""VQ-VAE: learns to cut and to write, follows labels and words, fills holes, is exact by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.vqvae import VQVAE

SIZE = 16
TINY = {"width": 16, "code": 8, "vocabulary": 16, "writer_width": 64, "writer_depth": 1}


def pictures(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return halves that are bright at the left (0) or at the right (1), and captions for them."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    items = -torch.ones(count, 1, SIZE, SIZE)
    items[labels == 0, :, :, : SIZE // 2] = 1
    items[labels == 1, :, :, SIZE // 2 :] = 1
    items += 0.1 * torch.randn(items.shape, generator=generator)
    return items.clamp(-1, 1), labels, torch.stack([labels + 2, torch.zeros_like(labels)], dim=1)


def made(steps: int = 60, **options: Any) -> VQVAE:
    recipe = VQVAE.recipe_type(**TINY | {"steps": steps, "batch_size": 32, "halvings": 2} | options)
    family = VQVAE(recipe, Compute())
    torch.manual_seed(0)
    family.setup(
        DataSpec(
            modality=Modality.IMAGE,
            shape=(1, SIZE, SIZE),
            labels=("left", "right"),
            count=512,
            statistics={"mean": 0.0, "std": 1.0},
            caption_length=2,
            caption_vocabulary=4,
        )
    )
    return family


@pytest.fixture(scope="module")
def learned() -> VQVAE:
    torch.set_num_threads(1)
    family = made(steps=500, learning_rate=3e-3)
    items, labels, captions = pictures(512, 0)
    for step in range(500):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(len(items), (32,))
        family.train_step(Batch(items[chosen], labels[chosen], captions[chosen]))
    for network in family.networks().values():
        network.eval()
    return family


def bright(media: Image) -> str:
    half = media.pixels.shape[1] // 2
    left, right = media.pixels[:, :half].mean(), media.pixels[:, half:].mean()
    return "left" if left > right else "right"


def sampled(family: VQVAE, request: SampleRequest) -> list[Image]:
    media = list(family.sample(request, lambda _done, _total: None))
    return [each for each in media if isinstance(each, Image)]


def test_it_copies_and_foresees_better_than_at_first(learned: VQVAE) -> None:
    items, labels, captions = pictures(64, 1)
    fresh = made()
    fresh.encoder.eval()
    before, after = (
        {name: float(v) for name, v in f.validate(Batch(items, labels, captions)).items()}
        for f in (fresh, learned)
    )
    assert after["val_reconstruction"] < 0.1 < before["val_reconstruction"]
    assert after["val_writing"] < 0.5 * before["val_writing"]


@pytest.mark.parametrize("told", ["label", "words"])
def test_it_makes_what_was_asked_for(learned: VQVAE, told: str) -> None:
    wanted = [index % 2 for index in range(24)]
    captions = np.array([[label + 2, 0] for label in wanted])
    request = SampleRequest(
        seeds=range(24),
        labels=wanted if told == "label" else None,
        captions=captions if told == "words" else None,
    )
    shown = [bright(media) for media in sampled(learned, request)]
    right = sum(a == ("left", "right")[b] for a, b in zip(shown, wanted, strict=True))
    assert right >= 22


def test_a_hole_is_filled_and_the_rest_stays(learned: VQVAE) -> None:
    items = ((pictures(2, 2)[0] + 1) * 127.5).round().numpy().astype(np.uint8)
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[:8] = 1
    request = SampleRequest(
        task=Task.INPAINT, seeds=[1, 2], inputs=items, masks=[mask, mask], labels=None
    )
    for before, after in zip(items, sampled(learned, request), strict=True):
        assert np.array_equal(after.pixels[8:, :, 0], before[0, 8:])
        upper = Image(after.pixels[:8])
        assert bright(upper) == bright(Image(before.transpose(1, 2, 0)))


def test_a_seed_is_exact_in_any_company(learned: VQVAE) -> None:
    alone = sampled(learned, SampleRequest(seeds=[5], labels=[1]))[0]
    among = sampled(learned, SampleRequest(seeds=[1, 5, 9], labels=[0, 1, 1]))[1]
    assert np.abs(alone.pixels.astype(int) - among.pixels.astype(int)).max() <= 1


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(StudioError, match="cannot fill"):
        made(halvings=4)
    family = made()
    with pytest.raises(StudioError, match="none were given"):
        sampled(family, SampleRequest(task=Task.RECONSTRUCT, seeds=[0]))
    with pytest.raises(StudioError, match="mask"):
        items = np.zeros((1, 1, SIZE, SIZE), np.uint8)
        sampled(family, SampleRequest(task=Task.INPAINT, seeds=[0], inputs=items))
