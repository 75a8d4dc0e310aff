"""Which columns of a table hold texts, pairs and labels: by name, else by what is in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TEXT_WORDS = (
    *("text", "content", "contents", "body", "sentence", "document", "doc", "article", "story"),
    *("lyrics", "poem", "review", "comment", "message", "tweet", "post", "quote", "joke", "line"),
    *("utterance", "paragraph", "description", "abstract", "caption", "headline", "title"),
    *("文本", "内容", "正文", "テキスト", "本文"),
)
_LABEL_WORDS = (
    *("label", "labels", "class", "category", "genre", "topic", "sentiment", "emotion", "author"),
    *("language", "lang", "type", "tag", "style", "rating", "stars", "intent", "标签", "类别"),
)
_PAIR_WORDS = (
    *(("source", "target"), ("src", "tgt"), ("src", "trg"), ("question", "answer"), ("q", "a")),
    *(("question", "answers"), ("instruction", "output"), ("instruction", "response")),
    *(("prompt", "response"), ("prompt", "completion"), ("prompt", "answer"), ("input", "output")),
    *(("query", "response"), ("query", "answer"), ("input", "target"), ("context", "response")),
    *(("article", "summary"), ("article", "highlights"), ("document", "summary")),
    *(("text", "summary"), ("dialogue", "summary"), ("original", "translation")),
    *(("original", "simplified"), ("original", "corrected"), ("sentence1", "sentence2")),
    *(("user", "assistant"), ("from", "to"), ("问题", "回答")),
)
_LANGUAGES = frozenset(
    re.findall(
        r"\w+",
        "en de fr es it pt nl sv da no fi pl cs sk ru uk tr el he ar fa hi bn ja ko zh vi th id ms"
        " ro hu bg hr sr sl et lv lt la eo ca eu ga cy is sw english german french spanish italian"
        " portuguese dutch russian chinese japanese korean arabic turkish polish latin",
    )
)
_MORE = "input"  # what an instruction is about, beside it
_LICENCE = re.compile(r"^CC[- ]BY", re.IGNORECASE)
_NAME = re.compile(r"^[^\W\d][\w .()/-]{0,31}$")


@dataclass(frozen=True)
class Columns:
    """Places of the columns that count; -1 for one that is not there.

    Attributes:
        count: How many columns there are.
        header: Whether the first row names them.
        source, target: Of pairs.
        more: What goes behind the source where it is not empty.
    """

    count: int
    header: bool
    text: int = -1
    label: int = -1
    source: int = -1
    target: int = -1
    more: int = -1

    @property
    def is_pair(self) -> bool:
        """Whether rows are pairs."""
        return self.source >= 0


def find_columns(rows: Sequence[Sequence[str]], *, pairs_without_names: bool = False) -> Columns:
    """Return what the columns of a table are.

    Args:
        rows: Its first rows.
        pairs_without_names: Whether two columns of texts without names are pairs.
    """
    names = [_plain(cell) for cell in rows[0]] if rows else []
    below = rows[1:]
    header = _is_header(rows)
    count = len(names) if header else _usual_count(rows)
    if header:
        source, target, more = _named_pair(names)
        if source >= 0:
            label = _label(names, below, {source, target, more})
            return Columns(count, True, source=source, target=target, more=more, label=label)
        text = next((names.index(word) for word in _TEXT_WORDS if word in names), -1)
        text = text if text >= 0 and _holds_texts(below, text) else _longest(below, count)
        return Columns(count, True, text=text, label=_label(names, below, {text}))
    if pairs_without_names and _is_plain_pair(rows, count):
        return Columns(2, False, source=0, target=1)
    text = _longest(rows, count)
    return Columns(count, False, text=text, label=_unnamed_label(rows, count, text))


def _plain(name: str) -> str:
    return name.strip().lower().lstrip("\ufeff")


def _usual_count(rows: Sequence[Sequence[str]]) -> int:
    counts = [len(row) for row in rows]
    return max(set(counts), key=counts.count, default=0)


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns."""
    if not rows:
        return False
    names = [_plain(cell) for cell in rows[0]]
    known = {*_TEXT_WORDS, *_LABEL_WORDS, *(word for pair in _PAIR_WORDS for word in pair)}
    if len(names) == len(set(names)) and any(name in known for name in names):
        return True
    if len(rows) < 2 or len(set(names)) < len(names):
        return False
    if len(names) == 2 and set(names) <= _LANGUAGES:
        return True
    longest = _longest(rows[1:], len(names))
    cells = [row[longest] for row in rows[1:] if 0 <= longest < len(row)]
    # names are short beside texts, and none of them is a number or a sentence
    mean = sum(map(len, cells)) / max(1, len(cells))
    named = all(_NAME.match(cell.strip()) for cell in rows[0])
    return named and len(names) > 1 and mean > 3 * max(map(len, rows[0]))


def _named_pair(names: Sequence[str]) -> tuple[int, int, int]:
    """Return the places of a pair's columns, and of what goes with its source; -1 for none."""
    for source, target in _PAIR_WORDS:
        if source in names and target in names:
            with_input = source == "instruction" and _MORE in names
            more = names.index(_MORE) if with_input else -1
            return names.index(source), names.index(target), more
    languages = [place for place, name in enumerate(names) if name in _LANGUAGES]
    if len(languages) == 2:
        return languages[0], languages[1], -1
    return -1, -1, -1


def _is_plain_pair(rows: Sequence[Sequence[str]], count: int) -> bool:
    """Tell whether rows are two columns of texts; a third one may name their licence."""
    if count == 3 and all(_LICENCE.match(row[2]) for row in rows if len(row) == 3):
        count = 2
    return count == 2 and all(_holds_texts(rows, column) for column in (0, 1))


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in rows if place < len(row) and row[place].strip()]


def _holds_texts(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Tell whether a column holds words, and not numbers or a few labels."""
    cells = _column(rows, place)
    words = sum(any(each.isalpha() for each in cell) for cell in cells)
    few = len(cells) >= 8 and len(set(cells)) <= len(cells) // 4
    return bool(cells) and words > len(cells) / 2 and not few


def _longest(rows: Sequence[Sequence[str]], count: int) -> int:
    """Return the column with the most letters; -1 where none holds words."""
    best, chosen = 0, -1
    for place in range(count):
        cells = _column(rows, place)
        letters = sum(sum(map(str.isalpha, cell[:4096])) for cell in cells)
        if letters > best:
            best, chosen = letters, place
    return chosen


def _label(names: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int]) -> int:
    """Return the column that is named as a label and holds the same few words again and again."""
    for word in _LABEL_WORDS:
        if word in names and (place := names.index(word)) not in taken:
            cells = _column(rows, place)
            if len(set(cells)) <= max(2, len(cells) // 2) and all(len(c) <= 60 for c in cells):
                return place
    return -1


def _unnamed_label(rows: Sequence[Sequence[str]], count: int, text: int) -> int:
    """Return a column beside the texts that holds the same few short words again and again."""
    for place in range(count):
        cells = _column(rows, place)
        few = len(cells) >= 4 and len(set(cells)) <= len(cells) // 3
        if place != text and few and all(len(cell) <= 30 for cell in cells):
            return place
    return -1
