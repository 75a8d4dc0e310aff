"""Pause, park, stop, sample now, save now: asked for by one thread, obeyed by another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from studio.core.errors import StopRequested
from studio.core.state import EngineState


class Services(Protocol):
    """What a training job can do between two steps, also while it is held."""

    def sample_now(self) -> None:
        """Draw a sample sheet."""

    def save_now(self) -> None:
        """Write a checkpoint."""

    def park(self) -> None:
        """Move the model to host memory."""

    def unpark(self) -> None:
        """Move the model back to the device."""


class Control:
    """The user's wishes for the job in hand.

    The inbox thread calls the verbs, the working thread calls `gate` at every step. `on_state` is
    called in the working thread whenever the job is held, goes on or begins to stop.
    """

    def __init__(self, on_state: Callable[[EngineState], None] = lambda _state: None) -> None:
        self._on_state = on_state
        self._changed = threading.Condition()
        self._wanted = EngineState.RUNNING
        self._stop: bool | None = None  # None: go on; else whether to save
        self._sample = False
        self._save = False

    # ------------------------------------------------------------------------------- the verbs

    def pause(self) -> None:
        """Hold at the next gate; the model stays on the device."""
        self._want(EngineState.PAUSED)

    def park(self) -> None:
        """Hold at the next gate with the model in host memory."""
        self._want(EngineState.PARKED)

    def resume(self) -> None:
        """Go on."""
        self._want(EngineState.RUNNING)

    def stop(self, *, save: bool) -> None:
        """End at the next gate."""
        with self._changed:
            self._stop = save
            self._changed.notify_all()

    def sample_now(self) -> None:
        """Draw a sample sheet at the next gate."""
        with self._changed:
            self._sample = True
            self._changed.notify_all()

    def save_now(self) -> None:
        """Write a checkpoint at the next gate."""
        with self._changed:
            self._save = True
            self._changed.notify_all()

    def _want(self, state: EngineState) -> None:
        with self._changed:
            self._wanted = state
            self._changed.notify_all()

    # -------------------------------------------------------------------------------- the gate

    def gate(self, services: Services | None = None) -> None:
        """Obey: serve what was asked for, block while held, raise StopRequested at a stop."""
        if self._wanted == EngineState.RUNNING and self._stop is None:
            self._serve(services)  # the way of almost every step: nothing is asked for
            return
        self._hold(services)

    def raise_if_stopped(self) -> None:
        """Raise StopRequested at a stop, but do not pause: for work that cannot be held."""
        if self._stop is not None:
            self._on_state(EngineState.STOPPING)
            raise StopRequested(save=self._stop)

    @property
    def stop_wanted(self) -> bool:
        """Whether the job is to end."""
        return self._stop is not None

    def hold(self, services: Services | None, until: Callable[[], bool], every: float) -> None:
        """Hold the job as *paused* until the user resumes or `until` says so.

        Args:
            services: Served meanwhile.
            until: Looked at every `every` seconds; true lets the job go on.
            every: Seconds.
        """
        self.pause()
        self._hold(services, until, every)

    def _hold(
        self,
        services: Services | None,
        until: Callable[[], bool] = lambda: False,
        every: float | None = None,
    ) -> None:
        held = EngineState.RUNNING
        while True:
            with self._changed:
                wanted, stop = self._wanted, self._stop
            if stop is not None:
                if held == EngineState.PARKED and services:
                    services.unpark()
                self._on_state(EngineState.STOPPING)
                raise StopRequested(save=stop)
            held = self._move(held, wanted, services)
            if held == EngineState.RUNNING:
                return
            if held == EngineState.PAUSED:  # a parked model has left the device
                self._serve(services)
            with self._changed:
                asked = services is not None and held == EngineState.PAUSED
                asked = asked and (self._sample or self._save)
                if (self._wanted, self._stop) == (wanted, stop) and not asked:
                    self._changed.wait(every)
            if until():
                self.resume()

    def _move(
        self, held: EngineState, wanted: EngineState, services: Services | None
    ) -> EngineState:
        if held == wanted:
            return held
        if services and wanted == EngineState.PARKED:
            services.park()
        if services and held == EngineState.PARKED:
            services.unpark()
        self._on_state(wanted)
        return wanted

    def _serve(self, services: Services | None) -> None:
        if not (self._sample or self._save) or services is None:
            return
        with self._changed:
            sample, save = self._sample, self._save
            self._sample = self._save = False
        if sample:
            services.sample_now()
        if save:
            services.save_now()
