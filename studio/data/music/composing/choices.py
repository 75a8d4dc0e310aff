"""Choices: what a seed, and a manner, decide where nothing was wished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from studio.data.music.composing.instruments import ENSEMBLES
from studio.data.music.composing.manner import (
    METRE_NAMES,
    MODES,
    Manner,
    Shares,
    density_of,
    tempo_of,
)
from studio.data.music.composing.piece import LONGEST, Wishes
from studio.data.music.composing.rhythm import METRES

_COMMON_MODES = {
    "major": 10, "natural_minor": 4, "harmonic_minor": 4, "melodic_minor": 1.5, "dorian": 3,
    "phrygian": 1, "lydian": 1, "mixolydian": 2, "pentatonic_major": 1.5, "pentatonic_minor": 1.5,
    "blues": 1.5,
}  # fmt: skip
_MODAL = frozenset({"dorian", "phrygian", "lydian", "mixolydian"})
_ENSEMBLES = {
    "classical": ("piano", "strings", "winds", "harp", "brass", "guitar"),
    "folk": ("folk", "guitar", "winds", "piano", "harp"),
    "pop": ("band", "synth", "piano", "guitar"),
    "modal": ("harp", "winds", "guitar", "strings", "synth"),
    "blues": ("band", "piano", "guitar"),
}


@dataclass(frozen=True)
class Choice:
    """Picks from several things, mixed with what a manner prefers."""

    draw: Random
    strength: float

    def of(self, several: Sequence[str], usual: Sequence[float], own: Shares | None) -> str:
        """Return one of several, by usual weights and a manner's shares of them."""
        total = sum(usual)
        weights = [weight / total for weight in usual]
        if own is not None and own.sum() > 0:
            shares = (own / own.sum()).tolist()
            keep = 1 - self.strength
            weights = [keep * w + self.strength * s for w, s in zip(weights, shares, strict=True)]
        return self.draw.choices(several, weights)[0]


def decided(wishes: Wishes, manner: Manner, draw: Random) -> Wishes:
    """Return the wishes with every open one decided."""
    choice = Choice(draw, wishes.strength)
    mode = wishes.mode or _mode(wishes, manner, choice)
    style = _style(wishes.style, mode, draw)
    texture = wishes.texture or draw.choices(("song", "melody", "chorale"), (7, 1, 2))[0]
    numbers = [str(i) for i in range(12)]
    tonic = int(choice.of(numbers, [1.0] * 12, manner.tonics)) if wishes.tonic < 0 else wishes.tonic
    usual = (6, 0, 1, 0) if texture == "chorale" or style in {"pop", "blues"} else (5, 3, 2, 2.5)
    if texture == "chorale":
        usual = (6, 3, 0, 0)
    metre = wishes.metre or choice.of(METRE_NAMES, usual, manner.metres)
    form = (
        wishes.form or draw.choices(("aaba", "aba", "rondo", "period", "verse"), (4, 2, 1, 2, 2))[0]
    )
    rhythm = wishes.rhythm or draw.choices(("metric", "euclidean"), (6, 1))[0]
    own = texture != "chorale" and wishes.strength and manner.densities.any()
    density = wishes.density
    if density < 0:
        density = draw.betavariate(2.5, 2.5)
        if own and draw.random() < wishes.strength:
            density = density_of(_drawn(manner.densities, draw))
    complexity = draw.betavariate(2, 2.5) if wishes.complexity < 0 else wishes.complexity
    ensemble = wishes.ensemble
    if not ensemble:
        fitting = ("choir", "organ", "strings", "brass", "winds", "piano")
        ensemble = draw.choice(fitting if texture == "chorale" else _ENSEMBLES[style])
    drums = wishes.drums
    if drums is None:
        drums = texture == "song" and ENSEMBLES[ensemble].drums
    return replace(
        wishes,
        tonic=tonic % 12,
        mode=mode,
        style=style,
        texture=texture,
        metre=metre,
        form=form,
        rhythm="metric" if texture == "chorale" else rhythm,
        tempo=wishes.tempo or _tempo(wishes, texture, METRES[metre].beat, manner, draw),
        bars=min(max(wishes.bars, 1), LONGEST),
        density=min(density, 1.0),
        complexity=min(complexity, 1.0),
        drums=drums,
        ensemble=ensemble,
    )


def _mode(wishes: Wishes, manner: Manner, choice: Choice) -> str:
    """Return a mode that goes with the style and the voices."""
    usual = dict(_COMMON_MODES)
    if wishes.style == "modal":
        usual = {mode: float(mode in _MODAL) for mode in usual}
    elif wishes.style == "classical" or wishes.texture == "chorale":
        usual |= dict.fromkeys(("blues", "pentatonic_major", "pentatonic_minor"), 0)
    elif wishes.style:
        usual["blues"] = 0
    own = manner.modes * [usual[mode] > 0 for mode in MODES]
    return choice.of(MODES, [usual[mode] for mode in MODES], own)


def _style(wished: str, mode: str, draw: Random) -> str:
    if mode == "blues":
        return "blues"
    if wished and wished != "blues":
        return wished
    if mode in _MODAL:
        return draw.choices(("modal", "folk"), (4, 1))[0]
    if mode.startswith("pentatonic"):
        return draw.choice(("folk", "pop", "modal"))
    return draw.choices(("classical", "folk", "pop"), (4, 3, 3))[0]


def _tempo(wishes: Wishes, texture: str, beat: int, manner: Manner, draw: Random) -> float:
    """Return quarter notes per minute."""
    if manner.tempi.any() and draw.random() < wishes.strength:
        return float(round(tempo_of(_drawn(manner.tempi, draw))))
    middle = 76 if texture == "chorale" else 108
    tempo = draw.gauss(middle, 18) * (1.25 if beat == 6 else 1.0)
    return float(round(min(max(tempo, 56), 176)))


def _drawn(shares: Shares, draw: Random) -> int:
    return draw.choices(range(len(shares)), shares.tolist())[0]
