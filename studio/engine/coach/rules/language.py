"""Rules for what texts are made of."""

from __future__ import annotations

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Rule, forget_more, percent

_REPEATS = 0.3  # distinct-2
_LOOPS = 0.3  # share of four words in a row
_COPY_TOKENS = 50


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
        id="repeats",
        title="It says the same again and again",
        sentence="A higher temperature or some weight against repetition helps when you write with"
        " it. A model that has not learned much by heart goes in circles less.",
        check=_repeats,
        needs=("distinct_2", "loops"),
        shows=("distinct_2", "data_distinct_2", "loops"),
        changes=forget_more,
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
        changes=forget_more,
        action="Go back and forget more",
        patience=2,
    ),
)
