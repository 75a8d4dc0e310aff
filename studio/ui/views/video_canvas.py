"""Where films are drawn: they move while in sight, and take no time when they are not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.blobs import Source
from studio.ui.films.clock import FilmClock
from studio.ui.films.track import FilmTrack
from studio.ui.theme import theme

_REST_MS = 200  # after the last change of size, until films are read at the new one
_CLOSE = 1e-3  # seconds: less than any frame is shown
_SMALLEST = QSize(64, 64)


def draw_frame(painter: QPainter, image: QImage, room: QRect) -> QRect:
    """Draw a frame as large as a room allows; returns where it stands.

    A frame that was read for this room is copied without scaling.
    """
    ratio = painter.device().devicePixelRatio()
    pixels = QSize(round(room.width() * ratio), round(room.height() * ratio))
    shown = QSize(image.size()).scaled(pixels, Qt.AspectRatioMode.KeepAspectRatio)
    near = QSize(image.size()) - shown
    exact = abs(near.width()) <= 1 and abs(near.height()) <= 1
    shown = (image.size() if exact else shown) / ratio
    target = QRect(room.topLeft(), shown)
    target.moveCenter(room.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
    painter.drawImage(target, image)
    return target


class FilmSurface(QWidget):
    """Films in one place that follow one clock while they are in sight.

    Decoding happens in threads of their own, and only while somebody looks.

    Attributes:
        clock: What they follow.
        tracks: The films.

    Signals:
        loaded: How many frames the first film has, as far as is known; 0 when it cannot be read.
        frame_changed: The frame of the first film that is in sight, from 0.
    """

    loaded = Signal(int)
    frame_changed = Signal(int)

    def __init__(self, films: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clock = FilmClock(self)
        self.tracks = [FilmTrack(self) for _ in range(films)]
        self.clock.followers.extend(self.tracks)
        self._sources: list[Source] = []
        self._room: QSize | None = None
        self._playing = True  # once the films are there
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._fit)
        for track in self.tracks:
            track.opened.connect(self._on_opened)
            track.measured.connect(self._on_measured)
            track.turned.connect(self._on_turned)
        self.setMinimumSize(_SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def track(self) -> FilmTrack:
        """The first film."""
        return self.tracks[0]

    @property
    def playing(self) -> bool:
        """Whether the films move while they are in sight."""
        return self._playing

    @property
    def frames(self) -> int:
        """How many frames the first film has, as far as is known; 0 while it is opened."""
        return self.track.count

    @property
    def frame(self) -> int:
        """The frame in sight, from 0."""
        return self.track.frame.number if self.track.frame is not None else 0

    def play_sources(self, sources: list[Source], room: QSize | None = None) -> None:
        """Read films and play them, as soon as this is in sight.

        Args:
            room: Decode no larger than this, in device pixels; else as large as they are drawn.
        """
        self.clear()
        self._sources, self._room = sources, room
        if self.isVisible():
            self._read()

    def clear(self) -> None:
        """Show nothing and stop reading."""
        self.clock.hold()
        self.clock.set_part(None)
        self.clock.stop()
        for track in self.tracks:
            track.clear()
        self._sources = []
        self.update()

    def set_playing(self, playing: bool) -> None:
        """Let the films move or hold them."""
        self._playing = playing
        if not playing:
            self.clock.hold()
        elif self.isVisible() and self.track.facts is not None:
            self.clock.play()

    def show_frame(self, frame: int) -> None:
        """Show one frame; past the ends it goes round."""
        self.clock.seek(self.track.time_of(frame))

    def step(self, frames: int) -> None:
        """Hold the films and go some frames on or back."""
        self.set_playing(False)
        shown, facts = self.track.frame, self.track.facts
        if shown is None or facts is None:
            return
        if abs(frames) > 1:
            self.clock.seek(shown.start + frames / facts.rate)
        elif frames > 0:
            over = shown.end >= self.clock.length - _CLOSE
            self.clock.seek(0.0 if over else shown.end)
        else:
            before = self.clock.length if shown.start <= 0 else shown.start
            self.clock.seek(before - _CLOSE)

    def sizeHint(self) -> QSize:
        """Ask for a useful size; small films are enlarged."""
        return QSize(256, 256)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Read at the new size, once it stays."""
        super().resizeEvent(event)
        self._rest.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was not read yet, and go on playing."""
        super().showEvent(event)
        if self.track.source is None:
            self._read()
        else:
            for track in self.tracks:
                track.wake()
            self.clock.refresh()
            self.set_playing(self._playing)

    def hideEvent(self, event: QHideEvent) -> None:
        """Take no time while nobody looks."""
        super().hideEvent(event)
        self.clock.hold()
        self.clock.stop()
        self._rest.stop()
        for track in self.tracks:
            track.rest()

    @Slot()
    def _on_opened(self) -> None:
        self.update()
        self._on_measured()
        self.clock.refresh()
        self.set_playing(self._playing)

    @Slot()
    def _on_measured(self) -> None:
        self.clock.set_length(max(track.seconds for track in self.tracks))
        self.loaded.emit(self.track.count)

    @Slot()
    def _on_turned(self) -> None:
        self.update()
        self.frame_changed.emit(self.frame)

    @Slot()
    def _fit(self) -> None:
        if self._room is None and self.isVisible():
            for track in self.tracks:
                track.set_room(self._pixels())
            self.clock.refresh()

    def _pixels(self) -> QSize:
        """Return the room for one film, in device pixels."""
        return self.size() * self.devicePixelRatioF()

    def _read(self) -> None:
        if self._sources:
            self.clock.seek(0.0)
            for track, source in zip(self.tracks, self._sources, strict=True):
                track.load(source, self._room or self._pixels())
            self.clock.refresh()


class ClipCanvas(FilmSurface):
    """One film, which plays over and over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(1, parent)
        self.setAccessibleName(self.tr("Clip"))

    def play_file(self, path: Path, room: QSize | None = None) -> None:
        """Read a film and play it; see `play_sources`."""
        self.play_source(path, path.name, room)

    def play_source(self, source: Source, name: str, room: QSize | None = None) -> None:
        """Read a film from a file, or from the bytes of one."""
        self.play_sources([source], room)
        self.setAccessibleDescription(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame in sight, or why there is none."""
        painter = QPainter(self)
        if self.track.image is not None:
            draw_frame(painter, self.track.image, self.rect())
        elif self.track.failed:
            painter.setPen(theme().colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self.tr("This clip cannot be played"))
