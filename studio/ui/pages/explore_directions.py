"""The explorer's sliders: the directions in which a model changes most, by names of the user's."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.theme import GAP, ui_font
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled
from studio.ui.widgets.progress import ProgressBar

_FAR = 3.0  # standard deviations to either end of a slider
_COLUMN = 190


class DirectionSlider(QWidget):
    """One direction: a name that can be typed over, how far one has gone, and the slider.

    Signals:
        moved: (number, standard deviations).
        renamed: (number, name); an empty name stands for the number alone.
    """

    moved = Signal(int, float)
    renamed = Signal(int, str)

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._usual = self.tr("Direction {number}").format(number=number + 1)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of direction {number}").format(number=number + 1))
        self.name.setToolTip(self.tr("Type what this direction changes, such as slant or colour"))
        self.name.setFrame(False)
        self.name.setProperty("role", "inline")
        self.name.setMaxLength(40)
        self.name.editingFinished.connect(self._on_name)
        self._far = label("", "caption")
        self._far.setFont(ui_font(11, tabular=True))
        self.slider = LabelledSlider(
            "",
            -_FAR,
            _FAR,
            0.0,
            steps=120,
            centred=True,
            tip=self.tr("How far along this direction, in standard deviations"),
        )
        self.slider.changed.connect(self._on_slider)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self.name, 1)
        top.addWidget(self._far)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.slider)
        self.set_value(0.0)
        self.set_name("")

    def set_name(self, name: str) -> None:
        """Show what the direction is called; by its number when it has no name."""
        shown = name or self._usual
        if self.name.text() != shown:
            self.name.setText(shown)
            self.name.setCursorPosition(0)
        self.slider.set_accessible_name(shown)

    def set_value(self, deviations: float) -> None:
        """Show how far one has gone."""
        self.slider.set_value(deviations)
        self._far.setText(f"{deviations:+.1f}" if abs(deviations) >= 0.05 else "0")

    @Slot(float)
    def _on_slider(self, value: float) -> None:
        self.set_value(value)
        self.moved.emit(self._number, round(value, 2))

    @Slot()
    def _on_name(self) -> None:
        name = self.name.text().strip()
        self.set_name(name)
        self.renamed.emit(self._number, "" if name == self._usual else name)


class DirectionsPanel(QStackedWidget):
    """The sliders, or the way to find the directions.

    Signals:
        moved: (number, standard deviations) of a slider.
        renamed: (number, name) of a direction.
        levelled: All sliders are to go to their middle.
        find_wanted, end_wanted: A search is to begin, or to end.
    """

    moved = Signal(int, float)
    renamed = Signal(int, str)
    levelled = Signal()
    find_wanted = Signal()
    end_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sliders: list[DirectionSlider] = []
        self._names: Mapping[int, str] = {}
        self._find = Button(self.tr("Find the directions"), self.find_wanted.emit, icon="search")
        self._end = Button(self.tr("Cancel"), self.end_wanted.emit)
        self._progress = ProgressBar(self.tr("Finding directions"))
        self.addWidget(self._way_to_them())
        self._rows = FlowLayout(spacing=GAP, column=_COLUMN)
        rows = QWidget()
        rows.setLayout(self._rows)
        known = QWidget()
        column = QVBoxLayout(known)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(scrolled(rows), 1)
        self._level = QuietButton(self.tr("All to the middle"), self.levelled.emit)
        column.addWidget(self._level, 0, Qt.AlignmentFlag.AlignLeft)
        self.addWidget(known)
        self.set_searching(-1)

    def set_count(self, count: int) -> None:
        """Show so many sliders; none shows how to get them."""
        for slider in self._sliders[count:]:
            self._rows.removeWidget(slider)
            slider.deleteLater()
        del self._sliders[count:]
        for number in range(len(self._sliders), count):
            slider = DirectionSlider(number)
            slider.moved.connect(self.moved)
            slider.renamed.connect(self.renamed)
            self._rows.addWidget(slider)
            self._sliders.append(slider)
        self.set_names(self._names)
        self.setCurrentIndex(1 if count else 0)

    def set_names(self, names: Mapping[int, str]) -> None:
        """Show what the directions are called."""
        self._names = names
        for number, slider in enumerate(self._sliders):
            slider.set_name(names.get(number, ""))

    def set_values(self, moves: Mapping[int, float]) -> None:
        """Show how far one has gone along each."""
        for number, slider in enumerate(self._sliders):
            slider.set_value(moves.get(number, 0.0))
        self._level.setEnabled(any(moves.values()))

    def set_searching(self, share: float | None) -> None:
        """Show how far a search is; -1 when there is none."""
        searching = share != -1
        self._find.setVisible(not searching)
        self._end.setVisible(searching)
        self._progress.setVisible(searching)
        if searching:
            self._progress.set_share(share)

    def sliders(self) -> list[DirectionSlider]:
        """Return the sliders, the strongest direction first."""
        return list(self._sliders)

    def _way_to_them(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        words = label(
            self.tr(
                "What can this model change most: slant, thickness, colour? It is found once, in"
                " some seconds, and then stands here as sliders that you can name."
            ),
            "muted",
            wrap=True,
        )
        words.setToolTip(self.tr("Principal directions of the latent space"))
        column.addWidget(words)
        row = QHBoxLayout()
        row.addWidget(self._find)
        row.addWidget(self._end)
        row.addWidget(self._progress, 1)
        row.addStretch(0)
        column.addLayout(row)
        column.addStretch(1)
        return page
