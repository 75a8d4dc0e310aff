"""Blocks that read and draw piano rolls (B, tracks, steps, pitches), shared by GAN and VAE.

A roll is no picture: down is a moment later, but to the right is another note, and the notes that
belong together are octaves, fifths and thirds apart, not neighbours. So time and pitch go separate
ways, as in MuseGAN (Dong et al. 2018): kernels over time double or halve it, and kernels over pitch
are as wide as an octave. Such a kernel never overlaps the next one, and kernels over time see three
or four moments, so all of them are plain products of matrices on rows (B, steps, channels): on a
processor many times as fast as the same convolutions of pictures, also for second derivatives.

Networks of rolls ask for `shape[0]`, not `len`: for ONNX files the latter would fix the batch.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError

OCTAVE = 12
_LONGEST_BASE = 32
_SLOPE = 0.2  # of leaky ReLU below 0
_LOUD = 3.0  # of a sounding place as it is read; silence is 0


class RollSize(NamedTuple):
    """How a roll falls into parts: `steps` = base · 2^doublings, `pitches` ≤ octaves · 12."""

    tracks: int
    steps: int
    pitches: int
    base: int
    doublings: int
    octaves: int


def roll_size(shape: tuple[int, ...]) -> RollSize:
    """Return the parts of rolls (tracks, steps, pitches).

    Raises:
        StudioError: The steps cannot be halved down to a few.
    """
    tracks, steps, pitches = shape
    base, doublings = steps, 0
    while base % 2 == 0 and base > 4:
        base, doublings = base // 2, doublings + 1
    if base > _LONGEST_BASE or not doublings:
        raise StudioError(
            "This length does not fit the network",
            f"The network doubles its time several times and {steps} steps cannot be reached so.",
            "Choose another number of bars in the preparation, such as 2, 4 or 8.",
        )
    return RollSize(tracks, steps, pitches, base, doublings, -(-pitches // OCTAVE))


def time_channels(width: int, doublings: int) -> list[int]:
    """Return channels from the finest time to the coarsest: 2w, 4w, 4w, 8w, 8w …"""
    return [width * min(8, 2 ** (1 + (stage + 1) // 2)) for stage in range(doublings + 1)]


def begin(network: nn.Module) -> None:
    """Start plain layers so that signals keep their size through many of them (He et al. 2015).

    torch's own start lets them fade: after ten layers rolls would all look alike.
    """
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, a=_SLOPE)
            nn.init.zeros_(module.bias)


def as_read(rolls: Tensor) -> Tensor:
    """Return rolls in −1 … 1 as networks read them best: 0 where nothing sounds."""
    return (_LOUD / 2) * (rolls + 1)


class Twice(nn.Module):
    """Doubles the time of rows (B, T, a) to (B, 2T, b): each moment becomes two.

    Each pair sees its moment and both neighbours: a transposed convolution with a kernel of 4 and a
    stride of 2, written as one of 3 whose results are shared out (Shi et al. 2016).
    """

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.linear = nn.Linear(3 * a, 2 * b)

    def forward(self, rows: Tensor) -> Tensor:
        wide = functional.pad(rows, (0, 0, 1, 1))
        seen = torch.cat([wide[:, :-2], rows, wide[:, 2:]], dim=2)  # (B, T, 3a)
        made: Tensor = self.linear(seen)
        return made.view(rows.shape[0], 2 * rows.shape[1], -1)


class Half(nn.Module):
    """Halves the time of rows (B, T, a) to (B, T/2, b): a convolution of 4 with a stride of 2."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__()
        self.linear = nn.Linear(4 * a, b)

    def forward(self, rows: Tensor) -> Tensor:
        wide = functional.pad(rows, (0, 0, 1, 1))
        pairs = rows.reshape(rows.shape[0], rows.shape[1] // 2, -1)
        seen = torch.cat([wide[:, :-2:2], pairs, wide[:, 3::2]], dim=2)  # (B, T/2, 4a)
        made: Tensor = self.linear(seen)
        return made


class TimeThenPitch(nn.Module):
    """Features (B, features) → logits of a roll: first time grows, then the octaves open.

    Args:
        features: Numbers that a roll is drawn from.
        silence: The first logits: nearly all of a roll is silent, 3 to 4 % of it sounds.
    """

    def __init__(self, features: int, size: RollSize, width: int, *, silence: float = -3.4) -> None:
        super().__init__()
        self.size = size
        channels = time_channels(width, size.doublings)[::-1]
        self.first = nn.Linear(features, size.base * channels[0])
        self.times = nn.ModuleList(Twice(a, b) for a, b in pairwise(channels))
        # numbers of one size at every moment, whatever the code: no layer looks across the batch
        self.norms = nn.ModuleList(nn.RMSNorm(c, eps=1e-6) for c in channels)
        self.octaves = nn.Linear(channels[-1], size.octaves * 2 * width)
        self.pitches = nn.Linear(2 * width, size.tracks * OCTAVE)
        nn.init.constant_(self.pitches.bias, silence)

    def forward(self, features: Tensor) -> Tensor:
        size = self.size
        x = self.first(features).view(features.shape[0], size.base, -1)
        x = functional.silu(self.norms[0](x.float()))
        for layer, norm in zip(self.times, self.norms[1:], strict=True):
            x = functional.silu(norm(layer(x).float()))  # (B, T, channels)
        x = functional.silu(self.octaves(x)).view(x.shape[0], size.steps, size.octaves, -1)
        logits: Tensor = self.pitches(x).view(*x.shape[:3], size.tracks, OCTAVE)
        logits = logits.permute(0, 3, 1, 2, 4).flatten(3)  # (B, tracks, T, octaves · 12)
        return logits[..., : size.pitches]


class PitchThenTime(nn.Module):
    """A roll → features (B, `features`): first its octaves are read, then time shrinks.

    Beside the roll it sees where notes begin and end, and which of the 12 pitch classes sound
    whatever their octave (the onset and the chroma stream of Dong & Yang 2018): both are hard to
    find for kernels and decide whether a tune has a rhythm and a key.
    """

    def __init__(self, size: RollSize, width: int) -> None:
        super().__init__()
        self.size = size
        channels = time_channels(width, size.doublings)
        self.pitches = nn.Linear(2 * size.tracks * OCTAVE, width)
        self.octaves = nn.Linear(size.octaves * width, 2 * width)
        self.chroma = nn.Linear(size.tracks * OCTAVE, 2 * width)
        self.join = nn.Linear(4 * width, channels[0])
        self.times = nn.ModuleList(Half(a, b) for a, b in pairwise(channels))
        self.features = channels[-1] * size.base
        begin(self)

    def forward(self, rolls: Tensor) -> Tensor:
        size = self.size
        # pitches that fill up the last octave are silent
        rolls = functional.pad(as_read(rolls), (0, size.octaves * OCTAVE - size.pitches))
        before = functional.pad(rolls[:, :, :-1], (0, 0, 1, 0))
        both = torch.cat([rolls, rolls - before], dim=1)
        by_octave = both.reshape(*both.shape[:3], size.octaves, OCTAVE).permute(0, 2, 3, 1, 4)
        by_octave = by_octave.flatten(3)  # (B, T, octaves, 2 tracks · 12)
        read = _leaky(self.pitches(by_octave)).flatten(2)  # (B, T, octaves · w)
        classes = rolls.reshape(*rolls.shape[:3], size.octaves, OCTAVE).sum(3)
        classes = classes.transpose(1, 2).flatten(2)  # (B, T, tracks · 12), 0 where nothing sounds
        x = torch.cat([self.octaves(read), self.chroma(classes)], dim=2)
        x = _leaky(self.join(_leaky(x)))
        for layer in self.times:
            x = _leaky(layer(x))
        return x.flatten(1)


def _leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, _SLOPE)
