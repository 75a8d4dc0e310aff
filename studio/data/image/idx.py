"""The IDX files in which MNIST and its relatives are shared: images and labels, paired by name."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.data.archives import unpack_gzip
from studio.data.entries import Entry
from studio.data.modality import Rejected

_NAME = re.compile(r"(idx\d?[-.]?(ubyte)?)(\.gz)?$", re.IGNORECASE)
_LIMIT = 1 << 30  # bytes of one unpacked file; the largest relative of MNIST has 550 MB
_UBYTE = 8  # the number type: unsigned bytes


def is_idx(name: str) -> bool:
    """Tell whether a file name is that of an IDX file."""
    return bool(_NAME.search(name))


def read_idx(raw: bytes) -> npt.NDArray[np.uint8]:
    """Return the array in an IDX file, unpacked when it is gzipped.

    Raises:
        Rejected: It is no IDX file of bytes, or it is cut off.
    """
    if raw.startswith(b"\x1f\x8b"):
        raw = unpack_gzip(raw, _LIMIT)
    if len(raw) < 8 or raw[:2] != b"\0\0" or raw[2] != _UBYTE or not 1 <= raw[3] <= 4:
        raise Rejected(
            "not-idx", "This is no IDX file of pictures or labels.", "Download it again."
        )
    shape = struct.unpack_from(f">{raw[3]}I", raw, 4) if len(raw) >= 4 + 4 * raw[3] else (0,)
    start, count = 4 + 4 * raw[3], _product(shape)
    if count == 0 or len(raw) - start < count:
        raise Rejected("truncated", "The file is cut off.", "Download or copy it again.")
    return np.frombuffer(raw, np.uint8, count, start).reshape(shape)


class IdxPairs:
    """Collects IDX files and pairs images with labels by their names."""

    def __init__(self) -> None:
        self._images: dict[tuple[str, str], tuple[Entry, npt.NDArray[np.uint8]]] = {}
        self._labels: dict[tuple[str, str], tuple[Entry, npt.NDArray[np.uint8]]] = {}

    def add(self, entry: Entry) -> None:
        """Read one file.

        Raises:
            Rejected: It is no IDX file of pictures or labels.
            OSError: It cannot be read.
        """
        array = read_idx(entry.load())
        key = (entry.root, _key(entry.place))
        if array.ndim == 1:
            self._labels[key] = (entry, array)
        elif array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (1, 3)):
            self._images[key] = (entry, array)
        else:
            raise Rejected(
                "not-idx",
                f"It holds an array of {array.ndim} dimensions, not pictures.",
                "Leave it out.",
            )

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(len(images) for _entry, images in self._images.values())

    def entries(self) -> Iterator[Entry]:
        """Return one entry per picture, with its label."""
        for key, (source, images) in self._images.items():
            found = self._labels.get(key)
            labels = found[1] if found is not None and len(found[1]) == len(images) else None
            for index in range(len(images)):
                yield Entry(
                    name=f"{source.name}/{index:06d}.png",
                    root=source.root,
                    place=f"{index:06d}.png",
                    size=images[index].size,
                    load=partial(_as_png, images[index]),
                    label=str(labels[index]) if labels is not None else "",
                )

    @property
    def used(self) -> int:
        """How many files were read and belong together."""
        return len(self._images) + len(self._labels) - len(list(self.unpaired()))

    def unpaired(self) -> Iterator[tuple[Entry, Rejected]]:
        """Return the label files that belong to no pictures, and why."""
        for key, (entry, labels) in self._labels.items():
            images = self._images.get(key)
            if images is None:
                yield entry, _unpaired("there are no pictures with a matching name")
            elif len(images[1]) != len(labels):
                yield entry, _unpaired(f"it has {len(labels)} labels for {len(images[1])} pictures")


def _key(place: str) -> str:
    """Return what the names of images and labels have in common."""
    text = PurePosixPath(place).name.lower().removesuffix(".gz")
    text = re.sub("images?|labels?", "", text)
    return str(PurePosixPath(place).parent / re.sub(r"idx\d", "idx", text))


def _as_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _unpaired(what: str) -> Rejected:
    return Rejected(
        "unpaired-labels",
        f"These labels were not used: {what}.",
        "Import the pictures and their labels together, with the names they came with.",
    )
