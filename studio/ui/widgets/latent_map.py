"""A map of seeds: the point on it is dragged, and what lies there is shown elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.exploration import Anchor
from studio.ui.model_files import dropped_files
from studio.ui.theme import RADIUS_INNER, theme, ui_font
from studio.ui.widgets.latent_map_paint import (
    POINT,
    draw_ground,
    draw_point,
    draw_seed,
    draw_weights,
)

#: Pictures of what lies where, across and down.
TILES = 9
_REACH = 22.0  # how near to an anchor a press takes hold of it
_STEP, _FINE = 0.04, 0.01  # of the arrow keys, with Shift the second


class LatentMap(QWidget):
    """Seeds as small pictures, between which a point is moved by mouse or arrow keys.

    A press on the ground moves the point there; a press on a seed takes hold of the seed. Delete
    takes the chosen seed away, N and P choose the next and the one before, Enter goes there.

    Signals:
        moved: (x, y) of the point, while it is moved.
        settled: The point or a seed was let go.
        anchor_moved: (number, x, y) of a seed, while it is moved.
        removed: Number of a seed that the user wants to be rid of.
        dropped: Paths of files that were dropped, and the point x, y.
    """

    moved = Signal(float, float)
    settled = Signal()
    anchor_moved = Signal(int, float, float)
    removed = Signal(int)
    dropped = Signal(object, float, float)

    def __init__(self) -> None:
        super().__init__()
        self._anchors: tuple[Anchor, ...] = ()
        self._pictures: dict[int, QPixmap] = {}
        self._tiles: dict[int, QPixmap] = {}
        self._shares: Mapping[int, float] = {}
        self._point = QPointF(0.5, 0.5)
        self._on_map = True
        self._chosen = -1
        self._held: str | int | None = None
        self.setFont(ui_font(11))
        self.setMinimumSize(QSize(180, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Map of seeds"))
        self.setToolTip(
            self.tr(
                "Drag the point: what lies between the seeds is shown beside the map"
                " (interpolation in the latent space). Drag the seeds to arrange them."
            )
        )
        theme().changed.connect(self.update)

    # ------------------------------------------------------------------------------- contents

    def set_anchors(self, anchors: Sequence[Anchor]) -> None:
        """Show these seeds."""
        self._anchors = tuple(anchors)
        self._chosen = min(self._chosen, len(anchors) - 1)
        self._describe()

    def set_pictures(self, pictures: Mapping[int, QPixmap]) -> None:
        """Show what seeds make, by seed."""
        self._pictures = dict(pictures)
        self.update()

    def set_tiles(self, tiles: Mapping[int, QPixmap]) -> None:
        """Show what lies where, by the number of the tile, row by row."""
        self._tiles = dict(tiles)
        self.update()

    def set_point(self, x: float, y: float, shares: Mapping[int, float], *, on_map: bool) -> None:
        """Show where one is, and how much each seed weighs there."""
        self._point, self._shares, self._on_map = QPointF(x, y), shares, on_map
        self._describe()

    def chosen(self) -> int:
        """Return the number of the chosen seed, -1 for none."""
        return self._chosen

    @staticmethod
    def tile_centre(number: int) -> tuple[float, float]:
        """Return the point of the map in the middle of a tile."""
        row, column = divmod(number, TILES)
        return ((column + 0.5) / TILES, (row + 0.5) / TILES)

    def hasHeightForWidth(self) -> bool:
        """Be square where there is room."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the side of the square."""
        return width

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(300, 300)

    # -------------------------------------------------------------------------------- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what lies where, the seeds, and the point."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = self._room()
        draw_ground(painter, room, self._tiles, TILES)
        here = self._to_screen(self._point.x(), self._point.y())
        places = [self._to_screen(anchor.x, anchor.y) for anchor in self._anchors]
        seeds = [anchor.seed for anchor in self._anchors]
        if self._on_map:
            draw_weights(painter, here, places, [self._shares.get(seed, 0.0) for seed in seeds])
        for number, (place, seed) in enumerate(zip(places, seeds, strict=True)):
            picture = self._pictures.get(seed)
            draw_seed(painter, room, place, seed, picture, chosen=number == self._chosen)
        draw_point(painter, here, filled=self._on_map)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("accent"), 1.5))
            painter.drawRoundedRect(room.adjusted(1, 1, -1, -1), RADIUS_INNER, RADIUS_INNER)

    # --------------------------------------------------------------------------- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a seed, or bring the point under the pointer."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        under = self._anchor_at(event.position())
        near_point = self._near_point(event.position())
        if under >= 0 and not near_point:
            self._choose(under)
            self._held = under
        else:
            self._held = "point"
            self._move_point(*self._to_map(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held."""
        x, y = self._to_map(event.position())
        if self._held == "point":
            self._move_point(x, y)
        elif isinstance(self._held, int):
            self.anchor_moved.emit(self._held, x, y)
        else:
            grips = self._near_point(event.position()) or self._anchor_at(event.position()) >= 0
            shape = Qt.CursorShape.OpenHandCursor if grips else Qt.CursorShape.CrossCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._held is not None:
            self._held = None
            self.settled.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to a seed."""
        self._go_to_anchor(self._anchor_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the point with the arrows, choose and remove seeds."""
        step = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        ways = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        key = Qt.Key(event.key())
        if key in ways:
            across, down = ways[key]
            self._move_point(self._point.x() + across, self._point.y() + down)
            self.settled.emit()
        elif key in (Qt.Key.Key_N, Qt.Key.Key_P) and self._anchors:
            forward = 1 if key is Qt.Key.Key_N else -1
            self._choose((max(self._chosen, -1) + forward) % len(self._anchors))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go_to_anchor(self._chosen)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._chosen >= 0:
            self.removed.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys work here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do not."""
        super().focusOutEvent(event)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that the studio made."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over where files were dropped."""
        self.dropped.emit(dropped_files(event.mimeData()), *self._to_map(event.position()))
        event.acceptProposedAction()

    # -------------------------------------------------------------------------------- private

    def _room(self) -> QRectF:
        """Return the square that the map is drawn in."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _to_screen(self, x: float, y: float) -> QPointF:
        room = self._room()
        return QPointF(room.left() + x * room.width(), room.top() + y * room.height())

    def _to_map(self, position: QPointF) -> tuple[float, float]:
        room = self._room()
        x = (position.x() - room.left()) / max(1.0, room.width())
        y = (position.y() - room.top()) / max(1.0, room.height())
        return (min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))

    def _near_point(self, position: QPointF) -> bool:
        away = position - self._to_screen(self._point.x(), self._point.y())
        return self._on_map and away.manhattanLength() < 2 * POINT

    def _anchor_at(self, position: QPointF) -> int:
        for number in reversed(range(len(self._anchors))):
            anchor = self._anchors[number]
            away = position - self._to_screen(anchor.x, anchor.y)
            if max(abs(away.x()), abs(away.y())) < _REACH:
                return number
        return -1

    def _choose(self, number: int) -> None:
        self._chosen = number
        self._describe()

    def _go_to_anchor(self, number: int) -> None:
        if 0 <= number < len(self._anchors):
            anchor = self._anchors[number]
            self._move_point(anchor.x, anchor.y)
            self.settled.emit()

    def _move_point(self, x: float, y: float) -> None:
        self.moved.emit(min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))

    def _describe(self) -> None:
        """Say for screen readers where the point is and which seed is chosen."""
        words = []
        if self._on_map:
            heaviest = sorted(self._shares.items(), key=lambda each: -each[1])[:3]
            parts = ", ".join(f"{seed} {share:.0%}" for seed, share in heaviest)
            words.append(self.tr("Between seeds {parts}").format(parts=parts))
        else:
            words.append(self.tr("The place shown is not on the map"))
        if self._chosen >= 0:
            seed = self._anchors[self._chosen].seed
            words.append(self.tr("seed {seed} is chosen").format(seed=seed))
        self.setAccessibleDescription(". ".join(words))
        self.update()
