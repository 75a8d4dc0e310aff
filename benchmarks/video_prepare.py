"""How long films take to become clips, beside what PyAV alone needs to decode them.

    python benchmarks/video_prepare.py FOLDER-OR-ZIP

Both decode every frame in one thread, in turns; the shortest of each counts.
"""

from __future__ import annotations

import io
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import av

from studio.data.film_clips import Shape, clips_of, film_frames

ROUNDS = 6
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


def as_arrays(raw: bytes) -> int:
    """Decode a film to arrays of RGB, as PyAV's documentation shows; returns its frames."""
    with av.open(io.BytesIO(raw)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count, stream.codec_context.thread_type = 1, "NONE"
        return len([frame.to_ndarray(format="rgb24") for frame in container.decode(stream)])


def prepared(raw: bytes) -> int:
    """Decode a film and cut it into clips; returns how many."""
    frames = film_frames(raw, SHAPE)
    return len(clips_of(frames, SHAPE.frames, overlap=0.5, cuts=True, still=True))


def main() -> None:
    """Print the times and their ratios."""
    found = films(Path(sys.argv[1]))
    ways: dict[str, Callable[[bytes], int]] = {
        "decode": decoded,
        "decode to arrays": as_arrays,
        "decode and prepare": prepared,
    }
    best = dict.fromkeys(ways, float("inf"))
    for _round in range(ROUNDS):
        for name, way in ways.items():
            start = time.process_time()
            for raw in found:
                way(raw)
            best[name] = min(best[name], time.process_time() - start)
    for name, seconds in best.items():
        ratio = best["decode and prepare"] / seconds
        print(f"{name}: {seconds:.2f} s for {len(found)} films; prepare takes {ratio:.2f} x")


if __name__ == "__main__":
    main()
