"""Paints a recording in tiles that are kept, so that scrolling only copies pixels."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF, qRgb

from studio.ui.theme import theme
from studio.ui.views.sound_reading import NARROW, Part, Recording, Sight, Wave, sights

TILE = 256  # logical pixels across
_MEMORY = 96 << 20  # bytes of kept tiles
_DOTS = 6.0  # pixels between samples from which on each has a dot


class Room(NamedTuple):
    """How large a recording is drawn.

    Attributes:
        across: Pixels of a second.
        wave, spectrum: Heights in pixels; 0 where there is none.
        gain: What samples are multiplied with.
        ratio: Device pixels of a pixel.
    """

    across: float
    wave: int
    spectrum: int
    gain: float
    ratio: float


class SoundTiles:
    """The picture of a recording at one scale; what is not read yet is painted when it is."""

    def __init__(self, whose: int) -> None:
        self._whose = whose
        self._recording: Recording | None = None
        self._room = Room(100.0, 0, 0, 1.0, 1.0)
        self._waves: OrderedDict[int, QPixmap] = OrderedDict()
        self._spectra: OrderedDict[int, QPixmap] = OrderedDict()
        self._rough: set[int] = set()  # waves that were drawn before they were read
        self._before: QPixmap | None = None  # the spectrum at the scale before, stretched
        self._before_view = (0.0, 0.0)  # seconds that it begins and ends at

    def show(self, recording: Recording | None, room: Room) -> None:
        """Paint another recording, or at another scale."""
        if recording is not self._recording:
            self._before = None
            sights().forget(self._whose, self._recording)
        self._recording, self._room = recording, room
        self.repaint()

    def repaint(self) -> None:
        """Paint all tiles anew."""
        self._waves.clear()
        self._spectra.clear()
        self._rough.clear()

    def keep_sight(self, view: QRect) -> None:
        """Keep the spectrum in sight, to be stretched until that of another scale is read."""
        room = self._room
        if self._recording is None or not room.spectrum or not self._spectra:
            return
        kept = QPixmap(view.width(), room.spectrum)
        kept.fill(theme().colour("panel"))
        painter = QPainter(kept)
        for column in range(view.left() // TILE, view.right() // TILE + 1):
            at = QPointF(column * TILE - view.left(), 0)
            self._draw_spectrum(painter, column, at, None, 0.0)
        painter.end()
        start = view.left() / room.across
        self._before, self._before_view = kept, (start, start + view.width() / room.across)

    def draw(self, painter: QPainter, view: QRect, at: QPointF, seconds: float) -> bool:
        """Draw the part `view` (only its left and width count), its upper left corner at `at`.

        Args:
            seconds: How long tiles may be painted; those that are missing then stay empty.

        Returns:
            Whether nothing is left to be painted now; what is not read yet is told by `sights`.
        """
        recording = self._recording
        if recording is None:
            return True
        until = time.perf_counter() + seconds
        whole = True
        missing: list[Part] = []
        for column in range(view.left() // TILE, view.right() // TILE + 1):
            corner = at + QPointF(column * TILE - view.left(), 0)
            part = self.part(column)
            sight = None
            if self._room.spectrum or part.width < NARROW:
                sight = sights().get(recording, part, spectrum=self._room.spectrum > 0)
                if sight is None:
                    missing.append(part)
            if sight is not None and column in self._rough:
                self._waves.pop(column, None)
            wave = self._waves.get(column)
            if wave is None and time.perf_counter() < until:
                wave = self._make_wave(recording, column, part, sight)
            if wave is None:
                whole = False
            else:
                painter.drawPixmap(corner, wave)
            if self._room.spectrum:
                below = corner + QPointF(0, self._room.wave)
                whole &= self._draw_spectrum(painter, column, below, sight, until)
        sights().want(self._whose, recording, missing, spectrum=self._room.spectrum > 0)
        return whole

    def part(self, column: int) -> Part:
        """Return what a tile shows."""
        rate = self._recording.peaks.rate if self._recording is not None else 1
        start = column * TILE / self._room.across * rate
        end = (column + 1) * TILE / self._room.across * rate
        return Part(start, end, round(TILE * self._room.ratio))

    # -------------------------------------------------------------------------------- private

    def _draw_spectrum(
        self, painter: QPainter, column: int, at: QPointF, sight: Sight | None, until: float
    ) -> bool:
        tile = self._spectra.get(column)
        if tile is None and sight is not None and time.perf_counter() < until:
            tile = self._make_spectrum(column, sight)
        if tile is not None:
            painter.drawPixmap(at, tile)
            return True
        box = QRectF(at.x(), at.y(), TILE, self._room.spectrum)
        painter.fillRect(box, theme().colour("panel"))
        self._draw_before(painter, column, box)
        return sight is None

    def _draw_before(self, painter: QPainter, column: int, box: QRectF) -> None:
        """Draw the part of the spectrum that was seen before in the place of a tile."""
        start, end = self._before_view
        if self._before is None or end <= start:
            return
        across = self._room.across
        left, right = column * TILE / across, (column + 1) * TILE / across
        first, last = max(left, start), min(right, end)
        if last <= first:
            return
        size = self._before.size()
        scale = size.width() / (end - start)
        source = QRectF((first - start) * scale, 0, (last - first) * scale, size.height())
        target = QRectF(
            box.left() + (first - left) * across, box.top(), (last - first) * across, box.height()
        )
        painter.drawPixmap(target, self._before, source)

    def _make_spectrum(self, column: int, sight: Sight) -> QPixmap:
        room = self._room
        tile = QPixmap(round(TILE * room.ratio), round(room.spectrum * room.ratio))
        tile.setDevicePixelRatio(room.ratio)
        tile.fill(theme().colour("panel"))
        if sight.spectrum is not None:
            rows, columns = sight.spectrum.shape
            image = QImage(
                sight.spectrum.data, columns, rows, columns, QImage.Format.Format_Indexed8
            )
            image.setColorTable(spectrum_colours())
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shown = image.convertToFormat(QImage.Format.Format_RGB32)
            painter.drawImage(QRectF(0, 0, TILE, room.spectrum), shown)
            painter.end()
        self._keep(self._spectra, column, tile)
        return tile

    def _make_wave(
        self, recording: Recording, column: int, part: Part, sight: Sight | None
    ) -> QPixmap:
        room = self._room
        tile = QPixmap(round(TILE * room.ratio), round(room.wave * room.ratio))
        tile.setDevicePixelRatio(room.ratio)
        tile.fill(theme().colour("panel"))
        painter = QPainter(tile)
        lanes = recording.peaks.channels
        lane = room.wave / lanes
        for channel in range(lanes):
            middle = (channel + 0.5) * lane
            painter.fillRect(QRectF(0, round(middle), TILE, 1), theme().colour("line"))
        self._rough.discard(column)
        if sight is not None and sight.samples is not None:
            self._draw_samples(painter, column, sight, recording.peaks.rate)
        elif sight is not None and sight.wave is not None:
            self._draw_extremes(painter, sight.wave, part.columns)
        elif part.width >= NARROW:
            wave = recording.peaks.peaks(round(part.start), round(part.end), part.columns)
            self._draw_extremes(painter, wave, part.columns)
        elif sight is None:  # broad columns, until the narrow ones are read
            self._rough.add(column)
            columns = max(1, int((part.end - part.start) / NARROW))
            end = max(part.end, part.start + NARROW)
            wave = recording.peaks.peaks(round(part.start), round(end), columns)
            self._draw_extremes(painter, wave, (end - part.start) / part.width)
        painter.end()
        self._keep(self._waves, column, tile)
        return tile

    def _draw_extremes(self, painter: QPainter, wave: Wave, across: float) -> None:
        """Draw lowest to highest of each column; the columns are `across` device pixels wide."""
        room, ratio = self._room, self._room.ratio
        count, lanes, _two = wave.shape
        lane = room.wave / lanes
        width = across / ratio / max(1, count)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().series(0))
        left = np.arange(count) * width
        for channel in range(lanes):
            middle, half = (channel + 0.5) * lane, lane / 2 - 2
            values = joined(np.clip(np.nan_to_num(wave[:, channel]) * room.gain, -1, 1))
            tops, bottoms = middle - values[:, 1] * half, middle - values[:, 0] * half
            heights = np.maximum(1 / ratio, bottoms - tops)
            loud = np.flatnonzero(np.abs(values).max(1) > 0)  # silence has its line already
            painter.drawRects(
                [
                    QRectF(x, y, width, h)
                    for x, y, h in zip(
                        left[loud].tolist(),
                        tops[loud].tolist(),
                        heights[loud].tolist(),
                        strict=True,
                    )
                ]
            )

    def _draw_samples(self, painter: QPainter, column: int, sight: Sight, rate: int) -> None:
        """Draw single samples, joined; with dots where there is room."""
        assert sight.samples is not None
        room = self._room
        step = room.across / rate
        lanes = max(1, sight.samples.shape[1])
        lane = room.wave / lanes
        places = (sight.first + np.arange(len(sight.samples)) + 0.5) * step - column * TILE
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for channel in range(lanes):
            values = np.clip(np.nan_to_num(sight.samples[:, channel]) * room.gain, -1, 1)
            heights = (channel + 0.5) * lane - values * (lane / 2 - 2)
            points = [QPointF(x, y) for x, y in zip(places.tolist(), heights.tolist(), strict=True)]
            painter.setPen(QPen(theme().series(0), 1.5))
            painter.drawPolyline(QPolygonF(points))
            if step >= _DOTS:
                painter.setBrush(theme().series(0))
                for point in points:
                    painter.drawEllipse(point, 2.0, 2.0)

    def _keep(self, kept: OrderedDict[int, QPixmap], column: int, tile: QPixmap) -> None:
        size = tile.width() * tile.height() * 4
        while kept and (len(kept) + 1) * size > _MEMORY // 2:
            kept.popitem(last=False)
        kept[column] = tile


def joined(wave: Wave) -> Wave:
    """Return columns (n, 2) of lowest and highest, each of which reaches to the one before.

    Between two columns of few samples there would be gaps, where the sound went on.
    """
    found = wave.copy()
    found[1:, 0] = np.minimum(wave[1:, 0], wave[:-1, 1])
    found[1:, 1] = np.maximum(wave[1:, 1], wave[:-1, 0])
    return found


def spectrum_colours() -> list[int]:
    """Return the colours of a spectrum from silent to loudest, as QRgb."""
    stops = [theme().colour("panel"), theme().colour("accent"), theme().colour("text")]
    places = [0.0, 0.6, 1.0]
    shares = np.linspace(0, 1, 256)
    channels = [
        np.interp(shares, places, [read(stop) for stop in stops])
        for read in (QColor.red, QColor.green, QColor.blue)
    ]
    return [qRgb(round(r), round(g), round(b)) for r, g, b in zip(*channels, strict=True)]
