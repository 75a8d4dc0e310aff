"""Rules for what pieces of music are made of."""

from __future__ import annotations

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Rule, forget_more, half_rate, lessens, longer, percent

_SILENT = 0.3  # share of bars, beyond that of real pieces
_FEW = 2  # of the twelve pitch classes
_SPREADS = 3.0  # standard deviations of real pieces
_ERRORS = 0.05  # share of tokens
_COPIED = 0.5  # share of notes, beyond that of unseen pieces


def _silence(history: History) -> str | None:
    empty, usual = history.now["empty_bar_rate"], history.now["data_empty_bar_rate"]
    if history.share < 0.3 or empty <= usual + _SILENT:
        return None
    if lessens(history, "empty_bar_rate", empty, usual):
        return None
    return f"{percent(empty)} of the bars are empty, {percent(usual)} in your pieces."


def _few_notes(history: History) -> str | None:
    used, usual = history.now["pitch_classes"], history.now["data_pitch_classes"]
    if history.share < 0.3 or used > _FEW or usual <= _FEW:
        return None
    if lessens(history, "pitch_classes", used, usual):
        return None
    return f"A sample uses {used:.1f} of the twelve notes on average; your pieces use {usual:.1f}."


def _density(history: History) -> str | None:
    now = history.now
    notes, usual, spread = (
        now[name] for name in ("notes_per_bar", "data_notes_per_bar", "data_notes_per_bar_spread")
    )
    # pieces of a set may all be as dense: then a quarter more or less is no fault
    spread = max(spread, usual / 12)
    if history.share < 0.3 or abs(notes - usual) <= _SPREADS * spread:
        return None
    if lessens(history, "notes_per_bar", notes, usual):
        return None
    return (
        f"Samples have {notes:.1f} notes a bar; your pieces have {usual:.1f} ± {spread:.1f}, and"
        " three times that is too far."
    )


def _ungrammatical(history: History) -> str | None:
    errors = history.now["token_error_rate"]
    if history.share < 0.4 or errors <= _ERRORS:
        return None
    if lessens(history, "token_error_rate", errors, 0.0):
        return None
    return (
        f"{errors:.1%} of the written tokens may not stand where they stand; {_ERRORS:.0%} is too"
        " many."
    )


def _recites(history: History) -> str | None:
    copied, usual = history.now["copied"], history.now["data_copied"]
    if history.share < 0.1 or copied <= usual + _COPIED:
        return None
    longest = history.now["longest_copy"]
    return (
        f"{percent(copied)} of the notes belong to runs of 16 and more that it learned, the longest"
        f" of {longest:.0f}; in your own unseen pieces it is {percent(usual)}."
    )


MUSIC_RULES: tuple[Rule, ...] = (
    Rule(
        id="silence",
        title="It falls silent",
        sentence="Many bars of its pieces are empty. It has lost the thread, mostly because it"
        " learns too fast: going back and learning more slowly helps.",
        check=_silence,
        needs=("empty_bar_rate", "data_empty_bar_rate"),
        changes=half_rate,
        action="Go back and learn more slowly",
        patience=2,
    ),
    Rule(
        id="few-notes",
        title="It plays the same notes over and over",
        sentence="Its pieces use one or two of the twelve notes. A higher temperature helps when"
        " you make pieces; learning more slowly keeps it from settling on so little.",
        check=_few_notes,
        needs=("pitch_classes", "data_pitch_classes"),
        changes=half_rate,
        action="Go back and learn more slowly",
        patience=2,
    ),
    Rule(
        id="density",
        title="Its pieces are far too dense or too thin",
        sentence="They hold far more or far fewer notes than yours. Mostly it has not learned"
        " enough yet; pieces of one kind help as well.",
        check=_density,
        needs=("notes_per_bar", "data_notes_per_bar", "data_notes_per_bar_spread"),
        changes=longer,
        action="Go back and learn for longer",
        patience=2,
    ),
    Rule(
        id="ungrammatical",
        title="It makes mistakes in its own notation",
        sentence="Tokens stand where they mean nothing, such as a length without a note. What is"
        " written then is left out, but a model that does so knows little of music yet.",
        check=_ungrammatical,
        needs=("token_error_rate",),
        changes=longer,
        action="Go back and learn for longer",
        patience=2,
    ),
    Rule(
        id="recites-tunes",
        title="It plays your tunes from memory",
        sentence="Samples repeat long runs of what it learned, which matters for rights as well."
        " Copies in other keys, more pieces, or making it forget some of what it reads help.",
        check=_recites,
        needs=("copied", "data_copied", "longest_copy", "notes_per_bar"),
        shows=("copied", "data_copied", "longest_copy"),
        changes=forget_more,
        action="Go back and forget more",
        patience=2,
    ),
)
