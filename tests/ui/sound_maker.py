"""Recordings for tests of sound in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from asset_maker import add_pictures, recipe_of

from studio.core.media import Modality, Sound
from studio.core.project import Project
from studio.data.modality import modality_data


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


def add_sounds(project: Project, count: int) -> list[int]:
    """Write recordings of 2, 3, 4 … seconds as the engine does and enter them."""
    ids = []
    for number in range(count):
        path = project.assets / f"sound-{number}.wav"
        recipe = recipe_of(number)
        made = tone(2.0 + number, hertz=220.0 * (number + 1))
        modality_data(Modality.AUDIO).save(made, path, recipe)
        fields = {
            "path": project.relative(path),
            "modality": Modality.AUDIO,
            "recipe": recipe,
            "title": f"digits · seed {number}",
            "width": 2000 + 1000 * number,
            "height": 8000,
        }
        ids += add_pictures(project, 1, **fields)
    return ids
