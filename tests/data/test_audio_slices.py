"""Where recordings are cut."""

from __future__ import annotations

import numpy as np
import pytest
from made_sounds import tone

from studio.data.audio.preparation import AudioPreparation
from studio.data.audio.slices import AIR, Slice, levels_of, slices_of, window

RATE = 8000


def settled(seconds: float, **settings: object) -> AudioPreparation:
    """Return a preparation with its rate and length."""
    return AudioPreparation.model_validate({"rate": RATE, "seconds": seconds} | settings)


def test_levels_are_root_mean_squares_of_the_louder_channel() -> None:
    samples = np.stack([tone(0.5, level=0.5), np.zeros(4000, np.float32)], 1)
    levels = levels_of(samples, RATE)
    assert len(levels) == 25
    np.testing.assert_allclose(levels, 0.5 / np.sqrt(2), rtol=0.1)
    assert len(levels_of(samples[:10], RATE)) == 1
    assert len(levels_of(samples[:0], RATE)) == 0


def test_silence_is_cut_off_both_ends_with_a_little_air() -> None:
    silence = np.zeros(RATE, np.float32)
    samples = np.concatenate([silence, tone(0.5), silence])
    (found,) = slices_of(samples, RATE, settled(2))
    air = round(AIR * RATE)
    assert abs(found.start - (RATE - air)) <= window(RATE)
    assert abs(found.end - (RATE + RATE // 2 + air)) <= window(RATE)
    assert slices_of(samples, RATE, settled(4, trim=False)) == [Slice(0, len(samples))]
    hiss = samples + np.float32(1e-4) * np.sign(np.sin(np.arange(len(samples))))
    assert slices_of(hiss.astype(np.float32), RATE, settled(2)) == [found], "-74 dB is silence"


def test_nothing_heard_makes_no_slice() -> None:
    assert slices_of(np.zeros(RATE, np.float32), RATE, settled(0.5)) == []
    assert slices_of(np.zeros(0, np.float32), RATE, settled(0.5)) == []
    assert len(slices_of(np.zeros(RATE, np.float32), RATE, settled(0.5, trim=False))) == 2


@pytest.mark.parametrize("overlap", [0, 25, 50, 75])
@pytest.mark.parametrize("seconds", [1.0, 1.3, 2.4, 5.05])
def test_slices_cover_a_recording_in_equal_lengths(seconds: float, overlap: int) -> None:
    samples = tone(seconds)
    found = slices_of(samples, RATE, settled(0.5, overlap=overlap, trim=False))
    length = RATE // 2
    assert all(each.end - each.start == length for each in found)
    assert found[0].start == 0
    assert all(each.start >= 0 and each.end <= len(samples) for each in found)
    steps = np.diff([each.start for each in found])
    assert (steps > 0).all() and steps.max() <= round(length * (1 - overlap / 100))
    assert len(samples) - found[-1].end < length / 4, "less than a quarter is lost"


def test_silent_slices_are_left_out() -> None:
    samples = np.concatenate([tone(1), np.zeros(3 * RATE, np.float32), tone(1)])
    kept = slices_of(samples, RATE, settled(1))
    assert kept == [Slice(0, RATE), Slice(4 * RATE, 5 * RATE)]
    assert len(slices_of(samples, RATE, settled(1, trim=False))) == 5


def test_whole_recordings_keep_their_beginning() -> None:
    samples = np.concatenate([np.zeros(RATE, np.float32), tone(3)])
    (found,) = slices_of(samples, RATE, settled(1, whole=True))
    assert found.end - found.start == RATE
    assert abs(found.start - (RATE - round(AIR * RATE))) <= window(RATE)
    (short,) = slices_of(tone(0.4), RATE, settled(1, whole=True, trim=False))
    assert short == Slice(0, 3200)
