"""Pairs of source and target: from a table's columns, or from the turns of a dialogue."""

from __future__ import annotations

from typing import NamedTuple

from studio.core.errors import StudioError
from studio.data.text.dialogues import dialogue_pairs, written_dialogue
from studio.data.text.files import PAIR


class Pairs(NamedTuple):
    """The pairs of an item.

    Attributes:
        turns: Whether sources are what was said before, so that their ends count.
    """

    pairs: list[tuple[str, str]]
    turns: bool


def pairs_of(text: str, kind: str) -> Pairs:
    """Return the pairs in a stored text.

    Args:
        kind: `columns` for stored pairs alone, `turns` for dialogues alone, `auto` for both.
    """
    source, mark, target = text.partition(PAIR)
    if mark:
        return Pairs([] if kind == "turns" else [(source, target)], False)
    if kind == "columns":
        return Pairs([], True)
    found = [pair for turns in written_dialogue(text) for pair in dialogue_pairs(turns)]
    return Pairs(found, True)


def no_pairs() -> StudioError:
    """Return the error of a dataset that has no pairs."""
    return StudioError(
        "There are no pairs in these texts",
        "This kind of model learns from pairs, such as a sentence and its translation, or a"
        " question and its answer.",
        "Import a table with the columns `source` and `target`, or dialogues whose turns begin"
        " with a name and a colon; or choose another kind of model.",
    )
