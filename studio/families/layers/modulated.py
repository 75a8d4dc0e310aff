"""Convolutions that a style steers (Karras et al. 2020, arXiv:1912.04958, §2.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.families.layers.conv import Conv2d, ConvTranspose2d
from studio.families.layers.equalised import EqualisedLinear
from studio.families.layers.resample import Blur


class ModulatedConv2d(nn.Module):
    """A convolution whose weights depend on the style w of each picture.

    The paper scales the weights, w'ᵢⱼₖ = sᵢ · wᵢⱼₖ, and demodulates them by their length,
    w''ᵢⱼₖ = w'ᵢⱼₖ / √(Σᵢₖ w'ᵢⱼₖ² + ε), for input channels i, outputs j and places k of the kernel
    (equations 1 and 3). That needs other weights for each picture. A convolution is linear, so
    scaling what goes in by s and what comes out by the length gives the same numbers with one
    ordinary convolution for all.

    Args:
        style: Length of w.
        doubles: Whether the picture is doubled on the way: a transposed convolution and a filter.
        demodulate: Whether outputs are brought to unit size; the layer that makes colours is not.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int,
        style: int,
        *,
        doubles: bool = False,
        demodulate: bool = True,
    ) -> None:
        super().__init__()
        # equalised learning rate; demodulation would take any constant out again
        scaled = 1.0 if demodulate else 1 / (channels * kernel**2) ** 0.5
        self.affine = EqualisedLinear(style, channels, gain=scaled, bias=1.0)
        self.convolve: Conv2d | ConvTranspose2d
        if doubles:
            self.convolve = ConvTranspose2d(channels, out, kernel, stride=2, bias=False)
        else:
            self.convolve = Conv2d(channels, out, kernel, padding=kernel // 2, bias=False)
        nn.init.normal_(self.convolve.weight)
        self.blur = Blur(padding=1, gain=4.0) if doubles else None
        self.demodulate = demodulate

    def forward(self, x: Tensor, style: Tensor, gain: float = 1.0) -> Tensor:
        """Return (B, out, H, W) from (B, channels, H, W) and styles (B, style).

        Args:
            gain: A constant that the result is multiplied by.
        """
        scale: Tensor = self.affine(style)  # (B, channels)
        y: Tensor = self.convolve(x * scale.to(x.dtype)[:, :, None, None])
        if self.blur is not None:
            y = self.blur(y)
        if self.demodulate:
            factor = (gain * self._lengths(scale).reciprocal()).to(y.dtype)
            return y * factor[:, :, None, None]
        return y * gain if gain != 1 else y

    def _lengths(self, scale: Tensor) -> Tensor:
        """Return √(Σᵢₖ (sᵢ wᵢⱼₖ)² + ε), (B, out): the places are added up once for all."""
        weight = self.convolve.weight
        with torch.autocast(weight.device.type, enabled=False):
            # (out, channels) or, transposed, (channels, out)
            squares = weight.float().square().sum((2, 3))
            squares = squares if self.blur is not None else squares.T
            return (scale.square() @ squares + 1e-8).sqrt()
