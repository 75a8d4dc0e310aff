"""Normalisation that may depend on a label."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gain and shift belong to the label (Dumoulin et al. 2017).

    y = γ[label] · (x − E[x]) / √Var[x] + β[label]; without labels γ and β are the same for all.
    Works on (B, C) and (B, C, H, W).
    """

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__()
        self.labels = labels
        self.normalise = _BatchNorm(channels, affine=labels == 0)
        if labels:
            self.gain_and_shift = nn.Embedding(labels, 2 * channels)
            with torch.no_grad():
                self.gain_and_shift.weight[:, :channels] = 1
                self.gain_and_shift.weight[:, channels:] = 0

    def forward(self, x: Tensor, labels: Tensor | None) -> Tensor:
        normal: Tensor = self.normalise(x)
        if not self.labels:
            return normal
        # (B, 2C) -> two of (B, C, 1, 1), in the number type of the picture
        table = self.gain_and_shift(labels).to(normal.dtype)
        gain, shift = table.view(*table.shape, *[1] * (x.dim() - 2)).chunk(2, dim=1)
        return torch.addcmul(shift, gain, normal)


class _BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation of vectors and pictures alike."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - torch's name
        if input.dim() not in (2, 4):
            raise ValueError(f"(B, C) or (B, C, H, W) is wanted, not {tuple(input.shape)}")
