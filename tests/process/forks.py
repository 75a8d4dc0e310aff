"""A server process that has loaded what a training needs: what is forked from it, tests kill."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from unittest import mock

SERVER = multiprocessing.get_context("forkserver")


def ensure_server() -> None:
    """Start the server, before a test that is to leave nothing behind."""
    SERVER.set_forkserver_preload(["warm_engine"])
    # the server does not get this process's path, and passes over what it does not find
    known = os.environ.get("PYTHONPATH", "")
    here = os.pathsep.join(filter(None, [str(Path(__file__).parent), known]))
    with mock.patch.dict(os.environ, PYTHONPATH=here):
        forkserver.ensure_running()
    resource_tracker.ensure_running()
