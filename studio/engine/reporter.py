"""Metrics of a run: summed on the device, read a few times a second, written as JSON lines."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from pathlib import Path
from typing import TextIO

import torch
from torch import Tensor

_FLUSH_SECONDS = 0.1
_SPEED_SECONDS = 10.0  # window over which speed and time left are measured


class Reporter:
    """Sums each metric on the device; `due` says when to read the means.

    Reading waits for the device, so it happens at most ten times a second, not every step.
    """

    def __init__(self, path: Path, keep_to_step: int) -> None:
        """Open the metrics file; lines after `keep_to_step` are dropped, they are made again."""
        self._path = path
        _truncate(path, keep_to_step)
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._plain: dict[str, float] = {}
        self._last = time.monotonic()
        self._speed: deque[tuple[float, int]] = deque()
        self.newest: dict[str, float] = {}

    def add(self, losses: dict[str, Tensor]) -> None:
        """Add a step's metrics; never waits for the device."""
        for name, value in losses.items():
            if name in self._sums:
                self._sums[name] = self._sums[name] + value
                self._counts[name] += 1
            else:
                self._sums[name] = value
                self._counts[name] = 1

    def add_plain(self, values: dict[str, float]) -> None:
        """Add numbers that are already on the host; the last one of a name counts."""
        self._plain.update(values)

    @property
    def due(self) -> bool:
        """Whether it is time to flush."""
        return time.monotonic() - self._last >= _FLUSH_SECONDS

    @property
    def since_flush(self) -> float:
        """Seconds since the last flush, never quite 0."""
        return max(time.monotonic() - self._last, 1e-9)

    def flush(self, step: int, seconds: float) -> dict[str, float]:
        """Read the means since the last flush, append them to the file and return them."""
        self._last = time.monotonic()
        values: dict[str, float] = {}
        if self._sums:
            names = list(self._sums)
            means = [self._sums[name].float() / self._counts[name] for name in names]
            values = dict(zip(names, torch.stack(means).tolist(), strict=True))
        values.update(self._plain)
        self._sums, self._counts, self._plain = {}, {}, {}
        if values:
            # JSON knows no infinity and no NaN: such a value is left out of the line
            finite = {name: value for name, value in values.items() if math.isfinite(value)}
            row = {"step": step, "seconds": round(seconds, 3), "values": finite}
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()
            self.newest.update(finite)
        return values

    def seconds_left(self, step: int, steps: int) -> float | None:
        """Return the time to the last step at the speed of the last seconds, None at first."""
        now = time.monotonic()
        self._speed.append((now, step))
        while len(self._speed) > 2 and now - self._speed[0][0] > _SPEED_SECONDS:
            self._speed.popleft()
        then, step_then = self._speed[0]
        if step == step_then:
            return None
        return (now - then) / (step - step_then) * (steps - step)

    def forget_speed(self) -> None:
        """Start measuring speed anew, after a pause."""
        self._speed.clear()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _truncate(path: Path, keep_to_step: int) -> None:
    if not path.exists():
        return
    kept = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            if json.loads(line)["step"] <= keep_to_step:
                kept.append(line + "\n")
        except (json.JSONDecodeError, KeyError):  # a line cut off by a kill
            continue
    path.write_text("".join(kept), encoding="utf-8")
