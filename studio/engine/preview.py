"""Sample sheets of a run: always from the same seeds, so that one sees the model change."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import torch

from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.protocol import SampleReady
from studio.core.runs import Run, step_name
from studio.data.modality import modality_data
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.engine.feed import Feed
from studio.engine.job import JobContext
from studio.families.base import Family, SampleRequest

SHOWN_ITEMS = 16  # held-out items on the sheet of a family that starts from items
_STRIP_ITEMS = 4


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
        count = max(family.measured_samples, self._kind.sheet_items)
        self._request = new_samples(family, data, count)
        self._measures = import_module(f"studio.evaluate.{data.spec.modality}")
        self._real = self._measures.real_items(data, data.train, len(self._request.seeds))
        self._newness = self._measures.newness(data)

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
        shown = self._media[: self._kind.sheet_items]
        path = self._kind.write_sheet(shown, self._run.samples / step_name(step))
        self._job.emit(SampleReady(job_id=self._job.job_id, step=step, path=str(path)))
        return statistics

    def _tick(self, _done: int, _total: int) -> None:
        self._job.control.raise_if_stopped()

    def strip(self) -> bytes:
        """Return a few of the newest samples as a small picture or text; empty before the first."""
        some = self._media[:_STRIP_ITEMS]
        return self._kind.preview(some, columns=_STRIP_ITEMS) if some else b""
