"""Sounds of the sample sets: effects of games and drums, and spoken syllables, all made by rule."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from studio.data.audio.sound_kinds import KINDS, made
from studio.data.audio.sound_speech import RATE, SPEAKERS, spoken, utterances
from studio.data.entries import Entry

GAME_SOUNDS, SYLLABLES = 420, 600

_GAME_RATE = 16_000


def game_sounds() -> Iterator[Entry]:
    """Yield effects of games, drums and other short sounds, their kinds as labels."""
    kinds = list(KINDS)
    for number in range(GAME_SOUNDS):
        kind = kinds[number % len(kinds)]
        yield _entry(
            "game-sounds", number, partial(_game_sound, kind, number), kind, KINDS[kind].words
        )


def _game_sound(kind: str, number: int) -> bytes:
    return _wav(made(kind, number, _GAME_RATE), _GAME_RATE)


def syllables() -> Iterator[Entry]:
    """Yield spoken syllables with what is said as captions, and two voices as labels."""
    for number, (text, speaker, seed) in enumerate(utterances(SYLLABLES)):
        load = partial(_utterance, text, speaker, seed)
        yield _entry("syllables", number, load, speaker, text)


def _utterance(text: str, speaker: str, seed: int) -> bytes:
    return _wav(spoken(text, SPEAKERS[speaker], seed), RATE)


def _wav(wave: npt.NDArray[np.float32], rate: int) -> bytes:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _entry(name: str, number: int, load: partial[bytes], label: str, caption: str) -> Entry:
    return Entry(
        name=f"{name}/{number:03d}.wav",
        root=f"sample:{name}",
        place=f"{number:03d}.wav",
        size=0,
        load=load,
        label=label,
        caption=caption,
    )
