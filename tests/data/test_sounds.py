"""Sounds by rule: what they are made of, and that each kind is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from studio.data.audio import sounds
from studio.data.audio.sound_kinds import KINDS, made
from studio.data.audio.sound_speech import CONSONANTS, SPEAKERS, VOWELS, spoken, utterances

RATE = 16_000


def _spectrum(wave: np.ndarray, rate: int = RATE) -> tuple[np.ndarray, np.ndarray]:
    size = 1 << 15
    return np.fft.rfftfreq(size, 1 / rate), np.abs(np.fft.rfft(wave, size)) ** 2


def _centre(wave: np.ndarray) -> float:
    frequency, power = _spectrum(wave)
    return float((frequency * power).sum() / power.sum())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_heard_and_never_clips(kind: str) -> None:
    for seed in range(4):
        wave = made(kind, seed, RATE)
        assert wave.dtype == np.float32
        assert np.isfinite(wave).all()
        assert np.abs(wave).max() == pytest.approx(sounds.PEAK, abs=1e-3)
        assert wave.std() > 0.03
        assert abs(wave[0]) < 0.01 > abs(wave[-1]), "it clicks"


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_the_same_sound_and_another_one_differs(kind: str) -> None:
    first, again, other = (made(kind, seed, 8000, seconds=0.3) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=0.05)


def test_a_length_is_kept_and_brightness_moves_the_highs() -> None:
    assert len(made("pad", 1, RATE, seconds=2.0)) == 2 * RATE
    dark, usual, bright = (
        _centre(made("explosion", 3, RATE, bright=value)) for value in (0.0, 1.0, 2.0)
    )
    assert dark < usual < bright


def test_variety_zero_is_the_typical_sound_of_a_kind() -> None:
    plain = [_centre(made("jump", seed, RATE, seconds=0.3, wild=0.0)) for seed in range(6)]
    wild = [_centre(made("jump", seed, RATE, seconds=0.3, wild=2.0)) for seed in range(6)]
    assert np.std(plain) < 1.0 < np.std(wild)


def test_kinds_lie_where_they_belong() -> None:
    centre = {kind: np.mean([_centre(made(kind, s, RATE)) for s in range(6)]) for kind in KINDS}
    assert centre["kick"] < centre["drum"] < centre["snare"] < centre["hat"]


def test_a_jump_rises_and_a_laser_falls() -> None:
    def change(kind: str) -> float:
        wave = made(kind, 2, RATE, seconds=0.3)
        return _centre(wave[2000:3500]) / _centre(wave[:800])

    assert change("jump") > 1.1
    assert change("laser") < 0.8


def test_saw_and_square_keep_what_samples_cannot_hold_down() -> None:
    rate, pitch = 8000, 1234.5
    turns = sounds.phase_of(pitch, rate, rate)
    naive = 2 * (turns % 1) - 1
    for wave in (sounds.saw(turns, pitch, rate), sounds.square(turns, pitch, rate)):
        frequency, power = _spectrum(wave * np.hanning(rate), rate)
        _, plain = _spectrum(naive * np.hanning(rate), rate)
        # alias of the fourth overtone, 8000 − 5 · 1234.5 = 1827.5 Hz
        alias = np.abs(frequency - (rate - 5 * pitch)) < 10
        assert power[alias].sum() < 0.35 * plain[alias].sum()


def test_a_filter_takes_what_is_outside_its_band() -> None:
    wave = sounds.noise(np.random.default_rng(0), RATE)
    frequency, power = _spectrum(sounds.filtered(wave, 500, 1500, RATE, steep=4))
    inside = (frequency > 600) & (frequency < 1300)
    outside = (frequency > 3500) | ((frequency > 20) & (frequency < 200))
    assert power[outside].mean() < 0.01 * power[inside].mean()


def test_frequency_modulation_has_the_overtones_of_its_ratio() -> None:
    t = sounds.times(1.0, RATE)
    frequency, power = _spectrum(sounds.modulated(500.0, 2.0, 1.5, t) * np.hanning(RATE))

    def at(hertz: float) -> float:
        return float(power[np.abs(frequency - hertz) < 5].sum())

    assert min(at(500), at(1500), at(2500)) > 50 * at(1000)


def test_spoken_vowels_have_their_formants() -> None:
    def share(vowel: str, low: float, high: float) -> float:
        wave = spoken(vowel * 6, SPEAKERS["low voice"], 1)
        frequency, power = _spectrum(wave, 8000)
        return float(power[(frequency > low) & (frequency < high)].sum() / power.sum())

    assert share("i", 1900, 3200) > 2 * share("u", 1900, 3200)
    assert share("a", 600, 1300) > 2 * share("i", 600, 1300)


def test_a_hiss_is_high_and_a_closed_mouth_is_quiet_before_its_burst() -> None:
    wave = spoken("sasasa", SPEAKERS["low voice"], 2)
    frequency, power = _spectrum(wave, 8000)
    plain = _spectrum(spoken("mamama", SPEAKERS["low voice"], 2), 8000)[1]
    high = frequency > 2900
    assert power[high].sum() / power.sum() > 3 * plain[high].sum() / plain.sum()
    stop = spoken("apa", SPEAKERS["low voice"], 2)
    levels = [part.std() for part in np.array_split(stop, 40)]
    assert min(levels[8:32]) < 0.1 * max(levels)


def test_utterances_are_written_as_they_are_spoken() -> None:
    made_of = list(utterances(60))
    assert made_of == list(utterances(60))
    letters = set("".join(text for text, _, _ in made_of))
    assert letters <= set(VOWELS) | set(CONSONANTS) | {" "}
    assert {speaker for _, speaker, _ in made_of} == set(SPEAKERS)
    text, speaker, seed = made_of[0]
    first = spoken(text, SPEAKERS[speaker], seed)
    assert np.array_equal(first, spoken(text, SPEAKERS[speaker], seed))
    assert 0.2 < len(first) / 8000 < 2
