"""How long importing and preparing small JPEGs takes, and whether it grows with their number.

    python -m benchmarks.import_speed 5000 20000 100000
    python -m benchmarks.import_speed ARCHIVE.zip

Prints wall and processor seconds; the latter count on a machine that is not quiet.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.store import prepare

T = TypeVar("T")


def make_archive(path: Path, count: int) -> None:
    """Write pictures of 32 × 32 pixels in ten label folders."""
    draw = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            pixels = draw.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            picture = Image.fromarray(pixels).resize((32, 32), Image.Resampling.BICUBIC)
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG")
            archive.writestr(f"{index % 10}/{index:06d}.jpg", buffer.getvalue())


def timed(what: Callable[[], T]) -> tuple[T, float, float]:
    """Return a result with the wall and processor seconds that it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = what()
    return result, time.perf_counter() - wall, time.process_time() - processor


def measure(archive: Path, folder: Path) -> None:
    """Import and prepare an archive, and print what it took."""
    project = Project.open(folder / f"{archive.stem}.studio", create=True)
    imported, *first = timed(lambda: import_paths(project, "measured", [archive], Work()))
    _data, *second = timed(lambda: prepare(project, imported.dataset_id, {"size": 32}, Work()))
    project.close()
    print(
        f"{imported.items:>8,} items   import {first[0]:6.2f} s ({first[1]:6.2f} s processor)"
        f"   prepare {second[0]:6.2f} s ({second[1]:6.2f} s)"
        f"   {1000 * (first[1] + second[1]) / imported.items:.2f} ms processor each"
    )


def main() -> None:
    """Measure each archive or number of pictures on the command line."""
    with tempfile.TemporaryDirectory() as place:
        for word in sys.argv[1:] or ["5000", "20000"]:
            archive = Path(word)
            if word.isdecimal():
                archive = Path(place, f"{word}.zip")
                make_archive(archive, int(word))
            measure(archive, Path(place))


if __name__ == "__main__":
    main()
