"""Line icons: SVG files of this project, tinted with the theme's colours and crisp at any scale."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel

from studio.core.paths import resource
from studio.ui.theme import Colour, theme

#: Sizes at which icons are drawn, in logical pixels.
_SIZES = (16, 20, 24)


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


def icon(name: str, colour: Colour = "text", checked: Colour | None = None) -> QIcon:
    """Return an icon in a colour of the present theme, with another one when checked."""
    made = QIcon()
    for state, which in ((QIcon.State.Off, colour), (QIcon.State.On, checked or colour)):
        for size in _SIZES:
            for ratio in _ratios():
                drawn = _draw(name, theme().colour(which).name(), round(size * ratio))
                made.addPixmap(drawn, QIcon.Mode.Normal, state)
                faint = _draw(name, theme().colour("faint").name(), round(size * ratio))
                made.addPixmap(faint, QIcon.Mode.Disabled, state)
    return made


def pixmap(name: str, size: int, colour: Colour = "text", ratio: float = 1.0) -> QPixmap:
    """Return an icon of `size` logical pixels for a screen with that device pixel ratio."""
    drawn = QPixmap(_draw(name, theme().colour(colour).name(), round(size * ratio)))
    drawn.setDevicePixelRatio(ratio)
    return drawn


def app_icon() -> QIcon:
    """Return the program's own icon."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_draw("app", "", size))
    return made


def set_icon(
    target: QAbstractButton | QAction,
    name: str,
    colour: Colour = "text",
    checked: Colour | None = None,
) -> None:
    """Give a button or an action an icon that follows the theme; calling again replaces it."""
    for old in target.findChildren(_Tint, options=Qt.FindChildOption.FindDirectChildrenOnly):
        old.setParent(None)
        old.deleteLater()
    _Tint(target, name, colour, checked)


class IconLabel(QLabel):
    """An icon that stands by itself, such as a warning sign. Follows the theme."""

    def __init__(self, name: str, size: int = 16, colour: Colour = "text") -> None:
        super().__init__()
        self._name, self._size, self._colour = name, size, colour
        self.setFixedSize(QSize(size, size))
        theme().changed.connect(self._draw_again)
        self._draw_again()

    def set_icon(self, name: str, colour: Colour) -> None:
        """Show another icon or colour."""
        self._name, self._colour = name, colour
        self._draw_again()

    @Slot()
    def _draw_again(self) -> None:
        self.setPixmap(pixmap(self._name, self._size, self._colour, self.devicePixelRatioF()))


class _Tint(QObject):
    """Keeps the icon of its parent in the colours of the theme."""

    def __init__(
        self, target: QAbstractButton | QAction, name: str, colour: Colour, checked: Colour | None
    ) -> None:
        super().__init__(target)
        self._target: _HasIcon = target
        self._name, self._colour, self._checked = name, colour, checked
        theme().changed.connect(self._apply)
        self._apply()

    @Slot()
    def _apply(self) -> None:
        self._target.setIcon(icon(self._name, self._colour, self._checked))


def _ratios() -> set[float]:
    return {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}


@lru_cache(maxsize=512)
def _draw(name: str, colour: str, pixels: int) -> QPixmap:
    """Return the icon drawn at exactly `pixels` device pixels."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))
    drawn = QPixmap(pixels, pixels)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn


@lru_cache(maxsize=128)
def _source(name: str) -> bytes:
    return resource("icons", f"{name}.svg").read_bytes()
