"""Keys, densities, polyphony, steps and grooves of pieces whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from made_tunes import band, tune

from studio.core.media import Music, Track
from studio.data.music import measures as measure
from studio.data.music.measures import Key
from studio.data.music.voices import (
    DRUMS,
    Voice,
    chosen,
    instruments_of,
    melody_and_chords,
    voices_of,
)


def piece(*rows: tuple[int, int, int], metre: tuple[int, int] = (4, 4)) -> Music:
    """Return notes of (start, length, pitch) in quarters as a piece."""
    notes = np.array([(480 * a, 480 * b, pitch, 90) for a, b, pitch in rows], np.int32)
    return Music((Track(notes.reshape(-1, 4)),), 480, signatures=((0, *metre),))


@pytest.mark.parametrize("tonic", range(12))
def test_the_key_is_found_in_every_transposition(tonic: int) -> None:
    found = measure.key_of(tune(1, 16, tonic=tonic))
    assert (found.tonic, found.mode) == (tonic, "major")
    assert 0 < found.certainty <= 1


def test_minor_is_heard() -> None:
    line = [69, 71, 72, 74, 76, 77, 76, 74, 72, 71, 69, 68, 69, 76, 72, 69]
    found = measure.key_of(piece(*[(n, 1, pitch) for n, pitch in enumerate(line)]))
    assert (found.tonic, found.mode, found.name) == (9, "minor", "A minor")
    assert found.scale == {9, 11, 0, 2, 4, 5, 7}


def test_notes_in_and_out_of_the_scale() -> None:
    assert measure.in_scale_rate(tune()) == 1.0
    bent = piece((0, 1, 60), (1, 1, 64), (2, 1, 67), (3, 1, 61))
    assert measure.in_scale_rate(bent, Key(0, "major")) == 0.75
    assert measure.in_scale_rate(Music(())) == 0.0


def test_bars_and_their_notes() -> None:
    gap = piece((0, 1, 60), (1, 1, 62), (12, 8, 64))  # bars 2 and 3 are empty, 4 and 5 sound
    assert measure.notes_per_bar(gap) == 3 / 5
    assert measure.empty_bar_rate(gap) == 2 / 5
    assert measure.empty_bar_rate(Music(())) == 1.0
    assert measure.notes_per_bar(Music(())) == 0.0


def test_polyphony_counts_what_sounds_while_anything_does() -> None:
    assert measure.polyphony(piece((0, 1, 60), (1, 1, 62), (9, 1, 64))) == 1.0
    assert measure.polyphony(piece((0, 2, 60), (0, 2, 64), (0, 1, 67))) == 2.5


def test_pitch_classes_steps_and_groove() -> None:
    line = piece((0, 1, 60), (1, 1, 72), (2, 1, 67), (3, 1, 67))
    assert measure.pitch_classes(line)[[0, 7]].tolist() == [0.5, 0.5]
    assert measure.pitch_class_entropy(line) == 1.0
    steps = measure.intervals(line)
    assert {int(n) - 12: float(steps[n]) for n in np.flatnonzero(steps)} == pytest.approx(
        {12: 1 / 3, -5: 1 / 3, 0: 1 / 3}
    )
    assert np.flatnonzero(measure.groove(line)).tolist() == [0, 12, 24, 36]
    waltz = piece((0, 1, 60), (1, 1, 62), (3, 1, 60), (4, 1, 62), metre=(3, 4))
    assert measure.groove_consistency(waltz) == 1.0
    assert measure.metre_of(waltz) == (3, 4)


def test_a_summary_has_every_number() -> None:
    found = measure.summary(band())
    assert (found.pieces, found.bars, found.metres) == (1, 12, {"4/4": 1})
    assert found.keys == {"C major": 1}
    assert set(found.instruments) == {9, 3, 4, DRUMS}
    assert found.notes == sum(len(track.notes) for track in band().tracks)
    assert 90 < found.tempo < 120
    assert sum(found.pitch_classes) == pytest.approx(1)
    silent = measure.summary(Music(()))
    assert (silent.notes, silent.keys, silent.polyphony) == (0, {}, 0.0)


def test_a_melody_and_its_chords_on_one_instrument_stay_apart() -> None:
    both = tune()
    swapped = Music(both.tracks[::-1], both.ticks)
    for music in (both, swapped):
        voices = voices_of(music)
        assert list(voices) == [Voice(0), Voice(0, order=1)]
        assert (voices[Voice(0)].notes == both.tracks[0].notes).all()
        melody, chords = melody_and_chords(music)
        assert melody[0].notes is both.tracks[0].notes
        assert chords[0].notes is both.tracks[1].notes


def test_tracks_are_chosen() -> None:
    assert len(chosen(band(), "all").tracks) == 4
    (flute,) = chosen(band(), "melody").tracks
    assert flute.program == 73
    assert [track.program for track in chosen(band(), "chords").tracks] == [24, 32]
    # of a piano that plays chords, the highest notes are the melody
    notes = np.concatenate([track.notes for track in tune().tracks])
    one = Music((Track(notes[np.argsort(notes[:, 0], kind="stable")]),))
    (top,) = chosen(one, "melody").tracks
    assert (top.notes[:, 2] >= 60).all()
    assert len(top.notes) == len(tune().tracks[0].notes)
    assert instruments_of(chosen(one, "chords").tracks) == (0,)
