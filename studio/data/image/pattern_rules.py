"""The rules that patterns follow: each gives every place of a plane a tone.

A rule takes places (x, y), one unit being one element of the pattern, and returns tones in
0 … 1, which a palette turns into colours; tone 0 is the palette's line colour. What is drawn at
a place depends on the place alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.data.image.pattern_noise import (
    Grid,
    cells,
    distance,
    fractal,
    gradient_noise,
    hashed,
    value_noise,
)

_LINE = np.float32(0.0)  # the tone of lines


class Look(NamedTuple):
    """What differs between two patterns of one rule.

    Attributes:
        salt: What all hashed choices follow from.
        a, b, c, d: Numbers in 0 … 1 that each rule uses for its own measures.
        wildness: How irregular it is: 0 not at all, 1 as usual, at most 2.
    """

    salt: int
    a: float
    b: float
    c: float
    d: float
    wildness: float


def _tones(salt: int, count: int) -> Grid:
    """Return `count` tones, evenly spaced, in a random order."""
    order = np.random.default_rng(salt).permutation(count)
    return ((order + 0.5) / count).astype(np.float32)


def _chosen(number: Grid, salt: int, count: int) -> Grid:
    """Return one of `count` tones for each number in 0 … 1."""
    tone: Grid = _tones(salt, count)[np.minimum((number * count).astype(np.intp), count - 1)]
    return tone


def stripes(x: Grid, y: Grid, look: Look) -> Grid:
    """Bands of unequal width, over and over."""
    count = 3 + int(4 * look.a)
    widths = np.random.default_rng(look.salt).uniform(0.25, 1.0, count)
    edges = np.cumsum(widths / widths.sum())[:-1].astype(np.float32)
    place = x / (1 + count / 3) % 1
    tone: Grid = _tones(look.salt, count)[np.searchsorted(edges, place)]
    return tone


def checks(x: Grid, y: Grid, look: Look) -> Grid:
    """A chess board with inlays, or the crossing bands of a tartan."""
    if look.a < 0.4:
        even = (np.floor(x) + np.floor(y)) % 2 == 0
        inside = np.maximum(np.abs(x % 1 - 0.5), np.abs(y % 1 - 0.5)) < 0.15 + 0.2 * look.b
        tones = _tones(look.salt, 4)
        odd = tones[2 + (look.c < 0.5)]
        tone: Grid = np.where(even, np.where(inside, tones[0], tones[1]), odd)
        return tone
    across, down = stripes(x, y, look), stripes(y, x, look)
    return (across + down) / 2


def dots(x: Grid, y: Grid, look: Look) -> Grid:
    """Discs or rings in rows, of one size, of random sizes, or in waves of sizes."""
    row = np.floor(y)
    x = x + 0.5 * (row % 2) * (look.a < 0.6)
    column = np.floor(x)
    radius: Grid = np.full_like(x, 0.24 + 0.16 * look.b)
    if look.c > 0.7:
        radius = 0.12 + 0.34 * hashed(column, row, look.salt)
    elif look.c > 0.35:
        radius = 0.28 + 0.16 * np.sin(0.7 * (column + look.d * row))
    away = distance(x - column - 0.5, y - row - 0.5)
    tones = _tones(look.salt, 4)
    drawn = _chosen(hashed(column, row, look.salt + 1), look.salt + 1, 3)
    drawn = np.where(away < radius * (0.55 if look.d > 0.5 else 0), tones[1], drawn)
    tone: Grid = np.where(away < radius, drawn, tones[0])
    return tone


def waves(x: Grid, y: Grid, look: Look) -> Grid:
    """Waves from several sides that add up."""
    draw = np.random.default_rng(look.salt)
    total = np.zeros_like(x)
    for side in range(3):
        angle = np.pi / 3 * side + 0.6 * draw.uniform() * look.wildness
        pace, phase = draw.uniform(1.2, 2.4), draw.uniform(0, 2 * np.pi)
        total += np.sin(pace * (math.cos(angle) * x + math.sin(angle) * y) + phase)
    total += look.a * 2 * np.sin(2 * distance(x - draw.uniform(-3, 3), y - draw.uniform(-3, 3)))
    tone: Grid = np.abs((0.5 + look.b) * total % 2 - 1)
    return tone


def scales(x: Grid, y: Grid, look: Look) -> Grid:
    """Overlapping rows of rings, like fish scales or the Japanese wave pattern seigaiha."""
    rings = 3 + int(3 * look.a)
    tones = _tones(look.salt, rings)
    tone = np.full_like(x, np.nan)
    last = np.floor(4 * y) + 2  # rows are a quarter apart; the lowest that covers is on top
    for back in range(5):
        row = last - back
        column = np.floor(x + 0.5 * (row % 2))
        away = 2 * distance(x + 0.5 * (row % 2) - column - 0.5, y - row / 4)
        turn = (hashed(column, row, look.salt) * rings).astype(np.intp) * (look.b > 0.6)
        ring = (np.minimum(away, 0.999) * rings).astype(np.intp)
        on_line = away % (1 / rings) > (0.85 if look.c > 0.5 else 1) / rings
        drawn = np.where(on_line, _LINE, tones[(ring + turn) % rings])
        tone = np.where(np.isnan(tone) & (away < 1), drawn, tone)
    return np.nan_to_num(tone)


def tiles(x: Grid, y: Grid, look: Look) -> Grid:
    """Quarter rings on tiles that are turned at random (Truchet 1704, Smith 1987)."""
    column, row = np.floor(x), np.floor(y)
    turned = hashed(column, row, look.salt) < 0.5
    dx, dy = x - column, y - row
    dx = np.where(turned, 1 - dx, dx)
    corner = np.minimum(distance(dx, dy), distance(1 - dx, 1 - dy))
    inside = corner < 0.5
    # neighbours agree on their shared edge when the sides of the arcs alternate like a chess board
    side = inside ^ ((column + row) % 2 == 0) ^ turned
    tones = _tones(look.salt, 4)
    ground = np.where(side, tones[0], tones[1])
    away = np.abs(corner - 0.5)
    tone: Grid
    if look.a > 0.55:  # several tracks instead of one line
        tone = np.where(away % 0.2 < 0.1, np.where(away < 0.1, tones[2], tones[3]), ground)
    else:
        tone = np.where(away < 0.05 + 0.1 * look.b, tones[2] if look.c > 0.5 else _LINE, ground)
    return tone


def mosaic(x: Grid, y: Grid, look: Look) -> Grid:
    """The Voronoi cells of scattered points, with joints or shaded like pebbles."""
    disorder = min(1.0, (0.35 + 0.65 * look.a) * look.wildness)
    found = cells(x, y, look.salt, disorder)
    tone = _chosen(found.owner, look.salt, 6)
    if look.b > 0.75:
        tone = np.clip(tone * 0.6 + 0.4 * (1 - 1.4 * found.nearest), 0, 1)
    joint = 0.0 if look.c < 0.2 else 0.03 + 0.12 * look.d
    return np.where(found.border < joint, _LINE, tone)


def mandala(x: Grid, y: Grid, look: Look) -> Grid:
    """Layers of petals around a centre."""
    draw = np.random.default_rng(look.salt)
    radius, angle = distance(x, y), np.arctan2(y, x)
    petals = 5 + int(8 * look.a)
    layers = 6 + int(6 * look.b)
    tones = (draw.permutation(layers + 1) / (layers + 1)).tolist()
    tone = np.full_like(x, tones[layers])
    outline = 0.012 + 0.02 * look.c
    for layer in range(layers, 0, -1):  # the outermost first, each inner one covers it
        reach = 1.3 * layer / layers
        times = petals * (2 if draw.uniform() < 0.4 else 1)
        turn = np.pi * int(draw.integers(2))
        sharp = float(draw.choice([0.5, 1.0, 2.0]))
        depth = float(draw.choice([0.0, 0.25, 0.45])) * min(1.0, look.wildness)
        wave = np.abs(np.cos((times * angle + turn) / 2)) ** sharp
        edge = reach * (1 - depth * (1 - wave))
        tone = np.where(radius < edge, _LINE, tone)
        tone = np.where(radius < edge - outline, tones[layer - 1], tone)
    return tone


#: Rules of elementary automata that draw something worth seeing (Wolfram 1983).
_AUTOMATA = (18, 22, 30, 45, 54, 60, 73, 75, 90, 105, 110, 126, 135, 150, 182)
_FROM_ONE = (18, 22, 30, 45, 54, 73, 75, 90, 105, 126, 135, 150, 182)  # also from a single cell
_SIDE = 128  # cells along each side of an automaton's grown grid


@lru_cache(maxsize=16)
def _grown(salt: int) -> Grid:
    """Return the tones of a grown automaton, (`_SIDE`, `_SIDE`): one row per generation."""
    draw = np.random.default_rng(salt)
    rule = int(draw.choice(_AUTOMATA))
    row = draw.uniform(size=_SIDE) < 0.5
    if rule in _FROM_ONE and draw.uniform() < 0.7:
        row = np.arange(_SIDE) == _SIDE // 2
    seen = np.zeros((_SIDE, _SIDE), np.intp)
    for generation in range(_SIDE):
        # the cell and its two neighbours, as a number in 0 … 7, choose a bit of the rule
        seen[generation] = 4 * np.roll(row, 1) + 2 * row + np.roll(row, -1)
        row = (rule >> seen[generation]) & 1 == 1
    tones: Grid = _tones(salt, 4)[[0, 1, 1, 2, 1, 3, 2, 3]]
    return tones[seen]


def automaton(x: Grid, y: Grid, look: Look) -> Grid:
    """The generations of a row of cells that live and die by the state of their neighbours."""
    across = 24 + int(40 * look.a)
    column = np.floor(across / 2 * x).astype(np.intp) + _SIDE // 2
    row = np.floor(across / 2 * (y + 1)).astype(np.intp)  # the first generation is at the top
    tone: Grid = _grown(look.salt)[row % _SIDE, column % _SIDE]
    return tone


def shapes(x: Grid, y: Grid, look: Look) -> Grid:
    """Discs, rings, squares and triangles, scattered."""
    column, row = np.floor(x), np.floor(y)
    tone = np.full_like(x, _tones(look.salt, 5)[0])
    for j in (-1, 0, 1):
        for i in (-1, 0, 1):
            c, r = column + i, row + j
            of = [hashed(c, r, look.salt + number) for number in range(6)]
            spread = 0.8 * min(1.0, look.wildness)
            dx = x - c - 0.5 - spread * (of[0] - 0.5)
            dy = y - r - 0.5 - spread * (of[1] - 0.5)
            covered = _covered(dx, dy, 0.22 + 0.24 * of[2], 2 * np.pi * of[3], of[4])
            tone = np.where(covered, _chosen(of[5], look.salt, 5), tone)
    return tone


def _covered(dx: Grid, dy: Grid, radius: Grid, angle: Grid, kind: Grid) -> npt.NDArray[np.bool_]:
    """Tell which places a shape covers; `kind` in 0 … 1 says which shape it is."""
    away = distance(dx, dy)
    u, v = np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx
    square = np.maximum(np.abs(u), np.abs(v)) < 0.8 * radius
    # half-planes at 120°: inside an equilateral triangle all three are below half the radius
    height = np.maximum(-v, np.abs(u) * (3**0.5 / 2) + v / 2)
    return np.where(
        kind < 0.5,
        (away < radius) & ((kind < 0.3) | (away > 0.6 * radius)),
        np.where(kind < 0.75, square, height < 0.55 * radius),
    )


def clouds(x: Grid, y: Grid, look: Look) -> Grid:
    """Fractal noise: clouds, camouflage, or the height lines of a map."""
    noise = value_noise if look.a < 0.4 else gradient_noise
    height = fractal(noise, x / 2, y / 2, look.salt, 2 + int(4 * look.b))
    if look.c > 0.7:
        height = 0.8 - 2 * np.abs(height)  # ridges
    return _even(height / 0.4)


def marble(x: Grid, y: Grid, look: Look) -> Grid:
    """Fractal noise at places that fractal noise has moved (Quilez 2002): veins and swirls."""
    x, y = x / 3, y / 3
    reach = (0.5 + look.a) * look.wildness
    dx = fractal(gradient_noise, x, y, look.salt, 2)
    dy = fractal(gradient_noise, x, y, look.salt + 50, 2)
    height = fractal(gradient_noise, x + reach * dx, y + reach * dy, look.salt + 90, 3)
    return _even(height / 0.4) if look.b < 0.4 else np.abs(height * 4 % 2 - 1)


def _even(height: Grid) -> Grid:
    """Spread heights of about N(0, 1) evenly over 0 … 1: Φ(z) ≈ 1 / (1 + e^(−1.702 z))."""
    tone: Grid = 1 / (1 + np.exp(-1.702 * height))
    return tone


class Rule(NamedTuple):
    """A rule and how it likes to be used.

    Attributes:
        words: What it draws, for captions.
        across: Elements across a picture, at least and at most.
        smooth: Share of the pictures whose colours flow into each other.
        centred: Whether it stands upright in the middle instead of anywhere.
    """

    tone: Callable[[Grid, Grid, Look], Grid]
    words: str
    across: tuple[float, float] = (3, 8)
    smooth: float = 0.0
    centred: bool = False


RULES: dict[str, Rule] = {
    "stripes": Rule(stripes, "stripes", (4, 10)),
    "checks": Rule(checks, "checks", (4, 9)),
    "dots": Rule(dots, "dots", (4, 9)),
    "waves": Rule(waves, "waves", (5, 12), smooth=0.5),
    "scales": Rule(scales, "scales", (2, 5)),
    "tiles": Rule(tiles, "tiles", (4, 9)),
    "mosaic": Rule(mosaic, "a mosaic", (4, 9), smooth=0.15),
    "mandala": Rule(mandala, "a mandala", (2, 2), centred=True),
    "automaton": Rule(automaton, "an automaton", (2, 2), centred=True),
    "shapes": Rule(shapes, "shapes", (3, 6)),
    "clouds": Rule(clouds, "clouds", (3, 8), smooth=0.5),
    "marble": Rule(marble, "marble", (3, 7), smooth=0.7),
}
