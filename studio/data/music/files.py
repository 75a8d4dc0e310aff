"""Writing pieces as files: MIDI with the recipe inside, sheets of several, and other formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.errors import StudioError
from studio.core.files import write_bytes
from studio.core.media import Media, Music, Track
from studio.data.entries import read_file, unreadable
from studio.data.modality import Rejected
from studio.data.music import midi
from studio.data.music.timing import bars_of, end_of

_BETWEEN = 2  # empty bars between the pieces of a sheet
_TICKS = 480


def read(path: Path) -> Music:
    """Return the piece in a user's file; raises Rejected when it cannot be taken."""
    try:
        raw = read_file(path)
    except OSError as error:
        raise unreadable(error) from error
    return midi.read(raw)


def save(music: Music, path: Path, recipe: dict[str, Any] | None) -> None:
    """Write a piece as MIDI, atomically, its recipe in a text event."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, midi.write(music, recipe))


def read_recipe(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a file that `save` or `export` wrote, else None."""
    if path.suffix.lower() in (".wav", ".flac", ".ogg", ".mp3"):
        from studio.data.audio.files import read_recipe as in_sound

        return in_sound(path)
    try:
        return midi.read_recipe(read_file(path))
    except (OSError, Rejected):
        return None


def write_sheet(pieces: Sequence[Music], path: Path) -> Path:
    """Write pieces one after the other, with empty bars between, each below a marker.

    Tracks of the same instrument and place share a track.
    """
    path = path.with_suffix(".mid")
    path.parent.mkdir(parents=True, exist_ok=True)
    music, markers = sheet(pieces)
    write_bytes(path, midi.write(music, markers=markers))
    return path


def sheet(pieces: Sequence[Music]) -> tuple[Music, list[midi.Marker]]:
    """Return pieces as one, two empty bars between them, and a marker for each beginning."""
    rows: dict[tuple[int, bool, int], list[np.ndarray]] = {}
    tempos: dict[int, float] = {}
    signatures: dict[int, tuple[int, int]] = {}
    markers = []
    at = 0
    for number, piece in enumerate(pieces):
        scaled = scaled_to(piece, _TICKS)
        markers.append(midi.Marker(at, f"Sample {number + 1}"))
        places: dict[tuple[int, bool], int] = {}
        for track in scaled.tracks:
            kind = (track.program, track.drums)
            places[kind] = places.get(kind, -1) + 1
            moved = track.notes.copy()
            moved[:, 0] += at
            rows.setdefault((*kind, places[kind]), []).append(moved)
        tempos |= {tick + at: tempo for tick, tempo in scaled.tempos}
        signatures |= {tick + at: (beats, value) for tick, beats, value in scaled.signatures}
        bars = bars_of(scaled)
        last = int(bars.lengths[-1])
        end = max(int(bars.starts[-1]) + last, end_of(scaled))
        at += end + _BETWEEN * last
    tracks = [
        Track(np.concatenate(notes), program, drums)
        for (program, drums, _place), notes in sorted(rows.items(), key=lambda row: row[0][1:2])
    ]
    music = Music(
        tuple(tracks),
        _TICKS,
        tuple(sorted(tempos.items())) or ((0, 120.0),),
        tuple((tick, *metre) for tick, metre in sorted(signatures.items())) or ((0, 4, 4),),
    )
    return music, markers


def scaled_to(music: Music, ticks: int) -> Music:
    """Return a piece with another number of ticks per quarter."""
    if music.ticks == ticks:
        return music

    def scaled(tick: int) -> int:
        return round(tick * ticks / music.ticks)

    tracks = []
    for track in music.tracks:
        notes = track.notes.astype(np.float64)
        ends = np.rint((notes[:, 0] + notes[:, 1]) * ticks / music.ticks)
        notes[:, 0] = np.rint(notes[:, 0] * ticks / music.ticks)
        notes[:, 1] = np.maximum(1, ends - notes[:, 0])
        tracks.append(replace(track, notes=notes.astype(np.int32)))
    return replace(
        music,
        tracks=tuple(tracks),
        ticks=ticks,
        tempos=tuple((scaled(tick), tempo) for tick, tempo in music.tempos),
        signatures=tuple((scaled(tick), b, v) for tick, b, v in music.signatures),
    )


def as_music(media: Media) -> Music:
    """Return a medium as the music that it is."""
    if not isinstance(media, Music):
        raise TypeError(f"{type(media).__name__} is not music")
    return media


def export(source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
    """Write the piece of a MIDI file in the format that the target's suffix names.

    Raises:
        StudioError: The suffix is none that music is written in.
        Rejected: The source cannot be read.
    """
    music = read(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    suffix = target.suffix.lower()
    if suffix in (".mid", ".midi"):
        write_bytes(target, midi.write(music, recipe))
    elif suffix == ".png":
        from studio.data.music.picture import png_of

        write_bytes(target, png_of(music, recipe))
    elif suffix == ".musicxml":
        from studio.data.music.xml import musicxml

        write_bytes(target, musicxml(music, recipe))
    elif suffix in (".wav", ".flac", ".ogg", ".mp3"):
        from studio.data.music.sound import write_sound

        write_sound(music, target, recipe)
    else:
        raise StudioError(
            "Not a format for music",
            f"{target.suffix!r} is none that pieces are written in.",
            "Choose MIDI for music programs, WAV or MP3 to listen, MusicXML for notation.",
        )
