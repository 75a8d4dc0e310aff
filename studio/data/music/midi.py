"""MIDI files: read into Music within bounds, and written with a recipe inside.

The bytes are walked chunk by chunk before symusic, which is C++, sees them: a file that claims
more than it holds never gets that far.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.media import Music, Track
from studio.data.modality import Rejected
from studio.data.music.midi_chunks import HEAD, inside_riff, no_notes, walk

#: Bounds of what is taken.
MAX_NOTES = 200_000
MAX_HOURS = 3
MAX_BARS = 20_000

#: Quarter notes per minute that are believed; others are cut to these.
TEMPOS = (10.0, 400.0)

_MARK = "aigc-studio recipe "  # begins the text event that holds the recipe
_RECIPE_BYTES = 1 << 21  # a longer recipe is none
_LONGEST_TICKS = 1 << 30  # beyond this the 32 bits of symusic's times could run over
_MOST_CHANGES = 10_000  # of tempo or metre; far fewer are usual
_TEMPO, _METRE = 120.0, (4, 4)  # where a file says nothing


class Marker(NamedTuple):
    """A text at a place in a file: `tick` counts from the beginning."""

    tick: int
    text: str


# -------------------------------------------------------------------------------------- in


def canonical(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a file as a plain MIDI file with ticks per quarter, and notes on what was changed.

    Raises:
        Rejected: It is no MIDI file, is cut off, or claims what cannot be.
    """
    plain, notes = _plain(raw)
    if "smpte" in notes:  # its tempos mean nothing and must not come back
        plain = write(_music(plain, smpte=True))
    return plain, notes


def read(raw: bytes) -> Music:
    """Return the notes of a MIDI file (RMID and times in seconds are understood).

    Raises:
        Rejected: It is no MIDI file, is damaged, holds no notes, or is out of all bounds.
    """
    plain, notes = _plain(raw)
    return _music(plain, smpte="smpte" in notes)


def _plain(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a file as symusic reads it, and what it was."""
    notes: list[str] = []
    if raw[:4] == b"RIFF" and raw[8:12] == b"RMID":
        raw = inside_riff(raw)
        notes.append("rmid")
    chunks = walk(raw)
    if chunks.smpte:
        notes.append("smpte")
        raw = raw[:12] + _be(chunks.ticks, 2) + raw[14:]
    return raw, tuple(notes)


def _music(plain: bytes, *, smpte: bool) -> Music:
    import symusic

    try:
        score: Any = symusic.Score.from_midi(plain, sanitize_data=True)
    except (RuntimeError, ValueError, IndexError, OverflowError) as error:
        raise Rejected(
            "damaged",
            "The notes in it cannot be read; it is cut off or damaged.",
            "Open it in a music program and export it again as a MIDI file.",
        ) from error
    tracks = [track for each in score.tracks if len((track := _track(each)).notes)]
    _check_notes(tracks)
    tempos = ((0, _TEMPO),) if smpte else _tempos(score)
    music = Music(tuple(tracks), score.ticks_per_quarter, tempos, _signatures(score))
    _check_length(music)
    return music


def _track(track: Any) -> Track:
    """Return symusic's track as ours, its notes in the order of their starts."""
    try:
        name = str(track.name)
    except UnicodeDecodeError:  # names in old encodings are left out
        name = ""
    found = track.notes.numpy()
    notes = np.stack(
        [found[part].astype(np.int32) for part in ("time", "duration", "pitch", "velocity")], 1
    ).reshape(-1, 4)
    notes[:, 1] = np.maximum(notes[:, 1], 1)
    notes = notes[notes[:, 3] > 0]
    order = np.lexsort((notes[:, 2], notes[:, 0]))
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    return Track(notes[order], int(track.program) & 127, bool(track.is_drum), name[:60])


def _check_notes(tracks: Sequence[Track]) -> None:
    count = sum(len(track.notes) for track in tracks)
    if not count:
        raise no_notes()
    if count > MAX_NOTES:
        raise Rejected(
            "too-many-notes",
            f"The piece has {count:,} notes; at most {MAX_NOTES:,} are read.",
            "Cut it into several pieces.",
        )
    for track in tracks:
        starts, lengths = track.notes[:, 0].astype(np.int64), track.notes[:, 1].astype(np.int64)
        if starts.min() < 0 or lengths.min() < 0 or (starts + lengths).max() > _LONGEST_TICKS:
            raise _too_long()


def _check_length(music: Music) -> None:
    from studio.data.music.timing import end_of, seconds_of

    if seconds_of(music) > MAX_HOURS * 3600:
        raise _too_long()
    shortest = min(beats / value for _tick, beats, value in music.signatures)
    if end_of(music) / (4 * music.ticks * shortest) > MAX_BARS:
        raise _too_long()


def _tempos(score: Any) -> tuple[tuple[int, float], ...]:
    """Return where the tempo changes, the first at 0, none beyond what can be played."""
    found = score.tempos.numpy()
    ticks = found["time"].astype(np.int64)
    # microseconds per quarter; the format knows no tempo of 0
    values = np.clip(60e6 / np.maximum(found["mspq"].astype(np.float64), 1), *TEMPOS)
    values = np.where(found["mspq"] > 0, values, _TEMPO).round(4)
    kept, columns = _changes(ticks, values[:, None], _TEMPO)
    return tuple(zip(kept.tolist(), columns[:, 0].tolist(), strict=True))


def _signatures(score: Any) -> tuple[tuple[int, int, int], ...]:
    """Return where the metre changes, the first at 0."""
    found = score.time_signatures.numpy()
    beats, values = found["numerator"].astype(int), found["denominator"].astype(int)
    sound = (beats >= 1) & (beats <= 64) & np.isin(values, (1, 2, 4, 8, 16, 32))
    rows = np.stack([beats, values], 1)[sound]
    kept, columns = _changes(found["time"][sound].astype(np.int64), rows, *_METRE)
    return tuple(
        (tick, count, value)
        for tick, (count, value) in zip(kept.tolist(), columns.tolist(), strict=True)
    )


def _changes(
    ticks: npt.NDArray[np.int64], rows: npt.NDArray[Any], *usual: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Return ticks at which values (N, C) change and the values; the usual ones are at 0 first.

    Of several at the same tick the last one counts.
    """
    sound = (ticks >= 0) & (ticks <= _LONGEST_TICKS)
    ticks = np.append(0, ticks[sound])
    rows = np.concatenate([np.array([usual], rows.dtype), rows[sound]])
    order = np.argsort(ticks, kind="stable")
    ticks, rows = ticks[order], rows[order]
    last = np.append(np.diff(ticks) != 0, True)
    ticks, rows = ticks[last], rows[last]
    change = np.append(True, (np.diff(rows, axis=0) != 0).any(axis=1))
    return ticks[change][:_MOST_CHANGES], rows[change][:_MOST_CHANGES]


# ------------------------------------------------------------------------------------- out


def write(
    music: Music, recipe: dict[str, Any] | None = None, markers: Sequence[Marker] = ()
) -> bytes:
    """Return a MIDI file of a piece, a track of ours in each of its tracks.

    Args:
        recipe: Goes into a text event at the beginning; None leaves it out.
        markers: Texts that music programs show above the notes.
    """
    raw = score_of(music, markers).dumps_midi()
    if recipe is None:
        return bytes(raw)
    text = (_MARK + json.dumps(recipe)).encode("ascii")  # json escapes everything else
    event = b"\x00\xff\x01" + _variable(len(text)) + text
    length = int.from_bytes(raw[18:22], "big")
    return bytes(raw[:18] + _be(length + len(event), 4) + event + raw[22:])


def score_of(music: Music, markers: Sequence[Marker] = ()) -> Any:
    """Return a piece as symusic's Score in ticks."""
    import symusic

    score: Any = symusic.Score(music.ticks)
    for track in music.tracks:
        made = symusic.Track(track.name, track.program, track.drums)
        made.notes = notes_of(track.notes)
        score.tracks.append(made)
    if not music.tracks:
        score.tracks.append(symusic.Track("", 0, False))
    for tick, tempo in music.tempos:
        score.tempos.append(symusic.Tempo(int(tick), float(tempo)))
    for tick, beats, value in music.signatures:
        score.time_signatures.append(symusic.TimeSignature(int(tick), int(beats), int(value)))
    for marker in markers:
        score.markers.append(symusic.TextMeta(int(marker.tick), marker.text))
    return score


def notes_of(notes: npt.NDArray[np.int32]) -> Any:
    """Return our rows of notes as symusic's list."""
    import symusic

    columns = np.ascontiguousarray(notes.T, np.int32)
    pitches = np.clip(columns[2], 0, 127).astype(np.int8)
    velocities = np.clip(columns[3], 1, 127).astype(np.int8)
    return symusic.Note.from_numpy(
        columns[0].copy(), np.maximum(columns[1], 1), pitches, velocities
    )


def read_recipe(raw: bytes) -> dict[str, Any] | None:
    """Return the recipe in a file that `write` made, also when another program saved it again."""
    mark = _MARK.encode()
    place = raw.find(mark)
    if place < 0 or raw[:4] != HEAD:
        return None
    text = raw[place + len(mark) : place + len(mark) + _RECIPE_BYTES].decode("latin-1")
    try:
        recipe, _end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return recipe if isinstance(recipe, dict) else None


def _be(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")


def _variable(number: int) -> bytes:
    """Return a number as MIDI's quantity of variable length: seven bits a byte."""
    parts = [number & 127]
    while number := number >> 7:
        parts.append(number & 127 | 128)
    return bytes(reversed(parts))


def _too_long() -> Rejected:
    return Rejected(
        "too-long",
        f"The piece lasts longer than {MAX_HOURS} hours or {MAX_BARS:,} bars.",
        "Cut it into several pieces; a single event far behind the end is a usual cause.",
    )
