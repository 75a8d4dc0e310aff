"""Recordings for tests of sound in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from studio.core.media import Sound


def tone(seconds: float = 1.0, rate: int = 8000, hertz: float = 220.0, level: float = 0.5) -> Sound:
    """Return a steady tone of one channel."""
    times = np.arange(round(seconds * rate)) / rate
    return Sound((level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)[:, None], rate)


def steps(levels: tuple[float, ...], seconds: float = 0.5, rate: int = 44_100) -> Sound:
    """Return a sound that is constant for some seconds at each level: what is heard tells where."""
    samples = np.repeat(np.array(levels, np.float32), round(seconds * rate))
    return Sound(samples[:, None], rate)


def write(path: Path, sound: Sound, form: str = "WAV", subtype: str | None = None) -> Path:
    """Write a sound file; a second at a time, as Vorbis must be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = sound.samples.shape[1]
    with soundfile.SoundFile(path, "w", sound.rate, channels, subtype, format=form) as file:
        for first in range(0, len(sound.samples), sound.rate):
            file.write(sound.samples[first : first + sound.rate])
    return path
