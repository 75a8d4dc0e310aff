"""The moving average of the weights: its numbers by hand, and that training does not see it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.engine.averaging import Averaging
from studio.families.compute import Compute
from studio.families.image.vae import VAE


@pytest.fixture
def family() -> VAE:
    made = VAE(VAE.recipe_type(backbone="mlp", width=8, code=2), Compute())
    made.setup(DataSpec(modality=Modality.IMAGE, shape=(1, 8, 8), count=4))
    return made


def parameter(family: VAE) -> nn.Parameter:
    return next(family.decoder.parameters())


def name(family: VAE) -> str:
    return "decoder." + next(iter(family.decoder.state_dict()))


def averages(family: VAE, share: float, values: list[float]) -> list[float]:
    """Return the average after each step, where a weight took these values."""
    averaging = Averaging(family, share)
    found = []
    for step, value in enumerate(values, start=1):
        with torch.no_grad():
            parameter(family).fill_(value)
        averaging.update(step)
        found.append(float(averaging.weights[name(family)].flatten()[0]))
    return found


def test_its_horizon_grows_with_the_run(family: VAE) -> None:
    """The newest counts 1/(share · step), and all of it while that is above 1."""
    found = averages(family, 0.5, [8.0, 4.0, 1.0, 1.0, 6.0])
    # steps 1 and 2: 1; then 1/1.5, 1/2 and 1/2.5
    third = 4 + (1 - 4) / 1.5
    fourth = third + (1 - third) / 2
    assert found == pytest.approx([8, 4, third, fourth, fourth + (6 - fourth) / 2.5])


def test_without_a_share_it_is_the_newest(family: VAE) -> None:
    assert averages(family, 0.0, [3.0, 5.0, -1.0]) == [3, 5, -1]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_short_runs_and_long_look_back_over_the_same_share(family: VAE, share: float) -> None:
    """Of weights that grow by 1 a step the average lies share/(1 + share) of the run behind.

    A power-function average over s steps weighs step t as t^(1/share − 1): its mean is
    s/(1 + share) (Karras et al. 2024, section 3.1).
    """
    for steps in (200, 800):
        last = averages(family, share, [float(step) for step in range(steps)])[-1]
        assert 1 - last / steps == pytest.approx(share / (1 + share), abs=0.01)


def test_it_is_in_the_networks_for_a_moment_only(family: VAE) -> None:
    averaging = Averaging(family, 0.5)
    before = {key: tensor.clone() for key, tensor in family.decoder.state_dict().items()}
    for tensor in averaging.weights.values():
        tensor.zero_()
    with averaging.applied():
        modes = [family.decoder.training]
        assert not parameter(family).any()
    assert [*modes, family.decoder.training] == [False, True]
    with pytest.raises(RuntimeError), averaging.applied():
        family.decoder(torch.zeros(1, 99))  # whatever fails within
    for key, now in family.decoder.state_dict().items():
        assert torch.equal(before[key], now), key
