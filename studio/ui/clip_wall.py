"""All clips in sight of a grid play at once: one timer, and one paint for all of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QPixmap

from studio.core.media import Modality
from studio.ui.asset_source import AssetSource
from studio.ui.films.small import SmallClip, read_small
from studio.ui.side_work import SideWork
from studio.ui.theme import theme
from studio.ui.widgets.grid import VirtualGrid

_FRAME_MS = 40  # 25 frames a second
_BUDGET = 160 << 20  # bytes of pixels of all clips
_FEWEST = 16  # clips that share the budget at least


class _Shown:
    """A clip that was read, as pictures to draw."""

    def __init__(self, clip: SmallClip, ratio: float) -> None:
        self.rate = clip.rate
        self.bytes = sum(image.sizeInBytes() for image in clip.images)
        self.pictures: list[QPixmap] = []
        for image in clip.images:
            picture = QPixmap.fromImage(image)
            picture.setDevicePixelRatio(ratio)
            self.pictures.append(picture)

    def at(self, seconds: float) -> QPixmap | None:
        """Return the frame of a time, over and over."""
        if not self.pictures:
            return None
        return self.pictures[int(seconds * self.rate) % len(self.pictures)]


class ClipWall(QObject):
    """Plays the clips of a grid while it is in sight; none where motion is unwanted."""

    def __init__(self, grid: VirtualGrid, source: AssetSource) -> None:
        super().__init__(grid)
        self._grid, self._source = grid, source
        self._clips: OrderedDict[int, _Shown] = OrderedDict()  # by asset, last seen at the end
        self._bytes = 0
        self._asked: dict[int, int] = {}  # tickets, by asset
        self._cell = grid.picture_size()
        self._began = time.perf_counter()
        self._work = SideWork()
        self._work.done.connect(self._on_read)
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(_FRAME_MS)
        self._tick.timeout.connect(self._advance)
        grid.moving = self.picture
        grid.viewport().installEventFilter(self)

    @property
    def playing(self) -> int:
        """How many clips are in memory and play."""
        return len(self._clips)

    def picture(self, place: int) -> QPixmap | None:
        """Return what a place shows now; None until its clip is read."""
        asset = self._source.key(place)
        clip = self._clips.get(asset)
        if clip is None:
            self._ask(place, asset)
            return None
        self._clips.move_to_end(asset)
        return clip.at(time.perf_counter() - self._began)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Play while the grid is in sight; read anew for larger cells."""
        if event.type() is QEvent.Type.Show:
            self._tick.start()
        elif event.type() is QEvent.Type.Hide:
            self._tick.stop()
            self._work.drop()
            self._asked.clear()
        elif event.type() is QEvent.Type.Resize and self._grid.picture_size() != self._cell:
            self._cell = self._grid.picture_size()
            self._forget()
        return super().eventFilter(watched, event)

    @Slot()
    def _advance(self) -> None:
        if self._clips:
            self._grid.viewport().update()

    def _ask(self, place: int, asset: int) -> None:
        """Read a clip in the background."""
        found = self._source.asset(place)
        if asset in self._asked or found is None or not theme().motion_ms:
            return
        if found.modality is not Modality.VIDEO:
            return
        path = self._source.path(place)
        if path is None:
            return
        columns = max(1, self._grid.viewport().width() // max(1, self._grid.gridSize().width()))
        rows = self._grid.viewport().height() // max(1, self._grid.gridSize().height()) + 2
        most = _BUDGET // max(_FEWEST, columns * rows)
        room = self._cell * self._grid.devicePixelRatioF()
        self._asked[asset] = self._work.ask(partial(read_small, path, room, most))

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        asset = next((key for key, asked in self._asked.items() if asked == ticket), None)
        if asset is None or not isinstance(result, SmallClip):
            return  # it stays asked: what cannot be read keeps its still picture
        del self._asked[asset]
        clip = _Shown(result, self._grid.devicePixelRatioF())
        self._clips[asset] = clip
        self._bytes += clip.bytes
        while self._bytes > _BUDGET and len(self._clips) > 1:
            _, old = self._clips.popitem(last=False)
            self._bytes -= old.bytes

    def _forget(self) -> None:
        self._work.drop()
        self._clips.clear()
        self._asked.clear()
        self._bytes = 0
