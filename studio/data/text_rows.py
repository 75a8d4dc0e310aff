"""Rows of tokens: how texts and pairs become arrays of one shape, and what is seen of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from studio.data.tokenisers import Ids, Tokeniser

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

Rows = npt.NDArray[np.uint16]


def window_rows(tokens: Ids, size: int, pad: int, *, learned: bool) -> Rows:
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


def pair_rows(
    pairs: list[tuple[Ids, Ids]], size: int, tokeniser: Tokeniser, *, newest: bool
) -> Rows:
    """Return pairs of tokens as rows (N, 2, size): source + END, target + END, filled with PAD.

    Args:
        newest: Whether of a source that is too long the end is kept, as of a dialogue, instead of
            the beginning.
    """
    rows = np.full((len(pairs), 2, size), tokeniser.pad, np.uint16)
    for row, (source, target) in zip(rows, pairs, strict=True):
        fitting = source[-(size - 1) :] if newest else source[: size - 1]
        for place, tokens in enumerate((fitting, target[: size - 1])):
            row[place, : len(tokens)] = tokens
            row[place, len(tokens)] = tokeniser.end
    return rows


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
