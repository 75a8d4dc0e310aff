"""The manner of a dataset's pieces, as tensors that are saved with a model."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from studio.data.music.composing.manner import CHORDS, SIZES, Manner

#: Counts that are added to everything, so that nothing is impossible.
_SMOOTH = 0.5


class LearnedManner(nn.Module):
    """Shares of what is common, one buffer for each field of `Manner`; see `manner.SIZES`."""

    def __init__(self) -> None:
        super().__init__()
        for name, size in SIZES.items():
            self.register_buffer(name, torch.zeros(size))

    def manner(self) -> Manner:
        """Return the shares as composing takes them."""
        return Manner(
            **{name: self.get_buffer(name).double().cpu().numpy() for name in SIZES}
        ).shared()

    @torch.no_grad()
    def learn(self, counted: Manner, rate: float) -> None:
        """Move the shares towards counted ones by `rate`; fields that have none stay."""
        shares = counted.shared()
        for name in SIZES:
            new = torch.from_numpy(getattr(shares, name)).float()
            buffer = self.get_buffer(name)
            if bool(new.any()):
                buffer.lerp_(new.to(buffer.device), rate)

    def surprise(self, counted: Manner) -> dict[str, Tensor]:
        """Return how unexpected counted moves, rhythms and chords are, in nats each.

        H(p, q) = −Σ p ln q, the cross entropy of what is counted under what was learned.
        """
        known = self.manner()
        device = self.get_buffer("intervals").device
        found = {
            "melody_surprise": _cross_entropy(counted.intervals, known.intervals),
            "rhythm_surprise": _cross_entropy(counted.simple, known.simple)
            if counted.simple.sum() >= counted.compound.sum()
            else _cross_entropy(counted.compound, known.compound),
            "chord_surprise": _of_chords(counted.chords, known.chords),
        }
        return {name: torch.tensor(value, device=device) for name, value in found.items()}


def _cross_entropy(counts: np.ndarray, shares: np.ndarray) -> float:
    total = counts.sum()
    if not total:
        return 0.0
    smooth = (shares + _SMOOTH / 1000) / (shares.sum() + _SMOOTH / 1000 * len(shares))
    return float(-(counts @ np.log(smooth)) / total)


def _of_chords(counts: np.ndarray, shares: np.ndarray) -> float:
    """Return the same of chords, each given the one before."""
    total = counts.sum()
    if not total:
        return 0.0
    table = shares.reshape(CHORDS, CHORDS) + _SMOOTH / 10_000
    after = np.log(table / table.sum(1, keepdims=True))
    return float(-(counts * after.ravel()).sum() / total)
