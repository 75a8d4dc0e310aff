"""Keeps edited pieces as new ones: written in a thread, entered while the engine rests."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.core.protocol import Severity
from studio.ui.context import Studio
from studio.ui.pages.generate_music_draft import Draft, Written, enter, write_draft
from studio.ui.side_work import side_work

_WAIT_MS = 200  # between two looks whether the engine rests


class Saver(QObject):
    """Writes drafts beside the files that they began as.

    Signals:
        saved: (Draft, id of the new asset, what is to be done with it then).
    """

    saved = Signal(object, int, str)

    def __init__(self, studio: Studio, parent: QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self._saving: dict[int, tuple[Draft, tuple[str, ...], str]] = {}
        self._written: list[tuple[Draft, tuple[str, ...], str, Written]] = []
        self._rest = QTimer(self)
        self._rest.setInterval(_WAIT_MS)
        self._rest.timeout.connect(self._enter_written)
        side_work().done.connect(self._on_written)

    def save(self, draft: Draft, *, then: str = "") -> None:
        """Write a draft with its edits as they are now; `then` comes back with `saved`."""
        if any(waiting is draft for waiting, *_rest in self._saving.values()):
            return
        state, folder = draft.state, self._studio.project.folder
        work = partial(write_draft, folder, draft.asset, state.table.music, state.edits)
        self._saving[side_work().ask(work)] = (draft, state.edits, then)

    @Slot(int, object)
    def _on_written(self, ticket: int, result: object) -> None:
        if ticket not in self._saving:
            return
        draft, edits, then = self._saving.pop(ticket)
        if isinstance(result, Written):
            self._written.append((draft, edits, then, result))
            self._enter_written()
        else:
            self._studio.notify(
                Severity.ERROR,
                self.tr("The piece was not saved"),
                str(result),
                self.tr("Look whether there is room on the disk, then save again."),
            )

    @Slot()
    def _enter_written(self) -> None:
        """Enter what was written into the library, once the engine writes no thumbnails."""
        if self._studio.maker.busy:
            self._rest.start()
            return
        self._rest.stop()
        waiting, self._written = self._written, []
        for draft, edits, then, written in waiting:
            title = self.tr("{title} · edited").format(title=draft.asset.title)
            new = enter(self._studio.project, draft.asset, written, title)
            draft.saved = edits
            self._studio.library_changed.emit("assets")
            self.saved.emit(draft, new, then)
            if not then:
                words = self.tr("{name} is in the gallery, beside the original.")
                self._studio.notify(
                    Severity.INFO,
                    self.tr("Saved as a new piece"),
                    words.format(name=written.path.name),
                )
