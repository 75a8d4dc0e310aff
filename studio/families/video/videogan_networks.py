"""Networks of the video GAN: a walk of motion codes, frames from codes, and their critics.

Clips are (B, C, T, H, W) in −1 … 1. `labels` is the number of labels, 0 for none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.conv import Conv2d, ConvTranspose2d
from studio.families.layers.norm import ConditionalBatchNorm
from studio.families.layers.sizes import square, stages
from studio.families.layers.verdict import Verdict, braked
from studio.families.video.space_time import as_clips, as_frames

SMALLEST, LARGEST = 8, 256
_WALK = 4  # numbers that the walk remembers, as a multiple of a motion code's
_LIVELY = 4.0
_MOST_TIMES = 8  # channels of the coarsest stage, as a multiple of the finest


class Coded(NamedTuple):
    """What an encoder sees in clips.

    Attributes:
        content: (B, content) what is shown, from all frames.
        motion: (B, T, motion) where each frame stands in its motion.
    """

    content: Tensor
    motion: Tensor


def channels_of(width: int, halvings: int) -> list[int]:
    """Return channels from the finest stage to the coarsest: w, 2w, 4w, 8w, 8w …"""
    return [width * min(2**stage, _MOST_TIMES) for stage in range(halvings)]


class Animator(nn.Module):
    """What a clip shows stays, where it moves follows a walk (Tulyakov et al. 2018, MoCoGAN).

    A code is what is shown, N(0, 1) of `content` numbers, then noise of `motion` numbers for each
    frame, which a recurrent network turns into motion codes.
    """

    def __init__(
        self, content: int, motion: int, shape: tuple[int, ...], width: int, labels: int
    ) -> None:
        super().__init__()
        self.content, self.motion = content, motion
        self.walk = nn.GRU(motion, _WALK * motion, batch_first=True)
        self.place = nn.Linear(_WALK * motion, motion)
        self.frames = FrameGenerator(content + motion, (shape[0], *shape[2:]), width, labels)
        self.encoder = ClipEncoder(shape, width, content, motion)

    def forward(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return clips (B, C, T, H, W) of codes (B, content + T · motion)."""
        content, steps = codes[:, : self.content], codes[:, self.content :]
        return self.drawn(content, self.walked(steps), labels)

    def walked(self, steps: Tensor) -> Tensor:
        """Return motion codes (B, T, motion) of noise (B, T · motion)."""
        walked: Tensor = self.walk(steps.reshape(steps.shape[0], -1, self.motion))[0]
        # a fresh GRU hardly moves, and motion that nobody sees is never learned
        return torch.tanh(_LIVELY * self.place(walked))

    def drawn(self, content: Tensor, motion: Tensor, labels: Tensor | None) -> Tensor:
        """Return clips of contents (B, content) and motion codes (B, T, motion)."""
        length = motion.shape[1]
        shown = content[:, None].expand(-1, length, -1)
        codes = torch.cat((shown, motion.to(shown.dtype)), dim=2).flatten(0, 1)
        if labels is not None:
            labels = labels.repeat_interleave(length)
        return as_clips(self.frames(codes, labels), length)

    def encode(self, clips: Tensor) -> Coded:
        """Return what clips show and how they move."""
        coded: Coded = self.encoder(clips)
        return coded


class FrameGenerator(nn.Module):
    """Transposed convolutions that double the frame stage by stage (Radford et al. 2016)."""

    def __init__(self, code: int, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square(shape)
        self.base, halvings = stages(size, SMALLEST, LARGEST)
        channels = channels_of(width, halvings)[::-1]
        self.first = nn.Linear(code, channels[0] * self.base**2, bias=False)
        self.norms = nn.ModuleList(ConditionalBatchNorm(each, labels) for each in channels)
        self.doublings = nn.ModuleList(
            ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=False) for a, b in pairwise(channels)
        )
        self.last = ConvTranspose2d(channels[-1], colours, 4, stride=2, padding=1)
        _initialise(self)

    def forward(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        x = self.first(codes).view(codes.shape[0], -1, self.base, self.base)
        x = functional.relu(self.norms[0](x, labels), inplace=True)
        for doubling, norm in zip(self.doublings, self.norms[1:], strict=True):
            x = functional.relu(norm(doubling(x), labels), inplace=True)
        return torch.tanh(self.last(x))


class ClipEncoder(nn.Module):
    """Looks at each frame by itself; what is shown is the mean of what all frames show."""

    def __init__(self, shape: tuple[int, ...], width: int, content: int, motion: int) -> None:
        super().__init__()
        colours, size = square((shape[0], *shape[2:]))
        base, halvings = stages(size, SMALLEST, LARGEST)
        channels = [colours, *channels_of(width, halvings)]
        layers: list[nn.Module] = []
        for a, b in pairwise(channels):
            layers += [Conv2d(a, b, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        self.features = nn.Sequential(*layers, nn.Flatten())
        values = channels[-1] * base**2
        self.content, self.motion = nn.Linear(values, content), nn.Linear(values, motion)

    def forward(self, clips: Tensor) -> Coded:
        length = clips.shape[2]
        features = self.features(as_frames(clips))
        content = self.content(features).reshape(-1, length, self.content.out_features).mean(1)
        # between −1 and 1, as the walk's
        motion = torch.tanh(self.motion(features))
        return Coded(content, motion.reshape(-1, length, self.motion.out_features))


class Critics(nn.Module):
    """One judges single frames, the other whole clips; both know the label."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        self.of_frames = FrameCritic((shape[0], *shape[2:]), width, labels)
        self.of_clips = ClipCritic(shape, width, labels)


class FrameCritic(nn.Module):
    """Strided convolutions that halve the frame stage by stage."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square(shape)
        base, halvings = stages(size, SMALLEST, LARGEST)
        channels = [colours, *channels_of(width, halvings)]
        layers: list[nn.Module] = []
        for a, b in pairwise(channels):
            layers.append(braked(Conv2d(a, b, 4, stride=2, padding=1), "spectral"))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.verdict = Verdict(channels[-1] * base**2, labels, "spectral")

    def forward(self, frames: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the scores (N,) of frames (N, C, H, W)."""
        score: Tensor = self.verdict(self.features(frames), labels)
        return score


class ClipCritic(nn.Module):
    """Convolutions over space and time that halve both (Vondrick et al. 2016, VGAN)."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        colours, size = square((shape[0], *shape[2:]))
        base, halvings = stages(size, SMALLEST, LARGEST)
        channels = [colours, *channels_of(width, halvings)]
        self.halving = nn.ModuleList()
        length = shape[1]
        for a, b in pairwise(channels):
            self.halving.append(braked(HalvingConv(a, b, in_time=length > 1), "spectral"))
            length = max(length // 2, 1)
        self.verdict = Verdict(channels[-1] * base**2, labels, "spectral")

    def forward(self, clips: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the scores (B,) of clips (B, C, T, H, W)."""
        x = clips
        for halving in self.halving:
            x = functional.leaky_relu(halving(x), 0.2, inplace=True)
        score: Tensor = self.verdict(x.mean(2).flatten(1), labels)
        return score


class HalvingConv(nn.Conv2d):
    """A convolution 4 × 4 × 4 of clips (B, C, T, H, W) that halves height, width and time.

    Its weights (out, C · 4, 4, 4) are a picture's, because those of clips have no place in the
    channels-last layout of pictures. Without `in_time` it looks at each frame by itself.
    """

    def __init__(self, channels: int, out: int, in_time: bool) -> None:
        self.frames, self.step, self.beyond = (4, 2, 1) if in_time else (1, 1, 0)
        super().__init__(channels * self.frames, out, 4)

    def forward(self, clips: Tensor) -> Tensor:
        weight = self.weight.reshape(self.out_channels, -1, self.frames, 4, 4)
        step, beyond = (self.step, 2, 2), (self.beyond, 1, 1)
        return functional.conv3d(clips, weight, self.bias, step, beyond)


def _initialise(network: nn.Module) -> None:
    """Start from N(0, 0.02²), as DCGAN does."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
