"""Datasets for tests of the window: rows in the library, pictures in packs, no import."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from studio.core.blobs import BlobWriter
from studio.core.datasets import ITEMS_PACK, THUMBNAILS_PACK
from studio.core.items import NewItem, Reject
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.thumbnails import text_thumbnail

#: Side of each picture in pixels.
SIDE = 32


def add_dataset(
    project: Project,
    name: str,
    labels: Sequence[str],
    *,
    copies: Iterable[tuple[int, int]] = (),
    rejects: Sequence[Reject] = (),
    notes: tuple[str, ...] = (),
    modality: Modality = Modality.IMAGE,
) -> str:
    """Add a dataset with one picture for each label in `labels`; returns its id.

    Args:
        copies: Places (copy, original) of pictures that look alike.
    """
    dataset_id = name.lower()
    table = project.library.datasets
    table.add(dataset_id, name, modality, source=f"{name}.zip")
    generator = np.random.default_rng(0)
    folder = project.dataset(dataset_id)
    with BlobWriter(folder / ITEMS_PACK) as pack, BlobWriter(folder / THUMBNAILS_PACK):
        spans = []
        for _ in range(min(64, len(labels))):
            stream = io.BytesIO()
            pixels = generator.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(stream, "PNG")
            spans.append(pack.add(stream.getvalue()))
    thumb = spans[0]._replace(offset=0, length=0)  # the stored file serves as well
    table.add_items(
        dataset_id,
        (
            NewItem(
                name=f"{place:06d}.png",
                label=label,
                caption="",
                width=SIDE,
                height=SIDE,
                notes=notes,
                sha256=hashlib.sha256(str(place).encode()).digest(),
                perceptual=place,
                item=spans[place % len(spans)],
                thumb=thumb,
            )
            for place, label in enumerate(labels)
        ),
    )
    ids = table.ids(dataset_id)
    table.set_duplicates((ids[copy], ids[original]) for copy, original in copies)
    table.add_rejects(dataset_id, rejects)
    return dataset_id


def add_texts(project: Project, name: str, texts: Sequence[str]) -> str:
    """Add a dataset of these texts; returns its id."""
    dataset_id = name.lower()
    table = project.library.datasets
    table.add(dataset_id, name, Modality.TEXT, source=f"{name}.zip")
    folder = project.dataset(dataset_id)
    with BlobWriter(folder / ITEMS_PACK) as pack, BlobWriter(folder / THUMBNAILS_PACK) as small:
        places = [(pack.add(text.encode()), small.add(text_thumbnail(text))) for text in texts]
    table.add_items(
        dataset_id,
        (
            NewItem(
                name=f"{number:03d}.txt",
                label="",
                caption="",
                width=len(text),
                height=text.count("\n") + 1,
                notes=(),
                sha256=hashlib.sha256(str(number).encode()).digest(),
                perceptual=number,
                item=item,
                thumb=thumb,
            )
            for number, (text, (item, thumb)) in enumerate(zip(texts, places, strict=True))
        ),
    )
    return dataset_id
