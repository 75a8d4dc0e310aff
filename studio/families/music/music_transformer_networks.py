"""A Transformer that learns what each distance between two tokens means (Huang et al. 2019)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.attention import attend
from studio.families.layers.transformer import Step, Transformer, kept_with

_SPREAD = 0.02


class RelativeTransformer(Transformer):
    """A causal Transformer with learned relative attention in the place of rotary positions."""

    def __init__(
        self,
        vocabulary: int,
        width: int,
        depth: int,
        heads: int,
        context: int,
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(vocabulary, width, depth, heads, context, dropout=dropout)
        for block in self.blocks:
            block.attention = RelativeAttention(width, heads, context, dropout)
        self._initialise()


class RelativeAttention(nn.Module):
    """softmax((Q Kᵀ + S)/√d) V, with S[i, j] = qᵢ · e[i − j] (Huang et al. 2019, equation 3).

    There is a learned vector e for each distance that the context holds, and for each head.
    """

    def __init__(self, width: int, heads: int, context: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        # row r stands for the distance context − 1 − r: the last one is the token itself
        self.distances = nn.Parameter(torch.empty(heads, context, self.head))
        nn.init.normal_(self.distances, 0.0, _SPREAD)

    def forward(
        self,
        x: Tensor,
        turn: Tensor | None,
        seen: Any,
        store: Tensor | None,
        done: int,
    ) -> Tensor:
        """Return what each token found, (B, T, width).

        Args:
            x: (B, T, width).
            turn: Angles of rotary positions, which are not used.
            seen: What each token may see; it is always itself and those before it.
            store: Keys and values (B, 2, heads, context, head) of earlier tokens.
            done: Tokens in the store.
        """
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, self.head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, T, head)
        if store is not None:
            k, v = kept_with(store, done, torch.stack([k, v], dim=1)).to(q.dtype).unbind(1)
        known = self.distances[:, -(done + length) :].to(q.dtype)  # (heads, S, head)
        bias = skewed(torch.matmul(q, known.transpose(1, 2))) / math.sqrt(self.head)
        dropout = self.dropout if self.training else 0.0
        found = attend(q, k, v, bias.float() if x.device.type == "cpu" else bias, dropout=dropout)
        mixed: Tensor = self.out(found.transpose(1, 2).reshape(batch, length, width))
        return mixed

    def step(self, store: Tensor) -> Step:
        """Return what says what one token of each row found, (B, width)."""
        into, out, distances = self.qkv.weight, self.out.weight, self.distances
        shape = (-1, 3, self.heads, 1, self.head)

        def step(x: Tensor, _turn: Tensor | None, done: int) -> Tensor:
            qkv = functional.linear(x, into).view(shape)
            q = qkv[:, 0]  # (B, heads, 1, head)
            k, v = kept_with(store, done, qkv[:, 1:]).to(q.dtype).unbind(1)
            known = distances[:, -(done + 1) :].to(q.dtype)  # (heads, S, head)
            bias = torch.matmul(q, known.transpose(1, 2)) / math.sqrt(self.head)
            found = attend(q, k, v, bias.float() if x.device.type == "cpu" else bias)
            return functional.linear(found.reshape(x.shape), out)

        return step


def skewed(relative: Tensor) -> Tensor:
    """Return what queries say of keys, (B, heads, T, S), from what they say of distances.

    Column c of `relative` (B, heads, T, S) stands for the distance S − 1 − c, and query i is token
    S − T + i of all. With S + 1 columns read as rows of S, each query's row moves by one more place
    than the one before (Huang et al. 2019, section 3.4.1); keys that are still to come get −∞.
    """
    batch, heads, length, keys = relative.shape
    if length > 1:
        # of query i the last T − 1 − i columns of its moved row are nothing it may see
        padded = functional.pad(relative, (1, 0))  # (B, heads, T, S + 1)
        padded = padded.reshape(batch, heads, length * (keys + 1))[:, :, length:]
        relative = padded.reshape(batch, heads, length, keys)
    future = torch.ones(length, keys, dtype=torch.bool, device=relative.device)
    return relative.masked_fill(future.triu(keys - length + 1), -torch.inf)
