"""The StyleGAN's critic: residual, with a view over the batch (Karras et al. 2020, §4.1)."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.stylegan_networks import LARGEST, channels_of, held
from studio.families.layers.equalised import SQRT2, EqualisedConv2d, EqualisedLinear
from studio.families.layers.resample import Blur, Halve
from studio.families.layers.sizes import square, stages

_GROUP = 4  # pictures that are compared with each other


class HalvingBlock(nn.Module):
    """Two convolutions, the second of which halves the picture, and a way around them.

    Two sides of variance 1 add up to 2, so their sum is divided by √2: in the gains, where it
    costs nothing.
    """

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = EqualisedConv2d(channels, channels, 3, padding=1, gain=SQRT2)
        self.blur = Blur(padding=2)
        self.second = EqualisedConv2d(channels, out, 3, stride=2)  # √2 / √2
        self.halve = Halve()
        self.around = EqualisedConv2d(channels, out, 1, bias=False, gain=1 / SQRT2)

    def forward(self, x: Tensor) -> Tensor:
        y = held(functional.leaky_relu(self.first(x), 0.2))
        y = functional.leaky_relu(self.second(self.blur(y)), 0.2)
        return held(y + self.around(self.halve(x)))


class Critic(nn.Module):
    """Pictures (B, C, H, W) and labels (B,) → scores (B,); residual (2020, §4.1)."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square(shape)
        base, halvings = stages(size, largest=LARGEST)
        channels = channels_of(width, halvings)
        last = channels[-1]
        self.first = EqualisedConv2d(colours, channels[0], 1, gain=SQRT2)
        self.blocks = nn.Sequential(*(HalvingBlock(a, b) for a, b in pairwise(channels)))
        self.compare = EqualisedConv2d(last + 1, last, 3, padding=1, gain=SQRT2)
        self.features = EqualisedLinear(last * base**2, last, gain=SQRT2)
        self.score = EqualisedLinear(last, 1)
        self.label = nn.Embedding(labels, last) if labels else None

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.score_of(self.look(pictures, len(self.blocks)), len(self.blocks), labels)

    def look(self, pictures: Tensor, depth: int) -> Tensor:
        """Return what the first `depth` blocks make of pictures."""
        x = held(functional.leaky_relu(self.first(pictures), 0.2))
        seen: Tensor = self.blocks[:depth](x)
        return seen

    def score_of(self, seen: Tensor, depth: int, labels: Tensor | None = None) -> Tensor:
        """Return the scores of pictures of which the first `depth` blocks made `seen`."""
        x = self.blocks[depth:](seen)
        x = functional.leaky_relu(self.compare(torch.cat([x, batch_spread(x)], dim=1)), 0.2)
        h = functional.leaky_relu(self.features(x.flatten(1)), 0.2)
        score: Tensor = self.score(h).squeeze(1)
        if self.label is not None:
            # D(x, y) = ψ(h) + ⟨v_y, h⟩ (Miyato & Koyama 2018, equation 3), of equal size
            score = score + (self.label(labels) * h).sum(1) / math.sqrt(h.shape[1])
        return score


def batch_spread(x: Tensor, group: int = _GROUP) -> Tensor:
    """Return (B, 1, H, W): how much the pictures of a group differ, the same in every place.

    Minibatch standard deviation (Karras et al. 2018, arXiv:1710.10196, §3): over the pictures of
    each group, then the mean over channels and places. The critic sees by it when a generator
    draws the same picture again and again. Groups are neighbours in the batch; pictures that are
    left over belong to a group with those before them.
    """
    batch, _, height, width = x.shape
    group = min(group, batch)
    whole = batch - batch % group

    def spread(members: Tensor) -> Tensor:  # (groups, members, C, H, W) -> (groups,)
        variance = (members - members.mean(1, keepdim=True)).square().mean(1)
        return (variance + 1e-8).sqrt().mean((1, 2, 3))

    with torch.autocast(x.device.type, enabled=False):
        values = x.float()
        of_items = spread(values[:whole].view(-1, group, *x.shape[1:])).repeat_interleave(group)
        if whole < batch:
            rest = spread(values[None, -group:]).expand(batch - whole)
            of_items = torch.cat([of_items, rest])
    return of_items.to(x.dtype)[:, None, None, None].expand(-1, 1, height, width)
