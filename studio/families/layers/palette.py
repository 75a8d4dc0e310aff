"""The palette of a dataset: colours that its pixels gather around, learned by k-means."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from studio.data.image.pattern_colours import CONES, LAB, Palette


class LearnedPalette(nn.Module):
    """Colours in OKLab and how much of each there is.

    Attributes:
        centres: (K, 3), moved by gradient descent.
        shares: (K,), the share of the pixels that are nearest to each.
    """

    shares: Tensor
    cones: Tensor
    lab: Tensor

    def __init__(self, colours: int) -> None:
        super().__init__()
        greys = torch.linspace(0, 1, colours)[:, None] * torch.tensor([1.0, 0, 0])
        self.centres = nn.Parameter(greys)
        self.register_buffer("shares", torch.full((colours,), 1 / colours))
        self.register_buffer("cones", torch.from_numpy(CONES).float(), persistent=False)
        self.register_buffer("lab", torch.from_numpy(LAB).float(), persistent=False)

    def to_oklab(self, pixels: Tensor) -> Tensor:
        """Return pixels (N, C) in −1 … 1, grey or sRGB, as OKLab (N, 3)."""
        encoded = ((pixels.float() + 1) / 2).clamp(0, 1).expand(-1, 3)
        curve = ((encoded + 0.055) / 1.055) ** 2.4
        linear = torch.where(encoded <= 0.04045, encoded / 12.92, curve)
        response = (linear @ self.cones.T).clamp_min(0) ** (1 / 3)
        return response @ self.lab.T

    def forward(self, colours: Tensor) -> tuple[Tensor, Tensor]:
        """Return the squared distance of colours (N, 3) to the nearest centre, and which it is."""
        squared = (colours[:, None] - self.centres).square().sum(2)  # (N, K)
        nearest, owner = squared.min(1)
        return nearest, owner

    @torch.no_grad()
    def start(self, colours: Tensor, chance: Tensor) -> None:
        """Start from K of the colours (N, 3) that are far apart: k-means++.

        Each next one is drawn with a probability in proportion to its squared distance from
        those before (Arthur & Vassilvitskii 2007). `chance` (K,) holds the draws, in 0 … 1.
        """
        squared = torch.ones_like(colours[:, 0])
        for number, drawn in enumerate(chance):
            reached = squared.double().cumsum(0)
            place = torch.searchsorted(reached, drawn.double() * reached[-1:])
            chosen = colours.index_select(0, place.clamp_max(len(colours) - 1))  # (1, 3)
            self.centres[number] = chosen[0]
            away = (colours - chosen).square().sum(1)
            squared = torch.minimum(squared, away) if number else away

    @torch.no_grad()
    def count(self, colours: Tensor, rate: float) -> None:
        """Move the shares towards those of these colours (N, 3), by `rate`."""
        _, owner = self(colours)
        found = torch.zeros_like(self.shares)
        found.scatter_add_(0, owner, torch.ones_like(colours[:, 0]))
        self.shares.lerp_(found / len(colours), rate)

    def palette(self) -> Palette:
        """Return the palette as patterns take it."""
        return Palette(
            self.centres.detach().float().cpu().numpy().astype(np.float32),
            self.shares.float().cpu().numpy().astype(np.float32),
        )
