"""How one film is cut: its frames along time, its scenes, and the clips that a model sees."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.media import Modality
from studio.core.project import Project
from studio.data.modality import modality_data
from studio.data.video.preparation import VideoPreparation
from studio.ui.theme import theme

_MOST = 3000  # frames of a film that are looked at
_SIDE = 48  # of the pictures along time, in pixels
_SHOWN = 24  # pictures that are kept
_LANES = 4  # clips that overlap are drawn below each other
_THUMBS, _SCENES, _LANE = 34, 8, 6  # heights, in logical pixels


class CutFilm(NamedTuple):
    """What was found in a film.

    Attributes:
        name: Of the item.
        frames: How many were looked at, at the rate that the model sees.
        cuts: First frames of all scenes but the first.
        clips: First frames of the clips.
        length: Frames of a clip.
        pictures: Frames at even distances.
    """

    name: str
    frames: int
    cuts: list[int]
    clips: list[int]
    length: int
    pictures: list[QImage]

    @property
    def unused(self) -> int:
        """How many frames are in no clip."""
        used = {place for start in self.clips for place in range(start, start + self.length)}
        return self.frames - len(used)


def cut_film(
    project: Path, dataset_id: str, place: int, preparation: VideoPreparation
) -> CutFilm | None:
    """Cut one film of a dataset as preparing does; None when there is none. Runs in a thread.

    Args:
        place: Which of its films; past the last one it begins again.

    Raises:
        Rejected: It cannot be read.
    """
    from studio.data.video.film_clips import (  # loads av: not while the window opens
        Shape,
        film_frames,
    )
    from studio.data.video.film_cuts import CUT_SIDE, clip_starts, cuts_of

    opened = Project(project)
    pack = BlobReader(opened.dataset(dataset_id) / ITEMS_PACK)
    try:
        table = opened.library.datasets
        ids = table.ids(dataset_id)
        items = table.items(ids[place % len(ids) : place % len(ids) + 1]) if ids else []
        if not items:
            return None
        settled = modality_data(Modality.VIDEO).settle(preparation, 0, table.items(ids))
        film = pack.part(items[0].item)  # it may be larger than memory
    finally:
        pack.close()
        opened.close()
    assert isinstance(settled, VideoPreparation)
    shape = Shape(settled.frames, CUT_SIDE, 1, settled.fps, settled.fit)
    grey = film_frames(film, shape, _MOST)[..., 0]
    cuts = cuts_of(grey) if settled.cuts and len(grey) > settled.frames else []
    clips = clip_starts(len(grey), settled.frames, settled.overlap / 100, cuts)
    seen = film_frames(film, shape._replace(size=_SIDE, channels=3), _MOST)
    step = max(1, len(seen) // _SHOWN)
    bytes_of = [frame.tobytes() for frame in seen[::step]]
    pictures = [
        QImage(each, _SIDE, _SIDE, 3 * _SIDE, QImage.Format.Format_RGB888).copy()
        for each in bytes_of
    ]
    return CutFilm(items[0].name, len(grey), cuts, clips, settled.frames, pictures)


class CutLine(QWidget):
    """A film along time: pictures, scenes in turn light and dark, clips as bars."""

    def __init__(self) -> None:
        super().__init__()
        self._film: CutFilm | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)
        self.show_film(None)

    def show_film(self, film: CutFilm | None) -> None:
        """Show another film; None for none."""
        self._film = film
        name = self.tr("How the film is cut")
        if film is not None:
            words = self.tr("{name}: {scenes} scenes, {clips} clips")
            name = words.format(name=film.name, scenes=len(film.cuts) + 1, clips=len(film.clips))
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the height of all rows."""
        return QSize(240, _THUMBS + 4 + _SCENES + 4 + _LANES * _LANE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        film = self._film
        if film is None or not film.frames:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._draw_pictures(painter, film)
        painter.setPen(Qt.PenStyle.NoPen)
        edges = [0, *film.cuts, film.frames]
        top = _THUMBS + 4
        for number, (start, end) in enumerate(pairwise(edges)):
            painter.setBrush(theme().colour("faint" if number % 2 else "muted"))
            painter.drawRect(QRectF(self._x(start), top, self._x(end - start) - 1, _SCENES))
        top += _SCENES + 4
        painter.setBrush(theme().colour("accent"))
        lane_ends = [0] * _LANES
        for start in film.clips:
            free = [lane for lane in range(_LANES) if lane_ends[lane] <= start]
            lane = free[0] if free else min(range(_LANES), key=lambda each: lane_ends[each])
            lane_ends[lane] = start + film.length
            width = max(2.0, self._x(film.length) - 1)
            box = QRectF(self._x(start), top + lane * _LANE, width, _LANE - 2)
            painter.drawRoundedRect(box, 2, 2)

    def _draw_pictures(self, painter: QPainter, film: CutFilm) -> None:
        if not film.pictures:
            return
        count = max(1, min(len(film.pictures), self.width() // _THUMBS))
        width = self.width() / count
        for place in range(count):
            picture = film.pictures[place * len(film.pictures) // count]
            side = min(float(_THUMBS), width - 1)
            painter.drawImage(QRectF(place * width, 0, side, side), picture)

    def _x(self, frame: int) -> float:
        film = self._film
        return frame * self.width() / max(1, film.frames) if film is not None else 0.0
