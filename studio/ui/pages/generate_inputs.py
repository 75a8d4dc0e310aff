"""The place on the Generate page where own files are dropped, with their thumbnails."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QIcon,
    QImage,
    QImageReader,
    QKeySequence,
    QPainter,
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

from studio.core.files import files_in
from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.dialogs.mask_painter import MaskPainter
from studio.ui.films.small import read_small
from studio.ui.icons import icon
from studio.ui.model_files import dropped_files
from studio.ui.side_work import side_work, slow_work
from studio.ui.views.mask_canvas import veil
from studio.ui.views.sound_small import SmallWave, draw_wave
from studio.ui.views.sound_small import read_small as read_wave
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.labels import label, set_property

_THUMB = 44
_THUMBS = 60
_IN_A_ROW = 3
_FILE = Qt.ItemDataRole.UserRole
_MASK = Qt.ItemDataRole.UserRole + 1


class InputDrop(QFrame):
    """Own files that a task starts from, in their order, with masks where the task wants them.

    Signals:
        changed: There are others than before.
    """

    changed = Signal()

    def __init__(self, masks: Path) -> None:
        """Make an empty place; `set_modality` says what can be dropped there.

        Args:
            masks: Folder for the masks that are painted.
        """
        super().__init__()
        self._masks_folder = masks
        self._masked = False
        self._suffixes: tuple[str, ...] = ()
        self._kind = ""
        self._modality = Modality.IMAGE
        self._stills: frozenset[str] = frozenset()
        self._reading: dict[int, str] = {}  # files of which a picture is made, by ticket
        side_work().done.connect(self._on_small)
        slow_work().done.connect(self._on_small)
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
        self._list.itemDoubleClicked.connect(self._paint)
        self._clear = QuietButton(self.tr("Clear"), self.clear)
        self._brush = Button(self.tr("Paint…"), self._paint, icon="brush")
        self._brush.setToolTip(self.tr("Paint over what is to be made anew (mask)"))
        row = QHBoxLayout()
        row.addWidget(Button(self.tr("Choose…"), self._browse))
        row.addWidget(self._brush)
        row.addStretch(1)
        row.addWidget(self._clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._hint)
        column.addWidget(self._list)
        column.addLayout(row)
        self._show()

    @property
    def takes_stills(self) -> bool:
        """Whether a picture serves as well as a clip."""
        return not self._stills.isdisjoint(self._suffixes)

    def set_modality(
        self, modality: Modality, suffixes: Iterable[str], stills: Iterable[str] = ()
    ) -> None:
        """Take files of another kind; those that are none of them are let go.

        Args:
            suffixes: Endings of the files that can be taken, lower case with the dot.
            stills: Endings of pictures that stand for a clip, where they are among those.
        """
        self._kind = nouns.kind(modality)
        self._modality = modality
        self._suffixes, self._stills = tuple(suffixes), frozenset(stills)
        words = self.tr("Drop your {items} here")
        if self.takes_stills:
            words = self.tr("Drop your {items} here, or a picture to begin with")
        self._hint.setText(words.format(items=nouns.many(modality)))
        if not all(self.takes(Path(file)) for file in self.files()):
            self.clear()

    def set_masked(self, masked: bool) -> None:
        """Ask for a mask on each file, or do not."""
        self._masked = masked
        self._show()

    def files(self) -> list[str]:
        """Return the files, in order."""
        return [item.data(_FILE) for item in self._items()]

    def masks(self) -> list[str]:
        """Return the mask of each file, in order; empty when none is wanted or one is missing."""
        masks = [item.data(_MASK) or "" for item in self._items()]
        return masks if self._masked and all(masks) else []

    def lacks_mask(self) -> bool:
        """Tell whether a file still needs its mask."""
        return self._masked and not all(item.data(_MASK) for item in self._items())

    def show_files(self, files: Sequence[str], masks: Sequence[str]) -> None:
        """Show these files with their masks, as far as they are there."""
        self.clear()
        self.add(path for path in map(Path, files) if path.exists())
        for file, mask in zip(files, masks, strict=False):
            if Path(mask).exists():
                self.set_mask(file, Path(mask))

    def set_mask(self, file: str, mask: Path) -> None:
        """Give a file its mask."""
        for item in self._items():
            if item.data(_FILE) == file:
                item.setData(_MASK, str(mask))
                item.setIcon(_thumbnail(Path(file), mask))
                words = self.tr("{name}, painted")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, words.format(name=Path(file).name))
        self.changed.emit()

    def takes(self, path: Path) -> bool:
        """Tell whether a file is of a kind that can be used; a folder may hold some."""
        return path.is_dir() or path.suffix.lower() in self._suffixes

    def add(self, paths: Iterable[Path]) -> None:
        """Add files of a kind that can be used, each once, those in folders too; leave others."""
        known = set(self.files())
        for path in files_in(paths, self._suffixes):
            if str(path) not in known:
                known.add(str(path))
                # decoding takes time: the first ones stand for a whole folder
                few = self._list.count() < _THUMBS
                picture = icon("file", "muted")
                if few and path.suffix.lower() in self._stills:
                    picture = _thumbnail(path)
                elif few and self._modality is Modality.VIDEO:
                    self._reading[side_work().ask(partial(first_frame, path))] = str(path)
                elif few and self._modality is Modality.AUDIO:
                    self._reading[slow_work().ask(partial(read_wave, path))] = str(path)
                elif few:
                    picture = _thumbnail(path)
                item = QListWidgetItem(picture, "")
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
    def _paint(self) -> None:
        """Open the painter for the chosen file, else for the first one that has no mask."""
        if not self._masked or not self._list.count():
            return
        chosen = [item for item in self._list.selectedItems() if item is not None]
        bare = [item for item in self._items() if not item.data(_MASK)]
        item = [*chosen, *bare, self._list.item(0)][0]
        file, mask = item.data(_FILE), item.data(_MASK)
        dialog = MaskPainter(Path(file), Path(mask) if mask else None, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._keep(file, dialog.canvas.painting()))
        dialog.open()

    def _keep(self, file: str, mask: QImage) -> None:
        self._masks_folder.mkdir(parents=True, exist_ok=True)
        path = self._masks_folder / f"mask-{uuid.uuid4().hex[:12]}.png"
        mask.save(str(path))
        self.set_mask(file, path)

    @Slot(int, object)
    def _on_small(self, ticket: int, result: object) -> None:
        """Show the first frame of a film, or the waveform of a recording, that was read."""
        file = self._reading.pop(ticket, "")
        if file and isinstance(result, QImage):
            picture = QPixmap.fromImage(result)
        elif file and isinstance(result, SmallWave):
            picture = draw_wave(result, QSize(_THUMB, _THUMB), self.devicePixelRatioF())
        else:
            return
        for item in self._items():
            if item.data(_FILE) == file:
                item.setIcon(QIcon(picture))

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

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
        self._brush.setVisible(some and self._masked)
        self._hint.setVisible(not some)


def first_frame(path: Path) -> QImage:
    """Return the first frame of a film, or a picture that stands for one; null for neither.

    Raises:
        OSError, ValueError, SyntaxError, av.FFmpegError: It cannot be read.
    """
    clip = read_small(path, QSize(2 * _THUMB, 2 * _THUMB), 1 << 20, frames=1)
    return clip.images[0] if clip.images else QImage()


def _thumbnail(path: Path, mask: Path | None = None) -> QIcon:
    """Return a small picture of a file, with what is painted over in the accent's colour."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(
            size.scaled(_THUMB * 2, _THUMB * 2, Qt.AspectRatioMode.KeepAspectRatio)
        )
    picture = QPixmap.fromImageReader(reader)
    if mask is not None and not picture.isNull():
        painter = QPainter(picture)
        painter.drawImage(picture.rect(), veil(QImage(str(mask))))
        painter.end()
    return QIcon(picture) if not picture.isNull() else icon("file", "muted")
