"""A moving average of the weights: samples come from it, training does not see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from studio.families.base import Family


class Averaging:
    """Keeps averaged copies of the networks that a family names in `averaged`.

    The horizon grows with the run: after s steps the average looks back over about
    `share` · s steps (a power-function average, Karras et al. 2024, "Analyzing and Improving the
    Training Dynamics of Diffusion Models", §3.1), so that it is right for short runs and long.

    Attributes:
        weights: The averaged tensors, under the names that a model package uses.
    """

    def __init__(self, family: Family[Any], share: float) -> None:
        self._networks = {name: family.networks()[name] for name in family.averaged}
        self._share = share
        self.weights = {
            key: tensor.detach().clone() for key, tensor in state_of(self._networks).items()
        }
        self._pairs()

    def update(self, step: int) -> None:
        """Move the average towards the present weights; `step` counts from 1."""
        # weight of the newest: 1 for the first steps, then 1 / horizon
        newest = 1.0 / max(self._share * step, 1.0)
        with torch.no_grad():
            torch._foreach_lerp_(*self._floats, newest)
            for average, present in zip(*self._counters, strict=True):
                average.copy_(present)

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take over averages from a checkpoint."""
        for key, tensor in weights.items():
            self.weights[key].copy_(tensor)

    def to(self, device: torch.device | str) -> None:
        """Move the averages; the networks must have been moved before."""
        self.weights = {key: tensor.to(device) for key, tensor in self.weights.items()}
        self._pairs()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages into the networks, in evaluation mode, for the time of the context."""
        present = state_of(self._networks)
        with torch.no_grad():
            kept = {key: tensor.clone() for key, tensor in present.items()}
            for key, tensor in present.items():
                tensor.copy_(self.weights[key])
        for network in self._networks.values():
            network.eval()
        try:
            yield
        finally:
            with torch.no_grad():
                for key, tensor in present.items():
                    tensor.copy_(kept[key])
            for network in self._networks.values():
                network.train()

    def take_buffers(self) -> None:
        """Take over the networks' buffers, after `finish` fitted them under `applied`."""
        with torch.no_grad():
            for name, network in self._networks.items():
                for key, buffer in network.named_buffers():
                    if (average := self.weights.get(f"{name}.{key}")) is not None:
                        average.copy_(buffer)

    def _pairs(self) -> None:
        """Line averages up with the networks' own tensors, numbers apart from counters.

        Running statistics of normalisation layers are averaged like weights: they belong to them.
        """
        present = state_of(self._networks)

        def pairs(keys: list[str]) -> tuple[list[Tensor], list[Tensor]]:
            return [self.weights[key] for key in keys], [present[key] for key in keys]

        floats = [key for key, tensor in present.items() if tensor.is_floating_point()]
        self._floats = pairs(floats)
        self._counters = pairs([key for key in present if key not in floats])


def state_of(networks: dict[str, nn.Module]) -> dict[str, Tensor]:
    """Return the tensors of networks, parameters and buffers, under `network.tensor` names."""
    return {
        f"{name}.{key}": tensor
        for name, network in networks.items()
        for key, tensor in network.state_dict().items()
    }
