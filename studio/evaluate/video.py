"""How clips that a model made compare with those that it learned from.

Measured is on frames of 64 pixels at most, as a whole set: what moves, flickers, stands still or
repeats by `evaluate/video_frames.py`, what frames look like as pictures do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.media import Media, Modality
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.fidelity import fine_contrast
from studio.evaluate.nearest import LearnedPictures, twins
from studio.evaluate.plain_features import features, mean_distance, sample_distance
from studio.evaluate.video_frames import flicker_energy, loop_lags, motion_energy
from studio.evaluate.video_quality import (
    as_clip,
    clip_parts,
    frames_of,
    quality,
    small_stills,
    stills,
)

__all__ = ["SAMPLES", "Newness", "newness", "quality", "real_items", "sample_statistics"]

#: Samples that `evaluate` takes where nobody says how many.
SAMPLES = 200

_REAL = 64  # real clips that samples are compared with, at least
_LARGEST = 64  # pixels; larger frames are shrunk
_AT_ONCE = 16  # clips that are numbers at once
_FROZEN = 0.1  # of the usual motion of real clips, below which a clip stands still
_CHANGES = 4  # of a clip, that are looked at
_LOUDER = 4.0  # times that differences of frames are magnified to be looked at
_SEARCHED = 1_000  # learned clips among which copies are looked for while a run trains
_UNSEEN = 300  # unseen ones that show how far new ones usually are
_FEWEST_UNSEEN = 20


@torch.inference_mode()
def sample_statistics(samples: Sequence[Media], real: Sequence[Media]) -> dict[str, float]:
    """Return how samples differ from real clips, by the names in `video/sample_metrics.py`.

    Args:
        samples: Clips that a model made, two at least; of any number of frames.
        real: Prepared clips of the dataset.
    """
    if len(samples) < 2 or len(real) < 2:
        return {}
    size = _measured_size(real)
    made, genuine = _measured(samples, size), _measured(real, size)
    usual = float(genuine.motion.median())
    frozen = [float((each.motion < _FROZEN * usual).float().mean()) for each in (made, genuine)]
    looks, known = made.features, genuine.features
    return {
        "sample_distance": sample_distance(looks, known),
        "diversity": mean_distance(looks) / max(mean_distance(known), 1e-8),
        "twins": twins(made.stills, genuine.stills),
        "motion": _over(made.motion, genuine.motion),
        "flicker_ratio": _over(made.flicker, genuine.flicker),
        "frozen": frozen[0],
        "data_frozen": frozen[1],
        "loops": float((made.lags > 0).float().mean()),
        "data_loops": float((genuine.lags > 0).float().mean()),
        "sharpness": _over(made.fine, genuine.fine),
        "contrast": float((made.spread.mean() / genuine.spread.mean().clamp_min(1e-8)).sqrt()),
        "clipped": max(0.0, float(made.ends.mean() - genuine.ends.mean())),
    }


def _over(made: Tensor, real: Tensor) -> float:
    """Return the mean of samples over that of real clips."""
    return float(made.mean() / real.mean().clamp_min(1e-8))


class _Set(NamedTuple):
    """What the clips of a set are like.

    Attributes:
        motion, flicker: (N,) energies.
        lags: (N,) after how many frames each repeats, 0 for those that do not.
        fine: (N,) fine contrast of frames.
        features: (N, D) of stills and of what changes between frames.
        stills: (N, 4 C, H, W) in -1 … 1.
        spread: (N,) variance of each clip's values.
        ends: (N,) share of values that are fully dark or bright.
    """

    motion: Tensor
    flicker: Tensor
    lags: Tensor
    fine: Tensor
    features: Tensor
    stills: Tensor
    spread: Tensor
    ends: Tensor


def _measured(media: Sequence[Media], size: tuple[int, int]) -> _Set:
    """Measure clips, a few at a time; they may differ in their number of frames."""
    parts = []
    for start in range(0, len(media), _AT_ONCE):
        shown = [frames_of(each, size) for each in media[start : start + _AT_ONCE]]
        alike = len({each.shape[1] for each in shown}) == 1
        parts += [_part(torch.stack(some)) for some in ([shown] if alike else zip(shown))]
    return _Set(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _part(x: Tensor) -> _Set:
    """Measure clips (n, C, T, H, W) in -1 … 1."""
    shown, changes = stills(x), _changes(x)
    return _Set(
        motion=motion_energy(x),
        flicker=flicker_energy(x),
        lags=loop_lags(x),
        fine=torch.stack([fine_contrast(each) for each in shown]).mean(0),
        features=torch.cat([_looks(shown), _looks(changes)], 1),
        stills=torch.cat(shown, 1),
        spread=x.flatten(1).var(1, correction=0),
        ends=(x.abs() >= 1).flatten(1).float().mean(1),
    )


def _looks(pictures: Sequence[Tensor]) -> Tensor:
    """Return the mean features of several pictures of each clip, (n, D)."""
    return torch.stack([features((each + 1) / 2) for each in pictures]).mean(0)


def _changes(x: Tensor) -> list[Tensor]:
    """Return what changes from these frames to the next (n, C, H, W), magnified."""
    last = max(x.shape[2] - 2, 0)
    places = torch.linspace(0, last, _CHANGES).round().long().tolist()
    after = min(1, x.shape[2] - 1)
    return [(_LOUDER * (x[:, :, at + after] - x[:, :, at])).clamp(-1, 1) for at in places]


def _measured_size(media: Sequence[Media]) -> tuple[int, int]:
    """Return the height and width that frames are measured at."""
    height, width = as_clip(media[0]).frames.shape[1:3]
    scale = min(1.0, _LARGEST / max(height, width))
    return max(1, round(scale * height)), max(1, round(scale * width))


# --------------------------------------------------------------------------- beside prepared data


class Newness:
    """How new samples are beside the clips that were learned, which are read once.

    Args:
        learned: Prepared clips that the model learned from, in parts.
        unseen: Prepared clips that it did not, in parts, which show how far new ones usually are.
    """

    @torch.inference_mode()
    def __init__(
        self, learned: Iterable[Sequence[Media]], unseen: Iterable[Sequence[Media]]
    ) -> None:
        self._learned = LearnedPictures(
            *((small_stills(part) for part in parts) for parts in (learned, unseen))
        )

    @torch.inference_mode()
    def of(self, samples: Sequence[Media]) -> dict[str, float]:
        """Return `novelty` and `copies` of made clips."""
        found = self._learned.nearest(small_stills(samples))
        return {"novelty": found.ratio, "copies": found.copies}


def real_items(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> list[Media]:
    """Return prepared clips to compare samples with, `count` or more where there are."""
    rows = data.items[random_part(places, max(count, _REAL))]
    return modality_data(Modality.VIDEO).as_prepared(rows, data.spec)


def newness(data: PreparedData) -> Newness | None:
    """Return how new samples of a run are; None where too little was kept to compare with."""
    if len(data.validation) < _FEWEST_UNSEEN:
        return None
    return Newness(
        clip_parts(data, data.train, _SEARCHED), clip_parts(data, data.validation, _UNSEEN)
    )
