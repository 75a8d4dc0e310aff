"""What a SoundFont says of its loops: which notes an instrument can play without breaking.

symusic's synthesiser cuts a sample's loop to whole samples after it was shifted to a note's pitch.
High notes of some instruments leave nothing of it, and the synthesiser goes round for ever. Here
the font's own tables are read, so that such notes are known before they are played.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: A loop of less than one sample never ends; the rest is for how the synthesiser rounds.
SHORTEST_LOOP = 1.25

_PERCUSSION = 128  # the bank of drum kits
_KEY_RANGE, _INSTRUMENT, _SAMPLE, _MODES, _ROOT = 43, 41, 53, 54, 58
_COARSE, _FINE = 51, 52
_LOOPED = (1, 3)  # sample modes that go round


class _Zone(NamedTuple):
    """A sample in an instrument: the keys that it is for, its loop, and its own pitch."""

    low: int
    high: int
    loop: float  # samples at the rate of the output
    root: float  # MIDI pitch


@lru_cache(maxsize=2)
def playable(path: Path, rate: int) -> npt.NDArray[np.bool_]:
    """Return whether each note can be played, (129, 128): programs, then drums; pitches.

    Raises:
        ValueError: The file is no SoundFont.
    """
    tables = _tables(path.read_bytes())
    found = np.ones((129, 128), np.bool_)
    pitches = np.arange(128)
    for row, zones in _presets(tables, rate):
        for zone in zones:
            length = zone.loop * 2.0 ** ((zone.root - pitches) / 12)
            inside = (pitches >= zone.low) & (pitches <= zone.high)
            found[row] &= ~inside | (length >= SHORTEST_LOOP)
    return found


def _tables(raw: bytes) -> dict[bytes, bytes]:
    """Return the chunks of the font's list of presets by their names."""
    if raw[:4] != b"RIFF" or raw[8:12] != b"sfbk":
        raise ValueError("not a SoundFont")
    place, tables = 12, {}
    while place + 8 <= len(raw):
        length = int.from_bytes(raw[place + 4 : place + 8], "little")
        if raw[place : place + 4] == b"LIST" and raw[place + 8 : place + 12] == b"pdta":
            inside, end = place + 12, place + 8 + length
            while inside + 8 <= end:
                size = int.from_bytes(raw[inside + 4 : inside + 8], "little")
                tables[raw[inside : inside + 4]] = raw[inside + 8 : inside + 8 + size]
                inside += 8 + size + size % 2
        place += 8 + length + length % 2
    if b"phdr" not in tables or b"shdr" not in tables:
        raise ValueError("a SoundFont without presets")
    return tables


def _presets(tables: dict[bytes, bytes], rate: int) -> Iterator[tuple[int, list[_Zone]]]:
    """Yield each preset of the first bank and of the drums, as its row and its looped samples."""
    presets = list(struct.iter_unpack("<20sHHHIII", tables[b"phdr"]))
    instruments = [row[1] for row in struct.iter_unpack("<20sH", tables[b"inst"])]
    samples = list(struct.iter_unpack("<20sIIIIIBbHH", tables[b"shdr"]))
    outside = _Settings(tables[b"pbag"], tables[b"pgen"])
    inside = _Settings(tables[b"ibag"], tables[b"igen"])
    for this, following in pairwise(presets):
        program, bank = this[1], this[2]
        if bank not in (0, _PERCUSSION) or (bank == _PERCUSSION and program):
            continue
        zones = []
        for outer in outside.zones(this[3], following[3]):
            if _INSTRUMENT not in outer:
                continue
            number = outer[_INSTRUMENT]
            zones += [
                _zone(outer, inner, samples[inner[_SAMPLE]], rate)
                for inner in inside.zones(instruments[number], instruments[number + 1])
                if _SAMPLE in inner and inner.get(_MODES, 0) & 3 in _LOOPED
            ]
        yield (128 if bank else program), zones


class _Settings:
    """The zones of presets or of instruments, each a few numbered settings."""

    def __init__(self, bags: bytes, generators: bytes) -> None:
        self._starts = [row[0] for row in struct.iter_unpack("<HH", bags)]
        self._pairs = list(struct.iter_unpack("<HH", generators))

    def zones(self, first: int, last: int) -> Iterator[dict[int, int]]:
        """Yield zones `first` … `last`; settings of a global one are in all that follow it."""
        common: dict[int, int] = {}
        for number in range(first, last):
            own = common | dict(self._pairs[self._starts[number] : self._starts[number + 1]])
            if number == first and not {_INSTRUMENT, _SAMPLE} & own.keys():
                common = own
            yield own


def _zone(
    outer: dict[int, int], inner: dict[int, int], sample: tuple[int, ...], rate: int
) -> _Zone:
    """Return a sample's keys, loop and pitch; of two roots that may count, the lower one."""
    _name, _start, _end, first, last, own_rate, root, cents, *_link = sample
    ranges = [each[_KEY_RANGE] for each in (outer, inner) if _KEY_RANGE in each]
    low = max((each & 0xFF for each in ranges), default=0)
    high = min((each >> 8 for each in ranges), default=127)
    override = inner.get(_ROOT, root)
    roots = [each for each in (root, override) if each <= 127]
    tuned = _signed(inner.get(_COARSE, 0)) + _signed(inner.get(_FINE, 0)) / 100 + cents / 100
    loop = max(0, last - first) * rate / max(1, own_rate)
    return _Zone(low, high, loop, min(roots, default=60) - max(0.0, tuned))


def _signed(amount: int) -> int:
    return amount - 65_536 if amount >= 32_768 else amount
