"""The row of large figures: step, speed, what the family measures, and the time left."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.core.family_info import CHANCE, FamilyInfo
from studio.core.protocol import Progress
from studio.core.recipe import RunRecipe
from studio.core.runs import RunState
from studio.ui import nouns
from studio.ui.pages.train_series import History
from studio.ui.pages.train_words import (
    clock,
    clock_at,
    comparison,
    family_info,
    settled,
)
from studio.ui.theme import GAP
from studio.ui.widgets.cards import Figure
from studio.ui.widgets.flow import FlowLayout
from studio.ui.words import duration, value_words

_WIDEST = 180  # pixels of a figure, unless there is room


class FiguresRow(QWidget):
    """Figures of one run, side by side; in two rows when their words do not fit into one."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Figures"))
        self._layout = FlowLayout(self, spacing=GAP, fill=True)
        self._widest = 0
        self._family: dict[str, Figure] = {}
        self._info: FamilyInfo | None = None
        self.step = Figure(self.tr("step"))
        self.speed = Figure(self.tr("speed"))
        self.time = Figure(self.tr("time left"))
        for figure in (self.step, self.speed, self.time):
            self._layout.addWidget(figure)

    def show_run(
        self,
        recipe: RunRecipe,
        state: RunState,
        history: History,
        progress: Progress | None,
        *,
        training: bool,
    ) -> None:
        """Show a run's newest numbers.

        Args:
            progress: What the trainer says of how far it is; None when it holds another run.
            training: Whether it is the run in hand.
        """
        info = family_info(recipe)
        if self._info is None or info.id != self._info.id:
            self._rebuild(info)
        step = max(history.last_step, state.step)
        if progress is not None and progress.unit == "steps":
            step = max(step, progress.done)
        steps = int(recipe.options["steps"])
        self.step.set_value(f"{step:,}", self.tr("of {steps}").format(steps=f"{steps:,}"))
        self._show_speed(recipe, history)
        self._show_time(state, history, progress, steps - step, training=training)
        for name, figure in self._family.items():
            series, metric = history.series.get(name), info.metric(name)
            value = settled(series) if series is not None else None
            if series is None or value is None:
                figure.set_value("–", self.tr("not measured yet"))
            else:
                beside = comparison(series, metric)
                if name in CHANCE:
                    chance = self.tr("guessing: {chance}")
                    beside = chance.format(chance=value_words(metric, CHANCE[name]))
                figure.set_value(value_words(metric, value), beside)
        self._make_room()

    def _make_room(self) -> None:
        """Make columns as wide as the longest words; they shrink only for another family.

        Very long names end in dots: three columns fit into the page.
        """
        figures = (self.step, self.speed, *self._family.values(), self.time)
        self._widest = max(self._widest, *(figure.sizeHint().width() for figure in figures))
        self._layout.set_column(min(self._widest, _WIDEST))
        self.updateGeometry()

    def _rebuild(self, info: FamilyInfo) -> None:
        self._layout.removeWidget(self.time)
        for figure in self._family.values():
            self._layout.removeWidget(figure)
            figure.hide()
            figure.deleteLater()
        self._info, self._widest = info, 0
        self._family = {}
        for name in info.figures:
            metric = info.metric(name)
            figure = self._family[name] = Figure(metric.title.lower())
            figure.setToolTip(metric.help)
        for figure in (*self._family.values(), self.time):
            self._layout.addWidget(figure)

    def _show_speed(self, recipe: RunRecipe, history: History) -> None:
        series = history.series.get("steps_per_second")
        value = settled(series) if series is not None else None
        if value is None:
            self.speed.set_value("–", self.tr("not measured yet"))
            return
        digits = 0 if value >= 100 else 1
        items = f"{value * int(recipe.options['batch_size']):,.0f}"
        self.speed.set_value(
            self.tr("{speed} step/s").format(speed=f"{value:,.{digits}f}"),
            self.tr("{count} {items}/s").format(count=items, items=nouns.rows(recipe.modality)),
        )

    def _show_time(
        self,
        state: RunState,
        history: History,
        progress: Progress | None,
        steps_left: int,
        *,
        training: bool,
    ) -> None:
        seconds = max(history.seconds, state.seconds)
        self.time.set_caption(self.tr("time left") if training else self.tr("trained for"))
        if not training:
            ended = clock_at(state.updated) if state.updated else ""
            note = self.tr("until {time}").format(time=ended) if ended else ""
            self.time.set_value(duration(seconds), note)
            return
        left = progress.seconds_left if progress is not None else None
        if left is None:
            note = self.tr("trained so far {time}").format(time=duration(seconds))
            self.time.set_value("–", note)
            return
        self.time.set_value(duration(left), self.tr("done at {time}").format(time=clock(left)))
