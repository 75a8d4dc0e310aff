"""The rule by which old prepared data goes, so that it does not pile up as settings change.

All of it can be made again from the dataset; what goes costs the time of preparing it once more.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from studio.core.project import Project
from studio.core.recipe import RunRecipe
from studio.core.runs import Run, RunStatus

log = logging.getLogger(__name__)

#: Preparations of a dataset that stay whether a run needs them or not: those used last.
KEPT = 3

_STAMP = "spec.json"  # its time is when the folder was last used


def note_use(folder: Path) -> None:
    """Note that prepared data is being used now."""
    os.utime(folder / _STAMP)


def prune(
    project: Project, dataset_id: str, folder_of: Callable[[dict[str, Any]], Path | None]
) -> None:
    """Remove prepared data that nothing needs any more.

    What stays of the dataset: the `KEPT` preparations used last, and those of runs that wait in
    the queue, that are being trained, or that can go on. What is left of datasets that are gone
    is removed with it.

    Args:
        project: Where the dataset lives.
        dataset_id: Of the dataset that was just prepared.
        folder_of: Returns where the dataset lies when it is prepared by these settings; None when
            they are not sound.
    """
    try:
        unfinished = list(_unfinished(project))
        if any(recipe.partner and recipe.partner.id == dataset_id for recipe in unfinished):
            return  # as the second dataset of a run it has the first one's size
        needed = {
            folder_of(recipe.preparation)
            for recipe in unfinished
            if recipe.dataset.id == dataset_id
        }
    except (OSError, ValueError) as error:
        # a run that cannot be read may need anything
        log.warning("old prepared data stays: %s", error)
        return
    prepared = [path for path in (project.prepared / dataset_id).iterdir() if _is_whole(path)]
    prepared.sort(key=_last_use, reverse=True)
    for folder in prepared[KEPT:]:
        if folder not in needed:
            _remove(folder)
    for folder in project.prepared.iterdir():
        if not project.dataset(folder.name).exists():
            _remove(folder)


def _unfinished(project: Project) -> Iterator[RunRecipe]:
    """Yield the recipes of runs that are still to come, to end or to go on."""
    for entry in project.library.queue.all():
        if entry.recipe is not None:
            yield entry.recipe
    for run in Run.all(project.runs):
        if run.state().status != RunStatus.DONE:
            yield run.recipe()


def _is_whole(folder: Path) -> bool:
    return (folder / _STAMP).exists() and not folder.name.startswith(".")


def _last_use(folder: Path) -> int:
    return (folder / _STAMP).stat().st_mtime_ns


def _remove(folder: Path) -> None:
    """Remove a folder whole or not at all: where it is in use it may not be renamed."""
    away = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        folder.rename(away)
    except OSError as error:
        log.info("%s stays: %s", folder.name, error)
        return
    shutil.rmtree(away, ignore_errors=True)
