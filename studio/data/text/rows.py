"""Rows of tokens: how texts and pairs become arrays of one shape, and what is seen of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from studio.data.text.files import PAIR
from studio.data.text.pairs import pairs_of
from studio.data.text.preparation import TextPreparation
from studio.data.text.split import part_of, without_leaks
from studio.data.text.tokenisers import Ids, Tokeniser

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Tokens that are seen at once where neither the user nor the model says.
USUAL_SIZE = 128

Rows = npt.NDArray[np.uint16]
Span = tuple[float, float]


def text_rows(
    text: str, preparation: TextPreparation, tokeniser: Tokeniser, span: Span, *, learned: bool
) -> Rows:
    """Return the rows (N, 2 · size + 1) of a part of a cleaned text.

    END stands before a text and behind it. Of a pair, which is never divided, ANSWER stands
    before the target.
    """
    parts: list[Rows] = []
    end, answer = (np.array([each], np.uint16) for each in (tokeniser.end, tokeniser.answer))
    source, mark, target = text.partition(PAIR)
    if mark and _holds(span, 0, 1):
        parts = [tokeniser.compact(source), answer, tokeniser.compact(target)]
        span = (0.0, 1.0)
    elif not mark:
        part = part_of(text, span)
        if learned and span[1] < 1:
            part = without_leaks(part, part_of(text, (span[1], 1.0)))
        parts = [tokeniser.compact(part)]
    if parts and span[0] == 0:
        parts.insert(0, end)
    if parts and span[1] == 1:
        parts.append(end)
    tokens = np.concatenate(parts) if parts else np.zeros(0, np.uint16)
    size = preparation.size or USUAL_SIZE
    return window_rows(tokens, size, tokeniser.pad, learned=learned)


def pair_rows(
    text: str, preparation: TextPreparation, tokeniser: Tokeniser, span: Span, *, learned: bool
) -> Rows:
    """Return the rows (N, 2, size) of the pairs in a part of a cleaned text.

    Source + END, target + END, filled with PAD. Of a source that is too long the beginning is
    kept; of what was said before an answer the end.
    """
    size = preparation.size or USUAL_SIZE
    found = pairs_of(text, preparation.pairs)
    count = len(found.pairs)
    chosen = [pair for at, pair in enumerate(found.pairs) if _holds(span, at, count)]
    rows = np.full((len(chosen), 2, size), tokeniser.pad, np.uint16)
    for row, (source, target) in zip(rows, chosen, strict=True):
        before = tokeniser.encode(source)
        before = before[-(size - 1) :] if found.turns else before[: size - 1]
        for place, tokens in enumerate((before, tokeniser.encode(target)[: size - 1])):
            row[place, : len(tokens)] = tokens
            row[place, len(tokens)] = tokeniser.end
    return rows


def _holds(span: Span, place: int, count: int) -> bool:
    """Tell whether the middle of one of several parts lies in a span."""
    return span[0] <= (place + 0.5) / count < span[1]


def window_rows(tokens: Ids | Rows, size: int, pad: int, *, learned: bool) -> Rows:
    """Return a text's tokens (T,) as overlapping rows (N, 2 · size + 1) at stride `size`.

    The first size + 1 tokens of all rows together show each token once. Where they are learned
    from, crops of that length are taken anywhere in a row; a last row that the one before it
    holds wholly is left out then, since it is mostly filling.
    """
    count = len(tokens)
    if count < 2:  # nothing follows anything
        return np.full((0, 2 * size + 1), pad, np.uint16)
    rows = -(-(count - 1) // size)
    if learned and rows > 1 and count - (rows - 1) * size <= size + 1:
        rows -= 1
    padded = np.full((rows + 1) * size + 1, pad, np.uint16)
    part = tokens[: len(padded)]
    padded[: len(part)] = part
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * size + 1)
    return np.ascontiguousarray(windows[::size])


def crops(rows: torch.Tensor, *, random: bool) -> torch.Tensor:
    """Return size + 1 tokens of each row (N, 2 · size + 1), as int64 (N, size + 1).

    Args:
        random: Whether they are taken anywhere before the filling, else at the beginning.
    """
    import torch

    size = (rows.shape[1] - 1) // 2
    rows = rows.long()
    if not random:
        return rows[:, : size + 1]
    # what fills a row up is its last token over and over, whatever number that has
    different = rows != rows[:, -1:]
    places = torch.arange(1, rows.shape[1] + 1, device=rows.device)
    filled = (different * places).amax(1, keepdim=True) + 1
    starts = (filled - size).clamp_(min=1)
    # one draw per batch: a number below 2³¹ for each row, brought to what the row allows
    drawn = torch.randint(1 << 31, starts.shape, device=rows.device) % starts
    return rows.gather(1, drawn + torch.arange(size + 1, device=rows.device))


def row_text(row: npt.NDArray[Any], tokeniser: Tokeniser) -> str:
    """Return the text of a row of tokens; an answer begins on a line of its own."""
    ids = row.tolist()
    if tokeniser.answer == tokeniser.end or tokeniser.answer not in ids:
        return tokeniser.decode(ids)
    place = ids.index(tokeniser.answer)
    return f"{tokeniser.decode(ids[:place])}\n{tokeniser.decode(ids[place:])}"


def row_statistics(rows: npt.NDArray[Any], tokeniser: Tokeniser) -> dict[str, float]:
    """Return how much text a token stands for, on average over a sample of rows.

    Only what a model foresees counts: of pairs the targets. Tokens that end a text count too,
    since a model foresees them as well.
    """
    foreseen = rows[:, 1] if rows.ndim == 3 else rows
    kept = foreseen[foreseen != tokeniser.pad].astype(np.int64)
    count = max(1, len(kept))
    statistics = {
        "bytes_per_token": float(tokeniser.sizes[kept].sum()) / count,
        "characters_per_token": len(tokeniser.decode(kept.tolist())) / count,
        "tokens": float(len(kept)),
    }
    if rows.ndim == 3:
        # a row without filling was cut, or fits to the last token
        statistics["cut_share"] = float((rows[:, :, -1] != tokeniser.pad).any(1).mean())
    return statistics
