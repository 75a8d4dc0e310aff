"""The texts of prepared data again: what a model learned from, or was kept from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.data.store import PreparedData
from studio.data.text.tokenisers import Tokeniser, tokeniser_of

_RUN = 64  # rows that are kept together where not all are wanted


def texts_of(
    data: PreparedData, places: npt.NDArray[np.int64], characters: int = 0
) -> Iterator[str]:
    """Yield the texts that stand in rows of prepared data, whole as far as their rows are there.

    Args:
        places: Rows, in order.
        characters: About how many characters are wanted of many texts; 0 for all.
    """
    tokeniser = tokeniser_of(data.spec.resources)
    rows = _some(places, _rows_for(data, characters))
    if data.items.ndim == 3:
        for source, target in data.items[rows]:
            yield tokeniser.decode(source.tolist())
            yield tokeniser.decode(target.tolist())
        return
    for line in _lines(data.items, rows):
        yield from _texts(line, tokeniser)


def pairs_of(data: PreparedData, places: npt.NDArray[np.int64]) -> tuple[list[str], list[str]]:
    """Return (sources, targets) of rows that hold a pair each."""
    tokeniser = tokeniser_of(data.spec.resources)
    rows = data.items[places]
    sources, targets = ([tokeniser.decode(row) for row in rows[:, k].tolist()] for k in (0, 1))
    return sources, targets


def _texts(line: npt.NDArray[Any], tokeniser: Tokeniser) -> Iterator[str]:
    """Yield the texts of a line of tokens, which the end of a text parts."""
    for part in np.split(line, np.flatnonzero(line == tokeniser.end)):
        text = tokeniser.decode(part.tolist())
        if text:
            yield text


def _lines(items: npt.NDArray[Any], places: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[Any]]:
    """Yield tokens in a row as long as they go: a row's second half is the next one's first.

    Args:
        items: (N, 2 · size + 1) rows, `size` tokens from one to the next of the same text.
    """
    size = (items.shape[1] - 1) // 2
    held: list[npt.NDArray[Any]] = []
    tail = np.zeros(0, items.dtype)  # of the row before, that is not in the line yet
    for place in places:
        row = np.asarray(items[place])
        if held and not np.array_equal(tail, row[: size + 1]):
            yield np.concatenate([*held, tail])
            held = []
        held.append(row[:size])
        tail = row[size:]
    if held:
        yield np.concatenate([*held, tail])


def _rows_for(data: PreparedData, characters: int) -> int:
    """Return about how many rows hold so many characters; 0 for all."""
    if not characters:
        return 0
    each = data.spec.statistics.get("characters_per_token", 1.0)
    return max(1, round(characters / (max(each, 0.1) * data.spec.shape[-1])))


def _some(places: npt.NDArray[np.int64], wanted: int) -> npt.NDArray[np.int64]:
    """Return about so many of the places, always the same ones, in runs that belong together."""
    if not wanted or len(places) <= wanted:
        return places
    runs = np.array_split(places, max(1, len(places) // _RUN))
    count = min(len(runs), max(1, wanted // _RUN))
    chosen: Sequence[int] = np.sort(
        np.random.default_rng(0).choice(len(runs), count, replace=False)
    ).tolist()
    return np.concatenate([runs[place] for place in chosen])
