"""Ways out for sound: the sound card through PortAudio, and a clock where there is none."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication

from studio.ui.sound_ring import Samples

#: Samples a second.
RATE = 44_100
_STEP = 0.02  # seconds between two looks of the clock

#: Fills its argument, float32 (n, 2), with the next samples.
Fill = Callable[[Samples], None]


class MissingLibraryError(OSError):
    """The library that speaks to sound cards is missing."""


class Output(Protocol):
    """Reads samples at the pace at which they are heard.

    Attributes:
        latency: Seconds from reading a sample to hearing it.
    """

    latency: float

    def start(self, fill: Fill) -> None:
        """Begin to read; raises OSError when there is no sound."""

    def stop(self) -> None:
        """End at once, and give the device back."""


class SoundCard:
    """The system's usual sound card.

    Raises:
        OSError: There is none, or PortAudio is missing.
    """

    def __init__(self) -> None:
        try:
            import sounddevice
        except OSError as error:  # the library itself is missing
            raise MissingLibraryError(str(error)) from error
        self.latency = 0.0
        self._module: Any = sounddevice
        self._stream: Any = None
        try:
            sounddevice.query_devices(kind="output")
        except sounddevice.PortAudioError as error:
            raise OSError(str(error)) from error

    def start(self, fill: Fill) -> None:
        """Open the card."""

        def callback(out: Samples, _frames: int, _time: object, _status: object) -> None:
            fill(out)

        try:
            self._stream = self._module.OutputStream(
                samplerate=RATE, channels=2, dtype="float32", latency="low", callback=callback
            )
            self._stream.start()
        except self._module.PortAudioError as error:
            raise OSError(str(error)) from error
        self.latency = float(self._stream.latency)

    def stop(self) -> None:
        """Close the card."""
        if self._stream is not None:
            self._stream.abort()
            self._stream.close()
            self._stream = None


class SilentOutput:
    """Reads by the clock and throws away, so that the playhead moves."""

    latency = 0.0

    def __init__(self) -> None:
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, fill: Fill) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._run, args=(fill,), name="silence", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, fill: Fill) -> None:
        began = time.monotonic()
        done = 0
        while not self._end.wait(_STEP):
            due = round((time.monotonic() - began) * RATE) - done
            fill(np.empty((due, 2), np.float32))
            done += due


def no_sound_reason(error: OSError) -> str:
    """Return why nothing is heard, and what to do about it."""
    if not isinstance(error, MissingLibraryError):
        return _tr(
            "No sound device was found. Plug one in, or choose one in the system’s settings,"
            " then start the studio again."
        )
    if platform.system() == "Linux":
        return _tr(
            "PortAudio is missing, so nothing is heard. Install it with your system’s package"
            " manager (Debian and Ubuntu: sudo apt install libportaudio2), then press play again."
        )
    return _tr("PortAudio is missing, so nothing is heard. Install the studio again to get it.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Player", text)
