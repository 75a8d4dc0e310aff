"""Networks of the WaveGAN: kernels that draw a wave out four times over, and others that fold it.

`labels` is the number of labels, 0 for none. No layer of the critic looks across the batch, as the
penalty on its slope wants it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

_STAGES = 5  # each four times: lengths are multiples of 4⁵ = 1024
_KERNEL = 25
#: By how many samples the critic's layers may be moved at most (phase shuffle).
SHUFFLE = 2


class WaveGenerator(nn.Module):
    """Codes (B, code) and labels (B,) become sound (B, C, L) in -1 … 1 (Donahue et al. 2019).

    Args:
        resize: Repeats samples before plain kernels instead of spreading them by transposed
            kernels, which whistle at multiples of rate/4 (Odena et al. 2016).
    """

    def __init__(
        self, code: int, shape: tuple[int, ...], width: int, labels: int, *, resize: bool
    ) -> None:
        super().__init__()
        self.begin = shape[1] // 4**_STAGES
        self.label = nn.Embedding(labels, code) if labels else None
        widths = [width * 2**stage for stage in reversed(range(_STAGES))]
        self.widest = widths[0]
        self.first = nn.Linear(code, self.widest * self.begin)
        outs = [*widths[1:], shape[0]]
        self.stages = nn.ModuleList(
            _grow(a, b, resize=resize) for a, b in zip(widths, outs, strict=True)
        )

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        if self.label is not None:
            code = code + self.label(labels)
        x = self.first(code).view(-1, self.widest, self.begin)
        for stage in self.stages:
            x = stage(functional.relu(x))
        return torch.tanh(x)


def _grow(inside: int, outside: int, *, resize: bool) -> nn.Module:
    if resize:
        smooth = nn.Conv1d(inside, outside, _KERNEL, padding="same")
        nn.init.kaiming_normal_(smooth.weight)  # else five stages make nearly nothing of a code
        return nn.Sequential(nn.Upsample(scale_factor=4), smooth)
    return nn.ConvTranspose1d(inside, outside, _KERNEL, stride=4, padding=11, output_padding=1)


class WaveCritic(nn.Module):
    """Sound (B, C, L) and labels become scores (B,); a projection tells of the label."""

    def __init__(self, shape: tuple[int, ...], width: int, labels: int) -> None:
        super().__init__()
        widths = [shape[0], *(width * 2**stage for stage in range(_STAGES))]
        self.stages = nn.ModuleList(
            nn.Conv1d(a, b, _KERNEL, stride=4, padding=11) for a, b in pairwise(widths)
        )
        features = widths[-1] * (shape[1] // 4**_STAGES)
        self.score = nn.Linear(features, 1)
        self.label = nn.Embedding(labels, features) if labels else None
        if self.label is not None:
            nn.init.zeros_(self.label.weight)

    def forward(
        self, wave: Tensor, labels: Tensor | None = None, shifts: Tensor | None = None
    ) -> Tensor:
        """Return scores; `shifts` (B, 4) in -SHUFFLE … SHUFFLE move what the layers see."""
        x = wave
        for place, stage in enumerate(self.stages):
            x = functional.leaky_relu(stage(x), 0.2)
            if shifts is not None and place < shifts.shape[1]:
                x = shuffled(x, shifts[:, place])
        x = x.flatten(1)
        score: Tensor = self.score(x)[:, 0]
        if self.label is not None:  # Miyato & Koyama 2018: y · φ(x)
            score = score + (self.label(labels) * x).sum(1)
        return score


def shuffled(x: Tensor, shifts: Tensor) -> Tensor:
    """Return x (B, C, T) moved by shifts (B,), mirrored at its ends (phase shuffle, section 3.3).

    The critic cannot tell made sound by the phase at which a whistle of the generator comes.
    """
    length = x.shape[2]
    if length <= SHUFFLE:
        return x
    places = torch.arange(length, device=x.device) - shifts[:, None]
    places = places.abs()
    places = torch.where(places >= length, 2 * length - 2 - places, places)
    return x.gather(2, places[:, None].expand(-1, x.shape[1], -1))
