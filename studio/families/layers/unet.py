"""U-Net: looks at a picture in ever coarser stages, then draws it again in ever finer ones.

Residual blocks as in DDPM++ (Song et al. 2021), a condition that scales and shifts what is
normalised (Dhariwal & Nichol 2021, "adaptive group normalisation"), attention at the coarsest
stage alone, and squares of pixels taken as one place (Hoogeboom et al. 2023, "simple diffusion"):
the finest stage costs most and says least.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.attention import Attention
from studio.families.layers.conv import Conv2d

#: Halving ends when the shorter side of the map is at most this.
COARSEST = 8
_PER_GROUP = 16  # channels that are normalised together
_PER_HEAD = 32  # channels of an attention head


class GroupNorm(nn.GroupNorm):
    """Group normalisation (Wu & He 2018) that returns the number type that comes in.

    torch adds up in fp32 on every device. On processors it reads and writes bf16 as it is, which
    takes a half to a fifth of the time that it takes with casts before and after.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(max(1, channels // _PER_GROUP), channels)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        return super().forward(input).to(input.dtype)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; the condition changes what is between them."""

    def __init__(self, channels: int, out: int, condition: int, dropout: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = GroupNorm(channels), GroupNorm(out)
        self.conv1 = Conv2d(channels, out, 3, padding=1)
        self.conv2 = Conv2d(out, out, 3, padding=1)
        self.scale_and_shift = nn.Linear(condition, 2 * out)
        self.dropout = nn.Dropout(dropout)
        self.skip = Conv2d(channels, out, 1) if channels != out else nn.Identity()
        nn.init.zeros_(self.conv2.weight)  # at first, a block changes nothing

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        h = self.norm2(self.conv1(functional.silu(self.norm1(x))))
        scale, shift = self.scale_and_shift(condition)[:, :, None, None].to(h.dtype).chunk(2, dim=1)
        h = functional.silu(torch.addcmul(shift, h, 1 + scale))
        total: Tensor = self.skip(x) + self.conv2(self.dropout(h))
        return total


class MapAttention(nn.Module):
    """Attention between the places of a map (B, C, H, W), beside a shortcut."""

    def __init__(self, channels: int, context: int) -> None:
        super().__init__()
        self.norm = GroupNorm(channels)
        self.attention = Attention(channels, max(1, channels // _PER_HEAD), context)
        nn.init.zeros_(self.attention.out.weight)

    def forward(self, x: Tensor, context: Tensor | None, seen: Tensor | None) -> Tensor:
        places = self.norm(x).flatten(2).transpose(1, 2)  # (B, H W, C)
        found = self.attention(places, context, seen)
        total: Tensor = x + found.transpose(1, 2).reshape(x.shape)
        return total


class StageBlock(nn.Module):
    """A residual block, followed by attention where the map is coarse.

    Attributes:
        channels: Of what it returns.
    """

    def __init__(
        self, channels: int, out: int, condition: int, dropout: float, context: int | None
    ) -> None:
        super().__init__()
        self.channels = out
        self.block = ResidualBlock(channels, out, condition, dropout)
        self.attention = MapAttention(out, context) if context is not None else None

    def forward(
        self, x: Tensor, condition: Tensor, context: Tensor | None, seen: Tensor | None
    ) -> Tensor:
        x = self.block(x, condition)
        return x if self.attention is None else self.attention(x, context, seen)


class UNet(nn.Module):
    """Pictures to pictures of the same size, any size.

    Args:
        colours: Channels of the pictures.
        size: Shorter side that it is made for; decides the number of stages.
        width: Channels of the finest stage; coarser ones have twice as many.
        blocks: Residual blocks in each stage, on the way down and again on the way up.
        patch: Side of the squares of pixels that are one place of the finest stage.
        condition: Numbers in the vector that every block is told.
        context: Numbers per place of the sequence that attention looks at; 0 for none.
        dropout: Share of the features that is left out at random while learning.
    """

    def __init__(
        self,
        colours: int,
        size: int,
        width: int,
        blocks: int,
        patch: int,
        condition: int,
        context: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.patch = patch
        self.halvings = halvings(size, patch)
        channels = [width * min(2**stage, 2) for stage in range(self.halvings + 1)]
        values = colours * patch**2
        self.first = Conv2d(values, width, 3, padding=1)

        def block(inner: int, out: int, level: int) -> StageBlock:
            coarsest = level == self.halvings
            return StageBlock(inner, out, condition, dropout, context if coarsest else None)

        self.blocks = blocks
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        kept, now = [width], width
        levels = [(level, out) for level, out in enumerate(channels) for _ in range(blocks)]
        for level, out in levels:
            self.down.append(block(now, out, level))
            kept.append(out)
            now = out
        self.middle = ResidualBlock(now, now, condition, dropout)
        for level, out in reversed(levels):
            self.up.append(block(now + kept.pop(), out, level))
            now = out
        self.norm = GroupNorm(now + kept.pop())
        self.last = Conv2d(self.norm.num_channels, values, 3, padding=1)
        nn.init.zeros_(self.last.weight)

    def forward(
        self,
        pictures: Tensor,
        condition: Tensor,
        context: Tensor | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Return (B, C, H, W).

        Args:
            pictures: (B, C, H, W).
            condition: (B, condition).
            context: (B, L, context).
            seen: (B, L) bool, the places of the context that count.
        """
        height, width = pictures.shape[2:]
        multiple = self.patch * 2**self.halvings
        below, right = -height % multiple, -width % multiple
        x = functional.pad(pictures, (0, right, 0, below), mode="replicate")
        x = self.first(functional.pixel_unshuffle(x, self.patch))
        kept = [x]
        condition = functional.silu(condition)
        for index, block in enumerate(self.down):
            if index and index % self.blocks == 0:
                x = functional.avg_pool2d(x, 2)
            x = block(x, condition, context, seen)
            kept.append(x)
        x = self.middle(x, condition)
        for index, block in enumerate(self.up):
            if index and index % self.blocks == 0:
                x = functional.interpolate(x, scale_factor=2.0)
            x = block(torch.cat([x, kept.pop()], dim=1), condition, context, seen)
        x = self.last(functional.silu(self.norm(torch.cat([x, kept.pop()], dim=1))))
        return functional.pixel_shuffle(x, self.patch)[:, :, :height, :width]


def halvings(size: int, patch: int) -> int:
    """Return how often a map is halved until its side is at most `COARSEST`."""
    side, count = -(-size // patch), 0
    while side > COARSEST:
        side, count = -(-side // 2), count + 1
    return count
