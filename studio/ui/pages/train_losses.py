"""The card of curves: which ones, how smooth, on which axis, beside which other runs."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu

from studio.core.family_info import FamilyInfo
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.ui.pages.train_book import RunBook
from studio.ui.pages.train_compare import DifferencesTable
from studio.ui.pages.train_groups import group_titles, groups, merged, on_one_axis
from studio.ui.pages.train_legend import Legend, LegendItem
from studio.ui.pages.train_metrics import MetricsTail
from studio.ui.pages.train_plot import Curve, CurvePlot
from studio.ui.pages.train_series import Series
from studio.ui.pages.train_words import family_info
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.chips import Chip, ChipChoice, ChipRow
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.labels import label

_MOST_COMPARED = 4


class LossesCard(Card):
    """Curves of the run that the page shows, and of those it is compared with.

    Attributes:
        plot: Where they are drawn.
        legend: Their names and values; a click hides or shows one.
        differences: In what the compared runs differ.

    Signals:
        grown: The shown run has more numbers.
        side_by_side_wanted: The compared runs' samples are to be shown: their ids, the shown first.
    """

    grown = Signal()
    side_by_side_wanted = Signal(list)

    def __init__(self, book: RunBook) -> None:
        super().__init__(self.tr("Losses"))
        self._book = book
        self._run: Run | None = None
        self._recipe: RunRecipe | None = None
        self._info: FamilyInfo | None = None
        self._tails: dict[str, MetricsTail] = {}
        self._group = "losses"
        self._evidence: list[str] = []
        self._picked: dict[str, bool] = {}  # curves that the user hid or showed himself
        self._drawn: set[tuple[str, str]] = set()  # (run, metric) that have numbers
        self.plot = CurvePlot()
        self.legend = Legend()
        self.differences = DifferencesTable(most_rows=5)
        self._caution = label("", "caption", wrap=True)
        self._groups = ChipRow(self.tr("Which curves"))
        self._smooth = Chip(self.tr("Smooth"), checked=True, tip=self.tr("Show a calm average"))
        self._amount = LabelledSlider("", 0.005, 0.12, self.plot.smoothing)
        self._amount.setToolTip(self.tr("How calm the average is"))
        self._amount.setAccessibleName(self.tr("How calm the average is"))
        self._amount.setFixedWidth(64)
        self._log = Chip(self.tr("Log"), tip=self.tr("Logarithmic axis: small values in detail"))
        self._clip = Chip(
            self.tr("Clip"), checked=True, tip=self.tr("Leave rare outliers out of sight")
        )
        self._compare = Chip(self.tr("Compare runs"))
        self._all = QuietButton(self.tr("Whole run"), self.plot.reset_zoom, icon="undo")
        self._all.hide()
        self._beside = Button(self.tr("Samples side by side…"), self._on_beside, icon="compare")
        self._beside.hide()
        self._lay_out()
        self._connect()

    @property
    def tail(self) -> MetricsTail | None:
        """The numbers of the run that the page shows."""
        return self._tails.get(self._run.id) if self._run is not None else None

    @property
    def compared(self) -> list[str]:
        """Ids of the runs beside the shown one."""
        return [key for key in self._tails if self._run is None or key != self._run.id]

    def show_run(self, run: Run, recipe: RunRecipe) -> None:
        """Show another run's curves."""
        if self._run is not None and run.folder == self._run.folder:
            return
        self._run, self._recipe = run, recipe
        self._info = family_info(recipe)
        for tail in self._tails.values():
            tail.deleteLater()
        self._tails.clear()
        self._evidence, self._picked = [], {}
        self._group = "losses"
        self._caution.setText(self._info.caution)
        self.plot.reset_zoom()
        self._follow(run.id)
        self._show_differences()
        self._rebuild()  # takes the curves of the run before away

    def compare_with(self, run_id: str, *, wanted: bool) -> None:
        """Lay another run's curves over these, or take them away."""
        if wanted and run_id not in self._tails and len(self.compared) < _MOST_COMPARED:
            self._follow(run_id)
        elif not wanted and run_id in self.compared:
            self._tails.pop(run_id).deleteLater()
        self._compare.setChecked(bool(self.compared))
        self._show_differences()
        self._rebuild()

    def look(self, run_id: str) -> None:
        """Read what a run's file has new, when that run is shown."""
        if run_id in self._tails:
            self._tails[run_id].look()

    def show_evidence(self, names: list[str]) -> None:
        """Show exactly these curves, or the chosen group again when there are none."""
        self._evidence = names
        self._rebuild()

    # ------------------------------------------------------------------------------------ parts

    def _lay_out(self) -> None:
        self.header.insertWidget(1, self._all)
        for widget in (self._smooth, self._amount, self._log, self._clip, self._compare):
            self.header.addWidget(widget)
        self.body.addWidget(self._caution)
        self.body.addWidget(self._groups)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self._beside, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.differences)

    def _connect(self) -> None:
        self._groups.chosen.connect(self._on_group)
        self._smooth.toggled.connect(self._on_switch)
        self._amount.changed.connect(self._on_switch)
        self._log.toggled.connect(self._on_switch)
        self._clip.toggled.connect(self._on_switch)
        self._compare.clicked.connect(self._open_compare)
        self.plot.zoomed.connect(self._all.setVisible)
        self.plot.hovered.connect(self.legend.show_step)
        self.legend.toggled.connect(self._on_toggled)

    def _follow(self, run_id: str) -> None:
        tail = MetricsTail(Run(self._book.folder / run_id), self)
        self._tails[run_id] = tail
        tail.grown.connect(self._on_grown)
        tail.look()

    @Slot()
    def _on_grown(self) -> None:
        if self._measured() != self._drawn:
            self._rebuild()
        else:
            self.plot.refresh()
            self.legend.refresh()
        if self.tail is not None and self.sender() is self.tail:
            self.grown.emit()

    def _rebuild(self) -> None:
        """Decide which curves are drawn, and draw them."""
        if self._info is None or self.tail is None:
            return
        self._drawn = self._measured()
        found = merged(
            groups(tail.history.series, self._family(run_id))
            for run_id, tail in self._tails.items()
        )
        titles = group_titles()
        self._groups.set_choices([ChipChoice(group, titles[group]) for group in found])
        if self._group not in found:
            self._group = next(iter(found), "losses")
        self._groups.set_key(self._group)
        members = self._evidence or found.get(self._group, [])
        shown = self._evidence or self._shown(members)
        self.set_title(self.tr("What the coach saw") if self._evidence else titles[self._group])
        cautious = self._group == "losses" and not self._evidence and bool(self._info.caution)
        self._caution.setVisible(cautious)
        items = []
        for dash, (run_id, tail) in enumerate(self._tails.items()):
            for colour, name in enumerate(members):
                series = tail.history.series.get(name)
                if series is None:
                    continue
                metric = self._family(run_id).metric(name)
                curve = Curve(f"{run_id}/{name}", metric.title, series, colour, dash)
                run_name = self._run_name(run_id) if len(self._tails) > 1 else ""
                items.append(LegendItem(name, curve, metric, run_name, shown=name in shown))
        self.legend.set_items(items)
        self.plot.set_curves([item.curve for item in items if item.shown])

    def _measured(self) -> set[tuple[str, str]]:
        return {(run, name) for run, tail in self._tails.items() for name in tail.history.series}

    def _family(self, run_id: str) -> FamilyInfo:
        """Return what is said of a run's family, which may be another one than the page's."""
        known = self._book.run(run_id)
        assert self._info is not None
        return family_info(known[0]) if known is not None else self._info

    def _shown(self, members: list[str]) -> list[str]:
        series: dict[str, Series] = {}
        for tail in reversed(self._tails.values()):
            series |= tail.history.series
        assert self._info is not None
        measured = [name for name in members if name in series]
        usual = on_one_axis(measured, series, self._info)
        return [name for name in members if self._picked.get(name, name in usual)]

    def _run_name(self, run_id: str) -> str:
        known = self._book.run(run_id)
        return known[0].name if known is not None else run_id

    @Slot(object)
    def _on_group(self, group: object) -> None:
        self._group = str(group)
        self._evidence = []
        self._rebuild()

    @Slot(str, bool)
    def _on_toggled(self, name: str, shown: bool) -> None:
        self._evidence = []
        self._picked[name] = shown
        self._rebuild()

    def _on_switch(self, _value: object = None) -> None:
        self._amount.setEnabled(self._smooth.isChecked())
        self.plot.smoothing = self._amount.value() if self._smooth.isChecked() else 0.0
        self.plot.logarithmic = self._log.isChecked()
        self.plot.clip = self._clip.isChecked()
        self.plot.draw()

    @Slot()
    def _open_compare(self) -> None:
        self._compare.setChecked(bool(self.compared))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for run_id, (recipe, _state) in self._book.runs().items():
            if self._run is None or run_id == self._run.id:
                continue
            action = menu.addAction(recipe.name)
            action.setCheckable(True)
            action.setChecked(run_id in self.compared)
            full = len(self.compared) >= _MOST_COMPARED
            action.setEnabled(action.isChecked() or not full)
            action.toggled.connect(
                lambda wanted, run_id=run_id: self.compare_with(run_id, wanted=wanted)
            )
        if menu.isEmpty():
            menu.addAction(self.tr("There is no other run yet")).setEnabled(False)
        menu.popup(self._compare.mapToGlobal(QPoint(0, self._compare.height() + 4)))

    def _on_beside(self) -> None:
        if self._run is not None:
            self.side_by_side_wanted.emit([self._run.id, *self.compared])

    def _show_differences(self) -> None:
        known = [(run_id, self._book.run(run_id)) for run_id in self._tails]
        recipes = [found[0] for _run_id, found in known if found is not None]
        self.differences.show_recipes(recipes)
        self._beside.setVisible(bool(self.compared))
