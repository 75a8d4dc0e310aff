"""Pictures and archives that the data tests make for themselves."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from studio.core.errors import StopRequested
from studio.core.items import Item, Reject
from studio.core.project import Project
from studio.core.work import Work


def noise(seed: int, width: int = 24, height: int = 24, grey: bool = False) -> Image.Image:
    """Return a smooth coloured picture that looks like no other seed's."""
    shape = (10, 10) if grey else (10, 10, 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return a picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def idx(array: np.ndarray) -> bytes:
    """Return an array of bytes as a gzipped IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def items(project: Project, dataset_id: str) -> list[Item]:
    """Return every item of a dataset."""
    table = project.library.datasets
    return table.items(table.ids(dataset_id))


def rejects(project: Project, dataset_id: str) -> dict[str, Reject]:
    """Return every rejected file of a dataset by name."""
    return {reject.name: reject for reject in project.library.datasets.rejects(dataset_id)}


def files_below(folder: Path) -> set[Path]:
    """Return every file below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}


class Stopping(Work):
    """Work that the user cancels at a given gate."""

    def __init__(self, after: int) -> None:
        self.left = after

    def gate(self) -> None:
        """Count down and stop."""
        self.left -= 1
        if self.left < 0:
            raise StopRequested(save=False)
