"""A small network whose features stand for what pictures look like, and how it learns them.

Quality is measured on these features instead of those of the Inception network, whose weights
would be a download and know photographs alone. The distances are therefore this program's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.recipe import DataSpec

#: Numbers that stand for a picture.
FEATURES = 64
#: Larger pictures are shrunk to this side for the network.
LARGEST = 64

#: What a network learned: to name labels, to know a picture again, or nothing at all.
Learned = Literal["labels", "pictures", "nothing"]

Gate = Callable[[int, int], None]

_WIDTHS = (32, 48, 96)
_LARGE = 40  # from this side on the first layer halves the picture
_BATCH = 128
_RATE = 4e-3
_DECAY = 0.02
_SHOWN = 48_000  # pictures that are looked at while it learns
_MOST_EPOCHS = 30
_TEMPERATURE = 0.2


class _Halving(nn.Module):
    """A residual block (He et al. 2016) that halves its map."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, out, 3, stride=2, padding=1, bias=False)
        self.second = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.beside = nn.Conv2d(channels, out, 1, bias=False)
        self.first_norm, self.second_norm = nn.BatchNorm2d(out), nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(x)))
        short = self.beside(functional.avg_pool2d(x, 2, ceil_mode=True))
        return functional.relu(short + self.second_norm(self.second(inner)))


class JudgeNet(nn.Module):
    """What looks at items and returns features (N, 64), each with mean 0 and variance 1.

    The features are the last ones before the labels are read off; their normalisation has no
    gain, so that a distance between features is counted in units of their spread.

    Attributes:
        names: Reads one number per label off the features; of one label when there are none.
    """

    names: nn.Linear
    together = 256  # items that go through at once when it learns no more

    @torch.no_grad()
    def look(self, items: Tensor) -> Tensor:
        """Return the features (N, 64) of any number of items, on the CPU."""
        device = self.names.weight.device
        parts = [self(part.to(device)).cpu() for part in torch.split(items, self.together)]
        return torch.cat(parts) if parts else torch.empty(0, FEATURES)

    @torch.no_grad()
    def chances(self, features: Tensor) -> Tensor:
        """Return how likely each label is (N, labels), from features."""
        read: Tensor = self.names(features.to(self.names.weight.device)).softmax(1).cpu()
        return read


class FeatureNet(JudgeNet):
    """Pictures (N, C, H, W) in −1 … 1 to features (N, 64)."""

    def __init__(self, colours: int, size: int, labels: int = 1) -> None:
        super().__init__()
        stride = 2 if min(size, LARGEST) > _LARGE else 1
        self.stem = nn.Conv2d(colours, _WIDTHS[0], 3, stride=stride, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(_WIDTHS[0])
        self.blocks = nn.Sequential(_Halving(32, _WIDTHS[1]), _Halving(*_WIDTHS[1:]))
        self.summary = nn.Linear(_WIDTHS[-1], FEATURES, bias=False)
        self.summary_norm = nn.BatchNorm1d(FEATURES, affine=False)
        self.names = nn.Linear(FEATURES, labels)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return features (N, 64)."""
        x = shrunk(pictures).contiguous(memory_format=torch.channels_last)
        maps = self.blocks(functional.relu(self.stem_norm(self.stem(x))))
        features: Tensor = self.summary_norm(self.summary(maps.mean((2, 3))))
        return features


class View:
    """How a judge looks at items of one modality; this one looks at pictures.

    Attributes:
        fewest: Items from which on it can learn to know them again.
        most: Items that it learns from, at most.
        shown: Items that are looked at while it learns.
    """

    fewest = 500
    most = 10_000
    shown = _SHOWN

    def see(self, items: Tensor, spec: DataSpec) -> Tensor:
        """Return what the network is shown of items (N, *spec.shape) in −1 … 1."""
        del spec
        return shrunk(items)

    def network(self, shape: torch.Size, labels: int) -> JudgeNet:
        """Return a network that knows nothing, for what `see` returns: (N, *shape)."""
        return FeatureNet(shape[0], shape[1], labels)

    def labels_in(self, weights: dict[str, Tensor]) -> int:
        """Return how many labels kept weights tell apart."""
        return len(weights["names.bias"])

    def lesson(
        self, seen: Tensor, labels: Tensor | None, names: int
    ) -> tuple[Tensor, Tensor | None]:
        """Return what one step learns from: some of what is seen, with its labels.

        Args:
            seen: What the network is shown of some items.
            labels: (N,) their numbers; None where it learns none.
            names: How many labels there are.
        """
        del names
        return seen, labels

    def varied(self, seen: Tensor) -> Tensor:
        """Return what is seen, changed by chance in ways that leave it what it is."""
        return varied(seen)

    def noise(self, seen: Tensor, spec: DataSpec, generator: torch.Generator) -> Tensor:
        """Return plain noise of the shape of what is seen."""
        del spec
        return torch.rand(seen.shape, generator=generator) * 2 - 1


def taught(
    items: Tensor,
    labels: Tensor | None = None,
    names: int = 1,
    *,
    learned: Learned,
    device: torch.device,
    seed: int = 0,
    gate: Gate = lambda _done, _total: None,
    view: View | None = None,
) -> JudgeNet:
    """Return a network that learned from items, in evaluation mode.

    Args:
        items: What the view sees of them, such as pictures (N, C, H, W) in −1 … 1.
        labels: (N,) their numbers, when it learns labels.
        names: How many labels there are.
        learned: What it learns.
        seed: Decides the first weights and the order; torch's own generator stays as it was.
        gate: Called after each step with (done, total).
        view: How it looks at them; left out, as at pictures.
    """
    view = view or View()
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        network = view.network(items.shape[1:], names).to(device)
        if learned == "nothing":
            _calibrate(network, items)
        else:
            _learn(network, items, labels, names, gate, view)
    return network.eval()


def _learn(
    network: JudgeNet,
    items: Tensor,
    labels: Tensor | None,
    names: int,
    gate: Gate,
    view: View,
) -> None:
    device = network.names.weight.device
    onward = nn.Sequential(nn.ReLU(), nn.Linear(FEATURES, FEATURES)).to(device)
    parameters = [*network.parameters(), *onward.parameters()]
    optimiser = torch.optim.AdamW(parameters, _RATE, weight_decay=_DECAY)
    order = list(_order(len(items), view.shown // (1 if labels is not None else 2)))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, len(order))
    for done, places in enumerate(order, 1):
        some = labels[places].to(device) if labels is not None else None
        shown, wanted = view.lesson(items[places].to(device), some, names)
        if wanted is not None:
            features = network(view.varied(shown))
            loss = functional.cross_entropy(network.names(features), wanted)
        else:
            features = onward(network(torch.cat([view.varied(shown), view.varied(shown)])))
            loss = recognition_loss(features)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        gate(done, len(order))


def _order(count: int, shown: int) -> Iterator[Tensor]:
    """Yield the places of each batch: every item once per epoch, in an order of its own."""
    epochs = max(1, min(_MOST_EPOCHS, round(shown / count)))
    for _ in range(epochs):
        for places in torch.split(torch.randperm(count), _BATCH):
            if len(places) > 1:  # normalisation over a batch needs two
                yield places


def _calibrate(network: JudgeNet, items: Tensor) -> None:
    """Let an untrained network's normalisation take its statistics from pictures, layer by layer.

    Even untrained, such networks tell textures and shapes apart.
    """
    device = network.names.weight.device
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = None  # the plain average over all batches
    network.train()
    with torch.no_grad():
        for part in torch.split(items, _BATCH):
            if len(part) > 1:
                network(part.to(device))


def recognition_loss(features: Tensor) -> Tensor:
    """Return how badly each picture's two views know each other among all (NT-Xent).

    ℓ(i, j) = −log exp(cos(zᵢ, zⱼ)/τ) / Σ over k ≠ i of exp(cos(zᵢ, zₖ)/τ), the mean over all
    views, equation 1 of Chen et al. 2020 ("A Simple Framework for Contrastive Learning").

    Args:
        features: (2B, D), the second view of picture i at place B + i.
    """
    z = functional.normalize(features, dim=1)
    closeness = z @ z.T / _TEMPERATURE  # (2B, 2B)
    closeness = closeness.masked_fill(torch.eye(len(z), dtype=torch.bool, device=z.device), -1e9)
    other = torch.arange(len(z), device=z.device).roll(len(z) // 2)
    return functional.cross_entropy(closeness, other)


def varied(pictures: Tensor) -> Tensor:
    """Return pictures a little moved, turned, zoomed, brightened and hardened, by chance."""
    count, device = len(pictures), pictures.device

    def drawn(low: float, high: float) -> Tensor:
        # on the CPU, so that a seed means the same on every device
        return (torch.rand(count) * (high - low) + low).to(device)

    angle, zoom = drawn(-0.2, 0.2), drawn(0.7, 1.15)
    cosine, sine = angle.cos() * zoom, angle.sin() * zoom
    rows = [
        torch.stack([cosine, -sine, drawn(-0.2, 0.2)], 1),
        torch.stack([sine, cosine, drawn(-0.2, 0.2)], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
    moved = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    contrast, brightness = drawn(0.7, 1.3), drawn(-0.2, 0.2)
    return moved * contrast[:, None, None, None] + brightness[:, None, None, None]


def shrunk(pictures: Tensor) -> Tensor:
    """Return pictures no larger than the network looks at them."""
    if max(pictures.shape[2:]) <= LARGEST:
        return pictures
    side = (LARGEST, LARGEST)
    return functional.interpolate(pictures, size=side, mode="bilinear", antialias=True)
