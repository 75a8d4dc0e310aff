"""The measures of recordings: each rises and falls with what it is named after."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from studio.core.media import Sound
from studio.evaluate.audio import Newness, sample_statistics

RATE, LENGTH = 8_000, 8_192
Wave = npt.NDArray[np.float64]


def sound(wave: Wave) -> Sound:
    return Sound(wave.astype(np.float32)[:, None], RATE)


def _time() -> Wave:
    time: Wave = np.arange(LENGTH) / RATE
    return time


def word(seed: int) -> Sound:
    """Return something like a syllable: a voice with harmonics that swells, fades and glides."""
    draw = np.random.default_rng(seed)
    time = _time()
    glide = np.cumsum(draw.uniform(90, 220) * (1 + 0.3 * time)) / RATE
    wave = sum(np.sin(2 * np.pi * n * glide) / n for n in range(1, 9))
    swell = np.exp(-0.5 * ((time - draw.uniform(0.3, 0.6)) / 0.12) ** 2)
    wave = wave * swell + 0.001 * draw.standard_normal(LENGTH)
    return sound(0.9 * wave / np.abs(wave).max())


REAL = [word(seed) for seed in range(40)]


def test_other_recordings_of_the_same_kind_measure_as_the_data() -> None:
    found = sample_statistics([word(100 + seed) for seed in range(30)], REAL)
    for name in ("level", "silence", "value_entropy"):
        assert found[name] == pytest.approx(found[f"data_{name}"], rel=0.1)
    assert found["spectrum_distance"] < 2 * found["data_spectrum_distance"]
    assert found["level_distance"] < 2 * found["data_level_distance"] + 0.5
    assert found["sample_distance"] < 15
    assert found["diversity"] == pytest.approx(1, abs=0.2)
    assert found["clipped"] == found["twins"] == 0


def test_silence_is_heard_as_silence() -> None:
    found = sample_statistics([sound(np.zeros(LENGTH))] * 8, REAL)
    assert found["level"] == -100
    assert found["silence"] == 1
    assert found["value_entropy"] == found["tonal_buzz"] == found["diversity"] == 0
    assert found["twins"] == 1


def test_noise_uses_all_values_evenly() -> None:
    draw = np.random.default_rng(0)
    # each of the 256 values of µ-law alike: what a WaveNet writes that knows nothing
    curve = np.clip(draw.integers(-128, 128, (8, LENGTH)) / 127.5, -1, 1)
    made = np.sign(curve) * (256 ** np.abs(curve) - 1) / 255
    found = sample_statistics([sound(wave) for wave in made], REAL)
    assert found["value_entropy"] > 7.95
    assert found["spectral_balance"] == pytest.approx(RATE / 4, rel=0.05)
    assert found["spectrum_distance"] > 5 * found["data_spectrum_distance"]
    assert found["sample_distance"] > 100


def test_clipped_recordings() -> None:
    made = [sound(np.clip(4 * each.samples[:, 0], -1, 1)) for each in REAL]
    found = sample_statistics(made, REAL)
    assert found["data_clipped"] == 0
    assert found["clipped"] > 0.02
    assert found["level"] > found["data_level"] + 3


def test_a_whistle_at_a_fraction_of_the_rate_stands_out() -> None:
    whistle = 0.01 * np.sin(2 * np.pi * RATE / 16 * _time())
    found = sample_statistics([sound(each.samples[:, 0] + whistle) for each in REAL], REAL)
    assert found["tonal_buzz"] > 20
    assert found["data_tonal_buzz"] < 3
    elsewhere = 0.01 * np.sin(2 * np.pi * 0.07 * RATE * _time())  # a hum of the room, say
    made = [sound(each.samples[:, 0] + elsewhere) for each in REAL]
    assert sample_statistics(made, REAL)["tonal_buzz"] < 3


@pytest.mark.parametrize("length", [100, 1_000, 20_000])
def test_samples_of_another_length_and_in_stereo_are_measured(length: int) -> None:
    both = np.tile(np.sin(np.arange(length))[:, None], (1, 2)).astype(np.float32)
    found = sample_statistics([Sound(both, RATE)] * 2, REAL)
    assert all(np.isfinite(value) for value in found.values())


def test_too_few_recordings_say_nothing() -> None:
    assert sample_statistics(REAL[:1], REAL) == {}


def test_copies_are_found() -> None:
    newness = Newness([REAL[:20], REAL[20:]], [[word(500 + seed) for seed in range(20)]])
    fresh = newness.of([word(300 + seed) for seed in range(20)])
    assert fresh["novelty"] == pytest.approx(1, abs=0.4)
    assert fresh["copies"] < 0.2
    draw = np.random.default_rng(1)
    hiss = [sound(each.samples[:, 0] + 1e-3 * draw.standard_normal(LENGTH)) for each in REAL]
    assert newness.of(hiss)["copies"] > 0.9


def test_silent_samples_copy_nobody() -> None:
    learned = [_hiss(seed) for seed in range(24)]
    learned[0] = Sound(np.zeros_like(learned[0].samples), learned[0].rate)  # one is silent itself
    known = Newness([learned], [[_hiss(seed) for seed in range(100, 124)]])
    silent = [Sound(np.zeros_like(learned[0].samples), learned[0].rate) for _ in range(4)]
    assert known.of(silent) == {}
    assert known.of([*silent, _hiss(500)])["copies"] == 0
    assert known.of([*silent, learned[3]])["copies"] == pytest.approx(0.2)


def _hiss(seed: int) -> Sound:
    samples = 0.2 * np.random.default_rng(seed).standard_normal((4096, 1))
    return Sound(samples.clip(-1, 1).astype(np.float32), 8000)
