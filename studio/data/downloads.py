"""Public datasets from the network, as torchvision knows them, with progress and cancel."""

from __future__ import annotations

import hashlib
import http.client
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.core.files import replacing
from studio.core.media import Modality
from studio.core.paths import cache_dir
from studio.core.project import Project
from studio.core.work import Work
from studio.data.entries import Entry
from studio.data.image.picture import encode_png
from studio.data.importer import ImportResult, import_entries
from studio.data.transfer import transferred

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublicDataset:
    """A dataset that can be fetched.

    Attributes:
        summary: One sentence on what is in it.
        megabytes: Size of the download.
        class_name: Of the class in `torchvision.datasets`.
    """

    id: str
    title: str
    summary: str
    source: str
    licence: str
    megabytes: int
    class_name: str


PUBLIC_DATASETS: dict[str, PublicDataset] = {
    dataset.id: dataset
    for dataset in (
        PublicDataset(
            id="mnist",
            title="MNIST",
            summary="70,000 handwritten digits, 28 × 28, grey.",
            source="Y. LeCun, C. Cortes and C. Burges, http://yann.lecun.com/exdb/mnist",
            licence="CC BY-SA 3.0",
            megabytes=12,
            class_name="MNIST",
        ),
        PublicDataset(
            id="fashion-mnist",
            title="Fashion-MNIST",
            summary="70,000 pieces of clothing in 10 kinds, 28 × 28, grey.",
            source="H. Xiao, K. Rasul and R. Vollgraf, Zalando Research 2017",
            licence="MIT",
            megabytes=31,
            class_name="FashionMNIST",
        ),
        PublicDataset(
            id="kmnist",
            title="Kuzushiji-MNIST",
            summary="70,000 cursive Japanese letters in 10 kinds, 28 × 28, grey.",
            source="T. Clanuwat and others, ROIS-DS Center for Open Data in the Humanities 2018",
            licence="CC BY-SA 4.0",
            megabytes=21,
            class_name="KMNIST",
        ),
        PublicDataset(
            id="cifar-10",
            title="CIFAR-10",
            summary="60,000 small photographs in 10 kinds, 32 × 32, colour.",
            source="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
            licence="None stated; for research and teaching",
            megabytes=170,
            class_name="CIFAR10",
        ),
    )
}


def download_dataset(project: Project, source_id: str, name: str, work: Work) -> ImportResult:
    """Fetch a public dataset, from the cache when it was fetched before, and import it.

    Raises:
        StudioError: There is no such dataset, or no way to its servers.
    """
    public = PUBLIC_DATASETS.get(source_id)
    if public is None:
        known = ", ".join(PUBLIC_DATASETS)
        raise StudioError("No such dataset", f"{source_id!r} is not one of {known}.")
    work.progress("Getting ready", 0)
    import torchvision.datasets

    kind = getattr(torchvision.datasets, public.class_name)
    root = cache_dir() / "downloads"
    for file in _files(kind, root):
        if not file.is_good():
            _fetch(file, public, work)
    # every file is there with the right sum, so torchvision only unpacks and reads
    parts = [kind(root, train=train, download=True) for train in (True, False)]
    return import_entries(
        project,
        name or public.title,
        Modality.IMAGE,
        _entries(public.id, parts),
        work,
        total=sum(len(part) for part in parts),
        source=public.source,
        licence=public.licence,
    )


@dataclass(frozen=True)
class _File:
    """A file to fetch: where it lies, and the sum that torchvision expects."""

    urls: tuple[str, ...]
    path: Path
    md5: str

    def is_good(self) -> bool:
        """Tell whether it is there, whole."""
        if not self.path.exists():
            return False
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, _md5).hexdigest() == self.md5


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)  # the sums that the sources publish


def _files(kind: Any, root: Path) -> list[_File]:
    """Return the files of a dataset class, at the places where the class looks for them."""
    if hasattr(kind, "mirrors"):
        raw = root / kind.__name__ / "raw"
        return [
            _File(tuple(urljoin(mirror, file) for mirror in kind.mirrors), raw / file, md5)
            for file, md5 in kind.resources
        ]
    return [_File((kind.url,), root / kind.filename, kind.tgz_md5)]


def _fetch(file: _File, public: PublicDataset, work: Work) -> None:
    """Write a file from the first server that has it."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for url in file.urls:
        try:
            with replacing(file.path) as temporary:
                with temporary.open("wb") as stream:
                    for data in transferred(url, public.title, work):
                        stream.write(data)
                with temporary.open("rb") as stream:
                    found = hashlib.file_digest(stream, _md5).hexdigest()
                if found != file.md5:
                    raise OSError("the file arrived damaged")
        except (OSError, http.client.HTTPException) as error:
            _log.warning("%s: %s", url, error)
            reasons.append(str(getattr(error, "reason", error)))
        else:
            return
    raise StudioError(
        f"{public.title} could not be fetched",
        f"Its servers did not answer as expected ({'; '.join(reasons)}).",
        "Check the connection to the internet and try again, or take a built-in sample set.",
    )


def _entries(source_id: str, parts: list[Any]) -> Iterator[Entry]:
    """Return the pictures of torchvision datasets."""
    number = 0
    for part in parts:
        for pixels, target in zip(np.asarray(part.data), part.targets, strict=True):
            place = f"{number:06d}.png"
            yield Entry(
                name=f"{source_id}/{place}",
                root=source_id,
                place=place,
                size=pixels.size,
                load=partial(_as_png, pixels),
                # MNIST's classes are called "0 - zero"
                label=str(part.classes[int(target)]).split(" - ")[0],
            )
            number += 1


def _as_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    return encode_png(Image.fromarray(pixels))
