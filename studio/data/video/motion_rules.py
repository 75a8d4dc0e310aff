"""The rules of motion: what moves where, as layers that are painted one over the other.

A rule is told the time in turns and yields layers: how much of each pixel is covered (0 … 1, smooth
at edges) and which colour it has. Everything is where it was after a whole turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.float32]

#: How much of each pixel (T, H, W) is covered, and the number of the colour.
Layer = tuple[Grid, int]


@dataclass(frozen=True)
class Scene:
    """Where and when something is drawn; the shorter side of the frame is −1 … 1.

    Attributes:
        time: (T, 1, 1) in turns.
        x, y: (1, 1, W) and (1, H, 1), y downwards.
        wide, high: How far the frame reaches to each side.
        draw: Decides what the rule leaves open.
    """

    time: Grid
    x: Grid
    y: Grid
    wide: float
    high: float
    draw: np.random.Generator

    @property
    def pixel(self) -> float:
        """The side of a pixel."""
        return 2 * self.high / int(self.y.shape[1])

    def cover(self, distance: Grid) -> Grid:
        """Return how much of pixels is covered whose middle is so far outside of an edge."""
        return np.asarray(np.clip(0.5 - distance / np.float32(self.pixel), 0, 1), np.float32)

    def between(self, least: float, most: float) -> float:
        """Draw a number."""
        return float(self.draw.uniform(least, most))

    def one_of(self, *numbers: int) -> int:
        """Draw one of several numbers."""
        return int(numbers[int(self.draw.uniform() * len(numbers))])


class Rule(NamedTuple):
    """A rule: what it says of itself in a caption, and its layers."""

    words: str
    layers: Callable[[Scene], Iterator[Layer]]


# -------------------------------------------------------------------------------------- shapes


def _shape(kind: int, u: Grid, v: Grid, radius: float | Grid, turn: float | Grid = 0.0) -> Grid:
    """Return how far places (u, v) from the middle of a shape are outside of it.

    Args:
        kind: 0 disc, 1 ring, 2 flower, from 3 on the corners of a regular polygon.
        turn: How far it is turned, in radians.
    """
    rho = np.hypot(u, v)
    if kind == 0:
        return np.asarray(rho - radius, np.float32)
    if kind == 1:
        return np.asarray(np.abs(rho - 0.72 * radius) - 0.28 * radius, np.float32)
    angle = np.arctan2(v, u) - turn
    if kind == 2:
        return np.asarray(rho - radius * (0.75 + 0.25 * np.cos(5 * angle)), np.float32)
    wedge = 2 * math.pi / kind
    side = rho * np.cos((angle + wedge / 2) % wedge - wedge / 2)
    return np.asarray(side - radius * math.cos(wedge / 2), np.float32)


_KINDS = (0, 1, 2, 3, 4, 5, 6)


def _there_and_back(turns: Grid) -> Grid:
    """Return a triangular wave: −1 at 0, 1 at half a turn, and back."""
    return np.asarray(1 - np.abs(4 * (turns % 1) - 2), np.float32)


def _wave(turns: Grid) -> Grid:
    return np.asarray(np.sin(2 * np.pi * turns), np.float32)


# --------------------------------------------------------------------------------------- rules


def _bounce(scene: Scene) -> Iterator[Layer]:
    """Shapes that run straight and bounce off the frame."""
    for number in range(scene.one_of(1, 1, 2, 3)):
        radius = scene.between(0.16, 0.34)
        across, down = scene.draw.permutation([1, scene.one_of(1, 2)]).tolist()
        x = _there_and_back(across * scene.time + scene.between(0, 1)) * (scene.wide - radius)
        y = _there_and_back(down * scene.time + scene.between(0, 1)) * (scene.high - radius)
        kind = scene.one_of(*_KINDS)
        yield scene.cover(_shape(kind, scene.x - x, scene.y - y, radius)), number


def _orbit(scene: Scene) -> Iterator[Layer]:
    """Planets around a sun, the outer ones slower."""
    yield scene.cover(_shape(0, scene.x, scene.y, scene.between(0.14, 0.24))), 0
    way = scene.one_of(-1, 1)
    far = 0.36
    for number, turns in enumerate((3, 2, 1)[-scene.one_of(1, 2, 3) :], 1):
        far = far + scene.between(0.06, 0.12)
        angle = 2 * np.pi * (way * turns * scene.time + scene.between(0, 1))
        radius = scene.between(0.07, 0.13)
        u, v = scene.x - far * np.cos(angle), scene.y - far * np.sin(angle)
        yield scene.cover(_shape(0, u, v, radius)), number
        far += radius


def _spin(scene: Scene) -> Iterator[Layer]:
    """A shape that turns in place, and a smaller one on it that turns the other way."""
    angle = 2 * np.pi * scene.one_of(-1, 1) * scene.time
    x, y = scene.between(-0.15, 0.15), scene.between(-0.15, 0.15)
    radius = scene.between(0.55, 0.8)
    outer, inner = scene.one_of(2, 3, 4, 5), scene.one_of(3, 4, 5)
    yield scene.cover(_shape(outer, scene.x - x, scene.y - y, radius, angle)), 0
    small = radius * scene.between(0.35, 0.5)
    yield scene.cover(_shape(inner, scene.x - x, scene.y - y, small, -angle)), 1


def _swing(scene: Scene) -> Iterator[Layer]:
    """Pendulums that hang from the upper edge, each a little later than the one before."""
    count = scene.one_of(1, 2, 3)
    lag = scene.between(0.05, 0.2)
    widest, long = scene.between(0.35, 0.75), scene.between(1.1, 1.5)
    kind = scene.one_of(0, 4, 6)
    for number in range(count):
        middle = scene.wide * 0.9 * ((number + 0.5) / count * 2 - 1)
        angle = widest / count**0.5 * _wave(scene.time - lag * number)
        u, v = scene.x - middle, scene.y + scene.high
        # along the rod and beside it
        along = u * np.sin(angle) + v * np.cos(angle)
        beside = u * np.cos(angle) - v * np.sin(angle)
        rod = np.maximum(np.abs(beside) - 0.025, along - long)
        yield scene.cover(rod), 2
        radius = 0.3 / count**0.5
        yield scene.cover(_shape(kind, beside, along - long, radius, math.pi / 4)), number % 2


def _pulse(scene: Scene) -> Iterator[Layer]:
    """Rings that grow out of a point and fade into each other."""
    x, y = scene.between(-0.4, 0.4), scene.between(-0.4, 0.4)
    kind = scene.one_of(0, 0, 4, 6)
    wide = scene.between(0.45, 0.75)
    from_middle = _shape(kind, scene.x - x, scene.y - y, 0.0) / np.float32(wide)
    for number in range(2):
        place = (from_middle - scene.time + 0.5 * number) % 1
        # a band of a third of the distance from ring to ring
        yield scene.cover((np.abs(place - 0.5) - 0.16) * np.float32(wide)), number


def _waves(scene: Scene) -> Iterator[Layer]:
    """Swells that roll at several speeds, the nearer the faster."""
    way = scene.one_of(-1, 1)
    level = scene.between(-0.5, -0.2)
    for number in range(3):
        high, often = scene.between(0.06, 0.16), scene.between(0.4, 0.9)
        phase = scene.x * often + way * (number + 1) * scene.time + scene.between(0, 1)
        yield scene.cover(level + high * _wave(phase) - scene.y), number
        level += scene.between(0.25, 0.4)


def _rain(scene: Scene) -> Iterator[Layer]:
    """Drops or flakes that fall through the frame, the large ones faster."""
    lean = scene.between(-0.3, 0.3)
    flakes = scene.draw.uniform() < 0.5
    for number in range(14):
        near = scene.one_of(1, 2)
        radius = (0.05 if flakes else 0.035) * (near + 1)
        # a drop has left the frame wholly before it enters again
        reach = scene.high + 3 * radius
        y = 2 * reach * ((near * scene.time + scene.between(0, 1)) % 1) - reach
        x = scene.between(-1.3, 1.3) * scene.wide + lean * y
        u, v = scene.x - x, scene.y - y
        slim = u - lean * v
        distance = np.hypot(u, v) if flakes else np.hypot(2.2 * slim, 0.55 * v)
        yield scene.cover(distance - np.float32(radius)), number % 2 + (near == 1)


def _fountain(scene: Scene) -> Iterator[Layer]:
    """Sparks that fly up, slow down and fall: each on a parabola of its own."""
    middle = scene.between(-0.3, 0.3)
    gravity = scene.between(9, 12)
    for number in range(14):
        age = (scene.time + scene.between(0, 1)) % 1
        aside = scene.between(-0.9, 0.9)
        up = gravity * scene.between(0.42, 0.52)
        x = middle + aside * age
        y = scene.high + 0.15 - up * age + 0.5 * gravity * age**2
        radius = scene.between(0.06, 0.11) * (1 - 0.5 * age)
        yield scene.cover(np.hypot(scene.x - x, scene.y - y) - radius), number % 3


def _kaleidoscope(scene: Scene) -> Iterator[Layer]:
    """Shapes that wander through a corner of mirrors."""
    mirrors = scene.one_of(3, 4, 5, 6, 8)
    wedge = 2 * math.pi / mirrors
    rho = np.hypot(scene.x, scene.y)
    angle = np.arctan2(scene.y, scene.x) + 2 * np.pi / mirrors * scene.time
    folded = np.abs(angle % wedge - wedge / 2)
    u, v = rho * np.cos(folded), rho * np.sin(folded)
    for number in range(5):
        out, kind = 0.25 + 0.2 * number, scene.one_of(*_KINDS)
        x = out + 0.14 * _wave(scene.time + scene.between(0, 1))
        y = 0.12 + 0.12 * _wave(scene.one_of(1, 2) * scene.time + scene.between(0, 1))
        radius = scene.between(0.14, 0.24)
        turn = 2 * np.pi * scene.one_of(-1, 1) * scene.time
        yield scene.cover(_shape(kind, u - x, v - y, radius, turn)), number


def _parallax(scene: Scene) -> Iterator[Layer]:
    """Hills that pass by, the nearer the faster, and a sun that stays."""
    radius = scene.between(0.2, 0.3)
    sun = _shape(0, scene.x - scene.between(-0.5, 0.5), scene.y + 0.45, radius)
    yield scene.cover(sun), 0
    way = scene.one_of(-1, 1)
    for number in range(3):
        # all waves are even, so hills look the same again after half a period
        period = 4.0 * scene.wide
        place = scene.x / period + way * (number + 1) / 2 * scene.time
        high = np.full_like(place, 0.05 + 0.3 * number)
        for often in (2, 4, 6):
            part = scene.between(0.04, 0.14) / often**0.5
            high += part * _wave(np.asarray(often * place + scene.between(0, 1), np.float32))
        yield scene.cover(high - scene.y), number + 1


def _tunnel(scene: Scene) -> Iterator[Layer]:
    """Frames within frames that come nearer or go away."""
    kind = scene.one_of(0, 3, 4, 6)
    way = scene.one_of(-1, 1)
    rho = np.maximum(_shape(kind, scene.x, scene.y, 0.0), 1e-3)
    grown = np.log2(rho)  # twice as large is one ring further
    for number in range(2):
        place = (grown - way * scene.time + 0.5 * number) % 1
        # in pixels, since rings get narrow near the middle
        edge = (np.abs(place - 0.5) - 0.14) * rho * math.log(2)
        yield scene.cover(edge), number


#: All rules by name.
MOTIONS: dict[str, Rule] = {
    "bounce": Rule("shapes that bounce off the edges", _bounce),
    "orbit": Rule("planets around a sun", _orbit),
    "spin": Rule("a spinning shape", _spin),
    "swing": Rule("swinging pendulums", _swing),
    "pulse": Rule("growing rings", _pulse),
    "waves": Rule("rolling waves", _waves),
    "rain": Rule("falling rain or snow", _rain),
    "fountain": Rule("a fountain of sparks", _fountain),
    "kaleidoscope": Rule("a kaleidoscope", _kaleidoscope),
    "parallax": Rule("hills that pass by", _parallax),
    "tunnel": Rule("a flight through a tunnel", _tunnel),
}
