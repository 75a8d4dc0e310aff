"""Damage done on the device, held against what Pillow and the formulas say."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from studio.families.image.degradations import (
    HOLE_NUMBERS,
    add_noise,
    blur,
    eight_bits,
    enlarge,
    fill,
    holes,
    jpeg,
    shrink,
)


def photo(mode: str, width: int = 160, height: int = 120) -> Image.Image:
    """Return a smooth picture with some grain, like a photo."""
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    grainy = (pixels + generator.normal(0, 6, pixels.shape)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(grainy).convert(mode)


def tensor(image: Image.Image) -> Tensor:
    """Return a picture as (1, C, H, W) in −1 … 1."""
    pixels = torch.from_numpy(np.array(image))
    pixels = pixels[..., None] if pixels.dim() == 2 else pixels
    return pixels.permute(2, 0, 1)[None] / 127.5 - 1


def levels(pictures: Tensor) -> Tensor:
    """Return pictures in −1 … 1 as 0 … 255."""
    return (pictures + 1) * 127.5


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(160, 120), (157, 101)])
@pytest.mark.parametrize("quality", [5, 10, 30, 50, 75, 90, 95])
def test_jpeg_is_that_of_libjpeg(quality: int, size: tuple[int, int], mode: str) -> None:
    image = photo(mode, *size)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    expected = tensor(Image.open(file))
    made = jpeg(tensor(image), torch.tensor([float(quality)]))
    off = levels((made - expected).abs() - 1)
    lost = levels((expected - tensor(image)).abs() - 1)
    # less than a level, where libjpeg's whole-number cosines round another way
    assert float(off.mean()) < 0.75
    assert float(off.mean()) < 0.3 * float(lost.mean())


def test_each_picture_has_its_own_jpeg_quality() -> None:
    picture = tensor(photo("RGB"))
    both = jpeg(picture.repeat(2, 1, 1, 1), torch.tensor([10.0, 90.0]))
    assert torch.equal(both[:1], jpeg(picture, torch.tensor([10.0])))
    assert torch.equal(both[1:], jpeg(picture, torch.tensor([90.0])))


@pytest.mark.parametrize("times", [2, 4])
def test_sizes_change_as_pillow_changes_them(times: int) -> None:
    image = photo("L").convert("F")
    small = image.resize((160 // times, 120 // times), Image.Resampling.BICUBIC)
    large = small.resize((160, 120), Image.Resampling.BICUBIC)
    made = shrink(tensor(image), times)
    torch.testing.assert_close(levels(made), levels(tensor(small)).round().clamp(0, 255))
    enlarged = levels(enlarge(tensor(small), times))
    torch.testing.assert_close(enlarged, levels(tensor(large)), rtol=0, atol=1e-3)


def test_noise_has_the_deviation_asked_for() -> None:
    grey = torch.zeros(2, 1, 200, 200)
    normal = torch.randn(grey.shape, generator=torch.Generator().manual_seed(0))
    made = levels(add_noise(grey, torch.tensor([5.0, 25.0]), normal))
    assert made.std((1, 2, 3)).tolist() == pytest.approx([5, 25], rel=0.02)
    torch.testing.assert_close(made, made.round(), rtol=0, atol=1e-3)


def test_a_blur_spreads_a_point_as_the_bell_curve_says() -> None:
    points = torch.full((2, 1, 31, 31), -1.0)
    points[:, :, 15, 15] = 1.0
    made = levels(blur(points, torch.tensor([1.0, 0.0]), 2.0)) / 255
    distance = (torch.arange(31) - 15.0).square()
    bell = (-0.5 * (distance[:, None] + distance)).exp()
    torch.testing.assert_close(made[0, 0], bell / bell.sum(), rtol=0, atol=0.5 / 255 + 1e-6)
    assert torch.equal(made[1], (points[1] + 1) / 2)


def test_holes_cover_exactly_their_share() -> None:
    numbers = torch.rand(6, HOLE_NUMBERS, generator=torch.Generator().manual_seed(0))
    shares = torch.tensor([0.0, 0.05, 0.1, 0.25, 0.5, 0.7])
    masks = holes(numbers, shares, 40, 60)
    assert masks.sum((1, 2, 3)).tolist() == [0, 120, 240, 600, 1200, 1680]
    assert set(masks.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(masks[2:3], holes(numbers[2:3], shares[2:3], 40, 60))


def test_holes_are_in_one_piece_or_few() -> None:
    """Most of a hole's pixels have all their neighbours in it too: strokes, not dust."""
    numbers = torch.rand(20, HOLE_NUMBERS, generator=torch.Generator().manual_seed(1))
    masks = holes(numbers, torch.full((20,), 0.2), 48, 48)
    inner = -torch.nn.functional.max_pool2d(-masks, 3, stride=1, padding=1)
    assert float(inner.sum() / masks.sum()) > 0.6


def test_holes_have_the_mean_colour_of_the_rest() -> None:
    pictures = torch.tensor([[[[-1.0, 1.0], [0.2, 0.6]]]])
    masks = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    expected = eight_bits(torch.tensor([[[[0.6, 1.0], [0.2, 0.6]]]]))
    assert torch.equal(fill(pictures, masks), expected)
    assert torch.equal(fill(pictures, torch.ones(1, 1, 2, 2)), eight_bits(torch.zeros(1, 1, 2, 2)))
