"""What can be counted and measured in a piece: key, density, polyphony, intervals, groove …

The same functions describe a dataset, judge what a model writes and check the composer's rules.
Drums have no pitch and count for rhythm alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music
from studio.data.music.timing import Bars, bars_of, end_of, seconds_of
from studio.data.music.voices import instruments_of, melody_and_chords, skyline

Mode = Literal["major", "minor"]
Floats = npt.NDArray[np.float64]

#: Names of the twelve pitch classes, as keys are usually spelled.
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
#: Steps of the scales from their tonic, in semitones; minor is the natural one.
SCALES: dict[Mode, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
#: Largest melodic interval that is told apart, in semitones each way.
WIDEST = 12
#: Places in a bar that `groove` tells apart: sixteenths and triplets of a 4/4 bar.
PLACES = 48

# How well each pitch class fits a key, from the tonic on (Krumhansl and Kessler 1982).
_PROFILES: dict[Mode, tuple[float, ...]] = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


class Key(NamedTuple):
    """A key: `tonic` is a pitch class, 0 for C … 11 for B.

    Attributes:
        certainty: How far ahead of the next best key it is, 0 … 1; 0 where nothing was heard.
    """

    tonic: int
    mode: Mode
    certainty: float = 1.0

    @property
    def name(self) -> str:
        """The key as musicians say it: `F# minor`."""
        return f"{NAMES[self.tonic]} {self.mode}"

    @property
    def scale(self) -> frozenset[int]:
        """The seven pitch classes of its scale."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])


def _profiles() -> Floats:
    """Return the profiles of all 24 keys, (24, 12), standardised; major keys first."""
    rows = [np.roll(_PROFILES[mode], tonic) for mode in SCALES for tonic in range(12)]
    table = np.array(rows) - np.mean(rows, axis=1, keepdims=True)
    found: Floats = table / np.linalg.norm(table, axis=1, keepdims=True)
    return found


_KEYS = _profiles()


def notes_of(music: Music, *, drums: bool = False) -> npt.NDArray[np.int64]:
    """Return all notes (N, 4) of a piece in the order of their starts, with drums when asked."""
    rows = [track.notes for track in music.tracks if drums or not track.drums]
    notes = np.concatenate([np.zeros((0, 4), np.int64), *rows]).astype(np.int64)
    return notes[np.lexsort((notes[:, 2], notes[:, 0]))]


def key_of(music: Music) -> Key:
    """Return the key whose profile the lengths of the pitch classes follow best.

    Krumhansl's and Schmuckler's key finding (Krumhansl 1990): the correlation of how long each
    pitch class sounds with how well it fits each of the 24 keys.
    """
    notes = notes_of(music)
    # a held chord says no more than a beat of it
    lengths = np.minimum(notes[:, 1], 4 * music.ticks)
    heard = np.bincount(notes[:, 2] % 12, weights=lengths, minlength=12)
    heard = heard - heard.mean()
    norm = float(np.linalg.norm(heard))
    if not norm:
        return Key(0, "major", 0.0)
    scores = _KEYS @ (heard / norm)
    best = int(scores.argmax())
    following = float(np.sort(scores)[-2])
    mode: Mode = "major" if best < 12 else "minor"
    return Key(best % 12, mode, min(1.0, max(0.0, float(scores[best]) - following)))


def in_scale_rate(music: Music, key: Key | None = None) -> float:
    """Return the share of notes in the scale of a key; of its own when none is given."""
    pitches = notes_of(music)[:, 2] % 12
    if not len(pitches):
        return 0.0
    scale = (key or key_of(music)).scale
    return float(np.isin(pitches, sorted(scale)).mean())


def notes_per_bar(music: Music) -> float:
    """Return notes per bar, from the beginning to the bar in which the last note ends."""
    count = sum(len(track.notes) for track in music.tracks)
    return count / len(bars_of(music).starts) if count else 0.0


def empty_bar_rate(music: Music) -> float:
    """Return the share of bars in which nothing sounds."""
    notes = notes_of(music, drums=True)
    if not len(notes):
        return 1.0
    bars = bars_of(music)
    first = bars.at(notes[:, 0])
    last = bars.at(np.maximum(notes[:, 0], notes[:, 0] + notes[:, 1] - 1))
    sounding = np.zeros(len(bars.starts) + 1, np.int64)
    np.add.at(sounding, first, 1)
    np.add.at(sounding, last + 1, -1)
    return float((np.cumsum(sounding)[:-1] == 0).mean())


def polyphony(music: Music) -> float:
    """Return how many notes sound at once on average, while any does."""
    notes = notes_of(music)
    if not len(notes):
        return 0.0
    times = np.concatenate([notes[:, 0], notes[:, 0] + notes[:, 1]])
    steps = np.concatenate([np.ones(len(notes)), -np.ones(len(notes))])
    order = np.argsort(times, kind="stable")
    sounding = np.cumsum(steps[order])[:-1]
    lasting = np.diff(times[order])
    some = sounding > 0
    total = float(lasting[some].sum())
    return float((sounding * lasting)[some].sum() / total) if total else 0.0


def pitch_classes(music: Music) -> Floats:
    """Return the share of each pitch class among the notes, (12,); zeros without notes."""
    return _shares(np.bincount(notes_of(music)[:, 2] % 12, minlength=12))


def pitch_class_entropy(music: Music) -> float:
    """Return how evenly the pitch classes are used, in bits: 0 for one, 3.58 for all alike."""
    shares = pitch_classes(music)
    used = shares[shares > 0]
    return float(-(used * np.log2(used)).sum())


def intervals(music: Music) -> Floats:
    """Return the share of each melodic step, (25,): an octave down … 0 … an octave up.

    Steps are taken along the melody: the highest note at each beginning of its track. Wider
    ones count as octaves.
    """
    melody, _chords = melody_and_chords(music)
    if not melody:
        return np.zeros(2 * WIDEST + 1)
    line, _below = skyline(melody[0].notes)
    line = line[np.argsort(line[:, 0], kind="stable")]
    steps = np.clip(np.diff(line[:, 2].astype(np.int64)), -WIDEST, WIDEST) + WIDEST
    return _shares(np.bincount(steps, minlength=2 * WIDEST + 1))


def groove(music: Music) -> Floats:
    """Return where in the bar notes begin, (48,) shares from its beginning to its end."""
    places, _bars = _places(music)
    return _shares(np.bincount(places, minlength=PLACES))


def groove_consistency(music: Music) -> float:
    """Return how alike the rhythms of neighbouring bars are, 0 … 1.

    Grooving pattern similarity of Wu and Yang (2020): one minus the share of places at which two
    bars differ; 1 for fewer than two bars.
    """
    places, bars = _places(music)
    if not len(places):
        return 0.0
    table = np.zeros((int(bars.max()) + 1, PLACES), bool)
    table[bars, places] = True
    if len(table) < 2:
        return 1.0
    return float(1 - (table[1:] != table[:-1]).mean())


def tempo_of(music: Music) -> float:
    """Return the quarter notes per minute that a piece has on average."""
    seconds = seconds_of(music)
    return 60 * end_of(music) / music.ticks / seconds if seconds else music.tempos[0][1]


def metre_of(music: Music) -> tuple[int, int]:
    """Return the metre that most bars have, as (6, 8)."""
    return _usual_metre(bars_of(music))


def pitch_range(music: Music) -> tuple[int, int]:
    """Return the lowest and the highest pitch; (0, 0) without notes."""
    pitches = notes_of(music)[:, 2]
    return (int(pitches.min()), int(pitches.max())) if len(pitches) else (0, 0)


@dataclass(frozen=True)
class Summary:
    """The numbers of one piece, or the means of many.

    Attributes:
        pieces: How many were measured.
        notes, seconds, bars: Of all of them together.
        tempo: Quarter notes per minute.
        instruments: Groups of instruments, as in `music_voices.GROUPS`, in how many pieces each.
        keys, metres: Names, in how many pieces each.
        lowest, highest: Pitches.
    """

    pieces: int
    notes: int
    seconds: float
    bars: int
    tempo: float
    notes_per_bar: float
    polyphony: float
    in_scale_rate: float
    empty_bar_rate: float
    pitch_class_entropy: float
    groove_consistency: float
    lowest: int
    highest: int
    keys: dict[str, int]
    metres: dict[str, int]
    instruments: dict[int, int]
    pitch_classes: tuple[float, ...]
    intervals: tuple[float, ...]
    groove: tuple[float, ...]


def summary(music: Music) -> Summary:
    """Return the numbers of a piece."""
    bars = bars_of(music)
    metre = _usual_metre(bars)
    low, high = pitch_range(music)
    key = key_of(music)
    return Summary(
        pieces=1,
        notes=sum(len(track.notes) for track in music.tracks),
        seconds=seconds_of(music),
        bars=len(bars.starts),
        tempo=tempo_of(music),
        notes_per_bar=notes_per_bar(music),
        polyphony=polyphony(music),
        in_scale_rate=in_scale_rate(music, key),
        empty_bar_rate=empty_bar_rate(music),
        pitch_class_entropy=pitch_class_entropy(music),
        groove_consistency=groove_consistency(music),
        lowest=low,
        highest=high,
        keys={key.name: 1} if key.certainty else {},
        metres={f"{metre[0]}/{metre[1]}": 1},
        instruments=dict.fromkeys(instruments_of(music.tracks), 1),
        pitch_classes=tuple(pitch_classes(music).tolist()),
        intervals=tuple(intervals(music).tolist()),
        groove=tuple(groove(music).tolist()),
    )


def _usual_metre(bars: Bars) -> tuple[int, int]:
    pairs, counts = np.unique(np.stack([bars.beats, bars.values]), axis=1, return_counts=True)
    beats, value = pairs[:, counts.argmax()]
    return int(beats), int(value)


def _places(music: Music) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return for each note where in its bar it begins, 0 … 47, and which bar that is."""
    notes = notes_of(music, drums=True)
    bars = bars_of(music)
    number = bars.at(notes[:, 0])
    whole = 4 * music.ticks * bars.beats[number] // np.maximum(1, bars.values[number])
    place = np.rint((notes[:, 0] - bars.starts[number]) * PLACES / np.maximum(1, whole))
    return np.clip(place.astype(np.int64), 0, PLACES - 1), number


def _shares(counts: npt.NDArray[np.int64]) -> Floats:
    total = int(counts.sum())
    found: Floats = counts / total if total else np.zeros(len(counts))
    return found
