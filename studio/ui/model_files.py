"""Model packages as files: bring one into the project, write a model as one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData

from studio.core.errors import StudioError
from studio.core.files import replacing, unused
from studio.core.packages import SUFFIX, ModelPackage
from studio.core.project import Project
from studio.core.protocol import Severity
from studio.ui.context import Studio


def dropped_files(data: QMimeData) -> list[Path]:
    """Return the local files that are being dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def packages_in(files: Iterable[Path]) -> list[Path]:
    """Return those that are called model packages."""
    return [file for file in files if file.suffix.lower() == SUFFIX]


def import_package(project: Project, path: Path) -> Path:
    """Check a package and copy it into the project; returns where it lies there.

    Raises:
        StudioError: It is refused, with the reason, or it cannot be copied.
    """
    ModelPackage(path)
    if path.resolve().parent == project.models.resolve():
        return path
    project.models.mkdir(parents=True, exist_ok=True)
    target = unused(project.models / path.with_suffix(SUFFIX).name)
    try:
        with replacing(target) as temporary:
            shutil.copyfile(path, temporary)
    except OSError as error:
        raise StudioError(
            "The model could not be brought in",
            f"{path.name} could not be copied into the project ({error.strerror}).",
            "Make room on the disk, or check that the project's folder can be written.",
        ) from error
    return target


def bring_in(studio: Studio, paths: Iterable[Path]) -> Path | None:
    """Import packages and say how that went; returns the last good one."""
    good: Path | None = None
    for path in paths:
        try:
            good = import_package(studio.project, path)
        except StudioError as error:
            studio.report(error)
    if good is not None:
        studio.library_changed.emit("models")
        title = studio.tr("{name} is in this project").format(name=good.stem)
        studio.notify(Severity.INFO, title, studio.tr("Choose it on the Generate page."))
    return good
