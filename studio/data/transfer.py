"""Bytes from a server, with progress, obeying the user at any time."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from queue import Empty, Full, Queue

from studio.core.work import Work
from studio.data.entries import MEGABYTE

_TIMEOUT = 20  # seconds without a byte from the server
_CHUNK = 256 * 1024  # bytes
_GATE_SECONDS = 0.2
_PARTIAL = 206  # the status of an answer that begins where it was asked to


def transferred(
    url: str, title: str, work: Work, *, start: int = 0, total: int = 0
) -> Iterator[bytes]:
    """Yield what a server sends.

    Args:
        url: One of the program's own; never the user's.
        title: What is fetched, for the progress.
        start: Bytes that are here already; what is yielded begins behind them.
        total: Megabytes in all; 0 when that is not known.

    Raises:
        OSError, http.client.HTTPException: The server does not answer as expected.
    """
    connection = _Connection(url, start)
    connection.start()
    done = start
    try:
        while True:
            work.progress(f"Fetching {title}", done // MEGABYTE, total, unit="MB")
            try:
                data = connection.arrived.get(timeout=_GATE_SECONDS)
            except Empty:
                continue
            if isinstance(data, Exception):
                raise data
            if not data:
                return
            done += len(data)
            yield data
    finally:
        connection.left.set()


class _Connection(threading.Thread):
    """Waits for a server, which may keep silent for long, so that nobody else has to.

    Attributes:
        arrived: What the server sent; empty bytes at the end, or what went wrong.
        left: Set when nobody listens any more.
    """

    def __init__(self, url: str, start: int) -> None:
        # a daemon: a server that keeps silent does not hold up the end of the program
        super().__init__(name="download", daemon=True)
        self.arrived: Queue[bytes | Exception] = Queue(maxsize=64)
        self.left = threading.Event()
        self._url = url
        self._start = start

    def run(self) -> None:
        """Fetch the file."""
        request = urllib.request.Request(self._url)  # noqa: S310 - the program's own addresses
        if self._start:
            request.add_header("Range", f"bytes={self._start}-")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                # a server that does not know ranges sends all of it again
                known = 0 if answer.status == _PARTIAL else self._start
                while not self.left.is_set() and (data := answer.read(_CHUNK)):
                    skipped = min(known, len(data))
                    known -= skipped
                    if skipped < len(data):
                        self._put(data[skipped:])
                if answer.length:  # bytes that were promised and did not come
                    raise OSError("the connection broke off")
                self._put(b"")
        except urllib.error.HTTPError as error:
            error.close()  # it holds the connection
            self._put(OSError(f"{error.code} {error.reason}"))
        except (OSError, http.client.HTTPException) as error:
            self._put(error)

    def _put(self, data: bytes | Exception) -> None:
        while not self.left.is_set():
            try:
                return self.arrived.put(data, timeout=_GATE_SECONDS)
            except Full:
                continue
        return None
