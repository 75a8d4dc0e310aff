"""Emptying the trash: asked for once, then files go to the system's own in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QThread, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.core.assets import AssetFilter
from studio.core.protocol import Severity
from studio.ui.context import Studio


class Emptied(NamedTuple):
    """What became of the trash: ids that are gone, and what the system said of the others."""

    gone: list[int]
    kept: dict[str, str]


class TrashThread(QThread):
    """Hands files to the system's trash one by one, then ends.

    Signals:
        emptied: Emptied.
    """

    emptied = Signal(object)

    def __init__(self, files: Sequence[tuple[int, Path]]) -> None:
        super().__init__()
        self.setObjectName("trash")
        self._files = list(files)

    def run(self) -> None:
        """Move the files; one that is gone already counts as moved."""
        # loaded here, since it looks for the system's trash when it is imported
        from send2trash import send2trash

        gone: list[int] = []
        kept: dict[str, str] = {}
        for asset, path in self._files:
            if self.isInterruptionRequested():
                break
            try:
                if path.exists():
                    send2trash(path)
            except OSError as error:
                kept[path.name] = error.strerror or str(error)
            else:
                gone.append(asset)
        self.emptied.emit(Emptied(gone, kept))


class TrashEmptier(QObject):
    """Empties a project's trash.

    Signals:
        changed: It began or ended.
    """

    changed = Signal()

    def __init__(self, studio: Studio, page: QWidget) -> None:
        super().__init__(page)
        self._studio = studio
        self._page = page
        self._thread: TrashThread | None = None
        studio.closing.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether files are being moved."""
        return self._thread is not None

    @Slot()
    def ask(self) -> None:
        """Ask, since this is the one thing that undo does not bring back."""
        count = self._studio.project.library.assets.count(AssetFilter(trashed=True))
        box = QMessageBox(self._page)
        box.setWindowTitle(self.tr("Empty the trash"))
        box.setText(self.tr("Remove {count} things for good?").format(count=f"{count:,}"))
        box.setInformativeText(
            self.tr(
                "Their files go to the trash of your system. Stars, tags and their place in the"
                " gallery are lost, and Undo does not bring them back."
            )
        )
        yes = box.addButton(self.tr("Empty the trash"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(lambda _checked: self.empty())
        box.finished.connect(box.deleteLater)
        box.open()

    def empty(self) -> None:
        """Move every file of the trash, without asking."""
        if self._thread is not None:
            return
        table = self._studio.project.library.assets
        folder = self._studio.project.folder
        rows = table.get(table.ids(AssetFilter(trashed=True)))
        self._thread = TrashThread([(asset.id, folder / asset.path) for asset in rows])
        self._thread.emptied.connect(self._on_emptied)
        self._thread.start()
        self.changed.emit()

    @Slot(object)
    def _on_emptied(self, emptied: Emptied) -> None:
        self._end()
        self._studio.project.library.assets.remove(emptied.gone)
        self._studio.library_changed.emit("assets")
        self.changed.emit()
        if emptied.kept:
            name, reason = next(iter(emptied.kept.items()))
            self._studio.notify(
                Severity.WARNING,
                self.tr("{count} files stay in the trash").format(count=f"{len(emptied.kept):,}"),
                f"{name}: {reason}",
                self.tr("Close programs that use them, or delete them in your file manager."),
            )

    @Slot()
    def _end(self) -> None:
        if self._thread is not None:
            thread, self._thread = self._thread, None
            thread.requestInterruption()
            thread.wait()
            thread.deleteLater()
