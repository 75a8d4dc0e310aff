"""A video GAN as its paper and the authors' code have it, for `benchmarks.av_step` to run against.

MoCoGAN (Tulyakov et al. 2018, section 3 and appendix A): a cell that walks from frame to frame,
transposed convolutions that draw each frame, a critic of single frames with 2-D convolutions and
one of clips with 3-D convolutions that halve space alone, batch normalisation in all three, and an
Adam each. A step corrects the critic of frames, the critic of clips and the generator, one after
the other and each on clips made for it. Eager fp32 in torch's own memory layout. The noise that
their script can add to what the critics see is left out, as is its regression to categories.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.turns import Step


class Generator(nn.Module):
    """Codes of content and of motion become frames of 4 · 2ⁿ pixels, n = len(channels)."""

    def __init__(self, colours: int, channels: list[int], content: int, motion: int) -> None:
        super().__init__()
        self.content, self.motion = content, motion
        self.recurrent = nn.GRUCell(motion, motion)
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(content + motion, channels[-1], 4, bias=False),
            nn.BatchNorm2d(channels[-1]),
            nn.ReLU(inplace=True),
        ]
        for a, b in pairwise(reversed(channels)):
            doubling = nn.ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=False)
            layers += [doubling, nn.BatchNorm2d(b), nn.ReLU(inplace=True)]
        layers += [
            nn.ConvTranspose2d(channels[0], colours, 4, stride=2, padding=1, bias=False),
            nn.Tanh(),
        ]
        self.main = nn.Sequential(*layers)

    def codes(self, count: int, length: int) -> Tensor:
        """Return codes (count, length, content + motion): what is shown stays, motion walks."""
        state, walked = torch.randn(count, self.motion), []
        for _ in range(length):
            state = self.recurrent(torch.randn(count, self.motion), state)
            walked.append(state)
        shown = torch.randn(count, 1, self.content).expand(-1, length, -1)
        return torch.cat((shown, torch.stack(walked, dim=1)), dim=2)

    def clips(self, count: int, length: int) -> Tensor:
        """Return clips (count, C, length, H, W)."""
        frames: Tensor = self.main(self.codes(count, length).flatten(0, 1)[..., None, None])
        return frames.view(count, length, *frames.shape[1:]).permute(0, 2, 1, 3, 4)

    def frames(self, count: int, length: int) -> Tensor:
        """Return frames (count, C, H, W), each out of a clip of its own."""
        codes = self.codes(count, length)
        chosen = codes[torch.arange(count), torch.randint(length, (count,))]
        frames: Tensor = self.main(chosen[..., None, None])
        return frames


def critic_of_frames(colours: int, channels: list[int]) -> nn.Module:
    """Return a network that turns frames (N, C, H, W) into scores (N, 1)."""
    layers: list[nn.Module] = []
    for stage, (a, b) in enumerate(pairwise([colours, *channels])):
        layers.append(nn.Conv2d(a, b, 4, stride=2, padding=1, bias=False))
        layers += [nn.BatchNorm2d(b)] if stage else []
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 4, bias=False), nn.Flatten())


def critic_of_clips(colours: int, channels: list[int], length: int) -> nn.Module:
    """Return a network that turns clips (B, C, T, H, W) into scores (B, 1)."""
    layers: list[nn.Module] = []
    for stage, (a, b) in enumerate(pairwise([colours, *channels])):
        layers.append(nn.Conv3d(a, b, 4, stride=(1, 2, 2), padding=(0, 1, 1), bias=False))
        layers += [nn.BatchNorm3d(b)] if stage else []
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        length -= 3
    return nn.Sequential(
        *layers, nn.Conv3d(channels[-1], 1, (length, 4, 4), bias=False), nn.Flatten()
    )


def textbook_step(
    clip: tuple[int, ...], channels: list[int], content: int, motion: int, clips: int, frames: int
) -> Step:
    """Return a step of the loop.

    Args:
        clip: (C, T, H, W) of the clips.
        channels: From the finest stage to the coarsest.
        clips: How many a turn sees, real and made ones each.
        frames: The same for the critic of frames.
    """
    colours, length = clip[:2]
    generator = Generator(colours, channels, content, motion)
    of_frames = critic_of_frames(colours, channels)
    of_clips = critic_of_clips(colours, channels, length)
    first, second, third = (
        torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), weight_decay=1e-5)
        for network in (generator, of_frames, of_clips)
    )
    real_clips = torch.rand(clips, *clip) * 2 - 1
    real_frames = torch.rand(frames, colours, *clip[2:]) * 2 - 1

    def turn(critic: nn.Module, optimiser: torch.optim.Adam, real: Tensor, made: Tensor) -> None:
        optimiser.zero_grad()
        (_loss(critic(real), 1.0) + _loss(critic(made.detach()), 0.0)).backward()
        optimiser.step()

    def step() -> None:
        turn(of_frames, second, real_frames, generator.frames(frames, length))
        turn(of_clips, third, real_clips, generator.clips(clips, length))
        first.zero_grad()
        loss = _loss(of_frames(generator.frames(frames, length)), 1.0)
        loss = loss + _loss(of_clips(generator.clips(clips, length)), 1.0)
        loss.backward()
        first.step()

    return step


def _loss(scores: Tensor, truth: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, truth))
