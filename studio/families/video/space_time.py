"""Space and time apart: frames as pictures of a larger batch, and convolutions along time alone.

A convolution over space and time in one, k × k × k, is split into one over each frame and one from
frame to frame (Tran et al. 2018, "A Closer Look at Spatiotemporal Convolutions", R(2+1)D): it
learns as well, costs a fraction, and runs on the quick ways that processors have for pictures.
"""

from __future__ import annotations

from torch import Tensor, nn

from studio.families.layers.conv import Conv2d


def as_frames(clips: Tensor) -> Tensor:
    """Return clips (B, C, T, H, W) as pictures (B · T, C, H, W), those of a clip in a row."""
    return clips.transpose(1, 2).flatten(0, 1)


def as_clips(frames: Tensor, length: int) -> Tensor:
    """Return pictures (B · T, C, H, W) as clips (B, C, T, H, W) of `length` frames."""
    return frames.reshape(-1, length, *frames.shape[1:]).transpose(1, 2)


class TimeConv(nn.Module):
    """A convolution along time at every place, on clips (B, C, T, H, W)."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, padding: int | None = None
    ) -> None:
        super().__init__()
        before = kernel // 2 if padding is None else padding
        self.conv = Conv2d(channels, out, (kernel, 1), stride=(stride, 1), padding=(before, 0))

    def forward(self, clips: Tensor) -> Tensor:
        # time is the height of a picture whose width are all places: one call for all of them
        found: Tensor = self.conv(clips.flatten(3))
        return found.reshape(*found.shape[:3], *clips.shape[3:])
