"""Reads recordings for the window, in threads: their peaks first, then what is in sight of them."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.core.blobs import Source
from studio.data.audio.peaks import BASE, FACTOR, Peaks

_log = logging.getLogger(__name__)

#: Samples of a column from which on peaks are in memory; narrower ones are read from the file.
NARROW = BASE * FACTOR + 1

_SMALL = 8 << 20  # bytes of files that are read whole, so that they are not held open
_TICKETS = count(1)
_WINDOW = 0.055  # seconds, about, that a column of a spectrum is measured over
_RANGE = 80.0  # dB below the loudest that are shown
_LOOKS = 64  # places at which the loudest is looked for
_TILES = 400  # that are kept
_TOLD = 0.1  # seconds between two words of how far it is

Wave = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.uint8]


class StoppedError(Exception):
    """Nobody waits for it any more."""


class Part(NamedTuple):
    """A part of a recording that is to be drawn so many columns wide.

    Attributes:
        start, end: In samples, also beyond both ends.
    """

    start: float
    end: float
    columns: int

    @property
    def width(self) -> float:
        """Samples of a column."""
        return (self.end - self.start) / max(1, self.columns)


class Sight(NamedTuple):
    """What is seen of a part.

    Attributes:
        wave: (columns, channels, 2) lowest and highest; None where peaks are in memory, or where
            columns are narrower than samples.
        samples: (n, channels), from sample `first` on, where columns are narrower.
        spectrum: (bands, columns), the lowest band last, 255 for the loudest.
    """

    wave: Wave | None
    samples: Wave | None
    first: int
    spectrum: Spectrum | None


class _Key(NamedTuple):
    recording: Recording
    part: Part
    spectrum: bool


class Recording:
    """A recording whose peaks are known.

    Attributes:
        peaks: Lowest and highest samples. In the window's thread only parts whose columns are at
            least `NARROW` samples wide may be asked for.
        starts: Where samples of a sheet begin, in seconds.
        bands: Of its spectrum.
        source: What it was read from.
    """

    def __init__(self, peaks: Peaks, source: Source, starts: Sequence[float] = ()) -> None:
        self.peaks, self.source, self.starts = peaks, source, tuple(starts)
        self._reads = threading.Lock()
        self._size = 1 << max(6, round(np.log2(max(1.0, peaks.rate * _WINDOW))))
        self.bands = 64 if peaks.rate <= 8000 else 80 if peaks.rate <= 24_000 else 96
        self._loudest = self._find_loudest()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.peaks.seconds

    def sight(self, part: Part, *, spectrum: bool) -> Sight:
        """Return what is seen of a part; may read the file."""
        wave = samples = None
        first = 0
        if part.width < 2:
            first = max(0, int(np.floor(part.start)) - 1)
            samples = self._samples(first, int(np.ceil(part.end)) + 2 - first)
        elif part.width < NARROW:
            with self._reads:
                wave = self.peaks.peaks(round(part.start), round(part.end), part.columns)
        return Sight(wave, samples, first, self._spectrum(part) if spectrum else None)

    def close(self) -> None:
        """Close the file."""
        with self._reads:
            self.peaks.close()

    def _samples(self, start: int, wanted: int) -> Wave:
        with self._reads:
            return self.peaks.samples(start, wanted)

    def _spectrum(self, part: Part) -> Spectrum:
        """Return loudness by pitch around the middle of each column."""
        from studio.data.audio.mel import log_mel

        size, rate, columns = self._size, self.peaks.rate, part.columns
        middles = part.start + part.width * (np.arange(columns) + 0.5)
        if part.width > 4 * size:  # each column has a window of its own
            windows = np.stack([self._window(middle) for middle in middles])
            joined = windows.reshape(-1)
            found = log_mel(joined, rate, bands=self.bands, hop=size, size=size, padded=False)
        else:
            hop = max(1, min(size // 4, round(part.width)))
            first = round(middles[0]) - size // 2
            wanted = round(middles[-1]) - round(middles[0]) + size + hop
            samples = self._padded(first, wanted)
            found = log_mel(samples, rate, bands=self.bands, hop=hop, size=size, padded=False)
            places = np.minimum(found.shape[1] - 1, (middles - middles[0]) / hop)
            found = found[:, np.rint(places).astype(np.int64)]
        shares = (found - (self._loudest - _RANGE)) / _RANGE
        return np.ascontiguousarray((np.clip(shares, 0, 1) * 255).astype(np.uint8)[::-1])

    def _window(self, middle: float) -> Wave:
        return self._padded(round(middle) - self._size // 2, self._size)

    def _padded(self, start: int, wanted: int) -> Wave:
        """Return the mean of the channels (wanted,), 0 beyond both ends."""
        found = np.zeros(wanted, np.float32)
        before = max(0, -start)
        samples = self._samples(max(0, start), max(0, wanted - before))
        if len(samples):
            found[before : before + len(samples)] = np.nan_to_num(samples.mean(1))
        return found

    def _find_loudest(self) -> float:
        """Return the loudest band in dB, of some places all over the recording."""
        from studio.data.audio.mel import log_mel

        frames, size = self.peaks.frames, self._size
        looks = min(_LOOKS, 1 + frames // size)
        middles = (np.arange(looks) + 0.5) * frames / looks
        joined = np.concatenate([self._window(middle) for middle in middles])
        bands, rate = self.bands, self.peaks.rate
        found = log_mel(joined, rate, bands=bands, hop=size, size=size, padded=False)
        return max(-60.0, float(found.max(initial=-60.0)))


def read_recording(
    source: Source, tell: Callable[[float], None] = lambda _share: None
) -> Recording:
    """Read a recording; its peaks take a while when it is long and was never seen.

    Args:
        tell: Hears how far it is, 0 … 1; may raise StoppedError.

    Raises:
        Rejected, OSError: There is no sound in it.
    """
    from studio.data.audio.files import sheet_starts

    starts = sheet_starts(source) if isinstance(source, Path) else []
    small = isinstance(source, Path) and source.stat().st_size <= _SMALL
    held = source.read_bytes() if small and isinstance(source, Path) else source
    return Recording(Peaks(held, tell), source, starts)


class RecordingReader(QObject):
    """Reads recordings for a view, each in a thread that ends when it is dropped.

    Signals:
        progress: (ticket, share that is read).
        done: (ticket, Recording, or the Exception why there is none).
    """

    progress = Signal(int, float)
    done = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self._jobs: dict[int, tuple[threading.Thread, threading.Event]] = {}

    def read(self, source: Source, instead: int = 0) -> int:
        """Read a recording in the background.

        Args:
            instead: Ticket of what is not wanted any more.

        Returns:
            The ticket under which `done` tells the result.
        """
        self.drop(instead)
        ticket, stop = next(_TICKETS), threading.Event()
        work = partial(self._run, ticket, source, stop)
        thread = threading.Thread(target=work, name="read-sound")
        self._jobs[ticket] = (thread, stop)
        thread.start()
        return ticket

    def drop(self, ticket: int) -> None:
        """Read something no further."""
        self._jobs = {key: job for key, job in self._jobs.items() if job[0].is_alive()}
        if ticket in self._jobs:
            self._jobs[ticket][1].set()

    def wait(self) -> None:
        """Wait until everything is read."""
        for thread, _stop in self._jobs.values():
            thread.join()

    def _run(self, ticket: int, source: Source, stop: threading.Event) -> None:
        told = 0.0

        def tell(share: float) -> None:
            nonlocal told
            if stop.is_set():
                raise StoppedError
            if time.monotonic() - told > _TOLD:
                told = time.monotonic()
                self.progress.emit(ticket, share)

        try:
            self.done.emit(ticket, read_recording(source, tell))
        except StoppedError:
            pass
        except Exception as error:  # noqa: BLE001 - whoever asked says what it means
            _log.info("a recording cannot be shown", exc_info=True)
            self.done.emit(ticket, error)


@cache
def recording_reader() -> RecordingReader:
    """Return the window's reader: it outlives the views that it reads for."""
    return RecordingReader()


class Sights(QObject):
    """Parts of recordings as they are seen, read in a thread; it outlives the views.

    Signals:
        ready: Another part is there.
    """

    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._wanted: dict[int, list[_Key]] = {}
        self._kept: OrderedDict[_Key, Sight] = OrderedDict()
        self._thread: threading.Thread | None = None

    def get(self, recording: Recording, part: Part, *, spectrum: bool) -> Sight | None:
        """Return a part when it is read."""
        key = _Key(recording, part, spectrum)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def want(
        self, whose: int, recording: Recording, parts: Sequence[Part], *, spectrum: bool
    ) -> None:
        """Read these parts next, and no others for the same view.

        Args:
            whose: A number of the view.
        """
        with self._lock:
            keys = [_Key(recording, part, spectrum) for part in parts]
            self._wanted[whose] = [key for key in keys if key not in self._kept]
            if self._wanted[whose] and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="see-sound")
                self._thread.start()

    def forget(self, whose: int, recording: Recording | None = None) -> None:
        """Read nothing more for a view, and keep nothing of a recording."""
        with self._lock:
            self._wanted.pop(whose, None)
            for key in [key for key in self._kept if key.recording is recording]:
                del self._kept[key]

    def wait(self) -> None:
        """Wait until everything that is wanted is read."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (key := self._next()) is not None:
            try:
                sight = key.recording.sight(key.part, spectrum=key.spectrum)
            except Exception:  # noqa: BLE001 - a file that goes away while it is seen stays empty
                _log.info("a part of a recording cannot be shown", exc_info=True)
                sight = Sight(None, None, 0, None)
            with self._lock:
                self._kept[key] = sight
                while len(self._kept) > _TILES:
                    self._kept.popitem(last=False)
            self.ready.emit()

    def _next(self) -> _Key | None:
        """Return what is to be read, of each view in turn; None when nothing is, and the end."""
        with self._lock:
            for whose in list(self._wanted):
                waiting = self._wanted.pop(whose)
                if waiting:
                    key = waiting.pop(0)
                    self._wanted[whose] = waiting  # behind the others
                    return key
            self._thread = None
            return None


@cache
def sights() -> Sights:
    """Return the window's reader of what is in sight."""
    return Sights()
