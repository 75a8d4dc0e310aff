"""The jobs of the Data page: importing, sample sets, downloads and the preparation's preview."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.core.project import Project
from studio.core.protocol import (
    DownloadDataset,
    ImportFiles,
    ImportSample,
    PreviewPreparation,
    PreviewReady,
)
from studio.data import downloads, samples
from studio.data.importer import import_paths
from studio.data.preview import preview_sheet
from studio.engine.job import JobContext


def import_files(command: ImportFiles, job: JobContext) -> dict[str, Any]:
    """Bring the user's files into a dataset; returns an ImportResult as plain values."""
    job.started("import_files", command.name)
    with _project(command.project) as project:
        paths = [Path(path) for path in command.paths]
        return import_paths(project, command.name, paths, job, command.modality).as_dict()


def import_sample(command: ImportSample, job: JobContext) -> dict[str, Any]:
    """Make a built-in sample set into a dataset; returns an ImportResult as plain values."""
    job.started("import_sample", command.name or command.sample)
    with _project(command.project) as project:
        return samples.import_sample(project, command.sample, command.name, job).as_dict()


def download_dataset(command: DownloadDataset, job: JobContext) -> dict[str, Any]:
    """Fetch a public dataset and import it; returns an ImportResult as plain values."""
    job.started("download_dataset", command.name or command.source)
    with _project(command.project) as project:
        return downloads.download_dataset(project, command.source, command.name, job).as_dict()


def preview_preparation(command: PreviewPreparation, job: JobContext) -> dict[str, Any]:
    """Draw a few items as a model would see them; announces the picture with PreviewReady."""
    job.started("preview_preparation", "Preview")
    with _project(command.project) as project:
        path = preview_sheet(
            project, command.dataset_id, command.preparation, command.count, command.seed
        )
    job.emit(PreviewReady(job_id=job.job_id, path=str(path)))
    return {"path": str(path)}


@contextmanager
def _project(folder: str) -> Iterator[Project]:
    project = Project.open(Path(folder))
    try:
        yield project
    finally:
        project.close()
