"""Scales, modes and chords as numbers: everything the rules of composing look up.

A pitch class is 0 … 11; *relative* ones count semitones above the tonic. Chords are written as
roman numerals beside the major scale, so that `bVI` is the major chord 8 semitones above.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

#: Pitch classes of each scale, relative to its tonic.
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "natural_minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 8, 9, 10, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "pentatonic_major": (0, 2, 4, 7, 9),
    "pentatonic_minor": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}

#: Scales whose neighbours may be a third apart, and whose melodies keep to them alone.
GAPPED = frozenset({"pentatonic_major", "pentatonic_minor", "blues"})

#: Semitones above the root that make up each kind of chord.
KINDS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "ø7": (0, 3, 6, 10),
}

#: The chords of each scale by their function: tonic, subdominant, dominant. The first of each is
#: the plainest.
_MAJOR = {"T": "I vi iii", "S": "IV ii", "D": "V vii°"}
_MINOR = {"T": "i bVI bIII", "S": "iv ii°", "D": "V vii°"}
_AEOLIAN = {"T": "i bIII bVI", "S": "iv", "D": "v bVII"}
FUNCTIONS: dict[str, dict[str, str]] = {
    "major": _MAJOR,
    "natural_minor": _AEOLIAN,
    "harmonic_minor": _MINOR,
    "melodic_minor": _MINOR,
    "dorian": {"T": "i bIII", "S": "IV ii", "D": "v bVII"},
    "phrygian": {"T": "i bVI bIII", "S": "iv", "D": "bII bvii"},
    "lydian": {"T": "I vi iii", "S": "II", "D": "V vii"},
    "mixolydian": {"T": "I vi", "S": "IV ii", "D": "bVII v"},
    "pentatonic_major": {"T": "I vi", "S": "IV ii", "D": "V"},
    "pentatonic_minor": {"T": "i bIII bVI", "S": "iv", "D": "v bVII"},
    "blues": {"T": "I7", "S": "IV7", "D": "V7"},
}

#: Steps that a voice does not take, as (relative pitch class, semitones): augmented seconds, and
#: in melodic minor the raised degrees downwards and the natural ones upwards.
_AUGMENTED = frozenset({(8, 3), (11, -3), (8, -9), (11, 9)})
BANNED: dict[str, frozenset[tuple[int, int]]] = {
    "harmonic_minor": _AUGMENTED,
    "melodic_minor": _AUGMENTED
    | {(8, 1), (8, 2), (9, 1), (9, -1), (9, -2), (10, 1), (10, 2), (10, -1), (11, -1), (11, -2)},
}

_NUMERAL = re.compile(r"(b?)([ivIV]+)(°|ø7|maj7|7)?")
_DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}


@dataclass(frozen=True, slots=True, eq=False)
class Chord:
    """A chord in a key; `chord` makes one object of each, so that they can be told apart quickly.

    Attributes:
        name: Roman numeral, such as `V7` or `V7/ii`.
        root: Pitch class, absolute.
        kind: One of `KINDS`.
        function: `T`, `S` or `D`.
        leading: Pitch class of its leading tone, which wants up by a semitone; −1 for none.
        pcs: Pitch classes, the root first.
    """

    name: str
    root: int
    kind: str
    function: str
    leading: int
    pcs: tuple[int, ...]

    @property
    def seventh(self) -> int:
        """Pitch class of its seventh, which wants down by a step; −1 for none."""
        return self.pcs[3] if len(self.pcs) > 3 else -1


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class) and the name of a scale."""

    tonic: int
    mode: str

    @property
    def words(self) -> str:
        """The key as people say it."""
        return f"{NOTES[self.tonic]} {self.mode.replace('_', ' ')}"

    @property
    def scale(self) -> frozenset[int]:
        """The scale's pitch classes, absolute."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])

    def is_step(self, interval: int, pitch: int) -> bool:
        """Tell whether an interval up from a pitch is a step of the scale."""
        if (size := abs(interval)) in (1, 2):
            return True
        if size != 3 or self.mode not in GAPPED:
            return False
        low = min(pitch, pitch + interval)
        return not any((low + between) % 12 in self.scale for between in (1, 2))


@cache
def chord(key: Key, name: str) -> Chord:
    """Return the chord of a roman numeral in a key.

    Raises:
        ValueError: It is no numeral.
    """
    numeral, _, target = name.partition("/")
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"{name!r} is no roman numeral")
    flat, degree, suffix = match.groups()
    minor = degree.islower()
    tonic = chord(key, target).root if target else key.tonic
    relative = (_DEGREES[degree.upper()] - bool(flat)) % 12
    root = (tonic + relative) % 12
    if suffix == "°":
        kind = "dim"
    elif suffix == "7":
        kind = "min7" if minor else "7"
    else:
        kind = suffix or ("min" if minor else "maj")
    pcs = tuple((root + step) % 12 for step in KINDS[kind])
    function = "D" if target else _function(key.mode, numeral)
    # the tone a semitone below the tonic, in chords that lead there
    leads = (target or function == "D") and key.mode != "blues"
    leading = (tonic - 1) % 12 if leads and (tonic - 1) % 12 in pcs else -1
    return Chord(name, root, kind, function, leading, pcs)


def _function(mode: str, numeral: str) -> str:
    plain = re.sub(r"(maj7|7|ø7)$", lambda found: "°" if found[0] == "ø7" else "", numeral)
    table = FUNCTIONS[mode]
    for function in ("D", "S", "T"):
        if {numeral, plain} & set(table[function].split()):
            return function
    return {"V": "D", "v": "D", "VII": "D", "vii": "D", "IV": "S", "iv": "S", "II": "S"}.get(
        plain.removeprefix("b"), "T"
    )


def duties(first: Chord, second: Chord, strict: bool) -> Mapping[int, tuple[int, ...]]:
    """Return what tones of a chord must do when the next one comes.

    A leading tone rises by a semitone when the next chord has the tone above it, a seventh falls
    by a step; both may stay when the next chord has them too. Nothing is due while a dominant
    goes on, nor in styles that let tones go as they please.

    Returns:
        Pitch class to the moves in semitones that it may make.
    """
    return _duties(first, second) if strict else {}


@cache
def _duties(first: Chord, second: Chord) -> dict[int, tuple[int, ...]]:
    if first.root == second.root:
        return {}
    due: dict[int, tuple[int, ...]] = {}
    if first.leading >= 0 and (first.leading + 1) % 12 in second.pcs:
        due[first.leading] = (1, 0) if first.leading in second.pcs else (1,)
    if (seventh := first.seventh) >= 0:
        stays = seventh in second.pcs
        falls = tuple(-step for step in (1, 2) if (seventh - step) % 12 in second.pcs)
        if stays or falls:
            due[seventh] = falls + ((0,) if stays else ())
    return due
