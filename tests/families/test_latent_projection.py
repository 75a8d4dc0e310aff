"""Projection: own pictures found in the latent space of decoders that are known by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from latent_models import SHAPE, Linear, Mirror, made, pixels, ready

from studio.core.errors import StopRequested, StudioError
from studio.core.family_info import Task
from studio.core.places import Place
from studio.families.base import SampleRequest
from studio.families.latent_projection import STEPS, _difference


def own_files(family: Linear, *places: Place) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return what a model made as prepared items, as a user would bring it back."""
    return pixels(made(family, SampleRequest(places=places))).transpose(0, 3, 1, 2)


def test_a_picture_that_the_model_made_is_found_again() -> None:
    family = ready(Linear)
    wanted = Place(seeds=(700, 701), weights=(0.4, 0.6))
    files = own_files(family, wanted)
    ticks: list[tuple[int, int]] = []
    request = SampleRequest(task=Task.PROJECT, inputs=files)
    (found,) = family.sample(request, lambda *done: ticks.append(done))
    assert (STEPS, STEPS) in ticks
    assert found.facts["input"] == 0
    assert found.facts["error"] < 0.01
    place = Place.model_validate(found.facts["place"])
    assert np.abs(own_files(family, place).astype(int) - files).mean() < 3
    # the place alone makes what the projection showed
    assert np.array_equal(pixels([found]), pixels(made(family, SampleRequest(places=[place]))))


def test_the_label_that_fits_is_found_too() -> None:
    family = ready(Linear, ("dark", "pale", "bright"))
    family.decode = (  # type: ignore[method-assign]
        lambda codes, labels: Linear.decode(family, 0.1 * codes, labels * 20)
    )
    files = own_files(family, Place(seeds=(5,), label="bright"))
    (found,) = made(family, SampleRequest(task=Task.PROJECT, inputs=files))
    assert found.facts["label"] == "bright"
    assert found.facts["place"]["label"] == "bright"
    (forced,) = made(family, SampleRequest(task=Task.PROJECT, inputs=files, labels=[0]))
    assert forced.facts["label"] == "dark"
    assert forced.facts["error"] > found.facts["error"]


def test_an_encoder_gives_the_first_start() -> None:
    family = ready(Mirror)
    files = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), np.uint8)
    found = made(family, SampleRequest(task=Task.PROJECT, inputs=files))
    # codes are items: nothing that is drawn comes near, the encoder is there at once
    assert all(each.facts["error"] < 0.02 for each in found)
    assert [each.facts["input"] for each in found] == [0, 1]


def test_it_can_be_stopped_and_needs_a_picture() -> None:
    family = ready(Linear)

    def stop(_done: int, _total: int) -> None:
        raise StopRequested(save=False)

    files = np.zeros((1, *SHAPE), np.uint8)
    with pytest.raises(StopRequested):
        list(family.sample(SampleRequest(task=Task.PROJECT, inputs=files), stop))
    with pytest.raises(StudioError, match="none were given"):
        made(family, SampleRequest(task=Task.PROJECT))


def test_edges_count_beside_values() -> None:
    flat = torch.zeros(1, 8, 8)
    bright = torch.full((1, 1, 8, 8), 0.1)
    striped = bright.clone()
    striped[..., ::2] *= -1
    same, all_over, stripes = _difference(torch.cat([flat[None], bright, striped]), flat).tolist()
    assert same == 0
    assert all_over == pytest.approx(0.01 + 0.1)  # the coarsest level alone sees it
    # each halving averages a stripe of ±0.1 away: the finest level alone sees it
    assert stripes == pytest.approx(0.01 + 0.1)
    assert _difference(bright, flat).item() == pytest.approx(all_over)
