"""Four voices: a search for voicings that keep the rules of common practice.

The voicings of each chord over each bass are computed once; from one chord to the next all of them
are tried at once, and the search goes back when none is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random

import numpy as np
import numpy.typing as npt

from studio.data.music.composing.melody import FORBIDDEN
from studio.data.music.composing.piece import RANGES
from studio.data.music.composing.theory import BANNED, Chord, Key, duties

Voicings = npt.NDArray[np.int64]

#: The voices from high to low, as tracks are.
VOICES = ("soprano", "alto", "tenor", "bass")
#: Pairs of voices, the upper one first.
PAIRS = tuple((i, j) for i in range(4) for j in range(i + 1, 4))
_UPPER, _LOWER = np.array(PAIRS).T
#: Largest distance of neighbours: soprano to alto, alto to tenor, tenor to bass.
SPACING = (12, 12, 19)
#: Largest move of each voice.
REACH = (5, 7, 7, 12)
#: Whether each voice moves by so many semitones; 13 stands for more.
_REACHED = np.array(
    [[size <= reach and size not in FORBIDDEN for size in range(14)] for reach in REACH]
)
_VOICE = np.arange(4)
#: How often the search may go back before it gives a bass up.
_PATIENCE = 60


@lru_cache(maxsize=8192)
def voicings(chord: Chord, bass: int) -> tuple[Voicings, Voicings, npt.NDArray[np.float64]]:
    """Return every good voicing of a chord over a bass.

    Returns:
        Pitches (N, 4) from the soprano down; the intervals of `PAIRS` modulo 12 (N, 6); and how
        far each is from the best spacing and doubling (N,).
    """
    high = [_pitches(chord, *RANGES[role]) for role in VOICES[:3]]
    grid = np.stack(np.meshgrid(*high, indexing="ij"), -1).reshape(-1, 3)
    found = np.concatenate([grid, np.full((len(grid), 1), bass)], 1)
    gaps = found[:, :-1] - found[:, 1:]
    fits = ((gaps >= 0) & (gaps <= SPACING)).all(1)
    pcs = found % 12
    present = np.stack([(pcs == pc).sum(1) for pc in chord.pcs], 1)  # how often each tone comes
    fits &= (present[:, [0, 1]] > 0).all(1)
    if chord.seventh >= 0:
        fits &= present[:, 3] == 1
    else:
        fits &= present[:, 2] > 0
    if chord.leading >= 0:
        fits &= (pcs == chord.leading).sum(1) <= 1
    fits &= (present <= 3).all(1)
    found, gaps, present = found[fits], gaps[fits], present[fits]
    # doubled roots are best, doubled fifths good, doubled thirds seldom
    cost = 0.5 * (present[:, 2] > 1) + 1.5 * (present[:, 1] > 1) + 1.0 * (present[:, 2] == 0)
    cost = cost + 1.0 * (gaps == 0).sum(1) + 0.08 * np.abs(gaps[:, 0] - gaps[:, 1])
    intervals = (found[:, _UPPER] - found[:, _LOWER]) % 12
    return found, intervals, cost


def _pitches(chord: Chord, low: int, high: int) -> Voicings:
    span = np.arange(low, high + 1)
    fitting: Voicings = span[[pitch % 12 in chord.pcs for pitch in span.tolist()]]
    return fitting


class Leading:
    """Finds the voicings of a row of chords.

    Args:
        key: The key.
        strict: Whether leading tones and sevenths must resolve.
        draw: Where chance comes from.
    """

    def __init__(self, key: Key, strict: bool, draw: Random) -> None:
        self.key, self.strict, self.draw = key, strict, draw
        self._banned = BANNED.get(key.mode, frozenset())

    def voices(
        self,
        chords: Sequence[Chord],
        basses: Sequence[int],
        tops: Sequence[int],
        end: int = -1,
    ) -> list[tuple[int, ...]] | None:
        """Return four pitches for each chord, from the soprano down.

        Args:
            chords: The chords.
            basses: Their lowest pitches, which stay.
            tops: What the soprano would like to sing.
            end: Pitch class on which the soprano must end; −1 for any.

        Returns:
            The voicings; None when none were found in time.
        """
        final = len(chords) - 1
        order = [self._ending(self._first(chords[0], basses[0], tops[0]), chords, basses, 0, end)]
        chosen: list[int] = []
        patience = _PATIENCE
        while len(chosen) < len(chords):
            place = len(chosen)
            if not order[place]:  # nothing left here: take another one before
                if place == 0 or patience == 0:
                    return None
                patience -= 1
                order.pop()
                chosen.pop()
                continue
            chosen.append(order[place].pop())
            if place < final:
                several = self._next(chords, basses, tops, place, chosen[-1])
                order.append(self._ending(several, chords, basses, place + 1, end))
        return [
            tuple(voicings(chord, bass)[0][number].tolist())
            for chord, bass, number in zip(chords, basses, chosen, strict=True)
        ]

    @staticmethod
    def _ending(
        numbers: list[int], chords: Sequence[Chord], basses: Sequence[int], place: int, end: int
    ) -> list[int]:
        """Leave at the last place only voicings whose soprano ends as it must."""
        if end < 0 or place != len(chords) - 1:
            return numbers
        found, _, _ = voicings(chords[place], basses[place])
        return [number for number in numbers if found[number, 0] % 12 == end]

    def _first(self, chord: Chord, bass: int, top: int) -> list[int]:
        found, _, cost = voicings(chord, bass)
        cost = cost + np.abs(found[:, 0] - top)
        best: list[int] = np.argsort(-cost, kind="stable").tolist()
        return best

    def _next(
        self,
        chords: Sequence[Chord],
        basses: Sequence[int],
        tops: Sequence[int],
        place: int,
        chosen: int,
    ) -> list[int]:
        """Return which voicings may follow, the best last."""
        numbers, soprano, cost = successors(
            self.key,
            self.strict,
            chords[place],
            basses[place],
            chosen,
            chords[place + 1],
            basses[place + 1],
        )
        total = cost + 0.8 * np.abs(soprano - tops[place + 1])
        best: list[int] = numbers[np.argsort(-total, kind="stable")].tolist()
        if len(best) > 1 and self.draw.random() < 0.15:
            best[-1], best[-2] = best[-2], best[-1]
        return best


@lru_cache(maxsize=65_536)
def successors(
    key: Key, strict: bool, first: Chord, low: int, chosen: int, second: Chord, lower: int
) -> tuple[Voicings, Voicings, npt.NDArray[np.float64]]:
    """Return the voicings of a chord that may follow a voicing of the chord before.

    Args:
        key: The key.
        strict: Whether leading tones and sevenths must resolve.
        first, low, chosen: The chord before, its bass, and which of its `voicings` it had.
        second, lower: The chord that comes, and its bass.

    Returns:
        Which of its voicings may come (N,), the soprano of each, and how bad each is.
    """
    before, intervals, _ = voicings(first, low)
    here = before[chosen]
    found, after, cost = voicings(second, lower)
    fits = follows(here, intervals[chosen], found, after)
    for pc, moves in duties(first, second, strict).items():
        for voice in np.flatnonzero(here % 12 == pc):
            move = found[:, voice] - here[voice]
            fits &= np.logical_or.reduce([move == each for each in moves])
    for relative, move in BANNED.get(key.mode, ()):
        stuck = (here - key.tonic) % 12 == relative
        fits &= ~((found - here == move) & stuck).any(1)
    numbers = np.flatnonzero(fits)
    there = found[numbers]
    moved = np.abs(there - here)
    total = cost[numbers] + 0.25 * moved[:, 1:3].sum(1) + 0.1 * moved[:, 0]
    if first is second:
        total = total + 0.5 * (moved[:, :3].sum(1) == 0)
    return numbers, there[:, 0], total


def follows(
    here: Voicings, between: Voicings, found: Voicings, after: Voicings
) -> npt.NDArray[np.bool_]:
    """Tell which voicings (N, 4) may follow one (4,) as far as moves and parallels go.

    Args:
        here, between: The voicing before and its intervals of `PAIRS` modulo 12.
        found, after: Those that may come, and theirs.
    """
    move = found - here
    size = np.abs(move)
    fits: npt.NDArray[np.bool_] = _REACHED[_VOICE, np.minimum(size, 13)].all(1)
    # overlap: no voice goes beyond where its neighbour was
    fits &= (found[:, :-1] >= here[1:]).all(1) & (found[:, 1:] <= here[:-1]).all(1)
    # parallels: a perfect interval again while both voices move
    perfect = (after == between) & ((between == 0) | (between == 7))
    both = (move[:, _UPPER] != 0) & (move[:, _LOWER] != 0)
    fits &= ~(perfect & both).any(1)
    # hidden parallels: the outer voices leap the same way into a perfect interval
    outer = after[:, 2]
    hidden = ((outer == 0) | (outer == 7)) & (move[:, 0] * move[:, 3] > 0) & (size[:, 0] > 2)
    fits &= ~hidden
    return fits
