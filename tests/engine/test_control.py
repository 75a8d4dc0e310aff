"""Pause, park and stop reach a working thread within moments, and services run while held."""

from __future__ import annotations

import threading
import time

import pytest

from studio.core.errors import StopRequested
from studio.core.state import EngineState
from studio.engine.control import Control


class Worker:
    """Passes the gate over and over in a thread, as a training loop does."""

    def __init__(self) -> None:
        self.states: list[EngineState] = []
        self.served: list[str] = []
        self.steps = 0
        self.saved: bool | None = None
        self.control = Control(self.states.append)
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        try:
            while True:
                self.control.gate(self)
                self.steps += 1
                time.sleep(0.001)
        except StopRequested as stop:
            self.saved = stop.save

    def sample_now(self) -> None:
        self.served.append("sample")

    def save_now(self) -> None:
        self.served.append("save")

    def park(self) -> None:
        self.served.append("park")

    def unpark(self) -> None:
        self.served.append("unpark")

    def wait_for(self, state: EngineState) -> None:
        deadline = time.monotonic() + 3
        while not self.states or self.states[-1] != state:
            assert time.monotonic() < deadline, f"{state} was not reached: {self.states}"
            time.sleep(0.002)

    def end(self) -> None:
        self._thread.join(3)
        assert not self._thread.is_alive()


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_a_pause_holds_serves_and_goes_on(worker: Worker) -> None:
    worker.control.pause()
    worker.wait_for(EngineState.PAUSED)
    steps = worker.steps
    worker.control.sample_now()
    worker.control.save_now()
    deadline = time.monotonic() + 3
    while worker.served != ["sample", "save"]:
        assert time.monotonic() < deadline, worker.served
        time.sleep(0.002)
    assert worker.steps == steps
    worker.control.resume()
    worker.wait_for(EngineState.RUNNING)
    worker.control.stop(save=True)
    worker.end()
    assert worker.saved is True
    assert worker.steps > steps


def test_parking_frees_the_device_and_a_stop_brings_it_back_first(worker: Worker) -> None:
    worker.control.park()
    worker.wait_for(EngineState.PARKED)
    worker.control.stop(save=False)
    worker.end()
    assert worker.served == ["park", "unpark"]
    assert worker.states[-1] == EngineState.STOPPING
    assert worker.saved is False


def test_a_parked_job_can_be_paused_on_the_device_and_go_on(worker: Worker) -> None:
    worker.control.park()
    worker.wait_for(EngineState.PARKED)
    worker.control.pause()
    worker.wait_for(EngineState.PAUSED)
    worker.control.resume()
    worker.wait_for(EngineState.RUNNING)
    worker.control.stop(save=True)
    worker.end()
    assert worker.served == ["park", "unpark"]


def test_a_held_job_goes_on_by_itself_when_the_reason_is_gone() -> None:
    states: list[EngineState] = []
    control = Control(states.append)
    asked = iter([False, False, True])
    control.hold(None, until=lambda: next(asked), every=0.01)
    assert states == [EngineState.PAUSED, EngineState.RUNNING]
