"""Choosing the next token from scores, with random numbers that are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Manner:
    """How the next token is chosen from its scores.

    Attributes:
        temperature: Below 1 likely tokens become likelier; 0 takes the likeliest.
        top_k: Only so many of the likeliest count (Fan et al. 2018); 0 means all.
        top_p: Only the likeliest that together reach this probability count, one at least
            (nucleus sampling, Holtzman et al. 2020).
        min_p: Only tokens at least this share as likely as the likeliest count (Nguyen et al.
            2024).
        repetition: Scores of tokens that stand in the row already are divided by this where
            positive and multiplied where negative (Keskar et al. 2019, equation 2); 1 does
            nothing.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition: float = 1.0


def choose(scores: Tensor, draws: Tensor, manner: Manner, written: Tensor | None = None) -> Tensor:
    """Return one token per row, (N,), drawn from softmax(scores / temperature).

    The random number falls into the cumulative probabilities, likeliest first (inverse transform
    sampling), so that a row's choice depends on its own scores and its own number alone.

    Args:
        scores: (N, V), the logits.
        draws: (N,) uniform in 0 … 1.
        manner: What counts.
        written: (N, L) tokens that stand in each row, for `manner.repetition`.
    """
    if manner.repetition != 1 and written is not None and written.shape[1]:
        there = scores.gather(1, written)
        less = torch.where(there > 0, there / manner.repetition, there * manner.repetition)
        scores = scores.scatter(1, written, less)
    if manner.temperature <= 0:
        return scores.argmax(1)
    chances = (scores.float() / manner.temperature).softmax(1)
    if manner.top_k and manner.top_k < chances.shape[1]:
        chances, order = chances.topk(manner.top_k, dim=1)
        chances = chances / chances.sum(1, keepdim=True)
    else:
        chances, order = chances.sort(dim=1, descending=True)
    kept = chances >= manner.min_p * chances[:, :1]
    if manner.top_p < 1:
        before = chances.cumsum(1) - chances  # what the likelier ones reach together
        kept &= before < manner.top_p
        kept[:, 0] = True
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
