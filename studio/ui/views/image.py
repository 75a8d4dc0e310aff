"""Pictures: one that can be zoomed, and two compared by a slider or side by side."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImageReader,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.data.stored import Stored, whole
from studio.ui.theme import GAP, theme
from studio.ui.views.base import MediaView

_MAX_ZOOM = 32.0
#: Pictures are enlarged with hard pixels from here on, so that single ones can be seen.
_HARD_PIXELS = 4.0


def read_picture(path: Path) -> QPixmap:
    """Return a picture turned upright; an empty one when it cannot be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    return QPixmap.fromImageReader(reader)


class ImageView(MediaView):
    """A picture that fits its room; wheel or + and − zoom, dragging moves, double click fits.

    Signals:
        zoomed: The scale, device pixels of the picture per logical pixel of the screen.
    """

    zoomed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self._message = ""
        self._scale = 0.0  # 0 fits the picture into the room
        self._centre = QPointF()  # of the room, in pixels of the picture
        self._grabbed: QPointF | None = None
        self.setMinimumSize(QSize(64, 64))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture"))
        theme().changed.connect(self.update)

    def show_media(self, path: Path) -> None:
        """Show a picture file."""
        picture = read_picture(path)
        self._message = (
            self.tr("{name} cannot be shown").format(name=path.name) if picture.isNull() else ""
        )
        self.show_picture(picture)
        self.setAccessibleDescription(path.name)

    def show_item(self, stored: Stored, name: str) -> None:
        """Show a picture as its dataset keeps it."""
        picture = QPixmap()
        picture.loadFromData(whole(stored))
        self._message = "" if stored else self.tr("{name} cannot be shown").format(name=name)
        self.show_picture(picture)
        self.setAccessibleDescription(name)

    def show_picture(self, picture: QPixmap) -> None:
        """Show a picture; one of the same size as before keeps the zoom."""
        if picture.size() != self._picture.size():
            self._scale = 0.0
        self._picture = picture
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._message = ""
        self.show_picture(QPixmap())

    def fit(self) -> None:
        """Fit the whole picture into the room."""
        self._scale = 0.0
        self._changed()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom by a factor, keeping the point `at` of this widget in its place."""
        if self._picture.isNull():
            return
        at = at if at is not None else QPointF(self.rect().center())
        under = self._to_picture(at)
        low = min(1.0, self._fit_scale())
        self._scale = max(low, min(_MAX_ZOOM, self.scale() * factor))
        middle = QPointF(self.width() / 2, self.height() / 2)
        self._centre = under - (at - middle) / self._scale
        self._changed()

    def scale(self) -> float:
        """Return how many logical pixels a pixel of the picture takes."""
        return self._scale or self._fit_scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or why there is none."""
        painter = QPainter(self)
        if self._picture.isNull():
            painter.setPen(theme().colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._message)
            return
        scale = self.scale()
        smooth = scale * self.devicePixelRatioF() < _HARD_PIXELS or not self._scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(self._target(scale), self._picture, QRectF(self._picture.rect()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        self.zoom(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() is Qt.MouseButton.LeftButton and self._scale:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture that is held."""
        if self._grabbed is not None:
            self._centre -= (event.position() - self._grabbed) / self._scale
            self._grabbed = event.position()
            self._changed()
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None
        self.unsetCursor()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the picture, or show it pixel by pixel when it fits already."""
        if self._scale:
            self.fit()
        else:
            self.zoom(1.0 / self.scale() / self.devicePixelRatioF(), event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + and −, fit with 0."""
        if event.text() in ("+", "="):
            self.zoom(1.25)
        elif event.text() in ("-", "−"):
            self.zoom(0.8)
        elif event.text() == "0":
            self.fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint again."""
        super().resizeEvent(event)
        self._changed()

    def _fit_scale(self) -> float:
        if self._picture.isNull():
            return 1.0
        return min(self.width() / self._picture.width(), self.height() / self._picture.height())

    def _target(self, scale: float) -> QRectF:
        size = QPointF(self._picture.width(), self._picture.height())
        centre = self._centre if self._scale else size / 2
        corner = QPointF(self.width() / 2, self.height() / 2) - centre * scale
        return QRectF(corner.x(), corner.y(), size.x() * scale, size.y() * scale)

    def _to_picture(self, point: QPointF) -> QPointF:
        scale = self.scale()
        return (point - self._target(scale).topLeft()) / scale

    def _changed(self) -> None:
        self.zoomed.emit(self.scale() * self.devicePixelRatioF())
        self.update()


class CompareSlider(QWidget):
    """Two pictures in one place: left of the line the first, right of it the second."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures = (QPixmap(), QPixmap())
        self._share = 0.5
        self.setMinimumSize(QSize(64, 64))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)
        self.set_share(0.5)

    def show_pair(self, first: Path, second: Path) -> None:
        """Show two picture files."""
        self._pictures = (read_picture(first), read_picture(second))
        self.update()

    def set_share(self, share: float) -> None:
        """Put the line at a share of the width, 0 left to 1 right."""
        self._share = max(0.0, min(1.0, share))
        words = self.tr("First and second picture, line at {share}")
        self.setAccessibleName(words.format(share=f"{self._share:.0%}"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both sides and the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line = round(self.width() * self._share)
        sides = (QRectF(0, 0, line, self.height()), QRectF(line, 0, self.width(), self.height()))
        for picture, side in zip(self._pictures, sides, strict=True):
            if picture.isNull():
                continue
            painter.setClipRect(side)
            shown = QSize(picture.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left = (self.width() - shown.width()) // 2
            top = (self.height() - shown.height()) // 2
            painter.drawPixmap(left, top, shown.width(), shown.height(), picture)
        painter.setClipping(False)
        painter.fillRect(line - 1, 0, 2, self.height(), theme().colour("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("accent"))
        painter.drawEllipse(QPointF(line, self.height() / 2), 8, 8)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the line under the pointer."""
        self.set_share(event.position().x() / max(1, self.width()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the line follow the pointer."""
        self.set_share(event.position().x() / max(1, self.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line with the arrow keys."""
        steps = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.set_share(self._share + step)


class SideBySide(QWidget):
    """Several pictures beside each other."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._views: list[ImageView] = []

    def show_all(self, paths: list[Path]) -> None:
        """Show these picture files from left to right."""
        while len(self._views) > len(paths):
            view = self._views.pop()
            self._row.removeWidget(view)
            view.deleteLater()
        while len(self._views) < len(paths):
            view = ImageView()
            self._views.append(view)
            self._row.addWidget(view)
        for view, path in zip(self._views, paths, strict=True):
            view.show_media(path)
