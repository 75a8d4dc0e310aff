"""Reads the recipe of a file that the studio wrote and the user dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.core.catalogue import catalogue
from studio.core.media import Modality
from studio.data.image import files as picture_files
from studio.data.modality import modality_data


def modality_of(path: Path) -> Modality:
    """Return what kind of medium a file is, told by its ending; a picture when nobody knows."""
    suffix = path.suffix.lower()
    kinds = [
        modality
        for modality, entry in catalogue().modalities.items()
        if suffix in entry.formats and not (suffix == ".png" and modality is not Modality.IMAGE)
    ]
    # of the kinds that are written so, one that is also read so: a WAV file is a recording
    own = [kind for kind in kinds if suffix in catalogue().modalities[kind].suffixes]
    return (own or kinds or [Modality.IMAGE])[0]


def recipe_in(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a file or beside it; None when there is none."""
    modality = modality_of(path)
    if modality is Modality.IMAGE:
        return picture_files.read_recipe(path)  # clips, too
    return modality_data(modality).read_recipe(path)
