"""A Markov chain of variable order: what follows on the last tokens, in the user's texts.

Interpolated Kneser–Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1999, section 4.1.6): the
longest row of tokens that was seen before says what follows, as far as its counts go; the rest is
left to the row that is one token shorter, and so on down to all tokens alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.families.text.grammar_table import Table, empty_hash, longer

#: Tokens before a place in a text by which it is known again, beyond those of the chain.
_KNOWN_BY = 6
_UNKNOWN = -2  # stands where a row does not show what was before
_NEVER = 3  # special tokens that no text holds: filling, blanks, and what stands before answers
_UNLIKELY = 1e-9  # the least chance, where a table is full


class Places(Table):
    """The places in texts that were counted, so that one that comes again does not count twice."""


@dataclass
class Recent:
    """The newest tokens (N, order) of rows that are written, and how many were read."""

    tokens: Tensor
    length: int = 0


class Chain(nn.Module):
    """Counts of rows of up to `order + 1` tokens.

    A row's entry holds both sides of it: how often it was seen (its count), and what followed.
    The longest rows count how often they stand in the texts; shorter ones count after how many
    different tokens they stand, as Kneser–Ney wants it.

    Attributes:
        reach: Tokens that it looks back when it writes; the order, or less.
        context: 0: it forgets by itself what is too long ago.
        discounts: (order + 1,) what is taken off each count for tokens that were not seen there,
            as logits of 0 … 1; learned by leaving one out (Ney, Essen & Kneser 1994).
        counts: (slots,) int32.
        totals: (slots,) int32, the sum of the counts of the rows that are one token longer.
        kinds: (slots,) int32, how many of those there are.
    """

    counts: Tensor
    totals: Tensor
    kinds: Tensor

    def __init__(self, vocabulary: int, order: int, slots: int, end: int, pad: int) -> None:
        """Make a chain that knows nothing.

        Args:
            order: Tokens that it looks back at most.
            slots: Rows of tokens that it can keep at most, a power of two.
            end, pad: Special tokens: between texts, and after the last.
        """
        super().__init__()
        self.vocabulary, self.order, self.end, self.pad = vocabulary, order, end, pad
        self.reach, self.context = order, 0
        self.table = Table(slots)
        for name in ("counts", "totals", "kinds"):
            self.register_buffer(name, torch.zeros(slots, dtype=torch.int32))
        self.discounts = nn.Parameter(torch.full((order + 1,), 1.0))

    # ------------------------------------------------------------------------------ learning

    @torch.no_grad()
    def learn(self, rows: Tensor, places: Places) -> Tensor:
        """Count what follows on what in rows of tokens (B, T), each place of a text once.

        Returns:
            How many places were counted, one number.
        """
        back = self._back(rows)
        back = back[self._whole(rows, back)]
        news = self._known_by(back)
        # of one place that comes twice the first counts
        news, order = news.sort(stable=True)
        wanted = ~places.find(news).there
        wanted[1:] &= news[1:] != news[:-1]
        added = places.add(news[wanted]).there
        back = back[order[wanted][added]]
        grams, contexts = self._hashes(back)
        fresh = torch.arange(len(back), device=rows.device)
        for level in range(self.order, -1, -1):
            fresh = fresh[self._count(grams[level][fresh], contexts[level][fresh])]
        return torch.tensor(float(len(back)), device=rows.device)

    def _count(self, gram: Tensor, context: Tensor) -> Tensor:
        """Count rows (N,) of one length; return which of them, (M,), are the first of their kind.

        Where the table is full, shorter rows count how often instead of after how many.
        """
        gram, order = gram.sort(stable=True)
        place, there = self.table.add(gram)
        first = torch.ones_like(there)
        first[1:] = gram[1:] != gram[:-1]
        fresh = first & (self.counts[place] == 0) | ~there
        self.counts.index_add_(0, place, there.to(torch.int32))
        before, kept = self.table.add(context[order])
        kept &= there
        self.totals.index_add_(0, before, kept.to(torch.int32))
        self.kinds.index_add_(0, before, (fresh & kept).to(torch.int32))
        return order[fresh]

    # ----------------------------------------------------------------------------- measuring

    def counted(self, rows: Tensor) -> Tensor:
        """Return which places (B, T − 1) of rows of tokens (B, T) show enough to be counted."""
        return self._whole(rows, self._back(rows)).view(rows.shape[0], -1)

    def surprise(self, rows: Tensor, places: Places | None = None) -> tuple[Tensor, Tensor]:
        """Return −ln p (B, T − 1) of the tokens after the first, and which count, (B, T − 1) bool.

        Args:
            rows: (B, T) tokens.
            places: Those that were counted: what the chain knows from the very place that is
                asked for does not help it there, and only places that could be counted count.
                None takes the chain as it is, for new texts.
        """
        back = self._back(rows)
        grams, contexts = self._hashes(back)
        known = self._levels_known(back)
        own = torch.zeros_like(grams[0], dtype=torch.bool)
        if places is not None:
            own = self._whole(rows, back) & places.find(self._known_by(back)).there
        left_out: list[Tensor] = []
        counts: list[Tensor] = []
        for level in range(self.order, -1, -1):
            place, there = self.table.find(grams[level])
            counts.append(torch.where(there, self.counts[place], 0))
            left_out.append(own)
            own = own & (counts[-1] == 1)  # without it the row was never seen at all
        chance = torch.full(grams[0].shape, 1.0 / self._likely, device=rows.device)
        discounts = self.discounts.sigmoid()
        for level, (count, out) in enumerate(zip(counts[::-1], left_out[::-1], strict=True)):
            place, there = self.table.find(contexts[level])
            total = torch.where(there, self.totals[place], 0) - out.to(torch.int32)
            kinds = self.kinds[place] - (out & (count == 1)).to(torch.int32)
            others = (count - out.to(torch.int32)).clamp_min(0)
            mixed = _smoothed(others, total, kinds, discounts[level], chance)
            chance = torch.where(known[level] & (total > 0), mixed, chance)
        nats = -chance.clamp_min(_UNLIKELY).log()
        counting = rows[:, 1:] != self.pad if places is None else self.counted(rows)
        return nats.view(rows.shape[0], -1), counting.view(rows.shape[0], -1)

    # ------------------------------------------------------------------------------- writing

    def forward(self, tokens: Tensor, cache: Recent, *, skip: int = 0) -> Tensor:
        """Return the scores (N, T − skip, vocabulary) of what follows each token but the first."""
        found = []
        for place in range(tokens.shape[1]):
            cache.tokens = torch.cat([cache.tokens[:, 1:], tokens[:, place : place + 1]], dim=1)
            cache.length += 1
            if place >= skip:
                found.append(self.scores(cache.tokens))
        return torch.stack(found, dim=1)

    def empty_cache(self, rows: int) -> Recent:
        """Return what is known before anything was read: that a text ended."""
        device = self.counts.device
        return Recent(torch.full((rows, self.order), self.end, device=device))

    @torch.no_grad()
    def scores(self, before: Tensor) -> Tensor:
        """Return ln p (N, vocabulary) of what follows on the tokens (N, order), newest last."""
        rows, device = len(before), before.device
        chances = torch.full((rows, self.vocabulary), 1.0 / self._likely, device=device)
        discounts = self.discounts.sigmoid()
        token = torch.arange(self.vocabulary, device=device)
        row = torch.zeros_like(token)
        gram = longer(empty_hash(token), token)
        context = empty_hash(before[:, 0])
        for level in range(self.reach + 1):
            if level:
                newest = before[:, -level]
                context = longer(context, newest)
                gram = longer(gram, newest[row])
            place, there = self.table.find(gram)
            # what was never seen after a row was not seen after a longer one either
            seen = there & (self.counts[place] > 0)
            row, token, gram, place = row[seen], token[seen], gram[seen], place[seen]
            if not level:  # the same for all rows
                row = torch.arange(rows, device=device).repeat_interleave(len(token))
                token, gram, place = (each.repeat(rows) for each in (token, gram, place))
            counts = torch.zeros_like(chances, dtype=torch.int32)
            counts[row, token] = self.counts[place]
            at, known = self.table.find(context)
            total = torch.where(known, self.totals[at], 0)[:, None]
            kinds = self.kinds[at][:, None]
            mixed = _smoothed(counts, total, kinds, discounts[level], chances)
            chances = torch.where(total > 0, mixed, chances)
            if not len(token):
                break  # nothing was seen after rows as long as this, nor after longer ones
        return chances.clamp_min(_UNLIKELY).log()

    def seen_after(self, tokens: Tensor) -> Tensor:
        """Return how often anything followed on each row of tokens (N, L)."""
        hashed = empty_hash(tokens[:, 0])
        for place in range(1, tokens.shape[1] + 1):
            hashed = longer(hashed, tokens[:, -place])
        at, known = self.table.find(hashed)
        return torch.where(known, self.totals[at], 0)

    # ------------------------------------------------------------------------------- private

    @property
    def _likely(self) -> int:
        """How many tokens there are that may follow."""
        return max(self.vocabulary - _NEVER, 1)

    def _back(self, rows: Tensor) -> Tensor:
        """Return the tokens before and at each place, newest first: (N, order + 1 + _KNOWN_BY).

        Before a text's beginning stands END as often as is wanted; before a row that begins in
        the middle of a text nothing is known.
        """
        reach = self.order + _KNOWN_BY
        start = torch.where(rows[:, :1] == self.end, self.end, _UNKNOWN)
        whole = torch.cat([start.expand(-1, reach - 1), rows], dim=1)
        return whole.unfold(1, reach + 1, 1).flip(2).flatten(0, 1)

    def _hashes(self, back: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Return the hashes of the rows of 1 … order + 1 tokens at each place, and of those before.

        A row is hashed from its newest token back, so that each longer one goes on from it.
        """
        gram, context = empty_hash(back[:, 0]), empty_hash(back[:, 0])
        grams: list[Tensor] = []
        contexts: list[Tensor] = []
        for level in range(self.order + 1):
            gram = longer(gram, back[:, level])
            grams.append(gram)
            contexts.append(context)
            context = longer(context, back[:, level + 1])
        return grams, contexts

    def _known_by(self, back: Tensor) -> Tensor:
        """Return the hash of each place of a text, (N,): the token there and those before."""
        hashed = empty_hash(back[:, 0])
        for place in range(back.shape[1]):
            hashed = longer(hashed, back[:, place])
        return hashed

    def _whole(self, rows: Tensor, back: Tensor) -> Tensor:
        """Return which places (N,) show all that is wanted to count them."""
        holds = (rows[:, 1:] != self.pad).flatten()
        return holds & (back[:, -1] != _UNKNOWN)

    def _levels_known(self, back: Tensor) -> Tensor:
        """Return whether the tokens before each place are known, (order + 1, N)."""
        known = back[:, 1 : self.order + 1] != _UNKNOWN
        whole = torch.ones_like(back[:, :1], dtype=torch.bool)
        return torch.cat([whole, known], dim=1).T


def _smoothed(
    count: Tensor, total: Tensor, kinds: Tensor, discount: Tensor, shorter: Tensor
) -> Tensor:
    """Return p(w | h) of interpolated Kneser–Ney.

    p(w|h) = max(c(h w) − D, 0)/c(h) + D · N₁₊(h ·)/c(h) · p(w|h')   (Chen & Goodman 1999,
    equation 24), with h' the row without its oldest token.
    """
    kept = torch.where(count > 0, count - discount, 0.0)
    mixed: Tensor = (kept + discount * kinds * shorter) / total.clamp_min(1)
    return mixed
