"""The bar below a piano roll, which also says who plays."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.media import Track
from studio.ui.sound_thread import Piece
from studio.ui.theme import theme, ui_font
from studio.ui.views.music_colours import draw_swatch, track_name
from studio.ui.views.music_roll import PianoRoll
from studio.ui.views.transport import TransportBar

_WITH_LEGEND = 560  # pixels of width that it needs
_NAMED_TRACKS = 5


class RollBar(TransportBar):
    """Plays the piece of a roll and names its tracks."""

    def __init__(self, roll: PianoRoll) -> None:
        self._roll = roll
        self._legend = Legend()
        super().__init__(roll)
        self.middle.addWidget(self._legend)

    def show_piece(self, piece: Piece | None) -> None:
        """Play another piece from now on, and name its tracks."""
        super().show_piece(piece)
        self.show_tracks()

    def show_tracks(self) -> None:
        """Follow an edit that took a track away or changed how long the piece is."""
        there = self.piece is not None
        self._legend.show_tracks(self._roll.table.music.tracks if there else ())
        self._fit()
        self._show()

    def _fit(self) -> None:
        super()._fit()
        self._legend.setVisible(self.width() >= _WITH_LEGEND and self._legend.some())


class Legend(QWidget):
    """The tracks of a piece, each with a sample of its notes."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self.setFont(ui_font(11))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Show who plays."""
        names = [track_name(track) for track in tracks]
        self._names = names[:_NAMED_TRACKS]
        if len(names) > _NAMED_TRACKS:
            self._names.append(self.tr("{count} more").format(count=len(names) - _NAMED_TRACKS))
        self.setAccessibleName(self.tr("Tracks: {names}").format(names=", ".join(names)))
        self.setToolTip("\n".join(names))
        self.updateGeometry()
        self.update()

    def some(self) -> bool:
        """Tell whether there is a track."""
        return bool(self._names)

    def sizeHint(self) -> QSize:
        """Ask for all names in a line."""
        metrics = self.fontMetrics()
        width = sum(min(110, metrics.horizontalAdvance(name)) + 28 for name in self._names)
        return QSize(width, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw samples and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        x = 0.0
        for index, name in enumerate(self._names):
            if index < _NAMED_TRACKS:
                draw_swatch(painter, QRectF(x, self.height() / 2 - 4, 14, 8), index)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, 110)
            painter.setPen(theme().colour("muted"))
            box = QRectF(x + 18, 0, 120, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            x += metrics.horizontalAdvance(text) + 28
