"""The measures of written texts: each rises and falls with what it is named after."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.media import Modality, Text, Token
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.data.store import PreparedData
from studio.data.text.preparation import TextPreparation
from studio.evaluate.text import Newness, answers_quality, newness, quality, sample_statistics
from studio.evaluate.text_pairs import pair_scores, self_bleu
from studio.evaluate.text_rows import texts_of
from studio.evaluate.text_words import words

_NOUNS = ["river", "lantern", "sailor", "garden", "winter", "letter", "tower", "horse", "mirror"]
_VERBS = ["finds", "loses", "paints", "follows", "forgets", "carries", "hears", "opens"]
_HOW = ["slowly", "again", "at night", "without a word", "in the rain", "for a song", "alone"]


def prose(sentences: int, seed: int) -> str:
    """Return plain sentences, other ones for every seed."""
    chance = random.Random(seed)
    pick = chance.choice
    return " ".join(
        f"The {pick(_NOUNS)} {pick(_VERBS)} the {pick(_NOUNS)} {pick(_HOW)}."
        for _ in range(sentences)
    )


REAL = [Text(prose(40, seed)) for seed in range(20)]


class _Work:
    """Listens to nothing and never stops."""

    def progress(self, *_said: object) -> None:
        """Hear how far it is."""

    def gate(self) -> None:
        """Go on."""


def test_words_of_any_language() -> None:
    assert words("Don't stop; naïve café!") == ["don't", "stop", ";", "naïve", "café", "!"]
    assert words("床前明月光，疑") == ["床", "前", "明", "月", "光", "，", "疑"]
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("ไม่มีช่องว่างระหว่างคำเลยสักคำเดียว")[:2] == ["ไ", "ม"]
    assert words("b" * 40) == ["b"] * 40
    assert words("") == []


def test_other_texts_of_the_same_kind_measure_as_the_data() -> None:
    found = sample_statistics([Text(prose(15, 100 + seed)) for seed in range(8)], REAL)
    for name in ("distinct_1", "distinct_2", "distinct_3", "word_length"):
        assert found[name] == pytest.approx(found[f"data_{name}"], rel=0.1)
    assert found["loops"] == pytest.approx(found["data_loops"], abs=0.05)


def test_texts_that_go_in_circles() -> None:
    found = sample_statistics([Text("the same words again and " * 30)] * 4, REAL)
    assert found["distinct_2"] < 0.05 < 0.2 < found["data_distinct_2"]
    assert found["loops"] > 0.9
    assert sample_statistics([Text("a" * 500)], REAL)["loops"] > 0.9  # no spaces at all
    assert sample_statistics([Text("too short")], REAL) == {}
    assert sample_statistics([], REAL) == {}


def test_copies_and_unknown_words() -> None:
    learned, unseen = [each.text for each in REAL[:10]], [each.text for each in REAL[10:]]
    known = Newness(learned, unseen)
    passage = learned[3][50:250]
    copied = Text(prose(5, 77) + " " + passage + " xyzzy plugh", facts={"seed": 1})
    found = known.of([copied])
    assert 200 <= found["longest_copy"] < 260
    assert found["data_longest_copy"] < 150
    assert found["copied"] > found["data_copied"] + 0.2
    assert found["new_words"] > 0
    assert known.copies([copied])[0] in copied.text
    assert known.of([]) == {}


def test_a_copy_is_counted_in_the_models_own_tokens() -> None:
    learned = prose(30, 1)
    passage = learned[100:180]
    pieces = [passage[start : start + 4] for start in range(0, 80, 4)]
    sample = Text("### " + passage, tuple(Token(piece, 1.0) for piece in pieces))
    assert Newness([learned], [prose(60, 2)]).of([sample])["longest_copy_tokens"] == 20


def test_scores_of_answers() -> None:
    wanted = ["The cat sits on the mat.", "你好世界，今天天气很好。"]
    assert pair_scores(wanted, wanted) == pytest.approx({"bleu": 1, "rouge_l": 1, "chrf": 1})
    near = pair_scores(["The cat sits on a mat.", "你好世界，今天很好。"], wanted)
    far = pair_scores(["", "別的東西"], wanted)
    assert all(far[name] < near[name] < 1 for name in near)
    assert pair_scores([], []) == {}


def test_samples_that_all_say_the_same() -> None:
    texts = [words(prose(10, seed)) for seed in range(6)]
    assert self_bleu([texts[0]] * 6) == pytest.approx(1)
    assert self_bleu(texts) < 0.8
    assert self_bleu(texts[:1]) == 0


# --------------------------------------------------------------------------- with prepared data


def prepared(
    texts: Sequence[str], folder: Path, *, form: str = "tokens", size: int = 24
) -> PreparedData:
    """Return texts as prepared data, the last fifth of each row's item held out."""
    data = modality_data(Modality.TEXT)
    settings = TextPreparation(form=form, size=size, tokeniser="characters")
    stored = [text.encode() for text in texts]
    resources = data.learn(stored, settings)
    rows, held = [], []
    for raw in stored:
        spans = [((0.0, 0.8), False), ((0.8, 1.0), True)] if form == "tokens" else [((0, 1), False)]
        for span, kept in spans:
            found = data.prepare_item(raw, settings, resources, span=span, learned=not kept)
            rows.append(found)
            held += [kept] * len(found)
    items = np.concatenate(rows)
    kept = np.array(held)
    return PreparedData(
        items=items,
        labels=np.full(len(items), -1),
        train=np.flatnonzero(~kept),
        validation=np.flatnonzero(kept),
        spec=DataSpec(
            modality=Modality.TEXT,
            shape=data.seen_shape(settings),
            vocabulary=data.vocabulary(resources),
            statistics=data.statistics(items, resources),
            resources=resources,
        ),
        preparation=settings,
        ids=np.zeros(len(items), np.int64),
        folder=folder,
    )


def test_rows_become_whole_texts_again(tmp_path: Path) -> None:
    """However long the texts are, their rows overlap and end in filling."""
    for length in (23, 24, 25, 47, 48, 49, 50, 1000):
        text = prose(60, 4)[:length]
        data = prepared([text, "Another one, shorter."], tmp_path)
        learned = list(texts_of(data, data.train))
        unseen = list(texts_of(data, data.validation))
        cut = round(0.8 * length)
        assert learned[0] == text[:cut]
        assert unseen[0] == text[cut:]


def test_a_measurement_finds_copies_wherever_rows_begin(tmp_path: Path) -> None:
    text = prose(400, 5)
    data = prepared([text], tmp_path)
    copy = Text(text[1000:1300])
    found = quality([copy, Text(prose(10, 50))], data, _Work())
    assert found.metrics["longest_copy"] == 300
    assert found.metrics["data_longest_copy"] < 150
    assert isinstance(found.copies, str)
    assert copy.text in found.copies
    assert (found.judge, found.count) == ("", 2)
    # with nothing kept for checking, copies cannot be told from habit
    alone = replace(data, train=np.arange(len(data.items)), validation=np.zeros(0, np.int64))
    assert newness(alone) is None
    assert "longest_copy" not in quality([copy], alone, _Work()).metrics


def test_answers_are_held_against_held_out_pairs(tmp_path: Path) -> None:
    pairs = [f"{noun} {verb}\x1ethe {noun} {verb} now" for noun in _NOUNS for verb in _VERBS]
    data = prepared(pairs, tmp_path, form="pairs", size=40)
    data = replace(data, validation=data.train[-10:], train=data.train[:-10])
    asked: list[str] = []

    def answered(sources: Sequence[str]) -> list[str]:
        asked.extend(sources)
        return [f"the {source} now" for source in sources]

    assert answers_quality(data, answered, _Work()) == pytest.approx(
        {"bleu": 1, "rouge_l": 1, "chrf": 1}
    )
    assert asked == [pair.partition("\x1e")[0] for pair in pairs[-10:]]
    wrong = answers_quality(data, lambda sources: ["the tower"] * len(sources), _Work())
    assert wrong["rouge_l"] < 0.6
