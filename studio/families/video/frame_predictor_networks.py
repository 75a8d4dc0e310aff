"""The frame predictor's network: frames to maps, all maps at once to later maps, those to frames.

Encoder and decoder look at one frame at a time, so time is folded into the batch and every
convolution is one of pictures: on processors these are several times as fast as 3-D ones. Only the
translator between them, at the coarsest size, looks at all frames (Gao et al. 2022, figure 2).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.conv import Conv2d

_REACH = 1 / 8  # half sides of a frame, for each unit of flow


class Predictor(nn.Module):
    """Says what follows on the last frames of a clip.

    Each pixel comes from some place of the last frame that it saw (Liu et al. 2017, "Deep Voxel
    Flow"), or is drawn where no place fits. So what moves keeps its colours and edges, where a
    network that draws everything fades as it grows unsure. A new network repeats the last frame.

    Args:
        channels: Colours of a frame.
        seen: Frames that it looks at.
        foreseen: Frames that it says.
        width: Channels of a frame's maps.
        hidden: Channels of the translator, for all frames together.
        blocks: Blocks of the translator.
        halvings: How often frames are halved, at least once.
        kind: The translator's blocks, one of `TRANSLATORS`.
    """

    def __init__(
        self,
        channels: int,
        seen: int,
        foreseen: int,
        *,
        width: int,
        hidden: int,
        blocks: int,
        halvings: int,
        kind: str,
    ) -> None:
        super().__init__()
        self.seen, self.foreseen, self.halvings = seen, foreseen, halvings
        # halving by laying 2 × 2 pixels on each other loses nothing and costs nothing
        self.first = Conv2d(4 * channels, width, 3, padding=1)
        self.down = nn.ModuleList(
            Conv2d(width, width, 3, stride=2, padding=1) for _ in range(halvings - 1)
        )
        self.into = Conv2d(seen * width, hidden, 1)
        self.translator = TRANSLATORS[kind](hidden, blocks)
        self.out = Conv2d(hidden, foreseen * width, 1)
        self.up = nn.ModuleList(
            nn.Sequential(Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2))
            for _ in range(halvings - 1)
        )
        self.join = Conv2d(2 * width, width, 1)
        self.step = Conv2d(width, 2, 3, padding=1)
        _silence(self.step, 0)
        self.drawn = Conv2d(width, 4 * (channels + 1), 3, padding=1)
        _silence(self.drawn, 4 * channels)

    def forward(self, past: Tensor) -> Tensor:
        """Return the frames (B, C, foreseen, H, W) that follow on frames (B, C, seen, H, W)."""
        count, channels, _, height, width = past.shape
        multiple = 2**self.halvings
        frames = past.transpose(1, 2).flatten(0, 1)  # (B·T, C, H, W)
        below, right = -height % multiple, -width % multiple
        if below or right:
            frames = functional.pad(frames, (0, right, 0, below), mode="replicate")
        fine = functional.leaky_relu(self.first(functional.pixel_unshuffle(frames, 2)))
        maps = fine
        for down in self.down:
            maps = functional.leaky_relu(down(maps))
        # a frame's maps lie behind those of the frame before: (B, T·width, h, w)
        whole = self.into(_apart(maps, count).flatten(1, 2))
        whole = self.out(whole + self.translator(whole))
        maps = whole.reshape(-1, maps.shape[1], *whole.shape[2:])  # (B·T', width, h, w)
        steps = maps
        for place, up in enumerate(self.up):
            maps = functional.leaky_relu(up(maps))
            if place == 0:
                steps = maps
        # a frame says how much further things are than in the one before: what was learned of the
        # first frames helps with the next
        flow = _apart(self.step(steps).float(), count).cumsum(1).flatten(0, 1)
        # what is drawn may still resemble the last frame seen
        still = _apart(fine, count)[:, -1:].expand(-1, self.foreseen, -1, -1, -1)
        maps = functional.leaky_relu(self.join(torch.cat([maps, still.flatten(0, 1)], 1)))
        drawn = functional.pixel_shuffle(self.drawn(maps), 2).float()
        colours, share = drawn[:, :channels], drawn[:, channels:].tanh()
        last = _apart(frames, count)[:, -1:].expand(-1, self.foreseen, -1, -1, -1)
        moved = _moved(last.flatten(0, 1).float(), flow)
        made = _apart(torch.lerp(moved, colours, share), count).transpose(1, 2)
        return made[..., :height, :width]


def _moved(frames: Tensor, flow: Tensor) -> Tensor:
    """Return frames (N, C, H, W) in which each pixel comes from elsewhere, from between pixels too.

    Args:
        flow: (N, 2, h, w), coarser: how far right of a place and below it, in `_REACH`.
    """
    height, width = frames.shape[2:]
    across, down = (
        torch.linspace(1 / side - 1, 1 - 1 / side, side, device=frames.device)
        for side in (width, height)
    )
    flow = _REACH * functional.interpolate(flow, (height, width), mode="bilinear")
    # clamped here, as "border" would, which not every device knows
    x = (across + flow[:, 0]).clamp(across[0], across[-1])
    y = (down[:, None] + flow[:, 1]).clamp(down[0], down[-1])
    places = torch.stack([x, y], 3)
    return functional.grid_sample(frames, places, mode="bilinear", align_corners=False)


def _silence(layer: nn.Conv2d, begin: int) -> None:
    """Let the outputs of a layer from `begin` on be zero at first."""
    assert layer.bias is not None
    nn.init.zeros_(layer.weight[begin:])
    nn.init.zeros_(layer.bias[begin:])


def _apart(maps: Tensor, count: int) -> Tensor:
    """Return maps (B·T, …) by clip and frame, (B, T, …)."""
    return maps.reshape(count, -1, *maps.shape[1:])


class _Residual(nn.Module):
    """x + what two looks at 3 × 3 make of it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.conv1 = Conv2d(channels, channels, 3, padding=1)
        self.conv2 = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = x + self.conv2(functional.leaky_relu(self.conv1(self.norm(x))))
        return total


class _Pyramid(nn.Module):
    """Residual blocks at ever coarser sizes and back: a look at everything for little work.

    The U of Ronneberger et al. 2015: what moves far is seen where it is few places away.
    """

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.down = nn.ModuleList(_Residual(channels) for _ in range(blocks))
        self.up = nn.ModuleList(_Residual(channels) for _ in range(blocks))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
            if min(x.shape[2:]) > 1:
                x = functional.avg_pool2d(x, 2, ceil_mode=True)
        for block in self.up:
            fine = kept.pop()
            if x.shape != fine.shape:
                x = functional.interpolate(x, fine.shape[2:], mode="nearest")
            x = block(fine + x)
        return x


class _Gated(nn.Module):
    """x + gated attention of large kernels, then x + plain layers (Tan et al. 2022, figure 4).

    A look at 5 × 5 and one at 7 × 7 with gaps of 3 see 23 × 23 places for a tenth of the work.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(1, channels), nn.GroupNorm(1, channels)
        self.project = Conv2d(channels, channels, 1)
        self.near = Conv2d(channels, channels, 5, padding=2, groups=channels)
        self.far = Conv2d(channels, channels, 7, padding=9, dilation=3, groups=channels)
        self.weigh = Conv2d(channels, 2 * channels, 1)
        self.back = Conv2d(channels, channels, 1)
        self.widen = Conv2d(channels, 2 * channels, 1)
        self.narrow = Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        value = functional.leaky_relu(self.project(self.norm1(x)))
        found, gate = self.weigh(self.far(self.near(value))).chunk(2, 1)
        x = x + self.back(found * gate.sigmoid())
        total: Tensor = x + self.narrow(functional.leaky_relu(self.widen(self.norm2(x))))
        return total


class _Inception(nn.Module):
    """x + looks at several widths side by side, added up (Gao et al. 2022, section 3.2)."""

    LOOKS = (3, 5, 7, 11)
    GROUPS = 8

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(self.GROUPS, channels // 2 // self.GROUPS * self.GROUPS)
        self.narrow = Conv2d(channels, inner, 1)
        self.looks = nn.ModuleList(
            nn.Sequential(
                Conv2d(inner, channels, side, padding=side // 2, groups=self.GROUPS),
                nn.GroupNorm(self.GROUPS, channels),
                nn.LeakyReLU(0.2),
            )
            for side in self.LOOKS
        )

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.narrow(x)
        total: Tensor = x
        for look in self.looks:
            total = total + look(narrow)
        return total


def _in_a_row(block: Callable[[int], nn.Module]) -> Callable[[int, int], nn.Module]:
    return lambda channels, blocks: nn.Sequential(*(block(channels) for _ in range(blocks)))


#: Translators by name, made for (channels, blocks); each keeps maps (B, channels, h, w).
TRANSLATORS: dict[str, Callable[[int, int], nn.Module]] = {
    "pyramid": _Pyramid,
    "inception": _in_a_row(_Inception),
    "gated": _in_a_row(_Gated),
}
