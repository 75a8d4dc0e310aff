"""Weights of published networks that the program can use where the user has or fetches them."""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.paths import cache_dir
from studio.core.work import Work
from studio.data.transfer import transferred

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedWeights:
    """A file of weights.

    Attributes:
        file: Its name, wherever it lies.
        sha256: What the SHA-256 sum of the file begins with.
        megabytes: Size of the download.
    """

    id: str
    title: str
    source: str
    licence: str
    url: str
    file: str
    sha256: str
    megabytes: int


WEIGHTS: dict[str, PublishedWeights] = {
    weights.id: weights
    for weights in (
        PublishedWeights(
            id="vgg19",
            title="VGG-19",
            source="K. Simonyan and A. Zisserman 2015, trained on ImageNet by torchvision",
            licence="BSD 3-Clause",
            url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            file="vgg19-dcbb9e9d.pth",
            sha256="dcbb9e9d",
            megabytes=548,
        ),
        PublishedWeights(
            id="inception",
            title="Inception, of FID",
            source="C. Szegedy et al. 2015, TensorFlow's release of 2015-12-05 for torch-fidelity",
            licence="Apache 2.0",
            url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
            "weights-inception-2015-12-05-6726825d.pth",
            file="weights-inception-2015-12-05-6726825d.pth",
            sha256="6726825d",
            megabytes=95,
        ),
    )
}


def find_weights(weights_id: str) -> Path | None:
    """Return where a file of weights lies: fetched by this program, or by torchvision."""
    file = WEIGHTS[weights_id].file
    return next((path for folder in _folders() if (path := folder / file).is_file()), None)


def fetch_weights(weights_id: str, work: Work) -> Path:
    """Fetch a file of weights, unless it is here; what an earlier try left is gone on with.

    Raises:
        StudioError: There is no such file, no way to its server, or it arrived damaged.
    """
    weights = WEIGHTS.get(weights_id)
    if weights is None:
        known = ", ".join(WEIGHTS)
        raise StudioError("No such weights", f"{weights_id!r} is not one of {known}.")
    found = find_weights(weights_id)
    if found is not None:
        return found
    path = _own_folder() / weights.file
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    here = part.stat().st_size if part.exists() else 0
    try:
        with part.open("ab") as stream:
            for data in transferred(
                weights.url, weights.title, work, start=here, total=weights.megabytes
            ):
                stream.write(data)
        with part.open("rb") as stream:
            found_sum = hashlib.file_digest(stream, "sha256").hexdigest()
        if not found_sum.startswith(weights.sha256):
            part.unlink()
            raise OSError("the file arrived damaged")
    except (OSError, http.client.HTTPException) as error:
        _log.warning("%s: %s", weights.url, error)
        reason = str(getattr(error, "reason", error))
        raise StudioError(
            f"{weights.title} could not be fetched",
            f"Its server did not answer as expected ({reason}). What arrived is kept.",
            "Check the connection to the internet and try again, or go on without the file.",
        ) from error
    part.replace(path)
    return path


def _own_folder() -> Path:
    return cache_dir() / "weights"


def _folders() -> list[Path]:
    """Return the program's folder and the one that torch itself keeps downloads in."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    torch_home = Path(os.environ.get("TORCH_HOME") or cache / "torch")
    return [_own_folder(), torch_home / "hub" / "checkpoints"]
