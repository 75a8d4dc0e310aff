"""A folder of hostile recordings through import and preparing: all accounted for, all ends."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from made import items, rejects
from made_sounds import encoded, encoded_by_ffmpeg, melody, tone

from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.store import prepare


def put(raw: bytes, place: int, form: str, value: int) -> bytes:
    """Return bytes with a number written over."""
    return raw[:place] + struct.pack(form, value) + raw[place + struct.calcsize(form) :]


def one_bit(kind: str) -> bytes:
    """Return one-bit audio (DSD) of 2.8 MHz, as super audio discs hold it."""
    data = np.random.default_rng(0).bytes(4096 * 20)
    if kind == "dsf":  # Sony's DSF: little-endian, in blocks of 4,096 bytes
        form = struct.pack("<IIIIIIQII", 1, 0, 1, 1, 2_822_400, 1, 8 * len(data), 4096, 0)
        form = b"fmt " + struct.pack("<Q", 12 + len(form)) + form
        body = b"data" + struct.pack("<Q", 12 + len(data)) + data
        return b"DSD " + struct.pack("<QQQ", 28, 28 + len(form) + len(body), 0) + form + body
    rate = b"FS  " + struct.pack(">QI", 4, 2_822_400)  # Philips' DSDIFF: big-endian, in chunks
    channels = b"CHNL" + struct.pack(">QH4s", 6, 1, b"C000")
    packed = b"CMPR" + struct.pack(">Q4sB", 20, b"DSD ", 14) + b"not compressed\0"
    properties = b"SND " + rate + channels + packed
    body = b"FVER" + struct.pack(">QI", 4, 0x01050000)
    body += b"PROP" + struct.pack(">Q", len(properties)) + properties
    body += b"DSD " + struct.pack(">Q", len(data)) + data
    return b"FRM8" + struct.pack(">Q", 4 + len(body)) + b"DSD " + body


def files() -> dict[str, bytes]:
    """Return a file of each kind by its name."""

    def sound(seed: int, seconds: float = 1.0, rate: int = 8000) -> np.ndarray:
        return melody(seed, seconds, rate)

    plain = encoded(sound(1))
    data = plain.index(b"data") + 4
    nothing = sound(5)
    nothing[:50], nothing[60], nothing[70] = np.nan, np.inf, -np.inf
    flac, mp3 = encoded(sound(6, 3), kind="FLAC"), encoded(sound(8, 3), kind="MP3")
    ogg = encoded(sound(7, 30), kind="OGG")
    many = np.stack([sound(30 + n) for n in range(32)], 1)
    return {
        "too-large.wav": put(encoded(sound(2)), data, "<I", 900_000),
        "too-small.wav": put(encoded(sound(3)), data, "<I", 4000),
        "writing.wav": put(put(encoded(sound(4)), data, "<I", 0), 4, "<I", 0),
        "no-channels.wav": put(plain, 22, "<H", 0),
        "no-rate.wav": put(plain, 24, "<I", 0),
        "one-bit.wav": put(put(plain, 34, "<H", 1), 32, "<H", 1),
        "two-levels.wav": encoded(np.sign(tone(1)) * np.float32(0.5), subtype="PCM_U8"),
        "numbers.wav": encoded(nothing, subtype="FLOAT"),
        "cut.flac": flac[: len(flac) // 2],
        "cut.ogg": ogg[: len(ogg) * 2 // 3],
        "cut.mp3": mp3[: len(mp3) // 2],
        "writing.m4a": encoded_by_ffmpeg(sound(9, 1, 16_000), 16_000, "mp4", "aac")[:4000],
        "text.wav": b"This is a text.\n" * 20,
        "no-samples.wav": encoded(sound(1)[:0]),
        "fast.wav": encoded(sound(10, 0.3, 384_000), 384_000),
        "faster.wav": put(plain, 24, "<I", 768_000),
        "many.wav": encoded(many),
        "disc.dsf": one_bit("dsf"),
        "disc.dff": one_bit("dff"),
        "noise.mp3": np.random.default_rng(0).bytes(3000),
        "empty.wav": b"",
    }


REASONS = {
    "no-channels.wav": "channels",
    "no-rate.wav": "rate",
    "faster.wav": "rate",
    "one-bit.wav": "bits",
    "writing.m4a": "corrupt",
    "text.wav": "not-sound",
    "noise.mp3": "not-sound",
    "no-samples.wav": "truncated",
    "empty.wav": "empty",
}
NOTES = {
    "too-large.wav": ("cut-off",),
    "too-small.wav": ("header",),
    "writing.wav": ("header",),
    "cut.flac": ("cut-off",),
    "cut.ogg": ("cut-off",),
    "cut.mp3": ("cut-off",),
    "numbers.wav": ("repaired",),
    "two-levels.wav": ("two-levels", "8-bit"),
    "many.wav": ("mixed-down",),
    "fast.wav": (),
    "disc.dsf": (),
    "disc.dff": (),
}


def test_every_hostile_recording_is_accounted_for(opened: Project, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, raw in files().items():
        (tmp_path / "in" / name).write_bytes(raw)
    result = import_paths(opened, "Hostile", [tmp_path / "in"], Work(), Modality.AUDIO)
    refused = rejects(opened, result.dataset_id)
    assert {name: reject.reason for name, reject in refused.items()} == REASONS
    assert all(each.message and each.suggestion for each in refused.values())
    found = {item.name: item for item in items(opened, result.dataset_id)}
    assert {name: item.notes for name, item in found.items()} == NOTES
    assert found.keys() | REASONS.keys() == files().keys()
    assert found["fast.wav"].height == 384_000 and found["disc.dsf"].height == 352_800
    made = prepare(opened, result.dataset_id, {"rate": 8000, "seconds": 0.512}, Work())
    assert set(made.ids.tolist()) == {item.id for item in found.values()}
    assert made.items.shape[1:] == (1, 4096) and np.abs(made.items).max() > 10_000
