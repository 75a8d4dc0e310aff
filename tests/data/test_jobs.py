"""The jobs of the Data page, as the engine runs them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from studio.core.project import Project
from studio.core.protocol import (
    ImportSample,
    JobStarted,
    Message,
    PreviewPreparation,
    PreviewReady,
    Progress,
)
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.jobs import run_job


def test_a_sample_set_and_its_preview(opened: Project) -> None:
    events: list[Message] = []
    job = JobContext("7", Control(), events.append)
    folder = str(opened.folder)
    result = run_job(ImportSample(project=folder, sample="digits"), job)
    assert result["items"] == opened.library.datasets.count(result["dataset_id"]) > 1700
    answer = run_job(
        PreviewPreparation(
            project=folder, dataset_id=result["dataset_id"], preparation={"rotate": 20}, count=4
        ),
        job,
    )
    assert [type(e) for e in events if not isinstance(e, Progress)] == [
        JobStarted, JobStarted, PreviewReady,
    ]  # fmt: skip
    with Image.open(Path(answer["path"])) as image:
        assert image.size == (66, 66)
