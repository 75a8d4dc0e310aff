"""Published weights are found where they lie, and fetched in as many tries as it takes."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made import Stopping

from studio.core.errors import StopRequested, StudioError
from studio.core.work import Work
from studio.data import weights
from studio.data.weights import WEIGHTS, fetch_weights, find_weights

CONTENT = np.random.default_rng(0).bytes(1_000_000)


class _Server(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT; `ranges` says whether parts can be asked for, `cut` where it breaks off."""

    ranges = True
    cut = len(CONTENT)
    asked: list[str] = []  # noqa: RUF012 - the last requests' Range

    def do_GET(self) -> None:
        wish = self.headers.get("Range", "")
        type(self).asked.append(wish)
        start = int(wish.removeprefix("bytes=").rstrip("-")) if wish and self.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : self.cut])

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Server]]:
    """A server of VGG-19's file on this machine, and caches of the test's own."""

    class Server(_Server):
        asked: list[str] = []  # noqa: RUF012

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        served = dataclasses.replace(
            WEIGHTS["vgg19"],
            url=f"http://127.0.0.1:{running.server_address[1]}/vgg19.pth",
            sha256=hashlib.sha256(CONTENT).hexdigest()[:8],
        )
        monkeypatch.setitem(WEIGHTS, "vgg19", served)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.delenv("TORCH_HOME", raising=False)
        yield Server
        running.shutdown()
        thread.join()


def test_fetched_once_and_found(server: type[_Server]) -> None:
    assert find_weights("vgg19") is None
    path = fetch_weights("vgg19", Work())
    assert path.read_bytes() == CONTENT
    assert find_weights("vgg19") == path
    assert fetch_weights("vgg19", Work()) == path
    assert server.asked == [""]


@pytest.mark.parametrize("ranges", [True, False])
def test_what_an_earlier_try_left_is_gone_on_with(server: type[_Server], ranges: bool) -> None:
    server.cut = 400_000
    server.ranges = ranges
    with pytest.raises(StudioError, match="kept"):
        fetch_weights("vgg19", Work())
    server.cut = len(CONTENT)
    assert fetch_weights("vgg19", Work()).read_bytes() == CONTENT
    assert server.asked[0] == ""
    assert server.asked[1].startswith("bytes=")


def test_a_stop_keeps_what_arrived(server: type[_Server]) -> None:
    with pytest.raises(StopRequested):
        fetch_weights("vgg19", Stopping(after=2))
    assert find_weights("vgg19") is None
    assert fetch_weights("vgg19", Work()).read_bytes() == CONTENT


def test_a_damaged_file_is_refused_and_dropped(
    server: type[_Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataclasses.replace(WEIGHTS["vgg19"], sha256="00000000")
    monkeypatch.setitem(WEIGHTS, "vgg19", other)
    with pytest.raises(StudioError, match="damaged"):
        fetch_weights("vgg19", Work())
    assert not list(weights._own_folder().iterdir())


def test_offline_is_said(server: type[_Server], monkeypatch: pytest.MonkeyPatch) -> None:
    gone = dataclasses.replace(WEIGHTS["vgg19"], url="http://127.0.0.1:9/")
    monkeypatch.setitem(WEIGHTS, "vgg19", gone)
    with pytest.raises(StudioError) as caught:
        fetch_weights("vgg19", Work())
    assert "VGG-19" in caught.value.title
    assert "go on without" in caught.value.hint


def test_torchvisions_own_download_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    path = tmp_path / "torch" / "hub" / "checkpoints" / WEIGHTS["vgg19"].file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    assert find_weights("vgg19") == path


def test_unknown_weights_are_said() -> None:
    with pytest.raises(StudioError, match="vgg19"):
        fetch_weights("nothing", Work())
