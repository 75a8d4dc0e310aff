"""Byte-pair encoding that is learned from a dataset (Sennrich et al. 2016), on bytes.

Every text can be written with it and comes back bit for bit, whatever it was learned from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from studio.data.text.tokenisers import LARGEST, SPECIALS, Ids, Tokeniser, parts_of

_BATCH = 64  # parts that are encoded at once, by as many threads as there are
_LEARNED_FROM = 24 << 20  # characters that merges are learned from; more change little
_SMALLEST = 256 + 64

# Words with the space before them, groups of digits, signs, and breaks: merges never cross these.
# All are bounded, since a line of a million letters without a space would take for ever.
_WORDS = r" ?\p{L}[\p{L}\p{M}]{0,23}| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]{1,16}|\n{1,8}|[^\S\n]{1,32}"


class BPETokeniser(Tokeniser):
    """Frequent groups of bytes are one token each.

    The library's own ids begin after the special tokens, of which it knows nothing: no text can
    ever be read as one of them.
    """

    kind = "bpe"

    def __init__(self, text: str) -> None:
        """Take what `learn` returned."""
        self._text = text
        self._tokenizer = Tokenizer.from_str(text)
        words = self._tokenizer.get_vocab()
        bytes_of = [b""] * (SPECIALS + len(words))
        for word, number in words.items():
            bytes_of[SPECIALS + number] = word_bytes(word)
        super().__init__(bytes_of)

    def encode(self, text: str) -> Ids:
        """Return the text's tokens."""
        found = [
            np.array(encoding.ids, np.int64)
            for batch in _batches(parts_of(text))
            for encoding in self._tokenizer.encode_batch_fast(batch)
        ]
        return np.concatenate(found) + SPECIALS if found else np.zeros(0, np.int64)

    def to_json(self) -> str:
        """Return its kind and the library's own description of its merges."""
        return json.dumps({"kind": self.kind, "tokenizer": self._text})


def learn_bpe(texts: Iterable[str], vocabulary: int) -> BPETokeniser:
    """Return byte-pair encoding of these texts; the same texts give the same one.

    Args:
        vocabulary: Tokens at most, special ones included; few texts give fewer.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=min(max(vocabulary, _SMALLEST), LARGEST) - SPECIALS,
        min_frequency=2,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=24,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_limited(texts), trainer)
    return BPETokeniser(str(tokenizer.to_str()))


def usual_vocabulary(size: int) -> int:
    """Return how many tokens suit a text of so many bytes: more would be too rare to learn."""
    bounds = ((250_000, 512), (1 << 20, 1024), (2 << 20, 2048), (16 << 20, 4096))
    return next((count for bound, count in bounds if size <= bound), 8192)


def _batches(parts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for part in parts:
        batch.append(part)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _limited(texts: Iterable[str]) -> Iterator[str]:
    left = _LEARNED_FROM
    for text in texts:
        for part in parts_of(text):
            yield part[:left]
            left -= len(part)
            if left <= 0:
                return


def _byte_alphabet() -> dict[str, int]:
    """Return the byte that each letter of byte-level vocabularies stands for.

    Printable Latin-1 characters stand for themselves, the other bytes for the letters from
    U+0100 on, in their order (Radford et al. 2019).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(256) if value not in set(printable)]
    alphabet = {chr(value): value for value in printable}
    return alphabet | {chr(256 + index): value for index, value in enumerate(others)}


_ALPHABET = _byte_alphabet()


def word_bytes(word: str) -> bytes:
    """Return the bytes that a word of a byte-level vocabulary stands for."""
    return bytes([_ALPHABET[letter] for letter in word])
