"""The client against an engine that crashes, floods, goes deaf and leaves children behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytestqt.qtbot import QtBot

from studio.core.protocol import ImportSample, JobFinished, Outcome, Progress
from studio.core.state import EngineState
from studio.ui.engine_client import Crashed, EngineClient
from studio.ui.spare_engines import SpareEngines


def job(name: str) -> ImportSample:
    """Return a job that makes the fake engine play a script."""
    return ImportSample(project="p", sample=name)


def collect(signal_: Any) -> list[Any]:
    """Return a list that fills with what a signal hands over."""
    seen: list[Any] = []
    signal_.connect(seen.append)
    return seen


def test_jobs_run_in_order_and_end_once(client: EngineClient, qtbot: QtBot) -> None:
    finished, started = collect(client.job_finished), collect(client.job_started)
    ids = [client.submit(job(name)) for name in ("a", "b", "c")]
    assert [waiting.job_id for waiting in client.waiting()] == ids
    qtbot.waitUntil(lambda: len(finished) == 3)
    assert [event.job_id for event in finished] == ids
    assert [event.title for event in started] == ["a", "b", "c"]
    qtbot.waitUntil(lambda: client.state is EngineState.IDLE)
    assert not client.busy
    assert client.device is not None
    assert client.device.name == "Test processor"


def test_crash_is_shown_within_a_second_and_the_next_job_gets_a_fresh_engine(
    client: EngineClient, qtbot: QtBot
) -> None:
    finished = collect(client.job_finished)
    with qtbot.waitSignal(client.job_started):
        client.submit(job("controlled"))
    first = client.process_id
    assert first is not None
    killed = time.monotonic()
    with qtbot.waitSignal(client.crashed, timeout=5000) as seen:
        os.kill(first, signal.SIGKILL)
    assert time.monotonic() - killed < 1.0
    crash = seen.args[0]
    assert isinstance(crash, Crashed)
    assert (crash.exit_code, crash.signal) == (None, "SIGKILL")
    assert client.state is EngineState.CRASHED
    assert [event.outcome for event in finished] == [Outcome.FAILED]
    with qtbot.waitSignal(client.job_finished) as seen:
        client.submit(job("a"))
    assert seen.args[0].outcome is Outcome.DONE
    assert client.process_id != first


@pytest.mark.parametrize("name", ["crash", "crash_with_child"])
def test_crash_hands_over_the_last_words_and_goes_on_with_the_queue(
    client: EngineClient, qtbot: QtBot, name: str
) -> None:
    finished = collect(client.job_finished)
    with qtbot.waitSignal(client.crashed, timeout=5000) as seen:
        crashed_id = client.submit(job(name))
        client.submit(job("a"))
    assert seen.args[0].log_tail == "the last words"
    assert seen.args[0].job_id == crashed_id
    qtbot.waitUntil(lambda: len(finished) == 2)
    assert [event.outcome for event in finished] == [Outcome.FAILED, Outcome.DONE]
    assert "SIGKILL" in finished[0].error.message


def test_a_crash_that_was_seen_twice_is_said_once_and_spares_the_next_engine(
    client: EngineClient, qtbot: QtBot
) -> None:
    crashes, finished = collect(client.crashed), collect(client.job_finished)
    with qtbot.waitSignal(client.job_started):
        client.submit(job("controlled"))
    client.submit(job("a"))
    dead = client._thread
    assert dead is not None
    os.kill(dead.process_id, signal.SIGKILL)
    assert dead.wait(5000)  # its own signal waits in the queue, since nothing was processed
    client._look_after()  # the watch comes first, and the waiting job gets a new engine
    qtbot.waitUntil(lambda: len(finished) == 2)
    assert [event.outcome for event in finished] == [Outcome.FAILED, Outcome.DONE]
    assert len(crashes) == 1


def test_flood_keeps_every_metric_and_only_the_newest_progress(
    client: EngineClient, qtbot: QtBot
) -> None:
    metrics, progress = collect(client.metrics), collect(client.progress)
    order: list[type] = []
    client.progress.connect(lambda event: order.append(type(event)))
    client.job_finished.connect(lambda event: order.append(type(event)))
    began = time.monotonic()
    with qtbot.waitSignal(client.job_finished):
        client.submit(job("flood"))
    frames = (time.monotonic() - began) * 60 + 2
    assert [event.step for event in metrics] == list(range(0, 3000, 50))
    assert len(progress) <= frames
    assert progress[-1].done == 3000
    assert order[-2:] == [Progress, JobFinished]


def test_buttons_follow_the_engines_state(client: EngineClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(client.job_started):
        client.submit(job("controlled"))
    for press, state in (
        (client.pause, EngineState.PAUSED),
        (client.park, EngineState.PARKED),
        (client.resume, EngineState.RUNNING),
    ):
        press()
        qtbot.waitUntil(lambda state=state: client.state is state)
    states = collect(client.state_changed)
    client.stop()
    qtbot.waitUntil(lambda: client.state is EngineState.IDLE)
    assert states == [EngineState.STOPPING, EngineState.IDLE]


def test_a_waiting_job_is_cancelled_without_the_engine(client: EngineClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(client.job_started):
        client.submit(job("controlled"))
    waiting = client.submit(job("a"))
    with qtbot.waitSignal(client.job_finished) as seen:
        client.stop(waiting)
    assert (seen.args[0].job_id, seen.args[0].outcome) == (waiting, Outcome.CANCELLED)
    assert not client.waiting()
    assert client.current is not None


def test_closing_ends_a_deaf_engine_and_its_children(client: EngineClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(client.notice) as seen:
        client.submit(job("deaf"))
    child = psutil.Process(int(seen.args[0].title))
    assert client.process_id is not None
    engine = psutil.Process(client.process_id)
    began = time.monotonic()
    client.close(grace_seconds=0.3)
    assert time.monotonic() - began < 2.0
    gone, alive = psutil.wait_procs([child, engine], timeout=2.0)
    assert not alive, gone


def test_a_spare_engine_is_taken_with_all_that_it_has_said(
    qtbot: QtBot, fake_engine: list[str], tmp_path: Path
) -> None:
    spares = SpareEngines(fake_engine)
    spares.start(2)
    qtbot.wait(100)  # both say hello before anyone listens
    clients = [
        EngineClient(name, tmp_path / f"{name}.log", fake_engine, spares=spares)
        for name in ("one", "two", "three")
    ]
    for client in clients:
        client.start()
    qtbot.waitUntil(lambda: all(client.state is EngineState.IDLE for client in clients))
    assert all(client.device is not None for client in clients)
    logs = [path.name for path in tmp_path.iterdir()]
    assert logs == ["three.log"], "only the third had to be started"
    finished = collect(clients[0].job_finished)
    clients[0].submit(job("a"))
    qtbot.waitUntil(lambda: [event.outcome for event in finished] == [Outcome.DONE])
    for client in clients:
        client.close(grace_seconds=1.0)


def test_a_spare_that_died_is_not_taken_and_the_rest_end(
    qtbot: QtBot, fake_engine: list[str], tmp_path: Path
) -> None:
    spares = SpareEngines(fake_engine)
    spares.start(2)
    for child in psutil.Process().children():
        child.kill()
    qtbot.waitUntil(lambda: not any(spare.alive for spare in spares._spares))
    client = EngineClient("one", tmp_path / "one.log", fake_engine, spares=spares)
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.IDLE)
    spares.start(1)
    spares.end()
    client.close(grace_seconds=1.0)
