"""Patterns drawn by rules: each seed its own picture, at any size, the same on every machine.

A pattern says how a plane is laid over the picture (turned, folded, bent), which rule gives each
place a tone (`pattern_rules.py`), and how a palette colours the tones. Pictures are drawn finer
than asked for and averaged down, so that edges are smooth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.data.image.pattern_colours import Colours, Palette, from_oklab
from studio.data.image.pattern_noise import Grid, distance, fractal, gradient_noise
from studio.data.image.pattern_rules import RULES, Look

FOLDS = ("none", "mirror", "quarters", "kaleidoscope")

_RAMP = 512  # colours that tones are looked up in
_POINTS = 1 << 19  # places that are drawn at once
_SMALL = 768  # pictures up to this side are drawn three times as fine, larger ones twice
_FOLD_CHANCES = (0.55, 0.7, 0.85, 1.0)


@dataclass(frozen=True)
class Pattern:
    """One pattern.

    Attributes:
        rule: Name of its rule.
        across: Elements across the picture.
        angle: How far it is turned, in radians.
        shift: Where on the plane the picture lies, in elements.
        bend: How far places are moved by noise, in elements.
        fold: One of `FOLDS`.
        petals: Mirrors of a kaleidoscope.
        smooth: Whether colours flow into each other.
        look: What its rule follows.
        paint: Seed of the choice of colours.
    """

    rule: str
    across: float
    angle: float
    shift: tuple[float, float]
    bend: float
    fold: str
    petals: int
    smooth: bool
    look: Look
    paint: int


def pattern(
    seed: int,
    *,
    rules: Sequence[str] = tuple(RULES),
    fold: str = "",
    scale: float = 1.0,
    wildness: float = 1.0,
) -> Pattern:
    """Return the pattern of a seed. What is set changes nothing else about it.

    Args:
        rules: The rules to choose from.
        fold: One of `FOLDS`; empty leaves the choice to the seed.
        scale: How much larger than usual its elements are.
        wildness: How irregular it is: 0 not at all, 1 as usual, at most 2.
    """
    draw = np.random.default_rng(seed)
    chance, size, turn, bend, folds, flow, right, down = draw.uniform(size=8).tolist()
    a, b, c, d = draw.uniform(size=4).tolist()
    salt, paint, petals = (int(number) for number in draw.integers(2**31, size=3))
    name = rules[int(chance * len(rules))]
    rule = RULES[name]
    least, most = rule.across
    chosen = next(f for f, up_to in zip(FOLDS, _FOLD_CHANCES, strict=True) if folds < up_to)
    own = "none" if rule.centred else chosen
    return Pattern(
        rule=name,
        across=least * (most / least) ** size / scale,
        angle=0.0 if rule.centred else math.pi * round(4 * turn) / 4 + 0.5 * (turn - 0.5),
        shift=(0.0, 0.0) if rule.centred else (4 * right, 4 * down),
        bend=0.0 if rule.centred or bend < 0.6 else 2 * (bend - 0.6) * wildness,
        fold=fold or own,
        petals=3 + petals % 6,
        smooth=flow < rule.smooth,
        look=Look(salt, a, b, c, d, wildness),
        paint=paint,
    )


@dataclass(frozen=True)
class Between:
    """A pattern on the way from one to another: 0 is the first, 1 the second."""

    first: Pattern
    second: Pattern
    share: float

    def ends(self) -> tuple[tuple[Pattern, float], tuple[Pattern, float]]:
        """Return both, laid over the picture in the same way, and the weight of each."""
        a, b, t = self.first, self.second, self.share

        def mixed(one: float, other: float) -> float:
            return (1 - t) * one + t * other

        def moved(pattern: Pattern) -> Pattern:
            return replace(
                pattern,
                across=math.exp(mixed(math.log(a.across), math.log(b.across))),
                angle=mixed(a.angle, b.angle),
                shift=(mixed(a.shift[0], b.shift[0]), mixed(a.shift[1], b.shift[1])),
                bend=mixed(a.bend, b.bend),
            )

        return (moved(a), 1 - t), (moved(b), t)


def drawn(
    wanted: Pattern | Between, palette: Palette, width: int, height: int
) -> npt.NDArray[np.uint8]:
    """Return the picture of a pattern, (height, width, 3)."""
    ends = wanted.ends() if isinstance(wanted, Between) else ((wanted, 1.0),)
    parts = [(each, weight) for each, weight in ends if weight]
    colours = from_oklab(sum(weight * _ramp(each, palette) for each, weight in parts))
    finer = 3 if max(width, height) <= _SMALL else 2
    short = min(width, height)
    # the shorter side reaches from −1 to 1
    columns = ((np.arange(width * finer) + 0.5) / finer - width / 2) * (2 / short)
    rows = ((np.arange(height * finer) + 0.5) / finer - height / 2) * (2 / short)
    picture = np.empty((height, width, 3), np.uint8)
    at_once = max(1, _POINTS // (width * finer * finer))
    for top in range(0, height, at_once):
        bottom = min(top + at_once, height)
        x, y = np.meshgrid(
            columns.astype(np.float32), rows[top * finer : bottom * finer].astype(np.float32)
        )
        tone = sum(np.float32(weight) * _tone(each, x, y) for each, weight in parts)
        fine = colours[(tone * np.float32(_RAMP - 1) + np.float32(0.5)).astype(np.intp)]
        blocks = fine.reshape(bottom - top, finer, width, finer, 3)
        picture[top:bottom] = (blocks.mean((1, 3), dtype=np.float32) + 0.5).astype(np.uint8)
    return picture


def _tone(pattern: Pattern, x: Grid, y: Grid) -> Grid:
    """Return the tones (0 … 1) at places of the picture."""
    x, y = _folded(x, y, pattern)
    cosine, sine = math.cos(pattern.angle), math.sin(pattern.angle)
    half = pattern.across / 2
    u = half * (cosine * x + sine * y) + pattern.shift[0]
    v = half * (cosine * y - sine * x) + pattern.shift[1]
    if pattern.bend:
        du = fractal(gradient_noise, u / 2, v / 2, pattern.look.salt + 7, 2)
        dv = fractal(gradient_noise, u / 2, v / 2, pattern.look.salt + 8, 2)
        u, v = u + pattern.bend * du, v + pattern.bend * dv
    return RULES[pattern.rule].tone(u, v, pattern.look)


def _folded(x: Grid, y: Grid, pattern: Pattern) -> tuple[Grid, Grid]:
    """Return places as a mirror or several show them."""
    if pattern.fold == "mirror":
        return np.abs(x), y
    if pattern.fold == "quarters":
        return np.abs(x), np.abs(y)
    if pattern.fold == "kaleidoscope":
        wedge = 2 * np.pi / pattern.petals
        angle = np.abs((np.arctan2(y, x) + np.pi / 2) % wedge - wedge / 2)
        radius = distance(x, y)
        return radius * np.cos(angle), radius * np.sin(angle)
    return x, y


def _ramp(pattern: Pattern, palette: Palette) -> Colours:
    """Return the colour of each tone in OKLab, (`_RAMP`, 3).

    A picture takes some of the palette's colours, frequent ones rather than rare ones. The
    darkest or the lightest comes first, where lines are drawn.
    """
    draw = np.random.default_rng(pattern.paint)
    available = int((palette.shares > 0).sum())
    count = min(available, int(draw.integers(3, 7)))
    chances = palette.shares / palette.shares.sum()
    chosen = draw.choice(len(chances), count, replace=False, p=chances)
    by_light = chosen[np.argsort(palette.colours[chosen, 0])]
    if draw.uniform() < 0.4:
        by_light = by_light[::-1]
    order = by_light if pattern.smooth else np.append(by_light[0], draw.permutation(by_light[1:]))
    colours, amounts = palette.colours[order], np.sqrt(chances[order])
    ends = np.cumsum(amounts / amounts.sum())
    tone = np.linspace(0, 1, _RAMP)
    if not pattern.smooth:
        return colours[np.searchsorted(ends[:-1], tone, side="right")]
    middles = ends - np.diff(ends, prepend=0) / 2
    return np.stack([np.interp(tone, middles, channel) for channel in colours.T], 1).astype(
        np.float32
    )
