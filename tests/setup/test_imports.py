"""Which process loads what, at run time: the import contracts cannot see what is loaded lazily."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

IMPORT_ALL = """
import pkgutil, sys
from importlib import import_module
*packages, unwanted = sys.argv[1:]
for name in packages:
    package = import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        import_module(module.name)
assert unwanted not in sys.modules, unwanted + " was loaded"
"""


@pytest.mark.parametrize(
    ("packages", "unwanted"),
    [
        (["studio.core", "studio.data", "studio.ui"], "torch"),
        (["studio.data", "studio.families", "studio.evaluate", "studio.engine"], "PySide6"),
    ],
)
def test_process_never_loads_what_belongs_to_the_other(packages: list[str], unwanted: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *packages, unwanted],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
