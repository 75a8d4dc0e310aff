"""Random numbers at places of a plane: hashed lattices, value and gradient noise, cells.

Everything is a function of the place and a salt alone, so a picture can be drawn at any size and
in any number of parts. Places are arrays of float32, in units of the lattice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

#: Floating-point numbers at places; float32 all the way, which NumPy's types cannot say.
Grid = npt.NDArray[np.floating[Any]]
Noise = Callable[[Grid, Grid, int], Grid]

_CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))
_TURNS = 256  # directions that gradient noise knows
_SLOPES = np.sqrt(2) * np.exp(2j * np.pi * np.arange(_TURNS) / _TURNS)
_SLOPES_X, _SLOPES_Y = _SLOPES.real.astype(np.float32), _SLOPES.imag.astype(np.float32)
_AROUND = [(i, j) for j in (-1, 0, 1) for i in (-1, 0, 1)]


def _bits(column: Grid, row: Grid, salt: int) -> npt.NDArray[np.uint32]:
    """Return 32 random bits for each point (column, row) of the lattice.

    The finaliser of MurmurHash3 (Appleby 2011) over a linear mix of the coordinates.
    """
    mixed = column.astype(np.int32).view(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= row.astype(np.int32).view(np.uint32) * np.uint32(0x27D4EB2F)
    mixed ^= np.uint32(salt & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed ^= mixed >> np.uint32(shift)
        mixed *= np.uint32(factor)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def hashed(column: Grid, row: Grid, salt: int) -> Grid:
    """Return a number in 0 … 1 for each point (column, row) of the lattice."""
    found: Grid = (_bits(column, row, salt) >> np.uint32(8)).astype(np.float32) * 2.0**-24
    return found


def value_noise(x: Grid, y: Grid, salt: int) -> Grid:
    """Return smooth noise in −1 … 1: random values on the lattice, blended in between."""
    return _blended(x, y, lambda i, j, _x, _y: 2 * hashed(i, j, salt) - 1)


def gradient_noise(x: Grid, y: Grid, salt: int) -> Grid:
    """Return smooth noise in about −1 … 1: random slopes on the lattice (Perlin 1985, 2002)."""

    def slope(i: Grid, j: Grid, dx: Grid, dy: Grid) -> Grid:
        turn = _bits(i, j, salt) % np.uint32(_TURNS)
        height: Grid = _SLOPES_X[turn] * dx + _SLOPES_Y[turn] * dy
        return height

    return _blended(x, y, slope)


def _blended(x: Grid, y: Grid, at: Callable[[Grid, Grid, Grid, Grid], Grid]) -> Grid:
    """Blend what the four corners of a place's cell say, by the fade 6t⁵ − 15t⁴ + 10t³."""
    column, row = np.floor(x), np.floor(y)
    dx, dy = x - column, y - row
    fade_x, fade_y = (t * t * t * (t * (6 * t - 15) + 10) for t in (dx, dy))
    total = np.zeros_like(x)
    for i, j in _CORNERS:
        weight = (fade_x if i else 1 - fade_x) * (fade_y if j else 1 - fade_y)
        total += weight * at(column + i, row + j, dx - i, dy - j)
    return total


def fractal(noise: Noise, x: Grid, y: Grid, salt: int, octaves: int) -> Grid:
    """Return Σₖ 2⁻ᵏ noise(2ᵏ x), fractional Brownian motion (Mandelbrot & Van Ness 1968)."""
    total = np.zeros_like(x)
    for octave in range(octaves):
        zoom = np.float32(2**octave)
        # shifted, so that the octaves' lattices do not share their zeros
        total += noise(zoom * x + 17 * octave, zoom * y - 31 * octave, salt + octave) / zoom
    return total


def distance(dx: Grid, dy: Grid) -> Grid:
    """Return √(dx² + dy²); `numpy.hypot` takes several times as long."""
    return np.sqrt(dx * dx + dy * dy)


class Cells(NamedTuple):
    """What cellular noise finds (Worley 1996).

    Attributes:
        nearest: Distance to the nearest point.
        border: How much farther the second nearest is; 0 on the border of two cells.
        owner: A number in 0 … 1 that belongs to the nearest point.
    """

    nearest: Grid
    border: Grid
    owner: Grid


def cells(x: Grid, y: Grid, salt: int, disorder: float) -> Cells:
    """Return the Voronoi cells of a lattice whose points are moved by `disorder` (0 … 1)."""
    column, row = np.floor(x), np.floor(y)
    first = np.full_like(x, np.inf)
    second = first.copy()
    owner = np.zeros_like(x)
    for i, j in _AROUND:
        c, r = column + i, row + j
        px = c + 0.5 + disorder * (hashed(c, r, salt) - 0.5)
        py = r + 0.5 + disorder * (hashed(c, r, salt + 1) - 0.5)
        away = distance(x - px, y - py)
        nearer = away < first
        second = np.where(nearer, first, np.minimum(second, away))
        owner = np.where(nearer, hashed(c, r, salt + 2), owner)
        first = np.where(nearer, away, first)
    return Cells(first, second - first, owner)
