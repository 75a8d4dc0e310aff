"""A real engine process: speaks the protocol, obeys within moments, ends with its window."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.core import protocol
from studio.core.protocol import Message, Outcome
from studio.core.runs import Run
from studio.core.state import EngineState
from studio.headless import recipe


class Engine:
    """An engine process and the events that it sent."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *(arguments or ("-m", "studio", "engine"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.events: list[Message] = []

    def send(self, command: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(protocol.encode(command))
        self.process.stdin.flush()

    def wait_for(self, kind: type[Message], **values: Any) -> Any:
        """Return the next event of a kind with these values."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = protocol.decode_event(line)
            self.events.append(event)
            found = isinstance(event, kind)
            if found and all(getattr(event, name) == value for name, value in values.items()):
                return event
        raise AssertionError(f"the engine ended before {kind.__name__} {values} came")

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the engine's folder for temporary files, which nobody else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def engine(temporary: Path) -> Iterator[Engine]:
    found = Engine()
    yield found
    if found.process.poll() is None:
        found.close()
    else:
        assert found.process.stdin is not None and found.process.stdout is not None
        found.process.stdin.close()
        found.process.stdout.close()


def endless(project: Path) -> protocol.Train:
    """Return a command that trains until it is stopped."""
    settings = ["steps=1000000", "batch_size=8", "size=28", "width=4", "precision=fp32"]
    made = recipe(project, "Shapes", "gan", "quick", settings, 0, "Endless")
    return protocol.Train(job_id="job", project=str(project), recipe=made)


@pytest.mark.slow
def test_it_pauses_parks_goes_on_and_stops_each_within_three_seconds(
    engine: Engine, project: Path
) -> None:
    engine.send(endless(project))
    engine.wait_for(protocol.Metrics)

    def answered(command: Message, kind: type[Message], **values: Any) -> Any:
        began = time.monotonic()
        engine.send(command)
        event = engine.wait_for(kind, **values)
        assert time.monotonic() - began < 3.0, type(command).__name__
        return event

    changed = protocol.StateChanged
    answered(protocol.Pause(job_id="job"), changed, state=EngineState.PAUSED)
    answered(protocol.SampleNow(job_id="job"), protocol.SampleReady)
    answered(protocol.SaveNow(job_id="job"), protocol.CheckpointSaved)
    answered(protocol.Park(job_id="job"), changed, state=EngineState.PARKED)
    answered(protocol.Resume(job_id="job"), changed, state=EngineState.RUNNING)
    ended = answered(protocol.Stop(job_id="job"), protocol.JobFinished)
    assert ended.outcome == Outcome.STOPPED
    (run,) = Run.all(project / "runs")
    assert run.state().step in run.checkpoint_paths()

    # a cancelled job keeps nothing new, and the engine takes the next one
    engine.send(endless(project).model_copy(update={"job_id": "second"}))
    engine.wait_for(protocol.Metrics)
    ended = answered(protocol.Stop(job_id="second", save=False), protocol.JobFinished)
    assert ended.outcome == Outcome.CANCELLED


@pytest.mark.slow
def test_it_ends_with_its_window_and_the_run_can_go_on(
    engine: Engine, project: Path, temporary: Path
) -> None:
    made = endless(project)
    engine.send(protocol.Forecast(job_id="forecast", project=made.project, recipe=made.recipe))
    engine.wait_for(protocol.ForecastReady)
    engine.send(made)
    engine.wait_for(protocol.Metrics)
    # killed now, it would leave them behind for good
    assert not list(temporary.glob("studio-*"))
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 2.0
    (run,) = Run.all(project / "runs")
    assert run.state().status in ("interrupted", "stopped")


def test_a_bad_job_fails_with_words_and_the_engine_goes_on(engine: Engine, tmp_path: Path) -> None:
    engine.wait_for(protocol.Hello)
    assert engine.process.stdin is not None
    engine.process.stdin.write("this is no command\n")
    engine.process.stdin.flush()
    assert engine.wait_for(protocol.Notice).severity == "error"

    engine.send(protocol.Train(job_id="a", project=str(tmp_path / "nothing.studio"), resume="x"))
    failed = engine.wait_for(protocol.JobFinished, job_id="a")
    assert failed.outcome == Outcome.FAILED
    assert failed.error.title == "No project there"
    assert failed.error.hint

    engine.send(protocol.Shutdown())
    assert engine.process.wait(10) == 0


def test_nothing_but_protocol_reaches_standard_output() -> None:
    talkative = (
        "import os, studio.engine.host as host\n"
        "def loud(command, job):\n"
        "    print('noise'); os.system('echo noise'); return {'heard': True}\n"
        "host.run_job = loud\n"
        "host.main()\n"
    )
    engine = Engine("-c", talkative)
    engine.send(protocol.Evaluate(job_id="a", project="p", model="m"))
    # wait_for decodes every line on the way: a line of noise would fail it
    finished = engine.wait_for(protocol.JobFinished, job_id="a")
    assert finished.result == {"heard": True}
    engine.close()
