"""Hiding tokens of a text, so that a model learns to guess them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LONGEST = 16  # tokens that are hidden in a row at most
_MASKED, _CHANGED = 0.8, 0.9  # below the first: masked; between: another token; above: as it is


def hidden_places(
    rows: Tensor, counting: Tensor, share: float, span: int, generator: torch.Generator | None
) -> Tensor:
    """Return which tokens (B, T) of rows are hidden, bool.

    About a share of each row is hidden, in runs whose lengths follow a geometric distribution of
    mean `span` (Joshi et al. 2020, section 3.1).

    Args:
        counting: (B, T) bool, the tokens that may be hidden.
        generator: Of the random numbers, on the CPU; None draws from torch's own on the device.
    """
    device = rows.device if generator is None else torch.device("cpu")
    drawn = torch.rand(2, *rows.shape, generator=generator, device=device).to(rows.device)
    start = drawn[0] < share / span
    hidden = start.clone()
    for step in range(1, min(_LONGEST, 4 * span) if span > 1 else 1):
        # a run goes on past `step` tokens with chance (1 − 1/span)^step
        goes_on = start & (drawn[1] < (1 - 1 / span) ** step)
        hidden[:, step:] |= goes_on[:, :-step]
    return hidden & counting


def disguised(rows: Tensor, hidden: Tensor, mask: int, vocabulary: int, first: int) -> Tensor:
    """Return rows in which 80 % of the hidden tokens are masks and 10 % others.

    (Devlin et al. 2019, section 3.1.)

    Args:
        vocabulary, first: Other tokens are drawn from `first` up to the vocabulary's end.
    """
    drawn = torch.rand(rows.shape, device=rows.device)
    instead = torch.randint(first, vocabulary, rows.shape, device=rows.device)
    shown = torch.where(drawn < _MASKED, mask, torch.where(drawn < _CHANGED, instead, rows))
    return torch.where(hidden, shown, rows)


class Frequencies(nn.Module):
    """How often each token was read: what is known without reading around a blank.

    Attributes:
        counts: (vocabulary,) int64.
    """

    counts: Tensor

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.register_buffer("counts", torch.zeros(vocabulary, dtype=torch.int64))

    def count(self, rows: Tensor, counting: Tensor) -> None:
        """Count tokens (B, T) where they count."""
        self.counts.index_add_(0, rows.flatten(), counting.flatten().long())

    def measured(self, wanted: Tensor, hidden: Tensor) -> dict[str, Tensor]:
        """Return the surprise at hidden tokens, and how many the commonest token is right for."""
        shares = (self.counts + 1).double()
        chances = (shares / shares.sum()).float()
        number = hidden.sum().clamp_min(1)
        nats = -(chances[wanted].log() * hidden).sum() / number
        right = ((wanted == self.counts.argmax()) & hidden).sum() / number
        return {"val_baseline_nats": nats, "val_baseline_accuracy": right}
