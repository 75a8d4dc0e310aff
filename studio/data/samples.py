"""Sample sets that ship with the program, so that a first model needs neither files nor network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.paths import resource
from studio.core.project import Project
from studio.core.work import Work
from studio.data import shapes
from studio.data.entries import Entry
from studio.data.importer import ImportResult, import_entries
from studio.data.picture import encode_png

_DIGIT_SIDE = 32  # pixels: the 8 × 8 scans are enlarged to what the small models work with


@dataclass(frozen=True)
class Sample:
    """A sample set.

    Attributes:
        summary: One sentence on what is in it.
        count: How many items it has.
        entries: Returns its items.
    """

    id: str
    title: str
    summary: str
    source: str
    licence: str
    count: int
    entries: Callable[[], Iterator[Entry]]


def import_sample(project: Project, sample_id: str, name: str, work: Work) -> ImportResult:
    """Make a sample set into a dataset; an empty `name` takes the set's title.

    Raises:
        StudioError: There is no such set.
    """
    sample = SAMPLES.get(sample_id)
    if sample is None:
        raise StudioError(
            "No such sample set", f"{sample_id!r} is not one of {', '.join(SAMPLES)}."
        )
    return import_entries(
        project,
        name or sample.title,
        Modality.IMAGE,
        sample.entries(),
        work,
        total=sample.count,
        source=sample.source,
        licence=sample.licence,
    )


def _digits() -> Iterator[Entry]:
    with np.load(resource("samples", "digits.npz"), allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    for index, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        yield Entry(
            name=f"digits/{index:04d}.png",
            root="sample:digits",
            place=f"{index:04d}.png",
            size=pixels.size,
            load=partial(_enlarged, pixels),
            label=str(label),
            caption=f"a handwritten {label}",
        )


def _enlarged(pixels: npt.NDArray[np.uint8]) -> bytes:
    side = (_DIGIT_SIDE, _DIGIT_SIDE)
    framed = np.pad(pixels, 1)  # the scans fill their 8 × 8 pixels to the edge
    return encode_png(Image.fromarray(framed).resize(side, Image.Resampling.BICUBIC))


def _shapes() -> Iterator[Entry]:
    for index in range(shapes.COUNT):
        shape = shapes.shape(index)
        yield Entry(
            name=f"shapes/{index:04d}.png",
            root="sample:shapes",
            place=f"{index:04d}.png",
            size=shapes.SIDE**2,
            load=partial(shapes.drawn, shape),
            label=shape.kind,
            caption=shape.caption,
        )


SAMPLES: dict[str, Sample] = {
    sample.id: sample
    for sample in (
        Sample(
            id="digits",
            title="Handwritten digits",
            summary="1,797 small scans of the digits 0 to 9, by 13 people.",
            source="Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI 1998",
            licence="CC BY 4.0",
            count=1797,
            entries=_digits,
        ),
        Sample(
            id="shapes",
            title="Coloured shapes",
            summary="2,000 circles, squares, triangles, stars and rings, with captions.",
            source="Drawn by AIGC Studio",
            licence="CC0 1.0",
            count=shapes.COUNT,
            entries=_shapes,
        ),
    )
}
