"""Captions as rows of tokens: how they are learned from a dataset's own, and how prompts follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

#: Name of the tokenizer among the resources of a DataSpec.
RESOURCE = "captions"
#: Tokens of a caption that count; what comes after is not read.
LONGEST = 64

_SHORTEST = 8
_VOCABULARY = 2048
_PADDING = "<pad>"  # token 0


class CaptionTokenizer:
    """Byte-level byte-pair encoding (Sennrich et al. 2016) without capitals.

    Every text can be written with it, words that no caption holds too.

    Args:
        text: What `learn` returned.
        length: Tokens in a row; longer captions are cut, shorter ones filled up with 0.
    """

    def __init__(self, text: str, length: int) -> None:
        self._tokenizer = Tokenizer.from_str(text)
        self._length = length

    @property
    def vocabulary(self) -> int:
        """How many tokens there are, padding included."""
        return int(self._tokenizer.get_vocab_size())

    def rows(self, captions: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return (N, length) tokens; a caption without text is a row of zeros."""
        rows = np.zeros((len(captions), self._length), np.int64)
        for row, encoding in zip(rows, self._tokenizer.encode_batch(list(captions)), strict=True):
            tokens = encoding.ids[: self._length]
            row[: len(tokens)] = tokens
        return rows

    def text(self, row: Sequence[int]) -> str:
        """Return the caption that a row holds."""
        return str(self._tokenizer.decode([token for token in row if token])).strip()


def learn(captions: Sequence[str]) -> tuple[str, int]:
    """Return a tokenizer of these captions as text, and the length of its rows."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        min_frequency=2,
        special_tokens=[_PADDING],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions, trainer)
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(list(captions))]
    return str(tokenizer.to_str()), min(LONGEST, max(_SHORTEST, *lengths, 0))
