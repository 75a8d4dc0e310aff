"""How recordings that a model made compare with those that it learned from.

Whatever is measured of samples is measured of real recordings as well. What a set is like is
measured by `evaluate/sound_measures.py`; channels are heard as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.media import Media, Modality, Sound
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate import sound_measures as measure
from studio.evaluate.audio_quality import quality, waves
from studio.evaluate.nearest import LearnedPictures, twins
from studio.evaluate.plain_features import features, mean_distance, sample_distance
from studio.evaluate.spectra import mel_pictures

__all__ = ["SAMPLES", "Newness", "newness", "quality", "real_items", "sample_statistics"]

#: Samples that `evaluate` takes where nobody says how many.
SAMPLES = 500

_REAL = 64  # real recordings that samples are compared with, at least
_SEARCHED = 2_000  # learned rows among which copies are looked for while a run trains
_UNSEEN = 500  # unseen ones that show how far new ones usually are
_FEWEST_UNSEEN = 20
_PART = 100  # rows that are in memory at once
_FAINTEST = 10 ** (-45 / 20)  # level (RMS) below which next to nothing is heard


@torch.inference_mode()
def sample_statistics(samples: Sequence[Media], real: Sequence[Media]) -> dict[str, float]:
    """Return how samples differ from real recordings, by the names in `audio/sample_metrics.py`.

    Args:
        samples: Recordings that a model made, two at least; longer ones are heard as far as real
            ones go, shorter ones with silence after them.
        real: Prepared recordings of the dataset, all of one length.
    """
    if len(samples) < 2 or len(real) < 2:
        return {}
    rate, length = _format(real)
    made, genuine = waves(samples, length), waves(real, length)
    ours, theirs = _numbers(made, rate), _numbers(genuine, rate)
    halves = genuine[::2], genuine[1::2]
    pictures, known = mel_pictures(made, rate), mel_pictures(genuine, rate)
    looks, usual = features(pictures), features(known)
    return {
        **ours,
        **{f"data_{name}": value for name, value in theirs.items()},
        **_distances(made, genuine, rate),
        # how far two halves of the data are from each other: nearer is luck
        **{f"data_{name}": value for name, value in _distances(*halves, rate).items()},
        "sample_distance": sample_distance(looks, usual),
        "diversity": mean_distance(looks) / max(mean_distance(usual), 1e-8),
        "twins": twins(2 * pictures - 1, 2 * known - 1),
    }


def _format(real: Sequence[Media]) -> tuple[int, int]:
    """Return the rate and the length that recordings are compared in."""
    first = real[0]
    if not isinstance(first, Sound):
        raise TypeError(f"{type(first).__name__} is not a sound")
    return first.rate, len(first.samples)


def _numbers(waves: Tensor, rate: int) -> dict[str, float]:
    """Return what a set of recordings is like."""
    return {
        "level": measure.loudness(waves),
        "silence": measure.silence(waves, rate),
        "clipped": measure.clipping(waves),
        "value_entropy": measure.value_entropy(waves),
        "spectral_balance": measure.balance(waves, rate),
        "tonal_buzz": measure.tonal_buzz(waves),
    }


def _distances(made: Tensor, real: Tensor, rate: int) -> dict[str, float]:
    return {
        "spectrum_distance": measure.spectrum_distance(made, real),
        "level_distance": measure.level_distance(made, real, rate),
    }


# --------------------------------------------------------------------------- beside prepared data


class Newness:
    """How new samples are beside the recordings that were learned, which are read once.

    Args:
        learned: Prepared recordings that the model learned from, in parts.
        unseen: Prepared recordings that it did not, in parts, which show how far new ones usually
            are.
    """

    @torch.inference_mode()
    def __init__(
        self, learned: Iterable[Sequence[Media]], unseen: Iterable[Sequence[Media]]
    ) -> None:
        self._length = 0
        self._learned = LearnedPictures(
            *((self._pictures(part) for part in parts) for parts in (learned, unseen))
        )

    @torch.inference_mode()
    def of(self, samples: Sequence[Media]) -> dict[str, float]:
        """Return `novelty` and `copies` of made recordings in which something is heard.

        Silence is near to every recording that ends early, and copies none.
        """
        heard = [each for each in samples if isinstance(each, Sound) and _heard(each)]
        if not heard:
            return {}
        found = self._learned.nearest(self._pictures(heard))
        share = len(heard) / len(samples)
        return {"novelty": found.ratio, "copies": share * found.copies}

    def _pictures(self, sounds: Sequence[Media]) -> Tensor:
        """Return spectrograms in -1 … 1, all of the length of the first recording."""
        rate, length = _format(sounds)
        self._length = self._length or length
        return 2 * mel_pictures(waves(sounds, self._length), rate) - 1


def _heard(sound: Sound) -> bool:
    level = float(np.sqrt(np.square(sound.samples, dtype=np.float64).mean()))
    return level > _FAINTEST


def real_items(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> list[Media]:
    """Return prepared recordings to compare samples with, `count` or more where there are."""
    rows = data.items[random_part(places, max(count, _REAL))]
    return modality_data(Modality.AUDIO).as_prepared(rows, data.spec)


def newness(data: PreparedData) -> Newness | None:
    """Return how new samples of a run are; None where too little was kept to compare with."""
    if len(data.validation) < _FEWEST_UNSEEN:
        return None
    return Newness(_parts(data, data.train, _SEARCHED), _parts(data, data.validation, _UNSEEN))


def _parts(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> Iterator[list[Media]]:
    """Yield so many of these rows as recordings, a part at a time."""
    kind = modality_data(Modality.AUDIO)
    chosen = random_part(places, count)
    for start in range(0, len(chosen), _PART):
        yield kind.as_prepared(data.items[chosen[start : start + _PART]], data.spec)
