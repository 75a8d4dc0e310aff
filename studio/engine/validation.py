"""How well a model does on items that it never learned from."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import torch

from studio.engine.averaging import Averaging
from studio.engine.feed import Feed
from studio.engine.schedule import Schedule
from studio.families.base import Family
from studio.families.batch import Batch

#: Families that describe this metric have the weights of the moment measured as well.
_PRESENT = "val_loss_present"
_ITEMS = 1000
_BATCH = 256


class Validation:
    """Measures a run on its held-out items now and then: as often as is cheap, and when asked.

    What is measured for one step is measured once.
    """

    def __init__(self, family: Family[Any], feed: Feed, averaging: Averaging) -> None:
        self._family, self._feed, self._averaging = family, feed, averaging
        self._schedule = Schedule.of_validation(family.recipe.steps)
        self._step = -1
        self._found: dict[str, float] = {}

    def due(self, step: int) -> bool:
        """Tell whether it is time to measure after this step."""
        return self._schedule.due(step)

    def measured(self, step: int) -> dict[str, float]:
        """Return the held-out metrics of the averaged weights after this step."""
        if step != self._step:
            before = time.monotonic()
            self._found, self._step = self._measure(), step
            self._schedule.done(time.monotonic() - before)
        return self._found

    def forget(self) -> None:
        """Measure again when asked, for what the family did after the last step."""
        self._step = -1

    def _measure(self) -> dict[str, float]:
        def means() -> dict[str, float]:
            size = min(_BATCH, self._family.recipe.batch_size)
            return validation_metrics(self._family, self._feed.held_out(size, _ITEMS))

        with self._averaging.applied():
            found = means()
        if found and _PRESENT in self._family.info.metrics:
            for network in self._family.networks().values():
                network.eval()
            found[_PRESENT] = means()["val_loss"]
            for network in self._family.networks().values():
                network.train()
        return found


def validation_metrics(family: Family[Any], batches: Iterable[Batch]) -> dict[str, float]:
    """Return the mean of each held-out metric, weighted by the size of the batches."""
    sums: dict[str, float] = {}
    seen = 0
    with torch.inference_mode(), family.compute.precision():
        for batch in batches:
            for name, value in family.validate(batch).items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(batch)
            seen += len(batch)
    if not seen:
        return {}
    means = {name: total / seen for name, total in sums.items()}
    return means | family.derived(means)
