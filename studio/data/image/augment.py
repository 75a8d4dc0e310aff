"""Changing pictures at random while a model learns, for a whole batch at once, on its device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    from torch import Tensor


class Amounts(Protocol):
    """How much of each change; see the fields of ImagePreparation."""

    @property
    def mirror(self) -> bool: ...
    @property
    def upside_down(self) -> bool: ...
    @property
    def rotate(self) -> int: ...
    @property
    def zoom(self) -> int: ...
    @property
    def brightness(self) -> int: ...
    @property
    def contrast(self) -> int: ...
    @property
    def saturation(self) -> int: ...


def augment(pictures: Tensor, amounts: Amounts) -> Tensor:
    """Return pictures (N, C, H, W) in [-1, 1], each changed in its own way.

    Draws from torch's global generator of the CPU, so that a seed means the same on every device.
    """
    if amounts.mirror:
        pictures = _flipped(pictures, 3)
    if amounts.upside_down:
        pictures = _flipped(pictures, 2)
    if amounts.rotate or amounts.zoom:
        pictures = _moved(pictures, amounts.rotate, amounts.zoom)
    if amounts.brightness or amounts.contrast or amounts.saturation:
        pictures = _coloured(pictures, amounts)
    return pictures


def _flipped(pictures: Tensor, dimension: int) -> Tensor:
    """Return the pictures, half of them flipped along a dimension."""
    import torch

    chosen = (torch.rand(len(pictures)) < 0.5).to(pictures.device)
    return torch.where(chosen[:, None, None, None], pictures.flip(dimension), pictures)


def _moved(pictures: Tensor, degrees: int, percent: int) -> Tensor:
    """Return the pictures turned by up to `degrees` and cropped by up to `percent`, resampled once.

    A crop keeps a part of 1 − p of each side at a random place; what a turn brings in from
    outside is the picture mirrored at its edge.
    """
    import torch
    from torch.nn import functional

    count = len(pictures)
    angle = (torch.rand(count) * 2 - 1) * (degrees * torch.pi / 180)
    scale = 1 - torch.rand(count) * (percent / 100)
    shift = (torch.rand(count, 2) * 2 - 1) * (1 - scale)[:, None]
    # rows of the map from a pixel's place in the result to its place in the source
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    rows = [torch.stack((cosine, -sine, shift[:, 0]), 1)]
    rows.append(torch.stack((sine, cosine, shift[:, 1]), 1))
    theta = torch.stack(rows, 1).to(pictures.device)  # (N, 2, 3)
    grid = functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    return functional.grid_sample(
        pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _coloured(pictures: Tensor, amounts: Amounts) -> Tensor:
    """Return the pictures brighter or darker, harder or softer, more or less colourful."""
    import torch

    def factor(percent: int) -> Tensor:
        drawn = 1 + (torch.rand(len(pictures), 1, 1, 1) * 2 - 1) * (percent / 100)
        return drawn.to(pictures.device)

    if amounts.brightness:
        pictures = (pictures + 1) * factor(amounts.brightness) - 1
    if amounts.contrast:
        mean = pictures.mean((1, 2, 3), keepdim=True)
        pictures = (pictures - mean) * factor(amounts.contrast) + mean
    if amounts.saturation and pictures.shape[1] == 3:
        grey = pictures.mean(1, keepdim=True)
        pictures = (pictures - grey) * factor(amounts.saturation) + grey
    return pictures.clamp(-1, 1)
