"""Tunes and MIDI files that the data tests make for themselves."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from studio.core.media import Music, Track
from studio.data.music import midi

MAJOR = (0, 2, 4, 5, 7, 9, 11)


def tune(
    seed: int = 0,
    bars: int = 12,
    *,
    tonic: int = 0,
    metre: tuple[int, int] = (4, 4),
    chords: bool = True,
    ticks: int = 480,
) -> Music:
    """Return a tune in a major key: a melody in eighths and quarters, a triad in each bar."""
    draw = np.random.default_rng(seed)
    eighths = 8 * metre[0] // metre[1]
    melody, below = [], []
    step = 4
    for bar in range(bars):
        place = 0
        while place < eighths:
            length = min(int(draw.choice([1, 1, 2])), eighths - place)
            step = int(np.clip(step + draw.integers(-2, 3), 0, 13))
            pitch = 60 + tonic + 12 * (step // 7) + MAJOR[step % 7]
            start = (bar * eighths + place) * ticks // 2
            melody.append((start, length * ticks // 2, pitch, 90))
            place += length
        degree = int(draw.choice([0, 3, 4])) if 0 < bar < bars - 1 else 0
        begin, length = bar * eighths * ticks // 2, eighths * ticks // 2
        for third in (0, 2, 4):
            where = degree + third
            pitch = 48 + tonic + 12 * (where // 7) + MAJOR[where % 7]
            below.append((begin, length, pitch, 70))
    tracks = [Track(np.array(melody, np.int32))]
    if chords:
        tracks.append(Track(np.array(below, np.int32)))
    return Music(tuple(tracks), ticks, ((0, 100.0),), ((0, *metre),))


def band(seed: int = 0, bars: int = 12) -> Music:
    """Return a tune with its chords on the guitar, a bass, drums and lively loudness."""
    draw = np.random.default_rng(seed)
    plain = tune(seed, bars)
    melody, chords = plain.tracks
    bass = chords.notes[::3] - (0, 0, 12, 0)
    beats = np.arange(bars * 4)
    drums = np.stack(
        [
            beats * 480,
            np.full(len(beats), 120),
            np.where(beats % 2, 38, 36),
            np.full(len(beats), 99),
        ],
        1,
    )
    loud = melody.notes.copy()
    loud[:, 3] = draw.integers(40, 120, len(loud))
    return Music(
        (
            Track(loud, 73, name="Flute"),
            Track(chords.notes, 24),
            Track(bass.astype(np.int32), 32),
            Track(drums.astype(np.int32), drums=True),
        ),
        480,
        ((0, 120.0), (480 * 16, 90.0)),
        plain.signatures,
    )


def write_tunes(folder: Path, count: int = 6, **facts: object) -> list[Path]:
    """Write tunes as MIDI files `0.mid` … into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(count):
        path = folder / f"{seed}.mid"
        path.write_bytes(midi.write(tune(seed, **facts)))  # type: ignore[arg-type]
        paths.append(path)
    return paths


def chunks(*tracks: bytes, division: int = 480, kind: int = 1, claimed: int | None = None) -> bytes:
    """Return the bytes of a MIDI file with these tracks, as its header tells or lies."""
    count = len(tracks) if claimed is None else claimed
    head = b"MThd" + struct.pack(">IHHH", 6, kind, count, division)
    return head + b"".join(b"MTrk" + struct.pack(">I", len(each)) + each for each in tracks)


END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x00"


def events_of(music: Music) -> list[list[tuple[int, ...]]]:
    """Return the notes of each track as lists that can be compared."""
    return [[tuple(row) for row in track.notes.tolist()] for track in music.tracks]
