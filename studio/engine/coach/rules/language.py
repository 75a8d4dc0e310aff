"""Rules for models that foresee the next token, of texts as of music."""

from __future__ import annotations

import math
import statistics
from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, percent

_GAP = 0.3  # nats between what is learned and what is unseen
_WORSE = 1.005  # times the best so far
_NEAR = 0.98  # of what a model reaches that knows nothing, or only how frequent tokens are
_FAST = 1e-3  # learning rate
_CUT = 0.5  # share of steps
_BEFORE, _LATEST = 6, 2  # windows that a peak is held against, and that it may take
_SPREADS = 4.0  # standard deviations
_JUMP = 1.03  # times the level before, so that a smooth run is not held to its own smoothness
_REPEATS = 0.3  # distinct-2
_LOOPS = 0.3  # share of four words in a row
_COPY_TOKENS = 50


def _overfit(history: History) -> str | None:
    unseen, learned = history.now["val_nats_per_token"], history.now["nats"]
    past = history.past("val_nats_per_token")
    if not past or unseen <= _WORSE * min(past) or unseen - learned <= _GAP:
        return None
    return (
        f"On {history.items} that it never saw, its surprise rose from {min(past):.3g} to"
        f" {unseen:.3g} nats a token; on those that it learns from it is {learned:.3g}."
    )


def _forget_more(options: Options) -> dict[str, Any]:
    dropout = options.get("dropout", 0.0)
    if dropout < 0.5:
        return {"dropout": min(max(2 * dropout, 0.1), 0.5)}
    return {"weight_decay": min(max(2 * options.get("weight_decay", 0.0), 0.1), 1.0)}


def _learns_nothing(history: History) -> str | None:
    nats = history.now["nats"]
    if history.share < max(history.options.get("warm_up", 0.0), 0.0) + 0.1:
        return None
    blind = math.log(max(history.facts.get("vocabulary", 0.0), 1.0))
    if blind and nats >= _NEAR * blind:
        return (
            f"Its surprise is {nats:.3g} nats a token; who knows nothing and takes all"
            f" {history.facts['vocabulary']:,.0f} tokens for alike has {blind:.3g}."
        )
    frequent = history.facts.get("nats_unigram", 0.0)
    if frequent and nats >= _NEAR * frequent:
        return (
            f"Its surprise is {nats:.3g} nats a token; who only knows how frequent each token is"
            f" has {frequent:.3g}."
        )
    return None


def _other_pace(options: Options) -> dict[str, Any]:
    rate = options.get("learning_rate", 0.0)
    if rate < _FAST:
        return {"learning_rate": min(10 * rate, 3 * _FAST)}
    return {"learning_rate": rate / 10, "warm_up": max(options.get("warm_up", 0.0), 0.05)}


def _upset(history: History) -> str | None:
    """One odd passage has thrown the model back, and it has not come back at once."""
    nats = history.now["nats"]
    before = history.past("nats")[:-_LATEST][-_BEFORE:]
    if len(before) < _BEFORE:
        return None
    # a loss that falls is not to count as one that shakes: spread is around its own slope
    places = range(len(before))
    slope, start = statistics.linear_regression(places, before)
    spread = statistics.stdev(v - start - slope * p for p, v in zip(places, before, strict=True))
    level = statistics.fmean(before[-2:])
    if nats <= max(level + _SPREADS * spread, _JUMP * level):
        return None
    return f"Its surprise is {nats:.3g} nats a token and was {level:.3g} ± {spread:.2g} before."


def _cut_short(history: History) -> str | None:
    cut, nats = history.now["clipped_steps"], history.now["nats"]
    past = history.past("nats")
    started = history.share > history.options.get("warm_up", 0.0) + 0.1
    # long corrections alone are no harm while they lead on
    if not started or not past or cut <= _CUT or nats <= min(past):
        return None
    return (
        f"{percent(cut)} of the corrections were so long that they were cut, and its surprise of"
        f" {nats:.3g} nats a token was {min(past):.3g} already."
    )


def _calmer(options: Options) -> dict[str, Any]:
    changes = half_rate(options) | {"warm_up": max(options.get("warm_up", 0.0), 0.05)}
    return changes | {"clip": min(options.get("clip", 1.0), 1.0)}


def _repeats(history: History) -> str | None:
    now = history.now
    pairs, circles = now["distinct_2"], now["loops"]
    # of short or simple texts much is said twice; that is how they are
    usual = now.get("data_distinct_2", 1.0)
    natural = now.get("data_loops", 0.0)
    if history.share < 0.2:
        return None
    if pairs < _REPEATS and pairs < 0.6 * usual:
        return (
            f"Of two words in a row {percent(pairs)} are different ones in samples,"
            f" {percent(usual)} in as much of your texts."
        )
    if circles > _LOOPS and circles > natural + _LOOPS / 2:
        return (
            f"{percent(circles)} of four words in a row were there before in the same sample,"
            f" {percent(natural)} in your texts."
        )
    return None


def _recites(history: History) -> str | None:
    now = history.now
    copy, tokens = now["longest_copy"], now["longest_copy_tokens"]
    unseen = now.get("data_longest_copy", 0.0)
    if history.share < 0.1 or tokens <= _COPY_TOKENS or copy <= 1.5 * unseen:
        return None
    return (
        f"A sample holds {copy:,.0f} characters ({tokens:,.0f} tokens) in a row that stand word for"
        f" word in what it learned; of your own unseen texts it is {unseen:,.0f} at most."
    )


LANGUAGE_RULES: tuple[Rule, ...] = (
    Rule(
        id="overfit",
        title="It is learning your {items} by heart",
        sentence="It foresees what it learns from better and better, and what it never saw worse"
        " than before. The best checkpoint is kept; forgetting more and more {items} help.",
        check=_overfit,
        needs=("val_nats_per_token", "nats"),
        changes=_forget_more,
        action="Go back and forget more",
    ),
    Rule(
        id="learns-nothing",
        title="It is not learning",
        sentence="It foresees the next token no better than by counting. Mostly corrections are too"
        " small to matter or so large that each undoes the last.",
        check=_learns_nothing,
        needs=("nats",),
        changes=_other_pace,
        action="Go back and learn at another pace",
    ),
    Rule(
        id="upset",
        title="A step has thrown it back",
        sentence="It suddenly foresees much less than before. Learning more slowly and cutting long"
        " corrections keep one odd passage from doing so.",
        check=_upset,
        needs=("nats",),
        shows=("nats", "clipped_steps"),
        changes=_calmer,
        action="Go back and learn more calmly",
        patience=2,
    ),
    Rule(
        id="cut-short",
        title="Most corrections are cut",
        sentence="Corrections are longer than they may be, step after step, and it gets no better:"
        " errors grow on their way back through long passages. Learning more slowly helps, and"
        " shorter passages.",
        check=_cut_short,
        needs=("clipped_steps", "nats"),
        changes=_calmer,
        action="Go back and learn more calmly",
    ),
    Rule(
        id="repeats",
        title="It says the same again and again",
        sentence="A higher temperature or some weight against repetition helps when you write with"
        " it. A model that has not learned much by heart goes in circles less.",
        check=_repeats,
        needs=("distinct_2", "loops"),
        shows=("distinct_2", "data_distinct_2", "loops"),
        changes=_forget_more,
        action="Go back and forget more",
        patience=2,
    ),
    Rule(
        id="recites",
        title="It recites your texts",
        sentence="Samples repeat whole passages that it learned from, which matters for rights as"
        " well. More texts, stopping earlier, or making it forget some of what it reads help.",
        check=_recites,
        needs=("longest_copy", "longest_copy_tokens"),
        shows=("longest_copy", "data_longest_copy", "copied"),
        changes=_forget_more,
        action="Go back and forget more",
        patience=2,
    ),
)
