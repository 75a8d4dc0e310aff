"""A ring of samples between the thread that renders and the sound card that reads."""

from __future__ import annotations

import threading
import time
from collections import deque

import numpy as np
import numpy.typing as npt

#: Sound in two channels: float32 (n, 2), −1 to 1.
Samples = npt.NDArray[np.float32]

_SECONDS = 2.0  # that are rendered ahead
_REST = 0.25  # seconds at most that the renderer sleeps


class Ring:
    """Samples on their way, and which place of the piece each comes from.

    Attributes:
        volume: What samples are multiplied with on their way out.
        latency: Seconds from reading a sample to hearing it.
    """

    def __init__(self, rate: int) -> None:
        self.volume = 1.0
        self.latency = 0.0
        self._rate = rate
        self._samples = np.zeros((round(_SECONDS * rate), 2), np.float32)
        self._written = 0  # samples since the beginning
        self._read = 0
        self._read_at = 0.0  # when samples were read last
        self._marks: deque[tuple[int, float]] = deque()  # (sample, seconds of the piece)
        self._changed = threading.Condition()
        self._woken = self._closed = False

    def room(self) -> int:
        """Return how many samples can be written now."""
        with self._changed:
            return len(self._samples) - (self._written - self._read)

    def rest(self) -> int:
        """Return how many samples wait to be read."""
        with self._changed:
            return self._written - self._read

    def clear(self, seconds: float) -> None:
        """Forget what waits; what comes next is from another place of the piece."""
        with self._changed:
            self._written = self._read
            self._marks = deque([(self._read, seconds)])

    def cut(self, keep: int, more: int) -> tuple[float, Samples]:
        """Forget what waits but for the next samples; what comes then may be another sound.

        Args:
            keep: Samples that are still to be read.
            more: Samples behind them that are returned.

        Returns:
            The place of the piece behind what is kept, and what was to be heard there.
        """
        with self._changed:
            end = min(self._written, self._read + keep)
            places = np.arange(end, min(end + more, self._written)) % len(self._samples)
            tail: Samples = self._samples[places]
            while self._marks and self._marks[-1][0] > end:
                self._marks.pop()
            start, seconds = self._marks[-1] if self._marks else (end, 0.0)
            seconds += (end - start) / self._rate
            self._written = end
            self._marks.append((end, seconds))
            return seconds, tail

    def write(self, samples: Samples, seconds: float) -> None:
        """Add samples (at most `room`) that begin at a place of the piece."""
        with self._changed:
            if self._closed:
                return
            size = len(self._samples)
            at = self._written % size
            first = min(len(samples), size - at)
            self._samples[at : at + first] = samples[:first]
            self._samples[: len(samples) - first] = samples[first:]
            self._marks.append((self._written, seconds))
            self._written += len(samples)

    def read(self, out: Samples) -> None:
        """Fill `out` with what waits, then with silence. Called by the sound card."""
        with self._changed:
            size = len(self._samples)
            count = min(len(out), self._written - self._read)
            at = self._read % size
            first = min(count, size - at)
            np.multiply(self._samples[at : at + first], self.volume, out=out[:first])
            rest = self._samples[: count - first]
            np.multiply(rest, self.volume, out=out[first:count])
            out[count:] = 0.0
            self._read += count
            self._read_at = time.monotonic()
            self._changed.notify()

    def heard(self) -> float:
        """Return the place of the piece that is heard now, in seconds."""
        with self._changed:
            since = time.monotonic() - self._read_at if self._read_at else 0.0
            # between two reads time goes on, though not past what was read
            sample = self._read + min(since, 0.05) * self._rate - self.latency * self._rate
            sample = min(sample, float(self._written))
            while len(self._marks) > 1 and self._marks[1][0] <= sample:
                self._marks.popleft()
            if not self._marks:
                return 0.0
            start, seconds = self._marks[0]
            return max(0.0, seconds + max(0.0, sample - start) / self._rate)

    def wait(self) -> None:
        """Sleep until samples were read or `wake` is called."""
        with self._changed:
            if not self._woken:
                self._changed.wait(_REST)
            self._woken = False

    def close(self) -> None:
        """Be silent from now on, and end a `wait`."""
        with self._changed:
            self._closed = True
            self._written = self._read
        self.wake()

    def wake(self) -> None:
        """End a `wait`."""
        with self._changed:
            self._woken = True
            self._changed.notify()
