"""Small fairy tales from a grammar, each the same for its number.

The grammar's words are in `story_grammar.py`. Every story has a theme and its own hero, friend,
place and thing, so that its sentences hold together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from studio.data.text import story_grammar as grammar

THEMES = tuple(grammar.PLOTS)
COUNT = 420

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU]|hon)")
_BEGINNING = re.compile(r"(^|[.!?]\s+|\.”\s+|“)([a-z])")
_WORD = re.compile(r"\{([a-z]+)\.?([A-Za-z]*)\}|\{([A-Z][a-z]*)\}")


@dataclass(frozen=True)
class Story:
    """A fairy tale.

    Attributes:
        title: Its first line.
        text: Title and paragraphs.
        theme: One of `THEMES`.
    """

    title: str
    text: str
    theme: str


def story(number: int) -> Story:
    """Return the fairy tale of a number."""
    draw = Random(f"story {number}")  # noqa: S311 - words, no secret
    theme = THEMES[number % len(THEMES)]
    hero, friend = _two(draw)
    ruler, ruler_words = draw.choice(grammar.RULERS)
    words: dict[str, dict[str, str]] = {
        "h": hero,
        "f": friend,
        "place": {"": draw.choice(grammar.PLACES)},
        "far": {"": draw.choice(grammar.FAR)},
        "thing": {"": draw.choice(grammar.THINGS)},
        "goods": {"": draw.choice(grammar.GOODS)},
        "ruler": {"": ruler, "he": ruler_words[0]},
    }

    def told(ways: tuple[str, ...]) -> str:
        return _told(draw.choice(ways), words, draw)

    plot = [told(beat) for beat in grammar.PLOTS[theme]]
    beginning = [told(grammar.OPENINGS), *([told(grammar.DAYS)] if draw.random() < 0.8 else [])]
    meets = theme in {"journey", "lost thing", "trick"}
    middle = [told(grammar.MEETINGS), told(grammar.TALKS)] if meets else []
    shares = (meets or theme == "wish") and draw.random() < 0.6
    rest = [told(grammar.SHARING)] if shares else []
    end = [plot[4], *(told(each) for each in draw.sample(grammar.ENDINGS, draw.randint(1, 2)))]
    paragraphs = [
        [*beginning, plot[0]],
        [plot[1], *middle, *rest] if theme != "wish" else [plot[1], plot[2]],
        [plot[2], plot[3]] if theme != "wish" else [plot[3], *rest],
        end,
    ]
    title = told(grammar.TITLES[theme])
    body = "\n\n".join(" ".join(sentences) for sentences in paragraphs)
    return Story(title, f"{title}\n\n{body}\n", theme)


def _two(draw: Random) -> tuple[dict[str, str], dict[str, str]]:
    """Return two different people or animals with their words."""
    everybody = (*grammar.PEOPLE, *grammar.ANIMALS)
    traits = draw.sample(grammar.TRAITS, 2)
    several = []
    for (name, kind, (he, him, his)), trait in zip(draw.sample(everybody, 2), traits, strict=True):
        several.append(
            {"name": name, "kind": kind, "he": he, "him": him, "his": his, "trait": trait}
        )
    return several[0], several[1]


def _told(way: str, words: dict[str, dict[str, str]], draw: Random) -> str:
    """Choose among alternatives from the inside out, then put the words in."""

    def choose(match: re.Match[str]) -> str:
        return str(draw.choice(match[1].split("|")))

    while _CHOICE.search(way):
        way = _CHOICE.sub(choose, way)

    def word(match: re.Match[str]) -> str:
        name, part = match[1] or match[3], match[2] or ""
        found = words[name.lower()][part.lower()]
        # a capital in the grammar is a capital in the story
        return found[0].upper() + found[1:] if (part or name)[0].isupper() else found

    told = _WORD.sub(word, way)
    told = _ARTICLE.sub(r"\1n ", told)
    return str(_BEGINNING.sub(lambda match: match[1] + match[2].upper(), told))
