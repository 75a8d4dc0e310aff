"""The job *explore*: small pictures of places in a model's latent space, fast enough to drag."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from studio.core.media import Image, Media
from studio.core.project import Project
from studio.core.protocol import Explore
from studio.data.image.picture import encode_png
from studio.engine.directions import know_directions, latent_family
from studio.engine.job import JobContext
from studio.engine.models import load_model
from studio.engine.requests import sample_request

#: Pictures that stay in the scratch folder: the window reads one while the next is made.
_KEPT = 8


def explore(command: Explore, job: JobContext) -> dict[str, Any]:
    """Show the places of a request; see `Explore` for what is returned.

    The model stays loaded from one job to the next, so that a small one answers in milliseconds.

    Raises:
        StudioError: The model has no latent space, or a place is none of this model.
        StopRequested: The user ended a search for directions.
    """
    project = Project(Path(command.project))
    try:
        model = load_model(project, command.request.model)
        job.started("explore", model.title)
        family = latent_family(model)
        places = command.request.places
        moved = any(place.directions for place in places)
        known = know_directions(project, model, job, find=command.find or moved)
        made: list[Media] = []
        if places:
            wanted = sample_request(model, command.request)
            made = list(family.sample(wanted, lambda _done, _total: job.gate()))
        shape = family.code_shape
        return {
            "path": str(_write(project.scratch, _below_each_other(made))) if made else "",
            "count": len(made),
            "model": model.reference,
            "labels": [media.facts.get("label", "") for media in made],
            "layers": shape[0] if len(shape) == 2 else 0,
            "directions": known,
        }
    finally:
        project.close()


def _below_each_other(made: Sequence[Media]) -> bytes:
    """Return one picture of each medium, all of one size, as a PNG file."""
    pixels = np.concatenate([each.pixels for each in made if isinstance(each, Image)])
    return encode_png(Pillow.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def _write(folder: Path, png: bytes) -> Path:
    """Write a picture that is looked at once, and remove those that were.

    The window hears of it when it is whole, and nothing else depends on it: it is not flushed.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.png"
    path.write_bytes(png)
    older = sorted(folder.glob("*.png"), key=lambda each: each.stat().st_mtime_ns)
    for each in older[:-_KEPT]:
        each.unlink(missing_ok=True)
    return path
