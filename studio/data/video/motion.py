"""Moving pictures drawn by rules: each seed its own, at any size and length.

A motion says which rule draws (`motion_rules.py`), how fast, and in which colours of a palette.
Time is counted in turns: after one turn everything is where it was. A clip that loops shows whole
turns, so that its last frame leads back to its first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.data.image.pattern_colours import Palette, from_oklab
from studio.data.video.motion_rules import MOTIONS, Scene

#: Frames that a motion of usual speed takes for one turn.
TURN = 32
_POINTS = 1 << 20  # places of all frames that are drawn at once


@dataclass(frozen=True)
class Motion:
    """One motion.

    Attributes:
        rule: Name of its rule, one of `MOTIONS`.
        pace: Turns in `TURN` frames.
        begin: Where in its turn it begins.
        look: Seed of what its rule leaves open: places, sizes, shapes.
        paint: Seed of the choice of colours.
    """

    rule: str
    pace: float
    begin: float
    look: int
    paint: int


def motion(seed: int, *, rules: Sequence[str] = tuple(MOTIONS), speed: float = 1.0) -> Motion:
    """Return the motion of a seed. What is set changes nothing else about it.

    Args:
        rules: The rules to choose from.
        speed: How much faster than usual.
    """
    draw = np.random.default_rng(seed)
    chance, pace, begin = draw.uniform(size=3).tolist()
    look, paint = (int(number) for number in draw.integers(2**31, size=2))
    return Motion(
        rule=rules[int(chance * len(rules))],
        pace=(0.75 + 0.5 * pace) * speed,
        begin=begin,
        look=look,
        paint=paint,
    )


def drawn(
    wanted: Motion,
    palette: Palette,
    frames: int,
    width: int,
    height: int,
    *,
    loop: bool = False,
) -> npt.NDArray[np.uint8]:
    """Return the clip of a motion, (frames, height, width, 3).

    Args:
        loop: Whether the last frame leads back to the first: then it goes as many whole turns as
            come closest to its pace, one at least.
    """
    turns = wanted.pace * frames / TURN
    if loop:
        turns = max(1, round(turns))
    time = (wanted.begin + turns * np.arange(frames) / frames).astype(np.float32)
    short = min(width, height)
    # the shorter side reaches from −1 to 1
    x = ((np.arange(width, dtype=np.float32) + 0.5) - width / 2) * (2 / short)
    y = ((np.arange(height, dtype=np.float32) + 0.5) - height / 2) * (2 / short)
    colours = _colours(wanted, palette)
    clip = np.empty((frames, height, width, 3), np.uint8)
    at_once = max(1, _POINTS // (width * height))
    for first in range(0, frames, at_once):
        scene = Scene(
            time=time[first : first + at_once, None, None],
            x=x[None, None, :],
            y=y[None, :, None],
            wide=width / short,
            high=height / short,
            draw=np.random.default_rng(wanted.look),  # anew for each part: it must decide alike
        )
        clip[first : first + at_once] = _painted(wanted.rule, scene, colours)
    return clip


def _painted(rule: str, scene: Scene, colours: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return frames with a rule's layers one over the other, the first colour behind all."""
    planes = colours[:, :, None, None, None]  # three of them: numpy is slow along an axis of three
    canvas = np.empty((3, len(scene.time), scene.y.shape[1], scene.x.shape[2]), np.float32)
    canvas[...] = planes[0]
    for cover, colour in MOTIONS[rule].layers(scene):
        canvas += cover * (planes[1 + colour % (len(planes) - 1)] - canvas)
    return np.moveaxis((canvas + 0.5).astype(np.uint8), 0, -1)


def _colours(wanted: Motion, palette: Palette) -> npt.NDArray[np.float32]:
    """Return sRGB colours (K, 3) in 0 … 255, at least two: the ground, then those that move.

    The ground is the darkest or the lightest, the others follow from far to near to it, so that
    what moves can be seen.
    """
    draw = np.random.default_rng(wanted.paint)
    available = np.flatnonzero(palette.shares > 0)
    several = palette.colours[available]
    light = several[:, 0]
    ground = several[light.argmin() if draw.uniform() < 0.7 else light.argmax()]
    away = ((several - ground) ** 2).sum(1)
    order = np.argsort(-away, kind="stable")
    others = several[order[:-1]] if len(several) > 1 else 1 - several
    if len(others) > 2:  # the two that stand out most come first, in any order
        others = np.concatenate([draw.permutation(others[:2]), others[2:]])
    return from_oklab(np.concatenate([ground[None], others])).astype(np.float32)
