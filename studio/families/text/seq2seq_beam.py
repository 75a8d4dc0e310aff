"""Beam search: the likeliest answers, found by keeping several beginnings at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.families.text.seq2seq_networks import EncoderDecoder

_ASKED = 4  # tokens between two looks whether all answers were found


@dataclass(frozen=True)
class Search:
    """How answers are looked for.

    Attributes:
        beams: Beginnings that are kept.
        longest: Tokens of an answer at most.
        length_power: How far long answers are helped: 0 not at all, 1 as the mean per token.
        start, end: The tokens before an answer and after it.
        forbidden: (V,) bool, tokens that are never written.
    """

    beams: int
    longest: int
    length_power: float
    start: int
    end: int
    forbidden: Tensor

    def worth(self, total: Tensor, length: int) -> Tensor:
        """Return the score of answers by their log-probability and length.

        s = log P(Y|X) / lp(Y), lp = ((5 + |Y|)/6)^α   (Wu et al. 2016, equation 14).
        """
        longer: float = ((5 + length) / 6) ** self.length_power
        return total / longer


@torch.inference_mode()
def best_answers(
    network: EncoderDecoder, source: Tensor, search: Search, said: Callable[[Tensor], None]
) -> tuple[Tensor, Tensor]:
    """Return answers (B, beams, longest), the best first, with their scores (B, beams).

    Args:
        source: (B, S) tokens of the texts to answer.
        said: Told the likeliest beginning (T,) of the first text's answer after each token.

    Returns:
        Tokens with `end` at the end and after it; scores are −inf where there is no answer.
    """
    count, beams, device = len(source), search.beams, source.device
    rows = torch.arange(count, device=device)[:, None]  # (B, 1)
    memory = network.begin(source).select(rows.expand(-1, beams).flatten())
    alive = torch.full((count, beams), -torch.inf, device=device)
    alive[:, 0] = 0  # all beams begin alike, so one is enough
    written = torch.full((count, beams, search.longest), search.end, device=device)
    found = written.clone()
    worth = torch.full((count, beams), -torch.inf, device=device)
    token = torch.full((count * beams,), search.start, device=device)
    for place in range(search.longest):
        scores = network.write(token, memory).float()
        scores = scores.masked_fill(search.forbidden, -torch.inf).log_softmax(1)
        several = (alive[:, :, None] + scores.view(count, beams, -1)).flatten(1)  # (B, K · V)
        totals, which = several.topk(min(2 * beams, several.shape[1]), dim=1)
        parent, token_of = which // scores.shape[1], which % scores.shape[1]  # (B, 2K)
        longer = written[rows, parent]
        longer[:, :, place] = token_of
        over = token_of == search.end
        # what ends here joins the answers that were found, of which the best stay
        ended = torch.where(over, search.worth(totals, place + 1), -torch.inf)
        worth, best = torch.cat([worth, ended], dim=1).topk(beams, dim=1)
        found = torch.cat([found, longer], dim=1)[rows, best]
        alive, kept = torch.where(over, -torch.inf, totals).topk(beams, dim=1)
        written = longer[rows, kept]
        memory = memory.select((rows * beams + parent.gather(1, kept)).flatten())
        token = token_of.gather(1, kept).flatten()
        said(written[0, 0, : place + 1])
        if place % _ASKED == 0 and bool(
            (search.worth(alive[:, 0], search.longest) < worth[:, -1]).all()
        ):
            break  # no beginning can become better than what was found
    # what was cut off counts as it is
    cut = search.worth(alive, search.longest)
    worth, best = torch.cat([worth, cut], dim=1).topk(beams, dim=1)
    return torch.cat([found, written], dim=1)[rows, best], worth
