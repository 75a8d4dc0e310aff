"""Piano rolls: a few bars become a grid and come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from made_tunes import band, events_of, tune

from studio.core.media import Music, Track
from studio.data.music.preparation import MusicPreparation
from studio.data.music.roll import (
    Grid,
    grid_in,
    grid_of,
    joined_rolls,
    metre_of_rolls,
    music_of,
    rolls_of,
    sounding,
    voices_in,
    written,
)

GRID = Grid(quarters=4, steps=16, lowest=36, pitches=60, tracks=2, bars=4)


def test_bars_come_back_from_their_roll() -> None:
    piece = tune(3, 12)
    rolls = rolls_of(piece, GRID)
    assert rolls.shape == (3, 2, 64, 60)
    assert rolls.dtype == np.uint8
    assert set(np.unique(rolls)) == {0, 1}
    again = joined_rolls([music_of(roll, GRID, 100.0) for roll in rolls], GRID)
    assert [[row[:3] for row in track] for track in events_of(again)] == [
        [row[:3] for row in track] for track in events_of(piece)
    ]
    assert again.tempos == ((0, 100.0),)


def test_a_note_struck_again_stays_two_notes() -> None:
    rows = [[0, 480, 60, 90], [480, 480, 60, 90], [960, 120, 62, 90], [1200, 720, 62, 90]]
    piece = Music((Track(np.array(rows, np.int32)),), 480)
    one = GRID._replace(bars=1, tracks=1)
    (roll,) = rolls_of(piece, one)
    assert roll[0, :, 24].tolist() == [1, 1, 1, 0, 1, 1, 1, 1] + [0] * 8
    again = events_of(music_of(roll, one))[0]
    # a silent sixteenth before the same note is taken for the parting of two
    assert [row[:3] for row in again] == [
        (0, 480, 60),
        (480, 480, 60),
        (960, 240, 62),
        (1200, 720, 62),
    ]


def test_notes_in_turn_stay_in_turn() -> None:
    rows = [[120 * step, 120, 60 + 2 * (step % 2), 90] for step in range(16)]
    piece = Music((Track(np.array(rows, np.int32)),), 480)
    (roll,) = rolls_of(piece, GRID._replace(tracks=1, bars=1))
    (track,) = music_of(roll, GRID._replace(tracks=1, bars=1)).tracks
    assert track.notes[:, :3].tolist() == [row[:3] for row in rows]


def test_rolls_that_are_learned_overlap_by_half() -> None:
    piece = tune(3, 12)
    learned = rolls_of(piece, GRID, learned=True)
    assert len(learned) == 5
    assert (learned[0][:, 32:] == learned[1][:, :32]).all()
    end = rolls_of(piece, GRID, span=(2 / 3, 1.0))
    assert (end == rolls_of(piece, GRID)[2:]).all()
    assert len(rolls_of(tune(3, 14), GRID)) == 4  # what is left fills half a roll
    assert len(rolls_of(tune(3, 13), GRID)) == 3  # what is left is too little


def test_other_metres_are_passed_over() -> None:
    assert not len(rolls_of(tune(0, 8, metre=(3, 4)), GRID))
    assert len(rolls_of(tune(0, 8, metre=(2, 4)), GRID)) == 1  # two bars of 2/4 are one of 4/4
    waltz = GRID._replace(quarters=3, steps=12)
    assert len(rolls_of(tune(0, 8, metre=(3, 4)), waltz)) == 2
    assert len(rolls_of(tune(0, 8, metre=(6, 8)), waltz)) == 2
    waltz_notes = tune(1, 4).tracks[0].notes.copy()
    waltz_notes[:, 0] += 4 * 1920
    notes = np.concatenate([tune(0, 4).tracks[0].notes, waltz_notes])
    mixed = Music((Track(notes),), 480, signatures=((0, 4, 4), (7680, 3, 4)))
    assert len(rolls_of(mixed, GRID._replace(tracks=1))) == 1
    assert metre_of_rolls([(4, 4), (6, 8), (3, 4)]) == "3/4"
    assert metre_of_rolls([(4, 4), (2, 4), (3, 4)]) == "4/4"
    assert metre_of_rolls([]) == "4/4"


def test_notes_beyond_the_range_are_moved_by_octaves() -> None:
    rows = [[0, 480, 12, 90], [480, 480, 120, 90], [960, 480, 60, 90]]
    (roll,) = rolls_of(Music((Track(np.array(rows, np.int32)),), 480), GRID._replace(tracks=1))
    assert sorted(np.flatnonzero(roll.any((0, 1))).tolist()) == [0, 24, 48]


def test_no_more_notes_sound_together_than_in_the_data() -> None:
    rolls = rolls_of(tune(3, 12), GRID)
    rolls[0, 1, 5, 20:24] = 1  # a cluster that is hardly ever heard
    most = voices_in(np.concatenate([rolls] * 3 + [rolls_of(tune(4, 400), GRID)]))
    assert most == [1, 3]
    shades = np.random.default_rng(0).normal(-1, 1, rolls.shape[1:])
    shades[:, 7] = -1  # a step of silence stays one
    found = sounding(shades, most)
    assert found.sum(2).max(1).tolist() == [1, 3]
    assert not found[:, 7].any()
    assert (shades[found] > 0).all()
    assert (found[0].argmax(1) == shades[0].argmax(1))[found[0].any(1)].all()
    assert (sounding(shades, [0, 0]) == (shades > 0)).all()
    # what is certain everywhere, as in the data itself, is never taken away
    assert (sounding(2.0 * rolls[0] - 1, most) == rolls[0]).all()


def test_the_band_is_melody_and_the_rest() -> None:
    roll = rolls_of(band(), GRID)[0]
    assert roll[0].sum(1).max() == 1  # the flute, one note at a time; drums are in neither
    assert roll[1, 0].sum() == 4  # a triad over its bass


def test_the_grid_follows_from_the_settings() -> None:
    settled = MusicPreparation(form="roll", metre="3/4", tracks="melody", roll_bars=2)
    grid = grid_of(settled)
    assert grid == Grid(3, 12, 36, 60, 1, 2)
    assert grid.shape == (1, 24, 60)
    assert grid_in({"roll": written(grid)}) == grid
    assert grid_of(MusicPreparation(steps_per_bar=48, metre="4/4")).steps == 48
    assert grid_of(MusicPreparation(lowest=100, pitches=60)).pitches == 28


@pytest.mark.parametrize("full", [True, False])
def test_any_roll_is_music(full: bool) -> None:
    roll = np.full(GRID.shape, full)
    music = music_of(roll, GRID)
    assert [len(track.notes) for track in music.tracks] == ([60, 60] if full else [0, 0])
