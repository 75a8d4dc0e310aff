"""Layers with an equalised learning rate (Karras et al. 2018, arXiv:1710.10196, §4.1).

Weights start from N(0, 1) and are scaled by He's constant each time they are used, instead of
once at the start. Optimisers such as Adam correct by a fixed amount whatever the size of the
gradient; so every weight, in wide layers and narrow ones, learns at the same relative speed.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from studio.families.layers.conv import Conv2d

SQRT2 = math.sqrt(2)


class EqualisedLinear(nn.Module):
    """Rows x (B, inputs) → g · (c·λ W x + λ b) with c = 1/√inputs, always in full precision.

    Args:
        gain: g; √2 where a leaky rectifier follows, which keeps the size of what passes (He et
            al. 2015), since √2 · leaky(y) = leaky(√2 · y).
        speed: λ, how fast the layer learns beside others (0.01 in a mapping network: Karras et
            al. 2019, appendix C). What it computes at the start is the same for every λ.
        bias: What the bias starts from.
    """

    def __init__(
        self, inputs: int, outputs: int, *, gain: float = 1.0, speed: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / speed)
        self.bias = nn.Parameter(torch.full((outputs,), bias / speed))
        self.weight_gain = gain * speed / math.sqrt(inputs)
        self.bias_gain = gain * speed

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            # both gains in the product's own factors, with no scaled copy of the weights
            return torch.addmm(
                self.bias, x.float(), self.weight.T, beta=self.bias_gain, alpha=self.weight_gain
            )


class EqualisedConv2d(Conv2d):
    """A square convolution, g · (c W ∗ x + b) with c = 1/√(channels · kernel²).

    Args:
        gain: g, as in `EqualisedLinear`.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        gain: float = 1.0,
    ) -> None:
        super().__init__(channels, out, kernel, stride=stride, padding=padding, bias=bias)
        nn.init.normal_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        self.weight_gain = gain / math.sqrt(channels * kernel**2)
        self.bias_gain = gain

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        bias = None if self.bias is None else self.bias * self.bias_gain
        return self._conv_forward(input, self.weight * self.weight_gain, bias)


def unit_length(x: Tensor) -> Tensor:
    """Scale rows (…, D) to a mean square of 1 (Karras et al. 2018, §4.2, on vectors)."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-8)
