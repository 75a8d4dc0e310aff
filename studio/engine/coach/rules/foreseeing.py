"""Rules for models that foresee what comes next: tokens of texts and music, samples of sound."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import partial
from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, forget_more, half_rate, percent

_GAP = 0.3  # nats between what is learned and what is unseen
_WORSE = 1.005  # times the best so far
_NEAR = 0.98  # of what a model reaches that knows nothing, or only how frequent tokens are
_FAST = 1e-3  # learning rate
_CUT = 0.5  # share of steps
_BEFORE, _LATEST = 6, 2  # windows that a peak is held against, and that it may take
_SPREADS = 4.0  # standard deviations
_JUMP = 1.03  # times the level before, so that a smooth run is not held to its own smoothness


@dataclass(frozen=True)
class Surprise:
    """How families of a kind measure what they did not foresee.

    Attributes:
        learned, unseen: Metrics of it, on what is learned from and on what never was.
        unit: What it is counted in.
        nats: How many nats that is.
        one: What is foreseen.
        many: What each can be.
        count: How many different ones there are; 0 for as many as the data's vocabulary has.
        settled: Option that says after which part of a run they mean what they will; "" for those
            that always did.
    """

    learned: str
    unseen: str
    unit: str
    nats: float
    one: str
    many: str
    count: int = 0
    settled: str = ""

    def different(self, history: History) -> int:
        """Return how many different ones can come; 0 where that is not known."""
        return self.count or int(history.facts.get("vocabulary", 0))


TOKENS = Surprise("nats", "val_nats_per_token", "nats a token", 1.0, "token", "tokens")
SAMPLES = Surprise(
    "bits", "val_bits_per_sample", "bits a sample", math.log(2), "sample", "steps of loudness", 256
)
#: Of what is learned beside the writing, pictures and clips are written in.
TILES, PIECES = (
    Surprise("writing", unseen, f"bits a {one}", math.log(2), one, f"{one}s", settled="settle")
    for unseen, one in (("val_writing", "tile"), ("val_bits_per_token", "piece"))
)


def _overfit(of: Surprise, history: History) -> str | None:
    unseen, learned = history.now[of.unseen], history.now[of.learned]
    past = history.past(of.unseen, after=history.options.get(of.settled, 0.0))
    if not past or unseen <= _WORSE * min(past) or of.nats * (unseen - learned) <= _GAP:
        return None
    return (
        f"On {history.items} that it never saw, its surprise rose from {min(past):.3g} to"
        f" {unseen:.3g} {of.unit}; on those that it learns from it is {learned:.3g}."
    )


def _learns_nothing(of: Surprise, history: History) -> str | None:
    now = history.now[of.learned]
    if history.share < max(history.options.get("warm_up", 0.0), 0.0) + 0.1:
        return None
    different = of.different(history)
    blind = math.log(max(different, 1)) / of.nats
    if blind and now >= _NEAR * blind:
        return (
            f"Its surprise is {now:.3g} {of.unit}; who knows nothing and takes all"
            f" {different:,} {of.many} for alike has {blind:.3g}."
        )
    counted = history.facts.get("nats_unigram", 0.0) / of.nats
    if counted and now >= _NEAR * counted:
        return (
            f"Its surprise is {now:.3g} {of.unit}; who only knows how frequent each of the"
            f" {of.many} is has {counted:.3g}."
        )
    return None


def _other_pace(options: Options) -> dict[str, Any]:
    rate = options.get("learning_rate", 0.0)
    if rate < _FAST:
        return {"learning_rate": min(10 * rate, 3 * _FAST)}
    return {"learning_rate": rate / 10, "warm_up": max(options.get("warm_up", 0.0), 0.05)}


def _upset(of: Surprise, history: History) -> str | None:
    """One odd passage has thrown the model back, and it has not come back at once."""
    now = history.now[of.learned]
    before = history.past(of.learned)[:-_LATEST][-_BEFORE:]
    if len(before) < _BEFORE:
        return None
    # a loss that falls is not to count as one that shakes: spread is around its own slope
    places = range(len(before))
    slope, start = statistics.linear_regression(places, before)
    spread = statistics.stdev(v - start - slope * p for p, v in zip(places, before, strict=True))
    level = statistics.fmean(before[-2:])
    if now <= max(level + _SPREADS * spread, _JUMP * level):
        return None
    return f"Its surprise is {now:.3g} {of.unit} and was {level:.3g} ± {spread:.2g} before."


def _cut_short(of: Surprise, history: History) -> str | None:
    cut, now = history.now["clipped_steps"], history.now[of.learned]
    past = history.past(of.learned)
    started = history.share > history.options.get("warm_up", 0.0) + 0.1
    # long corrections alone are no harm while they lead on
    if not started or not past or cut <= _CUT or now <= min(past):
        return None
    return (
        f"{percent(cut)} of the corrections were so long that they were cut, and its surprise of"
        f" {now:.3g} {of.unit} was {min(past):.3g} already."
    )


def _calmer(options: Options) -> dict[str, Any]:
    changes = half_rate(options) | {"warm_up": max(options.get("warm_up", 0.0), 0.05)}
    return changes | {"clip": min(options.get("clip", 1.0), 1.0)}


def _of_overfitting(of: Surprise) -> Rule:
    return Rule(
        id="overfit",
        title="It is learning your {items} by heart",
        sentence="It foresees what it learns from better and better, and what it never saw worse"
        " than before. The best checkpoint is kept; forgetting more and more {items} help.",
        check=partial(_overfit, of),
        needs=(of.unseen, of.learned),
        changes=forget_more,
        action="Go back and forget more",
    )


def _rules(of: Surprise) -> tuple[Rule, ...]:
    """Return the rules for families that measure their surprise so."""
    return (
        _of_overfitting(of),
        Rule(
            id="learns-nothing",
            title="It is not learning",
            sentence=f"It foresees the next {of.one} no better than by counting. Mostly corrections"
            " are too small to matter or so large that each undoes the last.",
            check=partial(_learns_nothing, of),
            needs=(of.learned,),
            changes=_other_pace,
            action="Go back and learn at another pace",
        ),
        Rule(
            id="upset",
            title="A step has thrown it back",
            sentence="It suddenly foresees much less than before. Learning more slowly and cutting"
            " long corrections keep one odd passage from doing so.",
            check=partial(_upset, of),
            needs=(of.learned,),
            shows=(of.learned, "clipped_steps"),
            changes=_calmer,
            action="Go back and learn more calmly",
            patience=2,
        ),
        Rule(
            id="cut-short",
            title="Most corrections are cut",
            sentence="Corrections are longer than they may be, step after step, and it gets no"
            " better: errors grow on their way back through long passages. Learning more slowly"
            " helps, and shorter passages.",
            check=partial(_cut_short, of),
            needs=("clipped_steps", of.learned),
            changes=_calmer,
            action="Go back and learn more calmly",
        ),
    )


FORESEEING_RULES: tuple[Rule, ...] = (
    *_rules(TOKENS),
    *_rules(SAMPLES),
    _of_overfitting(TILES),
    _of_overfitting(PIECES),
)
