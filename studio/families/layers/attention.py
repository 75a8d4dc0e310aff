"""Attention: each place of a sequence looks at all the others, and at a context beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """softmax(Q Kᵀ/√d) V with several heads (Vaswani et al. 2017, equation 1).

    A context joins the keys and values, so that one softmax chooses between the sequence itself
    and the context (Nichol et al. 2022, "GLIDE", section 2.2).

    Args:
        channels: Numbers per place; a multiple of `heads`.
        context: Numbers per place of the context; 0 for none.
    """

    def __init__(self, channels: int, heads: int, context: int = 0) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(channels, channels)
        self.offer = nn.Linear(channels, 2 * channels)
        self.offer_context = nn.Linear(context, 2 * channels) if context else None
        self.out = nn.Linear(channels, channels)

    def forward(
        self, x: Tensor, context: Tensor | None = None, seen: Tensor | None = None
    ) -> Tensor:
        """Return what each place found, (B, T, channels).

        Args:
            x: (B, T, channels).
            context: (B, L, context), for attention that was made for one.
            seen: (B, L) bool, the places of the context that may be looked at; None for all.
        """
        batch, places, channels = x.shape
        offered = self.offer(x)  # (B, T, 2C)
        mask = None
        if self.offer_context is not None and context is not None:
            offered = torch.cat([offered, self.offer_context(context)], dim=1)
            if seen is not None:
                mask = torch.cat([seen.new_ones(batch, places), seen], dim=1)[:, None, None]

        def by_head(rows: Tensor) -> Tensor:  # (B, T, C) -> (B, heads, T, C / heads)
            return rows.view(batch, -1, self.heads, channels // self.heads).transpose(1, 2)

        key, value = map(by_head, offered.chunk(2, dim=2))
        found = attend(by_head(self.ask(x)), key, value, mask)
        made: Tensor = self.out(found.transpose(1, 2).reshape(batch, places, channels))
        return made


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    dropout: float = 0.0,
    causal: bool = False,
) -> Tensor:
    """Return softmax(Q Kᵀ/√d) V of rows (B, heads, T, d), by torch's fastest way.

    On processors that is in fp32 whatever comes in: backwards it takes a quarter to a third of the
    time that torch 2.14 takes in bf16 (64 rows of 64 tokens), more than the rest of a step gains.

    Args:
        mask: What may be looked at, of a shape that can be spread out to (B, heads, T, T).
        dropout: Share of the weights that is left out at random.
        causal: Whether each place sees itself and those before it alone.
    """
    if query.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
        with torch.autocast("cpu", enabled=False):
            return attend(
                query.float(), key.float(), value.float(), mask, dropout=dropout, causal=causal
            )
    return functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, dropout_p=dropout, is_causal=causal
    )
