"""The network of video diffusion: a U-Net over each frame, with layers along time between.

Space and time apart (Ho et al. 2022, "Video Diffusion Models", section 3): frames go through the
blocks of a U-Net as pictures do, and after each block comes a layer that looks along time at one
place of the map: a convolution, and attention where the map is coarsest.

Frames have noise levels of their own: some may be given and have none, and the rest is made to go
with them (Höppe et al. 2022, "Diffusion Models for Video Prediction and Infilling").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.diffusion_networks import Condition, Denoiser, waves
from studio.families.layers.attention import Attention
from studio.families.layers.conv import Conv2d
from studio.families.layers.unet import GroupNorm, StageBlock, UNet
from studio.families.samplers import SIGMA_MIN
from studio.families.video.space_time import TimeConv, as_clips, as_frames

_KERNEL = 3  # frames
_PER_HEAD = 32  # channels of an attention head
_PER_VALUE = 4  # looks of the fine filter for each of its outputs


#: The noise level of frames that are given: far below a step of 8-bit values.
GIVEN = SIGMA_MIN


class ClipDenoiser(Denoiser):
    """D(x; σ) of clips (B, C, T, H, W), with noise levels (B,) of clips or (B, T) of frames.

    Beside the U-Net stands a linear filter, which learns within a few hundred steps what to do with
    the noise of single pixels. Normalised layers take many times as long, and until then everything
    is under grain: of the loss at the finest third of the levels, 0.30 was left after 200 steps on
    moving shapes where the U-Net alone left 0.68.
    """

    def network(self, width: int, blocks: int, patch: int, context: int, dropout: float) -> UNet:
        """Return the U-Net for clips of `self.shape`, and make the filter beside it."""
        colours, frames, height, breadth = self.shape
        side = min(height, breadth)
        self.filter = FineFilter(colours, patch, self.size)
        return SpaceTimeUNet(
            colours, frames, side, width, blocks, patch, self.size, context, dropout
        )

    def beside(self, sigma: Tensor) -> Tensor:
        """Return noise levels (B,) or (B, T) as (B, 1, 1 or T, 1, 1), to go with clips."""
        return sigma.view(sigma.shape[0], 1, -1, 1, 1)

    def raw(self, centred: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """Return F(c_in x; ln σ) of centred noisy clips, (B, C, T, H, W)."""
        scaled = self.factors(sigma).scale * centred
        frames = self.shape[1]
        levels = sigma.view(sigma.shape[0], -1).expand(-1, frames).flatten()  # (B · T)
        vector = self.level(waves(levels)) + condition.vector.repeat_interleave(frames, dim=0)
        found: Tensor = self.unet(scaled, vector, condition.context, condition.seen)
        fine: Tensor = self.filter(scaled, vector)
        return found + fine


class WithGiven:
    """A denoiser that is shown the first frames of each clip as they are.

    Args:
        given: (1, C, T', H, W), T' less than the frames of a clip.
    """

    def __init__(self, denoiser: ClipDenoiser, given: Tensor) -> None:
        self.condition = denoiser.condition
        self._denoiser, self._given = denoiser, given

    def __call__(self, x: Tensor, sigma: Tensor, condition: Condition) -> Tensor:
        """Return D(x; σ) of clips (B, C, T, H, W) of noise levels (B,)."""
        known = self._given.shape[2]
        shown = self._given.expand(len(x), -1, -1, -1, -1)
        levels = sigma[:, None].repeat(1, x.shape[2])  # (B, T)
        levels[:, :known] = GIVEN
        found: Tensor = self._denoiser(torch.cat([shown, x[:, :, known:]], 2), levels, condition)
        return found


class FineFilter(nn.Module):
    """A filter of clips that is linear but for its weights, which follow the noise level.

    It sees three frames, and squares of pixels as the U-Net takes them with those around. It begins
    by saying nothing.

    Args:
        colours: Channels of the clips.
        patch: Side of the squares.
        condition: Numbers in the vector of a frame that says its noise level.
    """

    def __init__(self, colours: int, patch: int, condition: int) -> None:
        super().__init__()
        self.patch = patch
        values = colours * patch**2
        inner = _PER_VALUE * values
        self.look = Conv2d(3 * values, inner, 3, padding=1)
        self.weigh = nn.Linear(condition, inner)
        self.out = Conv2d(inner, values, 1)
        _silence(self.out)

    def forward(self, clips: Tensor, condition: Tensor) -> Tensor:
        """Return (B, C, T, H, W) for clips of that shape and conditions (B · T, condition)."""
        frames, height, width = clips.shape[2:]
        below, right = -height % self.patch, -width % self.patch
        x = functional.pad(as_frames(clips), (0, right, 0, below), mode="replicate")
        x = as_clips(functional.pixel_unshuffle(x, self.patch), frames)
        before = torch.cat([x[:, :, :1], x[:, :, :-1]], 2)
        after = torch.cat([x[:, :, 1:], x[:, :, -1:]], 2)
        looks = self.look(as_frames(torch.cat([before, x, after], 1)))
        weights = 1 + self.weigh(functional.silu(condition))[:, :, None, None]
        made = functional.pixel_shuffle(self.out(looks * weights), self.patch)
        return as_clips(made[:, :, :height, :width], frames)


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
            condition: (B · T, condition), those of a clip's frames in a row.
            context: (B, L, context).
            seen: (B, L) bool, the places of the context that count.
        """

        def told(rows: Tensor | None) -> Tensor | None:  # each frame is told what its clip is
            return None if rows is None else rows.repeat_interleave(self.frames, dim=0)

        found = super().forward(as_frames(pictures), condition, told(context), told(seen))
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
