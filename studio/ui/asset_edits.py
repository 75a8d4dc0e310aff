"""Edits of assets as undo commands: stars, tags, and the trash."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from studio.ui.context import Studio


class _EditAssets(QUndoCommand):
    """Sets values of assets and, undone, what they were before."""

    def __init__(
        self,
        text: str,
        studio: Studio,
        write: Callable[[dict[int, Any]], dict[int, Any]],
        values: Mapping[int, Any],
        what: str,
    ) -> None:
        """Make the command; pushing it does it.

        Args:
            write: Stores values by asset and returns those from before.
            what: What `Studio.library_changed` is told.
        """
        super().__init__(text)
        self._studio = studio
        self._what = what
        self._write = write
        self._values = dict(values)
        self._before: dict[int, Any] = {}

    def redo(self) -> None:
        """Set the new values."""
        self._before = self._write(self._values)
        self._studio.library_changed.emit(self._what)

    def undo(self) -> None:
        """Set the values from before."""
        self._write(self._before)
        self._studio.library_changed.emit(self._what)


def rate(studio: Studio, ids: Sequence[int], stars: int) -> None:
    """Give assets 0 to 5 stars."""
    text = _tr("rating")
    table = studio.project.library.assets
    _push(studio, text, table.set_ratings, dict.fromkeys(ids, stars), "marks")


def tag(studio: Studio, ids: Sequence[int], *, add: str = "", remove: str = "") -> None:
    """Give assets a tag, or take one away."""
    table = studio.project.library.assets
    values: dict[int, tuple[str, ...]] = {}
    for asset in table.get(ids):
        words = [word for word in asset.tags if word not in (add, remove)]
        values[asset.id] = tuple(sorted([*words, add] if add else words))
    _push(studio, _tr("tags"), table.set_tags, values, "marks")


def trash(studio: Studio, ids: Sequence[int]) -> None:
    """Move assets to the trash."""
    table = studio.project.library.assets
    text = _tr("deleting")
    _push(studio, text, table.set_trashed, dict.fromkeys(ids, time.time()), "assets")


def restore(studio: Studio, ids: Sequence[int]) -> None:
    """Bring assets back from the trash."""
    table = studio.project.library.assets
    text = _tr("restoring")
    _push(studio, text, table.set_trashed, dict.fromkeys(ids), "assets")


def _push(
    studio: Studio,
    text: str,
    write: Callable[[dict[int, Any]], dict[int, Any]],
    values: Mapping[int, Any],
    what: str,
) -> None:
    if values:
        studio.undo.push(_EditAssets(text, studio, write, values, what))


def _tr(text: str) -> str:
    return QCoreApplication.translate("asset_edits", text)
