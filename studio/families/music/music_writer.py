"""What models that write music token by token share: what is learned, wished and written.

A row is `controls · [END] · bars · [END]` (`data/music_tokens.py`). Rows that are learned begin at
a bar, and their controls say how many bars are still to come; so when a piece outgrows the context
it is read again from a bar on, with the controls brought up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Media, Music
from studio.core.recipe import DataSpec
from studio.data.music.tokens import END, MusicTokeniser, tokeniser_of
from studio.families.base import Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.choosing import uniform
from studio.families.music.music_own import continued_pieces, varied_pieces
from studio.families.music.music_sampling import MusicSampling
from studio.families.music.music_tables import Tables
from studio.families.music.pieces import first_bars
from studio.families.writing import Writer
from studio.families.writing_on import Wish, Written, write_on
from studio.families.writing_settings import WriterRecipe

R = TypeVar("R", bound=WriterRecipe)

_USUAL_BAR = 40.0  # tokens, where the data does not say
_FILLED = 0.9  # of the context is a sample that is measured
_KEPT = 0.5  # of the context, when a piece has outgrown it
_MOST_BARS = 256


class MusicWriter(Writer[R]):
    """A model that writes music from nothing, on from a piece, or some bars of a piece anew."""

    sampling_type = MusicSampling
    measured_samples = 32
    tokeniser: MusicTokeniser

    def build(self, spec: DataSpec) -> None:
        """Make the network, and read the tokeniser."""
        self.tokeniser = tokeniser_of(spec.resources)
        self.tables = Tables(self.tokeniser, self.compute.device)
        super().build(spec)

    # -------------------------------------------------------------------------------- learning

    def cost(self, rows: Tensor, following: Tensor) -> Tensor:
        """Return −log p of the music that follows; controls are told, never foreseen."""
        counted = self.tables.counted[following]
        return super().cost(rows, torch.where(counted, following, self.pad))

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen music is foreseen, per token and per note."""
        measured = super().validate(batch)
        following = batch.items[:, 1:]
        tokens = self.tables.counted[following].sum()
        notes = self.tables.notes[following].sum().clamp_min(1)
        nats = measured["val_nats_per_token"]
        # all nats of a row, its notation included, shared out among its notes
        return measured | {"val_nats_per_note": nats * tokens / notes}

    # --------------------------------------------------------------------------------- wishes

    @property
    def context(self) -> int:
        """Tokens of a row as it was learned."""
        return self.spec.shape[-1] - 1

    @property
    def bar_length(self) -> float:
        """Tokens of a usual bar."""
        return max(1.0, self.spec.statistics.get("tokens_per_bar", _USUAL_BAR))

    def settings(self, request: SampleRequest) -> MusicSampling:
        """Return what is wished.

        Where nobody asked, as while measuring, samples show the model as it is: nothing is held
        back, and they are as long as what was learned, so that they can be set beside it.
        """
        if isinstance(request.settings, MusicSampling):
            return request.settings
        bars = min(_MOST_BARS, max(1, int(_FILLED * self.context / self.bar_length)))
        return MusicSampling(bars=bars, temperature=1.0, top_p=1.0, valid_only=False)

    def beginning(self, request: SampleRequest, index: int) -> Sequence[int]:
        """Return the controls that are wished, and that a piece begins.

        Where nobody asked, the model itself says whether it begins a piece or is within one, as
        in the rows that it learned from: first bars are unlike others, often no whole ones.
        """
        wished = self.settings(request)
        asked = isinstance(request.settings, MusicSampling)
        head = self.tokeniser.controls(
            tonic=wished.tonic,
            mode=None if wished.mode == "any" else wished.mode,
            metre=wished.wished_metre,
            tempo=wished.tempo or None,
            density=wished.degree,
            bars=wished.bars if asked else None,
            instruments=wished.instruments,
            draw=request.seeds[index],
        )
        return [*head.tolist(), END] if asked else head.tolist()

    def wish(self, request: SampleRequest) -> Wish:
        """Write until a piece ends or has as many bars as wished."""
        return self.wish_for(request, self.settings(request).bars)

    def wish_for(
        self, request: SampleRequest, bars: int, length: int = 0, begin: Tensor | None = None
    ) -> Wish:
        """Return how to write so many bars, in so many tokens at most.

        Args:
            length: 0 for as many as it takes.
            begin: (N, T) what the rows begin with, to keep to what may follow.
        """
        settings = self.settings(request)
        return Wish(
            manner=settings.manner(request.variety),
            length=length or 64 + round(2.5 * bars * self.bar_length),
            forbidden=~self.tables.counted,
            allowed=self.tables.allowed(begin)
            if settings.valid_only and begin is not None
            else None,
            ended=self.tables.ended(bars, fresh=begin is not None and self._is_fresh(begin[0])),
        )

    # --------------------------------------------------------------------------------- writing

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Write pieces from nothing, on from the user's own, or some bars of these anew."""
        if request.task == Task.CONTINUE:
            return continued_pieces(self, request, tick)
        if request.task == Task.VARY:
            return varied_pieces(self, request, tick)
        return super().sample(request, tick)

    def medium(
        self, request: SampleRequest, begin: Sequence[int], written: Written, row: int
    ) -> Media:
        """Return a piece."""
        wished = self.settings(request)
        ids = [*begin, *written.tokens[row, : written.lengths[row]].tolist()]
        music = self.music(ids, float(wished.tempo) or None)
        if not self.tokeniser.notation.metrical:
            music = first_bars(music, wished.bars)
        facts = {"token_errors": self.errors(ids), "ended": ids[-1] == END}
        return Music(music.tracks, music.ticks, music.tempos, music.signatures, facts=facts)

    def music(self, ids: Sequence[int], tempo: float | None = None) -> Music:
        """Return the piece of a row, without a last bar that only shows that there were enough."""
        return self.tokeniser.decode(self._whole(ids), tempo=tempo)

    def errors(self, ids: Sequence[int]) -> float:
        """Return the share of a row's tokens that make no sense."""
        return round(self.tokeniser.errors(self._whole(ids)), 4)

    def _whole(self, ids: Sequence[int]) -> Sequence[int]:
        return ids[:-1] if ids and self.tokeniser.is_bar(ids[-1]) else ids

    def _written(
        self,
        request: SampleRequest,
        begin: Sequence[int],
        places: Sequence[int],
        total: int,
        tick: Tick,
    ) -> Written:
        seeds = [request.seeds[place] for place in places]
        bars = self.settings(request).bars

        def said(done: int, of: int) -> None:
            tick(places[0] + len(places) * done // of, total)

        rows = self.rows(request, begin, seeds, bars, said)
        tick(places[-1] + 1, total)
        longest = max(map(len, rows))
        table = torch.tensor([row + [self.pad] * (longest - len(row)) for row in rows])
        return Written(table, [len(row) for row in rows])

    def rows(
        self,
        request: SampleRequest,
        begin: Sequence[int],
        seeds: Sequence[int],
        bars: int,
        said: Tick,
    ) -> list[list[int]]:
        """Write on from `begin`, one row for each seed, by so many bars.

        As far as the context reaches rows are written together, then each on by itself.

        Args:
            said: Called with (done, total) of all rows together.
        """
        count, device = len(seeds), self.compute.device
        limit = self.wish_for(request, bars).length
        draws = uniform(seeds, limit, device)
        first = min(limit, max(1, self.context - len(begin)))
        rows = torch.tensor([list(begin)] * count, dtype=torch.int64, device=device)
        wish = self.wish_for(request, bars, first, rows)
        written = self._write(rows, draws, wish, lambda done: said(count * done, count * limit))
        found = []
        for number in range(count):
            ids = written.tokens[number, : written.lengths[number]].tolist()
            while len(ids) < limit and not self._over(begin, ids, bars):
                again = self._read_again(begin, ids, bars)
                room = min(limit - len(ids), max(1, self.context - len(again)))
                reached = number * limit + len(ids)

                def on(done: int, reached: int = reached) -> None:
                    said(min(reached + done, count * limit), count * limit)

                row = torch.tensor([again], dtype=torch.int64, device=device)
                left = bars - self.tokeniser.bars_in(ids)
                mine = draws[number : number + 1, len(ids) :]
                new = self._write(row, mine, self.wish_for(request, left, room, row), on)
                ids = ids + new.tokens[0, : new.lengths[0]].tolist()
            found.append(ids)
        return found

    def _write(
        self, rows: Tensor, draws: Tensor, wish: Wish, said: Callable[[int], None]
    ) -> Written:
        with self.compute.precision():
            return write_on(
                self.writer,  # type: ignore[arg-type]
                rows,
                draws[:, : wish.length],
                wish,
                lambda _tokens, done: said(done),
            )

    def _is_fresh(self, begin: Sequence[int] | Tensor) -> bool:
        """Tell whether a row has its controls alone, so that END would say that a piece begins."""
        return len(begin) == self.tokeniser.controls_of.length

    def _over(self, begin: Sequence[int], ids: Sequence[int], bars: int) -> bool:
        ends = ids[1:] if self._is_fresh(begin) else ids
        return (bool(ends) and ends[-1] == END) or self.tokeniser.bars_in(ids) > bars

    def _read_again(self, begin: Sequence[int], ids: Sequence[int], bars: int) -> list[int]:
        """Return the end of a row from a bar on, behind controls that say what is left."""
        controls = self.tokeniser.controls_of
        head, given = list(begin[: controls.length]), list(begin[controls.length :])
        music = [*given, *ids]
        kept = max(1, round(_KEPT * self.context) - len(head))
        start = max(0, len(music) - kept)
        begins = (at for at in range(start, len(music)) if self.tokeniser.is_bar(music[at]))
        start = next(begins, start)
        traits = controls.traits(head)
        if traits.bars is not None:
            total = self.tokeniser.bars_in(given) + bars
            left = max(1, total - self.tokeniser.bars_in(music[:start]))
            head = controls.ids(traits._replace(bars=left)).tolist()
        return head + music[start:]
