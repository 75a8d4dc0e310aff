"""Which damage a restoration run repairs, and how its training pictures are spoiled."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.families.base import noise
from studio.families.image.degradations import (
    HOLE_NUMBERS,
    add_noise,
    blur,
    fill,
    holes,
    jpeg,
    shrink,
)
from studio.families.image.restore_recipe import RestoreRecipe

#: The mildest damage, as a share of the strongest.
MILDEST = 0.2
#: What stands in the guide for "find out yourself how bad it is".
UNKNOWN = -1.0
_NO_DAMAGE = 100  # JPEG quality


@dataclass(frozen=True)
class Draws:
    """Random numbers that decide how pictures are spoiled, one row for each.

    Attributes:
        strength: (B,) how bad, up to 1 for as bad as the recipe allows.
        known: (B,) whether the network is told how bad.
        places: (B, Damage.numbers) uniform in 0 … 1.
        normal: Standard normal, of the pictures' shape where `Damage.noisy`, else (B, 0).
    """

    strength: Tensor
    known: Tensor
    places: Tensor
    normal: Tensor


@dataclass(frozen=True)
class Damaged:
    """Spoiled pictures.

    Attributes:
        pictures: (B, C, h, w) in −1 … 1.
        guide: (B, 1, h, w), what the network is told of them; None where it is told nothing.
    """

    pictures: Tensor
    guide: Tensor | None = None


class Damage(ABC):
    """One way to spoil pictures.

    Class attributes:
        scale: How many times smaller spoiled pictures are.
        guide: What the network is told: nothing, how bad it is ("level") or where ("mask").
        numbers: Uniform numbers that a picture takes.
        noisy: Whether it takes a normal number for each value too.
    """

    scale: int = 1
    guide: str = ""
    numbers: int = 0
    noisy: bool = False

    def __init__(self, recipe: RestoreRecipe) -> None:
        self.recipe = recipe

    @abstractmethod
    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Spoil pictures (B, C, H, W) in −1 … 1."""

    def draw(self, clean: Tensor) -> Draws:
        """Draw numbers for a training step from torch's global generator."""
        count, device = len(clean), clean.device
        strength = torch.rand(count, device=device)
        if not self.recipe.vary:
            strength = torch.ones_like(strength)
        return Draws(
            strength=MILDEST + (1 - MILDEST) * strength,
            known=torch.rand(count, device=device) < 0.5,
            places=torch.rand(count, self.numbers, device=device),
            normal=torch.randn_like(clean) if self.noisy else clean.new_empty(count, 0),
        )

    def fixed(self, clean: Tensor) -> Draws:
        """Return the numbers for held-out pictures: full strength, the network told nothing.

        They follow from each picture's own content, so it is always spoiled in the same way,
        whatever batch it comes in.
        """
        levels = (clean + 1).mul(127.5).round().to(torch.uint8).cpu().numpy()
        seeds = [zlib.crc32(picture.tobytes()) for picture in levels]
        shape = tuple(clean.shape[1:]) if self.noisy else (0,)
        return Draws(
            strength=clean.new_ones(len(clean)),
            known=torch.zeros(len(clean), dtype=torch.bool, device=clean.device),
            # Φ(z) of a normal number is uniform
            places=torch.special.ndtr(noise(seeds, (self.numbers,), clean.device)),
            normal=noise(seeds, shape, clean.device),
        )


class Noise(Damage):
    """White noise, as of a sensor in the dark; half of the time the network is told how much."""

    guide = "level"
    noisy = True

    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Add noise and say how much, 1 for the strongest that is learned."""
        level = torch.where(draws.known, draws.strength, UNKNOWN)[:, None, None, None]
        spoiled = add_noise(clean, draws.strength * self.recipe.noise, draws.normal)
        return Damaged(spoiled, level.expand(-1, 1, *clean.shape[2:]))


class Blur(Damage):
    """A lens out of focus."""

    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Blur."""
        most = self.recipe.blur
        return Damaged(blur(clean, draws.strength * most, most))


class Jpeg(Damage):
    """A JPEG file that was made too small."""

    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Pass through a JPEG file."""
        lost = draws.strength * (_NO_DAMAGE - self.recipe.quality)
        return Damaged(jpeg(clean, (_NO_DAMAGE - lost).round()))


class Holes(Damage):
    """Parts that are missing; the network is told where."""

    guide = "mask"
    numbers = HOLE_NUMBERS

    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Cut holes and fill them with the mean colour of the rest."""
        masks = holes(draws.places, draws.strength * self.recipe.holes / 100, *clean.shape[2:])
        return Damaged(fill(clean, masks), masks)


class Half(Damage):
    """A picture of half the size."""

    scale = 2

    def apply(self, clean: Tensor, draws: Draws) -> Damaged:
        """Make smaller."""
        return Damaged(shrink(clean, self.scale))


class Quarter(Half):
    """A picture of a quarter of the size."""

    scale = 4


DAMAGES: dict[str, Callable[[RestoreRecipe], Damage]] = {
    "noise": Noise,
    "blur": Blur,
    "jpeg": Jpeg,
    "holes": Holes,
    "upscale2": Half,
    "upscale4": Quarter,
}


# ------------------------------------------------------------------------------------------- pieces


def pieces(pictures: Tensor, side: int) -> Tensor:
    """Return a square piece of each picture, at a random place where there is a choice."""
    count, _, height, width = pictures.shape
    if height == width == side:
        return pictures
    device = pictures.device
    share = torch.rand(count, 2, device=device)
    place = torch.arange(side, device=device)
    top = (share[:, :1] * (height - side + 1)).long().clamp(max=height - side) + place  # (B, side)
    left = (share[:, 1:] * (width - side + 1)).long().clamp(max=width - side) + place
    rows = pictures.take_along_dim(top[:, None, :, None], 2)
    return rows.take_along_dim(left[:, None, None, :], 3)


def turned(pictures: Tensor) -> Tensor:
    """Return square pictures, each in one of its eight orientations at random."""
    chosen = torch.rand(3, len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    pictures = torch.where(chosen[0], pictures.flip(2), pictures)
    pictures = torch.where(chosen[1], pictures.flip(3), pictures)
    return torch.where(chosen[2], pictures.transpose(2, 3), pictures)
