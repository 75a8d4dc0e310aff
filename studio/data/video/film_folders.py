"""Folders of numbered pictures: each is one film."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import PurePosixPath

import numpy as np

from studio.core.items import Reject
from studio.data.entries import Entry
from studio.data.image.picture import read_picture
from studio.data.video.film_files import Frame, encoded

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".qoi"})
_NUMBERED = re.compile(r"(.*?)(\d+)$")
_FEWEST = 3  # pictures that are a film
_STEP = 1000 // 12  # milliseconds: pictures say nothing of their rate


def gathered(found: Iterable[Entry | Reject]) -> Iterator[Entry | Reject]:
    """Yield entries, numbered pictures that follow each other in a folder as one film."""
    for series, group in groupby(found, _series):
        if series is None:
            yield from group
            continue
        entries = list(group)
        if len(entries) < _FEWEST:
            yield from entries
            continue
        frames = [entry for entry in entries if isinstance(entry, Entry)]
        frames.sort(key=lambda entry: _number(entry.place))
        first, folder = frames[0], PurePosixPath(frames[0].place).parent
        yield replace(
            first,
            name=f"{PurePosixPath(first.name).parent}/{series[2] or 'frames'}",
            place=(folder / f"{series[2] or 'frames'}.mp4").as_posix(),
            size=sum(entry.size for entry in frames),
            load=partial(_film, frames),
            unpack=None,
            path=None,
        )


def _series(found: Entry | Reject) -> tuple[str, str, str, str] | None:
    """Return what pictures of one film have in common; None for anything else."""
    if not isinstance(found, Entry) or found.suffix not in _PICTURES:
        return None
    place = PurePosixPath(found.place)
    numbered = _NUMBERED.match(place.stem)
    if numbered is None:
        return None
    return found.root, place.parent.as_posix(), numbered[1].rstrip("-_. "), found.suffix


def _number(place: str) -> int:
    numbered = _NUMBERED.match(PurePosixPath(place).stem)
    return int(numbered[2]) if numbered else 0


def _film(frames: Sequence[Entry]) -> bytes:
    """Return pictures as a film; raises Rejected when one cannot be read."""
    return encoded((_pixels(entry), _STEP) for entry in frames)


def _pixels(entry: Entry) -> Frame:
    return np.asarray(read_picture(entry.load()).image.convert("RGB"))
