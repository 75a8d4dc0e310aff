"""The network of video diffusion: a U-Net over each frame, with layers along time between.

Space and time apart (Ho et al. 2022, "Video Diffusion Models", section 3): frames go through the
blocks of a U-Net as pictures do, and after each block comes a layer that looks along time at one
place of the map: a convolution, and attention where the map is coarsest.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.diffusion_networks import Denoiser
from studio.families.layers.attention import Attention
from studio.families.layers.unet import GroupNorm, StageBlock, UNet
from studio.families.video.space_time import TimeConv, as_clips, as_frames

_KERNEL = 3  # frames
_PER_HEAD = 32  # channels of an attention head


class ClipDenoiser(Denoiser):
    """D(x; σ) of clips (B, C, T, H, W); all frames of a clip have the same level of noise."""

    def network(self, width: int, blocks: int, patch: int, context: int, dropout: float) -> UNet:
        """Return the U-Net for clips of `self.shape`."""
        colours, frames, height, breadth = self.shape
        side = min(height, breadth)
        return SpaceTimeUNet(
            colours, frames, side, width, blocks, patch, self.size, context, dropout
        )


class SpaceTimeUNet(UNet):
    """Clips to clips of the same size; as `UNet`, for clips of `frames` frames."""

    def __init__(
        self,
        colours: int,
        frames: int,
        size: int,
        width: int,
        blocks: int,
        patch: int,
        condition: int,
        context: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(colours, size, width, blocks, patch, condition, context, dropout)
        self.frames = frames
        for way in (self.down, self.up):
            for index, block in enumerate(way):
                assert isinstance(block, StageBlock)
                along: list[nn.Module] = [TimeMixing(block.channels, frames)]
                if block.attention is not None:
                    along.append(TimeAttention(block.channels, frames))
                way[index] = InTime(block, *along)

    def forward(
        self,
        pictures: Tensor,
        condition: Tensor,
        context: Tensor | None = None,
        seen: Tensor | None = None,
    ) -> Tensor:
        """Return (B, C, T, H, W).

        Args:
            pictures: Clips (B, C, T, H, W).
            condition: (B, condition).
            context: (B, L, context).
            seen: (B, L) bool, the places of the context that count.
        """

        def told(rows: Tensor | None) -> Tensor | None:  # each frame is told what its clip is
            return None if rows is None else rows.repeat_interleave(self.frames, dim=0)

        each = condition.repeat_interleave(self.frames, dim=0)
        found = super().forward(as_frames(pictures), each, told(context), told(seen))
        return as_clips(found, self.frames)


class InTime(nn.Module):
    """A block that sees each frame alone, then layers that look along time."""

    def __init__(self, block: nn.Module, *along: nn.Module) -> None:
        super().__init__()
        self.block = block
        self.along = nn.Sequential(*along)

    def forward(self, x: Tensor, *told: Tensor | None) -> Tensor:
        mixed: Tensor = self.along(self.block(x, *told))
        return mixed


class TimeMixing(nn.Module):
    """A convolution from frame to frame beside a shortcut, on maps (B · T, C, H, W)."""

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.frames = frames
        self.norm = GroupNorm(channels)
        self.conv = TimeConv(channels, channels, _KERNEL)
        # at first, each frame is drawn for itself
        _silence(self.conv.conv)

    def forward(self, x: Tensor) -> Tensor:
        clips = as_clips(functional.silu(self.norm(x)), self.frames)
        return x + as_frames(self.conv(clips))


class TimeAttention(nn.Module):
    """Attention between the moments of one place, beside a shortcut, on maps (B · T, C, H, W)."""

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.frames = frames
        self.norm = GroupNorm(channels)
        self.moments = nn.Parameter(0.1 * torch.randn(frames, channels))
        self.attention = Attention(channels, max(1, channels // _PER_HEAD))
        _silence(self.attention.out)

    def forward(self, x: Tensor) -> Tensor:
        clips = as_clips(self.norm(x), self.frames).permute(0, 3, 4, 2, 1)  # (B, H, W, T, C)
        moments = clips.flatten(0, 2) + self.moments.to(clips.dtype)
        found = self.attention(moments).reshape(clips.shape)
        return x + as_frames(found.permute(0, 4, 3, 1, 2))


def _silence(layer: nn.Conv2d | nn.Linear) -> None:
    """Let a layer say nothing at first."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
