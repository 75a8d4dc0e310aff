"""Starting the service: an address on this computer and a secret token."""

from __future__ import annotations

import ipaddress
import json
import socket
import sys
from pathlib import Path

import uvicorn

from studio.core.errors import StudioError
from studio.core.project import Project
from studio.serve.app import make_app, new_token


def serve(project: Path, host: str, port: int, token: str) -> None:
    """Answer until the process is told to end.

    The address and the token are written to standard output as one line of JSON, once it listens.

    Args:
        host: Address to listen at; anything but this computer's own must be asked for by name.
        port: 0 takes a free one.
        token: What callers must know; empty makes a new one.

    Raises:
        StudioError: The project cannot be opened, or the address is taken.
    """
    Project.open(project).close()
    token = token or new_token()
    listener = _listener(host, port)
    number = int(listener.getsockname()[1])
    names = ["localhost", "127.0.0.1", "[::1]"] if is_own(host) else ["*"]
    config = uvicorn.Config(
        make_app(project, token, names),
        log_level="warning",
        access_log=False,
        timeout_keep_alive=10,
        limit_concurrency=64,
    )
    shown = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - only shown
    said = {"url": f"http://{shown}:{number}", "token": token}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def is_own(host: str) -> bool:
    """Tell whether an address is reached from this computer alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise StudioError(
            "The service cannot listen there",
            f"{host}:{port}: {error}.",
            "Choose another port, or 0 for a free one.",
        ) from error
    return listener
