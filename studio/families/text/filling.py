"""Filling blanks in the user's text with a network that reads both sides of them.

Shared by models that learned to guess hidden tokens. A blank is written `[…]`, `[...]` or `___`;
how texts with blanks are read and put together is in `filling_text.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Text
from studio.data.text.tokenisers import Tokeniser
from studio.families.layers.choosing import choose, uniform
from studio.families.text.filling_settings import FillSettings
from studio.families.text.filling_text import Filled, Page, blanks
from studio.families.writing_on import OTHERS

#: Scores (N, T, V) of what may stand at each place of rows of tokens (N, T).
Guess = Callable[[Tensor], Tensor]
#: Told the tokens (N, T) as they are filled in.
Said = Callable[[Tensor], None]

_BESIDE = 4  # tokens on each side of a blank by which a length is judged
_AT_ONCE = 32  # rows that are read at once


class Filler:
    """Fills the blanks of texts.

    Args:
        guess: The network.
        context: Tokens that it reads at most.
        usual: Tokens of a blank of which nothing is known yet.
        frame: Tokens that stand before and after what it reads.
    """

    def __init__(
        self,
        guess: Guess,
        tokeniser: Tokeniser,
        context: int,
        usual: int,
        frame: tuple[Sequence[int], Sequence[int]],
        device: torch.device,
    ) -> None:
        self._guess, self._tokeniser = guess, tokeniser
        self._context = context - len(frame[0]) - len(frame[1])
        self._usual, self._device = max(1, min(usual, self._context)), device
        self._frame = tuple(torch.tensor(list(part), dtype=torch.int64) for part in frame)
        special = [not each for each in tokeniser.bytes_of]
        self._forbidden = torch.tensor(special, device=device)
        #: Whether word parts carry the space before them, as byte-pair encoding has it.
        self._spaced = any(len(e) > 1 and e[:1] == b" " and e.strip() for e in tokeniser.bytes_of)

    def fill(
        self,
        prompt: str,
        seeds: Sequence[int],
        settings: FillSettings,
        tick: Callable[[int, int], None],
        listen: Callable[[int, str], None] | None = None,
        variety: float = 1.0,
    ) -> Iterator[Text]:
        """Yield the text of a prompt with its blanks filled, once for each seed.

        Raises:
            StudioError: There is no blank, or the blanks are longer than the network can read.
        """
        parts = blanks(prompt)
        if self._spaced:
            # the space before a blank belongs to the word that goes into it
            parts = [part.removesuffix(" ") for part in parts[:-1]] + parts[-1:]
        known = [self._tokeniser.encode(part).tolist() for part in parts]
        lengths = self._lengths(known, settings)
        if sum(lengths) >= self._context or max(lengths) >= self._context // 2:
            raise StudioError(
                "The blanks are too long",
                f"This model reads {self._context:,} tokens at once, and the blanks hold"
                f" {sum(lengths):,}.",
                "Make blanks shorter, or fill fewer of them at once.",
            )
        rows, places = self._row(known, lengths)
        page = Page(self._tokeniser, parts, places)
        count, total = len(seeds), sum(lengths) * (1 + settings.rounds)
        tokens = rows.expand(count, -1).clone()
        draws = uniform(seeds, total, self._device)
        done = 0

        def said(now: Tensor) -> None:
            nonlocal done
            done += 1
            tick(min(count * done // (total + 1), count - 1), count)
            for index in range(count) if listen is not None else ():
                listen(index, page.so_far(now[index].tolist()))  # type: ignore[misc]

        filled = self._filled(tokens, places, draws, settings, variety, said)
        tick(count, count)
        for index, seed in enumerate(seeds):
            yield page.text(filled, index, {"seed": seed})

    # ------------------------------------------------------------------------------- lengths

    def _lengths(self, known: Sequence[list[int]], settings: FillSettings) -> list[int]:
        """Return how many tokens each blank gets."""
        count = len(known) - 1
        if settings.length:
            return [settings.length] * count
        lengths = [self._usual] * count
        for place in range(count):
            worth = {}
            for length in range(1, min(settings.longest, self._context // 2) + 1):
                lengths[place] = length
                worth[length] = self._worth(known, lengths, place)
            lengths[place] = max(worth, key=lambda length: worth[length])
        return lengths

    def _worth(self, known: Sequence[list[int]], lengths: Sequence[int], place: int) -> float:
        """Return how well a blank of a length fits: the mean pseudo-log-likelihood around it.

        The blank is filled by the likeliest tokens; then each of them and of its neighbours is
        hidden in turn and guessed from all others (Salazar et al. 2020, equation 1).
        """
        row, places = self._row(known, lengths)
        start, end = places[place]
        window = self._window(row.shape[1], start, end)
        row = row[:, window].clone()
        start, end = start - window.start, end - window.start
        hidden = torch.zeros_like(row, dtype=torch.bool)
        hidden[:, start:end] = True
        while bool(hidden.any()):
            best, which = self._chances(row).max(2)
            # the more certain half at once: lengths are tried quickly, not finally
            take = min(int(hidden.sum()), max(1, (end - start) // 2))
            at = best.masked_fill(~hidden, -1).topk(take, dim=1).indices
            row.scatter_(1, at, which.gather(1, at))
            hidden.scatter_(1, at, value=False)
        first, last = max(0, start - _BESIDE), min(row.shape[1], end + _BESIDE)
        judged = [at for at in range(first, last) if int(row[0, at]) != self._tokeniser.mask]
        total = 0.0
        for begin in range(0, len(judged), _AT_ONCE):
            some = judged[begin : begin + _AT_ONCE]
            index = torch.arange(len(some), device=self._device)
            at = torch.tensor(some, device=self._device)
            rows = row.repeat(len(some), 1)
            rows[index, at] = self._tokeniser.mask
            chance = self._chances(rows)[index, at, row[0, at]]
            total += float(chance.clamp_min(1e-12).log().sum())
        return total / max(1, len(judged))

    # ------------------------------------------------------------------------------- filling

    def _filled(
        self,
        tokens: Tensor,
        places: Sequence[tuple[int, int]],
        draws: Tensor,
        settings: FillSettings,
        variety: float,
        said: Said,
    ) -> Filled:
        """Fill rows (N, T), blanks that lie near each other together."""
        count, length = tokens.shape
        chances = torch.ones(tokens.shape, device=self._device)
        few = min(OTHERS, len(self._forbidden))
        others = torch.zeros(count, length, few, dtype=torch.int64, device=self._device)
        other_chances = torch.zeros(count, length, few, device=self._device)
        filled = Filled(tokens, chances, others, other_chances)
        used = 0
        for group in self._groups(places):
            start, end = group[0][0], group[-1][1]
            window = self._window(length, start, end)
            hidden = torch.zeros(tokens.shape, dtype=torch.bool, device=self._device)
            for first, last in group:
                hidden[:, first:last] = True
            number = sum(last - first for first, last in group)
            for left in [number, *_again(number, settings.rounds)]:
                if left < number:  # take back what it was least sure of
                    doubt = chances.masked_fill(~hidden, 2)
                    back = doubt.topk(left, dim=1, largest=False).indices
                    tokens.scatter_(1, back, self._tokeniser.mask)
                used = self._pass(filled, window, hidden, draws, used, settings, variety, said)
        return filled

    def _pass(
        self,
        filled: Filled,
        window: slice,
        hidden: Tensor,
        draws: Tensor,
        used: int,
        settings: FillSettings,
        variety: float,
        said: Said,
    ) -> int:
        """Fill all that is masked, the most certain place first; return how many draws are used."""
        tokens, count = filled.tokens, len(filled.tokens)
        index = torch.arange(count, device=self._device)
        manner = settings.manner(variety)
        open_ = (tokens == self._tokeniser.mask) & hidden  # as many in each row
        for _ in range(int(open_[0].sum())):
            scores = self._scores(tokens[:, window])
            best = scores.softmax(2).amax(2)  # (N, W)
            at = best.masked_fill(~open_[:, window], -1).argmax(1)
            here = scores[index, at]
            token = choose(here, draws[:, used % draws.shape[1]], manner, tokens[:, window])
            used += 1
            at = at + window.start
            tokens[index, at] = token
            open_[index, at] = False
            chance = here.softmax(1)
            filled.chances[index, at] = chance.gather(1, token[:, None])[:, 0]
            likely, which = chance.topk(filled.others.shape[2], dim=1)
            filled.others[index, at] = which
            filled.other_chances[index, at] = likely
            said(tokens)
        return used

    def _scores(self, tokens: Tensor) -> Tensor:
        """Return the scores (N, T, V) of rows of tokens; what is never written has none."""
        before, after = (part.to(tokens.device).expand(len(tokens), -1) for part in self._frame)
        whole = torch.cat([before, tokens, after], dim=1)
        starts = range(0, len(whole), _AT_ONCE)
        scores = torch.cat([self._guess(whole[start : start + _AT_ONCE]) for start in starts])
        inner = scores[:, before.shape[1] : before.shape[1] + tokens.shape[1]].float()
        return inner.masked_fill(self._forbidden, -torch.inf)

    def _chances(self, tokens: Tensor) -> Tensor:
        return self._scores(tokens).softmax(2)

    # --------------------------------------------------------------------------------- parts

    def _row(
        self, known: Sequence[list[int]], lengths: Sequence[int]
    ) -> tuple[Tensor, list[tuple[int, int]]]:
        """Return a text as one row (1, T) with masks in its blanks, and where those lie."""
        row: list[int] = list(known[0])
        places = []
        for length, part in zip(lengths, known[1:], strict=True):
            places.append((len(row), len(row) + length))
            row += [self._tokeniser.mask] * length + part
        return torch.tensor([row], device=self._device), places

    def _window(self, length: int, start: int, end: int) -> slice:
        """Return the part of a row that is read to fill it from `start` to `end`."""
        if length <= self._context:
            return slice(0, length)
        first = max(0, min((start + end - self._context) // 2, length - self._context))
        return slice(first, first + self._context)

    def _groups(self, places: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
        """Return blanks together that can be read at once with half as much text beside them."""
        groups: list[list[tuple[int, int]]] = []
        for place in places:
            near = groups and place[1] - groups[-1][0][0] <= self._context // 2
            if near:
                groups[-1].append(place)
            else:
                groups.append([place])
        return groups


def _again(number: int, rounds: int) -> list[int]:
    """Return how many tokens are guessed anew in each further round, fewer each time.

    n = N · (T − t)/T   (Ghazvininejad et al. 2019, section 3.1)
    """
    left = [math.floor(number * (rounds + 1 - t) / (rounds + 1)) for t in range(1, rounds + 1)]
    return [each for each in left if 0 < each < number]
