"""CycleGAN and pix2pix: what they learn, the pool of older pictures, whole pictures of any size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.evaluate.fidelity import psnr
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.cyclegan import CycleGAN
from studio.families.image.cyclegan_pool import PicturePool
from studio.families.image.cyclegan_recipe import CycleGANSettings
from studio.families.image.pix2pix import Pix2Pix
from studio.families.image.translation_networks import critic_halvings, patch_size
from studio.families.layers.likeness import patch_distance
from studio.families.translation import TranslationSettings, decay_late, side_by_side

SIZE = 16


def discs(count: int, seed: int, channels: int = 3) -> torch.Tensor:
    """Return bright discs on a dark ground, in −1 … 1."""
    generator = torch.Generator().manual_seed(seed)
    rows, columns = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    centre = torch.rand(count, 2, 1, 1, generator=generator) * 8 + 4
    inside = (rows - centre[:, 0]) ** 2 + (columns - centre[:, 1]) ** 2 < 14
    bright = torch.rand(count, channels, 1, 1, generator=generator) * 0.8 + 0.2
    return torch.where(inside[:, None], bright, torch.tensor(-0.8))


def spec(channels: int = 3, other: int = 3) -> DataSpec:
    return DataSpec(
        modality=Modality.IMAGE,
        shape=(channels, SIZE, SIZE),
        partner_shape=(other, SIZE, SIZE),
        partner_count=64,
        count=64,
    )


def test_pix2pix_learns_the_pairs_and_beats_the_input() -> None:
    torch.set_num_threads(1)
    options = {"steps": 300, "width": 8, "learning_rate": 2e-3, "batch_size": 8, "critic": False}
    family = Pix2Pix(Pix2Pix.recipe_type(**options), Compute())
    torch.manual_seed(0)
    family.setup(spec())
    given, held_out = discs(64, 0), discs(16, 1)
    for step in range(300):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(64, (8,))
        family.train_step(Batch(given[chosen], partner=-given[chosen]))
    found = family.validate(Batch(held_out, partner=-held_out))
    assert found["val_psnr"] > 20
    assert found["val_psnr_gain"] > 10
    assert found["val_ssim"] > 0.7
    request = SampleRequest(
        task=Task.TRANSLATE,
        media=[Image(((given[0].permute(1, 2, 0) + 1) * 127.5).byte().numpy())],
    )
    (made,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(made, Image)
    close = psnr(
        torch.from_numpy(made.pixels.astype(np.float32)).permute(2, 0, 1)[None] / 255,
        (1 - given[:1]) / 2,
    )
    assert close.item() > 18


def test_cyclegan_learns_colours_without_pairs() -> None:
    """Discs that are red, and others that are blue."""
    torch.set_num_threads(1)
    options = {"steps": 300, "width": 8, "blocks": 1, "identity": 0, "learning_rate": 2e-3}
    family = CycleGAN(CycleGAN.recipe_type(**options), Compute())
    torch.manual_seed(0)
    family.setup(spec())
    red, blue = discs(64, 0, 1), discs(64, 1, 1)
    dark = torch.full_like(red, -0.8)
    first, second = torch.cat([red, dark, dark], 1), torch.cat([dark, dark, blue], 1)
    held_out = discs(16, 2, 1)
    unseen = torch.cat([held_out, dark[:16], dark[:16]], 1)
    wanted = torch.cat([dark[:16], dark[:16], held_out], 1)
    before = family.validate(Batch(unseen, partner=wanted))["val_distance"]
    for step in range(300):
        torch.manual_seed(step)
        family.step = step
        a, b = torch.randint(64, (2, 4))
        family.train_step(Batch(first[a], partner=second[b]))
    found = family.validate(Batch(unseen, partner=wanted))
    assert found["val_distance"] < 0.5 * before
    assert found["val_cycle_psnr"] > 18
    with torch.no_grad():
        made = family.there(unseen)
    assert made[:, 2].max() > made[:, 0].max()


def test_kinds_may_differ_in_colours_and_go_both_ways() -> None:
    family = CycleGAN(CycleGAN.recipe_type(steps=2, width=4, blocks=1), Compute())
    family.setup(spec(1, 3))
    family.train_step(Batch(discs(4, 0, 1), partner=discs(4, 1)))
    shown = list(family.show(Batch(discs(4, 0, 1), partner=discs(4, 1))))
    assert {media.pixels.shape for media in shown if isinstance(media, Image)} == {
        (SIZE, 2 * SIZE, 3)
    }
    whole = [Image(np.zeros((50, 31, 3), np.uint8)), Image(np.zeros((20, 40, 1), np.uint8))]
    for direction, channels in (("forward", 3), ("back", 1)):
        settings = CycleGANSettings(direction=direction)  # type: ignore[arg-type]
        request = SampleRequest(task=Task.TRANSLATE, media=whole, settings=settings)
        made = list(family.sample(request, lambda _done, _total: None))
        shapes = [media.pixels.shape for media in made if isinstance(media, Image)]
        assert shapes == [(50, 31, channels), (20, 40, channels)]


def test_a_limit_makes_large_results_smaller() -> None:
    family = Pix2Pix(Pix2Pix.recipe_type(steps=1, width=4), Compute())
    family.setup(spec())
    request = SampleRequest(
        task=Task.TRANSLATE,
        media=[Image(np.zeros((300, 200, 3), np.uint8))],
        settings=TranslationSettings(limit=150),
    )
    (made,) = family.sample(request, lambda _done, _total: None)
    assert isinstance(made, Image)
    assert made.pixels.shape == (150, 100, 3)


def test_without_a_second_dataset_or_a_picture_it_says_so() -> None:
    alone = DataSpec(modality=Modality.IMAGE, shape=(3, SIZE, SIZE))
    for kind in (CycleGAN, Pix2Pix):
        with pytest.raises(StudioError, match="only one was given"):
            kind(kind.recipe_type(), Compute()).setup(alone)
    family = Pix2Pix(Pix2Pix.recipe_type(width=4), Compute())
    family.setup(spec())
    with pytest.raises(StudioError, match="none were given"):
        list(family.sample(SampleRequest(task=Task.TRANSLATE), lambda _done, _total: None))


def test_the_pool_hands_out_half_old_ones_once_it_is_full() -> None:
    torch.manual_seed(0)
    pool = PicturePool((1,), 10)
    for start in range(0, 50, 10):
        new = torch.arange(start, start + 10).float()[:, None]
        assert torch.equal(pool.exchange(new), new)
    new = torch.arange(100, 110).float()[:, None]
    old = sum(float((pool.exchange(new) < 50).float().mean()) for _ in range(3)) / 3
    assert 0.2 < old < 0.8
    assert int(pool.count) == 50
    assert (pool.pictures >= 100).any()


def test_the_rate_stays_then_falls_in_a_straight_line() -> None:
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    rates = []
    for done in (0, 0.5, 0.75, 1):
        decay_late(optimiser, 0.2, done)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates == pytest.approx([0.2, 0.2, 0.1, 0.0])


def test_patches_have_the_sizes_of_the_paper() -> None:
    assert [patch_size(halvings) for halvings in (1, 2, 3)] == [16, 34, 70]
    assert [critic_halvings(size) for size in (32, 64, 128, 256)] == [1, 2, 3, 3]


def test_pictures_stand_side_by_side_and_patches_tell_sets_apart() -> None:
    grey, colour = discs(2, 0, 1), discs(2, 1)
    assert side_by_side(grey, colour).shape == (2, 3, SIZE, 2 * SIZE)
    assert patch_distance(colour, colour) == 0
    other = discs(2, 5)
    assert 0 < patch_distance(colour, other) < patch_distance(colour, -other)
