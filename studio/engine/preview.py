"""Sample sheets of a run: always from the same seeds, so that one sees the model change."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage

from studio.core.family_info import Task
from studio.core.files import replacing
from studio.core.media import Media
from studio.core.protocol import SampleReady
from studio.core.runs import Run, step_name
from studio.data.clips import save_clip
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.engine.job import JobContext
from studio.families.base import Family, SampleRequest

SHEET_ITEMS = 64
_STRIP_ITEMS = 4


class Preview:
    """Draws and measures samples; call it with the averaged weights in place."""

    def __init__(self, run: Run, family: Family[Any], data: PreparedData, job: JobContext) -> None:
        self._run = run
        self._family = family
        self._job = job
        self._kind = modality_data(data.spec.modality)
        self._media: list[Media] = []
        self._count = max(family.measured_samples, SHEET_ITEMS)
        real = data.items[random_part(data.train, self._count)]
        self._real = self._kind.as_prepared(real, data.spec)
        self._measure = import_module(f"studio.evaluate.{data.spec.modality}").sample_statistics

    def draw(self, step: int) -> dict[str, float]:
        """Write the sheet of a step, announce it and return what the samples measure."""
        request = SampleRequest(task=Task.GENERATE, seeds=range(self._count))
        self._media = list(
            self._family.sample(request, lambda _done, _total: self._job.control.raise_if_stopped())
        )
        path = self._write_sheet(self._run.samples / step_name(step))
        self._job.emit(SampleReady(job_id=self._job.job_id, step=step, path=str(path)))
        statistics: dict[str, float] = self._measure(self._media, self._real)
        return statistics

    def _write_sheet(self, path: Path) -> Path:
        """Write the sheet, as a clip where media move; returns its path with the suffix."""
        shown = self._media[:SHEET_ITEMS]
        moving = self._kind.moving_sheet(shown)
        if moving is not None:
            path = path.with_suffix(".webp")
            save_clip(moving, path)
            return path
        path = path.with_suffix(".png")
        with replacing(path) as temporary:
            sheet = self._kind.sheet(shown).pixels.squeeze()
            PillowImage.fromarray(sheet).save(temporary, "png")
        return path

    def strip(self) -> bytes:
        """Return a PNG of the newest samples, a few in a row; empty before the first."""
        if not self._media:
            return b""
        sheet = self._kind.sheet(self._media[:_STRIP_ITEMS], columns=_STRIP_ITEMS).pixels
        buffer = io.BytesIO()
        PillowImage.fromarray(sheet.squeeze()).save(buffer, "png")
        return buffer.getvalue()
