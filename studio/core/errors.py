"""Errors that a user can act on."""

from __future__ import annotations


class StudioError(Exception):
    """Something the user can put right.

    Attributes:
        title: What happened, in a few words.
        hint: What to do about it, one sentence.
    """

    def __init__(self, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(message or title)
        self.title = title
        self.message = message or title
        self.hint = hint


class StopRequested(Exception):  # noqa: N818 - not an error: the user's wish, raised at a gate
    """Raised by `control.gate()` when the running job is to end.

    Attributes:
        save: Whether the job keeps what it has (stop) or drops it (cancel).
    """

    def __init__(self, save: bool = True) -> None:
        super().__init__("stop requested")
        self.save = save
