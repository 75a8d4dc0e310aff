"""A folder of hostile films through import, doctor and preparing: all accounted for, all ends."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import av
import numpy as np
import pytest
from made import items, rejects
from made_films import film, frames, sound_only

from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data.doctor import examine
from studio.data.importer import import_paths
from studio.data.store import prepare
from studio.data.video.rules import fps_in, frames_in, seconds_in

WHOLE = film()


def sizes_change() -> bytes:
    """Return a transport stream whose frames are of another size from the middle on."""
    return film(kind="mpegts", codec="mpeg2video", fps=25) + film(
        frames(30, 96, 64, seed=2), kind="mpegts", codec="mpeg2video", fps=25
    )


def without_frames() -> bytes:
    """Return a film whose table lists no frame."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", options={"movflags": "empty_moov"}) as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return buffer.getvalue()


def claiming(raw: bytes, box: bytes, place: int, value: int) -> bytes:
    """Return an MP4 with a number of one of its boxes written over, counted from its name."""
    at = raw.index(box) + place
    return raw[:at] + struct.pack(">I", value) + raw[at + 4 :]


def at_rate(top: int, bottom: int) -> bytes:
    """Return an AVI whose header claims so many frames a second."""
    raw = film(kind="avi", codec="mpeg4")
    at = raw.index(b"strh") + 8 + 20
    return raw[:at] + struct.pack("<II", bottom, top) + raw[at + 8 :]


def growing() -> bytes:
    """Return a Matroska film as it lies on the disk while it is still being written."""
    raw = film(frames(60), kind="matroska", g="5")
    return raw[: len(raw) * 3 // 5]


def write_all(folder: Path) -> None:
    """Write one file of each kind."""
    folder.mkdir()
    gif = film(frames(1), kind="gif", codec="gif", form="rgb8")
    unfinished = WHOLE[: WHOLE.rindex(b"moov") - 4]  # the table of what is in it comes last
    for name, raw in {
        "good.mp4": film(frames(30, seed=9)),
        "wide.avi": wide(),
        "cut.mp4": WHOLE[: len(WHOLE) // 2],
        "cut.webm": film(kind="webm", codec="libvpx-vp9")[:-400],
        "writing.mp4": unfinished,
        "writing.mkv": growing(),
        "no-frames.mp4": without_frames(),
        "one.gif": gif,
        "one-by-one.mkv": film(np.zeros((5, 1, 1, 3), np.uint8), "matroska", "ffv1", "bgr0"),
        "sizes.ts": sizes_change(),
        "fast.avi": at_rate(100_000, 1),
        "slow.avi": at_rate(1, 1000),
        "no-rate.avi": at_rate(0, 0),
        "stamps.mkv": film(kind="matroska", stamps=[0, 40, 2**40, *range(2**40 + 1, 2**40 + 28)]),
        "long.mp4": claiming(WHOLE, b"mvhd", 20, 0x7FFFFFFF),
        "long-track.mp4": claiming(WHOLE, b"mdhd", 20, 0x7FFFFFFF),
        "noise.mp4": np.random.default_rng(0).bytes(5000),
        "locked.mp4": WHOLE.replace(b"avc1", b"encv"),
        "page.mov": b"<html><body>404</body></html>",
        "list.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "sound.mp4": sound_only(),
        "empty.mkv": b"",
    }.items():
        (folder / name).write_bytes(raw)


def wide() -> bytes:
    """Return a film of frames 16,384 pixels wide, grey but for a bar that moves."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=12)
        stream.width, stream.height, stream.pix_fmt = 16_384, 1024, "yuvj420p"
        for number in range(3):
            lines = np.full((1536, 16_384), 128, np.uint8)
            lines[:1024, 4000 * number : 4000 * number + 2000] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(lines, format="yuvj420p")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


REASONS = {
    "cut.mp4": "truncated",
    "cut.webm": "truncated",
    "writing.mp4": "truncated",
    "writing.mkv": "truncated",
    "no-frames.mp4": "no-frames",
    "one.gif": "one-frame",
    "one-by-one.mkv": "too-small",
    "noise.mp4": "not-a-film",
    "page.mov": "not-a-film",
    "list.mp4": "not-a-film",
    "locked.mp4": "unknown-codec",
    "sound.mp4": "no-pictures",
    "empty.mkv": "empty",
}


def test_every_hostile_film_is_accounted_for(opened: Project, tmp_path: Path) -> None:
    write_all(tmp_path / "in")
    result = import_paths(opened, "Hostile", [tmp_path / "in"], Work(), Modality.VIDEO)
    refused = rejects(opened, result.dataset_id)
    assert {name: reject.reason for name, reject in refused.items()} == REASONS
    assert all(each.message and each.suggestion for each in refused.values())
    found = {item.name: item for item in items(opened, result.dataset_id)}
    assert found.keys() | REASONS.keys() == {path.name for path in (tmp_path / "in").iterdir()}
    for name, item in found.items():
        assert 1 <= fps_in(item) <= 240 and 0 < seconds_in(item) < 60, name
    assert (found["wide.avi"].width, found["wide.avi"].height) == (16_384, 1024)
    assert frames_in(found["sizes.ts"]) > 50 and "sizes-change" in found["sizes.ts"].notes
    for name in ("fast.avi", "slow.avi", "stamps.mkv"):
        assert "time-stamps" in found[name].notes and frames_in(found[name]) == 30, name

    rules = {finding.rule: finding for finding in examine(opened.library, result.dataset_id)}
    odd = {found[name].id for name in ("fast.avi", "slow.avi", "stamps.mkv", "sizes.ts")}
    assert set(rules["uneven"].items) == odd
    settings = {"size": 16, "frames": 8, "fps": 12, "overlap": 0}
    made = prepare(opened, result.dataset_id, settings, Work())
    clips = Counter(made.ids.tolist())
    assert clips.keys() == {item.id for item in found.values()} - {found["wide.avi"].id}
    assert all(2 <= count <= 5 for count in clips.values()), "frames lie in a sensible time"


MEASURED = """
import re, sys
from pathlib import Path
from studio.data.video.film_survey import survey
def peak():  # not ru_maxrss, which begins with the size of the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
assert survey(Path(sys.argv[1])).frames == 3
print((peak() - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_frames_of_any_width_take_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "wide.avi"
    path.write_bytes(wide())
    run = [sys.executable, "-c", MEASURED, str(path)]
    grown = int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    assert 24 < grown < 300, "a frame is 24 MB; each thread holds one or two"
