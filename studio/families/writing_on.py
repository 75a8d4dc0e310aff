"""Writing on: one token after the other, many rows at once, each from its own random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from studio.families.layers.choosing import Manner, choose

#: Tokens that might have been written instead, for each that was.
OTHERS = 5
#: The last tokens in which repetition counts.
_LOOKED_BACK = 256
_FEW_ROWS = 8
_ASKED = 8  # tokens between two looks whether all rows have ended


class State(Protocol):
    """What a network keeps of the tokens that it has read."""

    length: int


class Network(Protocol):
    """A network that says what may follow each token, and remembers what it read."""

    #: Tokens that it can look back over; 0 for any number.
    context: int

    def __call__(self, tokens: Tensor, cache: Any = None, *, skip: int = 0) -> Tensor:
        """Return the scores (B, T − skip, V) of what follows each token but the first `skip`."""
        ...

    def empty_cache(self, rows: int) -> Any:
        """Return the state before anything is read."""
        ...


@dataclass
class Written:
    """What was written.

    Attributes:
        tokens: (N, L) the tokens that were written.
        lengths: How many of them count, for each row.
        chances: (N, L) how likely each token was, where that was asked for.
        others: (N, L, OTHERS) what might have stood there, the likeliest first.
        other_chances: (N, L, OTHERS).
    """

    tokens: Tensor
    lengths: list[int]
    chances: Tensor | None = None
    others: Tensor | None = None
    other_chances: Tensor | None = None


@dataclass(frozen=True)
class Wish:
    """How rows are to be written on.

    Attributes:
        manner: How tokens are chosen.
        length: Tokens that are written at most.
        forbidden: (V,) bool, tokens that are never written; None for none.
        allowed: Told (N,) the newest tokens, says (N, V) bool which may follow; None for all.
        ended: Told (N,) the newest tokens, says (N,) bool which rows have ended with them.
        head: Tokens at the beginning of a row that stay when it outgrows the context.
        detailed: Whether to say how likely each token was, and what else there was.
    """

    manner: Manner
    length: int
    forbidden: Tensor | None = None
    allowed: Callable[[Tensor], Tensor] | None = None
    ended: Callable[[Tensor], Tensor] | None = None
    head: int = 0
    detailed: bool = False


@torch.inference_mode()
def write_on(
    network: Network,
    begin: Tensor,
    draws: Tensor,
    wish: Wish,
    said: Callable[[Tensor, int], None],
) -> Written:
    """Write rows on until all have ended or are long enough.

    What the network worked out for earlier tokens is kept, so that each new one costs the same.
    A row that outgrows the context is read again from the last half of it.

    Args:
        begin: (N, T) tokens to begin with, one at least.
        draws: (N, wish.length) uniform in 0 … 1, one for each token.
        said: Called with the (N, wish.length) tokens and how many are written, after each.
    """
    with _threads_for(begin):
        return _write_on(network, begin, draws, wish, said)


def _write_on(
    network: Network,
    begin: Tensor,
    draws: Tensor,
    wish: Wish,
    said: Callable[[Tensor, int], None],
) -> Written:
    count, device = len(begin), begin.device
    row = torch.cat([begin, begin.new_zeros(count, wish.length)], dim=1)
    start = begin.shape[1]
    lengths = torch.full((count,), -1, device=device)
    details: list[tuple[Tensor, Tensor, Tensor]] = []
    cache, unread = _begun(network, row[:, :start], wish.head)
    done = 0
    for place in range(wish.length):
        scores = network(unread, cache, skip=unread.shape[1] - 1)[:, 0].float()  # (N, V)
        raw = scores
        if wish.forbidden is not None:
            scores = scores.masked_fill(wish.forbidden, -torch.inf)
        if wish.allowed is not None:
            scores = scores.masked_fill(~wish.allowed(row[:, start + place - 1]), -torch.inf)
        seen = row[:, max(0, start + place - _LOOKED_BACK) : start + place]
        token = choose(scores, draws[:, place], wish.manner, seen)
        row[:, start + place] = token
        if wish.detailed:
            details.append(_detail(raw, token))
        done = place + 1
        if wish.ended is not None:
            over = wish.ended(token) & (lengths < 0)
            lengths = torch.where(over, done, lengths)
        said(row[:, start:], done)
        # asking waits for the device, so not for every token
        if wish.ended is not None and done % _ASKED == 0 and bool((lengths >= 0).all()):
            break
        unread = token[:, None]
        if network.context and cache.length >= network.context:
            cache, unread = _begun(network, row[:, : start + done], wish.head)
    lengths = torch.where(lengths < 0, done, lengths)
    written = Written(row[:, start : start + done], lengths.tolist())
    if details:
        parts = [torch.stack(part, dim=1) for part in zip(*details, strict=True)]
        written.chances, written.others, written.other_chances = parts
    return written


@contextmanager
def _threads_for(rows: Tensor) -> Iterator[None]:
    """Write few rows with one thread: sharing out such small products costs more than it saves."""
    before = torch.get_num_threads()
    if rows.device.type == "cpu" and len(rows) <= _FEW_ROWS:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _begun(network: Network, row: Tensor, head: int) -> tuple[Any, Tensor]:
    """Return an empty state and the part of a row that fits into it with room to write."""
    context = network.context
    if context and row.shape[1] >= context:
        kept = context // 2
        row = torch.cat([row[:, :head], row[:, -(kept - min(head, kept - 1)) :]], dim=1)
    return network.empty_cache(len(row)), row


def _detail(scores: Tensor, token: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    chances = scores.softmax(1)
    best, which = chances.topk(min(OTHERS, chances.shape[1]), dim=1)
    return chances.gather(1, token[:, None])[:, 0], which, best
