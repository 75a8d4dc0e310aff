"""Films of any length as models see them: frame by frame, so that memory holds a few at a time."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Clip, Film, Media
from studio.core.options import SampleSettings, option
from studio.core.recipe import DataSpec
from studio.data.video.modality import FPS
from studio.families.base import SampleRequest, Tick, part_of

Frame = npt.NDArray[np.uint8]

#: What comes after frames (1, C, T, H, W) in −1 … 1: frames (C, H, W), one after the other.
Foresee = Callable[[Tensor, int], Iterator[Tensor]]

_ROUNDING = 1e-6  # frames


class ContinueSettings(SampleSettings):
    """How far a film is continued."""

    more: int = option(
        20,
        title="New frames",
        help="How many frames are made after the last one of your film.",
        group="Sampling",
        term="prediction horizon",
        unit="frames",
        main=True,
        tasks=("continue",),
        ge=1,
        le=2000,
    )


def films_of(request: SampleRequest) -> list[Film]:
    """Return the user's own films.

    Raises:
        StudioError: None was given.
    """
    films = [film_of(each) for each in request.media if isinstance(each, Film | Clip)]
    if not films:
        raise StudioError(
            "Nothing to start from",
            "This task starts from your own films and none were given.",
            "Drop one or more films on the Make panel.",
        )
    return films


def film_of(media: Film | Clip) -> Film:
    """Return a clip in memory as a film; a film as it is."""
    if isinstance(media, Film):
        return media
    count, height, width = media.frames.shape[:3]
    return Film(lambda: map(_coloured, media.frames), width, height, media.fps, count)


def at_models(film: Film, spec: DataSpec) -> Iterator[Frame]:
    """Yield a film's frames (H, W, 3) at the model's size and frame rate.

    The middle is cut out, as training clips are. Where the rates differ, each moment shows the
    frame that the film showed then.
    """
    height, width = spec.shape[-2:]
    for frame in _at_rate(film.frames(), film.fps, rate_of(spec)):
        yield _fitted(frame, width, height)


def rate_of(spec: DataSpec) -> float:
    """Return the frames per second that a model learned from."""
    return float(spec.resources[FPS])


def count_at(film: Film, rate: float) -> int:
    """Return how many frames a film has at another rate; 0 when that is not known."""
    return max(0, math.ceil((film.count - _ROUNDING) * rate / film.fps))


def _at_rate(frames: Iterable[Frame], own: float, wanted: float) -> Iterator[Frame]:
    """Yield the frames that are shown at the moments k / wanted, k = 0, 1, 2 …"""
    made = 0
    for place, frame in enumerate(frames):
        # frame i is shown until (i + 1) / own
        while made * own < (place + 1 - _ROUNDING) * wanted:
            yield frame
            made += 1


def _fitted(frame: Frame, width: int, height: int) -> Frame:
    """Return the middle of a frame at a size."""
    image = Image.fromarray(frame)
    scale = max(width / image.width, height / image.height)
    across, down = width / scale, height / scale
    left, top = (image.width - across) / 2, (image.height - down) / 2
    box = (left, top, left + across, top + down)
    if image.size == (width, height):
        return frame
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box))


def _coloured(frame: Frame) -> Frame:
    """Return a frame (H, W, 1 or 3) in colour."""
    return np.repeat(frame, 3, axis=2) if frame.shape[2] == 1 else frame


# --------------------------------------------------------------------------------- as tensors


def tensor_of(frames: Sequence[Frame], channels: int = 3) -> Tensor:
    """Return frames (H, W, 3) as (1, channels, T, H, W) in −1 … 1 on the CPU."""
    values = torch.from_numpy(np.stack(frames)).float().div_(127.5).sub_(1)
    if channels == 1:
        values = values.mean(3, keepdim=True)
    return values.permute(3, 0, 1, 2)[None].contiguous()


def frame_of(values: Tensor) -> Frame:
    """Return values (C, H, W) in −1 … 1 as a frame (H, W, 3)."""
    levels = values.detach().float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return _coloured(levels.permute(1, 2, 0).cpu().contiguous().numpy())


def windows(frames: Iterable[Frame], length: int) -> Iterator[list[Frame]]:
    """Yield, for each frame, the `length` frames around it; an odd number.

    At both ends the first or last frame stands for those that are missing.
    """
    half = length // 2
    source = iter(frames)
    held: deque[Frame] = deque(islice(source, half + 1), maxlen=length)
    if not held:
        return
    missing = half + 1 - len(held)
    held.extend([held[-1]] * missing)
    held.extendleft([held[0]] * half)
    yield list(held)
    for frame in source:
        held.append(frame)
        yield list(held)
    # a film shorter than half a window has been padded at its end already
    for _ in range(half - missing):
        held.append(held[-1])
        yield list(held)


# --------------------------------------------------------------------------------- continuing


def continued(
    request: SampleRequest, spec: DataSpec, seen: int, foresee: Callable[[int], Foresee], tick: Tick
) -> Iterator[Media]:
    """Yield the user's films, each at the model's size, with what follows on its last frames.

    Args:
        seen: How many of its last frames are looked at; where it has fewer, its first one stands
            for those that are missing.
        foresee: Returns what makes the frames that follow on film number i of the request.
    """
    settings = request.settings
    more = settings.more if isinstance(settings, ContinueSettings) else ContinueSettings().more
    films = films_of(request)
    for index, film in enumerate(films):
        part = part_of(tick, index, len(films))
        yield _longer(film, spec, seen, more, foresee(index), part, {"input": index})


def _longer(
    film: Film,
    spec: DataSpec,
    seen: int,
    more: int,
    foresee: Foresee,
    tick: Tick,
    facts: dict[str, Any],
) -> Film:
    rate = rate_of(spec)
    channels, _, height, width = spec.shape
    known = count_at(film, rate)

    def frames() -> Iterator[Frame]:
        last: deque[Frame] = deque(maxlen=seen)
        for frame in at_models(film, spec):
            last.append(frame)
            yield frame if channels == 3 else frame_of(tensor_of([frame], 1)[0, :, 0])
        if not last:
            raise StudioError(
                "There is no frame in this film",
                "What follows on it cannot be foreseen.",
                "Choose another film.",
            )
        last.extendleft([last[0]] * (seen - len(last)))
        past = tensor_of(list(last), channels)
        for done, values in enumerate(foresee(past, more), 1):
            tick(done, more)
            yield frame_of(values)

    count = known + more if known else 0
    facts = facts | ({"new_from": round(known / rate, 3)} if known else {})
    return Film(frames, width, height, rate, count, film.sound, facts=facts)
