"""Networks that cut clips into maps of vectors and draw them again.

Every convolution looks at pictures: time is folded into the batch, and steps in time are taken by
laying frames on each other. A stretch of 2ⁿ frames is cut by itself, so that the tiles of a film's
last frames do not depend on what comes after; the drawer looks at the stretches around each too.
Maps of a clip lie below each other, (B, code, t·h, w), so that all that works on maps of pictures
works on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.image.vqvae_networks import Decoder, Encoder, Residual
from studio.families.layers.conv import Conv2d, ConvTranspose2d

#: Of the weights that draw the pixels: a first drawing is close to grey.
_FAINT = 0.3


class ClipEncoder(nn.Module):
    """Cuts clips (B, C, T, H, W) into maps (B, code, t·h, w), t = T / 2ⁿ."""

    def __init__(
        self, colours: int, width: int, code: int, halvings: int, stages: int, blocks: int
    ) -> None:
        super().__init__()
        self.frames = Encoder(colours, width, width, halvings, blocks)
        self.merging = nn.ModuleList(Conv2d(2 * width, width, 3, padding=1) for _ in range(stages))
        self.last = Conv2d(width, code, 1)
        _begin(self, self.merging)

    def forward(self, clips: Tensor) -> Tensor:
        count = clips.shape[0]
        x = self.frames(clips.transpose(1, 2).flatten(0, 1))  # (B·T, width, h, w)
        for merge in self.merging:
            # two frames that follow on each other become their mean and what they say together
            two = x.reshape(x.shape[0] // 2, 2, *x.shape[1:])
            x = two.mean(1) + merge(functional.relu(two.flatten(1, 2)))
        x = self.last(functional.relu(x))  # (B·t, code, h, w)
        maps: Tensor = x.reshape(count, -1, *x.shape[1:]).transpose(1, 2).flatten(2, 3)
        return maps


class ClipDecoder(nn.Module):
    """Draws maps (B, code, t·h, w) as clips (B, C, T, H, W)."""

    def __init__(
        self,
        code: int,
        width: int,
        colours: int,
        halvings: int,
        stages: int,
        blocks: int,
        maps: int,
    ) -> None:
        """Make the network for clips of `maps` maps."""
        super().__init__()
        self.maps = maps
        self.first = Conv2d(code, width, 3, padding=1)
        self.around = Conv2d(3 * width, width, 3, padding=1)
        self.parting = nn.ModuleList(Conv2d(width, 2 * width, 3, padding=1) for _ in range(stages))
        self.frames = Decoder(width, width, colours, halvings, blocks)
        _begin(self, [self.around, *self.parting])
        last = self.frames.doublings[-1]
        assert isinstance(last, ConvTranspose2d)
        with torch.no_grad():
            last.weight.mul_(_FAINT)

    def forward(self, vectors: Tensor) -> Tensor:
        count, code, _, across = vectors.shape
        x = vectors.reshape(count, code, self.maps, -1, across).transpose(1, 2).flatten(0, 1)
        x = self.first(x)  # (B·t, width, h, w)
        x = x + self.around(functional.relu(_with_neighbours(x, count)))
        for part in self.parting:
            two = part(functional.relu(x)).reshape(x.shape[0], 2, *x.shape[1:])
            x = (x[:, None] + two).flatten(0, 1)
        frames = self.frames(x)  # (B·T, C, H, W)
        clips: Tensor = frames.reshape(count, -1, *frames.shape[1:]).transpose(1, 2)
        return clips


def _begin(network: nn.Module, branches: Iterable[nn.Module]) -> None:
    """Give convolutions weights that keep a signal's strength, and none to residual branches.

    Nothing is normalised here: over this many layers a signal fades with torch's own first weights,
    and grows past all bounds where branches add to it (Zhang et al. 2019, "Fixup", section 3).
    """
    for layer in network.modules():
        if isinstance(layer, Conv2d | ConvTranspose2d):
            # Var w = 2 / n, n the inputs of an output (He et al. 2015, equation 10)
            inputs = layer.in_channels * math.prod(layer.kernel_size)
            if isinstance(layer, ConvTranspose2d):
                inputs //= math.prod(layer.stride)
            nn.init.normal_(layer.weight, std=math.sqrt(2 / inputs))
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    blocks = [each.conv2 for each in network.modules() if isinstance(each, Residual)]
    for branch in (*branches, *blocks):
        assert isinstance(branch, Conv2d)
        nn.init.zeros_(branch.weight)


def _with_neighbours(x: Tensor, count: int) -> Tensor:
    """Return maps (B·t, C, h, w) with the one before and after each, (B·t, 3 C, h, w)."""
    whole = x.reshape(count, -1, *x.shape[1:])
    before = torch.cat([whole[:, :1], whole[:, :-1]], 1)
    after = torch.cat([whole[:, 1:], whole[:, -1:]], 1)
    return torch.cat([before, whole, after], 2).flatten(0, 1)
