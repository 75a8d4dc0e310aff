"""A server process that has loaded torch and computed nothing: tests kill what it forks."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver, resource_tracker

SERVER = multiprocessing.get_context("forkserver")


def ensure_server() -> None:
    """Start the server, before a test that is to leave nothing behind."""
    SERVER.set_forkserver_preload(["torch", "studio.engine.trainer", "studio.headless"])
    forkserver.ensure_running()
    resource_tracker.ensure_running()
