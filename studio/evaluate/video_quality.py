"""How good clips of a model are, by the judge of their dataset, and which of them are copies.

The judge looks at frames, at what changes and at the order of time (`evaluate/clip_net.py`). Its
Fréchet distance is this program's own and no Fréchet Video Distance, whose features are those of
a network that learned from other films.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from studio.core.media import Clip, Image, Media, Modality
from studio.core.work import Work
from studio.data.image.grid import titled_grid
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.judge import judge_of
from studio.evaluate.judged import judged, sides
from studio.evaluate.nearest import LearnedPictures
from studio.evaluate.result import Quality

_SEARCHED = 4_000  # learned clips among which copies are looked for
_SHOWN = 4  # samples that are shown beside what they may copy
_PART = 50  # clips that are in memory at once
_STILLS = 4  # frames that stand for a clip
_SMALL = (16, 16)  # pixels at which copies are looked for
_STRIP = 48  # pixels of a frame in the picture of copies


def as_clip(media: Media) -> Clip:
    """Return a medium as the clip that it is."""
    if not isinstance(media, Clip):
        raise TypeError(f"{type(media).__name__} is not a clip")
    return media


def frames_of(media: Media, size: tuple[int, int]) -> Tensor:
    """Return a clip (C, T, H, W) in -1 … 1 at a size."""
    frames = torch.from_numpy(as_clip(media).frames).permute(0, 3, 1, 2).float() / 127.5 - 1
    if tuple(frames.shape[2:]) != size:
        frames = functional.interpolate(frames, size=size, mode="bilinear", antialias=True)
    return frames.transpose(0, 1).contiguous()


def stills(clips: Tensor) -> list[Tensor]:
    """Return a few frames (n, C, H, W) that stand for clips, from the first to the last."""
    places = torch.linspace(0, clips.shape[2] - 1, _STILLS).round().long().tolist()
    return [clips[:, :, place] for place in places]


def small_stills(media: Sequence[Media]) -> Tensor:
    """Return a few small frames of each clip as one picture (N, 4 C, 16, 16)."""
    return torch.cat([torch.cat(stills(frames_of(each, _SMALL)[None]), 1) for each in media])


def clip_parts(
    data: PreparedData, places: npt.NDArray[np.int64], count: int
) -> Iterator[list[Media]]:
    """Yield so many of these rows as clips, a part at a time."""
    kind = modality_data(Modality.VIDEO)
    chosen = random_part(places, count)
    for start in range(0, len(chosen), _PART):
        yield kind.as_prepared(data.items[chosen[start : start + _PART]], data.spec)


def quality(samples: Sequence[Media], data: PreparedData, work: Work) -> Quality:
    """Measure samples beside the clips that a model learned from and those it never saw.

    Args:
        samples: Clips that a model made; those that were asked to have a label carry its name.
        data: The model's own data.
        work: Hears how far the judge's training is, the first time.
    """
    judge = judge_of(data, work)
    work.progress("Comparing samples with the data", 0)
    made = judge.view.see(_as_networks_see(samples, data), data.spec)
    metrics, count, unseen = judged(judge, made, samples, data, "studio_fvd", "label_accuracy")
    work.gate()
    learned, _ = sides(data)
    searched = random_part(learned, _SEARCHED)
    learned_stills, unseen_stills = (
        (small_stills(part) for part in clip_parts(data, places, len(places)))
        for places in (searched, unseen)
    )
    found = LearnedPictures(learned_stills, unseen_stills).nearest(small_stills(samples))
    metrics |= {"novelty": found.ratio, "copies": found.copies}
    closest = found.distances.argsort()[:_SHOWN].tolist()
    rows = data.items[searched[found.places[closest].numpy()]]
    known = modality_data(Modality.VIDEO).as_prepared(rows, data.spec)
    strips = [[_strip(each) for each in some] for some in ([samples[p] for p in closest], known)]
    titles = [f"{float(found.distances[place]):.0%}" for place in closest]
    shown: Image = titled_grid(strips, ["made", "learned"], titles)
    return Quality(metrics, judge.hash, judge.learned, count, shown)


def _as_networks_see(samples: Sequence[Media], data: PreparedData) -> Tensor:
    """Return samples (N, C, T, H, W) of the data's shape; who ends early stands still then."""
    _channels, frames, height, width = data.spec.shape
    shown = []
    for each in samples:
        clip = frames_of(each, (height, width))[:, :frames]
        last = clip[:, -1:].expand(-1, frames - clip.shape[1], -1, -1)
        shown.append(torch.cat([clip, last], 1))
    return torch.stack(shown)


def _strip(media: Media) -> npt.NDArray[np.uint8]:
    """Return a few frames of a clip side by side (H, W, C)."""
    height, width = as_clip(media).frames.shape[1:3]
    scale = min(1.0, _STRIP / max(height, width))
    size = max(1, round(scale * height)), max(1, round(scale * width))
    beside = torch.cat(stills(frames_of(media, size)[None]), 3)[0]  # (C, H, W)
    pixels = ((beside + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
