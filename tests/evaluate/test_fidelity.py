"""Closeness of pictures: by hand where that is possible, and sensible at every size."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from studio.evaluate.fidelity import (
    HIGHEST_PSNR,
    fidelity,
    fine_contrast,
    ms_ssim,
    psnr,
    ssim,
    vif,
)


def pair(size: int, noise: float, channels: int = 3) -> tuple[Tensor, Tensor]:
    """Return pictures with noise, and the pictures."""
    generator = torch.Generator().manual_seed(0)
    wanted = torch.rand(2, channels, size, size, generator=generator)
    spoiled = wanted + noise * torch.randn(wanted.shape, generator=generator)
    return spoiled.clamp(0, 1), wanted


def test_psnr_by_hand() -> None:
    wanted = torch.zeros(2, 1, 4, 4)
    made = wanted.clone()
    made[0] = 0.1
    made[1, 0, 0, 0] = 1.0
    expected = [20.0, 10 * math.log10(16)]
    assert psnr(made, wanted).tolist() == pytest.approx(expected, rel=1e-5)


def test_equal_pictures_are_as_close_as_can_be() -> None:
    _, wanted = pair(64, 0)
    found = fidelity(wanted, wanted)
    assert found["psnr"].tolist() == [HIGHEST_PSNR] * 2
    for name in ("ssim", "ms_ssim", "vif"):
        assert found[name].tolist() == pytest.approx([1, 1], abs=1e-4)


def test_ssim_of_flat_pictures_by_hand() -> None:
    """Without any structure only brightness counts: (2 μ₁ μ₂ + c) / (μ₁² + μ₂² + c)."""
    made, wanted = torch.full((1, 1, 16, 16), 0.5), torch.full((1, 1, 16, 16), 0.25)
    c = 0.01**2
    expected = (2 * 0.5 * 0.25 + c) / (0.5**2 + 0.25**2 + c)
    assert float(ssim(made, wanted)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("size", "measures"),
    [
        (8, {"psnr"}),
        (11, {"psnr", "ssim"}),
        (28, {"psnr", "ssim", "ms_ssim"}),
        (32, {"psnr", "ssim", "ms_ssim"}),
        (41, {"psnr", "ssim", "ms_ssim", "vif"}),
        (44, {"psnr", "ssim", "ms_ssim", "vif"}),
        (176, {"psnr", "ssim", "ms_ssim", "vif"}),
    ],
)
def test_measures_follow_the_size_and_fall_with_noise(size: int, measures: set[str]) -> None:
    little, much = (fidelity(*pair(size, noise)) for noise in (0.02, 0.2))
    assert set(little) == set(much) == measures
    for name in measures:
        assert little[name].shape == (2,)
        assert little[name].isfinite().all()
        assert (little[name] > much[name]).all()


def test_the_shorter_side_decides() -> None:
    tall = torch.rand(1, 1, 200, 20)
    assert set(fidelity(tall, tall)) == {"psnr", "ssim"}


def test_too_small_for_several_scales_is_an_error() -> None:
    with pytest.raises(ValueError, match="28 pixels"):
        ms_ssim(torch.rand(1, 1, 27, 64), torch.rand(1, 1, 27, 64))


def test_flat_pictures_have_no_detail_to_lose() -> None:
    flat = torch.full((1, 3, 48, 48), 0.3)
    assert vif(flat, flat).tolist() == [1.0]


def test_exact_also_under_autocast() -> None:
    made, wanted = pair(48, 0.05)
    plain = fidelity(made, wanted)
    with torch.autocast("cpu", torch.bfloat16):
        again = fidelity(made, wanted)
    for name, value in plain.items():
        assert torch.equal(value, again[name]), name


def test_fine_contrast_by_hand() -> None:
    board = (torch.arange(10)[:, None] + torch.arange(10)) % 2  # ±4 everywhere, half each
    found = fine_contrast(board[None, None].float())
    assert float(found) == pytest.approx(16 * 64 / 63, rel=1e-5)
    assert float(fine_contrast(torch.rand(1, 3, 1, 1).expand(1, 3, 10, 10))) == pytest.approx(0)
