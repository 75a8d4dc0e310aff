"""Work that the window must not wait for, such as reading a piece: one after another."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import count

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)

_TICKETS = count(1)  # of all workers, so that none stands for two jobs
_Job = tuple[int, Callable[[], object]]


class SideWork(QObject):
    """Does what it is asked for in a thread, which ends when there is nothing left to do.

    It belongs to the whole window, so that a view may go while something is read for it.

    Signals:
        done: (ticket, what the work returned); the Exception where it failed.
    """

    done = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, work: Callable[[], object], instead: int = 0) -> int:
        """Do some work in the background.

        Args:
            work: Called without arguments in the thread; must not touch widgets.
            instead: Ticket of work that is not wanted any more.

        Returns:
            The ticket under which `done` tells the result.
        """
        ticket = next(_TICKETS)
        with self._lock:
            self._waiting = deque(job for job in self._waiting if job[0] != instead)
            self._waiting.append((ticket, work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="side-work")
                self._thread.start()
        return ticket

    def drop(self) -> None:
        """Forget what waits to be done; what is in hand is still told."""
        with self._lock:
            self._waiting.clear()

    def wait(self) -> None:
        """Wait until everything is done."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                ticket, work = self._waiting.popleft()
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whoever asked says what it means
                _log.info("work in the background failed", exc_info=True)
                result = error
            self.done.emit(ticket, result)


@cache
def side_work() -> SideWork:
    """Return the worker for what somebody waits for, such as a piece to be shown."""
    return SideWork()


@cache
def slow_work() -> SideWork:
    """Return the worker for what takes seconds, such as a look into a whole dataset."""
    return SideWork()
