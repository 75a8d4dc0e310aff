"""Syllables spoken by rule: a buzz or a hiss through the resonances of a mouth that moves.

The source–filter account of speech (Fant 1960). Vowels have the formants that Peterson & Barney
(1952, table II) measured; consonants are the places from which formants come, with a murmur, a hiss
or a burst. It is no voice of anybody, and clear enough to learn speech from text on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.data.audio import sounds
from studio.data.audio.sounds import Wave

#: Samples a second of spoken syllables.
RATE = 8000

_HOP = 40  # samples from one shape of the mouth to the next: 5 ms
_FRAME = 256  # samples that one shape of the mouth is heard over
_FOURTH = 3500.0  # Hz, a formant that hardly moves
_WIDTHS = np.array([80.0, 100.0, 140.0, 220.0])  # Hz
_GAINS = np.array([1.0, 0.7, 0.35, 0.2])


class Phone(NamedTuple):
    """A sound of speech.

    Attributes:
        formants: The three lowest resonances in Hz, or those that the neighbours come from.
        seconds: How long it usually lasts.
        voice: Level of the buzz of the vocal cords.
        hiss: Level of the noise.
        low, high: The band of the noise in Hz.
        burst: Whether it is a closed mouth that opens with a burst, at its end.
    """

    formants: tuple[float, float, float]
    seconds: float
    voice: float
    hiss: float = 0.0
    low: float = 0.0
    high: float = 0.0
    burst: bool = False


#: Vowels: formants of men's [ɑ], [ɛ], [i], [ɔ], [u] (Peterson & Barney 1952, table II).
VOWELS: dict[str, Phone] = {
    "a": Phone((730, 1090, 2440), 0.15, 1.0),
    "e": Phone((530, 1840, 2480), 0.14, 1.0),
    "i": Phone((270, 2290, 3010), 0.14, 0.9),
    "o": Phone((570, 840, 2410), 0.15, 1.0),
    "u": Phone((300, 870, 2240), 0.14, 0.9),
}
#: Consonants; where formants come from follows the loci of Delattre, Liberman & Cooper (1955).
CONSONANTS: dict[str, Phone] = {
    "b": Phone((200, 720, 2100), 0.07, 0.15, 0.5, 100, 900, burst=True),
    "d": Phone((200, 1800, 2700), 0.07, 0.15, 0.6, 2200, 3600, burst=True),
    "g": Phone((200, 2300, 2600), 0.07, 0.15, 0.6, 1300, 2300, burst=True),
    "p": Phone((250, 720, 2100), 0.10, 0.0, 0.7, 100, 1200, burst=True),
    "t": Phone((250, 1800, 2700), 0.10, 0.0, 0.9, 2400, 3900, burst=True),
    "k": Phone((250, 2300, 2600), 0.10, 0.0, 0.9, 1300, 2600, burst=True),
    "m": Phone((250, 900, 2200), 0.09, 0.45),
    "n": Phone((250, 1500, 2500), 0.09, 0.45),
    "l": Phone((350, 1100, 2700), 0.08, 0.6),
    "w": Phone((300, 650, 2200), 0.08, 0.6),
    "s": Phone((300, 1700, 2600), 0.13, 0.0, 0.5, 2900, 3950),
    "f": Phone((300, 1000, 2300), 0.12, 0.0, 0.18, 800, 3900),
    "z": Phone((300, 1700, 2600), 0.10, 0.35, 0.3, 2900, 3950),
}
_PAUSE = Phone((500, 1500, 2500), 0.09, 0.0)
_BURST = 0.018  # seconds of a burst


class Speaker(NamedTuple):
    """A voice: its pitch in Hz, and how short its mouth is (which raises the formants)."""

    pitch: float
    shorter: float


#: The voices of the sample set, by label.
SPEAKERS = {"low voice": Speaker(115.0, 1.0), "high voice": Speaker(205.0, 1.14)}


def phones_of(text: str) -> list[Phone]:
    """Return the sounds of a text of syllables; letters that stand for none are left out."""
    known = VOWELS | CONSONANTS | {" ": _PAUSE}
    return [known[letter] for letter in text.lower() if letter in known]


def spoken(text: str, speaker: Speaker, seed: int, rate: int = RATE) -> npt.NDArray[np.float32]:
    """Return a text of syllables as speech (samples,) in −1 … 1; a function of the seed."""
    draw = np.random.default_rng([seed, 2])
    phones = phones_of(text)
    tempo = draw.uniform(0.88, 1.15)
    lengths = np.array([phone.seconds for phone in phones]) * tempo
    lengths *= draw.uniform(0.9, 1.1, len(lengths))
    ends = np.concatenate([[0.02], 0.02 + np.cumsum(lengths)])
    t = sounds.times(ends[-1] + 0.06, rate)
    # pitch sinks over a sentence, and no two are said alike
    pitch = speaker.pitch * draw.uniform(0.92, 1.08) * (1.08 - 0.22 * t / t[-1])
    pitch *= 1 + 0.012 * np.sin(2 * np.pi * 5 * t + draw.uniform(0, 6))
    voice, hiss = _levels(phones, ends, t)
    mouth = _mouth(phones, ends, t[::_HOP]) * speaker.shorter
    buzz = sounds.saw(sounds.phase_of(pitch, len(t), rate), pitch, rate)
    buzz = sounds.filtered(buzz, 0, 700, rate, steep=0.5)
    breath = 0.02 * sounds.noise(draw, len(t))
    wave = _through(voice * (buzz + breath), mouth, rate)
    for phone, level in zip(phones, hiss, strict=True):
        if phone.hiss:
            band = sounds.filtered(sounds.noise(draw, len(t)), phone.low, phone.high, rate)
            wave = wave + 0.5 * phone.hiss * band * level
    return sounds.finished(wave, rate)


def _levels(phones: list[Phone], ends: Wave, t: Wave) -> tuple[Wave, list[Wave]]:
    """Return how loud the buzz is at each moment, and each phone's noise."""
    voice = np.zeros(len(t))
    hiss = []
    for phone, begin, end in zip(phones, ends, ends[1:], strict=False):
        slope = 0.012
        inside = np.clip((t - begin) / slope + 0.5, 0, 1) * np.clip((end - t) / slope + 0.5, 0, 1)
        voice += phone.voice * inside
        if phone.burst:
            since = t - (end - _BURST)
            hiss.append((since >= 0) * sounds.decay(np.clip(since, 0, None), 0.006))
        else:
            hiss.append(inside)
    return voice, hiss


def _mouth(phones: list[Phone], ends: Wave, t: Wave) -> Wave:
    """Return the formants (moments, 4) in Hz: those of each phone, and ways between them."""
    middles = (ends[:-1] + ends[1:]) / 2
    reach = 0.25 * (ends[1:] - ends[:-1])  # a phone keeps its shape around its middle
    points = np.stack([middles - reach, middles + reach], 1).ravel()
    formants = np.repeat(np.array([[*phone.formants, _FOURTH] for phone in phones]), 2, axis=0)
    columns = [np.interp(t, points, column) for column in formants.T]
    return np.stack(columns, 1)


def _through(source: Wave, mouth: Wave, rate: int) -> Wave:
    """Return a source through resonances that move, frame by frame, overlapped and added."""
    window = np.hanning(_FRAME + 1)[:-1]
    count = len(mouth)
    filled = np.concatenate([np.zeros(_FRAME // 2), source, np.zeros(_FRAME + _HOP)])
    places = np.arange(count)[:, None] * _HOP + np.arange(_FRAME)
    frames = np.fft.rfft(filled[places] * window, 2 * _FRAME)  # (moments, bins)
    f = np.fft.rfftfreq(2 * _FRAME, 1 / rate)
    away = (f[None, :, None] - mouth[:, None, :]) / (_WIDTHS / 2)  # (moments, bins, 4)
    gain = (_GAINS / np.sqrt(1 + away**2)).sum(2)
    shaped = np.fft.irfft(frames * gain, 2 * _FRAME)
    wave = np.zeros(count * _HOP + 2 * _FRAME)
    for number, frame in enumerate(shaped):
        wave[number * _HOP : number * _HOP + 2 * _FRAME] += frame
    heard: Wave = wave[_FRAME // 2 : _FRAME // 2 + len(source)] * (_HOP / window.sum())
    return heard


def utterances(count: int) -> Iterator[tuple[str, str, int]]:
    """Yield (text, speaker, seed) of one to three words of one or two syllables."""
    draw = np.random.default_rng(20)
    consonants, vowels = list(CONSONANTS), list(VOWELS)
    for number in range(count):
        words = [
            "".join(
                str(draw.choice(consonants)) + str(draw.choice(vowels))
                for _ in range(draw.integers(1, 3))
            )
            for _ in range(draw.integers(1, 3))
        ]
        yield " ".join(words), list(SPEAKERS)[number % len(SPEAKERS)], number
