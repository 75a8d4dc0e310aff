"""The pieces of the Generate page by their asset: read when they are wanted, kept while edited."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from studio.core.assets import Asset
from studio.core.project import Project
from studio.ui.pages.generate_music_draft import Draft
from studio.ui.side_work import side_work
from studio.ui.views.music_facts import PieceFacts, facts_of
from studio.ui.views.music_notes import NoteTable
from studio.ui.views.music_reading import MusicFile, read_file

_KEPT = 128  # pieces that are kept though nobody changed them


class Shelf(QObject):
    """Drafts by the id of their asset.

    Signals:
        loaded: The Draft of this asset can be had now.
        failed: (asset id, why) its file cannot be read.
        measured: (asset id, PieceFacts) of the notes as they are now.
    """

    loaded = Signal(int)
    failed = Signal(int, str)
    measured = Signal(int, object)

    def __init__(self, project: Project, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = project.folder
        self._drafts: OrderedDict[int, Draft] = OrderedDict()
        self._reading: dict[int, tuple[Asset, str]] = {}  # by ticket
        self._measuring: dict[int, tuple[int, NoteTable]] = {}
        self._broken: set[int] = set()
        side_work().done.connect(self._on_done)

    def get(self, asset_id: int) -> Draft | None:
        """Return a draft that is there."""
        return self._drafts.get(asset_id)

    def want(self, asset: Asset, title: str) -> Draft | None:
        """Return the draft of an asset; when it is not read yet, that begins now."""
        draft = self._drafts.get(asset.id)
        if draft is not None:
            self._drafts.move_to_end(asset.id)
        elif asset.id not in self._broken and all(
            asset.id != waiting.id for waiting, _title in self._reading.values()
        ):
            ticket = side_work().ask(partial(read_file, self._folder / asset.path))
            self._reading[ticket] = (asset, title)
        return draft

    def measure(self, draft: Draft) -> None:
        """Measure a draft's notes in the background; `measured` tells the result."""
        table = draft.state.table
        ticket = side_work().ask(partial(facts_of, table))
        self._measuring[ticket] = (draft.asset.id, table)

    @Slot(int, object)
    def _on_done(self, ticket: int, result: object) -> None:
        if ticket in self._reading:
            asset, title = self._reading.pop(ticket)
            self._take(asset, title, result)
        elif ticket in self._measuring:
            asset_id, table = self._measuring.pop(ticket)
            draft = self._drafts.get(asset_id)
            if isinstance(result, PieceFacts) and draft and draft.state.table is table:
                self.measured.emit(asset_id, result)

    def _take(self, asset: Asset, title: str, result: object) -> None:
        if not isinstance(result, MusicFile) or result.problem:
            self._broken.add(asset.id)
            why = result.problem if isinstance(result, MusicFile) else str(result)
            self.failed.emit(asset.id, why)
            return
        self._drafts[asset.id] = Draft(asset, title, result.table)
        for old, draft in list(self._drafts.items()):
            if len(self._drafts) <= _KEPT:
                break
            if not draft.state.edits and old != asset.id:
                del self._drafts[old]
        self.loaded.emit(asset.id)
