"""Rotary positions: pairs of numbers that are turned by where they stand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_WAVELENGTHS = 10_000.0  # from 2π tokens up to this many times as much


class Rotary(nn.Module):
    """Positions as angles by which pairs of numbers are turned (Su et al. 2021, equation 34).

    Place t turns pair i by t · base^(−2i/head), so that the product of a query and a key depends
    on how far apart they are and not on where they stand.
    """

    turns: Tensor

    def __init__(self, head: int, context: int) -> None:
        super().__init__()
        if head % 2:
            raise ValueError(f"rotary positions turn pairs of numbers; a head has {head}")
        rates = _WAVELENGTHS ** (-torch.arange(0, head, 2) / head)
        angles = torch.outer(torch.arange(context), rates)  # (context, head/2)
        # follows from the sizes, so it is not stored with the model
        turns = torch.stack([angles.cos(), angles.sin()], dim=-1)
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, start: int, length: int) -> Tensor:
        """Return e^(i·angle) of `length` places from `start` on, complex (length, 1, 1, head/2)."""
        return torch.view_as_complex(self.turns[start : start + length])[:, None, None]

    def of_token(self, place: int) -> Tensor:
        """Return the same for query, key and value of one place, complex (3, 1, head/2).

        Values are not turned: theirs is 1.
        """
        turn = self.turns.new_ones(3, 1, self.turns.shape[1], dtype=torch.complex64)
        turn[:2] = torch.view_as_complex(self.turns[place])
        return turn


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """Turn the pairs (2i, 2i + 1) of x (B, T, …, head) by the angles of their places.

    A pair as a complex number is turned by one product, in one pass over memory.
    """
    pairs = torch.view_as_complex(x.float().view(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turn).flatten(-2)
