"""Pieces as MusicXML for notation programs: quantised, spelled in their key, written by partitura.

MusicXML has no place for what was played, only for what is meant: beginnings and ends go to the
nearest sixteenth, or to a triplet where that is nearer by far.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, unescape

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.music.measures import Key, key_of
from studio.data.music.timing import Bars, bars_of
from studio.data.music.voices import GROUPS, group_of

Ints = npt.NDArray[np.int64]

_DIVISIONS = 24  # of a quarter: sixteenths are 6, triplet quavers 8
_SIXTEENTH, _TRIPLET = 6, 4
_SHORTEST = 2
_NEARER = 0.75  # divisions by which a triplet must be nearer
_FIELD = re.compile('<miscellaneous-field name="recipe">([^<]*)<')
_STEPS = "FCGDAEB"  # along the line of fifths, from -1 on
_BASS_BELOW = 57  # mean pitch below which a part has the bass clef


def _shapes() -> dict[int, dict[str, Any]]:
    """Return how each length in divisions is written, as far as one note can."""
    found: dict[int, dict[str, Any]] = {}
    names = ("whole", "half", "quarter", "eighth", "16th", "32nd")
    for place, name in enumerate(names):
        length = 4 * _DIVISIONS >> place
        found[length] = {"type": name}
        if length % 2 == 0 and place < len(names) - 1:
            found[length * 3 // 2] = {"type": name, "dots": 1}
        if length % 3 == 0:
            found[length * 2 // 3] = {"type": name, "actual_notes": 3, "normal_notes": 2}
    return found


_SHAPES = _shapes()


class Spelled(NamedTuple):
    """A pitch as it is written: `alter` is 1 for a sharp and −1 for a flat."""

    step: str
    alter: int
    octave: int


def musicxml(music: Music, recipe: dict[str, Any] | None = None) -> bytes:
    """Return a piece as MusicXML: a part for each track, with key, metre, tempo and bars.

    Args:
        recipe: Goes into the file as a note on how it was made; None leaves it out.
    """
    import partitura
    import partitura.score as notation

    key = key_of(music)
    bars = _quantised_bars(music)
    parts = [
        _part(notation, music, track, f"P{number + 1}", bars, key)
        for number, track in enumerate(music.tracks)
        if len(track.notes)
    ]
    written = bytes(partitura.save_musicxml(notation.Score(parts, id="piece")))
    if recipe is None:
        return written
    return _with_recipe(written, recipe)


def read_recipe(raw: bytes) -> dict[str, Any] | None:
    """Return the recipe in a file that `musicxml` wrote, else None."""
    found = _FIELD.search(raw.decode("utf-8", "replace"))
    try:
        recipe = json.loads(unescape(found[1])) if found else None
    except ValueError:
        return None
    return recipe if isinstance(recipe, dict) else None


def spelled(pitch: int, key: Key) -> Spelled:
    """Return how a pitch is written in a key: F♯ in G major, G♭ in D♭ major.

    Names lie on the line of fifths (… B♭ F C G D …); twelve around the tonic are those that the
    key uses: more to the sharp side in minor, for its raised sixth and seventh.
    """
    fifths = _fifths(key)
    lowest = fifths - (5 if key.mode == "major" else 3)
    place = next(each for each in range(lowest, lowest + 12) if each * 7 % 12 == pitch % 12)
    alter = (place + 1) // 7
    return Spelled(_STEPS[(place + 1) % 7], alter, (pitch - alter) // 12 - 1)


def _fifths(key: Key) -> int:
    """Return the sharps of a key's signature, flats as negative numbers: −5 … 6."""
    tonic = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    return (tonic * 7 + 5) % 12 - 5


def _quantised(music: Music, ticks: npt.ArrayLike) -> Ints:
    """Return ticks as divisions, on the nearest sixteenth or triplet."""
    exact = np.asarray(ticks, np.float64) * _DIVISIONS / music.ticks
    even = np.rint(exact / _SIXTEENTH) * _SIXTEENTH
    triplet = np.rint(exact / _TRIPLET) * _TRIPLET
    chosen = np.where(np.abs(exact - triplet) + _NEARER < np.abs(exact - even), triplet, even)
    found: Ints = chosen.astype(np.int64)
    return found


def _quantised_bars(music: Music) -> Bars:
    """Return the bars with their starts and lengths in divisions."""
    bars = bars_of(music)
    edges = np.append(bars.starts, bars.starts[-1] + bars.lengths[-1])
    edges = np.rint(edges * _DIVISIONS / music.ticks).astype(np.int64)
    return Bars(edges[:-1], np.maximum(1, np.diff(edges)), bars.beats, bars.values)


def _part(notation: Any, music: Music, track: Track, name: str, bars: Bars, key: Key) -> Any:
    """Return a track as partitura's Part."""
    title = track.name or GROUPS[group_of(track)]
    part = notation.Part(name, part_name=title, quarter_duration=_DIVISIONS)
    low = float(track.notes[:, 2].mean()) < _BASS_BELOW and not track.drums
    part.add(notation.Clef(1, "F" if low else "G", 4 if low else 2, 0), 0)
    if not track.drums and key.certainty:
        part.add(notation.KeySignature(_fifths(key), key.mode), 0)
    tempo = round(music.tempos[0][1])
    part.add(notation.Tempo(tempo, "q"), 0)
    _add_bars(notation, part, bars)
    begins, ends = _quantised(music, track.notes[:, 0]), _ends(music, track)
    last = int(bars.starts[-1] + bars.lengths[-1])
    written: set[tuple[int, int]] = set()
    sounding = np.zeros(last, np.bool_)
    ends = np.minimum(np.maximum(ends, begins + _SHORTEST), last)
    for number, (begin, end, pitch) in enumerate(
        zip(begins.tolist(), ends.tolist(), track.notes[:, 2].tolist(), strict=True)
    ):
        if (begin, pitch) in written or begin >= end:
            continue
        written.add((begin, pitch))
        sounding[begin:end] = True
        before: Any = None
        for piece, (start, stop, symbol) in enumerate(_written_as(begin, end, bars)):
            step, alter, octave = spelled(pitch, key)
            facts = {"id": f"{name}n{number}-{piece}", "voice": 1, "symbolic_duration": symbol}
            if track.drums:
                note = notation.UnpitchedNote(step, octave, **facts)
            else:
                note = notation.Note(step, octave, alter or None, **facts)
            part.add(note, start, stop)
            if before is not None:
                before.tie_next, note.tie_prev = note, before
            before = note
    edges = np.flatnonzero(np.diff(np.concatenate([[True], sounding, [True]])))
    for begin, end in edges.reshape(-1, 2).tolist():
        for start, stop, symbol in _written_as(begin, end, bars):
            part.add(notation.Rest(voice=1, symbolic_duration=symbol), start, stop)
    return part


def _written_as(begin: int, end: int, bars: Bars) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the written notes, tied, that a length is made of: none over a bar line.

    Each is its beginning, its end, and its shape as partitura wants it.
    """
    lines = bars.starts
    while begin < end:
        line = int(np.searchsorted(lines, begin, side="right"))
        room = min(end, int(lines[line]) if line < len(lines) else end) - begin
        length = max((each for each in _SHAPES if each <= room), default=room)
        yield begin, begin + length, dict(_SHAPES.get(length, _SHAPES[_SHORTEST]))
        begin += length


def _ends(music: Music, track: Track) -> Ints:
    """Return where notes end in divisions; one that is nearly as long as to the next reaches it.

    Players let go a little early, which is no rest to write down.
    """
    ends = _quantised(music, track.notes[:, 0].astype(np.int64) + track.notes[:, 1])
    begins = np.unique(_quantised(music, track.notes[:, 0]))
    after = np.searchsorted(begins, ends)
    following = begins[np.minimum(after, len(begins) - 1)]
    near = (following > ends) & (following - ends < _SIXTEENTH)
    found: Ints = np.where(near, following, ends)
    return found


def _add_bars(notation: Any, part: Any, bars: Bars) -> None:
    metre = (0, 0)
    for number in range(len(bars.starts)):
        start, length = int(bars.starts[number]), int(bars.lengths[number])
        found = (int(bars.beats[number]), int(bars.values[number]))
        if found != metre:
            metre = found
            part.add(notation.TimeSignature(*metre), start)
        part.add(notation.Measure(number=number + 1, name=str(number + 1)), start, start + length)


def _with_recipe(raw: bytes, recipe: dict[str, Any]) -> bytes:
    """Return MusicXML with a recipe among its miscellaneous facts."""
    place = raw.index(b"<part-list>")
    field = f'<miscellaneous-field name="recipe">{escape(json.dumps(recipe))}</miscellaneous-field>'
    facts = f"<identification><miscellaneous>{field}</miscellaneous></identification>\n  "
    return raw[:place] + facts.encode() + raw[place:]
