"""The states of an engine, and the only moves between them. Buttons follow these alone."""

from __future__ import annotations

from enum import StrEnum


class EngineState(StrEnum):
    """What an engine process does right now."""

    STARTING = "starting"  # the process is up, torch is being imported
    IDLE = "idle"  # waits for a job
    RUNNING = "running"  # works on a job
    PAUSED = "paused"  # holds the job, the model stays on the device
    PARKED = "parked"  # holds the job, the model is in host memory and the device is free
    STOPPING = "stopping"  # was asked to stop and brings the job to a good end
    CRASHED = "crashed"  # the process ended without being asked


_S = EngineState

TRANSITIONS: dict[EngineState, frozenset[EngineState]] = {
    _S.STARTING: frozenset({_S.IDLE, _S.CRASHED}),
    _S.IDLE: frozenset({_S.RUNNING, _S.CRASHED}),
    _S.RUNNING: frozenset({_S.IDLE, _S.PAUSED, _S.PARKED, _S.STOPPING, _S.CRASHED}),
    _S.PAUSED: frozenset({_S.RUNNING, _S.PARKED, _S.STOPPING, _S.IDLE, _S.CRASHED}),
    _S.PARKED: frozenset({_S.RUNNING, _S.PAUSED, _S.STOPPING, _S.IDLE, _S.CRASHED}),
    _S.STOPPING: frozenset({_S.IDLE, _S.CRASHED}),
    _S.CRASHED: frozenset({_S.STARTING}),
}

#: States in which a job is in hand.
BUSY = frozenset({_S.RUNNING, _S.PAUSED, _S.PARKED, _S.STOPPING})


def may_move(before: EngineState, after: EngineState) -> bool:
    """Tell whether the table allows the move; staying is always allowed."""
    return before == after or after in TRANSITIONS[before]
