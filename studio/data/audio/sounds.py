"""Sounds by rule: oscillators, envelopes and noise, and what instruments and games do with them.

Everything is numpy, a function of a seed, and needs no file: the sample set *Game sounds* and the
family *Sounds by rule* are made here. Kinds are in `sound_kinds.py`, speech-like syllables in
`sound_speech.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float64]

#: Level to which a finished sound is brought.
PEAK = 0.9
#: Seconds over which a sound comes and goes at its ends, so that it never clicks.
_EDGE = 0.003
_QUIET = 1e-9


def times(seconds: float, rate: int) -> Wave:
    """Return the moment of each sample, in seconds."""
    return np.arange(max(1, round(seconds * rate))) / rate


def phase_of(frequency: Wave | float, samples: int, rate: int) -> Wave:
    """Return the phase, in turns, of an oscillator whose frequency (Hz) may change."""
    steps = np.broadcast_to(np.asarray(frequency, np.float64), (samples,)) / rate
    return np.cumsum(steps) - steps


def sine(phase: Wave) -> Wave:
    """Return a sine wave."""
    wave: Wave = np.sin(2 * np.pi * phase)
    return wave


def saw(phase: Wave, frequency: Wave | float, rate: int) -> Wave:
    """Return a saw-tooth without the overtones that samples cannot hold.

    The corner is rounded by a polynomial (PolyBLEP; Välimäki & Huovilainen 2007, section 3.3).
    """
    place = phase % 1
    return 2 * place - 1 - _rounded(place, frequency, rate)


def square(phase: Wave, frequency: Wave | float, rate: int, duty: Wave | float = 0.5) -> Wave:
    """Return a pulse that is up for the share `duty` of each turn, corners rounded likewise."""
    place, other = phase % 1, (phase - duty) % 1
    wave = np.where(place < duty, 1.0, -1.0)
    return wave + _rounded(place, frequency, rate) - _rounded(other, frequency, rate)


def _rounded(place: Wave, frequency: Wave | float, rate: int) -> Wave:
    """Return what PolyBLEP takes off a step from −1 to 1 at the turns of a phase."""
    step = np.clip(np.broadcast_to(np.asarray(frequency) / rate, place.shape), 1e-6, 0.5)
    after, before = place / step, (place - 1) / step
    corner = np.zeros_like(place)
    corner = np.where(after < 1, 2 * after - after**2 - 1, corner)
    return np.where(before > -1, before**2 + 2 * before + 1, corner)


def triangle(phase: Wave) -> Wave:
    """Return a triangle wave, whose overtones fall off by themselves."""
    wave: Wave = 4 * np.abs((phase + 0.25) % 1 - 0.5) - 1
    return -wave


def modulated(frequency: Wave | float, ratio: float, index: Wave | float, t: Wave) -> Wave:
    """Return frequency modulation: a sine whose phase swings with another (Chowning 1973).

    e = sin(2π f t + I sin(2π r f t))
    """
    turns = phase_of(frequency, len(t), _rate_of(t))
    wave: Wave = np.sin(2 * np.pi * turns + index * np.sin(2 * np.pi * ratio * turns))
    return wave


def _rate_of(t: Wave) -> int:
    return round(1 / (t[1] - t[0])) if len(t) > 1 else 1


def decay(t: Wave, half: float) -> Wave:
    """Return an envelope that halves every `half` seconds."""
    wave: Wave = 2.0 ** (-t / max(half, 1e-4))
    return wave


def adsr(t: Wave, attack: float, fall: float, level: float, release: float) -> Wave:
    """Return an envelope that rises, falls to a level, holds it, and dies away at the end."""
    end = t[-1]
    points = np.array([0, attack, attack + fall, max(attack + fall, end - release), end + 1e-6])
    points = np.maximum.accumulate(points) + 1e-9 * np.arange(5)
    envelope: Wave = np.interp(t, points, [0, 1, level, level, 0])
    return envelope


def noise(draw: np.random.Generator, samples: int) -> Wave:
    """Return white noise in −1 … 1."""
    return draw.uniform(-1, 1, samples)


def held_noise(draw: np.random.Generator, frequency: Wave | float, samples: int, rate: int) -> Wave:
    """Return noise that keeps each value for a turn of an oscillator: the noise of old games."""
    turns = phase_of(frequency, samples, rate).astype(np.intp)
    return draw.uniform(-1, 1, int(turns[-1]) + 1)[turns]


def filtered(wave: Wave, low: float, high: float, rate: int, *, steep: float = 2.0) -> Wave:
    """Return what is left between two frequencies (Hz), falling off on both sides.

    Each frequency is weighed by 1 / √(1 + (f / high)²ⁿ) and 1 / √(1 + (low / f)²ⁿ), the response
    of Butterworth's filter of order n = `steep` (Butterworth 1930), with no shift of phase.
    """
    size = 1 << (2 * len(wave) - 1).bit_length()
    spectrum = np.fft.rfft(wave, size)
    f = np.fft.rfftfreq(size, 1 / rate)
    gain = np.ones_like(f)
    if high > 0:
        gain /= np.sqrt(1 + (f / high) ** (2 * steep))
    if low > 0:
        with np.errstate(divide="ignore"):
            gain /= np.sqrt(1 + (low / np.maximum(f, _QUIET)) ** (2 * steep))
    left: Wave = np.fft.irfft(spectrum * gain, size)[: len(wave)]
    return left


def resonant(wave: Wave, frequencies: Wave, widths: Wave, gains: Wave, rate: int) -> Wave:
    """Return a wave through resonances side by side: peaks at frequencies (Hz) of widths (Hz)."""
    size = 1 << (2 * len(wave) - 1).bit_length()
    f = np.fft.rfftfreq(size, 1 / rate)[:, None]
    peaks = gains / np.sqrt(1 + ((f - frequencies) / (widths / 2)) ** 2)
    left: Wave = np.fft.irfft(np.fft.rfft(wave, size) * peaks.sum(1), size)[: len(wave)]
    return left


def echo(wave: Wave, seconds: float, share: float, rate: int) -> Wave:
    """Return a wave with its echoes, each quieter by a share, within its own length."""
    late = max(1, round(seconds * rate))
    heard = wave.copy()
    for turn in range(1, 6):
        if turn * late < len(wave):
            heard[turn * late :] += share**turn * wave[: len(wave) - turn * late]
    return heard


def crushed(wave: Wave, bits: float) -> Wave:
    """Return a wave rounded to so many bits: the grain of old machines."""
    steps = 2 ** (bits - 1)
    rounded: Wave = np.round(wave * steps) / steps
    return rounded


def finished(wave: Wave, rate: int) -> npt.NDArray[np.float32]:
    """Return a sound without offset and clicks at its ends, at the usual level, float32."""
    wave = np.nan_to_num(wave - wave.mean())
    edge = min(len(wave) // 2, max(1, round(_EDGE * rate)))
    slope = np.linspace(0, 1, edge)
    wave[:edge] *= slope
    wave[-edge:] *= slope[::-1]
    loudest = np.abs(wave).max()
    if loudest > _QUIET:
        wave *= PEAK / loudest
    return wave.astype(np.float32)


def semitones(steps: float | Wave) -> float | Wave:
    """Return the ratio of frequencies of so many semitones."""
    ratio: float | Wave = 2.0 ** (np.asarray(steps) / 12)
    return ratio
