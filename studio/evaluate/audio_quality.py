"""How good recordings of a model are, by the judge of their dataset, and which of them are copies.

The judge hears spectrograms (`evaluate/sound_view.py`). Its Fréchet distance is this program's
own and no Fréchet Audio Distance, whose features are those of other networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from studio.core.media import Image, Media, Sound
from studio.core.work import Work
from studio.data.image.grid import titled_grid
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.judge import judge_of, seen
from studio.evaluate.judged import judged, sides
from studio.evaluate.nearest import LearnedPictures
from studio.evaluate.result import Quality

_SEARCHED = 10_000  # learned recordings among which copies are looked for
_SHOWN = 8  # samples that are shown beside what they may copy


def waves(sounds: Sequence[Media], length: int) -> Tensor:
    """Return recordings (N, length), their channels' mean, cut or with silence after them."""
    rows = []
    for each in sounds:
        if not isinstance(each, Sound):
            raise TypeError(f"{type(each).__name__} is not a sound")
        wave = torch.from_numpy(each.samples[:length].mean(1, dtype=np.float32))
        rows.append(functional.pad(wave, (0, length - len(wave))))
    return torch.stack(rows) if rows else torch.empty(0, length)


def quality(samples: Sequence[Media], data: PreparedData, work: Work) -> Quality:
    """Measure samples beside the recordings that a model learned from and those it never saw.

    Args:
        samples: Recordings that a model made; those that were asked to have a label carry it.
        data: The model's own data.
        work: Hears how far the judge's training is, the first time.
    """
    judge = judge_of(data, work)
    work.progress("Comparing samples with the data", 0)
    made = judge.view.see(waves(samples, data.spec.shape[-1])[:, None], data.spec)
    metrics, count, unseen = judged(judge, made, samples, data, "studio_fad", "label_accuracy")
    work.gate()
    learned, _ = sides(data)
    searched = random_part(learned, _SEARCHED)
    known = seen(data, searched)
    found = LearnedPictures([known], [seen(data, unseen)]).nearest(made)
    metrics |= {"novelty": found.ratio, "copies": found.copies}
    closest = found.distances.argsort()[:_SHOWN]
    titles = [f"{float(found.distances[place]):.0%}" for place in closest]
    rows = [_drawn(made[closest]), _drawn(known[found.places[closest]])]
    shown: Image = titled_grid(rows, ["made", "learned"], titles)
    return Quality(metrics, judge.hash, judge.learned, count, shown)


def _drawn(spectrograms: Tensor) -> list[npt.NDArray[np.uint8]]:
    """Return spectrograms (N, 1, bands, frames) as grey pictures, low at the bottom."""
    grey = ((spectrograms.flip(2) + 1) * 127.5).round().to(torch.uint8)
    return [np.ascontiguousarray(each.permute(1, 2, 0).numpy()) for each in grey]
