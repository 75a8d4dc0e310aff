"""Texts as letters: what is said, from captions, from the names of labels, or from prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from studio.core.recipe import DataSpec
from studio.data.captions import RESOURCE, CaptionTokenizer, learn

#: Characters of a prompt that are read.
LONGEST = 2000
#: Token of letters that no caption holds, where captions are spelled.
UNKNOWN = 1


class Speller(nn.Module):
    """Turns rows of tokens, or labels where the data has no captions, into letters.

    Letters are the tokens of spelled captions: 0 is nothing, and `end` ends a text.

    Attributes:
        by_label: Whether texts are the names of labels.
        symbols: How many letters there are, nothing and the end included.
        end: The letter that ends a text.
        names: (labels + 1, letters), the names of labels and, for none, an empty row.
    """

    names: Tensor

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.by_label = not spec.caption_length
        self._learned = spec.resources.get(RESOURCE, "")
        longest = 1
        if self.by_label:
            self._learned, longest = learn(spec.labels or ("",), spelled=True)
        self.end = spec.caption_vocabulary
        if self.by_label:
            self.end = CaptionTokenizer(self._learned, 1).vocabulary
        self.symbols = self.end + 1
        names = np.zeros((1, 1), np.int64)
        if self.by_label:
            names = CaptionTokenizer(self._learned, longest).rows([*spec.labels, ""])
        self.register_buffer("names", torch.from_numpy(names), persistent=False)

    def forward(self, rows: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """Return letters (N, most) with their end, and how many each row has, 0 for too many.

        Args:
            rows: (N, tokens), 0 after the end.
            most: Letters that a row may have, its end included.
        """
        count = (rows > 0).sum(1)
        letters = nn.functional.pad(rows, (0, 1)).scatter(1, count[:, None], self.end)
        letters = nn.functional.pad(letters, (0, max(0, most - letters.shape[1])))[:, :most]
        fits = (count > 0) & (count + 1 <= most)
        return letters, torch.where(fits, count + 1, torch.zeros_like(count))

    def rows_of(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return texts of any length as rows of letters, 0 after the end."""
        if not self._learned:
            return np.zeros((len(texts), 1), np.int64)
        rows = CaptionTokenizer(self._learned, LONGEST).rows(texts)
        return rows[:, : max(1, int((rows > 0).sum(1).max(initial=1)))]

    def text_of(self, row: Sequence[int]) -> str:
        """Return the text that letters stand for; letters that nobody knows are left out."""
        if not self._learned:
            return " ".join(str(token) for token in row if token)
        known = [token for token in row if UNKNOWN < token < self.end]
        return CaptionTokenizer(self._learned, LONGEST).text(known)

    def parts(self, row: Sequence[int], most: int) -> list[list[int]]:
        """Return letters cut into parts of at most `most`, without those that nobody knows."""
        if not self._learned:
            known = [token for token in row if token]
            return [known[start : start + most] for start in range(0, len(known), most)]
        texts = parts_of(self.text_of(row), most)
        rows = [[int(token) for token in each if token > UNKNOWN] for each in self.rows_of(texts)]
        return [each for each in rows if each]

    def unknown(self, row: Sequence[int]) -> int:
        """Return how many letters of a row no caption holds."""
        return sum(token == UNKNOWN for token in row) if self._learned else 0

    def strangers(self, text: str) -> str:
        """Return the letters of a text that no caption holds, each once, in order."""
        known = set(json.loads(self._learned)["model"]["vocab"]) if self._learned else set()
        plain = " ".join(text.lower().split())
        return "".join(dict.fromkeys(letter for letter in plain if letter not in known))


def parts_of(text: str, most: int) -> list[str]:
    """Cut a text into parts of at most `most` letters: at sentences, commas, words, or anywhere."""
    text = " ".join(text.split())
    if len(text) <= most:
        return [text] if text else []
    for pattern in (r"(?<=[.!?;:])\s+", r"(?<=,)\s+", r"\s+"):
        pieces = re.split(pattern, text)
        if len(pieces) > 1:
            return _joined([part for piece in pieces for part in parts_of(piece, most)], most)
    return [text[start : start + most] for start in range(0, len(text), most)]


def _joined(parts: Sequence[str], most: int) -> list[str]:
    """Join neighbours as long as they stay short enough and nothing ends between them."""
    joined: list[str] = []
    for part in parts:
        ends = not joined or joined[-1][-1:] in ".!?;:,"
        if not ends and len(joined[-1]) + 1 + len(part) <= most:
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined
