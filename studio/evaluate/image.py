"""How image samples compare with real pictures, by measures that need no trained network.

All of them compare made with real pictures of the same run, so they are for curves and for
keeping the best checkpoint, not for comparing programs or datasets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.media import Image, Media, Modality
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.fidelity import fine_contrast
from studio.evaluate.nearest import LearnedPictures, twins
from studio.evaluate.plain_features import features, mean_distance, sample_distance
from studio.evaluate.quality import quality

__all__ = [
    "SAMPLES",
    "Newness",
    "features",
    "newness",
    "quality",
    "real_items",
    "sample_distance",
    "sample_statistics",
]

#: Samples that `evaluate` takes where nobody says how many.
SAMPLES = 1000

_SEARCHED = 2_000  # learned pictures among which copies are looked for while a run trains
_UNSEEN = 500  # unseen ones that show how far new ones usually are
_FEWEST_UNSEEN = 20  # less say nothing of how far new pictures usually are
_PART = 100  # pictures that are in memory at once


@torch.inference_mode()
def sample_statistics(samples: Sequence[Media], real: Sequence[Media]) -> dict[str, float]:
    """Return how samples differ from real pictures, by the names in `sample_metrics.py`.

    Args:
        samples: Made pictures, at least two, all of one shape.
        real: Prepared pictures of the dataset, of the same shape.
    """
    made_pixels, real_pixels = _pixels(samples), _pixels(real)
    if len(made_pixels) < 2 or len(real_pixels) < 2:
        return {}
    made, genuine = features(made_pixels), features(real_pixels)
    return {
        "sample_distance": sample_distance(made, genuine),
        "diversity": mean_distance(made) / max(mean_distance(genuine), 1e-8),
        "sharpness": _fine(made_pixels) / max(_fine(real_pixels), 1e-8),
        "checkerboard": _grid_strength(made_pixels, real_pixels),
        "contrast": float(made_pixels.std() / real_pixels.std().clamp_min(1e-6)),
        "twins": twins(2 * made_pixels - 1, 2 * real_pixels - 1),
        "clipped": max(0.0, _at_the_ends(made_pixels) - _at_the_ends(real_pixels)),
    }


class Newness:
    """How new samples are beside the pictures that were learned, which are read once.

    Args:
        learned: Prepared pictures that the model learned from, in parts.
        unseen: Prepared pictures that it did not, in parts, which show how far new ones usually
            are.
    """

    @torch.inference_mode()
    def __init__(
        self, learned: Iterable[Sequence[Media]], unseen: Iterable[Sequence[Media]]
    ) -> None:
        self._learned = LearnedPictures(
            *((2 * _pixels(part) - 1 for part in parts) for parts in (learned, unseen))
        )

    @torch.inference_mode()
    def of(self, samples: Sequence[Media]) -> dict[str, float]:
        """Return `novelty` and `copies` of made pictures."""
        found = self._learned.nearest(2 * _pixels(samples) - 1)
        return {"novelty": found.ratio, "copies": found.copies}


def real_items(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> list[Media]:
    """Return prepared pictures to compare samples with, `count` where there are so many."""
    rows = data.items[random_part(places, count)]
    return modality_data(Modality.IMAGE).as_prepared(rows, data.spec)


def newness(data: PreparedData) -> Newness | None:
    """Return how new samples of a run are; None where too little was kept to compare with."""
    if len(data.validation) < _FEWEST_UNSEEN:
        return None
    return Newness(_parts(data, data.train, _SEARCHED), _parts(data, data.validation, _UNSEEN))


def _parts(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> Iterator[list[Media]]:
    """Yield so many of these pictures, a part at a time."""
    chosen = random_part(places, count)
    for start in range(0, len(chosen), _PART):
        part = chosen[start : start + _PART]
        yield real_items(data, part, len(part))


def _pixels(pictures: Sequence[Media]) -> Tensor:
    """Return pictures as numbers in 0 … 1, (N, C, H, W)."""
    arrays = [picture.pixels for picture in pictures if isinstance(picture, Image)]
    if not arrays:
        return torch.empty(0, 1, 1, 1)
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float() / 255


# ----------------------------------------------------------------------------- fine structure


def _at_the_ends(pixels: Tensor) -> float:
    """Return the share of values that are as dark or as bright as can be."""
    return float(((pixels <= 0) | (pixels >= 1)).float().mean())


def _grey(pixels: Tensor) -> Tensor:
    return pixels.mean(1, keepdim=True)


def _fine(pixels: Tensor) -> float:
    return float(fine_contrast(pixels).mean())


def _grid_strength(made: Tensor, real: Tensor) -> float:
    """Return how much the finest grids stand out of other fine structure, over real pictures.

    Transposed convolutions that cover pixels unequally leave peaks at the frequencies (π, 0),
    (0, π) and (π, π) (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts"). The peaks
    are held against the fine structure of samples or of real pictures, whichever has more, so
    that neither plain noise nor an invisible trace on a smooth picture counts.
    """
    made_peak, made_fine = _peak_and_fine(made)
    real_peak, real_fine = _peak_and_fine(real)
    stands_out = made_peak / max(made_fine, real_fine, 1e-12)
    return stands_out / max(real_peak / max(real_fine, 1e-12), 1.0)


def _peak_and_fine(pixels: Tensor) -> tuple[float, float]:
    """Return the mean power at the finest grids, and at all frequencies above π/2."""
    grey = _grey(pixels)[:, 0]
    power = torch.fft.fft2(grey - grey.mean((1, 2), keepdim=True)).abs().square().mean(0)  # (H, W)
    # distance from zero frequency along each side, 1 at π
    high, wide = (2 * torch.fft.fftfreq(size).abs() for size in power.shape)
    reach = 1 / 16
    top, left = high >= 1 - reach, wide >= 1 - reach
    low, near = high <= reach, wide <= reach
    peak = (top[:, None] & left[None]) | (top[:, None] & near[None]) | (low[:, None] & left[None])
    fine = (high[:, None] > 0.5) | (wide[None] > 0.5)
    return float(power[peak].mean()), float(power[fine & ~peak].mean())
