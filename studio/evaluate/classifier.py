"""A small classifier trained on a labelled dataset, to ask of made pictures what they show."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

#: A picture is accepted when the classifier is this sure of its label.
SURE = 0.9

_BATCH = 128
_RATE = 1e-3


@dataclass(frozen=True)
class Verdict:
    """What the classifier says of pictures.

    Attributes:
        label: The likeliest label of each, (N,).
        chance: How likely that is, (N,).
    """

    label: Tensor
    chance: Tensor

    def statistics(
        self, names: Sequence[str], asked: Sequence[int] | None = None
    ) -> dict[str, float]:
        """Return `accepted`, the share of each label among the accepted, and `as_asked`.

        Args:
            names: The labels' names.
            asked: The label that each picture was asked to have, when one was.
        """
        sure = self.chance >= SURE
        found = {"accepted": float(sure.float().mean())}
        counts = torch.bincount(self.label[sure], minlength=len(names)).float()
        for name, share in zip(names, (counts / counts.sum().clamp_min(1)).tolist(), strict=True):
            found[f"share_{name}"] = share
        if asked is not None:
            found["as_asked"] = float((self.label == torch.tensor(list(asked))).float().mean())
        return found


class Classifier:
    """Two stages of convolutions, trained on labelled pictures."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network.eval()

    @classmethod
    def trained_on(
        cls,
        items: Tensor,
        labels: Tensor,
        *,
        epochs: int = 4,
        seed: int = 0,
        gate: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Classifier:
        """Train on pictures (N, C, H, W) in −1 … 1 and their label numbers (N,).

        Args:
            epochs: Times that each picture is seen.
            seed: Decides the first weights and the order; torch's own generator stays as it was.
            gate: Called after each step with (done, total).
        """
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(seed)
            network = _network(items.shape[1], int(labels.max()) + 1).to(items.device)
            optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
            total = epochs * -(-len(items) // _BATCH)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2 * _RATE, total)
            done = 0
            for _ in range(epochs):
                for part in torch.split(torch.randperm(len(items)), _BATCH):
                    guess = network(items[part])
                    loss = functional.cross_entropy(guess, labels[part])
                    optimiser.zero_grad()
                    torch.autograd.backward(loss)
                    optimiser.step()
                    schedule.step()
                    done += 1
                    gate(done, total)
        return cls(network)

    @classmethod
    def from_weights(cls, weights: dict[str, Tensor]) -> Classifier:
        """Return the classifier whose `weights` these are.

        Raises:
            KeyError, RuntimeError: They are not those of such a network.
        """
        with torch.random.fork_rng(devices=[]):
            colours, labels = weights["stages.0.weight"].shape[1], len(weights["last.bias"])
            network = _network(colours, labels)
        network.load_state_dict(weights)
        return cls(network)

    def weights(self) -> dict[str, Tensor]:
        """Return the network's tensors, by name."""
        return {key: tensor.detach().cpu() for key, tensor in self._network.state_dict().items()}

    @torch.no_grad()
    def judge(self, items: Tensor) -> Verdict:
        """Say what pictures (N, C, H, W) in −1 … 1 show."""
        chances = torch.cat([self._network(part).softmax(1) for part in torch.split(items, 256)])
        chance, label = chances.max(1)
        return Verdict(label.cpu(), chance.cpu())


def _network(colours: int, labels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels, out in ((colours, 32), (32, 64)):
        for a, b in ((channels, out), (out, out)):
            layers += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
    layers += [nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3)]
    parts = {"stages": nn.Sequential(*layers), "last": nn.Linear(64 * 16, labels)}
    return nn.Sequential(OrderedDict(parts))
