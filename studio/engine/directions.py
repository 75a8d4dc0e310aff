"""Principal directions of a model: found once, then kept in the project that they are named in."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from studio.core.errors import StudioError
from studio.core.files import replacing
from studio.core.project import Project
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel
from studio.families.base import Family
from studio.families.latent import LatentFamily
from studio.families.latent_directions import Directions

log = logging.getLogger(__name__)

_VERSION = 1  # of how they are found; a new one makes kept ones unused
_KEYS: WeakKeyDictionary[Family[Any], str] = WeakKeyDictionary()


def know_directions(
    project: Project | None, model: LoadedModel, job: JobContext, *, find: bool
) -> int:
    """Give a model its principal directions and return how many it has.

    Args:
        project: Where they are kept; None keeps them in memory alone.
        model: One with a latent space.
        find: Find them when they are not known; else there may be none.

    Raises:
        StudioError: The model has no latent space.
        StopRequested: The user ended the search; nothing is kept.
    """
    family = latent_family(model)
    if family.directions is None and project is not None:
        family.directions = _read(_path(project, family), family)
    if family.directions is None and find:
        found = family.find_directions(
            lambda done, total: job.progress("Finding directions", done, total, "places")
        )
        if project is not None:
            _write(_path(project, family), found)
    return len(family.directions) if family.directions is not None else 0


def latent_family(model: LoadedModel) -> LatentFamily[Any]:
    """Return a model's family; raises StudioError when it has no latent space."""
    family = model.family
    if isinstance(family, LatentFamily):
        return family
    raise StudioError(
        "This model cannot be explored",
        f"{model.title} makes each item by itself: it has no space of codes to move in.",
        "Choose a GAN, StyleGAN, VAE or VAE-GAN model.",
    )


def _path(project: Project, family: LatentFamily[Any]) -> Path:
    """Return where the directions of exactly these weights lie, whatever the model is called."""
    if family not in _KEYS:
        digest = hashlib.blake2b(digest_size=12)
        for name in sorted(family.averaged):
            for key, tensor in sorted(family.networks()[name].state_dict().items()):
                digest.update(f"{name}.{key}".encode())
                digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        _KEYS[family] = digest.hexdigest()
    return project.directions / f"{_KEYS[family]}-{_VERSION}.safetensors"


def _write(path: Path, directions: Directions) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as temporary:
            tensors = {"vectors": directions.vectors, "spreads": directions.spreads}
            save_file({name: tensor.cpu() for name, tensor in tensors.items()}, temporary)
    except OSError as error:  # a full disk: what they say is worth more than keeping them
        log.warning("the directions were not kept: %s", error)


def _read(path: Path, family: LatentFamily[Any]) -> Directions | None:
    if not path.exists():
        return None
    try:
        kept = load_file(path, device=str(family.compute.device))
        return Directions(kept["vectors"], kept["spreads"])
    except (SafetensorError, OSError, KeyError) as error:
        log.warning("%s is damaged and made anew: %s", path.name, error)
        return None
