"""Learning to guess hidden tokens: what is hidden, the loss, and what is shown and measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.media import Text
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import Tokeniser
from studio.families.base import Losses
from studio.families.text.masking import Frequencies, disguised, hidden_places

_CHARACTERS = 3  # that are hidden in a row on average, where nobody says how many
_MEASURED = (0.15, 1)  # share and run of the tokens that are hidden to measure, as in BERT
_SHOWN = 240  # characters of a held-out text on a sheet, about


def usual_span(spec: DataSpec) -> int:
    """Return how many tokens make about a short word."""
    return max(1, round(_CHARACTERS / _per_token(spec)))


def _per_token(spec: DataSpec) -> float:
    return max(spec.statistics.get("characters_per_token", 1.0), 0.25)


@dataclass(frozen=True)
class Guessing:
    """How tokens are hidden from a network, and how well it guesses them.

    Attributes:
        guess: Scores (B, T, V) of rows of tokens (B, T).
        share, span: How much is hidden, and how many tokens in a row on average.
        disguise: Whether some are shown as another token or as they are.
        first: Tokens from this one on stand in for others.
    """

    guess: Callable[[Tensor], Tensor]
    tokeniser: Tokeniser
    spec: DataSpec
    share: float
    span: int
    disguise: bool
    first: int

    def counting(self, rows: Tensor) -> Tensor:
        """Return which tokens can be hidden: all but what fills up and what ends texts."""
        return (rows != self.tokeniser.pad) & (rows != self.tokeniser.end)

    def draws(self, rows: Tensor) -> dict[str, Tensor]:
        """Return what a step hides of rows (B, T): `hidden`, `shown`, and `unit` to weigh by."""
        hidden = hidden_places(rows, self.counting(rows), self.share, self.span, None)
        shown = rows.masked_fill(hidden, self.tokeniser.mask)
        if self.disguise:
            mask = self.tokeniser.mask
            shown = disguised(rows, hidden, mask, self.spec.vocabulary, self.first)
        # parts of the batch are weighed by the tokens that are hidden in them
        unit = (len(rows) / hidden.sum().clamp_min(1)).expand(len(rows))
        return {"hidden": hidden, "shown": shown, "unit": unit}

    def loss(self, rows: Tensor, draws: dict[str, Tensor]) -> Tensor:
        """Return −ln p of the hidden tokens, the mean over those of the whole batch, in nats."""
        nats = _surprise(self.guess(draws["shown"]), rows)
        return (nats * draws["hidden"]).sum() * draws["unit"][0] / len(rows)

    def always_hidden(self, rows: Tensor, share: float, span: int) -> Tensor:
        """Return which tokens of held-out rows are hidden, always the same ones."""
        generator = torch.Generator().manual_seed(0)
        return hidden_places(rows, self.counting(rows), share, span, generator)

    def measured(self, rows: Tensor, frequencies: Frequencies) -> Losses:
        """Return how well hidden tokens are guessed, beside who only counts.

        Hidden are single tokens, 15 %, however it was learned: so models can be compared.
        """
        hidden = self.always_hidden(rows, *_MEASURED)
        scores = self.guess(rows.masked_fill(hidden, self.tokeniser.mask))
        number = hidden.sum().clamp_min(1)
        right = (scores.argmax(2) == rows) & hidden
        return {
            "val_masked_nats": (_surprise(scores, rows) * hidden).sum() / number,
            "val_masked_accuracy": right.sum() / number,
            **frequencies.measured(rows, hidden),
        }

    def sheet(self, rows: Tensor) -> Iterator[Text]:
        """Yield held-out texts with blanks, as they were filled, and as they were."""
        rows = rows[:, : max(8, round(_SHOWN / _per_token(self.spec)))]
        hidden = self.always_hidden(rows, self.share, self.span)
        scores = self.guess(rows.masked_fill(hidden, self.tokeniser.mask))
        made = torch.where(hidden, scores.argmax(2), rows)
        for index, row in enumerate(rows.tolist()):
            places = hidden[index].tolist()
            blank = self._marked(row, places, filled=None)
            filled = self._marked(row, places, filled=made[index].tolist())
            wanted = self.tokeniser.decode(row)
            facts = {"input": index, "source": blank, "made": filled, "wanted": wanted}
            yield Text(f"{blank}\n→ {filled}\n= {wanted}", facts=facts)

    def _marked(self, row: list[int], hidden: list[bool], filled: list[int] | None) -> str:
        """Return a text with brackets around its hidden parts, which hold what was filled in."""
        text, start = "", 0
        while start < len(row):
            end = start
            while end < len(row) and hidden[end] == hidden[start]:
                end += 1
            if not hidden[start]:
                text += self.tokeniser.decode(row[start:end])
            else:
                text += f"[{'…' if filled is None else self.tokeniser.decode(filled[start:end])}]"
            start = end
        return text


def _surprise(scores: Tensor, wanted: Tensor) -> Tensor:
    """Return −ln p (B, T) of the wanted tokens by scores (B, T, V)."""
    flat = functional.cross_entropy(
        scores.float().flatten(0, 1), wanted.flatten(), reduction="none"
    )
    return flat.view(wanted.shape)
