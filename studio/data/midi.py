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

#: Bounds of what is taken.
MAX_BYTES = 16 * 1024 * 1024
MAX_TRACKS = 1024
MAX_NOTES = 200_000
MAX_HOURS = 3
MAX_BARS = 20_000

#: Quarter notes per minute that are believed; others are cut to these.
TEMPOS = (10.0, 400.0)

_HEAD = b"MThd"
_TRACK = b"MTrk"
_MARK = "aigc-studio recipe "  # begins the text event that holds the recipe
_RECIPE_BYTES = 1 << 21  # a longer recipe is none
_LONGEST_TICKS = 1 << 30  # beyond this the 32 bits of symusic's times could run over
_DAMAGED = ("truncated", "The file ends before its music does.", "Copy or export it again.")


class Marker(NamedTuple):
    """A text at a place in a file: `tick` counts from the beginning."""

    tick: int
    text: str


class _Chunks(NamedTuple):
    """The parts of a sound file: ticks per quarter, whether they were seconds, and its tracks."""

    ticks: int
    smpte: bool
    tracks: list[bytes]


# -------------------------------------------------------------------------------------- in


def canonical(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a file as a plain MIDI file with ticks per quarter, and notes on what was changed.

    Raises:
        Rejected: It is no MIDI file, is cut off, or claims what cannot be.
    """
    notes: list[str] = []
    if raw[:4] == b"RIFF" and raw[8:12] == b"RMID":
        raw = _inside_riff(raw)
        notes.append("rmid")
    chunks = _walk(raw)
    if chunks.smpte:
        notes.append("smpte")
    if not notes:
        return raw, ()
    count = len(chunks.tracks)
    head = _HEAD + _be(6, 4) + _be(1 if count > 1 else 0, 2) + _be(count, 2) + _be(chunks.ticks, 2)
    body = b"".join(_TRACK + _be(len(track), 4) + track for track in chunks.tracks)
    return head + body, tuple(notes)


def read(raw: bytes) -> Music:
    """Return the notes of a MIDI file (RMID and times in seconds are understood).

    Raises:
        Rejected: It is no MIDI file, is damaged, holds no notes, or is out of all bounds.
    """
    import symusic

    plain, notes = canonical(raw)
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
    signatures = _signatures(score)
    tempos = ((0, 120.0),) if "smpte" in notes else _tempos(score)
    music = Music(tuple(tracks), score.ticks_per_quarter, tempos, signatures)
    _check_length(music)
    return music


def _walk(raw: bytes) -> _Chunks:
    """Return the chunks of a file, each of which lies wholly within it."""
    if len(raw) > MAX_BYTES:
        raise Rejected(
            "too-large",
            f"The file has {len(raw) >> 20:,} MB; music of {MAX_BYTES >> 20} MB at most is read.",
            "Cut it into several pieces.",
        )
    if raw[:4] != _HEAD:
        raise Rejected(
            "not-midi", "This is not a MIDI file.", "Export the music as a MIDI file (.mid)."
        )
    if len(raw) < 14 or int.from_bytes(raw[4:8], "big") < 6:
        raise Rejected(*_DAMAGED)
    kind, claimed, division = (int.from_bytes(raw[at : at + 2], "big") for at in (8, 10, 12))
    if kind > 1:
        raise Rejected(
            "patterns",
            "The file holds separate patterns, not one piece (MIDI format 2).",
            "Export each pattern as a MIDI file of its own.",
        )
    ticks, smpte = _time_base(division)
    tracks: list[bytes] = []
    place = 8 + int.from_bytes(raw[4:8], "big")
    while len(tracks) < min(claimed, MAX_TRACKS) and place + 8 <= len(raw):
        length = int.from_bytes(raw[place + 4 : place + 8], "big")
        if place + 8 + length > len(raw):
            raise Rejected(*_DAMAGED)
        if raw[place : place + 4] == _TRACK:  # other kinds of chunks are to be passed over
            tracks.append(raw[place + 8 : place + 8 + length])
        place += 8 + length
    if claimed > MAX_TRACKS or len(tracks) < claimed:
        raise Rejected(
            "truncated" if len(tracks) < claimed else "too-many-tracks",
            f"The file announces {claimed:,} tracks and {len(tracks):,} were found.",
            "Copy or export it again.",
        )
    if not tracks:
        raise _no_notes()
    return _Chunks(ticks, smpte, tracks)


def _time_base(division: int) -> tuple[int, bool]:
    """Return ticks per quarter, and whether the file counts frames of film instead.

    Such a file (SMPTE) knows no beats; at 120 quarters a minute a quarter is half a second.
    """
    if division & 0x8000:
        frames, resolution = 256 - (division >> 8), division & 0xFF
        ticks = frames * resolution // 2
        if frames in (24, 25, 29, 30) and ticks:
            return ticks, True
        division = 0
    if not division:
        raise Rejected(
            "no-time-base",
            "The file does not say how long its ticks last.",
            "Open it in a music program and export it again as a MIDI file.",
        )
    return division, False


def _inside_riff(raw: bytes) -> bytes:
    """Return the MIDI file inside a RIFF file (RMID)."""
    place = 12
    while place + 8 <= len(raw):
        length = int.from_bytes(raw[place + 4 : place + 8], "little")
        if raw[place : place + 4] == b"data":
            if place + 8 + length > len(raw):
                raise Rejected(*_DAMAGED)
            return raw[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
    raise Rejected(*_DAMAGED)


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
        raise _no_notes()
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
    from studio.data.music_time import end_of, seconds_of

    if seconds_of(music) > MAX_HOURS * 3600:
        raise _too_long()
    shortest = min(beats / value for _tick, beats, value in music.signatures)
    if end_of(music) / (4 * music.ticks * shortest) > MAX_BARS:
        raise _too_long()


def _tempos(score: Any) -> tuple[tuple[int, float], ...]:
    """Return where the tempo changes, the first at 0, none beyond what can be played."""
    found: dict[int, float] = {}
    for tempo in score.tempos:
        if 0 <= tempo.time <= _LONGEST_TICKS:
            value = float(tempo.qpm)
            found[int(tempo.time)] = min(max(value, TEMPOS[0]), TEMPOS[1]) if value > 0 else 120.0
    kept: list[tuple[int, float]] = []
    for tick, value in sorted(({0: 120.0} | found).items()):
        if not kept or abs(kept[-1][1] - value) > 1e-3:
            kept.append((tick, round(value, 4)))
    return tuple(kept)


def _signatures(score: Any) -> tuple[tuple[int, int, int], ...]:
    """Return where the metre changes, the first at 0."""
    found: dict[int, tuple[int, int]] = {0: (4, 4)}
    for each in score.time_signatures:
        beats, value = int(each.numerator), int(each.denominator)
        sound = 1 <= beats <= 64 and value in (1, 2, 4, 8, 16, 32)
        if sound and 0 <= each.time <= _LONGEST_TICKS:
            found[int(each.time)] = (beats, value)
    kept: list[tuple[int, int, int]] = []
    for tick, (beats, value) in sorted(found.items()):
        if not kept or kept[-1][1:] != (beats, value):
            kept.append((tick, beats, value))
    return tuple(kept)


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
    if place < 0 or raw[:4] != _HEAD:
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


def _no_notes() -> Rejected:
    return Rejected(
        "no-notes", "There is no note in it.", "Leave it out, or export the piece again."
    )


def _too_long() -> Rejected:
    return Rejected(
        "too-long",
        f"The piece lasts longer than {MAX_HOURS} hours or {MAX_BARS:,} bars.",
        "Cut it into several pieces; a single event far behind the end is a usual cause.",
    )
