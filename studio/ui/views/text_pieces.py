"""A sentence cut into tokens: each piece in a colour of its own, its number below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import theme, ui_font
from studio.ui.views.text_choices import visible

_PAD, _GAP = 3.0, 2.0
_HIGH = 38.0  # of a piece with its number
_TINT = 0.28
_MOST = 400  # pieces that are drawn


class PiecesView(QWidget):
    """Pieces one after the other, as many in a line as fit; as high as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[tuple[str, int]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("The sentence as tokens"))
        theme().changed.connect(self.update)

    def show_pieces(self, pieces: Sequence[tuple[str, int]]) -> None:
        """Show other pieces, each with the number of its token."""
        self._pieces = list(pieces[:_MOST])
        self.setAccessibleDescription(" | ".join(text for text, _number in self._pieces))
        self.updateGeometry()
        self.update()

    def pieces(self) -> list[tuple[str, int]]:
        """Return what is shown."""
        return list(self._pieces)

    def hasHeightForWidth(self) -> bool:
        """Grow with the lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        boxes = self._boxes(width)
        return round(boxes[-1].bottom() + 1) if boxes else 0

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(260, self.heightForWidth(260))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pieces."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        letters, small = ui_font(13), ui_font(11, tabular=True)
        small.setPixelSize(9)
        centre = Qt.AlignmentFlag.AlignHCenter
        boxes = self._boxes(self.width())
        for place, ((text, number), box) in enumerate(zip(self._pieces, boxes, strict=True)):
            colour = theme().series(place)
            colour.setAlphaF(_TINT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            upper = QRectF(box.topLeft(), QPointF(box.right(), box.top() + 22))
            painter.drawRoundedRect(upper, 4, 4)
            painter.setFont(letters)
            painter.setPen(theme().colour("text"))
            painter.drawText(upper, centre | Qt.AlignmentFlag.AlignVCenter, visible(text))
            painter.setFont(small)
            painter.setPen(theme().colour("muted"))
            lower = QRectF(box.left() - 6, upper.bottom(), box.width() + 12, 13)
            painter.drawText(lower, centre, str(number))

    def _boxes(self, width: int) -> list[QRectF]:
        """Return where each piece stands."""
        metrics, small = QFontMetricsF(ui_font(13)), QFontMetricsF(ui_font(11))
        boxes: list[QRectF] = []
        x = y = 0.0
        for text, number in self._pieces:
            # numbers are set in 9 pixels where captions have 11
            wide = max(metrics.horizontalAdvance(visible(text)) + 2 * _PAD, 8.0)
            wide = max(wide, small.horizontalAdvance(str(number)) * 9 / 11)
            wide = min(wide, float(width))
            if x + wide > width and x > 0:
                x, y = 0.0, y + _HIGH + _GAP
            boxes.append(QRectF(x, y, wide, _HIGH))
            x += wide + _GAP
        return boxes
