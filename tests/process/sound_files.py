"""Recordings that the tests make for themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile


def tone_file(path: Path, seconds: float, rate: int = 44_100) -> Path:
    """Write a tone as a sound file; returns its path."""
    time = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * time), rate)
    return path
