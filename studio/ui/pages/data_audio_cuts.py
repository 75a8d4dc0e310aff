"""How one recording of a dataset is cut by its settings: read in the background, then drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.media import Modality, Sound
from studio.core.project import Project
from studio.data.audio.preparation import AudioPreparation
from studio.data.audio.slices import slices_of
from studio.data.modality import modality_data
from studio.ui.theme import RADIUS_INNER, theme
from studio.ui.views.music_colours import PLAYHEAD_SERIES
from studio.ui.views.sound_small import SmallWave, draw_wave

_SETTLED = 2000  # items that decide what is left automatic, at most
_LONGEST = 600.0  # seconds of a recording that are looked at
_COLUMNS = 1024
_LOUD = 0.95  # peak of a slice that is heard, where loudness is made the same

Span = tuple[float, float]


class Cuts(NamedTuple):
    """A recording and its slices.

    Attributes:
        name: Of the item.
        place, items: Which item it is, from 0, of how many.
        small: What is drawn.
        sound: The recording, or the beginning of a long one.
        slices: In seconds, in their order.
        preparation: With rate and length settled.
        whole: Whether all of the recording was looked at.
    """

    name: str
    place: int
    items: int
    small: SmallWave
    sound: Sound
    slices: tuple[Span, ...]
    preparation: AudioPreparation
    whole: bool

    @property
    def left_out(self) -> float:
        """Seconds that are in no slice."""
        return sum(last - first for first, last in gaps(self.slices, self.small.seconds))

    @property
    def filled(self) -> float:
        """Seconds of silence that slices are filled up with."""
        wanted = self.preparation.seconds
        return sum(max(0.0, wanted - (last - first)) for first, last in self.slices)


def read_cuts(
    folder: Path, dataset_id: str, preparation: AudioPreparation, place: int
) -> Cuts | None:
    """Read an item of a dataset and cut it; None when the dataset is empty.

    Raises:
        Rejected, OSError: It cannot be read.
    """
    from studio.data.audio.reading import opened

    project = Project(folder)
    try:
        table = project.library.datasets
        ids = table.ids(dataset_id)
        if not ids:
            return None
        place %= len(ids)
        items = [item for item in table.items(ids[:_SETTLED]) if not item.excluded]
        settled = modality_data(Modality.AUDIO).settle(preparation, 0, items)
        assert isinstance(settled, AudioPreparation), "recordings settle their own"
        (item,) = table.items([ids[place]])
        reader = BlobReader(project.dataset(dataset_id) / ITEMS_PACK)
        try:
            stored = reader.part(item.item)  # it may last for hours
        finally:
            reader.close()
    finally:
        project.close()
    with opened(stored) as source:
        blocks, read = [], 0
        for block in source.blocks():
            blocks.append(np.nan_to_num(block[:, :2]))
            read += len(block)
            if read >= _LONGEST * source.rate:
                break
        rate, channels = source.rate, min(2, source.channels)
    samples = np.concatenate([np.zeros((0, channels), np.float32), *blocks])
    whole = len(samples) < _LONGEST * rate
    found = slices_of(samples, rate, settled)
    spans = tuple((part.start / rate, part.end / rate) for part in found)
    sound = Sound(samples, rate)
    return Cuts(item.name, place, len(ids), _small(sound), sound, spans, settled, whole)


def as_heard(cuts: Cuts, index: int) -> Sound:
    """Return a slice as a model hears it: at its rate, in its channels, as loud as others."""
    from studio.data.audio.playing import brought_to

    first, last = (round(edge * cuts.sound.rate) for edge in cuts.slices[index])
    channels = 2 if cuts.preparation.channels == "stereo" else 1
    part = Sound(cuts.sound.samples[first:last], cuts.sound.rate)
    made = brought_to(part, cuts.preparation.rate, channels)
    peak = float(np.abs(made.samples).max(initial=0.0))
    if cuts.preparation.loudness != "off" and peak > 0:
        made = Sound(made.samples * np.float32(_LOUD / peak), made.rate)
    return made


def gaps(spans: Sequence[Span], seconds: float) -> list[Span]:
    """Return what lies in no span, from 0 to `seconds`; the spans may overlap."""
    found, at = [], 0.0
    for first, last in sorted(spans):
        if first > at:
            found.append((at, first))
        at = max(at, last)
    if at < seconds:
        found.append((at, seconds))
    return found


def _small(sound: Sound) -> SmallWave:
    columns = max(1, min(_COLUMNS, len(sound.samples)))
    edges = np.linspace(0, max(1, len(sound.samples)), columns + 1)[:-1].astype(np.int64)
    samples = sound.samples if len(sound.samples) else np.zeros((1, 1), np.float32)
    low = np.minimum.reduceat(samples, edges).min(1)
    high = np.maximum.reduceat(samples, edges).max(1)
    return SmallWave(np.stack([low, high], 1), len(sound.samples) / sound.rate, sound.rate)


class CutView(QWidget):
    """A recording with its slices; what is left out is grey. Click, or arrows and Space, plays one.

    Attributes:
        chosen: The slice that was played last.

    Signals:
        slice_wanted: This slice is to be heard.
    """

    slice_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._cuts: Cuts | None = None
        self._picture: QPixmap | None = None
        self._playhead: float | None = None
        self.chosen = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("A recording and its slices"))
        self.setToolTip(self.tr("Click a slice to hear it as the model does"))
        theme().changed.connect(self._forget)

    def show_cuts(self, cuts: Cuts | None) -> None:
        """Show another recording, or other cuts."""
        self._cuts, self.chosen, self._playhead = cuts, 0, None
        self._forget()

    def show_playhead(self, seconds: float | None) -> None:
        """Show what is heard now, in seconds of the recording; None for nothing."""
        if seconds != self._playhead:
            self._playhead = seconds
            self.update()

    def box(self, index: int) -> QRectF:
        """Return where a slice is drawn."""
        assert self._cuts is not None, "there are slices"
        first, last = self._cuts.slices[index]
        return QRectF(self._x(first), 0, self._x(last) - self._x(first), self.height())

    def sizeHint(self) -> QSize:
        """Ask for a strip."""
        return QSize(220, 88)

    def resizeEvent(self, event: object) -> None:
        """Draw the waveform anew."""
        self._forget()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw waveform, slices and what is left out."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cuts = self._cuts
        if cuts is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(self.rect(), RADIUS_INNER, RADIUS_INNER)
            return
        if self._picture is None:
            self._picture = draw_wave(cuts.small, self.size(), self.devicePixelRatioF())
        painter.drawPixmap(0, 0, self._picture)
        veil = QColor(theme().colour("raised"))
        veil.setAlphaF(0.82)
        for first, last in gaps(cuts.slices, cuts.small.seconds):
            left, right = self._x(first), self._x(last)
            painter.fillRect(QRectF(left, 0, right - left, self.height()), veil)
        narrow = bool(cuts.slices) and self.width() / max(1, len(cuts.slices)) < 3
        for index in range(0 if narrow else len(cuts.slices)):
            box = self.box(index)
            for x in (box.left(), box.right() - 1):
                painter.fillRect(QRectF(round(x), 0, 1, self.height()), theme().colour("muted"))
        if self.hasFocus() and cuts.slices:
            fill = QColor(theme().colour("accent"))
            fill.setAlphaF(0.2)
            painter.fillRect(self.box(self.chosen), fill)
        if self._playhead is not None:
            line = QRectF(self._x(self._playhead) - 1, 0, 2, self.height())
            painter.fillRect(line, theme().series(PLAYHEAD_SERIES))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Play the slice under the pointer; of several that overlap, the last that begins there."""
        if self._cuts is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position().x()
        under = [
            index
            for index in range(len(self._cuts.slices))
            if self.box(index).left() <= at <= self.box(index).right()
        ]
        if under:
            self.chosen = under[-1]
            self.update()
            self.slice_wanted.emit(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a slice with the arrows, play it with Space."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        count = len(self._cuts.slices) if self._cuts is not None else 0
        key = Qt.Key(event.key())
        if not count or (key not in steps and key != Qt.Key.Key_Space):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self.slice_wanted.emit(self.chosen)
        else:
            self.chosen = max(0, min(count - 1, self.chosen + steps[key]))
            self.update()

    def _x(self, seconds: float) -> float:
        assert self._cuts is not None, "there is a recording"
        return seconds / max(1e-6, self._cuts.small.seconds) * self.width()

    def _forget(self) -> None:
        self._picture = None
        self.update()
