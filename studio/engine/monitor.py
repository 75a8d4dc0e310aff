"""Measures, once a second, how busy device and host are."""

from __future__ import annotations

import threading

import psutil

from studio.core.protocol import DeviceLoad
from studio.engine.job import Emit
from studio.engine.runtime import choose_device, memory_total

_SECONDS = 1.0


class Monitor(threading.Thread):
    """A daemon thread that sends DeviceLoad events until `stop`."""

    def __init__(self, emit: Emit) -> None:
        super().__init__(name="monitor", daemon=True)
        self._emit = emit
        self._stopped = threading.Event()
        self._device = choose_device()

    def run(self) -> None:
        """Measure until stopped."""
        psutil.cpu_percent()  # the first call has nothing to compare with
        while not self._stopped.wait(_SECONDS):
            self._emit(self._measure())

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def _measure(self) -> DeviceLoad:
        host = psutil.virtual_memory()
        load, used = psutil.cpu_percent() / 100, host.total - host.available
        if self._device.type == "cuda":
            load, used = _graphics_card(self._device.index or 0)
        return DeviceLoad(
            load=min(load, 1.0),
            memory_used=used,
            memory_total=memory_total(self._device),
            host_used=host.total - host.available,
            host_total=host.total,
        )


def _graphics_card(index: int) -> tuple[float, int]:
    """Return (load 0…1, bytes in use) of an NVIDIA card."""
    import pynvml

    pynvml.nvmlInit()
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    load = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    return load, int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
