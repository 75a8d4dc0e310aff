"""Harmony: a weighted grammar of functions, and loops for modal music, pop and blues.

The grammar follows Rohrmeier (2011), "Towards a generative syntax of tonal harmony", reduced to
what a phrase needs: regions of tonic, subdominant and dominant that are prepared by each other.

    phrase   → T  S  D  cadence        T(n) → T T | D T | t
    D(n)     → S d | D d | d           S(n) → S S | s
"""

from __future__ import annotations

from itertools import pairwise
from random import Random

from studio.data.music.composing.manner import Manner
from studio.data.music.composing.piece import Harmony, Phrase
from studio.data.music.composing.rhythm import Metre
from studio.data.music.composing.theory import FUNCTIONS, Chord, Key, chord

#: Loops of four chords, as pop songs go round in them.
POP_LOOPS = {
    "major": (
        "I V vi IV", "vi IV I V", "I vi IV V", "I IV V IV", "IV I V vi", "I iii IV V",
        "ii V I vi", "I IV vi V",
    ),
    "minor": (
        "i bVI bIII bVII", "i iv bVII bIII", "i bVII bVI bVII", "i bVI iv v", "i bIII bVII iv",
        "i v bVI bVII",
    ),
}  # fmt: skip
#: Loops that show what is special about each mode.
MODAL_LOOPS = {
    "dorian": ("i IV", "i i IV IV", "i bVII IV i", "i ii bIII IV"),
    "phrygian": ("i bII", "i bII bIII bII", "i bvii bVI bII"),
    "lydian": ("I II", "I I II II", "I II vii II"),
    "mixolydian": ("I bVII", "I bVII IV I", "I v IV bVII", "I I bVII IV"),
    "natural_minor": ("i bVII", "i bVI bVII i", "i v iv bVII"),
    "pentatonic_minor": ("i bVII", "i bIII bVII i", "i iv i bVII"),
    "major": ("I IV", "I ii IV I", "I IV I V"),
    "pentatonic_major": ("I IV", "I vi IV V"),
    "harmonic_minor": ("i iv V i", "i V", "i bVI V V"),
    "melodic_minor": ("i iv V i", "i V"),
}
_BLUES = ("I7", "I7", "I7", "I7", "IV7", "IV7", "I7", "I7", "V7", "IV7", "I7", "I7")
#: The chord before the last one in music without dominants.
MODAL_CADENCES = {
    "dorian": ("bVII", "IV"), "phrygian": ("bII", "bvii"), "lydian": ("II", "V"),
    "mixolydian": ("bVII",), "natural_minor": ("bVII", "v"), "pentatonic_minor": ("bVII", "v"),
    "blues": ("V7", "IV7"),
}  # fmt: skip
_SEVENTHS = {
    "V": "V7", "ii": "ii7", "ii°": "iiø7", "IV": "IVmaj7", "iv": "iv7", "vi": "vi7", "v": "v7",
    "I": "Imaj7", "i": "i7", "bVII": "bVII7",
}  # fmt: skip
#: Chords that a dominant of their own may precede.
_TONICISED = frozenset({"ii", "iii", "IV", "V", "vi", "iv", "bIII", "bVI"})


def slots_of(phrase: Phrase, metre: Metre, per_bar: int) -> list[tuple[int, int]]:
    """Return (start step, steps) of each chord of a phrase; its last bar holds one."""
    start = phrase.bar * metre.steps
    cuts = _cuts(metre, per_bar)
    found = [
        (start + bar * metre.steps + a, b - a) for bar in range(phrase.bars - 1) for a, b in cuts
    ]
    last = start + (phrase.bars - 1) * metre.steps
    if phrase.bars == 1:
        return [(last + a, b - a) for a, b in _cuts(metre, 2)]
    return [*found, (last, metre.steps)]


def _cuts(metre: Metre, per_bar: int) -> list[tuple[int, int]]:
    """Cut a bar where chords may change: on beats, the first part the longer one."""
    beats = metre.steps // metre.beat
    per_bar = min(per_bar, beats)
    places = [-(-beats * i // per_bar) * metre.beat for i in range(per_bar + 1)]
    return list(pairwise(places))


class Harmoniser:
    """Writes the chords of phrases.

    Args:
        key: The key.
        style: One of `STYLES`.
        complexity: From 0, plain triads, to 1, sevenths and dominants of other degrees.
        manner: Whose chord changes are imitated, by `strength` from 0 to 1.
        draw: Where chance comes from.
    """

    def __init__(
        self, key: Key, style: str, complexity: float, manner: Manner, strength: float, draw: Random
    ) -> None:
        self.key, self.style, self.complexity = key, style, complexity
        self.manner, self.draw = manner, draw
        self.strength = strength if manner.chords.any() else 0.0
        self.functions = {f: names.split() for f, names in FUNCTIONS[key.mode].items()}
        self.loops: dict[str, list[str]] = {}

    def tones(self) -> frozenset[int]:
        """Return the pitch classes of every chord that may come."""
        names = {name for several in self.functions.values() for name in several}
        names |= {_SEVENTHS[name] for name in names & set(_SEVENTHS)}
        if self.style == "classical":
            names |= {f"V7/{name}" for name in names & _TONICISED}
        return frozenset(pc for name in names for pc in chord(self.key, name).pcs)

    def phrase(self, phrase: Phrase, slots: list[tuple[int, int]]) -> list[Harmony]:
        """Return the chords of a phrase for its slots."""
        if self.style in {"classical", "folk"}:
            names = self._grammar(len(slots), phrase)
        else:
            names = self._loop(len(slots), phrase)
        return [
            Harmony(start, length, chord(self.key, name))
            for (start, length), name in zip(slots, names, strict=True)
        ]

    # ---------------------------------------------------------------------------------- loops

    def _loop(self, count: int, phrase: Phrase) -> list[str]:
        """Go round in a loop, one for each letter of the form; the end of the piece closes."""
        tonic = self.functions["T"][0]
        if self.style == "blues":
            start = phrase.bar % len(_BLUES)
            per_bar = max(1, (count - 1) // max(1, phrase.bars - 1))
            names = [_BLUES[(start + i // per_bar) % len(_BLUES)] for i in range(count)]
        else:
            loop = self.loops.get(phrase.letter)
            if loop is None:
                loop = self.draw.choice(self._known_loops()).split()
                self.loops[phrase.letter] = loop
            names = [loop[i % len(loop)] for i in range(count)]
        if phrase.cadence != "open":
            names[-1] = tonic
            if count > 1:
                names[-2] = self._before_the_end(phrase.cadence)
        return names

    def _known_loops(self) -> tuple[str, ...]:
        mode = self.key.mode
        if self.style == "modal":
            return MODAL_LOOPS[mode]
        if mode in {"major", "pentatonic_major", "lydian", "mixolydian"}:
            loops = POP_LOOPS["major"]
        else:
            loops = POP_LOOPS["minor"]
        known = {name for names in self.functions.values() for name in names}
        fitting = tuple(loop for loop in loops if set(loop.split()) <= known)
        return fitting or MODAL_LOOPS[mode]

    def _before_the_end(self, cadence: str) -> str:
        if cadence == "plagal":
            return self.functions["S"][0]
        return self.draw.choice(MODAL_CADENCES.get(self.key.mode, (self.functions["D"][0],)))

    # -------------------------------------------------------------------------------- grammar

    def _grammar(self, count: int, phrase: Phrase) -> list[str]:
        """Derive a phrase from the grammar, then choose a chord for each function."""
        tonic, dominant = self.functions["T"][0], self.functions["D"][0]
        minor = self.key.mode in {"harmonic_minor", "melodic_minor"}
        substitute = "bVI" if minor else "vi" if "vi" in self.functions["T"] else tonic
        end = {
            "authentic": ["D", tonic],
            "half": [dominant],
            "plagal": ["S", tonic],
            "deceptive": ["D", substitute],
        }[phrase.cadence][-count:]
        free = count - len(end)
        body: list[str] = []
        if free:
            prepared = 0 if phrase.cadence == "plagal" else min(free - 1, self.draw.randint(0, 2))
            body = [*self._tonic(free - prepared), *["S"] * prepared]
        if phrase.bar == 0 and body:
            body[0] = tonic  # a piece begins at home
        return self._chosen([*body, *end])

    def _tonic(self, count: int) -> list[str]:
        """T(n) → t | T T | D T, beginning with the tonic when it can."""
        if count == 1:
            return ["T"]
        if count == 2:
            return ["T", "T"]
        split = self.draw.randint(1, count - 1)
        if split >= 2 and self.draw.random() < 0.65:
            return ["T", *self._dominant(split - 1), *self._tonic(count - split)]
        return [*self._tonic(split), *self._tonic(count - split)]

    def _dominant(self, count: int) -> list[str]:
        """D(n) → d | S d | D d."""
        if count == 1:
            return ["D"]
        if self.draw.random() < 0.7:
            return ["S"] * (count - 1) + ["D"]
        return [*self._dominant(count - 1), "D"]

    def _chosen(self, wanted: list[str]) -> list[str]:
        """Choose a chord for each function, one after the other."""
        names: list[str] = []
        for place, each in enumerate(wanted):
            if each not in self.functions:
                names.append(each)
                continue
            closing = place == len(wanted) - 2 and each == "D" and wanted[-1] not in self.functions
            options = [self.functions[each][0]] if closing else self.functions[each]
            before = names[-1] if names else ""
            weights = [self._weight(before, name, i) for i, name in enumerate(options)]
            names.append(self.draw.choices(options, weights)[0])
        return self._enriched(names)

    def _weight(self, before: str, name: str, place: int) -> float:
        if not before:
            return 1.0 if place == 0 else 0.05
        usual = (1.0, 0.5 + 0.4 * self.complexity, 0.1 + 0.2 * self.complexity)[place]
        if name == before:
            usual *= 0.3
        if self.strength:
            share = self.manner.follows(self.key, chord(self.key, before), chord(self.key, name))
            usual = usual ** (1 - self.strength) * (share + 0.01) ** self.strength
        return usual

    def _enriched(self, names: list[str]) -> list[str]:
        """Add sevenths and dominants of other degrees, as far as the style goes."""
        classical = self.style == "classical"
        gapped = "pentatonic" in self.key.mode
        found = list(names)
        for place, name in enumerate(names):
            following = names[place + 1] if place + 1 < len(names) else ""
            if not following or following == name:
                continue
            chance = self.draw.random()
            if (
                classical
                and 0 < place < len(names) - 2
                and following in _TONICISED
                and not gapped
                and found[place - 1] == self.functions["T"][0]
                and chance < 0.5 * self.complexity
            ):
                found[place] = f"V7/{following}"
            elif name in {"V", "v"} or classical:
                seventh = _SEVENTHS.get(name, "")
                usual = 0.6 if name == "V" else 0.0 if name in {"I", "i"} else 0.35
                if seventh and chance < usual * (0.3 + self.complexity) and not gapped:
                    found[place] = seventh
        return found


def allowed_after(first: Chord, second: Chord) -> bool:
    """Tell whether a chord may follow in functional harmony: a dominant never falls back."""
    return not (first.function == "D" and second.function == "S" and "/" not in first.name)
