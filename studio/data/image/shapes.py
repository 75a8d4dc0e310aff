"""Coloured shapes, drawn rather than collected: a sample set with labels and captions."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from studio.data.image.picture import encode_png

COUNT = 2000
SIDE = 64  # pixels
_FINER = 3  # drawn this much larger, then averaged down, for smooth edges

KINDS = ("circle", "ring", "square", "star", "triangle")
_COLOURS = {
    "red": (222, 62, 62),
    "orange": (240, 146, 52),
    "yellow": (240, 208, 66),
    "green": (66, 178, 98),
    "blue": (66, 110, 226),
    "purple": (148, 86, 206),
    "pink": (236, 120, 178),
    "white": (240, 240, 240),
}
_GROUNDS = {"dark": (26, 30, 40), "grey": (104, 110, 122), "brown": (92, 66, 48)}
_PAPER, _PEN = (250, 248, 242), (34, 36, 44)
_RING = 0.4  # width of a ring, as a share of its radius
_SIZES = {"small": 0.19, "medium": 0.28, "large": 0.38}  # radius as a share of the side


class Shape(NamedTuple):
    """What a picture shows. `x`, `y` and `radius` as shares of the side, `angle` in radians."""

    kind: str
    colour: str
    ground: str
    size: str
    radius: float
    x: float
    y: float
    angle: float
    light: float

    @property
    def caption(self) -> str:
        """One sentence that says what is seen."""
        return f"a {self.size} {self.colour} {self.kind} on a {self.ground} background"


def shape(index: int) -> Shape:
    """Return the shape of a picture: always the same for an index."""
    draw = np.random.default_rng(index)
    size = str(draw.choice(list(_SIZES)))
    radius = _SIZES[size] * draw.uniform(0.9, 1.1)
    x, y = draw.uniform(radius + 0.02, 0.98 - radius, 2)
    return Shape(
        kind=KINDS[index % len(KINDS)],
        colour=str(draw.choice(list(_COLOURS))),
        ground=str(draw.choice(list(_GROUNDS))),
        size=size,
        radius=float(radius),
        x=float(x),
        y=float(y),
        angle=float(draw.uniform(0, 2 * math.pi)),
        light=float(draw.uniform(0.85, 1.1)),
    )


def drawn(shape: Shape) -> bytes:
    """Return the picture of a shape as a PNG file."""
    side = SIDE * _FINER
    image = Image.new("RGB", (side, side), _lit(_GROUNDS[shape.ground], shape.light))
    pen = ImageDraw.Draw(image)
    fill = _lit(_COLOURS[shape.colour], shape.light)
    x, y, radius = (value * side for value in (shape.x, shape.y, shape.radius))
    box = _box(x, y, radius)
    if shape.kind == "circle":
        pen.ellipse(box, fill=fill)
    elif shape.kind == "ring":
        pen.ellipse(box, outline=fill, width=round(radius * _RING))
    else:
        pen.polygon(_corners(shape.kind, x, y, radius, shape.angle), fill=fill)
    return encode_png(image.reduce(_FINER))


def outlined(shape: Shape) -> bytes:
    """Return the outline of a shape, dark on white, as a PNG file."""
    side = SIDE * _FINER
    image = Image.new("RGB", (side, side), _PAPER)
    pen = ImageDraw.Draw(image)
    x, y, radius = (value * side for value in (shape.x, shape.y, shape.radius))
    width = 2 * _FINER
    if shape.kind in ("circle", "ring"):
        pen.ellipse(_box(x, y, radius), outline=_PEN, width=width)
        if shape.kind == "ring":
            pen.ellipse(_box(x, y, radius * (1 - _RING)), outline=_PEN, width=width)
    else:
        corners = _corners(shape.kind, x, y, radius, shape.angle)
        pen.line([*corners, *corners[:2]], fill=_PEN, width=width, joint="curve")
    return encode_png(image.reduce(_FINER))


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def _corners(
    kind: str, x: float, y: float, radius: float, angle: float
) -> list[tuple[float, float]]:
    """Return the corners of a polygon around (x, y), in pixels."""
    count, radii = {
        "triangle": (3, (1.0,)),
        "square": (4, (1.0,)),
        "star": (10, (1.0, 0.45)),
    }[kind]
    return [
        (
            x + radius * radii[i % len(radii)] * math.cos(angle + 2 * math.pi * i / count),
            y + radius * radii[i % len(radii)] * math.sin(angle + 2 * math.pi * i / count),
        )
        for i in range(count)
    ]


def _lit(colour: tuple[int, int, int], light: float) -> tuple[int, int, int]:
    """Return a colour under more or less light."""
    red, green, blue = (min(255, round(value * light)) for value in colour)
    return (red, green, blue)
