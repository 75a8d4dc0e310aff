"""Sound of a piece: rendered by symusic's synthesiser through a General MIDI sound font.

A piece is rendered piece by piece as it plays, so that the first sound comes at once however long
it is: each chunk is what begins in it, and what rings on is added to the next one. The synthesiser
is linear, so chunks side by side are, to the last bit of rounding, the whole rendered at once.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.core.media import Music, Track
from studio.data.audio import files as sound_files
from studio.data.music.soundfont import playable
from studio.data.music.timing import seconds_at

#: Samples per second.
RATE = 44_100

_RINGING = 0.08  # seconds that a key is released late: the font's notes end abruptly
_DRUM = 1.0  # seconds in which a drum rings out, however short its note is
_HELD = 30.0  # seconds that a note is heard at most; on real instruments few last longer
_KNEE = 0.8  # level from which loud sums are bent, so that they never go beyond 1
_WRITTEN = 4.0  # seconds rendered at once while a file is written
_FONT = "TimGM6mb.sf2"

Samples = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


class _Part(NamedTuple):
    """The notes of a track in samples, in the order of their beginnings.

    Attributes:
        begins, ends: (N,) samples; `ends` has what rings on.
        longest: The longest note, in samples.
    """

    track: Track
    begins: Places
    ends: Places
    pitches: Places
    velocities: Places
    longest: int


class Renderer:
    """Makes the sound of a piece, from wherever it is asked for.

    One thread at a time uses it; several may use one each.

    Attributes:
        seconds: How long the sound is, with what rings on at the end.
    """

    def __init__(self, music: Music) -> None:
        self._parts = [_part(music, track) for track in music.tracks if len(track.notes)]
        self._end = max((int(part.ends.max()) for part in self._parts), default=0)
        self.seconds = self._end / RATE
        self._next = 0  # the sample at which `_ringing` begins
        self._ringing: Samples = np.zeros((0, 2), np.float32)

    def chunk(self, start: float, seconds: float) -> Samples:
        """Return sound (n, 2), float32 in -1 … 1, from a time on; shorter at the end.

        Args:
            start: Seconds from the beginning.
            seconds: How much is wanted.
        """
        first = max(0, round(start * RATE))
        last = min(self._end, first + max(0, round(seconds * RATE)))
        if last <= first:
            return np.zeros((0, 2), np.float32)
        if first != self._next:  # the playhead jumped: what is sounding there began before
            self._ringing = self._rendered(first, first, before=True)
        sound = _sum(self._rendered(first, last), self._ringing)
        found = np.zeros((last - first, 2), np.float32)
        found[: min(len(sound), len(found))] = sound[: len(found)]
        self._next, self._ringing = last, sound[len(found) :].copy()
        return _bent(found)

    def _rendered(self, first: int, last: int, *, before: bool = False) -> Samples:
        """Return the sound from `first` on of the notes that begin there and before `last`.

        Args:
            before: Take those that began before `first` and are not over instead.
        """
        chosen = []
        for part in self._parts:
            low, high = np.searchsorted(part.begins, (first, last))
            if before:
                high = low
                low = np.searchsorted(part.begins, first - part.longest)
            place = np.arange(low, high)
            place = place[part.ends[place] > first]
            if len(place):
                chosen.append((part, place))
        if not chosen:
            return np.zeros((0, 2), np.float32)
        origin = min(first, *(int(part.begins[place[0]]) for part, place in chosen))
        sound = synthesise(
            [
                Track(
                    np.stack(
                        [
                            part.begins[place] - origin,
                            part.ends[place] - part.begins[place],
                            part.pitches[place],
                            part.velocities[place],
                        ],
                        1,
                    ).astype(np.int32),
                    part.track.program,
                    part.track.drums,
                )
                for part, place in chosen
            ]
        )
        return sound[first - origin :]


def synthesise(tracks: list[Track]) -> Samples:
    """Return the sound (n, 2) of tracks whose notes count samples instead of ticks."""
    import symusic

    from studio.data.music.midi import notes_of

    # at 120 quarters a minute and this many ticks per quarter, four ticks are a sample
    score: Any = symusic.Score(2 * RATE)
    score.tempos.append(symusic.Tempo(0, 120.0))
    for track in tracks:
        # the font has one kit of drums
        made = symusic.Track("", 0 if track.drums else track.program, track.drums)
        # times are cut to samples: from the middle of one, rounding cannot lead to the one before
        made.notes = notes_of(track.notes * (4, 4, 1, 1) + (2, 2, 0, 0))
        score.tracks.append(made)
    sound: Samples = np.asarray(_synthesiser().render(score, True), np.float32).T
    return sound


def write_sound(music: Music, path: Path, recipe: dict[str, Any] | None) -> None:
    """Write the sound of a piece as WAV, FLAC, OGG or MP3 by the path's suffix, atomically.

    Args:
        recipe: Goes into the comment of the file; None leaves it out.

    Raises:
        StudioError: The format is not written by the sound library of this system.
    """
    renderer = Renderer(music)
    blocks = (
        renderer.chunk(number * _WRITTEN, _WRITTEN)
        for number in range(int(renderer.seconds / _WRITTEN) + 1)
    )
    sound_files.write(path, blocks, RATE, 2, recipe)


@cache
def _synthesiser() -> Any:
    """Return the synthesiser, its font loaded; all threads may use it at once."""
    import symusic

    return symusic.Synthesizer(str(sound_font()), RATE, 0)


def sound_font() -> Path:
    """Return the General MIDI sound font that comes with pretty_midi.

    Raises:
        StudioError: It is not there.
    """
    found = find_spec("pretty_midi")  # not imported: only its file is wanted
    path = Path(found.origin).parent / _FONT if found and found.origin else Path(_FONT)
    if not path.is_file():
        raise StudioError(
            "There are no instruments",
            "The sound font that comes with the package pretty_midi is missing.",
            "Run start.py again, which installs it.",
        )
    return path


def _part(music: Music, track: Track) -> _Part:
    notes = track.notes[np.argsort(track.notes[:, 0], kind="stable")]
    begins = seconds_at(music, notes[:, 0])
    ends = seconds_at(music, notes[:, 0].astype(np.int64) + notes[:, 1])
    lengths = np.minimum(ends - begins, _HELD) + _RINGING
    if track.drums:
        lengths = np.maximum(lengths, _DRUM)
    first = np.rint(begins * RATE).astype(np.int64)
    size = np.maximum(1, np.rint(lengths * RATE)).astype(np.int64)
    return _Part(
        track,
        first,
        first + size,
        _playable(track, notes[:, 2].astype(np.int64)),
        notes[:, 3].astype(np.int64),
        int(size.max()),
    )


def _playable(track: Track, pitches: Places) -> Places:
    """Return pitches, those that an instrument cannot play moved down by octaves.

    The synthesiser would never return from them; see `soundfont.py`.
    """
    table = playable(sound_font(), RATE)[128 if track.drums else track.program]
    for _octave in range(10):
        pitches = np.where(table[pitches] | (pitches < 12), pitches, pitches - 12)
    return pitches


def _sum(one: Samples, other: Samples) -> Samples:
    """Return two sounds at once."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    found = longer.copy()
    found[: len(shorter)] += shorter
    return found


def _bent(sound: Samples) -> Samples:
    """Return sound that stays within -1 … 1: what is above the knee is bent, the rest is kept."""
    level = np.abs(sound)
    if not len(sound) or level.max() <= _KNEE:
        return sound
    rest = 1 - _KNEE
    bent = np.sign(sound) * (_KNEE + rest * np.tanh((level - _KNEE) / rest))
    return np.where(level > _KNEE, bent, sound).astype(np.float32)
