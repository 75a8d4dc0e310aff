"""Captions as rows of tokens: how they are learned from a dataset's own, and how prompts follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

#: Name of the tokenizer among the resources of a DataSpec.
RESOURCE = "captions"
#: Tokens of a caption that count; what comes after is not read.
LONGEST = 64
#: Letters of a caption that count where captions are spelled.
LONGEST_SPELLED = 256

_SHORTEST = 8
_VOCABULARY = 2048
_PADDING = "<pad>"  # token 0
_UNKNOWN = "<?>"  # token 1 where captions are spelled: a letter that none of them holds


class CaptionTokenizer:
    """Byte-level byte-pair encoding (Sennrich et al. 2016) without capitals, or letters.

    Every text can be written with the former, words that no caption holds too; where captions are
    spelled, every letter that one of them holds is a token.

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


def learn(captions: Sequence[str], *, spelled: bool = False) -> tuple[str, int]:
    """Return a tokenizer of these captions as text, and the length of its rows.

    Args:
        spelled: Letter by letter, as what is spoken must be, instead of pieces of words.
    """
    tokenizer = _letters(captions) if spelled else _pieces(captions)
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(list(captions))]
    longest = LONGEST_SPELLED if spelled else LONGEST
    return str(tokenizer.to_str()), min(longest, max(_SHORTEST, *lengths, 0))


def _letters(captions: Sequence[str]) -> Tokenizer:
    """Return a tokenizer of single letters, small ones; signs are kept."""
    normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    letters = sorted({letter for each in captions for letter in normalizer.normalize_str(each)})
    places = {letter: place for place, letter in enumerate([_PADDING, _UNKNOWN, *letters])}
    tokenizer = Tokenizer(models.WordLevel(places, unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return tokenizer


def _pieces(captions: Sequence[str]) -> Tokenizer:
    """Return a tokenizer of pieces of words."""
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
    return tokenizer
