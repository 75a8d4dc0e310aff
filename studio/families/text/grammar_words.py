"""The words of the user's texts, with how often they stand there, as tensors."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn

#: Words that are kept, the most common ones, and bytes of each; longer ones are left out.
MOST, LONGEST = 4096, 24

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LENGTHS = re.compile(r"(\d+)(?:-(\d+))?")
_VOWELS = re.compile(r"[aeiouyáéíóúàèìòùâêîôûäëïöüãõåæøœаеёиоуыэюяіїєαεηιουωάέήίόύώ]+")
_SILENT = re.compile(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouyhszgcx]es$")


def pieces(text: str) -> list[str]:
    """Return the words of a text as they stand there; signs and numbers are left out.

    What is written without spaces, as Chinese is, falls into characters.
    """
    found: list[str] = []
    for piece in _WORD.findall(text):
        if len(piece.encode()) <= LONGEST:
            found.append(piece)
        else:
            found.extend(piece)
    return found


def syllables(word: str) -> int:
    """Return about how many syllables a word has: its groups of vowels, but for a silent e.

    Characters of scripts without vowels count one each.
    """
    low = word.casefold()
    groups = len(_VOWELS.findall(low))
    if not groups:
        return len(low) if not low.isascii() else 1
    return groups - 1 if groups > 1 and _SILENT.search(low) else groups


class Words(nn.Module):
    """A list of words in tensors, so that it goes wherever the model goes.

    Attributes:
        letters: (MOST, LONGEST) uint8, the UTF-8 of each word, filled up with 0.
        counts: (MOST,) int32, how often each was seen; 0 where there is none.
    """

    letters: Tensor
    counts: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("letters", torch.zeros(MOST, LONGEST, dtype=torch.uint8))
        self.register_buffer("counts", torch.zeros(MOST, dtype=torch.int32))

    def learn(self, texts: Iterable[str]) -> None:
        """Take the words of these texts instead of those before."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(pieces(text))
        for word in [word for word in seen if word != word.casefold()]:
            small = word.casefold()
            if small in seen:  # a capital at the beginning of a sentence makes no other word
                seen[small] += seen.pop(word)
        self.letters.zero_()
        self.counts.zero_()
        # by count, then by the alphabet: the same texts give the same list
        common = sorted(seen.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
        for place, (word, count) in enumerate(common):
            raw = word.encode()
            self.letters[place, : len(raw)] = torch.tensor(list(raw), dtype=torch.uint8)
            self.counts[place] = min(count, 2**31 - 1)

    def counted(self) -> dict[str, int]:
        """Return the words with their counts."""
        rows, counts = self.letters.cpu().tolist(), self.counts.cpu().tolist()
        return {
            bytes(row).rstrip(b"\0").decode("utf-8", "replace"): count
            for row, count in zip(rows, counts, strict=True)
            if count
        }


def chosen(counted: dict[str, int], pattern: str, chance: random.Random) -> str | None:
    """Return a word that fits a pattern, common ones more often; None where none fits.

    Args:
        counted: Words with their counts.
        pattern: `*` stands for any letters and `?` for one, as in `s*ing`; `4` or `4-6` for that
            many letters; empty for any word.
    """
    lengths = _LENGTHS.fullmatch(pattern)
    if lengths:
        low = int(lengths[1])
        high = int(lengths[2] or low)
        fits = {word: count for word, count in counted.items() if low <= len(word) <= high}
    elif pattern:
        small = pattern.casefold().replace("[", "[[]")
        fits = {w: count for w, count in counted.items() if fnmatchcase(w.casefold(), small)}
    else:
        fits = counted
    if not fits:
        return None
    # the square root, so that `the` and `and` are not half of what is chosen
    weights = [count**0.5 for count in fits.values()]
    return chance.choices(list(fits), weights)[0]
