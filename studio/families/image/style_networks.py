"""The network that repaints a picture in one of several styles, or in a mixture of them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.conv import Conv2d
from studio.families.layers.instance_norm import InstanceNorm


class StyledNorm(nn.Module):
    """Instance norm whose gain and shift are mixed from those of the styles.

    y = (1 + m Γ) (x − E[x]) / √(Var[x] + ε) + m B   (Dumoulin et al. 2017, equation 5), with
    gains Γ and shifts B, a row for each style, and the mixture m.
    """

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.norm = InstanceNorm()
        self.gain = nn.Parameter(torch.randn(styles, channels) * 0.1)
        self.shift = nn.Parameter(torch.randn(styles, channels) * 0.1)

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        """Return (B, C, H, W) for a mixture (B, styles)."""
        gain = (1 + mix @ self.gain)[:, :, None, None]
        shifted: Tensor = gain * self.norm(x) + (mix @ self.shift)[:, :, None, None]
        return shifted


class StyledConv(nn.Module):
    """A convolution with mirrored borders, then styled norm: Johnson et al. 2016's step."""

    def __init__(self, channels: int, out: int, kernel: int, styles: int, stride: int = 1) -> None:
        super().__init__()
        self.pad = nn.ReflectionPad2d(kernel // 2)
        self.conv = Conv2d(channels, out, kernel, stride=stride, bias=False)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        self.norm = StyledNorm(out, styles)

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        made: Tensor = self.norm(self.conv(self.pad(x)), mix)
        return made


class StyledBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), the residual block of Johnson et al. 2016."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.inner = StyledConv(channels, channels, 3, styles)
        self.outer = StyledConv(channels, channels, 3, styles)

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        changed: Tensor = x + self.outer(functional.relu(self.inner(x, mix)), mix)
        return changed


class Styliser(nn.Module):
    """Repaints pictures (B, 3, H, W) in −1 … 1 after a mixture of styles (B, styles).

    The transformation network of Johnson et al. 2016 with the conditional instance norm of
    Dumoulin et al. 2017, and beside it a change of every pixel's colour that each style has of its
    own. A mixture's sum is the strength: what is painted is added to the picture by so much, and
    gains, shifts and colours move with it, so that 0 leaves the picture as it is.
    """

    HALVINGS = 2

    def __init__(self, styles: int, width: int, blocks: int) -> None:
        super().__init__()
        self.styles = styles
        widths = [width * 2**stage for stage in range(self.HALVINGS + 1)]
        self.first = StyledConv(3, width, 9, styles)
        self.downs = nn.ModuleList(
            StyledConv(a, b, 3, styles, stride=2) for a, b in pairwise(widths)
        )
        self.blocks = nn.ModuleList(StyledBlock(widths[-1], styles) for _ in range(blocks))
        self.ups = nn.ModuleList(StyledConv(a, b, 3, styles) for a, b in pairwise(widths[::-1]))
        # it sees the picture once more, as the norms forget how bright and how rich in contrast
        # a small kernel: Adam moves all its weights at once, and the picture by their number
        self.last = Conv2d(width + 3, 3, 3)
        nn.init.normal_(self.last.weight, 0.0, 0.05 / (3 * width**0.5))
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]  # it has one
        # of each style, what becomes of a pixel's three colours, and of black, without the rest
        self.tint = nn.Parameter(torch.zeros(styles, 3 * 4))

    def forward(self, pictures: Tensor, mix: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        multiple = 2**self.HALVINGS
        below, right = -height % multiple, -width % multiple
        whole = functional.pad(pictures, (0, right, 0, below), mode="replicate")
        x = functional.relu(self.first(whole, mix))
        for down in self.downs:
            x = functional.relu(down(x, mix))
        for block in self.blocks:
            x = block(x, mix)
        for up in self.ups:
            # enlarged smoothly before the convolution: flat stays flat, without a checkerboard
            # (Odena et al. 2016) that every style would soon be made of
            larger = functional.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = functional.relu(up(larger, mix))
        seen = functional.pad(torch.cat((x, whole), dim=1), (1, 1, 1, 1), mode="reflect")
        painted = self.last(seen)[:, :, :height, :width]
        tint = (mix @ self.tint).view(-1, 3, 4)
        tinted = tint[:, :, :3] @ pictures.flatten(2) + tint[:, :, 3:]
        strength = mix.sum(1)[:, None, None, None]
        made: Tensor = pictures + strength * painted + tinted.view_as(pictures)
        return made


class StyleBook(nn.Module):
    """The style pictures (N, 3, H, W) that a model learned, kept for the thorough way."""

    pictures: Tensor

    def __init__(self, count: int, height: int, width: int) -> None:
        super().__init__()
        self.register_buffer("pictures", torch.zeros(count, 3, height, width))

    @torch.no_grad()
    def note(self, pictures: Tensor, places: Tensor) -> None:
        """Keep pictures (B, 3, H, W) at their places (B,)."""
        self.pictures.index_copy_(0, places, pictures.to(self.pictures.dtype))
