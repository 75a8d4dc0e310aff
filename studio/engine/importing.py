"""The jobs of the Data page: importing, sample sets, downloads and the preparation's preview."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.core.project import Project
from studio.core.protocol import ImportFiles
from studio.core.work import Work
from studio.data.importer import import_paths


def import_files(command: ImportFiles, work: Work) -> dict[str, Any]:
    """Bring the user's files into a dataset; returns an ImportResult as plain values."""
    with _project(command.project) as project:
        paths = [Path(path) for path in command.paths]
        return import_paths(project, command.name, paths, work, command.modality).as_dict()


@contextmanager
def _project(folder: str) -> Iterator[Project]:
    project = Project.open(Path(folder))
    try:
        yield project
    finally:
        project.close()
