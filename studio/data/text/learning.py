"""Choosing and learning the tokeniser of a dataset from its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from studio.core.recipe import TURNS
from studio.data.text.cleaning import cleaned
from studio.data.text.dialogues import TURN
from studio.data.text.files import PAIR
from studio.data.text.pairs import no_pairs, pairs_of
from studio.data.text.preparation import TextPreparation
from studio.data.text.tokeniser_bpe import learn_bpe, usual_vocabulary
from studio.data.text.tokeniser_files import read_file_tokeniser
from studio.data.text.tokenisers import (
    LARGEST,
    RESOURCE,
    SPECIALS,
    ByteTokeniser,
    CharacterTokeniser,
    Tokeniser,
)

#: With at most so many different characters, in a text of at most so many bytes, they are tokens.
FEW_CHARACTERS = 300
LITTLE_TEXT = 5_000_000

_KEPT = 24 << 20  # characters that word parts are learned from
_PART = 1 << 22  # characters that are counted at once


class _Seen:
    """What was seen of the texts: their characters, their size, and a bounded part of them."""

    def __init__(self, keep: bool) -> None:
        self.bytes = 0
        self.texts: list[str] = []
        self._counts: Counter[int] = Counter()
        self._left = _KEPT if keep else 0

    def add(self, text: str) -> None:
        if self._left:
            self.texts.append(text[: self._left])
            self._left -= len(self.texts[-1])
        for start in range(0, len(text), _PART):
            raw = text[start : start + _PART].encode("utf-32-le")
            codes, counts = np.unique(np.frombuffer(raw, np.uint32), return_counts=True)
            self._counts.update(dict(zip(codes.tolist(), counts.tolist(), strict=True)))
            sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
            self.bytes += int((sizes * counts).sum())

    def alphabet(self) -> str:
        """Return the characters, in their order; of very many only the most common ones."""
        common = self._counts.most_common(LARGEST - SPECIALS - 1)
        return "".join(chr(code) for code, _count in sorted(common))

    @property
    def characters(self) -> int:
        """How many different characters there are."""
        return len(self._counts)


def learn_from(stored: Iterable[bytes], preparation: TextPreparation) -> dict[str, str]:
    """Return the resources of these texts: their tokeniser, and whether pairs are of dialogues.

    Args:
        stored: All texts of the dataset, as they are kept.

    Raises:
        StudioError: A checkpoint's tokeniser cannot be used, or pairs are wanted and there are
            none.
    """
    texts: Iterator[str] = (cleaned(raw.decode(), preparation) for raw in stored)
    found: dict[str, str] = {}
    if preparation.form == "pairs":
        texts, turns = _with_pairs(texts, preparation.pairs)
        if turns:
            found[TURNS] = "of dialogues"
    return found | {RESOURCE: _tokeniser(texts, preparation).to_json()}


def _tokeniser(texts: Iterable[str], preparation: TextPreparation) -> Tokeniser:
    chosen, place = preparation.tokeniser, Path(preparation.tokeniser_file)
    from_file = chosen == "file" or (chosen == "auto" and preparation.tokeniser_file)
    if from_file or chosen == "bytes":
        return read_file_tokeniser(place) if from_file else ByteTokeniser()
    seen = _Seen(keep=chosen != "characters")
    for text in texts:
        seen.add(text.replace(PAIR, TURN))
    few = seen.characters <= FEW_CHARACTERS and seen.bytes < LITTLE_TEXT
    if chosen == "characters" or (chosen == "auto" and few):
        return CharacterTokeniser(seen.alphabet())
    return learn_bpe(seen.texts, preparation.vocabulary or usual_vocabulary(seen.bytes))


def _with_pairs(texts: Iterator[str], kind: str) -> tuple[Iterator[str], bool]:
    """Return the same texts, and whether the first pairs in them are turns of a dialogue.

    Raises:
        StudioError: None of them holds a pair.
    """
    before: list[str] = []
    for text in texts:
        before.append(text)
        found = pairs_of(text, kind)
        if found.pairs:
            return chain(before, texts), found.turns
    raise no_pairs()
