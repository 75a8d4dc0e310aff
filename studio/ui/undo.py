"""The one undo command that fits every edit which hands back what was there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand


class Swap(QUndoCommand):
    """Puts a value in and takes the one before it out; undoing swaps them back.

    That is how the library's edits work: each returns what was there.
    """

    def __init__(self, text: str, swap: Callable[[Any], Any], value: Any) -> None:
        """Make the command; pushing it on the stack does it.

        Args:
            text: What it does, as it follows the word Undo: "labelling 12 pictures".
            swap: Stores a value and returns the one before.
        """
        super().__init__(text)
        self._swap, self._other = swap, value

    def redo(self) -> None:
        """Put the new value in."""
        self._other = self._swap(self._other)

    def undo(self) -> None:
        """Put the old value back."""
        self._other = self._swap(self._other)
