"""Palettes, and the colour space in which colours are compared and mixed.

OKLab (Ottosson 2020) holds a lightness L in 0 … 1 and two hues a, b in about −0.3 … 0.3; equal
distances look about equally large, and a mixture of two colours looks like it lies between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.float32]

#: Linear sRGB → responses of the eye's cones, and their cube roots → OKLab.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(srgb: npt.ArrayLike) -> Colours:
    """Return sRGB colours (…, 3) in 0 … 1 as OKLab (…, 3)."""
    encoded = np.asarray(srgb, np.float64)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ CONES.T) @ LAB.T, np.float32)


def from_oklab(lab: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return OKLab colours (…, 3) as 8-bit sRGB (…, 3); colours beyond it are cut off."""
    linear = (np.asarray(lab, np.float64) @ np.linalg.inv(LAB).T) ** 3 @ np.linalg.inv(CONES).T
    linear = linear.clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (255 * encoded).round().astype(np.uint8)


#: Ground and ink of sample sets in other colours.
_GROUND, _INK = np.array((26, 51, 153)), np.array((255, 204, 102))


def orange_on_blue(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return grey pixels (…) as shades (…, 3) between two colours."""
    share = (pixels / 255.0)[..., None]
    shades: npt.NDArray[np.uint8] = np.round(_GROUND + (_INK - _GROUND) * share).astype(np.uint8)
    return shades


class Palette(NamedTuple):
    """Colours and how much of each there is.

    Attributes:
        colours: (K, 3) in OKLab.
        shares: (K,), adding up to 1.
    """

    colours: Colours
    shares: Colours


def _palette(*codes: str) -> Palette:
    values = [[int(code[place : place + 2], 16) / 255 for place in (0, 2, 4)] for code in codes]
    return Palette(to_oklab(values), np.full(len(codes), 1 / len(codes), np.float32))


#: Palettes by name. Each has dark and light colours, so that every pattern can be seen.
PALETTES: dict[str, Palette] = {
    "ink": _palette("16181d", "f4f1ea", "5b6470", "c9ccd1", "8d96a3"),
    "sunset": _palette("2b1b3d", "7a2e5d", "d1495b", "f08a4b", "ffc857", "fff1d0"),
    "ocean": _palette("05263b", "0b4f6c", "1b8a9e", "6fc7c9", "d8f1ee", "f2a65a"),
    "forest": _palette("17291f", "2f5d43", "6a994e", "a7c957", "f2e8cf", "bc4749"),
    "candy": _palette("4a1942", "e0457b", "ff8fab", "ffd6e0", "8fd6e1", "fdf6c9"),
    "earth": _palette("2d2019", "6b3e26", "a9683d", "d7a86e", "efdfc2", "4f6367"),
    "pastel": _palette("5f6f94", "b8c0ea", "ffc8c2", "fdf3c8", "bfe6cf", "e5c7ef"),
    "primary": _palette("1d1d1f", "d6322d", "f3c623", "1f57b5", "f5f0e3"),
    "neon": _palette("12082b", "4b1d8f", "ff2e88", "ff9f1c", "2de2e6", "f7f052"),
    "spice": _palette("3b0d11", "8c1c13", "bf4342", "e7a977", "f3dfc1", "2a7f62"),
}
