"""The network of a diffusion model: a U-Net that is told the level of noise and what is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.families.image.diffusion_objectives import Factors, Objective
from studio.families.layers.text import TextEncoder
from studio.families.layers.unet import UNet

_WAVES = 32
_SLOWEST, _FASTEST = 0.1, 10.0  # of the waves in ln σ, in radians per unit
_TEXT_WIDTH = 128


@dataclass(frozen=True)
class Condition:
    """What pictures are to show, as the network reads it.

    Attributes:
        vector: (B, 4 · width), of labels and whole captions together.
        context: (B, 1 + L, D), a vector per word of the captions; None without captions.
        seen: (B, 1 + L) bool, which of them count.
    """

    vector: Tensor
    context: Tensor | None = None
    seen: Tensor | None = None

    def joined(self, other: Condition) -> Condition:
        """Return the conditions of both batches, one after the other."""

        def both(a: Tensor | None, b: Tensor | None) -> Tensor | None:
            return torch.cat([a, b]) if a is not None and b is not None else None

        return Condition(
            torch.cat([self.vector, other.vector]),
            both(self.context, other.context),
            both(self.seen, other.seen),
        )


class Denoiser(nn.Module):
    """D(x; σ): what noisy pictures show without their noise.

    Pictures are centred on the data's mean before all else, so that σ_data is measured from there.
    What holds for pictures (C, H, W) here holds for clips (C, T, H, W) too, with another U-Net.

    Args:
        shape: (C, H, W) of the pictures.
        objective: What the U-Net is asked for.
        mean, deviation: Of the data's values.
        width, blocks, patch, dropout: As in `UNet`.
        labels: Labels to tell apart, one more for pictures without; 0 for none.
        captions: (Vocabulary, length) of the captions' tokens; None without captions.
        text_layers: Blocks of the text encoder.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        objective: Objective,
        mean: float,
        deviation: float,
        *,
        width: int,
        blocks: int,
        patch: int,
        dropout: float,
        labels: int = 0,
        captions: tuple[int, int] | None = None,
        text_layers: int = 2,
    ) -> None:
        super().__init__()
        self.objective = objective
        self.mean, self.deviation = mean, deviation
        self.shape = shape
        self.size = 4 * width
        self.level = nn.Sequential(
            nn.Linear(2 * _WAVES, self.size), nn.SiLU(), nn.Linear(self.size, self.size)
        )
        self.label = nn.Embedding(labels, self.size) if labels else None
        self.text: TextEncoder | None = None
        self.whole_text: nn.Linear | None = None
        if captions is not None:
            self.text = TextEncoder(*captions, width=_TEXT_WIDTH, layers=text_layers)
            self.whole_text = nn.Linear(_TEXT_WIDTH, self.size)
        context = _TEXT_WIDTH if captions is not None else 0
        self.unet = self.network(width, blocks, patch, context, dropout)

    def network(self, width: int, blocks: int, patch: int, context: int, dropout: float) -> UNet:
        """Return the U-Net for items of `self.shape`."""
        colours, height, breadth = self.shape
        side = min(height, breadth)
        return UNet(colours, side, width, blocks, patch, self.size, context, dropout)

    def condition(self, count: int, labels: Tensor | None, captions: Tensor | None) -> Condition:
        """Read what `count` pictures are to show; done once, it serves every noise level.

        Args:
            labels: (count,) numbers, the last one for "any"; None for any.
            captions: (count, L) tokens, a row of zeros for "anything"; None for anything.
        """
        device = next(self.parameters()).device
        vector = torch.zeros(count, self.size, device=device)
        context = seen = None
        if self.label is not None:
            if labels is None:
                labels = torch.full((count,), self.label.num_embeddings - 1, device=device)
            vector = vector + self.label(labels)
        if self.text is not None and self.whole_text is not None:
            if captions is None:
                captions = torch.zeros(count, 1, dtype=torch.int64, device=device)
            context, seen = self.text(captions)
            vector = vector + self.whole_text(context[:, 0])
        return Condition(vector, context, seen)

    def factors(self, sigma: Tensor) -> Factors:
        """Return the objective's factors for noise levels (B,), each (B, 1, 1, 1)."""
        return self.objective.factors(self.beside(sigma), self.deviation)

    def beside(self, sigma: Tensor) -> Tensor:
        """Return noise levels (B,) as (B, 1, 1, 1), to go with items (B, C, H, W)."""
        return sigma.view(-1, *[1] * len(self.shape))

    def raw(self, centred: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """Return F(c_in x; ln σ) of centred noisy pictures (B, C, H, W), σ of shape (B,)."""
        scaled = self.factors(sigma).scale * centred
        vector = self.level(waves(sigma)) + condition.vector
        found: Tensor = self.unet(scaled, vector, condition.context, condition.seen)
        return found

    def forward(self, x: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """Return D(x; σ) = c_skip x + c_out F(c_in x; σ), (B, C, H, W), in full precision."""
        centred = x - self.mean
        factors = self.factors(sigma)
        found = self.raw(centred, sigma, condition).float()
        return self.mean + factors.skip * centred + factors.out * found


def waves(sigma: Tensor) -> Tensor:
    """Return sines and cosines of ln σ at several paces, (B, 2 · _WAVES)."""
    paces = torch.logspace(math.log10(_SLOWEST), math.log10(_FASTEST), _WAVES, device=sigma.device)
    angles = sigma.log()[:, None] * paces
    return torch.cat([angles.sin(), angles.cos()], dim=1)
