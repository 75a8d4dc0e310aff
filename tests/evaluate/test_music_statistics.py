"""The measures of pieces: each rises and falls with what it is named after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from studio.core.media import Music, Track
from studio.evaluate.music import Newness, sample_statistics
from studio.evaluate.music_tunes import Tunes, as_steps

_C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_QUARTER = 480


def _piece(notes: Sequence[tuple[float, float, int]], ticks: int = _QUARTER) -> Music:
    """Return a piece of (start, duration, pitch), times in quarters."""
    rows = [(round(s * ticks), round(d * ticks), pitch, 80) for s, d, pitch in notes]
    return Music((Track(np.array(rows, np.int32).reshape(-1, 4)),), ticks)


def tune(seed: int, *, bars: int = 12, shift: int = 0, ticks: int = _QUARTER) -> Music:
    """Return a melody in eighths and quarters that walks in a major key, over held basses."""
    draw = np.random.default_rng(seed)
    notes: list[tuple[float, float, int]] = []
    degree, time = int(draw.integers(3, 10)), 0.0
    while time < 4 * bars:
        length = float(draw.choice([0.5, 0.5, 1.0]))
        degree = int(np.clip(degree + draw.choice([-2, -1, -1, 1, 1, 2]), 0, 13))
        notes.append((time, length, 60 + shift + 12 * (degree // 7) + _C_MAJOR[degree % 7]))
        time += length
    notes += [(4.0 * bar, 4.0, 48 + shift + int(draw.choice([0, 5, 7]))) for bar in range(bars)]
    return _piece(sorted(notes), ticks)


REAL = [tune(seed, shift=seed % 5) for seed in range(40)]


def _noise(seed: int) -> Music:
    draw = np.random.default_rng(seed)
    starts = np.sort(draw.random(200)) * 48
    pitches = draw.integers(24, 100, 200)
    return _piece([(start, 0.2, int(p)) for start, p in zip(starts, pitches, strict=True)])


def test_other_pieces_of_the_same_kind_measure_as_the_data() -> None:
    found = sample_statistics([tune(100 + seed, shift=3) for seed in range(30)], REAL)
    for name in ("in_scale_rate", "notes_per_bar", "pitch_class_entropy", "polyphony"):
        assert found[name] == pytest.approx(found[f"data_{name}"], rel=0.1)
    assert found["sample_distance"] < 0.1
    assert found["pitch_class_distance"] < 0.2  # whatever the key
    assert found["twins"] == 0
    assert found["diversity"] == pytest.approx(1, abs=0.15)
    assert "token_error_rate" not in found  # nobody wrote tokens


def test_noise_is_far_from_music() -> None:
    found = sample_statistics([_noise(seed) for seed in range(30)], REAL)
    assert found["in_scale_rate"] < 0.8 < found["data_in_scale_rate"]
    assert found["interval_distance"] > 0.4
    assert found["rhythm_distance"] > 0.4
    assert found["groove_consistency"] < found["data_groove_consistency"]
    assert found["sample_distance"] > 0.2


def test_silence_few_notes_and_one_piece_again_and_again() -> None:
    alone = sample_statistics([_piece([(0.0, 1.0, 60), (44.0, 1.0, 60)])] * 10, REAL)
    assert alone["empty_bar_rate"] > 0.8
    assert alone["pitch_classes"] == 1
    assert alone["notes_per_bar"] < 1
    assert alone["twins"] == 1
    assert alone["diversity"] < 0.01
    nothing = sample_statistics([_piece([])] * 3, REAL)
    assert nothing["empty_bar_rate"] == 1
    assert nothing["notes_per_bar"] == 0
    assert nothing["interval_distance"] == 1
    assert sample_statistics(REAL[:1], REAL) == {}


def test_mistakes_of_notation_are_those_that_were_written() -> None:
    made = [
        replace(piece, facts={"token_errors": share})
        for piece, share in zip(REAL[:2], (0.1, 0.3), strict=True)
    ]
    assert sample_statistics(made, REAL)["token_error_rate"] == pytest.approx(0.2)


def test_a_tune_is_found_in_another_key_tempo_and_resolution() -> None:
    learned = tune(1, bars=16)
    known = Tunes([learned, *REAL])
    moved = tune(1, bars=16, shift=4, ticks=96)
    assert as_steps(moved) == as_steps(learned)
    found = known.measured([moved])
    assert found["longest_copy"] == len(as_steps(learned)) + 1
    assert found["copied"] == 1
    names = known.copies([moved], 1)[0].split()
    assert len(names) == found["longest_copy"]
    assert known.measured([tune(999)])["copied"] == 0
    assert known.measured([_piece([(0.0, 1.0, 60)])]) == {}
    assert Tunes([]).measured([moved]) == {"longest_copy": 0.0, "copied": 0.0}


def test_copies_stand_beside_those_of_unseen_pieces() -> None:
    known = Newness([REAL[:20], REAL[20:30]], [REAL[30:]])
    copied = known.of([REAL[3], tune(7, shift=1)])
    fresh = known.of([tune(500 + seed) for seed in range(5)])
    assert copied["copied"] > 0.9 > 0.2 > fresh["copied"]
    assert fresh["data_copied"] == copied["data_copied"] < 0.2
    assert known.copies([REAL[3]])
