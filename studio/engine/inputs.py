"""The user's own files as a model takes them: prepared, at their own size, or as masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.core.family_info import STILL_TASKS, Task
from studio.core.media import NOUNS, Media
from studio.core.options import Preparation
from studio.core.protocol import GenerateRequest
from studio.data.modality import ModalityData, Rejected, modality_data
from studio.engine.models import LoadedModel
from studio.engine.registry import checked

T = TypeVar("T")


def prepared_files(model: LoadedModel, files: Sequence[str], task: Task) -> npt.NDArray[Any]:
    """Return files as prepared items (N, *spec.shape).

    Raises:
        StudioError: A file cannot be used; the error says why.
    """
    kind = modality_data(model.spec.modality)
    _refuse_stills(kind, files, task)
    preparation = _preparation(model)

    def read(path: Path) -> npt.NDArray[Any]:
        return kind.from_file(path, model.spec, preparation)

    return np.stack([_used(read, Path(file)) for file in files])


def whole_files(model: LoadedModel, files: Sequence[str], task: Task) -> list[Media]:
    """Return files as media at their own size; raises StudioError when one cannot be used."""
    kind = modality_data(model.spec.modality)
    _refuse_stills(kind, files, task)
    return [_used(kind.whole, Path(file)) for file in files]


def read_masks(
    model: LoadedModel, request: GenerateRequest, media: Sequence[Media]
) -> list[npt.NDArray[np.float32]]:
    """Return one mask per input: (H, W) in 0 … 1, 1 where it is to be made anew.

    Args:
        media: The inputs at their own size, for tasks that keep it; else empty.

    Raises:
        StudioError: There are not as many masks as inputs, or one cannot be used.
    """
    files, count = request.masks, len(request.inputs)
    if not files:
        return []
    if len(files) not in (1, count):
        raise StudioError(
            "The masks do not fit the files",
            f"There are {count} files and {len(files)} masks.",
            "Give one mask for each file, or one for all of them.",
        )
    kind = modality_data(model.spec.modality)
    preparation = _preparation(model)
    masks = []
    for index in range(count):
        like = media[index] if media else None

        def read(path: Path, like: Media | None = like) -> npt.NDArray[np.float32]:
            return kind.mask(path, like, model.spec, preparation)

        masks.append(_used(read, Path(files[index % len(files)])))
    return masks


def _preparation(model: LoadedModel) -> Preparation:
    kind = modality_data(model.spec.modality)
    return checked(kind.preparation, model.recipe.preparation, "preparation")


def _refuse_stills(kind: ModalityData, files: Sequence[str], task: Task) -> None:
    for path in map(Path, files):
        if path.suffix.lower() in kind.stills and task not in STILL_TASKS:
            one = NOUNS[kind.modality].one
            raise StudioError(
                f"{path.name} cannot be used",
                f"It is a picture, and this task changes a {one} that moves already.",
                f"Choose a {one}. A picture is enough for models that vary or continue.",
            )


def _used(read: Callable[[Path], T], path: Path) -> T:
    try:
        return read(path)
    except Rejected as error:
        raise StudioError(f"{path.name} cannot be used", str(error), error.suggestion) from error
