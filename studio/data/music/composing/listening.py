"""Listening: what is counted in a piece, so that others can be composed in its manner."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music import measures as music_statistics
from studio.data.music.composing.manner import (
    CHORDS,
    METRE_NAMES,
    MODES,
    OCTAVE,
    SIZES,
    Manner,
    density_number,
    tempo_number,
)
from studio.data.music.composing.rhythm import METRES, Metre
from studio.data.music.timing import Bars, bars_of
from studio.data.music.voices import melody_and_chords, skyline

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_SIXTEENTHS = 4  # in a quarter note
#: How much of the notes of a bar must be in a chord for it to count as heard.
_HEARD = 0.6
#: How the metres of other pieces are counted.
_LIKE = {
    (4, 4): "4/4", (2, 2): "4/4", (3, 4): "3/4", (3, 8): "3/4", (2, 4): "2/4", (6, 8): "6/8",
    (12, 8): "6/8", (9, 8): "6/8",
}  # fmt: skip
#: Modes that a piece in major or minor may have, with the degree that tells each apart from its
#: neighbour: (mode, degree that it has, degree that it has not).
_COLOURS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "major": (("lydian", 6, 5), ("mixolydian", 10, 11)),
    "minor": (("phrygian", 1, 2), ("dorian", 9, 8), ("harmonic_minor", 11, 10)),
}


def heard(music: Music) -> Manner:
    """Return the counts of a piece; nothing at all where it has no melody."""
    melody, _ = melody_and_chords(music)
    if not melody:
        return Manner.blank()
    counts = {name: np.zeros(size) for name, size in SIZES.items()}
    highest, _ = skyline(melody[0].notes)
    line = highest.astype(np.int64)[np.argsort(highest[:, 0], kind="stable")]
    bars = bars_of(music)
    metre = metre_like(music)
    tonic, mode = key_and_mode(music)
    counts["tonics"][tonic] = 1
    counts["modes"][MODES.index(mode)] = 1
    counts["metres"][METRE_NAMES.index(metre.name)] = 1
    counts["tempi"][tempo_number(music_statistics.tempo_of(music))] = 1
    counts["programs"][melody[0].program] = 1
    beats = sum(bars.lengths) / music.ticks * _SIXTEENTHS / metre.beat
    per_beat = len(line) / max(1.0, float(beats)) / (1.4 if metre.beat == 6 else 1.0)
    counts["densities"][density_number(per_beat)] = 1
    moves = np.diff(line[:, 2])
    moves = moves[np.abs(moves) <= OCTAVE]
    counts["intervals"] += np.bincount(moves + OCTAVE, minlength=2 * OCTAVE + 1)
    field = "compound" if metre.beat == 6 else "simple"
    counts[field] += _cells(line, bars, metre, music.ticks)
    counts["chords"] += _changes(music, bars, tonic)
    return Manner(**counts)


def metre_like(music: Music) -> Metre:
    """Return the metre of a piece, or the one of ours that is most like it."""
    return METRES[_LIKE.get(music_statistics.metre_of(music), "4/4")]


def key_and_mode(music: Music) -> tuple[int, str]:
    """Return the tonic of a piece and the mode of `theory.SCALES` that its notes are in."""
    key = music_statistics.key_of(music)
    notes = music_statistics.notes_of(music)
    relative = (notes[:, 2] - key.tonic) % 12
    length = np.bincount(relative, weights=notes[:, 1], minlength=12)
    for mode, has, lacks in _COLOURS[key.mode]:
        if length[has] > 2 * length[lacks] and length[has] > 0.02 * length.sum():
            return key.tonic, mode
    if key.mode == "minor":
        return key.tonic, "natural_minor"
    outside = length[[1, 3, 5, 6, 8, 10, 11]].sum()
    gapped = outside < 0.01 * length.sum() and len(notes) > 16
    return key.tonic, "pentatonic_major" if gapped else "major"


def _cells(line: Numbers, bars: Bars, metre: Metre, ticks: int) -> Floats:
    """Return how often each rhythm of a beat comes, by its bits."""
    number = bars.at(line[:, 0])
    step = np.rint((line[:, 0] - bars.starts[number]) * _SIXTEENTHS / ticks).astype(np.int64)
    count, width = (3, 2) if metre.beat == 6 else (4, 1)
    per_bar = metre.steps // metre.beat
    beat = np.minimum(step // metre.beat, per_bar - 1)
    bit = np.minimum(step % metre.beat // width, count - 1)
    table = np.zeros((len(bars.starts) * per_bar, count), np.int64)
    table[number * per_bar + beat, bit] = 1
    return np.bincount(table @ (1 << np.arange(count)), minlength=1 << count).astype(float)


def _chord_tones() -> Floats:
    """Return the chords (36, 12) relative to a tonic, as `manner.chord_number` counts them."""
    table = np.zeros((CHORDS, 12))
    for root in range(12):
        for quality, tones in enumerate(((0, 4, 7), (0, 3, 7), (0, 3, 6))):
            for tone, weight in zip(tones, (1.1, 1.0, 1.0), strict=True):
                table[root * 3 + quality, (root + tone) % 12] = weight
    return table


_TONES = _chord_tones()


def bar_chords(music: Music, bars: Bars, tonic: int) -> Numbers:
    """Return the chord of each bar (B,) relative to a tonic; −1 where none is clear."""
    notes = music_statistics.notes_of(music)
    number = bars.at(notes[:, 0])
    sounding = np.zeros((len(bars.starts), 12))
    np.add.at(sounding, (number, (notes[:, 2] - tonic) % 12), notes[:, 1])
    scores = sounding @ _TONES.T
    best = scores.argmax(1)
    inside = (sounding * (_TONES[best] > 0)).sum(1)
    total = sounding.sum(1)
    clear = (total > 0) & (inside >= _HEARD * total)
    return np.where(clear, best, -1)


def _changes(music: Music, bars: Bars, tonic: int) -> Floats:
    """Return how often each chord follows each other one, flat."""
    chords = bar_chords(music, bars, tonic)
    first, second = chords[:-1], chords[1:]
    both = (first >= 0) & (second >= 0)
    pairs = first[both] * CHORDS + second[both]
    return np.bincount(pairs, minlength=CHORDS * CHORDS).astype(float)
