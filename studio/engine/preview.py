"""Sample sheets of a run: always from the same seeds, so that one sees the model change."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
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
from studio.engine.feed import Feed
from studio.engine.job import JobContext
from studio.families.base import Family, SampleRequest

SHEET_ITEMS = 64
SHOWN_ITEMS = 16  # held-out items on the sheet of a family that starts from items
_STRIP_ITEMS = 4
_SEARCHED = 2_000  # learned items among which copies are looked for
_UNSEEN = 500  # unseen ones that show how far new ones usually are
_FEWEST_UNSEEN = 20  # less say nothing of how far new items usually are
_PART = 100  # items that are in memory at once


def new_samples(family: Family[Any], data: PreparedData, count: int) -> SampleRequest:
    """Return the request for `count` samples beside the data: seeds 0, 1, 2 ….

    A family that follows captions is told those of items that it never saw, and their labels.
    """
    request = SampleRequest(task=Task.GENERATE, seeds=range(count))
    if not family.prompted or data.captions is None:
        return request
    unseen = data.validation if len(data.validation) else data.train
    places = np.resize(random_part(unseen, count), count)
    labels = data.labels[places]
    known = family.labelled and bool((labels >= 0).all())
    return replace(
        request,
        captions=data.captions[places].astype(np.int64),
        labels=labels.tolist() if known else None,
    )


class Preview:
    """Draws and measures samples; call it with the averaged weights in place."""

    def __init__(
        self, run: Run, family: Family[Any], data: PreparedData, feed: Feed, job: JobContext
    ) -> None:
        self._run = run
        self._family = family
        self._job = job
        self._kind = modality_data(data.spec.modality)
        self._media: list[Media] = []
        if Task.GENERATE not in family.info.tasks:
            held_out = feed.held_out(SHOWN_ITEMS, SHOWN_ITEMS)
            self._shown = next(held_out, None) or next(feed.learned(SHOWN_ITEMS, SHOWN_ITEMS))
            return
        self._request = new_samples(family, data, max(family.measured_samples, SHEET_ITEMS))
        real = data.items[random_part(data.train, len(self._request.seeds))]
        self._real = self._kind.as_prepared(real, data.spec)
        self._measures = import_module(f"studio.evaluate.{data.spec.modality}")
        self._newness = None
        if len(data.validation) >= _FEWEST_UNSEEN:
            self._newness = self._measures.Newness(
                self._parts(data, data.train, _SEARCHED),
                self._parts(data, data.validation, _UNSEEN),
            )

    def draw(self, step: int) -> dict[str, float]:
        """Write the sheet of a step, announce it and return what the samples measure.

        Families that make nothing from seeds show what they do to held-out items; how well is
        measured by their own held-out metrics.
        """
        statistics: dict[str, float] = {}
        if Task.GENERATE in self._family.info.tasks:
            self._media = list(self._family.sample(self._request, self._tick))
            statistics = self._measures.sample_statistics(self._media, self._real)
            statistics |= self._newness.of(self._media) if self._newness is not None else {}
        else:
            with torch.inference_mode():
                self._media = list(self._family.show(self._shown))
        path = self._write_sheet(self._run.samples / step_name(step))
        self._job.emit(SampleReady(job_id=self._job.job_id, step=step, path=str(path)))
        return statistics

    def _parts(
        self, data: PreparedData, places: npt.NDArray[np.int64], count: int
    ) -> Iterator[list[Media]]:
        """Return so many of these items, a part at a time."""
        chosen = random_part(places, count)
        for start in range(0, len(chosen), _PART):
            yield self._kind.as_prepared(data.items[chosen[start : start + _PART]], data.spec)

    def _tick(self, _done: int, _total: int) -> None:
        self._job.control.raise_if_stopped()

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
