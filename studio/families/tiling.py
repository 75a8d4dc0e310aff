"""Large pictures through a network tile by tile, so that memory is bounded and no seam shows.

Tiles overlap. Of each, the outermost `margin` pixels are thrown away, since the network could not
see there what lies beyond, and over the next `feather` pixels it fades into its neighbour:

    margin │ feather │   its own alone   │ feather │ margin        weight
           ╱─────────────────────────────╲                         1
    ───────╯                             ╰───────                  0

A network of convolutions whose receptive field reaches no further than the margin gives the very
same picture as in one piece. One that looks at all of its tile, as attention does, differs a
little from tile to tile, and the fading hides it. At the picture's own border tiles end where the
picture ends, as it would in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.families.base import Tick


@dataclass(frozen=True)
class Tiling:
    """How a picture is cut, in pixels of what the network sees.

    Attributes:
        size: Side of a tile, all included.
        margin: What is thrown away at each inner side of a tile.
        feather: Over how many pixels neighbours fade into each other.
        multiple: Sides of tiles and their places are multiples of this, for networks that halve
            their picture; what a picture lacks is mirrored at its right and lower edge.

    Raises:
        ValueError: Margins and feathers leave nothing of a tile.
    """

    size: int
    margin: int
    feather: int = 0
    multiple: int = 1

    def __post_init__(self) -> None:
        if self.size < self.smallest(self.margin, self.feather, self.multiple):
            raise ValueError(f"a tile of {self.size} pixels has nothing between its margins")

    @staticmethod
    def smallest(margin: int, feather: int, multiple: int = 1) -> int:
        """Return the side of the smallest tile that has these margins."""
        return 2 * (margin + feather) + 2 * multiple

    def windows(self, side: int) -> list[tuple[int, Tensor]]:
        """Return where tiles begin along a side, and how much each of their pixels counts.

        The weights that different tiles have at one place add up to 1.
        """
        side = _up(side, self.multiple)
        length = min(_up(self.size, self.multiple), side)
        # next to each other, the fading parts of two tiles lie on each other
        step = (length - 2 * self.margin - self.feather) // self.multiple * self.multiple
        starts = [*range(0, side - length, step), side - length] if side > length else [0]
        total = torch.zeros(side)
        weights = []
        for start in starts:
            weight = self._weight(length, left=start > 0, right=start + length < side)
            total[start : start + length] += weight
            weights.append(weight)
        return [
            (start, weight / total[start : start + length])
            for start, weight in zip(starts, weights, strict=True)
        ]

    def times(self, scale: int) -> Tiling:
        """Return the same tiles in pixels of a result that is `scale` times as large."""
        return Tiling(
            _up(self.size, self.multiple) * scale,
            self.margin * scale,
            self.feather * scale,
            self.multiple * scale,
        )

    def _weight(self, length: int, *, left: bool, right: bool) -> Tensor:
        """Return the weights along a tile that has neighbours on the left and on the right."""
        ramp = (torch.arange(length) + 0.5 - self.margin) / max(self.feather, 1)
        ramp = ramp.clamp(0, 1) if self.feather else (ramp > 0).float()
        weight = torch.ones(length)
        if left:
            weight = weight * ramp
        if right:
            weight = weight * ramp.flip(0)
        return weight


def in_tiles(
    process: Callable[[Tensor], Tensor],
    whole: Tensor,
    tiling: Tiling,
    tick: Tick,
    *,
    scale: int = 1,
) -> Tensor:
    """Put a picture of any size through `process` tile by tile.

    Args:
        process: Takes a tile (1, C, h, w) and returns it processed, (1, D, scale · h, scale · w).
        whole: (C, H, W) of any number type; may lie on another device than the network.
        tick: Called after each tile with (done, total).

    Returns:
        The processed picture (D, scale · H, scale · W), fp32 on the CPU.
    """
    height, width = whole.shape[1:]
    # the same cuts in pixels of the network and of the result
    down, across = tiling.windows(height), tiling.windows(width)
    down_weights = tiling.times(scale).windows(height * scale)
    across_weights = tiling.times(scale).windows(width * scale)
    made: Tensor | None = None
    for row, (top, rows) in enumerate(down):
        y = _mirrored(top, len(rows), height).to(whole.device)
        for column, (left, columns) in enumerate(across):
            x = _mirrored(left, len(columns), width).to(whole.device)
            tile = process(whole[:, y][:, :, x][None])[0].float().cpu()
            if made is None:
                full = _up(height, tiling.multiple), _up(width, tiling.multiple)
                made = torch.zeros(len(tile), full[0] * scale, full[1] * scale)
            (y0, wy), (x0, wx) = down_weights[row], across_weights[column]
            made[:, y0 : y0 + len(wy), x0 : x0 + len(wx)] += tile * wy[:, None] * wx
            tick(row * len(across) + column + 1, len(down) * len(across))
    assert made is not None
    return made[:, : height * scale, : width * scale]


def _up(side: int, multiple: int) -> int:
    """Return the next multiple that is no smaller."""
    return -(-side // multiple) * multiple


def _mirrored(start: int, length: int, side: int) -> Tensor:
    """Return the places start … start + length of a side that is mirrored beyond its end."""
    places = torch.arange(start, start + length) % (2 * side)
    return torch.minimum(places, 2 * side - 1 - places)
