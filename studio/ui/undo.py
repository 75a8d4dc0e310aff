"""The one undo command that fits every edit which hands back what was there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand


class Swap(QUndoCommand):
    """Puts a value in and takes the one before it out; undoing swaps them back.

    That is how the library's edits work: each returns what was there.
    """

    def __init__(
        self, text: str, swap: Callable[[Any], Any], value: Any, *, merge: int = -1
    ) -> None:
        """Make the command; pushing it on the stack does it.

        Args:
            text: What it does, as it follows the word Undo: "labelling 12 pictures".
            swap: Stores a value and returns the one before.
            merge: Edits in a row with the same number are undone together; -1 stands alone.
        """
        super().__init__(text)
        self._swap, self._other, self._merge = swap, value, merge

    def id(self) -> int:
        """Return the number under which edits in a row become one."""
        return self._merge

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Become one with an edit that followed: undoing goes back to before this one."""
        return other.id() == self._merge

    def redo(self) -> None:
        """Put the new value in."""
        self._other = self._swap(self._other)

    def undo(self) -> None:
        """Put the old value back."""
        self._other = self._swap(self._other)
