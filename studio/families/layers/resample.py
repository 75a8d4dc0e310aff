"""Halving and doubling of pictures through a small low-pass filter (Zhang 2019, arXiv:1904.11486).

Without the filter, detail finer than the new grid comes back as a false pattern that sticks to
the pixels. The filter is the binomial [1, 3, 3, 1] ⊗ [1, 3, 3, 1] / 64, as in Karras et al. 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Blur(nn.Module):
    """Filters each channel alone; sides change by 2 · padding − 3.

    Args:
        gain: A constant that the result is multiplied by.
    """

    kernel: Tensor

    def __init__(self, padding: int, gain: float = 1.0) -> None:
        super().__init__()
        self.padding = padding
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.register_buffer("kernel", gain * taps[:, None] * taps / 64, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        kernel = self.kernel.to(x.dtype).expand(channels, 1, 4, 4)
        return functional.conv2d(x, kernel, padding=self.padding, groups=channels)


class Halve(nn.Module):
    """(B, C, H, W) → (B, C, H/2, W/2): filtered, then every second pixel of every second row."""

    def __init__(self) -> None:
        super().__init__()
        self.blur = Blur(padding=1)

    def forward(self, x: Tensor) -> Tensor:
        # a filter that strides by itself is many times slower in bf16 on processors
        filtered: Tensor = self.blur(x)
        return filtered[:, :, ::2, ::2]


class Double(nn.Module):
    """(B, C, H, W) → (B, C, 2H, 2W): pixels set apart by zeros, then filtered."""

    def __init__(self) -> None:
        super().__init__()
        self.blur = Blur(padding=0, gain=4.0)  # of four pixels one is not zero

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        apart = x.new_zeros(batch, channels, height, 2, width, 2)
        apart[:, :, :, 0, :, 0] = x
        spread = functional.pad(apart.view(batch, channels, 2 * height, 2 * width), (2, 1, 2, 1))
        doubled: Tensor = self.blur(spread)
        return doubled
