"""Runs side by side: their samples at the same point of training, and what was measured there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QSlider,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.side_by_side import (
    Clock,
    Side,
    Track,
    aligned,
    best_place,
    common_end,
    compared_metrics,
    points,
)
from studio.ui.pages.train_compare import DifferencesTable
from studio.ui.pages.train_tracks import TracksThread
from studio.ui.pages.train_words import family_info
from studio.ui.theme import GAP, GAP_CARDS, MARGIN_CARD, ui_font
from studio.ui.views.registry import make_view
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.panes import scrolled
from studio.ui.widgets.table import FactsTable
from studio.ui.words import duration, value_words

_SHEET = 200  # pixels, the smallest side of a sheet
_TABLES = 150  # pixels, the smallest height of the tables below


class SheetColumn(QWidget):
    """The sheet of one run, under its name and the point where it stood."""

    def __init__(self, track: Track) -> None:
        super().__init__()
        self._shown: Path | None = None
        self._point = label("", "caption")
        self._point.setFont(ui_font(12, tabular=True))
        self.view = make_view(track.recipe.modality)
        self.view.setAccessibleName(self.tr("Samples of {run}").format(run=track.recipe.name))
        self.view.setMinimumSize(_SHEET, _SHEET)
        self._nothing = label(self.tr("No samples yet"), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(ElidedLabel(track.recipe.name, "heading"))
        column.addWidget(self._point)
        column.addWidget(self.view, 1)
        column.addWidget(self._nothing, 1)

    def show_side(self, side: Side) -> None:
        """Show where the run stood."""
        words = self.tr("step {step} · {time}")
        self._point.setText(words.format(step=f"{side.step:,}", time=duration(side.seconds)))
        self.view.setVisible(side.sheet is not None)
        self._nothing.setVisible(side.sheet is None)
        if side.sheet is not None and side.sheet != self._shown:
            self._shown = side.sheet
            self.view.show_media(side.sheet)


class ValuesTable(FactsTable):
    """One row per metric that tells which run is better, one column per run."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        super().__init__(QCoreApplication.translate("ValuesTable", "Measured values"))
        self._families = [track.recipe.family for track in tracks]
        self._infos = [family_info(track.recipe) for track in tracks]
        self.set_headings([self.tr("Measured"), *(track.recipe.name for track in tracks)])

    def show_sides(self, sides: Sequence[Side]) -> None:
        """Show the values of each run, the better one bold."""
        metrics = compared_metrics(sides, self._infos)
        self.setRowCount(len(metrics))
        bold = QFont(self.font())
        bold.setBold(True)
        for row, (name, metric) in enumerate(metrics.items()):
            title = QTableWidgetItem(metric.title)
            title.setToolTip(metric.help)
            self.setItem(row, 0, title)
            best = best_place(name, metric, sides, self._families)
            for place, side in enumerate(sides):
                value = side.values.get(name)
                cell = QTableWidgetItem("–" if value is None else value_words(metric, value))
                if place == best:
                    cell.setFont(bold)
                    cell.setToolTip(self.tr("The better value"))
                self.setItem(row, 1 + place, cell)
        self.fit()


class SideBySideDialog(QDialog):
    """Compared runs at one point, which a slider moves through their training.

    Attributes:
        clock: Whether runs are aligned by step or by training time.
        slider: One notch per sheet of any run.
        save: Writes the sheets in sight as a picture, or a clip of those that move.

    Signals:
        picture_wanted: The clock and the point whose sheets are to be written.
        failed: StudioError, when a run cannot be read.
    """

    picture_wanted = Signal(str, float)
    failed = Signal(object)

    def __init__(self, folders: Sequence[Path], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Runs side by side"))
        self.resize(940, 720)
        self._tracks: list[Track] = []
        self._columns: list[SheetColumn] = []
        self._points: list[float] = []
        self.clock = ChipRow(
            self.tr("Aligned by"),
            [
                ChipChoice("step", self.tr("Same step")),
                ChipChoice("time", self.tr("Same training time")),
            ],
        )
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Point of the training"))
        self._now = label("", "caption")
        self._now.setFont(ui_font(12, tabular=True))
        self.save = Button(self.tr("Save as picture…"), self._on_save)
        self._caution = label("", "caption", wrap=True)
        self._waits = label(self.tr("Reading the runs …"), "muted")
        self._content = QWidget()
        self._lay_out()
        self.clock.chosen.connect(self._on_clock)
        self.slider.valueChanged.connect(self._show)
        self.finished.connect(self._on_finished)
        self._reader = TracksThread(folders, self)
        self._reader.found.connect(self._on_found)
        self._reader.failed.connect(self._on_failed)
        self._reader.start()

    @property
    def sheets(self) -> list[SheetColumn]:
        """The columns of sheets, in the order of the runs."""
        return list(self._columns)

    def point(self) -> float:
        """Return the step or the seconds at which the runs are shown."""
        return self._points[self.slider.value()] if self._points else 0.0

    # ------------------------------------------------------------------------------- the parts

    def _lay_out(self) -> None:
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        slide = QHBoxLayout()
        slide.addWidget(self.slider, 1)
        slide.addWidget(self._now)
        tables = QWidget()
        self._tables = QVBoxLayout(tables)
        self._tables.setContentsMargins(0, 0, 0, 0)
        self._tables.setSpacing(GAP)
        self._tables.addWidget(self._caution)
        area = scrolled(tables)
        area.setMinimumHeight(_TABLES)
        inner = QVBoxLayout(self._content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addLayout(self._row, 3)
        inner.addLayout(slide)
        inner.addWidget(area, 2)
        self._content.hide()
        self.save.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP_CARDS)
        column.addWidget(self.clock)
        column.addWidget(self._waits, 1, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._content, 1)
        column.addWidget(buttons)

    @Slot(object)
    def _on_found(self, tracks: list[Track]) -> None:
        self._tracks = tracks
        self._columns = [SheetColumn(track) for track in tracks]
        for each in self._columns:
            self._row.addWidget(each, 1)
        self._values = ValuesTable(tracks)
        differences = DifferencesTable()
        self._tables.addWidget(self._values)
        self._tables.addWidget(differences)
        self._tables.addStretch(1)
        differences.show_recipes([track.recipe for track in tracks])
        if len({track.recipe.family for track in tracks}) > 1:
            self.clock.set_key("time")  # a step of one kind is not what it is of another
        self._waits.hide()
        self._content.show()
        self.save.setEnabled(True)
        # only what is seen can stand beside each other in one
        kinds = {track.recipe.modality for track in tracks}
        self.save.setVisible(kinds <= {Modality.IMAGE, Modality.VIDEO})
        if Modality.VIDEO in kinds:
            self.save.setText(self.tr("Save as clip…"))
        self._on_clock()

    @Slot(object)
    def _on_failed(self, error: StudioError) -> None:
        self.failed.emit(error)
        self.reject()

    @Slot()
    def _on_clock(self) -> None:
        """Go to the end of the shortest run, the last point that all have reached."""
        if not self._tracks:
            return
        self._points = points(self._tracks, self._clock())
        end = common_end(self._tracks, self._clock())
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(self._points) - 1))
        self.slider.setValue(max(0, bisect_right(self._points, end) - 1))
        self.slider.blockSignals(blocked)
        self.slider.setEnabled(len(self._points) > 1)
        self._show()

    @Slot()
    def _show(self) -> None:
        sides = aligned(self._tracks, self._clock(), self.point())
        for column, side in zip(self._columns, sides, strict=True):
            column.show_side(side)
        self._values.show_sides(sides)
        at = duration(self.point())
        if self._clock() == "step":
            at = self.tr("step {step}").format(step=f"{self.point():,.0f}")
        self._now.setText(at)
        judges = {side.judge for side in sides if side.judge}
        words = ""
        if len(judges) > 1:
            words = self.tr(
                "They were measured by different judges or with different numbers of samples: do"
                " not compare those values. Measure both again on the same data."
            )
        elif not judges:
            words = self.tr(
                "Nothing was measured on unseen data up to here: Measure all checkpoints does it,"
                " in the menu of a checkpoint."
            )
        self._caution.setText(words)
        self._caution.setVisible(bool(words))

    def _clock(self) -> Clock:
        return "time" if self.clock.key() == "time" else "step"

    @Slot()
    def _on_save(self) -> None:
        self.picture_wanted.emit(self._clock(), self.point())

    @Slot()
    def _on_finished(self) -> None:
        self._reader.wait()
        self.deleteLater()
