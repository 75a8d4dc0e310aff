"""Adaptive discriminator augmentation (Karras et al. 2020, arXiv:2006.06676).

The critic sees real and made pictures through random changes, each of which happens with the
probability p. Below p = 1 most pictures are seen unchanged in each way, so the generator has
to get the unchanged ones right and the changes do not leak into what it makes. p itself follows how
far the critic has begun to learn the real pictures by heart.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Kinds = Literal["moves", "geometry", "all"]

#: Random numbers that one picture takes.
NUMBERS = 30

#: r_t that p is steered towards (§3.2).
TARGET = 0.6

#: Steps between two corrections of p (§3.2).
STEER_EVERY = 4


class AdaptiveAugmentation(nn.Module):
    """The changes, and the probability that is steered.

    Args:
        kinds: "moves" turns, mirrors and shifts by whole pixels; "geometry" also scales and
            rotates; "all" also changes colours.
        images: Pictures in which p can go from 0 to 1.
        limit: The largest p.

    Attributes:
        probability: p, ().
        signs: Sum of the means of sign D(x) since p was last corrected, ().
    """

    probability: Tensor
    signs: Tensor
    axis: Tensor
    around: Tensor

    def __init__(self, kinds: Kinds, images: float, limit: float) -> None:
        super().__init__()
        self.kinds = kinds
        self.images = images
        self.limit = limit
        self.register_buffer("probability", torch.tensor(0.0))
        self.register_buffer("signs", torch.tensor(0.0))
        # v vᵀ and [v]ₓ of the axis of greys, v = (1, 1, 1)/√3
        around = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
        self.register_buffer("axis", torch.full((3, 3), 1 / 3), persistent=False)
        self.register_buffer("around", around / math.sqrt(3), persistent=False)

    def forward(self, pictures: Tensor, numbers: Tensor) -> Tensor:
        """Return changed pictures in fp32.

        Args:
            pictures: (B, C, H, W) in −1 … 1.
            numbers: (B, NUMBERS) uniform in 0 … 1; they alone decide what happens.
        """
        with torch.autocast(pictures.device.type, enabled=False):
            pictures = pictures.float()
            dice = _Dice(numbers.float(), self.probability)
            matrices = _moves(dice, pictures.shape[2])
            if self.kinds != "moves":
                matrices = matrices @ _geometry(dice)
            changed = _seen_through(matrices, pictures)
            if self.kinds == "all":
                changed = self._coloured(changed, dice)
            # what nothing happened to is handed on without the rounding of a resampling
            return torch.where(dice.happened[:, None, None, None], changed, pictures)

    def _coloured(self, pictures: Tensor, dice: _Dice) -> Tensor:
        """Change brightness, contrast, lightness, hue and saturation (appendix B).

        Pictures that are not in red, green and blue know brightness, contrast and inversion only.
        """
        brightness = _each(dice.normal(0.2))
        contrast = _each(torch.exp2(dice.normal(0.5)))
        upright = _each(1 - 2 * dice.whole(2))
        angle = _each(dice.uniform(-math.pi, math.pi, 0))
        saturation = _each(torch.exp2(dice.normal(1.0)))
        values = pictures.flatten(2) + brightness  # (B, C, H · W)
        if pictures.shape[1] != 3:
            return (contrast * upright * values).view_as(pictures)
        # around the axis v of the greys: R = cos α (I − v vᵀ) + sin α [v]ₓ, to which the axis
        # itself is added, turned over (I − 2 v vᵀ) where light and dark change places
        off_axis = torch.eye(3, device=pictures.device) - self.axis
        hue = angle.cos() * off_axis + angle.sin() * self.around
        matrix = contrast * (saturation * hue + upright * self.axis)  # (B, 3, 3)
        return (matrix @ values).view_as(pictures)

    @torch.no_grad()
    def steer(self, sign: Tensor, step: int, batch: int) -> None:
        """Take in the mean of sign D(x) over a batch of real pictures, and correct p in its turn.

        r_t = E[sign D(x)] over the last four batches (equation 1); above the target p grows by
        what it takes to reach 1 in `images` pictures, below it falls as fast. Nothing here waits
        for the device.
        """
        self.signs += sign
        if step % STEER_EVERY != STEER_EVERY - 1:
            return
        overfit = self.signs / STEER_EVERY - TARGET
        self.probability += overfit.sign() * (STEER_EVERY * batch / self.images)
        self.probability.clamp_(0, self.limit)
        self.signs.zero_()


def _each(numbers: Tensor) -> Tensor:
    """Return (B,) as (B, 1, 1)."""
    return numbers[:, None, None]


class _Dice:
    """Deals out random numbers, two for each change: whether it happens, and how far.

    Attributes:
        happened: (B,), whether anything happened to a picture yet.
    """

    def __init__(self, numbers: Tensor, probability: Tensor) -> None:
        self._columns = iter(numbers.unbind(1))
        self.probability = probability
        self.happened = torch.zeros(len(numbers), dtype=torch.bool, device=numbers.device)

    def _thrown(self, share: Tensor | None = None) -> tuple[Tensor, Tensor]:
        happens = next(self._columns) < (self.probability if share is None else share)
        self.happened = self.happened | happens
        return happens, next(self._columns)

    def uniform(
        self, low: float, high: float, neutral: float, share: Tensor | None = None
    ) -> Tensor:
        """Return (B,): uniform in low … high with the probability `share`, else `neutral`."""
        happens, number = self._thrown(share)
        return torch.where(happens, low + (high - low) * number, neutral)

    def whole(self, count: int) -> Tensor:
        """Return (B,): one of 0 … count − 1 with the probability p, else 0."""
        return self.uniform(0, count, 0).floor().clamp(max=count - 1)

    def normal(self, deviation: float) -> Tensor:
        """Return (B,): from N(0, deviation²) with the probability p, else 0."""
        happens, number = self._thrown()
        # Φ⁻¹(u), with u kept off 0 and 1 where it is infinite
        value = math.sqrt(2) * torch.erfinv((2 * number - 1).clamp(-0.9999, 0.9999))
        return torch.where(happens, deviation * value, 0.0)


# ------------------------------------------------------------------------------------ geometry
# Matrices (B, 3, 3) take a place in the changed picture to the place that it shows, in units in
# which pictures reach from −1 to 1; the last change that is seen comes first in the product.


def _matrix(rows: list[list[Tensor | float]], like: Tensor) -> Tensor:
    """Return (B, N, N) from entries (B,) or constants."""
    entries = [
        [entry.expand_as(like) if isinstance(entry, Tensor) else torch.full_like(like, entry)
         for entry in row]
        for row in rows
    ]  # fmt: skip
    return torch.stack([torch.stack(row, dim=1) for row in entries], dim=1)


def _shift(x: Tensor, y: Tensor) -> Tensor:
    return _matrix([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]], x)


def _scale(x: Tensor, y: Tensor) -> Tensor:
    return _matrix([[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, 1.0]], x)


def _turn(angle: Tensor) -> Tensor:
    sine, cosine = angle.sin(), angle.cos()
    return _matrix([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]], angle)


def _moves(dice: _Dice, size: int) -> Tensor:
    """Mirror, turn by quarters, shift by up to an eighth in whole pixels: no pixel is mixed."""
    mirrored = 1 - 2 * dice.whole(2)
    quarters = dice.whole(4) * (math.pi / 2)
    reach = math.floor(size / 8)
    across, down = (
        (dice.uniform(-reach - 0.5, reach + 0.5, 0).round().clamp(-reach, reach)) * (2 / size)
        for _ in range(2)
    )
    return _shift(across, down) @ _turn(quarters) @ _scale(mirrored, torch.ones_like(mirrored))


def _geometry(dice: _Dice) -> Tensor:
    """Scale, rotate, stretch, rotate, shift by parts of a pixel (appendix B)."""
    size = torch.exp2(dice.normal(0.2))
    # two rotations that together happen with the probability p: 1 − (1 − p_rot)² = p
    share = 1 - (1 - dice.probability).sqrt()
    before = dice.uniform(-math.pi, math.pi, 0, share)
    stretch = torch.exp2(dice.normal(0.2))
    after = dice.uniform(-math.pi, math.pi, 0, share)
    across, down = (dice.normal(0.25) for _ in range(2))  # 0.125 of the size, which is 2
    return (
        _shift(across, down)
        @ _turn(after)
        @ _scale(stretch, stretch.reciprocal())
        @ _turn(before)
        @ _scale(size, size)
    )


def _seen_through(matrices: Tensor, pictures: Tensor) -> Tensor:
    """Return each picture seen through its matrix; beyond the border it goes on mirrored."""
    size = pictures.shape[2]
    # centres of pixels; by hand, since a product of matrices may be rounded on graphics cards
    centres = (2 * torch.arange(size, device=pictures.device) + 1) / size - 1
    (xx, xy, x0), (yx, yy, y0) = (row.unbind(1) for row in matrices[:, :2].unbind(1))
    x, y = centres[None, None], centres[None, :, None]
    grid = torch.stack(
        [_each(a) * x + _each(b) * y + _each(c) for a, b, c in ((xx, xy, x0), (yx, yy, y0))], dim=3
    )
    return functional.grid_sample(
        pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
