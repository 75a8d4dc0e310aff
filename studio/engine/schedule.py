"""When a run draws samples and saves: at fixed steps, or as often as is cheap."""

from __future__ import annotations

import time
from collections.abc import Sequence

_EARLY = (1, 20, 50, 100, 200, 400)  # steps at which something new is to be seen
_SHARE = 0.01  # of the running time that samples, and again checkpoints, may take
_LOOKS = (20, 100)  # steps after which held-out items say whether anything is learned at all
_SHARE_OF_LOOKS = 0.03  # of the running time that measuring held-out items may take
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
        early: First steps after which it is due, when automatic.
        share: Share of the running time that it may take, when automatic.
        longest: Seconds after which it is due in any case.
    """

    def __init__(
        self,
        every: int,
        steps: int,
        times: int,
        *,
        early: Sequence[int] = (),
        share: float = _SHARE,
        longest: float = float("inf"),
    ) -> None:
        self._every = every
        self._spacing = max(1, steps // times)
        self._early = frozenset(() if every else early)
        self._share = share
        self._longest = longest
        self._done_at = time.monotonic()
        self._cost = 0.0

    @classmethod
    def of_samples(cls, every: int, steps: int) -> Schedule:
        """Return the schedule of sample sheets."""
        return cls(every, steps, times=40, early=_EARLY)

    @classmethod
    def of_validation(cls, steps: int) -> Schedule:
        """Return the schedule of measurements on held-out items."""
        return cls(0, steps, times=20, early=_LOOKS, share=_SHARE_OF_LOOKS)

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
        return step % self._spacing == 0 and since > self._cost / self._share

    def done(self, cost: float) -> None:
        """Note that it was done and took `cost` seconds."""
        self._cost = cost
        self._done_at = time.monotonic()
