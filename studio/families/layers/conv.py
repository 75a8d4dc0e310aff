"""Convolutions that learn fast on processors: torch's own, with another way to one gradient.

In bf16 on a processor, the library under torch (oneDNN 3.12) takes several times as long for the
gradient of the weights as for the rest of a convolution when the maps are small: it splits its
sums along a row of the map, and rows of 4 or 8 leave the matrix unit idle. The same gradient as
one matrix product over all places of all maps is up to 13 times as fast there, and up to 2.6 times
on processors without that unit (measured with `python -m benchmarks.small_maps`). Everything else
stays torch's.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

#: Maps of at most this many places count as small; beyond, copying them out costs more. Where there
#: is no matrix unit (AMX) to leave idle, that is so from 5 × 5 on.
SMALL_MAP = 64 if torch.cpu._is_amx_tile_supported() else 16


class Conv2d(nn.Conv2d):
    """`torch.nn.Conv2d`, quicker to train on processors where its output is a small map."""

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: A002 - torch's name
        places = input[0, 0].numel() // (self.stride[0] * self.stride[1])
        if _pays(self, input, weight, places):
            return _convolve(self, input, weight, bias)
        made: Tensor = super()._conv_forward(input, weight, bias)
        return made


class ConvTranspose2d(nn.ConvTranspose2d):
    """`torch.nn.ConvTranspose2d`, quicker to train on processors where its input is small."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002 - torch's name
        if output_size is None and _pays(self, input, self.weight, input[0, 0].numel()):
            return _convolve(self, input, self.weight, self.bias)
        return super().forward(input, output_size)


def _pays(layer: nn.modules.conv._ConvNd, x: Tensor, weight: Tensor, places: int) -> bool:
    """Return whether the weights' gradient will be asked for, in bf16, of a small map."""
    return (
        places <= SMALL_MAP
        and x.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and torch.get_autocast_dtype("cpu") is torch.bfloat16
        and torch.is_grad_enabled()
        and weight.requires_grad
        and layer.groups == 1
        and layer.padding_mode == "zeros"
        and not isinstance(layer.padding, str)
        and set(layer.dilation) == {1}
        and not any(layer.output_padding)
    )


def _convolve(
    layer: nn.modules.conv._ConvNd, x: Tensor, weight: Tensor, bias: Tensor | None
) -> Tensor:
    x, weight = x.bfloat16(), weight.bfloat16()
    bias = None if bias is None else bias.bfloat16()
    made: Tensor = _Convolution.apply(
        x, weight, bias, layer.stride, layer.padding, layer.transposed
    )
    return made


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
        transposed: bool,
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how = (stride, padding, transposed)
        return torch.convolution(x, weight, bias, stride, padding, (1, 1), transposed, (0, 0), 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        stride, padding, transposed = ctx.how
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad[:3]
        of_x = of_weight = of_bias = None
        if wants_x:
            of_x, _, _ = torch.ops.aten.convolution_backward(
                gradient, x, weight, None, stride, padding, (1, 1), transposed, (0, 0), 1,
                (True, False, False),
            )  # fmt: skip
        if wants_weight:
            large, small = (gradient, x) if transposed else (x, gradient)
            of_weight = weight_gradient(large, small, weight.shape[2:], stride, padding)
        if wants_bias:
            of_bias = gradient.sum((0, 2, 3))
        return of_x, of_weight, of_bias, None, None, None


def weight_gradient(
    large: Tensor,
    small: Tensor,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
) -> Tensor:
    """Return ∂L/∂W[d, c, i, j] = Σ over maps n and places (y, x) of small[n, d, y, x] ·
    large[n, c, y·stride + i − padding, x·stride + j − padding], as one product of matrices.

    Args:
        large: (N, C, H, W), what the kernel moves over.
        small: (N, D, h, w), one number per place of the kernel.
    """
    (down, right), (dy, dx), (top, left) = kernel, stride, padding
    padded = functional.pad(large.permute(0, 2, 3, 1), (0, 0, left, left, top, top))
    seen = padded.unfold(1, down, dy).unfold(2, right, dx)  # (N, h, w, C, i, j)
    channels = large.shape[1]
    seen = seen.permute(0, 1, 2, 4, 5, 3).reshape(-1, down * right * channels)
    given = small.permute(0, 2, 3, 1).reshape(-1, small.shape[1])
    product = given.T @ seen
    return product.view(-1, down, right, channels).permute(0, 3, 1, 2)
