"""Rules for any model: numbers that run away, what is learned by heart, and the machine."""

from __future__ import annotations

import statistics
from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, percent

#: Metrics that are what a family goes down, beside those in nats.
_LOSSES = ("loss", "bits")


def _not_a_number(history: History) -> str | None:
    if not history.strange:
        return None
    return f"{', '.join(history.strange)} is no longer a number."


def _divergence(history: History) -> str | None:
    window = history.now
    for name in window.sums:
        past = history.past(name)
        if name.startswith("gradient") and len(past) >= 4:
            # the later half of them: against a critic that begins flat it grows at first
            usual = statistics.median(past[len(past) // 2 :])
            if window[name] > 10 * usual:
                return f"{name} is {window[name]:.3g}, ten times its usual {usual:.3g} and more."
        metric = history.info.metrics.get(name)
        if metric is None or metric.better != "lower" or len(past) < 2:
            continue
        if name.startswith("val_"):  # may rise for another reason, see by-heart
            continue
        # the family's own loss: it should fall, but for noise; one in nats may go through 0
        noise = max(0.5 * abs(min(past)), 0.1 * (past[0] - min(past)))
        if (metric.unit == "nats" or name in _LOSSES) and window[name] > min(past) + noise:
            return f"{name} is {window[name]:.4g} and was {min(past):.4g} already."
    return None


def _by_heart(history: History) -> str | None:
    window = history.now
    for name in window.sums:
        past, learned = history.past(f"val_{name}"), history.past(name)
        if f"val_{name}" not in window or len(past) < 2:
            continue
        if name not in history.info.metrics or history.info.metrics[name].better != "lower":
            continue
        best = min(past)
        if window[f"val_{name}"] > best + 0.02 * abs(best) and window[name] <= min(learned):
            return (
                f"On {history.items} that it never saw, {name} rose from {best:.4g} to"
                f" {window[f'val_{name}']:.4g}, while it still falls on the others."
            )
    return None


def _more_noise(options: Options) -> dict[str, Any]:
    return {"input_noise": min(options.get("input_noise", 0.0) + 0.1, 1.0)}


_TRIES = 12  # measurements without a gain that are no accident


def _wasted_time(history: History) -> str | None:
    if history.best is None:
        return None
    step, value = history.best
    idle = history.now.end - step
    # samples differ from sheet to sheet: a few that are no better tell nothing
    if history.share < 0.5 or idle < 0.3 * history.steps or history.since_best < _TRIES:
        return None
    return f"{history.info.best} was best at step {step:,} ({value:.4g}), {idle:,} steps ago."


def _data_starved(history: History) -> str | None:
    waited = history.now["data_wait"]
    return f"{percent(waited)} of the time goes into waiting for files." if waited > 0.2 else None


def _memory(history: History) -> str | None:
    share = history.now["memory_share"]
    return f"{percent(share)} of the memory is in use." if share > 0.92 else None


def _half_batch(options: Options) -> dict[str, Any]:
    return {"batch_size": max(options.get("batch_size", 2) // 2, 1)}


GENERAL_RULES: tuple[Rule, ...] = (
    Rule(
        id="not-a-number",
        title="A number became too large to store",
        sentence="The model is spoiled from here on; going back to an earlier checkpoint with"
        " half the learning rate usually helps.",
        check=_not_a_number,
        severity=Severity.ERROR,
        changes=half_rate,
        action="Go back and learn more slowly",
        patience=1,
        at_once=True,
    ),
    Rule(
        id="divergence",
        title="Training is shaking itself apart",
        sentence="Corrections have become much larger than before, so each one undoes the last."
        " Going back and learning more slowly usually helps.",
        check=_divergence,
        changes=half_rate,
        action="Go back and learn more slowly",
        patience=2,
    ),
    Rule(
        id="by-heart",
        title="It is learning its {items} by heart",
        sentence="It gets better on {items} that it learns from and worse on others. The best"
        " checkpoint is kept; more noise or more {items} help.",
        check=_by_heart,
        changes=_more_noise,
        action="Go back with more noise",
    ),
    Rule(
        id="data-starved",
        title="The device is waiting for files",
        sentence="Reading takes longer than learning. A faster disk, smaller {items} or fewer"
        " programs running beside it help.",
        check=_data_starved,
        needs=("data_wait",),
    ),
    Rule(
        id="memory",
        title="Memory is almost full",
        sentence="The run may be stopped by the system. A smaller batch takes less.",
        check=_memory,
        needs=("memory_share",),
        changes=_half_batch,
        action="Go on with half the batch",
        patience=1,
    ),
    Rule(
        id="wasted-time",
        title="No gain for a long time",
        sentence="The best checkpoint is kept, so you can stop here without losing anything.",
        check=_wasted_time,
        severity=Severity.INFO,
        action="Stop and keep the best",
    ),
)
