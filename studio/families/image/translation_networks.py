"""Networks that turn a picture into another one of the same size, and the critic of patches.

Generators map pictures (B, C, H, W) in −1 … 1 of any size to pictures (B, C', H, W) in −1 … 1;
the critic maps pictures to one score per patch, (B, 1, h, w).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.colour import coloured
from studio.families.layers.conv import Conv2d, ConvTranspose2d
from studio.families.layers.instance_norm import InstanceNorm
from studio.families.layers.sizes import stages

SMALLEST, LARGEST = 16, 512  # pixels a side, of the pictures that a U-Net learns from
_PATCH_SHARE = 0.6  # of the picture's side that a critic's patch may take
_FAINT = 0.3  # of its contrast
_MOST_HALVINGS = 3  # of a critic: patches of 70 pixels, as in the papers


def initialise(network: nn.Module) -> None:
    """Start from He et al. 2015, which keeps the size of signals where nothing normalises them."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if isinstance(module, nn.ConvTranspose2d):  # its fan counts all of the kernel …
                with torch.no_grad():  # … of which a pixel of the result sees a quarter
                    module.weight.mul_(2)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _padded(x: Tensor, multiple: int) -> Tensor:
    """Return pictures with their right and lower edge repeated up to a multiple of pixels."""
    height, width = x.shape[2:]
    below, right = -height % multiple, -width % multiple
    return functional.pad(x, (0, right, 0, below), mode="replicate") if below or right else x


# -------------------------------------------------------------------------------------- ResNet


class ResidualBlock(nn.Module):
    """x + conv(relu(norm(conv(relu(norm(x)))))), full pre-activation (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            InstanceNorm(),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            Conv2d(channels, channels, 3, bias=False),
            InstanceNorm(),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            Conv2d(channels, channels, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = x + self.branch(x)
        return changed


class ResNetGenerator(nn.Module):
    """Two halvings, residual blocks, two doublings (Johnson et al. 2016, as CycleGAN uses it).

    Only the branches of the blocks are normalised, not the trunk: normalised, a flat ground comes
    out the same whatever its colour was, and no later layer could tell. It begins with a faint copy
    of the picture. Which of several ways a game without pairs finds is decided in its first steps,
    and the one that keeps bright what is bright is nearly always the one that is meant; a full copy
    would be the perfect way back already, and hold it there.
    """

    HALVINGS = 2

    def __init__(self, channels: int, out: int, width: int, blocks: int) -> None:
        super().__init__()
        widths = [width * 2**stage for stage in range(self.HALVINGS + 1)]
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), Conv2d(channels, width, 7), nn.ReLU()]
        for a, b in pairwise(widths):
            layers += [Conv2d(a, b, 4, stride=2, padding=1), nn.ReLU()]
        layers += [ResidualBlock(widths[-1]) for _ in range(blocks)]
        for a, b in pairwise(widths[::-1]):
            # a kernel of twice the stride covers every pixel equally often: no checkerboard
            layers += [nn.ReLU(), ConvTranspose2d(a, b, 4, stride=2, padding=1)]
        last = Conv2d(width, out, 7)
        layers += [nn.ReLU(), nn.ReflectionPad2d(3), last]
        self.layers = nn.Sequential(*layers)
        self.out = out
        repaint = Conv2d(2 * width, out, 1)
        self.colour = nn.Sequential(Conv2d(channels, 2 * width, 1), nn.ReLU(), repaint)
        initialise(self)
        for layer in (last, repaint):
            nn.init.normal_(layer.weight, 0.0, 0.1 / width**0.5)

    def forward(self, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        changed: Tensor = self.layers(_padded(pictures, 2**self.HALVINGS))
        made = _FAINT * coloured(pictures, self.out) + self.colour(pictures)
        made = made + changed[:, :, :height, :width]
        # a tanh would have no slope where pictures are plain black or white
        result: Tensor = made if self.training else made.clamp(-1, 1)
        return result


# --------------------------------------------------------------------------------------- U-Net


class UNetGenerator(nn.Module):
    """Halvings down to 4 … 7 pixels and doublings back, each joined with its like (Isola 2017).

    A pixel's own colour goes straight to the result as well: what is normalised on the way
    cannot tell how bright a flat ground was.
    """

    def __init__(self, channels: int, out: int, width: int, size: int) -> None:
        super().__init__()
        _, self.halvings = stages(size, SMALLEST, LARGEST)
        widths = [width * min(2**stage, 8) for stage in range(self.halvings)]
        self.downs = nn.ModuleList()
        for stage, (a, b) in enumerate(pairwise([channels, *widths])):
            down: list[nn.Module] = [Conv2d(a, b, 4, stride=2, padding=1)]
            if stage:  # the first keeps how bright the picture is
                down = [nn.LeakyReLU(0.2), *down, InstanceNorm()]
            self.downs.append(nn.Sequential(*down))
        self.ups = nn.ModuleList()
        for stage in reversed(range(self.halvings)):
            a = widths[stage] if stage == self.halvings - 1 else 2 * widths[stage]
            b = widths[stage - 1] if stage else out
            up: list[nn.Module] = [nn.ReLU(), ConvTranspose2d(a, b, 4, stride=2, padding=1)]
            self.ups.append(nn.Sequential(*up, *([InstanceNorm()] if stage else [])))
        self.colour = nn.Sequential(
            Conv2d(channels, 2 * width, 1), nn.ReLU(), Conv2d(2 * width, out, 1)
        )
        initialise(self)

    def forward(self, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        x = _padded(pictures, 2**self.halvings)
        seen = []
        for down in self.downs:
            x = down(x)
            seen.append(x)
        x = self.ups[0](seen.pop())
        for up in self.ups[1:]:
            x = up(torch.cat((x, seen.pop()), dim=1))
        made: Tensor = self.colour(pictures) + x[:, :, :height, :width]
        return torch.tanh(made)


# -------------------------------------------------------------------------------------- critic


def patch_size(halvings: int) -> int:
    """Return how many pixels a side one score of a critic looks at: 16, 34, 70 for 1, 2, 3.

    Counted back from one score: a convolution of kernel 4 widens n places to s (n − 1) + 4, of
    which there are two with stride s = 1 and before them `halvings` with s = 2.
    """
    places = 7
    for _ in range(halvings):
        places = 2 * (places - 1) + 4
    return places


def critic_halvings(size: int) -> int:
    """Return how many halvings suit pictures of a size: the papers' patches of 70 for 128 on."""
    fitting = [n for n in range(2, _MOST_HALVINGS + 1) if patch_size(n) <= _PATCH_SHARE * size]
    return max(fitting, default=1)


class PatchCritic(nn.Module):
    """Judges every patch of a picture on its own (PatchGAN, Isola et al. 2017)."""

    def __init__(self, channels: int, width: int, size: int) -> None:
        super().__init__()
        halvings = critic_halvings(size)
        widths = [width * min(2**stage, 8) for stage in range(halvings + 1)]
        layers: list[nn.Module] = [
            Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        for stage, (a, b) in enumerate(pairwise(widths), start=1):
            stride = 2 if stage < halvings else 1
            layers += [Conv2d(a, b, 4, stride=stride, padding=1, bias=False)]
            layers += [InstanceNorm(), nn.LeakyReLU(0.2)]
        layers.append(Conv2d(widths[-1], 1, 4, padding=1))
        self.layers = nn.Sequential(*layers)
        initialise(self)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.layers(pictures)
        return scores
