"""A picture that one paints on, to say which parts of it are meant."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import theme

#: Width of the brush as a share of the picture's shorter side: smallest, largest and usual.
SMALLEST, LARGEST, USUAL = 0.01, 0.4, 0.1

_VEIL = 150  # of 255: how strongly the painted parts are tinted
_STEPS_KEPT = 40  # strokes that can be taken back


class MaskCanvas(QWidget):
    """A picture to paint on; the left button paints, the right one or Shift rubs out.

    Signals:
        changed: Something was painted or taken back.
        resized: The brush has another size, as a share of the picture's shorter side.
    """

    changed = Signal()
    resized = Signal(float)

    def __init__(self, picture: QPixmap, mask: QImage | None) -> None:
        """Show a picture with its mask so far.

        Args:
            mask: White where it is painted, of the picture's size; None for none.
        """
        super().__init__()
        self._picture = picture
        self._mask = QImage(picture.size(), QImage.Format.Format_Grayscale8)
        self._mask.fill(0)
        if mask is not None and not mask.isNull():
            grey = mask.convertToFormat(QImage.Format.Format_Grayscale8)
            self._mask = grey.scaled(picture.size())
        self._undo: list[QImage] = []
        self._redo: list[QImage] = []
        self._brush = USUAL
        self._erases = False
        self._last: QPointF | None = None
        self._rubbing = False
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setAccessibleName(self.tr("Picture to paint on"))
        self.setAccessibleDescription(
            self.tr("Painted parts are made anew. [ and ] change the brush, I swaps the parts.")
        )

    def painting(self) -> QImage:
        """Return the mask: white where it is painted."""
        return self._mask

    def painted(self) -> bool:
        """Tell whether anything is painted."""
        small = self._mask.scaled(64, 64, mode=Qt.TransformationMode.SmoothTransformation)
        return any(small.pixelColor(x, y).value() > 8 for x in range(64) for y in range(64))

    def set_brush(self, share: float) -> None:
        """Take another brush, its width as a share of the picture's shorter side."""
        self._brush = max(SMALLEST, min(LARGEST, share))
        self.resized.emit(self._brush)
        self.update()

    def set_erases(self, erases: bool) -> None:
        """Let the left button rub out instead."""
        self._erases = erases

    @Slot()
    def clear(self) -> None:
        """Paint nothing."""
        self._begin()
        self._mask.fill(0)
        self._end()

    @Slot()
    def swap(self) -> None:
        """Paint what was not painted, and the other way round."""
        self._begin()
        self._mask.invertPixels()
        self._end()

    @Slot()
    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._undo, self._redo)

    @Slot()
    def redo(self) -> None:
        """Do what was taken back again."""
        self._step(self._redo, self._undo)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, the veil over the painted parts, and the brush."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self._room()
        painter.drawPixmap(room, self._picture, QRectF(self._picture.rect()))
        painter.drawImage(room, veil(self._mask), QRectF(self._mask.rect()))
        if self._pointer is not None:
            radius = self._brush * min(room.width(), room.height()) / 2
            for colour, width in ((theme().colour("bg"), 3.0), (theme().colour("text"), 1.2)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(self._pointer, radius, radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        right = event.button() is Qt.MouseButton.RightButton
        self._rubbing = right or bool(shift) or self._erases
        self._begin()
        self._last = event.position()
        self._stroke(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke."""
        self._pointer = event.position()
        if self._last is not None:
            self._stroke(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if self._last is not None:
            self._last = None
            self._end()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no brush."""
        self._pointer = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the brush."""
        self.set_brush(self._brush * 1.15 ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change the brush with [ and ], swap the parts with I."""
        factor = {"[": 0.8, "]": 1.25}.get(event.text())
        if factor is not None:
            self.set_brush(self._brush * factor)
        elif event.text().lower() == "i":
            self.swap()
        else:
            super().keyPressEvent(event)

    def _room(self) -> QRectF:
        size = QSize(self._picture.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _stroke(self, point: QPointF) -> None:
        room = self._room()
        scale = self._mask.width() / max(1.0, room.width())
        width = self._brush * min(self._mask.width(), self._mask.height())
        painter = QPainter(self._mask)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = Qt.GlobalColor.black if self._rubbing else Qt.GlobalColor.white
        pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        start = self._last if self._last is not None else point
        corner = room.topLeft()
        painter.drawLine((start - corner) * scale, (point - corner) * scale)
        if start == point:
            painter.drawPoint((point - corner) * scale)
        painter.end()
        self._last = point
        self.update()

    def _begin(self) -> None:
        self._undo = [*self._undo[-_STEPS_KEPT:], self._mask.copy()]
        self._redo = []

    def _end(self) -> None:
        self.changed.emit()
        self.update()

    def _step(self, source: list[QImage], target: list[QImage]) -> None:
        if source:
            target.append(self._mask)
            self._mask = source.pop()
            self._end()


def veil(mask: QImage) -> QImage:
    """Return the accent's colour where a mask is white, clear elsewhere."""
    alpha = mask.convertToFormat(QImage.Format.Format_Grayscale8)
    alpha.reinterpretAsFormat(QImage.Format.Format_Alpha8)
    tinted = QImage(mask.size(), QImage.Format.Format_ARGB32_Premultiplied)
    tint = QColor(theme().colour("accent"))
    tint.setAlpha(_VEIL)
    tinted.fill(tint)
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, alpha)
    painter.end()
    return tinted
