"""The StyleGAN's generator: mapping and synthesis. Its critic is in `stylegan_critic.py`.

After Karras et al. 2019 (arXiv:1812.04948) and 2020 (arXiv:1912.04958). B is the batch, D the
length of a style w, L the number of synthesis layers, each of which is steered by a style of its
own. `labels` is the number of labels, 0 for none.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.base import noise
from studio.families.layers.equalised import SQRT2, EqualisedLinear, unit_length
from studio.families.layers.modulated import ModulatedConv2d
from studio.families.layers.resample import Double
from studio.families.layers.sizes import square, stages

#: Largest side of a picture, in pixels.
LARGEST = 256

#: Numbers beside a style from which a layer's noise is made when a seed makes a picture.
NOISE_NUMBERS = 16

#: Size of these numbers in a code. Only their proportions count; small, they do not hide the
#: directions in which styles vary.
_NOISE_SIZE = 0.01
_CHANNELS = 512  # at most, in any layer
_CLAMP = 256.0  # largest activation where numbers have few bits (Karras et al. 2020-ADA)
#: Speed at which the strength of noise is learned. At full speed, noise makes all detail of the
#: first thousand steps, before styles have learned to (seen on 32-pixel photos).
_NOISE_SPEED = 0.01
#: Speed at which the mapping network learns (Karras et al. 2019, appendix C).
MAPPING_SPEED = 0.01
_NEWEST = 0.02  # weight of a batch in the running mean of w


def channels_of(width: int, halvings: int) -> list[int]:
    """Return channels from the finest grid to the coarsest: w, 2w, 4w, 8w, 8w …"""
    return [min(width * min(2**stage, 8), _CHANNELS) for stage in range(halvings + 1)]


def held(x: Tensor) -> Tensor:
    """Hold activations within ±256 where numbers have few bits; in fp32 leave them."""
    # unlike a clamp, one pass over the numbers on the way back
    return x if x.dtype == torch.float32 else functional.hardtanh(x, -_CLAMP, _CLAMP)


# ---------------------------------------------------------------------------------- generator


class Mapping(nn.Module):
    """Codes z (B, D) and labels (B,) → styles w (B, D), and the running mean of w.

    Attributes:
        mean: w̄, (labels or 1, D): one for each label, so that truncation keeps the label.
    """

    mean: Tensor

    def __init__(self, code: int, layers: int, labels: int) -> None:
        super().__init__()
        self.label = nn.Embedding(labels, code) if labels else None
        sizes = [code * (2 if labels else 1), *[code] * layers]
        self.layers = nn.ModuleList(
            EqualisedLinear(a, b, gain=SQRT2, speed=MAPPING_SPEED) for a, b in pairwise(sizes)
        )
        self.register_buffer("mean", torch.zeros(max(labels, 1), code))

    def forward(self, code: Tensor, labels: Tensor | None = None) -> Tensor:
        x = unit_length(code.float())
        if self.label is not None:
            x = torch.cat([x, unit_length(self.label(labels))], dim=1)
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
        return x

    @torch.no_grad()
    def track(self, styles: Tensor, labels: Tensor | None, newest: float = _NEWEST) -> None:
        """Move w̄ towards the mean of styles (B, D), each label's towards its own."""
        kinds = len(self.mean)
        if self.label is None or labels is None:
            labels = torch.zeros(len(styles), dtype=torch.long, device=styles.device)
        member = functional.one_hot(labels, kinds).to(self.mean.dtype)  # (B, kinds)
        counts = member.sum(0)[:, None]
        means = member.T @ styles.to(self.mean.dtype) / counts.clamp_min(1)
        self.mean += newest * (counts > 0) * (means - self.mean)

    def truncated(self, styles: Tensor, labels: Tensor | None, variety: float) -> Tensor:
        """Return w̄ + ψ (w − w̄) (Karras et al. 2019, appendix B), with ψ the variety."""
        middle = self.mean[labels] if self.label is not None else self.mean
        return torch.lerp(middle.expand_as(styles), styles, variety)


class StyledLayer(nn.Module):
    """Modulated convolution, noise, bias and leaky rectifier."""

    def __init__(self, channels: int, out: int, style: int, *, doubles: bool = False) -> None:
        super().__init__()
        self.convolve = ModulatedConv2d(channels, out, 3, style, doubles=doubles)
        self.bias = nn.Parameter(torch.zeros(out))
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, style: Tensor, spread: Tensor) -> Tensor:
        """Return (B, out, H, W).

        Args:
            spread: Noise (B, 1, H, W).
        """
        # the gain of the rectifier, put where factors are applied anyway
        y = self.convolve(x, style, gain=SQRT2)
        y = y + (SQRT2 * _NOISE_SPEED * self.strength * spread).to(y.dtype)
        y = y + (SQRT2 * self.bias).to(y.dtype)[:, None, None]
        return held(functional.leaky_relu(y, 0.2))


class Colours(nn.Module):
    """Features → colours: a modulated 1×1 convolution that is not demodulated, and a bias."""

    def __init__(self, channels: int, colours: int, style: int) -> None:
        super().__init__()
        self.convolve = ModulatedConv2d(channels, colours, 1, style, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(colours))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        y = self.convolve(x, style)
        return held(y + self.bias.to(y.dtype)[:, None, None])


class Synthesis(nn.Module):
    """Styles (B, L, D) and noise (B, places) → pictures (B, C, H, W), about −1 … 1.

    A learned constant is doubled grid by grid, with two styled layers on each. Every grid adds
    its colours to those of the grid before, doubled ("skip" generator, 2020, §4.1). The colours
    of a grid and the first layer of the next follow the same style.

    Attributes:
        layers: L.
        places: Noise numbers that one picture takes.
    """

    def __init__(self, code: int, shape: tuple[int, ...], width: int) -> None:
        super().__init__()
        colours, size = square(shape)
        base, halvings = stages(size, largest=LARGEST)
        channels = channels_of(width, halvings)[::-1]
        self.constant = nn.Parameter(torch.randn(1, channels[0], base, base))
        self.styled = nn.ModuleList([StyledLayer(channels[0], channels[0], code)])
        self.colours = nn.ModuleList([Colours(channels[0], colours, code)])
        self.sides = [base]
        for stage, (a, b) in enumerate(pairwise(channels), start=1):
            self.styled.append(StyledLayer(a, b, code, doubles=True))
            self.styled.append(StyledLayer(b, b, code))
            self.colours.append(Colours(b, colours, code))
            self.sides += [base * 2**stage] * 2
        self.layers = len(self.styled) + 1
        self.places = sum(side**2 for side in self.sides)
        self.doubled = Double()

    def forward(self, styles: Tensor, spread: Tensor) -> Tensor:
        styles_of = styles.unbind(1)
        parts = torch.split(spread, [side**2 for side in self.sides], dim=1)
        maps = [p.view(-1, 1, side, side) for p, side in zip(parts, self.sides, strict=True)]
        x = self.constant.expand(styles.shape[0], -1, -1, -1)
        x = self.styled[0](x, styles_of[0], maps[0])
        picture: Tensor = self.colours[0](x, styles_of[1])
        for stage, colours in enumerate(self.colours[1:], start=1):
            first = 2 * stage - 1
            x = self.styled[first](x, styles_of[first], maps[first])
            x = self.styled[first + 1](x, styles_of[first + 1], maps[first + 1])
            picture = self.doubled(picture) + colours(x, styles_of[first + 2])
        return picture


class Generator(nn.Module):
    """Mapping and synthesis, and the noise that belongs to a seed.

    A row of a code is a layer's style, and NOISE_NUMBERS numbers u for its noise. The noise is
    a mix of fixed noise maps, Σ uₖ mapₖ / ‖u‖: like white noise to look at, with a variance of 1
    for every u, so that it changes smoothly and keeps its strength on the way between codes.

    Attributes:
        path_length: Running mean of how much a picture changes with its styles, ().
    """

    maps: Tensor
    path_length: Tensor

    def __init__(
        self, code: int, shape: tuple[int, ...], width: int, mapping_layers: int, labels: int
    ) -> None:
        super().__init__()
        self.code = code
        self.mapping = Mapping(code, mapping_layers, labels)
        self.synthesis = Synthesis(code, shape, width)
        maps = noise(range(NOISE_NUMBERS), (self.synthesis.places,), torch.device("cpu"))
        self.register_buffer("maps", maps, persistent=False)
        self.register_buffer("path_length", torch.tensor(0.0))

    def coded(self, numbers: Tensor, labels: Tensor | None, variety: float = 1.0) -> Tensor:
        """Return codes (B, L, D + NOISE_NUMBERS) of normal numbers (B, D + NOISE_NUMBERS)."""
        code, of_noise = torch.split(numbers, [self.code, NOISE_NUMBERS], dim=1)
        styles = self.mapping.truncated(self.mapping(code, labels), labels, variety)
        row = torch.cat([styles, _NOISE_SIZE * of_noise], dim=1)
        return row[:, None].repeat(1, self.synthesis.layers, 1)

    def forward(self, codes: Tensor) -> Tensor:
        """Return pictures (B, C, H, W) of codes (B, L, D + NOISE_NUMBERS)."""
        styles, numbers = torch.split(codes, [self.code, NOISE_NUMBERS], dim=2)
        with torch.autocast(codes.device.type, enabled=False):
            numbers = numbers.float()
            numbers = numbers * torch.rsqrt(numbers.square().sum(2, keepdim=True) + 1e-12)
            parts = torch.split(self.maps, [side**2 for side in self.synthesis.sides], dim=1)
            # the last row makes colours only
            spread = [u @ part for u, part in zip(numbers.unbind(1)[:-1], parts, strict=True)]
        made: Tensor = self.synthesis(styles, torch.cat(spread, dim=1))
        return made


class Coding(nn.Module):
    """The way from normal numbers (and labels) to codes, as a network by itself."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, numbers: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.generator.coded(numbers, labels)
