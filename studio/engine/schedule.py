"""When a run draws samples and saves: at fixed steps, or as often as is cheap."""

from __future__ import annotations

import time

_EARLY = (1, 20, 50, 100, 200, 400)  # steps at which something new is to be seen
_SHARE = 0.01  # of the running time that samples, and again checkpoints, may take
_MAX_SECONDS_BETWEEN_SAVES = 300.0


class Schedule:
    """Says whether something is due after a step.

    With `every` it is due at each multiple. Without, it is due a fixed number of times per run,
    but never so often that it takes more than a small share of the time. When something is drawn
    or saved does not change the training: each step has its own random stream.

    Args:
        every: Steps between two times; 0 is automatic.
        steps: Steps of the run.
        times: How often per run, when automatic.
        early: Whether the first steps are of interest.
        longest: Seconds after which it is due in any case.
    """

    def __init__(
        self,
        every: int,
        steps: int,
        times: int,
        *,
        early: bool = False,
        longest: float = float("inf"),
    ) -> None:
        self._every = every
        self._spacing = max(1, steps // times)
        self._early = frozenset(_EARLY if early and not every else ())
        self._longest = longest
        self._done_at = time.monotonic()
        self._cost = 0.0

    @classmethod
    def of_samples(cls, every: int, steps: int) -> Schedule:
        """Return the schedule of sample sheets."""
        return cls(every, steps, times=40, early=True)

    @classmethod
    def of_checkpoints(cls, every: int, steps: int) -> Schedule:
        """Return the schedule of checkpoints."""
        return cls(every, steps, times=10, longest=_MAX_SECONDS_BETWEEN_SAVES)

    def due(self, step: int) -> bool:
        """Tell whether it is due after this step."""
        if self._every:
            return step % self._every == 0
        if step in self._early:
            return True
        since = time.monotonic() - self._done_at
        if since > self._longest:
            return True
        return step % self._spacing == 0 and since > self._cost / _SHARE

    def done(self, cost: float) -> None:
        """Note that it was done and took `cost` seconds."""
        self._cost = cost
        self._done_at = time.monotonic()
