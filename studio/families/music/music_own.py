"""What models that write music do with the user's own pieces: go on with them, or vary them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.core.errors import StudioError
from studio.core.media import Media, Music
from studio.data.music.timing import seconds_at
from studio.data.music.tokens import END, PAD
from studio.families.base import SampleRequest, Tick
from studio.families.music.pieces import continued

if TYPE_CHECKING:
    from studio.families.music.music_writer import MusicWriter

_READ = 0.5  # of the context at most is the piece that is gone on with


def continued_pieces(
    writer: MusicWriter[Any], request: SampleRequest, tick: Tick
) -> Iterator[Media]:
    """Yield each of the user's pieces with more bars behind it.

    The fact `new_from` is the second at which they begin, `new_from_tick` the tick.
    """
    total = len(request.media)
    # the same piece is read once for all its seeds
    for _piece, group in groupby(range(total), key=lambda place: id(request.media[place])):
        places = list(group)
        given = request.media[places[0]]
        if not isinstance(given, Music):
            raise TypeError(f"a piece of music is wanted, not {type(given).__name__}")
        begin, kept = _read(writer, request, given)
        seeds = [request.seeds[place] for place in places]
        bars = writer.settings(request).bars
        # the first new bar stands at the end of `begin` already, where bars have tokens
        more = bars - 1 if writer.tokeniser.notation.metrical else bars

        def said(done: int, of: int, places: Sequence[int] = tuple(places)) -> None:
            tick(places[0] + len(places) * done // of, total)

        rows = writer.rows(request, begin, seeds, more, said)
        for place, ids in zip(places, rows, strict=True):
            piece, start = continued(given, writer.music([*begin, *ids]), kept, bars)
            facts = {
                "input": place,
                "seed": request.seeds[place],
                "new_from": round(float(seconds_at(piece, start)), 3),
                "new_from_tick": start,
                "token_errors": writer.errors([*begin, *ids]),
            }
            yield Music(piece.tracks, piece.ticks, piece.tempos, piece.signatures, facts=facts)
            tick(place + 1, total)


def _read(writer: MusicWriter[Any], request: SampleRequest, given: Music) -> tuple[list[int], int]:
    """Return the row that leads on from a piece, and how many of its last bars are in it."""
    tokeniser, wished = writer.tokeniser, writer.settings(request)
    bars = tokeniser.notation.encode(given)
    if not bars:
        raise StudioError(
            "There is nothing to go on with",
            "The piece has no notes that this model can read.",
            "Choose a piece with notes in the range of the music that the model learned from.",
        )
    lengths = [len(tokeniser.bar(bar.ids)) for bar in bars]
    room = _READ * writer.context - tokeniser.controls_of.length
    kept = 1
    while kept < len(bars) and sum(lengths[-kept - 1 :]) <= room:
        kept += 1
    last = bars[-kept:]
    traits = tokeniser.traits(given, bars)._replace(bars=kept + wished.bars, metre=last[-1].metre)
    if wished.degree is not None:
        traits = traits._replace(density=wished.degree)
    row = tokeniser.controls_of.ids(traits).tolist()
    row += [END] if kept == len(bars) else []
    music = tokeniser.joined(last)
    row += tokeniser.opening(last[0], music)
    row += music.tolist()
    if tokeniser.notation.metrical:
        row.append(_bar_token(writer))
    return row, kept


def _bar_token(writer: MusicWriter[Any]) -> int:
    """Return the token that begins a bar and says nothing else."""
    return int(np.flatnonzero(writer.tables.bars.cpu().numpy())[0])


# ------------------------------------------------------------------------------------- variations


def varied_pieces(writer: MusicWriter[Any], request: SampleRequest, tick: Tick) -> Iterator[Media]:
    """Yield each of the user's pieces with some of its bars written anew.

    As many as the variety says, evenly spread: at 1 every other bar. Each is written from all bars
    before it, old and new. The fact `rewritten` numbers these bars from 1 on.

    Raises:
        StudioError: The model's notation knows no bars.
    """
    if not writer.tokeniser.notation.metrical:
        raise StudioError(
            "This model cannot vary pieces",
            "It learned from times instead of bars, and varying writes some bars anew.",
            "Train a model with the notation *Bars and places*.",
        )
    rows = request.inputs
    if rows is None or not len(rows):
        raise StudioError(
            "Nothing to start from",
            "This task starts from your own files and none were given.",
            "Drop one or more files on the Make panel.",
        )
    total = len(rows)
    for place, row in enumerate(rows):

        def said(done: int, of: int, place: int = place) -> None:
            tick(place * of + done, total * of)

        ids = [int(each) for each in row if each != PAD]
        seed = request.seeds[place]
        yield _varied(writer, request, ids, seed, said, place)


def _varied(
    writer: MusicWriter[Any],
    request: SampleRequest,
    ids: list[int],
    seed: int,
    said: Tick,
    place: int,
) -> Music:
    size = writer.tokeniser.controls_of.length
    begins = [at for at, each in enumerate(ids) if writer.tokeniser.is_bar(each)]
    row = ids[: begins[0]] if begins else list(ids)
    ends = [*begins[1:], len(ids)]
    chosen = _spread(len(begins), request.variety / 2)
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        bar = ids[begin:end]
        if number in chosen:
            bar = _new_bar(writer, request, row, bar, seed + number * 7919)
        row += bar
        said(number + 1, len(begins))
    music = writer.music(row)
    facts = {
        "input": place,
        "seed": seed,
        "rewritten": [number + 1 for number in chosen],
        "token_errors": writer.errors(row[size:]),
    }
    return Music(music.tracks, music.ticks, music.tempos, music.signatures, facts=facts)


def _spread(bars: int, share: float) -> list[int]:
    """Return a share of so many bars, evenly spread, the first one only when all are meant.

    Bjorklund's idea by Bresenham's line: bar i where ⌊(i + 1) s⌋ > ⌊i s⌋.
    """
    share = min(1.0, max(0.0, share))
    return [bar for bar in range(bars) if int((bar + 1) * share) > int(bar * share)]


def _new_bar(
    writer: MusicWriter[Any], request: SampleRequest, before: list[int], bar: list[int], seed: int
) -> list[int]:
    """Return another bar of the same metre in the place of one."""
    names = [writer.tokeniser.name(each) for each in bar]
    opening = 1 + int(len(bar) > 1 and names[1].startswith("TimeSig"))
    begin = [*before, *bar[:opening]]
    (written,) = writer.rows(request, begin, [seed], 0, lambda _done, _of: None)
    # what ends the bar belongs to the next one
    if written and (written[-1] == END or writer.tokeniser.is_bar(written[-1])):
        written = written[:-1]
    ending = [END] if bar[-1] == END else []
    return [*bar[:opening], *written, *ending]
