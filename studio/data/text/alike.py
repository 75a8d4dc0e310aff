"""Telling that two texts are nearly the same: hashes that are close, and vectors to be sure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

#: Numbers in a signature.
DIMENSIONS = 512
#: Cosine of two texts' features from which on they are said to be alike.
ALIKE = 0.88

_LONG = 24  # different telling words from which on a text is a long one
_LONG_WORD = 5  # letters
_CHOSEN = 3  # words that stand for a long text
_LOOKED_AT = 400_000  # characters at each end of a long text that are looked at
_SPREAD = 0x9E3779B97F4A7C15  # 2⁶⁴ divided by the golden ratio
_MASK = (1 << 64) - 1

# A word, a number, or one letter of a script that writes without spaces: Han, kana, Thai.
_WORD = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_]+", re.UNICODE
)


def words_of(text: str) -> list[str]:
    """Return a text's words in small letters, without signs."""
    return _WORD.findall(text.casefold())


def perceptual_hash(text: str) -> int:
    """Return 64 signed bits that are close for texts that are nearly the same.

    Of a long text the words with the smallest hashes stand for all (Broder 1997): few changes
    rarely touch them, so that the bits stay the same. Of a short text all words and pairs of
    words count (Charikar 2002): each bit is the sign of a sum, in which each of them adds or
    takes by a bit of its own hash.
    """
    words = _words(text)
    telling = set(_telling(words))
    if len(telling) >= _LONG:
        smallest = sorted(map(_hash, telling))[:_CHOSEN]
        joined = " ".join(map(str, smallest)).encode()
        return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big", signed=True)
    hashes, weights = _features(words)
    if not len(hashes):
        return 0
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32)
    sums = weights @ (2 * bits - 1)
    return int.from_bytes(np.packbits(sums > 0).tobytes(), "big", signed=True)


def signature(text: str) -> npt.NDArray[np.float32]:
    """Return a vector; those of two texts are at most 1 apart when they are nearly the same.

    Features are hashed into few numbers with random signs (Weinberger et al. 2009), which keeps
    angles; the length is chosen so that a distance of 1 is a cosine of `ALIKE`.
    """
    hashes, weights = _features(_words(text))
    vector = np.zeros(DIMENSIONS, np.float32)
    signs = np.where(hashes >> np.uint64(63), 1, -1)
    np.add.at(vector, (hashes % np.uint64(DIMENSIONS)).astype(np.int64), weights * signs)
    length = float(np.linalg.norm(vector))
    # |a − b|² = 2 s² (1 − cos) for vectors of length s
    scale = math.sqrt(1 / (2 * (1 - ALIKE)))
    return vector * np.float32(scale / length) if length else vector


def _words(text: str) -> list[str]:
    """Return the words that are looked at; of a text without words its signs."""
    if len(text) > 2 * _LOOKED_AT:
        text = f"{text[:_LOOKED_AT]} {text[-_LOOKED_AT:]}"
    return words_of(text) or text.split()


def _telling(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that say what a text is about: long ones, or two letters of Han or kana."""
    yield from (word for word in words if len(word) >= _LONG_WORD)
    yield from (a + b for a, b in pairwise(words) if len(a) == len(b) == 1 and a > "\u0e00")


def _features(words: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float32]]:
    """Return hashes and weights of words and of those that follow each other."""
    numbers = [_hash(word) for word in words]
    counts = Counter(numbers)
    pairs = (3 * first + 5 * second for first, second in pairwise(numbers))
    counts.update(pair * _SPREAD & _MASK for pair in pairs)
    hashes = np.fromiter(counts.keys(), np.uint64, len(counts))
    weights = np.log1p(np.fromiter(counts.values(), np.float32, len(counts)))
    return hashes, weights


@lru_cache(maxsize=100_000)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "big")
