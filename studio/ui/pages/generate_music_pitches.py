"""How often a piece uses each pitch class, beside the collection that its model learned from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.theme import theme, ui_font
from studio.ui.views.music_facts import PITCH_CLASSES, PieceFacts
from studio.ui.views.music_survey import Survey
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label

_NAMES = 16  # pixels of the line of names
_WIDEST = 18.0  # pixels of a bar
_CLOSE, _FAR = 0.2, 0.4  # half the sum of differences between the two sets of shares


class PitchCard(Card):
    """Twelve pairs of bars and a sentence."""

    def __init__(self) -> None:
        super().__init__(" ")
        self.set_title(self.tr("Pitches"))
        self.chart = PitchChart()
        self._words = label("", "muted", wrap=True)
        self._theirs = (_Key("faint"), label(self.tr("your pieces"), "caption"))
        for widget in (*self._theirs, _Key("accent"), label(self.tr("this one"), "caption")):
            self.header.addWidget(widget)
        self.body.addWidget(self.chart, 1)
        self.body.addWidget(self._words)
        self.show_facts(None, None)

    def show_facts(self, facts: PieceFacts | None, collection: Survey | None) -> None:
        """Show a piece, and the collection where it is known."""
        known = collection is not None and collection.pieces > 0
        theirs = collection.pitch_classes if collection is not None and known else None
        self.chart.show_shares(facts, theirs)
        for widget in self._theirs:
            widget.setVisible(known)
        self._words.setText(self._sentence(facts, collection if known else None))

    def _sentence(self, facts: PieceFacts | None, collection: Survey | None) -> str:
        if facts is None or not facts.notes:
            return ""
        mine = f"{facts.notes_per_bar:.1f}"
        if collection is None:
            return self.tr("{count} notes per bar.").format(count=mine)
        # how far apart the two sets of shares are: 0 for the same, 1 for no pitch in common
        apart = sum(
            abs(a - b) for a, b in zip(facts.pitch_classes, collection.pitch_classes, strict=True)
        )
        apart /= 2
        if apart < _CLOSE:
            words = self.tr("Close to your collection.")
        elif apart < _FAR:
            words = self.tr("Somewhat different from your collection.")
        else:
            words = self.tr("Other pitches than in your collection; it may be in a rarer key.")
        notes = self.tr("Notes per bar {mine} against {theirs}.")
        theirs = f"{collection.notes_per_bar:.1f}"
        return f"{words} {notes.format(mine=mine, theirs=theirs)}"


class PitchChart(QWidget):
    """Pairs of bars from the tonic on: the collection, and the piece."""

    def __init__(self) -> None:
        super().__init__()
        self._mine: tuple[float, ...] = ()
        self._theirs: tuple[float, ...] | None = None
        self._tonic = 0
        self.setFont(ui_font(11))
        self.setMinimumSize(QSize(180, 60))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(190)
        theme().changed.connect(self.update)
        self.show_shares(None, None)

    def show_shares(self, facts: PieceFacts | None, theirs: tuple[float, ...] | None) -> None:
        """Show the shares of a piece, and those of the collection."""
        self._mine = facts.pitch_classes if facts is not None else ()
        self._theirs, self._tonic = theirs, facts.tonic if facts is not None else 0
        words = ", ".join(self._tip(place) for place in range(12)) if self._mine else ""
        name = self.tr("Share of each pitch class")
        self.setAccessibleName(f"{name}: {words}" if words else name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(320, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, the line that they stand on, and the names."""
        if not self._mine:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        floor = self.height() - _NAMES - 2.0
        most = max([*self._mine, *(self._theirs or ()), 1e-6])
        step = self.width() / 12
        width = min(_WIDEST, step * 0.4)
        sides = [(self._theirs, "faint")] if self._theirs is not None else []
        shown = [*sides, (self._mine, "accent")]
        for place in range(12):
            pitch = (place + self._tonic) % 12
            left = place * step + (step - width * len(shown)) / 2
            for shares, colour in shown:
                height = (floor - 4) * shares[pitch] / most if shares else 0.0
                tone = theme().colour("faint" if colour == "faint" else "accent")
                painter.fillRect(QRectF(left, floor - height, width - 1, height), tone)
                left += width
            painter.setPen(theme().colour("muted"))
            box = QRectF(place * step, floor + 2, step, _NAMES)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, PITCH_CLASSES[pitch])
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme().colour("line"))

    def event(self, event: QEvent) -> bool:
        """Tell the numbers of the pitch class under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip and self._mine:
            place = int(QPointF(event.pos()).x() * 12 / max(1, self.width()))
            QToolTip.showText(event.globalPos(), self._tip(min(11, max(0, place))), self)
            return True
        return super().event(event)

    def _tip(self, place: int) -> str:
        pitch = (place + self._tonic) % 12
        name = PITCH_CLASSES[pitch]
        if self._theirs is None:
            return f"{name} {self._mine[pitch]:.0%}"
        words = self.tr("{name} {mine}, in your pieces {theirs}")
        return words.format(
            name=name, mine=f"{self._mine[pitch]:.0%}", theirs=f"{self._theirs[pitch]:.0%}"
        )


class _Key(QWidget):
    """A square in the colour of a set of bars."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(QSize(9, 9))
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        tone = theme().colour("faint" if self._colour == "faint" else "accent")
        QPainter(self).fillRect(self.rect(), tone)
