"""What drawing a roll costs, each with its equation; and which notes of it are right."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

_FOCUS = 2.0  # γ of the focal loss, as in its paper


def weighted_cost(logits: Tensor, target: Tensor, weight: float) -> Tensor:
    """Return −log p(x|z) of each roll with every sounding place counted `weight` times, (B,).

    Its best answer is not p but the odds w p / (1 − p): `shift` takes log w away again.
    """
    cost = functional.binary_cross_entropy_with_logits(
        logits, target, reduction="none", pos_weight=logits.new_tensor(weight)
    )
    return cost.flatten(1).sum(1)


def focal_cost(logits: Tensor, target: Tensor) -> Tensor:
    """Return the focal loss of each roll, (B,): what is right already hardly counts.

    −Σ (1 − pₜ)^γ log pₜ, with pₜ the chance given to what is there (Lin et al. 2017, equation 4),
    times 2^γ so that an open question counts as before.
    """
    cost = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    given = (-cost).exp()  # pₜ
    return (((2 * (1 - given)) ** _FOCUS) * cost).flatten(1).sum(1)


def shift(sparse: str, weight: float) -> float:
    """Return what must be added to logits so that they mean chances again."""
    return -math.log(weight) if sparse == "weight" else 0.0


def onsets(sounding: Tensor) -> Tensor:
    """Return where notes begin in rolls (B, tracks, steps, pitches) of bools."""
    before = functional.pad(sounding[:, :, :-1], (0, 0, 1, 0), value=False)
    return sounding & ~before


def note_f1(drawn: Tensor, wanted: Tensor) -> Tensor:
    """Return the F₁ score of where notes begin, over a whole batch: 2 TP / (2 TP + FP + FN)."""
    ours, theirs = onsets(drawn), onsets(wanted)
    both = (ours & theirs).sum()
    return 2 * both / (ours.sum() + theirs.sum()).clamp_min(1)


def notes_in(wanted: Tensor) -> Tensor:
    """Return how many notes begin in each roll, (B,), one at least."""
    return onsets(wanted).flatten(1).sum(1).clamp_min(1)
