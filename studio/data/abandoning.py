"""Letting go of one long file: what reads for seconds asks now and then whether anybody waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_STOPPED: ContextVar[Event | None] = ContextVar("stopped", default=None)


class Abandoned(Exception):  # noqa: N818 - the normal end of what nobody waits for any more
    """Nobody waits for what is being read."""


@contextmanager
def abandoned_by(stopped: Event) -> Iterator[None]:
    """Let `still_wanted` raise in this thread from when the event is set."""
    token = _STOPPED.set(stopped)
    try:
        yield
    finally:
        _STOPPED.reset(token)


def still_wanted() -> None:
    """Raise Abandoned when nobody waits any more; cheap enough for every frame."""
    stopped = _STOPPED.get()
    if stopped is not None and stopped.is_set():
        raise Abandoned
