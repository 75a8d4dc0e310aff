"""Control tokens: what stands at the head of every row, so that a model can be asked for it.

Each control has the values that occur in the data, and `any`, which a model learns as well, so
that it can be asked for some of them or for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.data.music.measures import NAMES, Key, Mode

Ids = npt.NDArray[np.int64]

ANY = "any"
NONE = "none"
#: The controls in their order; `instrument 1` … follow where the data has several instruments.
KEY, METRE, TEMPO, DENSITY, BARS = "key", "metre", "tempo", "density", "bars"
INSTRUMENT = "instrument"
#: Instruments that can be asked for together.
SLOTS = 3
#: Words for the degrees of density, from few to many notes in a bar.
DENSITIES = ("very sparse", "sparse", "middling", "dense", "very dense")

_TEMPO_STEP = 1.15
_TEMPOS = tuple(round(120 * _TEMPO_STEP**step) for step in range(-8, 8))  # 39 … 319 a minute
_BARS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 1 << 30)


class Traits(NamedTuple):
    """What a stretch of music is like, or is wished to be; None and () leave it open.

    Attributes:
        key: Its key.
        metre: Beats and their value, as (6, 8).
        tempo: Quarter notes per minute.
        density: Degree of density, 0 … 4.
        bars: Bars until the end of the piece.
        instruments: Groups of instruments, as in `music_voices.GROUPS`.
    """

    key: Key | None = None
    metre: tuple[int, int] | None = None
    tempo: float | None = None
    density: int | None = None
    bars: int | None = None
    instruments: tuple[int, ...] = ()


def key_value(key: Key) -> str:
    """Return a key as the value of its control: `7 major`."""
    return f"{key.tonic} {key.mode}"


def tempo_value(tempo: float) -> str:
    """Return the nearest of the tempos that are told apart."""
    place = round(float(np.log(max(tempo, 1.0) / 120) / np.log(_TEMPO_STEP)))
    return str(_TEMPOS[min(max(place + 8, 0), len(_TEMPOS) - 1)])


def bars_value(bars: int) -> str:
    """Return the number of bars that a length is rounded up to."""
    return str(next(bound for bound in _BARS if bars <= bound))


@dataclass(frozen=True)
class Controls:
    """The control tokens of a tokeniser.

    Attributes:
        values: The values of each control, `any` first; controls in their order.
        edges: Notes per bar between two degrees of density.
        first: The id of the first control token.
    """

    values: Mapping[str, tuple[str, ...]]
    edges: tuple[float, ...]
    first: int

    @property
    def length(self) -> int:
        """How many tokens stand at the head of a row."""
        return len(self.values)

    @property
    def count(self) -> int:
        """How many control tokens there are."""
        return sum(len(each) for each in self.values.values())

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The id of each control's first value, `any`, and the first id behind them all."""
        sizes = [len(each) for each in self.values.values()]
        return tuple(self.first + int(n) for n in np.cumsum([0, *sizes]))

    @cached_property
    def slots(self) -> int:
        """How many instruments can be asked for."""
        return sum(name.startswith(INSTRUMENT) for name in self.values)

    def ids(self, traits: Traits) -> Ids:
        """Return the head of a row (length,); what is open or not in the data becomes `any`."""
        words = self._words(traits)
        found = []
        for start, (name, values) in zip(self.starts, self.values.items(), strict=False):
            word = words.get(name, ANY)
            found.append(start + (values.index(word) if word in values else 0))
        return np.array(found, np.int64)

    def _words(self, traits: Traits) -> dict[str, str]:
        words = {}
        if traits.key is not None:
            words[KEY] = key_value(traits.key)
        if traits.metre is not None:
            words[METRE] = f"{traits.metre[0]}/{traits.metre[1]}"
        if traits.tempo is not None:
            words[TEMPO] = tempo_value(traits.tempo)
        if traits.density is not None:
            words[DENSITY] = str(traits.density)
        if traits.bars is not None:
            words[BARS] = bars_value(traits.bars)
        if traits.instruments:
            wanted = [str(group) for group in sorted(traits.instruments[: self.slots])]
            wanted += [NONE] * (self.slots - len(wanted))
            words |= {f"{INSTRUMENT} {slot + 1}": word for slot, word in enumerate(wanted)}
        return words

    def traits(self, ids: Sequence[int] | Ids) -> Traits:
        """Return what the control tokens among some ids say."""
        words: dict[str, str] = {}
        starts = self.starts
        for each in np.asarray(ids, np.int64):
            if starts[0] <= each < starts[-1]:
                place = int(np.searchsorted(starts, each, side="right")) - 1
                name = list(self.values)[place]
                words[name] = self.values[name][int(each) - starts[place]]
        words = {name: word for name, word in words.items() if word not in (ANY, NONE)}
        metre = tuple(int(part) for part in words[METRE].split("/")) if METRE in words else None
        groups = [int(word) for name, word in words.items() if name.startswith(INSTRUMENT)]
        return Traits(
            key=key_named(words[KEY]) if KEY in words else None,
            metre=(metre[0], metre[1]) if metre else None,
            tempo=float(words[TEMPO]) if TEMPO in words else None,
            density=int(words[DENSITY]) if DENSITY in words else None,
            bars=int(words[BARS]) if BARS in words else None,
            instruments=tuple(groups),
        )

    def degree(self, notes_per_bar: float) -> int:
        """Return the degree of density that notes per bar are."""
        return int(np.searchsorted(self.edges, notes_per_bar, side="right"))

    def keys(self, tonic: int | None = None, mode: Mode | None = None) -> list[Key]:
        """Return the keys that can be asked for, with this tonic and mode where given."""
        known = [key_named(word) for word in self.values[KEY][1:]]
        return [key for key in known if tonic in (None, key.tonic) and mode in (None, key.mode)]


def key_named(word: str) -> Key:
    """Return the key that a control's value names."""
    tonic, mode = word.split()
    return Key(int(tonic) % len(NAMES), "minor" if mode == "minor" else "major")
