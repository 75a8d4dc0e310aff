"""Tokenisers: how a text becomes numbers and numbers become text, always the same way.

A tokeniser is kept with every model as JSON text (`DataSpec.resources["tokeniser"]`): bytes,
single characters, byte-pair encoding that was learned from the data, or that of a checkpoint
which the user has.
"""

from __future__ import annotations

import codecs
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

#: Name of the tokeniser among the resources of a DataSpec.
RESOURCE = "tokeniser"
#: The special tokens of tokenisers that the studio makes: filling, the end of a text (and the
#: beginning of the next one), the beginning of a pair's target, a blank to be filled in.
PAD, END, ANSWER, MASK = 0, 1, 2, 3
#: How many special tokens there are, always the first ones.
SPECIALS = 4
#: Largest vocabulary: rows of tokens are kept as uint16.
LARGEST = 65_535

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_PART = 1 << 16  # characters that are encoded as one: a line without a break stays harmless
_LOOKED_UP = 1 << 22  # characters that are looked up in a table at once

# A text may be cut where a line ended and the next one begins: no word reaches over it.
_BREAK = re.compile(r"\n(?=[^\n])")

Ids = npt.NDArray[np.int64]


class Tokeniser(ABC):
    """Cuts texts into tokens and joins them again.

    Attributes:
        kind: Word by which it is known: bytes, characters, bpe or file.
        vocabulary: How many tokens there are, special ones included.
        pad, end, answer, mask: Ids of the special tokens; -1 for one that it does not have.
        bytes_of: The UTF-8 bytes that each token stands for; special ones stand for nothing.
    """

    kind: ClassVar[str]
    pad: int = PAD
    end: int = END
    answer: int = ANSWER
    mask: int = MASK

    def __init__(self, bytes_of: Sequence[bytes]) -> None:
        self.bytes_of = tuple(bytes_of)
        self.vocabulary = len(self.bytes_of)
        #: (vocabulary,) how many bytes each token stands for.
        self.sizes: Ids = np.array([len(each) for each in self.bytes_of], np.int64)

    @abstractmethod
    def encode(self, text: str) -> Ids:
        """Return a text's tokens (T,), without special ones."""

    def compact(self, text: str) -> npt.NDArray[np.uint16]:
        """Return what `encode` does in a quarter of the memory, which long texts need."""
        parts = [self.encode(part).astype(np.uint16) for part in parts_of(text, _LOOKED_UP)]
        return np.concatenate(parts) if parts else np.zeros(0, np.uint16)

    @abstractmethod
    def to_json(self) -> str:
        """Return all that `tokeniser_of` needs to make it again."""

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that tokens stand for; special ones leave nothing."""
        return b"".join([self.bytes_of[each] for each in ids]).decode("utf-8", "replace")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Return the text of each token; joined they are what `decode` returns.

        A character that is made of several tokens appears with the last one.
        """
        stream = Streaming(self)
        found = [stream.add(each) for each in ids]
        if found:
            found[-1] += stream.rest()
        return found

    def stepper(self) -> tuple[Callable[[int], str], Callable[[], str]]:
        """Return what decodes token by token, and what returns the rest at the end."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return (
            lambda token: decoder.decode(self.bytes_of[token]),
            lambda: decoder.decode(b"", final=True),
        )

    def cut(self, text: str) -> list[str]:
        """Return how a text is cut; a part of a character is shown as its bytes, like `‹e4›`."""
        return [_shown(self.bytes_of[each]) for each in self.encode(text).tolist()]


class Streaming:
    """Text that comes token by token: nothing is shown of a character before it is whole."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._step, self._rest = tokeniser.stepper()

    def add(self, token: int) -> str:
        """Return the text that one more token completes; may be empty."""
        return self._step(token)

    def rest(self) -> str:
        """Return what is left at the end: a mark for a character that was not finished."""
        return self._rest()


class ByteTokeniser(Tokeniser):
    """Each byte of the text's UTF-8 is a token: 256 of them, for every script there is."""

    kind = "bytes"

    def __init__(self) -> None:
        super().__init__([b""] * SPECIALS + [bytes([value]) for value in range(256)])

    def encode(self, text: str) -> Ids:
        """Return the text's bytes as tokens."""
        return np.frombuffer(text.encode("utf-8", "replace"), np.uint8).astype(np.int64) + SPECIALS

    def to_json(self) -> str:
        """Return its kind; there is nothing else to know."""
        return json.dumps({"kind": self.kind})


class CharacterTokeniser(Tokeniser):
    """Each character that was seen is a token; others become the replacement character `�`."""

    kind = "characters"

    def __init__(self, characters: str) -> None:
        """Take an alphabet; its characters get the numbers after the replacement character's."""
        characters = characters.replace(_REPLACEMENT, "")
        self.characters = characters
        alphabet = _REPLACEMENT + characters
        super().__init__([b""] * SPECIALS + [each.encode() for each in alphabet])
        codes = np.array([ord(each) for each in alphabet], np.int64)
        self._top = int(codes.max()) + 1
        self._number = np.full(self._top + 1, SPECIALS, np.uint16)
        self._number[codes] = np.arange(len(codes)) + SPECIALS

    def encode(self, text: str) -> Ids:
        """Return the text's characters as tokens."""
        parts = []
        for start in range(0, len(text), _LOOKED_UP):
            raw = text[start : start + _LOOKED_UP].encode("utf-32-le", "replace")
            codes = np.minimum(np.frombuffer(raw, np.uint32), self._top)
            parts.append(self._number[codes].astype(np.int64))
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def to_json(self) -> str:
        """Return its kind and alphabet."""
        return json.dumps({"kind": self.kind, "characters": self.characters})


def tokeniser_of(resources: Mapping[str, str]) -> Tokeniser:
    """Return the tokeniser among the resources of a DataSpec; a plain one of bytes without any."""
    return _tokeniser(resources.get(RESOURCE, '{"kind": "bytes"}'))


def parts_of(text: str, size: int = _PART) -> Iterator[str]:
    """Yield a text in parts that are tokenised as the whole would be, where it has line breaks."""
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            breaks = [found.end() for found in _BREAK.finditer(text, start + size // 2, end)]
            end = breaks[-1] if breaks else end
        yield text[start:end]
        start = end


@lru_cache(maxsize=8)
def _tokeniser(text: str) -> Tokeniser:
    from studio.data.text.tokeniser_bpe import BPETokeniser
    from studio.data.text.tokeniser_files import FileTokeniser

    values = json.loads(text)
    if values["kind"] == "characters":
        return CharacterTokeniser(values["characters"])
    if values["kind"] == "bpe":
        return BPETokeniser(values["tokenizer"])
    if values["kind"] == "file":
        return FileTokeniser(values["tokenizer"], values["special"])
    return ByteTokeniser()


def _shown(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"‹{raw.hex(' ')}›"
