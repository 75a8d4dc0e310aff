"""The decoder of the VAE-GAN: draws in styles from coarse to fine, as a StyleGAN does."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.stylegan_networks import MAPPING_SPEED, Synthesis
from studio.families.layers.equalised import SQRT2, EqualisedLinear, unit_length

_MAPPING_LAYERS = 2


class StyleDecoder(nn.Module):
    """Codes (B, D) and labels (B,) → pictures (B, C, H, W), about −1 … 1.

    Unlike a StyleGAN's generator it keeps the length of codes, so that shorter ones are more
    usual, and adds no noise: a code has one copy.

    Args:
        code: D.
        shape: (C, H, W).
        width: Channels of the finest grid.
        labels: The number of labels, 0 for none.
    """

    still: Tensor

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        self.label = nn.Embedding(labels, code) if labels else None
        sizes = [code * (2 if labels else 1), *[code] * _MAPPING_LAYERS]
        self.mapping = nn.ModuleList(
            EqualisedLinear(a, b, gain=SQRT2, speed=MAPPING_SPEED) for a, b in pairwise(sizes)
        )
        self.synthesis = Synthesis(code, shape, width)
        self.register_buffer("still", torch.zeros(1, self.synthesis.places), persistent=False)

    def forward(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        x = codes.float()
        if self.label is not None:
            x = torch.cat([x, unit_length(self.label(labels))], dim=1)
        for layer in self.mapping:
            x = functional.leaky_relu(layer(x), 0.2)
        pictures: Tensor = self.synthesis(
            x[:, None].expand(-1, self.synthesis.layers, -1), self.still
        )
        return pictures
