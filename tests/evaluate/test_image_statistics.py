"""The measures of image samples: each rises and falls with what it is named after."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from torch.nn import functional

from studio.core.media import Image
from studio.evaluate.image import sample_statistics


def _media(pixels: torch.Tensor) -> list[Image]:
    """Return media of pictures (N, C, H, W) in 0 … 1."""
    array = (pixels.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return [Image(picture) for picture in array]


def _blobs(count: int, seed: int, size: int = 32, colours: int = 1) -> torch.Tensor:
    """Return soft blobs at random places, (N, C, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    place = torch.rand(count, 2, 1, 1, generator=generator) * 0.6 + 0.2
    y, x = torch.meshgrid(torch.linspace(0, 1, size), torch.linspace(0, 1, size), indexing="ij")
    distance = (y - place[:, :1]).square() + (x - place[:, 1:]).square()
    tint = torch.rand(count, colours, 1, 1, generator=generator) * 0.7 + 0.3
    return torch.exp(-distance / 0.02) * tint


REAL = _media(_blobs(128, seed=0))


def test_other_pictures_of_the_same_kind_measure_as_real() -> None:
    found = sample_statistics(_media(_blobs(128, seed=1)), REAL)
    names = {"sample_distance", "diversity", "twins", "sharpness", "checkerboard"}
    assert set(found) == names | {"contrast", "clipped"}
    assert found["twins"] < 0.05
    assert found["contrast"] == pytest.approx(1, abs=0.1)
    assert found["clipped"] < 0.02
    assert found["diversity"] == pytest.approx(1, abs=0.1)
    assert found["sharpness"] == pytest.approx(1, abs=0.2)
    assert found["checkerboard"] < 1.5
    noise = sample_statistics(_media(torch.rand(128, 1, 32, 32)), REAL)
    assert found["sample_distance"] < 0.05 * noise["sample_distance"]


def test_pale_and_burnt_pictures_are_told_apart() -> None:
    clean = _blobs(128, seed=1)
    pale = sample_statistics(_media(0.3 + 0.4 * clean), REAL)
    burnt = sample_statistics(_media((clean - 0.5) * 9 + 0.5), REAL)
    assert pale["contrast"] == pytest.approx(0.4, abs=0.05)
    assert pale["clipped"] == 0
    assert burnt["clipped"] > 0.3


def test_distance_grows_with_the_damage() -> None:
    clean = _blobs(128, seed=1)
    torch.manual_seed(0)
    noise = torch.randn_like(clean)
    distances = [
        sample_statistics(_media(clean + level * noise), REAL)["sample_distance"]
        for level in (0.0, 0.1, 0.3)
    ]
    assert distances[0] < distances[1] < distances[2]
    assert sample_statistics(REAL, REAL)["sample_distance"] == pytest.approx(0, abs=1e-3)


def test_diversity_sees_a_collapse() -> None:
    few = _blobs(2, seed=3).repeat(64, 1, 1, 1)
    one = _blobs(1, seed=3).expand(128, 1, 32, 32)
    assert sample_statistics(_media(few), REAL)["diversity"] < 0.75
    assert sample_statistics(_media(one), REAL)["diversity"] < 0.01


def test_twins_see_a_few_pictures_that_differ_much() -> None:
    ten = _blobs(10, seed=3).repeat(13, 1, 1, 1)[:128]
    torch.manual_seed(0)
    alike = ten + 0.003 * torch.randn_like(ten)  # to the eye the same
    for few in (ten, alike):
        found = sample_statistics(_media(few), REAL)
        assert found["diversity"] > 0.5
        assert found["twins"] > 0.9
    # sixty-four new ones and as many again
    half = torch.cat([_blobs(64, seed=5), _blobs(32, seed=6), _blobs(32, seed=6)])
    assert sample_statistics(_media(half), REAL)["twins"] == pytest.approx(0.5, abs=0.1)
    # pictures that come twice in the data are no fault of the model
    assert sample_statistics(_media(half), _media(half))["twins"] == 0


def test_sharpness_sees_blur() -> None:
    blurred = functional.avg_pool2d(_blobs(128, seed=1), 9, stride=1, padding=4)
    assert sample_statistics(_media(blurred), REAL)["sharpness"] < 0.4


@pytest.mark.parametrize("axes", ["both", "rows", "columns"])
def test_checkerboard_sees_grids_and_not_noise(axes: str) -> None:
    sign = 1 - 2 * (torch.arange(32) % 2).float()
    grids = {"both": sign[:, None] * sign, "rows": sign[:, None], "columns": sign[None]}
    blobs = _blobs(128, seed=1)
    assert sample_statistics(_media(blobs * (1 + 0.2 * grids[axes])), REAL)["checkerboard"] > 3
    torch.manual_seed(0)
    noisy = _media(blobs + 0.1 * torch.randn_like(blobs))
    assert sample_statistics(noisy, REAL)["checkerboard"] < 1.5


def test_colour_pictures_and_few_samples() -> None:
    real = _media(_blobs(8, seed=0, size=48, colours=3))
    found = sample_statistics(_media(_blobs(4, seed=1, size=48, colours=3)), real)
    assert all(np.isfinite(value) for value in found.values())
    assert sample_statistics(real[:1], real) == {}


def test_it_is_fast_enough_for_every_sample_sheet() -> None:
    made, real = _media(_blobs(256, seed=1)), _media(_blobs(256, seed=0))
    sample_statistics(made, real)
    before = time.process_time()
    sample_statistics(made, real)
    # processor time of all threads; a second on a busy machine of two cores
    assert time.process_time() - before < 2
