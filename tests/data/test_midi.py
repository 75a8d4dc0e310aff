"""MIDI files: what is read comes out again, and hostile ones are refused with their reasons."""

from __future__ import annotations

import time

import numpy as np
import pytest
from made_tunes import END, NOTE, band, chunks, events_of, tune

from studio.core.media import Music, Track
from studio.data.modality import Rejected
from studio.data.music import midi
from studio.data.music.midi import Marker
from studio.data.music.timing import bars_of, end_of, seconds_at, seconds_of, ticks_at

BEATS = b"\x00\xff\x58\x04\x06\x03\x18\x08"  # 6/8


def test_a_piece_comes_back_as_it_was_written() -> None:
    piece = band()
    again = midi.read(midi.write(piece))
    assert events_of(again) == events_of(piece)
    assert [(t.program, t.drums, t.name) for t in again.tracks] == [
        (t.program, t.drums, t.name) for t in piece.tracks
    ]
    assert again.ticks == 480
    assert again.tempos == ((0, 120.0), (7680, 90.0))
    assert again.signatures == ((0, 4, 4),)


def test_the_recipe_and_markers_travel_in_the_file() -> None:
    recipe = {"family": "music_rnn", "wish": "Ländler — 你好", "deep": [1, {"a": None}]}
    raw = midi.write(tune(), recipe, [Marker(0, "Sample 1"), Marker(1920, "Sample 2")])
    assert midi.read_recipe(raw) == recipe
    assert b"Sample 2" in raw
    assert events_of(midi.read(raw)) == events_of(tune())
    assert midi.read_recipe(midi.write(tune())) is None
    assert midi.read_recipe(b"MThd aigc-studio recipe {broken") is None
    assert midi.read_recipe(b"MThd aigc-studio recipe " + b"[" * 100_000) is None


def test_other_shells_are_understood() -> None:
    plain = midi.write(tune())
    riff = b"RIFF\0\0\0\0RMIDdata" + len(plain).to_bytes(4, "little") + plain
    assert midi.canonical(riff) == (plain, ("rmid",))
    running = chunks(b"\x00\x90\x3c\x40\x60\x3c\x00\x00\x40\x40\x60\x40\x00" + END)
    assert [row[2] for row in events_of(midi.read(running))[0]] == [60, 64]
    # 25 frames of 40 ticks: a thousand ticks are a second, whatever tempo stands in it
    tempo = b"\x00\xff\x51\x03\x01\x00\x00"
    film = chunks(tempo + b"\x00\x90\x3c\x40\x87\x68\x80\x3c\x00" + END, division=0xE728)
    stored, notes = midi.canonical(film)
    assert notes == ("smpte",)
    assert seconds_of(midi.read(film)) == pytest.approx(1.0)
    assert seconds_of(midi.read(stored)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("reason", "raw"),
    [
        ("not-midi", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("not-midi", b""),
        ("truncated", b"MThd\0\0\0\6\0\1"),
        ("truncated", midi.write(tune())[:-40]),
        ("truncated", chunks(NOTE + END, claimed=65_535)),
        ("truncated", b"RIFF\0\0\0\0RMIDdata\xff\xff\0\0MThd"),
        ("too-many-tracks", chunks(*[END] * 3000)),
        ("no-time-base", chunks(NOTE + END, division=0)),
        ("no-time-base", chunks(NOTE + END, division=0x8000)),
        ("patterns", chunks(NOTE + END, kind=2)),
        ("no-notes", chunks(END)),
        ("no-notes", chunks()),
        ("no-notes", chunks(b"\x00\x90\x3c\x40" * 50 + END)),  # begun and never ended
        ("damaged", chunks(b"\x00\x90\x3c")),  # an event that is cut off
        ("damaged", chunks(bytes(500))),
        ("damaged", chunks(b"\x00\xf0\xff\xff\xff\x7f" + bytes(50))),
        (
            "too-long",
            chunks(NOTE + b"\xff\xff\xff\x7f\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\x00" + END),
        ),
        ("too-long", chunks((b"\x83\xff\xff\x7f\x90\x3c\x40\x01\x80\x3c\x00") * 9 + END)),
        ("too-many-notes", chunks((b"\x01\x90\x3c\x40\x01\x80\x3c\x00") * 200_001 + END)),
    ],
)
def test_hostile_files_are_refused_with_their_reason(reason: str, raw: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(Rejected) as caught:
        midi.read(raw)
    assert caught.value.reason == reason
    assert caught.value.message
    assert caught.value.suggestion
    assert time.monotonic() - begun < 5


def test_odd_but_sound_files_are_taken() -> None:
    many = chunks((b"\x01\x90\x3c\x40\x01\x80\x3c\x00") * 120_000 + END)
    assert len(midi.read(many).tracks[0].notes) == 120_000
    hour = chunks(b"\x00\x90\x3c\x40" + b"\x81\xd2\xf8\x00" + b"\x80\x3c\x00" + END)
    assert seconds_of(midi.read(hour)) == pytest.approx(3600)
    absurd = chunks(b"\x00\xff\x51\x03\x00\x00\x01" + NOTE + b"\x00\xff\x51\x03\0\0\0" + END)
    assert midi.read(absurd).tempos == ((0, 400.0), (96, 120.0))
    odd = chunks(b"\x00\xff\x58\x04\x00\x1f\x18\x08" + BEATS + NOTE + END)
    assert midi.read(odd).signatures == ((0, 6, 8),)
    loud = chunks(b"\x00\x90\x3c\xff\x60\x80\x3c\x00" + END)  # a velocity beyond seven bits
    assert midi.read(loud).tracks[0].notes[0, 3] == 127
    lying = chunks(NOTE + END) + b"rubbish behind the end"
    assert len(midi.read(lying).tracks) == 1
    unknown = chunks(NOTE + END)[:14] + b"XFIH\0\0\0\4abcd" + chunks(NOTE + END)[14:]
    assert len(midi.read(unknown).tracks) == 1


def test_damage_anywhere_is_taken_or_refused() -> None:
    """Bytes overwritten or cut out at any place never do more than refuse the file."""
    draw = np.random.default_rng(3)
    good = midi.write(band(bars=4), {"a": 1})
    taken = 0
    for _number in range(400):
        bent = bytearray(good)
        for place in draw.integers(14, len(bent), 1 + int(draw.integers(12))):
            bent[place] = int(draw.integers(256))
        if draw.random() < 0.3:
            cut = int(draw.integers(22, len(bent)))
            bent = bytearray(chunks(bytes(bent[22:cut])))
        try:
            midi.read(bytes(bent))
            taken += 1
        except Rejected as refused:
            assert refused.reason
    assert 20 < taken < 390


def test_seconds_follow_every_tempo() -> None:
    piece = Music(
        (Track(np.array([[0, 960, 60, 90], [960, 960, 62, 90]], np.int32)),),
        480,
        ((0, 120.0), (480, 60.0), (960, 240.0)),
    )
    assert seconds_at(piece, [0, 480, 960, 1920]).tolist() == [0.0, 0.5, 1.5, 2.0]
    assert ticks_at(piece, [0.25, 1.0, 2.0]).tolist() == [240.0, 720.0, 1920.0]
    assert end_of(piece) == 1920


def test_bars_follow_every_metre() -> None:
    notes = np.array([[0, 480, 60, 90], [480 * 9, 480, 60, 90]], np.int32)
    piece = Music((Track(notes),), 480, signatures=((0, 4, 4), (480 * 5, 6, 8)))
    bars = bars_of(piece)
    assert bars.starts.tolist() == [0, 1920, 2400, 3840]  # the change cuts the second bar
    assert bars.lengths.tolist() == [1920, 480, 1440, 1440]
    assert bars.beats.tolist() == [4, 4, 6, 6]
    assert bars.at([0, 1919, 2399, 2400, 99_999]).tolist() == [0, 0, 1, 2, 3]
