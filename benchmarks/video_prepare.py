"""How long films take to become clips, beside what PyAV alone needs to decode them.

    python benchmarks/video_prepare.py FOLDER-OR-ZIP

All decode every frame in one thread and take turns at each film; the shortest time that each took
for a film counts. Then the whole job, which reads the films from a dataset and writes their clips,
is timed by the clock.
"""

from __future__ import annotations

import io
import shutil
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.store import prepare
from studio.data.video.film_clips import Shape, clips_of, film_frames

ROUNDS, JOBS = 8, 3
SHAPE = Shape(frames=16, size=64, channels=3, fps=0.0, fit="crop")


def films(place: Path) -> list[bytes]:
    """Return the films in a folder or a zip archive."""
    if place.is_dir():
        return [path.read_bytes() for path in sorted(place.rglob("*.mp4"))]
    with zipfile.ZipFile(place) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".mp4")]


def decoded(raw: bytes) -> int:
    """Decode a film and do nothing with it; returns its frames."""
    with av.open(io.BytesIO(raw)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count, stream.codec_context.thread_type = 1, "NONE"
        return sum(1 for _frame in container.decode(stream))


def prepared(raw: bytes) -> int:
    """Decode a film and cut it into clips; returns how many."""
    frames = film_frames(raw, SHAPE)
    return len(clips_of(frames, SHAPE.frames, overlap=0.5, cuts=True, still=True))


def fastest(found: list[bytes]) -> dict[str, float]:
    """Return the seconds of computing that each way needs for all films."""
    best = {name: [float("inf")] * len(found) for name in WAYS}
    for _round in range(ROUNDS):
        for place, raw in enumerate(found):
            for name, way in WAYS.items():
                start = time.perf_counter()
                way(raw)
                best[name][place] = min(best[name][place], time.perf_counter() - start)
    return {name: sum(times) for name, times in best.items()}


def whole_job(place: Path) -> float:
    """Return the seconds that preparing a dataset of the films takes by the clock."""
    with (
        TemporaryDirectory() as folder,
        closing(Project.open(Path(folder, "films.studio"), create=True)) as project,
    ):
        dataset = import_paths(project, "Films", [place], Work()).dataset_id
        settings = {"frames": SHAPE.frames, "size": SHAPE.size}
        times = []
        for _job in range(JOBS):
            shutil.rmtree(project.prepared / dataset, ignore_errors=True)
            start = time.perf_counter()
            prepare(project, dataset, settings, Work())
            times.append(time.perf_counter() - start)
        return min(times)


WAYS: dict[str, Callable[[bytes], int]] = {
    "decode": decoded,
    "decode and prepare": prepared,
}


def main() -> None:
    """Print the times and their ratios."""
    place = Path(sys.argv[1])
    found = films(place)
    best = fastest(found)
    for name, seconds in best.items():
        ratio = best["decode and prepare"] / seconds
        print(f"{name}: {seconds:.2f} s for {len(found)} films; prepare takes {ratio:.2f} x")
    seconds = whole_job(place)
    print(f"the whole job: {seconds:.2f} s, {seconds / best['decode']:.2f} x of decode alone")


if __name__ == "__main__":
    main()
