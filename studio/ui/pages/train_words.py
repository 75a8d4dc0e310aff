"""A run and its numbers in words: state, headline, sizes, comparisons, what retention removes."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from studio.core.catalogue import catalogue
from studio.core.family_info import FamilyInfo, Metric
from studio.core.media import Modality
from studio.core.recipe import RunRecipe
from studio.core.retention import to_remove
from studio.core.runs import RunState, RunStatus
from studio.core.state import EngineState
from studio.ui import nouns
from studio.ui.pages.train_series import Series
from studio.ui.widgets.labels import Tone
from studio.ui.words import value_words

_SETTLED = 20  # points whose mean stands for a figure, so that it does not jump about
_COMPARED_AT = 0.75  # share of the run at which a figure is compared


def tr(text: str) -> str:
    """Translate a sentence of the Train page."""
    return QCoreApplication.translate("TrainPage", text)


def family_info(recipe: RunRecipe) -> FamilyInfo:
    """Return what is said of a recipe's family."""
    return catalogue().family(recipe.family).info


def run_line(recipe: RunRecipe, items: int) -> str:
    """Return the line under a run's name: family, items, size, seed."""
    parts = [family_info(recipe).title]
    if items:
        parts.append(nouns.counted(recipe.modality, items))
    if size := recipe.preparation.get("size"):
        parts.append(_size_words(recipe.modality, size))
    elif seconds := recipe.preparation.get("seconds"):
        parts.append(tr("{seconds} s at a time").format(seconds=f"{seconds:.3g}"))
    parts.append(tr("seed {seed}").format(seed=recipe.seed))
    return " · ".join(parts)


def _size_words(modality: Modality, size: int) -> str:
    """Return how much of an item a model sees at once: `28 × 28`, `128 tokens`."""
    if modality is Modality.IMAGE:
        return f"{size} × {size}"
    fields = catalogue().modalities[modality].preparation["properties"]
    return f"{size:,} {fields['size'].get('unit', '')}".strip()


def settled(series: Series) -> float | None:
    """Return a metric's present value: the mean of its newest points."""
    points = max(1, min(_SETTLED, len(series) // 50))
    return series.mean_before(float("inf"), points)


def comparison(series: Series, metric: Metric) -> str:
    """Return how a value has moved since an earlier step: `↑ 9 since step 1,800`."""
    if len(series) < 4:
        return ""
    now = settled(series)
    earlier = min(series.steps[-1] * _COMPARED_AT, series.steps[-2])
    place = max(0, int(series.steps.searchsorted(earlier, side="right")) - 1)
    before = series.mean_before(earlier, max(1, min(_SETTLED, len(series) // 50)))
    if now is None or before is None:
        return ""
    scale = 100 if metric.percent else 1
    difference = (now - before) * scale
    since = tr("since step {step}").format(step=f"{series.steps[place]:,.0f}")
    plain = Metric(title="", help="")
    words = f"{difference:.0f}" if metric.percent else value_words(plain, abs(difference))
    words = words.lstrip("−-")
    if not float(words.replace(",", "")):
        return tr("unchanged {since}").format(since=since)
    return f"{'↑' if difference > 0 else '↓'} {words} {since}"


def state_words(state: RunState, info: FamilyInfo, engine: EngineState | None) -> tuple[str, Tone]:
    """Return what a run's card says of its state, and in which tone.

    Args:
        engine: State of the trainer when this run is the one in hand, else None.
    """
    share = state.step / state.steps if state.steps else 0.0
    if engine is not None:
        held: dict[EngineState, tuple[str, Tone]] = {
            EngineState.PAUSED: (tr("paused"), "warn"),
            EngineState.PARKED: (tr("parked"), "warn"),
            EngineState.STOPPING: (tr("stopping …"), "warn"),
        }
        return held.get(engine, (tr("training"), "good"))
    percent = f"{share:.0%}".replace("%", " %")
    if state.status is RunStatus.RUNNING:
        return tr("training in another program"), "good"
    if state.status is RunStatus.DONE:
        return " · ".join(filter(None, (tr("done"), _headline(state, info)))), ""
    if state.status is RunStatus.STOPPED:
        return tr("stopped at {share}").format(share=percent), "warn"
    if state.status is RunStatus.INTERRUPTED:
        return tr("interrupted at {share}").format(share=percent), "warn"
    reason = state.error.title if state.error is not None else ""
    return " · ".join(filter(None, (tr("failed"), reason))), "bad"


def _headline(state: RunState, info: FamilyInfo) -> str:
    if state.best_value is None:
        return ""
    metric = info.metric(info.best)
    return f"{value_words(metric, state.best_value)} {metric.title.lower()}"


def clock(seconds_from_now: float) -> str:
    """Return the time of day so many seconds from now, as the user's country writes it."""
    return clock_at(time.time() + seconds_from_now)


def clock_at(stamp: float) -> str:
    """Return the time of day of a time stamp, with its date unless that is today."""
    moment = QDateTime.fromSecsSinceEpoch(round(stamp))
    short, locale = QLocale.FormatType.ShortFormat, QLocale.system()
    if moment.date() == QDate.currentDate():
        return locale.toString(moment.time(), short)
    return locale.toString(moment, short)


def retention_words(steps: Sequence[int], keep: int, best: int | None, starred: set[int]) -> str:
    """Return what the retention rule will remove when the next checkpoint is saved."""
    stays = tr("The newest {count}, the best and starred ones stay.").format(count=keep)
    if not steps:
        return stays
    upcoming = [*steps, max(steps) + 1]
    going = to_remove(upcoming, keep, best, starred)
    if not going:
        return stays + " " + tr("The next save removes nothing.")
    named = ", ".join(f"{step:,}" for step in going)
    words = tr("The next save removes step {steps}: star it to keep it.")
    if len(going) > 1:
        words = tr("The next save removes steps {steps}: star those to keep.")
    return stays + " " + words.format(steps=named)
