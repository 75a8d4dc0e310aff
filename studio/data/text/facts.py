"""Numbers about texts for people: how many words, which ones are common, scripts and languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from studio.data.text.alike import words_of
from studio.data.text.files import PAIR

_SHOWN = 30  # common words
_LOOKED_AT = 20_000  # characters of a text that show its language
_COUNTED_WORDS = 20_000_000  # characters in which words are counted
_SCRIPT_SHARE = 0.01  # of the letters from which on a script counts as one that is written
_LANGUAGE_SHARE = 0.02  # of the characters of all texts
_FEW_HITS = 0.08  # share of common words that a language must have

_COMMON = {
    "English": "the and of to in that is was for it with as his on be at by this had not are but",
    "German": "der die und das nicht ist ein zu den von mit sich des auf im dem auch es eine als",
    "French": "de la le et les des en un une que est dans qui pour pas sur au ce il par plus",
    "Spanish": "de la que el en los se del las por un para con no una su al lo como más pero",
    "Portuguese": "de que não do da em um para com uma os no se na por mais as dos como mas ao",
    "Italian": "di che la il un non per una in sono con del da si come della le ma anche nel",
    "Dutch": "de van het een en in dat is op te zijn met voor niet aan er om ook als bij naar",
    "Swedish": "och att det som en på är av för med den till inte har de ett om jag han var",
    "Polish": "nie się na to jest że do co jak ale po tak za od być już tylko przez czy był",
    "Czech": "se na je že to jsem si jako ale by ve pro tak jsou po jeho být když už který",
    "Turkish": "bir ve bu da de için çok ne gibi daha ama kadar olan sonra ben her değil var",
    "Vietnamese": "của và là có một không người được cho trong những với đã các này để khi ra",
    "Indonesian": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga ke karena",
    "Russian": "и в не на что он с как это по но я все она так его за был от из же бы вы",
    "Ukrainian": "і в не на що він з як це та але я все вона так його за був від до ж би ви є",
    "Bulgarian": "на и да се за от не по са си като че е във това как той беше към има или",
}
_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}

# Scripts that say the language, or nearly so.
_BY_SCRIPT = {
    "Hangul": "Korean",
    "Greek": "Greek",
    "Hebrew": "Hebrew",
    "Arabic": "Arabic",
    "Thai": "Thai",
    "Devanagari": "Hindi",
    "Han": "Chinese",
}
_NAMES = {"CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana"}
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class TextFacts:
    """What is known of several texts together.

    Attributes:
        characters, words, lines, paragraphs: How many there are.
        distinct: Different words, whatever their capitals.
        common: The most common words and how often they occur.
        scripts: Share of the letters by script, the largest first.
        languages: Languages of the texts as far as they are told, the largest first.
    """

    characters: int
    words: int
    lines: int
    paragraphs: int
    distinct: int
    common: tuple[tuple[str, int], ...]
    scripts: dict[str, float]
    languages: tuple[str, ...]


def facts_of(texts: Iterable[str]) -> TextFacts:
    """Return what is known of texts; of very many words only the first ones are counted."""
    characters = lines = paragraphs = looked_at = 0
    words: Counter[str] = Counter()
    scripts: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for each in texts:
        text = each.replace(PAIR, "\n")
        characters += len(text)
        lines += text.count("\n") + 1
        paragraphs += len(re.findall(r"\n[ \t]*\n(?=\s*\S)", text)) + 1
        part = text[: max(0, _COUNTED_WORDS - looked_at)]
        looked_at += len(part)
        words.update(words_of(part))
        head = text[:_LOOKED_AT]
        found = _scripts(head)
        scripts.update(found)
        if language := language_of(head, found):
            languages[language] += len(text)
    letters = max(1, scripts.total())
    enough = _LANGUAGE_SHARE * characters
    return TextFacts(
        characters=characters,
        words=words.total(),
        lines=lines,
        paragraphs=paragraphs,
        distinct=len(words),
        common=tuple(words.most_common(_SHOWN)),
        scripts={
            name: count / letters
            for name, count in scripts.most_common()
            if count >= _SCRIPT_SHARE * letters
        },
        languages=tuple(name for name, size in languages.most_common() if size >= enough),
    )


def language_of(text: str, scripts: Counter[str] | None = None) -> str:
    """Return the language that a text is most likely written in; "" when that is not told."""
    scripts = _scripts(text) if scripts is None else scripts
    if not scripts:
        return ""
    if scripts["Kana"] > 0.05 * scripts.total():
        return "Japanese"
    script = scripts.most_common(1)[0][0]
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    words = words_of(text)
    hits = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    return best if hits[best] >= max(1, _FEW_HITS * len(words)) else ""


def _scripts(text: str) -> Counter[str]:
    """Return how many letters of each script a text has."""
    found: Counter[str] = Counter()
    for letter, count in Counter(_LETTER.findall(text)).items():
        found[_script(letter)] += count
    return found


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    """Return the script of a letter: the first word of its name in Unicode."""
    word = unicodedata.name(letter, "OTHER").split(" ")[0]
    return _NAMES.get(word, word.capitalize())
