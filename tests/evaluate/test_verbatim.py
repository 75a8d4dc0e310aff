"""Passages that stand word for word in learned texts, held against a search by hand."""

from __future__ import annotations

import random
import time

import pytest

from studio.evaluate.verbatim import Verbatim

_RANDOM = random.Random(1)
_SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


def _prose(words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(
        "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(1, 3)))
        for _ in range(words)
    )


def _covered_by_hand(text: str, known: list[str], shortest: int) -> set[int]:
    """Return every character that lies in a window of the shortest length that is known."""
    return {
        place
        for start in range(len(text) - shortest + 1)
        if any(text[start : start + shortest] in each for each in known)
        for place in range(start, start + shortest)
    }


@pytest.mark.parametrize("shortest", [2, 7, 16, 50])
def test_it_finds_what_a_search_by_hand_finds(shortest: int) -> None:
    known = [_prose(300, 1), _prose(200, 2), "", "short", _prose(100, 1)[:333]]
    verbatim = Verbatim(known, shortest)
    for trial in range(20):
        pieces = []
        for _ in range(6):
            source = _RANDOM.choice(known[:2])
            start = _RANDOM.randrange(len(source))
            pieces += [source[start : start + _RANDOM.randint(1, 120)], _prose(3, trial)]
        text = "".join(pieces)
        found = {p for start, end in verbatim.spans(text) for p in range(start, end)}
        assert found == _covered_by_hand(text, known, shortest)
        for passage in verbatim.passages(text):
            assert any(text[passage.start : passage.end] in each for each in known)


def test_the_longest_is_found_among_many_alike() -> None:
    """The window that many texts hold leads to the one that goes on alike."""
    head, tail = _prose(20, 3), _prose(60, 4)
    verbatim = Verbatim([head + _prose(5, seed) for seed in range(20)] + [head + tail])
    longest = verbatim.longest(f"Once {head}{tail} and so on")
    assert longest is not None
    assert (longest.start, longest.length) == (5, len(head + tail))


def test_nothing_spans_two_texts() -> None:
    first, second = _prose(20, 5)[:30], _prose(20, 6)[:30]
    assert Verbatim([first, second]).passages(first + second) == []
    assert Verbatim([first + second]).spans(first + second) == [(0, 60)]


def test_any_characters_and_no_texts() -> None:
    poem = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。" * 3 + "😀" * 10 + "\ud800"
    assert Verbatim([poem]).spans(poem) == [(0, len(poem))]
    assert Verbatim([]).spans(poem) == []
    assert Verbatim([poem]).longest("") is None
    with pytest.raises(ValueError, match="everywhere"):
        Verbatim([poem], 1)


def test_what_repeats_itself_without_end_takes_no_time() -> None:
    verbatim = Verbatim(["a" * 300_000])
    began = time.perf_counter()
    assert verbatim.spans("a" * 2_000 + "b" + "a" * 60) == [(0, 2_000), (2_001, 2_061)]
    assert time.perf_counter() - began < 2
