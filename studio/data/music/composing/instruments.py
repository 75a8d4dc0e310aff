"""Instruments: which General MIDI programs play the parts of an ensemble."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Programs of the parts, 0 … 127.

    Attributes:
        melody, chords, low: Of a song.
        voices: Of four voices, from the soprano down.
        drums: Whether drums go with it by themselves.
    """

    melody: int
    chords: int
    low: int
    voices: tuple[int, int, int, int]
    drums: bool = False


ENSEMBLES: dict[str, Ensemble] = {
    "piano": Ensemble(0, 0, 0, (0, 0, 0, 0)),
    "strings": Ensemble(40, 48, 42, (40, 40, 41, 42)),
    "winds": Ensemble(73, 71, 70, (73, 68, 71, 70)),
    "brass": Ensemble(56, 60, 58, (56, 60, 57, 58)),
    "choir": Ensemble(52, 19, 32, (52, 52, 52, 52)),
    "organ": Ensemble(19, 19, 19, (19, 19, 19, 19)),
    "folk": Ensemble(40, 21, 32, (40, 21, 21, 32)),
    "guitar": Ensemble(24, 24, 32, (24, 24, 24, 32)),
    "harp": Ensemble(73, 46, 46, (46, 46, 46, 46)),
    "band": Ensemble(26, 4, 33, (61, 61, 61, 33), drums=True),
    "synth": Ensemble(81, 89, 38, (80, 89, 89, 38), drums=True),
}


def programs_of(ensemble: str, roles: tuple[str, ...]) -> tuple[int, ...]:
    """Return the program of each role; drums have 0."""
    chosen = ENSEMBLES[ensemble]
    voices = dict(zip(("soprano", "alto", "tenor", "bass"), chosen.voices, strict=True))
    parts = {"melody": chosen.melody, "chords": chosen.chords, "low": chosen.low} | voices
    return tuple(parts.get(role, 0) for role in roles)
