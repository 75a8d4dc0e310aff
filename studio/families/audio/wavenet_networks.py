"""The network of the WaveNet: dilated causal convolutions with gates, and a way around each.

Time comes first: tensors are (T, B, channels), so that a part of the time is a part of memory and
a convolution of two taps is two products of matrices without a copy. What a layer cannot know, the
samples before the first, is cut off instead of filled up: each layer gives as many fewer steps as
it looks back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.audio.companding import CODES, levels


class WaveNet(nn.Module):
    """Says of each sample how likely its 256 steps are, given those before it.

    Args:
        width: Channels of the layers and of their gates.
        skip: Channels that all layers give to the end.
        layers: Layers of a stack, whose dilations are 1, 2, 4 …
        stacks: Stacks of layers, one on the other.
        labels: Labels to tell apart, 0 for none.
        mels: Rows of the spectrogram that it follows, 0 for none.

    Attributes:
        dilations: How far each layer looks back.
        reach: Samples that it looks back on beside the last one.
    """

    def __init__(
        self, width: int, skip: int, layers: int, stacks: int, labels: int = 0, mels: int = 0
    ) -> None:
        super().__init__()
        self.dilations = [2**layer for _ in range(stacks) for layer in range(layers)]
        self.reach = sum(self.dilations)
        self.width, self.labels, self.mels = width, labels, mels
        depth, gates = len(self.dilations), 2 * width
        self.steps = nn.Embedding(CODES, width)
        self.steps.weight = nn.Parameter(_waves_of_steps(width))
        # taps before and now of both gates in one matrix each: (2 · width, 2 · width)
        self.taps = nn.ParameterList(
            nn.Parameter(torch.randn(2 * width, gates) / math.sqrt(2 * width)) for _ in range(depth)
        )
        self.bias = nn.Parameter(torch.zeros(depth * gates))
        # as many small steps add up: the stream keeps its size through all layers
        self.carry = nn.ParameterList(
            nn.Parameter(torch.randn(width, width) * 0.5 / math.sqrt(width * depth))
            for _ in range(depth - 1)
        )
        if labels:
            self.label = nn.Embedding(labels, depth * gates)
            nn.init.zeros_(self.label.weight)
        if mels:
            self.mel = nn.Linear(mels + 1, depth * gates)
        self.skip = nn.Linear(depth * width, skip)
        self.inner = nn.Linear(skip, 2 * skip)
        self.score = nn.Linear(2 * skip, CODES)

    def forward(
        self, codes: Tensor, length: int, labels: Tensor | None = None, mel: Tensor | None = None
    ) -> Tensor:
        """Return the logits (length, B, 256) of what follows each of the last `length` codes.

        Args:
            codes: (B, reach + length), int64.
            labels: (B,) label numbers, where it has labels.
            mel: (reach + length, B, mels + 1), what it follows at each sample, where it does.
        """
        heard = [gated[-length:] for _stream, gated in self.through(codes, labels, mel)]
        return self.verdict(torch.cat(heard, dim=2))

    def verdict(self, heard: Tensor) -> Tensor:
        """Return the logits (…, 256) from what all layers have heard, (…, depth · width)."""
        skipped = functional.relu(self.skip(heard))
        scores: Tensor = self.score(functional.relu(self.inner(skipped)))
        return scores

    def through(
        self, codes: Tensor, labels: Tensor | None, mel: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield of each layer what comes in, (t, B, width), and what its gates let through."""
        number = torch.get_autocast_dtype(codes.device.type) if _autocast(codes) else None
        stream = functional.embedding(codes.t().contiguous(), self.steps.weight)
        kind = number or stream.dtype
        stream = stream.to(kind)
        rows = self.conditions(len(codes), labels).to(kind).chunk(len(self.dilations), dim=1)
        pictures = None
        if self.mels and mel is not None:
            pictures = functional.linear(mel, self.mel.weight).to(kind)
        for index, (dilation, taps) in enumerate(zip(self.dilations, self.taps, strict=True)):
            known = rows[index]
            if pictures is not None:
                times = len(stream) - dilation
                part = pictures[-times:, :, 2 * index * self.width : 2 * (index + 1) * self.width]
                known = (part + known).reshape(-1, 2 * self.width)
            carry = self.carry[index].to(kind) if index < len(self.carry) else None
            out, gated = _Layer.apply(stream, known, taps.to(kind), carry, dilation)
            yield stream, gated
            stream = out

    def conditions(self, count: int, labels: Tensor | None) -> Tensor:
        """Return what the gates of all layers are told of each row, (B, depth · 2 · width)."""
        told = self.bias.expand(count, -1)
        if self.labels and labels is not None:
            told = told + self.label(labels)
        return told + self.mel.bias if self.mels else told


class _Layer(torch.autograd.Function):
    """A dilated convolution of two taps, its gate, and the way around it, in few passes.

    Equation 2 of van den Oord et al. 2016: g = tanh(a) ⊙ σ(b). With σ(b) = ½ (1 + tanh(b/2)), and
    both halves left to the weights beside it, one tanh does for both: g = tanh(a) (1 + tanh(b)).
    What a step of learning costs here is memory that passes by; by hand, each tensor passes as
    rarely as can be.
    """

    @staticmethod
    def forward(
        ctx: Any,
        stream: Tensor,
        known: Tensor,
        taps: Tensor,
        carry: Tensor | None,
        dilation: int,
    ) -> tuple[Tensor, Tensor]:
        """Return the stream (t − dilation, B, C) after this layer and its gates' output.

        Args:
            stream: (t, B, C).
            known: What the gates are told, (B, 2C), or (times · B, 2C) when it changes.
            taps: (2C, 2C): from before and from now to both gates.
            carry: (C, C) from the gates to the stream; None in the last layer.
            dilation: How many steps back `before` is.
        """
        total, count, width = stream.shape
        times = total - dilation
        before = stream[:times].reshape(-1, width)
        now = stream[dilation:].reshape(-1, width)
        gates = known.repeat(times, 1) if len(known) == count else known.clone()
        gates.addmm_(before, taps[:width]).addmm_(now, taps[width:])
        if gates.dtype is torch.bfloat16:  # processors have no fast tanh for it
            gates = gates.float().tanh_().to(stream.dtype)
        else:
            gates.tanh_()
        gated = torch.addcmul(gates[:, :width], gates[:, :width], gates[:, width:])
        out = now if carry is None else torch.addmm(now, gated, carry)
        ctx.save_for_backward(stream, taps, carry, gates, gated)
        ctx.dilation, ctx.told = dilation, len(known)
        return out.view(times, count, width), gated.view(times, count, width)

    @staticmethod
    def backward(ctx: Any, d_out: Tensor, d_gated: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients in the order of `forward`."""
        stream, taps, carry, gates, gated = ctx.saved_tensors
        total, count, width = stream.shape
        times = total - ctx.dilation
        d_flat, d_heard = d_out.reshape(-1, width), d_gated.reshape(-1, width)
        d_carry = None
        if carry is not None:
            d_heard = torch.addmm(d_heard, d_flat, carry.t())
            d_carry = gated.t() @ d_flat
        d_gates = torch.empty_like(gates)
        torch.addcmul(d_heard, d_heard, gates[:, width:], out=d_gates[:, :width])
        torch.mul(d_heard, gates[:, :width], out=d_gates[:, width:])
        d_gates = torch.ops.aten.tanh_backward(d_gates, gates)
        before = stream[:times].reshape(-1, width)
        now = stream[ctx.dilation :].reshape(-1, width)
        d_taps = torch.cat([before.t() @ d_gates, now.t() @ d_gates])
        d_known = d_gates
        if ctx.told == count:
            d_known = d_gates.view(times, count, -1).sum(0)
        d_stream = torch.zeros_like(stream)
        if carry is not None:  # the last layer's stream leads nowhere
            d_stream[ctx.dilation :] = d_out
        d_stream[:times].view(-1, width).addmm_(d_gates, taps[:width].t())
        d_stream[ctx.dilation :].view(-1, width).addmm_(d_gates, taps[width:].t())
        return d_stream, d_known, d_taps, d_carry, None


def _autocast(tensor: Tensor) -> bool:
    return torch.is_autocast_enabled(tensor.device.type)


def _waves_of_steps(width: int) -> Tensor:
    """Return what steps (256, width) look like at first: their level, and waves over it.

    Neighbours begin alike, which a table of random numbers would have to learn.
    """
    loud, sample = levels()
    columns = [2 * loud, 4 * sample]
    for number in range(1, width // 2 + 1):
        columns += [(math.pi * number * loud).sin(), (math.pi * number * loud).cos()]
    return 0.7 * torch.stack(columns[:width], dim=1)
