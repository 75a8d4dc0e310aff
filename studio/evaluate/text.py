"""How texts that a model wrote compare with those that it learned from.

Everything is counted in words of whatever language, so that models with different tokens can
stand side by side. What is measured of samples is measured of as much real text as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.media import Media, Text
from studio.core.work import Work
from studio.data.store import PreparedData
from studio.evaluate.result import Quality
from studio.evaluate.text_pairs import pair_scores, self_bleu
from studio.evaluate.text_rows import pairs_of, texts_of
from studio.evaluate.text_words import distinct, is_word, loops, of_lengths, words
from studio.evaluate.verbatim import SHORTEST, Passage, Verbatim

__all__ = [
    "SAMPLES",
    "Newness",
    "answers_quality",
    "newness",
    "quality",
    "real_items",
    "sample_statistics",
]

#: Samples that `evaluate` takes where nobody says how many.
SAMPLES = 100

_REAL = 200_000  # characters of real texts that samples are compared with
_FEWEST_WORDS = 20  # of all samples: less says nothing of how they are written
_CHANCE = 16  # characters: shorter passages that are alike are not looked for
_FEWEST_UNSEEN = 2_000  # characters
_LEARNED = 5_000_000  # characters among which copies are looked for while a run trains
_SEARCHED = 20_000_000  # the same of a measurement
_UNSEEN = 500_000  # characters that were not learned, to see how much of them stands there too
_SHOWN = 5  # passages that are shown
_PAIRS = 200  # held-out pairs that are answered

Places = npt.NDArray[np.int64]


def sample_statistics(samples: Sequence[Media], real: Sequence[Media]) -> dict[str, float]:
    """Return how samples are written, by the names in `families/text/sample_metrics.py`.

    Each number stands beside that of as much real text, `data_…`.

    Args:
        samples: Texts that a model wrote.
        real: Texts of the dataset, as much as the samples or more.
    """
    made = [words(each.text) for each in _of_texts(samples)]
    if sum(map(len, made)) < _FEWEST_WORDS:
        return {}
    measured = _written(made)
    measured["length"] = float(np.mean([len(each.text) for each in _of_texts(samples)]))
    lengths = [len(each) for each in made if each]
    beside = of_lengths([words(each.text) for each in _of_texts(real)], lengths)
    if sum(map(len, beside)) < _FEWEST_WORDS:
        return measured
    return measured | {f"data_{name}": value for name, value in _written(beside).items()}


def _written(texts: Sequence[Sequence[str]]) -> dict[str, float]:
    found = {f"distinct_{size}": distinct(texts, size) for size in (1, 2, 3)}
    letters = [len(each) for each in chain.from_iterable(texts) if is_word(each)]
    return found | {
        "loops": loops(texts),
        "word_length": float(np.mean(letters)) if letters else 0.0,
    }


class Newness:
    """How new samples are beside the texts that were learned, which are read once.

    Args:
        learned: Texts that the model learned from.
        unseen: Texts that it did not, which show how much new ones usually share.
    """

    def __init__(self, learned: Iterable[str], unseen: Iterable[str]) -> None:
        known = list(learned)
        self._verbatim = Verbatim(known, _CHANCE)
        self._words = {each for text in known for each in words(text) if is_word(each)}
        self._unseen = "\n".join(unseen)
        self._beside: dict[tuple[int, ...], dict[str, float]] = {}

    def of(self, samples: Sequence[Media]) -> dict[str, float]:
        """Return copies and unknown words of samples, and of as much unseen text, `data_…`."""
        made = [each for each in _of_texts(samples) if each.text]
        if not made:
            return {}
        found = self._measured([each.text for each in made])
        if all(each.tokens for each in made):
            found["longest_copy_tokens"] = float(max(map(self._copied_tokens, made)))
        lengths = tuple(len(each.text) for each in made)
        if lengths not in self._beside:
            self._beside = {lengths: self._measured(_cut(self._unseen, lengths))}
        beside = self._beside[lengths]
        return found | {f"data_{name}": value for name, value in beside.items()}

    def copies(self, samples: Sequence[Media]) -> list[str]:
        """Return the longest passages of samples that stand in what was learned."""
        found = (self._verbatim.longest(each.text) for each in _of_texts(samples))
        texts = [
            text.text[passage.start : passage.end]
            for text, passage in zip(_of_texts(samples), found, strict=True)
            if passage is not None and passage.length >= SHORTEST
        ]
        return sorted(set(texts), key=len, reverse=True)[:_SHOWN]

    def _measured(self, texts: Sequence[str]) -> dict[str, float]:
        if not texts:
            return {}
        letters = sum(map(len, texts))
        passages = [self._verbatim.passages(each) for each in texts]
        known = [[each for each in found if each.length >= SHORTEST] for found in passages]
        pieces = [each for text in texts for each in words(text) if is_word(each)]
        return {
            "longest_copy": float(max((e.length for e in chain(*passages)), default=0)),
            "copied": sum(map(_covered, known)) / letters,
            "new_words": float(np.mean([each not in self._words for each in pieces or [""]])),
        }

    def _copied_tokens(self, text: Text) -> int:
        """Return how many tokens the longest copy in a text holds."""
        passage = self._verbatim.longest(text.text)
        if passage is None:
            return 0
        before = len(text.text) - sum(len(each.text) for each in text.tokens)
        ends = before + np.cumsum([len(each.text) for each in text.tokens])
        starts = ends - [len(each.text) for each in text.tokens]
        return int(((starts >= passage.start) & (ends <= passage.end) & (ends > starts)).sum())


def _covered(passages: Sequence[Passage]) -> int:
    """Return how many characters passages cover together; they come in order."""
    covered = end = 0
    for passage in passages:
        covered += max(0, passage.end - max(end, passage.start))
        end = max(end, passage.end)
    return covered


def _cut(text: str, lengths: Sequence[int]) -> list[str]:
    """Return parts of a text of such lengths in characters, one after the other."""
    found, start = [], 0
    for length in lengths:
        if start + length > len(text):
            break
        found.append(text[start : start + length])
        start += length
    return found


def _of_texts(samples: Sequence[Media]) -> list[Text]:
    return [each for each in samples if isinstance(each, Text)]


# --------------------------------------------------------------------------- beside prepared data


def real_items(data: PreparedData, places: Places, count: int) -> list[Media]:
    """Return texts to compare `count` samples with, whole as far as they are there."""
    return [Text(each) for each in texts_of(data, places, _REAL)]


def newness(data: PreparedData) -> Newness | None:
    """Return how new samples of a run are; None where nothing was kept to compare with."""
    return _newness(data, _LEARNED)


def _newness(data: PreparedData, characters: int) -> Newness | None:
    unseen = list(texts_of(data, data.validation, _UNSEEN))
    if sum(map(len, unseen)) < _FEWEST_UNSEEN:
        return None
    return Newness(texts_of(data, data.train, characters), unseen)


def quality(samples: Sequence[Media], data: PreparedData, work: Work) -> Quality:
    """Measure samples beside the texts that a model learned from and those it never saw.

    Args:
        samples: Texts that a model wrote.
        data: The model's own data.
        work: Hears how far it is.
    """
    work.progress("Comparing samples with the data", 0)
    made = _of_texts(samples)
    unseen = data.validation if len(data.validation) else data.train
    real = of_lengths(
        [words(text) for text in texts_of(data, unseen, _UNSEEN)],
        [len(words(each.text)) for each in made if each.text],
    )
    metrics: dict[str, float] = {"self_bleu": self_bleu([words(each.text) for each in made])}
    if len(real) > 1:
        metrics["data_self_bleu"] = self_bleu(real)
    work.gate()
    known = _newness(data, _SEARCHED)
    if known is None:
        return Quality(metrics, count=len(made))
    metrics |= known.of(made)
    copies = "\n\n".join(f"{len(each):,}: {each}" for each in known.copies(made))
    return Quality(metrics, count=len(made), copies=copies or None)


def answers_quality(data: PreparedData, answered: Any, work: Work) -> dict[str, float]:
    """Measure answers to held-out texts beside those that belong to them.

    Args:
        data: Pairs, of which `validation` were not learned.
        answered: Called with the sources; returns an answer for each, in order.
        work: Hears how far it is.
    """
    places = data.validation[:_PAIRS] if len(data.validation) else data.train[:_PAIRS]
    sources, wanted = pairs_of(data, places)
    made = list(answered(sources))
    work.progress("Comparing answers", 0)
    return pair_scores(made, wanted)
