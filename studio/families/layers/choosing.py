"""Choosing the next token from scores, with random numbers that are handed in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def choose(
    scores: Tensor,
    draws: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> Tensor:
    """Return one token per row, (N,), drawn from softmax(scores / temperature).

    The random number falls into the cumulative probabilities, likeliest first (inverse transform
    sampling), so that a row's choice depends on its own scores and its own number alone.

    Args:
        scores: (N, V), the logits.
        draws: (N,) uniform in 0 … 1.
        temperature: Below 1 likely tokens become likelier; 0 takes the likeliest.
        top_k: Only so many of the likeliest count (Fan et al. 2018); 0 means all.
        top_p: Only the likeliest that together reach this probability count, one at least
            (nucleus sampling, Holtzman et al. 2020).
    """
    if temperature <= 0:
        return scores.argmax(1)
    chances, order = (scores.float() / temperature).softmax(1).sort(dim=1, descending=True)
    before = chances.cumsum(1) - chances  # what the likelier ones reach together
    kept = before < top_p
    kept[:, 0] = True
    if top_k:
        kept[:, top_k:] = False
    reached = (chances * kept).cumsum(1)
    place = torch.searchsorted(reached, draws[:, None] * reached[:, -1:], right=True)
    place = torch.minimum(place, kept.sum(1, keepdim=True) - 1)  # a draw may round up to 1
    return order.gather(1, place).squeeze(1)


def uniform(seeds: Sequence[int], count: int, device: torch.device) -> Tensor:
    """Return uniform numbers (N, count) in 0 … 1, each row a function of its own seed alone.

    They are drawn on the CPU, so that a seed means the same on every device.
    """
    rows = [torch.rand(count, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(rows).to(device)
