"""Texts of the sample sets: fairy tales, sentences in two languages, questions with answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from studio.data.entries import Entry
from studio.data.text import questions, sentence_pairs, stories

Pair = tuple[str, str]


def fairy_tales() -> Iterator[Entry]:
    """Yield one file for each story, its theme as the label."""
    for number in range(stories.COUNT):
        yield Entry(
            name=f"fairy-tales/{number:03d}.txt",
            root="sample:fairy-tales",
            place=f"{number:03d}.txt",
            size=0,
            load=partial(_story, number),
            label=stories.THEMES[number % len(stories.THEMES)],
        )


def _story(number: int) -> bytes:
    return stories.story(number).text.encode()


def english_german() -> Iterator[Entry]:
    """Yield one table of sentence pairs, their topics as labels."""
    yield _table("english-german", sentence_pairs.pairs)


def questions_answers() -> Iterator[Entry]:
    """Yield one table of questions and answers, their topics as labels."""
    yield _table("questions", questions.questions)


def _table(name: str, rows: Callable[[], Iterable[tuple[str, Pair]]]) -> Entry:
    def load() -> bytes:
        lines = ["source\ttarget\tlabel"]
        lines += [f"{source}\t{target}\t{topic}" for topic, (source, target) in rows()]
        return ("\n".join(lines) + "\n").encode()

    return Entry(
        name=f"{name}/{name}.tsv",
        root=f"sample:{name}",
        place=f"{name}.tsv",
        size=0,
        load=load,
    )
