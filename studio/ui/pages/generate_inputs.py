"""The place on the Generate page where own files are dropped, with their thumbnails."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QIcon,
    QImageReader,
    QKeySequence,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
)

from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.icons import icon
from studio.ui.model_files import dropped_files
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.labels import label, set_property

_THUMB = 44
_IN_A_ROW = 3
_FILE = Qt.ItemDataRole.UserRole


class InputDrop(QFrame):
    """Own files that a task starts from, in their order.

    Signals:
        changed: There are others than before.
    """

    changed = Signal()

    def __init__(self) -> None:
        """Make an empty place; `set_modality` says what can be dropped there."""
        super().__init__()
        self._suffixes: tuple[str, ...] = ()
        self._kind = ""
        self.setProperty("role", "inner")
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Your files"))
        self._hint = label("", "muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Your files"))
        self._list.setViewMode(QListView.ViewMode.IconMode)
        self._list.setIconSize(QSize(_THUMB, _THUMB))
        self._list.setGridSize(QSize(_THUMB + 6, _THUMB + 6))
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setMovement(QListView.Movement.Static)
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        remove = QShortcut(QKeySequence.StandardKey.Delete, self._list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self._remove_chosen)
        self._clear = QuietButton(self.tr("Clear"), self.clear)
        row = QHBoxLayout()
        row.addWidget(Button(self.tr("Choose…"), self._browse))
        row.addStretch(1)
        row.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._hint)
        column.addWidget(self._list)
        column.addLayout(row)
        self._show()

    def set_modality(self, modality: Modality, suffixes: Iterable[str]) -> None:
        """Take files of another kind; those of the kind before are let go.

        Args:
            suffixes: Endings of the files that can be taken, lower case with the dot.
        """
        self._kind = nouns.kind(modality)
        self._suffixes = tuple(suffixes)
        words = self.tr("Drop your {items} here")
        self._hint.setText(words.format(items=nouns.many(modality)))
        if not all(self.takes(Path(file)) for file in self.files()):
            self.clear()

    def files(self) -> list[str]:
        """Return the files, in order."""
        return [self._list.item(row).data(_FILE) for row in range(self._list.count())]

    def takes(self, path: Path) -> bool:
        """Tell whether a file is of a kind that can be used."""
        return path.suffix.lower() in self._suffixes

    def add(self, paths: Iterable[Path]) -> None:
        """Add files of a kind that can be used, each once; others are left out."""
        known = set(self.files())
        for path in paths:
            if self.takes(path) and str(path) not in known:
                known.add(str(path))
                item = QListWidgetItem(_thumbnail(path), "")
                item.setToolTip(path.name)
                item.setData(_FILE, str(path))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, path.name)
                self._list.addItem(item)
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Take all away."""
        self._list.clear()
        self._show()
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say whether something can be dropped."""
        if any(self.takes(path) for path in dropped_files(event.mimeData())):
            set_property(self, "chosen", True)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on accepting."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Look as before."""
        set_property(self, "chosen", False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        set_property(self, "chosen", False)
        self.add(dropped_files(event.mimeData()))
        event.acceptProposedAction()

    @Slot()
    def _browse(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in self._suffixes)
        names, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Your files"), "", f"{self._kind} ({endings})"
        )
        if names:
            self.add(map(Path, names))

    @Slot()
    def _remove_chosen(self) -> None:
        for item in self._list.selectedItems():
            self._list.takeItem(self._list.row(item))
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        some = self._list.count() > 0
        rows = 1 if self._list.count() <= _IN_A_ROW else 2
        self._list.setFixedHeight(rows * (_THUMB + 6) + 4)
        self._list.setVisible(some)
        self._clear.setVisible(some)
        self._hint.setVisible(not some)


def _thumbnail(path: Path) -> QIcon:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(
            size.scaled(_THUMB * 2, _THUMB * 2, Qt.AspectRatioMode.KeepAspectRatio)
        )
    picture = QPixmap.fromImageReader(reader)
    return QIcon(picture) if not picture.isNull() else icon("file", "muted")
