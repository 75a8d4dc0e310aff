"""`python -m studio [PROJECT]` opens the window; with a command it works headless."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path


def main(argv: list[str]) -> int:
    """Run what the command line asks for; returns the exit status."""
    # before anything else: a frozen program that spawns starts itself again with other arguments
    multiprocessing.freeze_support()
    # threads of torch that wait for each other soon give their core away: else a step takes eight
    # times as long as soon as another program wants a core too
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    if argv == ["engine"]:  # the window waits for it: no detour through the parser
        from studio.engine.host import main as engine

        engine()
    if not argv or argv[0].endswith(".studio") or Path(argv[0]).is_dir():
        from studio.ui.app import main as window

        return window(Path(argv[0]) if argv else None, argv[1:])
    from studio.cli import main as command

    return command(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
