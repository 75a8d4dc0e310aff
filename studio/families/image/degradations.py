"""What time and cheap cameras do to pictures, on the device and for a whole batch at once.

Pictures are (B, C, H, W) in −1 … 1 and come back as a file of 8 bits would hold them: at 256
levels, nothing below black or above white. Each picture has its own strength. Random numbers are
always given, so that a step that is cut into parts damages the same.
"""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

#: Strokes and rectangles that holes are made of, and uniform numbers that one picture takes.
_STROKES, _CORNERS, _RECTANGLES = 3, 4, 2
HOLE_NUMBERS = _STROKES * (1 + 2 * _CORNERS) + _RECTANGLES * (1 + 4)

_BLUR_REACH = 3  # standard deviations that a blur looks to each side


def eight_bits(pictures: Tensor) -> Tensor:
    """Return pictures at the 256 levels that a file has."""
    return (pictures.clamp(-1, 1) + 1).mul(127.5).round().div(127.5) - 1


def add_noise(pictures: Tensor, sigma: Tensor, normal: Tensor) -> Tensor:
    """Add Gaussian noise.

    Args:
        sigma: (B,) standard deviation in levels of 255.
        normal: Standard normal noise of the pictures' shape.
    """
    return eight_bits(pictures + normal * (sigma / 127.5)[:, None, None, None])


def blur(pictures: Tensor, sigma: Tensor, most: float) -> Tensor:
    """Blur with a Gaussian each, as an unsharp lens does.

    Args:
        sigma: (B,) standard deviation in pixels, each at most `most`.
    """
    count, channels, height, width = pictures.shape
    reach = math.ceil(_BLUR_REACH * most)
    place = torch.arange(-reach, reach + 1, device=pictures.device)
    # w(x) = exp(−x² / 2σ²) / Σ; a σ near 0 leaves the pixel itself
    weights = (-0.5 * (place / sigma.clamp_min(1e-3)[:, None]) ** 2).softmax(1)  # (B, 2r + 1)
    kernel = weights.repeat_interleave(channels, 0)[:, None]  # (B·C, 1, 2r + 1)
    padded = functional.pad(pictures, (reach, reach, reach, reach), mode="replicate")
    # every picture is a group with a kernel of its own
    rows = padded.view(1, count * channels, height + 2 * reach, width + 2 * reach)
    rows = functional.conv2d(rows, kernel[:, :, None], groups=count * channels)
    blurred = functional.conv2d(rows, kernel[..., None], groups=count * channels)
    return eight_bits(blurred.view_as(pictures))


def shrink(pictures: Tensor, times: int) -> Tensor:
    """Return pictures of 1/times the size, antialiased bicubic as Pillow's; sides must divide."""
    height, width = pictures.shape[2:]
    return eight_bits(_resized(pictures, height // times, width // times))


def enlarge(pictures: Tensor, times: int) -> Tensor:
    """Return pictures `times` as large, bicubic as Pillow's: what to do better than."""
    height, width = pictures.shape[2:]
    return _resized(pictures, height * times, width * times)


def _resized(pictures: Tensor, height: int, width: int) -> Tensor:
    # with antialias torch takes the cubic of Keys (1981) with a = −½, as Pillow does
    return functional.interpolate(pictures.float(), (height, width), mode="bicubic", antialias=True)


# --------------------------------------------------------------------------------------- holes


def holes(numbers: Tensor, shares: Tensor, height: int, width: int) -> Tensor:
    """Return masks (B, 1, H, W): 1 in brush strokes and rectangles that cover what they should.

    Strokes run through random corners, rectangles lie anywhere. All of them grow evenly until
    together they cover exactly their share of the picture.

    Args:
        numbers: (B, HOLE_NUMBERS) uniform in 0 … 1.
        shares: (B,) of the picture to cover, 0 … 1.
    """
    count = len(numbers)
    longest = max(height, width)
    y = torch.arange(height, device=numbers.device).view(1, 1, height, 1) / longest
    x = torch.arange(width, device=numbers.device).view(1, 1, 1, width) / longest
    size = numbers.new_tensor([height, width]) / longest
    split = _STROKES * (1 + 2 * _CORNERS)
    strokes = numbers[:, :split].view(count, _STROKES, -1)
    rectangles = numbers[:, split:].view(count, _RECTANGLES, -1)

    corners = strokes[..., 1:].view(count, _STROKES, _CORNERS, 2)
    # a stroke stays near its first corner: the others are drawn towards it
    corners = (corners[:, :, :1] + (corners - corners[:, :, :1]) * 0.6) * size
    begin, end = corners[:, :, :-1].flatten(1, 2), corners[:, :, 1:].flatten(1, 2)  # (B, K, 2)
    along = _to_line(y, x, begin, end).view(count, _STROKES, _CORNERS - 1, height, width).amin(2)

    centre = rectangles[..., 1:3] * size
    half = 0.05 + 0.1 * rectangles[..., 3:5]  # of the longer side
    off_y = (y - centre[..., :1, None]).abs() - half[..., :1, None]
    off_x = (x - centre[..., 1:, None]).abs() - half[..., 1:, None]
    outside = torch.maximum(off_y, off_x)

    distance = torch.cat([along, outside], 1)  # (B, shapes, H, W)
    # each shape takes part in half of the pictures, one of them always
    chance = torch.cat([strokes[..., 0], rectangles[..., 0]], 1)
    absent = (chance > 0.5) & (chance > chance.amin(1, keepdim=True))
    distance = distance.masked_fill(absent[..., None, None], torch.inf).amin(1).flatten(1)
    # the brush is as thick as it takes: pixels in the order of their distance
    order = torch.argsort(distance, dim=1, stable=True).argsort(1)
    covered = order < (shares * height * width).round()[:, None]
    return covered.view(count, 1, height, width).float()


def _to_line(y: Tensor, x: Tensor, begin: Tensor, end: Tensor) -> Tensor:
    """Return how far (B, K, H, W) each pixel is from the lines `begin` to `end` (B, K, 2)."""
    (y0, x0), (y1, x1) = ((p[..., :1, None], p[..., 1:, None]) for p in (begin, end))
    dy, dx = y1 - y0, x1 - x0
    # the nearest point of p + t (q − p), t in 0 … 1
    t = ((y - y0) * dy + (x - x0) * dx) / (dy * dy + dx * dx).clamp_min(1e-9)
    t = t.clamp(0, 1)
    return ((y - y0 - t * dy) ** 2 + (x - x0 - t * dx) ** 2).sqrt()


def fill(pictures: Tensor, masks: Tensor) -> Tensor:
    """Return pictures whose holes have the mean colour of what is left."""
    left = 1 - masks
    mean = (pictures * left).sum((2, 3), keepdim=True) / left.sum((2, 3), keepdim=True).clamp_min(1)
    return eight_bits(torch.where(masks > 0.5, mean, pictures))


# ---------------------------------------------------------------------------------------- JPEG

# Annex K of ITU-T T.81, tables K.1 and K.2: steps of the 8 × 8 waves, for luma and chroma.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
# Rec. ITU-T T.871 (JFIF): Y, Cb, Cr from R, G, B, and back.
_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
_TO_RGB = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))


def jpeg(pictures: Tensor, quality: Tensor) -> Tensor:
    """Return grey or colour pictures as they come back from a JPEG file.

    The steps of libjpeg with its usual halved colour (4:2:0), without the lossless packing.

    Args:
        quality: (B,) 1 … 100 as every program counts it.
    """
    height, width = pictures.shape[2:]
    levels = (pictures.float() + 1) * 127.5
    below, right = -height % 16, -width % 16
    padded = functional.pad(levels, (0, right, 0, below), mode="replicate")
    if pictures.shape[1] == 1:
        luma = _coarse(padded - 128, _LUMA, quality) + 128
        return eight_bits(luma[:, :, :height, :width] / 127.5 - 1)
    to_ycc, to_rgb = levels.new_tensor(_TO_YCC), levels.new_tensor(_TO_RGB)
    ycc = torch.einsum("ij,bjhw->bihw", to_ycc, padded).round()  # chroma around 0
    luma = _coarse(ycc[:, :1] - 128, _LUMA, quality) + 128
    chroma = _coarse(_halved(ycc[:, 1:]), _CHROMA, quality)
    chroma = chroma[:, :, : -(-height // 2), : -(-width // 2)].round()
    # libjpeg's "fancy upsampling": ¾ of the near and ¼ of the far neighbour
    chroma = functional.interpolate(chroma, scale_factor=2.0, mode="bilinear").round()
    both = torch.cat([luma[:, :, :height, :width].round(), chroma[:, :, :height, :width]], 1)
    return eight_bits(torch.einsum("ij,bjhw->bihw", to_rgb, both) / 127.5 - 1)


def _halved(planes: Tensor) -> Tensor:
    """Return whole numbers averaged in squares of two, halves rounded down and up in turn.

    So libjpeg does it, to keep colours from drifting.
    """
    sums = 4 * functional.avg_pool2d(planes, 2)
    turn = 1 + torch.arange(sums.shape[-1], device=sums.device) % 2
    return ((sums + turn) / 4).floor()


def _coarse(planes: Tensor, table: tuple[tuple[int, ...], ...], quality: Tensor) -> Tensor:
    """Round the waves of every block of 8 × 8 in planes (B, C, H, W) around 0."""
    count, channels, height, width = planes.shape
    # libjpeg's jpeg_set_quality: s = 5000 / q below 50, else 200 − 2 q, in per cent of the table
    percent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality).floor()
    steps = ((planes.new_tensor(table) * percent[:, None, None] + 50) / 100).floor().clamp(1, 255)
    waves = _waves(planes.device)
    blocks = planes.view(count, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    found = waves @ blocks @ waves.T  # (B, C, rows, columns, 8, 8)
    steps = steps[:, None, None, None]
    rounded = (found / steps).round() * steps
    back = waves.T @ rounded @ waves
    return back.transpose(3, 4).reshape(planes.shape)


@cache
def _waves(device: torch.device) -> Tensor:
    """Return the 8 × 8 matrix of the discrete cosine transform, type II, orthonormal."""
    row = torch.arange(8.0, device=device)[:, None]
    place = torch.arange(8.0, device=device)
    waves = torch.cos(math.pi * (2 * place + 1) * row / 16) / 2
    waves[0] /= math.sqrt(2)
    return waves
