"""What style and content are measured by: features of a network that sees pictures.

VGG-19, trained on a million photos, where its weights are at hand; else a small network that the
run itself trains on the user's pictures. The second knows strokes and colours but no objects,
which is called *texture mode* wherever people see it.

Features map pictures (B, 3, H, W) in −1 … 1 to maps (B, C, h, w) ≥ 0, from fine to coarse.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError
from studio.families.layers.conv import Conv2d

#: Of the features' maps, the one that content is compared by: a quarter of the picture's size.
CONTENT = 3


class Features(Protocol):
    """Maps of a picture, the first being the picture itself."""

    def __call__(self, pictures: Tensor, /) -> list[Tensor]: ...


# ---------------------------------------------------------------------------- of one's own data


class _Contrast(Conv2d):
    """A convolution whose filters add up to 0 and have length 1, times a gain of √2.

    Weight standardisation (Qiao et al. 2019): each filter answers to contrast, all of them about
    equally loudly, which correlations of channels need.
    """

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        length = weight.square().sum((1, 2, 3), keepdim=True).sqrt()
        padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        return self._conv_forward(padded, 2**0.5 * weight / (length + 1e-6), self.bias)


class OwnFeatures(nn.Module):
    """Four stages of small convolutions, each after the first at half the size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _Contrast(3, width, 3)
        self.stages = nn.ModuleList(
            _Contrast(a, b, 3)
            for a, b in ((width, width), (width, 2 * width), (2 * width, 4 * width))
        )
        self.last = _Contrast(4 * width, 4 * width, 3)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        found = [(pictures + 1) / 2]
        x = functional.relu(self.first(pictures))
        for number, stage in enumerate((*self.stages, self.last)):
            if number:
                x = functional.avg_pool2d(x, 2, ceil_mode=True)
            x = functional.relu(stage(x))
            found.append(x)
        return found


class Teacher(nn.Module):
    """Draws pictures again from the coarsest map: what the features are trained by."""

    def __init__(self, width: int) -> None:
        super().__init__()
        sizes = (4 * width, 4 * width, 2 * width, width)
        self.stages = nn.ModuleList(Conv2d(a, b, 3, padding=1) for a, b in pairwise(sizes))
        self.last = Conv2d(width, 3, 3, padding=1)

    def forward(self, found: list[Tensor]) -> Tensor:
        x = found[-1]
        for stage, finer in zip(self.stages, reversed(found[1:-1]), strict=True):
            x = functional.interpolate(x, size=finer.shape[2:], mode="nearest")
            x = functional.relu(stage(x))
        drawn: Tensor = self.last(x)
        return drawn


# ------------------------------------------------------------------------------------- VGG-19

#: The convolutions of VGG-19 that are needed, by their number in torchvision's file: channels in
#: and out, whether the map is halved before, and whether it is one of the features.
_LAYERS = (
    (0, 3, 64, False, True),
    (2, 64, 64, False, False),
    (5, 64, 128, True, True),
    (7, 128, 128, False, False),
    (10, 128, 256, True, True),
    (12, 256, 256, False, False),
    (14, 256, 256, False, False),
    (16, 256, 256, False, False),
    (19, 256, 512, True, True),
)
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures


class VGG19(nn.Module):
    """VGG-19 up to relu4_1 (Simonyan & Zisserman 2015), frozen, with means for maxima.

    Averages in place of maxima, as Gatys et al. 2016 recommend for pictures. The features are
    relu1_1, relu2_1, relu3_1 and relu4_1.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(
            {str(number): nn.Conv2d(a, b, 3, padding=1) for number, a, b, _, _ in _LAYERS}
        )
        self.register_buffer("mean", torch.tensor(_MEAN).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(3, 1, 1))

    def forward(self, pictures: Tensor) -> list[Tensor]:
        plain = (pictures + 1) / 2
        found = [plain]
        x = (plain - self.mean) / self.deviation
        for number, _, _, halved, shown in _LAYERS:
            if halved:
                x = functional.avg_pool2d(x, 2, ceil_mode=True)
            x = functional.relu(self.layers[str(number)](x))
            if shown:
                found.append(x)
        return found


@lru_cache(maxsize=1)
def load_vgg19(path: Path, device: torch.device) -> VGG19:
    """Return VGG-19 with the weights of torchvision's file.

    Raises:
        StudioError: The file holds something else.
    """
    network = VGG19()
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        for number, *_ in _LAYERS:
            layer = network.layers[str(number)]
            layer.load_state_dict(
                {key: stored[f"features.{number}.{key}"] for key in ("weight", "bias")}
            )
    except Exception as error:  # a damaged or foreign file answers with every kind of error
        raise StudioError(
            "The file does not hold VGG-19",
            f"{path} could not be read as torchvision's weights of VGG-19 ({error}).",
            "Delete the file and fetch it again, or set Features to own features.",
        ) from error
    return network.requires_grad_(False).eval().to(device)
