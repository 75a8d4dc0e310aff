"""Writing sound: one table of formats and one writer, for recordings and for music.

The recipe goes into the file's comment. In WAV that is a LIST chunk of its own, written and read
here: libsndfile leaves out comments of more than some thousand letters there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.core.files import replacing

Samples = npt.NDArray[np.float32]


class SoundFormat(NamedTuple):
    """How sound is written.

    Attributes:
        kind, subtype: What libsndfile calls it.
        rates: Samples a second that it can have; empty for any.
        most: Samples a second that it can have at most.
        step: What rates above 65,535 must be multiples of.
    """

    kind: str
    subtype: str
    rates: tuple[int, ...] = ()
    most: int = 384_000
    step: int = 1


_MP3 = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)

#: By the ending of a file's name, the usual one first. Two forms of WAV say in it what they are.
FORMATS: dict[str, SoundFormat] = {
    ".wav": SoundFormat("WAV", "PCM_16"),
    ".24.wav": SoundFormat("WAV", "PCM_24"),
    ".float.wav": SoundFormat("WAV", "FLOAT"),
    ".flac": SoundFormat("FLAC", "PCM_16", step=10),
    ".ogg": SoundFormat("OGG", "VORBIS", most=192_000),
    ".mp3": SoundFormat("MP3", "MPEG_LAYER_III", _MP3),
}


def format_of(path: Path) -> SoundFormat:
    """Return the format that a file's name asks for.

    Raises:
        StudioError: It is none that sound is written in.
    """
    name = path.name.lower()
    for suffix in sorted(FORMATS, key=len, reverse=True):
        if name.endswith(suffix):
            return FORMATS[suffix]
    raise StudioError(
        "Not a format for sound",
        f"{path.suffix!r} is none that sound is written in.",
        "Choose WAV or FLAC to keep every detail, MP3 or OGG for small files.",
    )


def write(
    path: Path,
    blocks: Iterable[Samples],
    rate: int,
    channels: int,
    recipe: dict[str, Any] | None = None,
) -> None:
    """Write sound in the format of the path's ending, atomically.

    A format that does not have the rate gets the next one that it has.

    Args:
        blocks: Samples (n, channels) in -1 … 1, from the first to the last.
        recipe: Goes into the comment; None leaves it out.

    Raises:
        StudioError: It could not be written.
    """
    import soundfile

    form = format_of(path)
    written = _allowed(rate, form)
    if written != rate:
        from studio.data.audio.resampling import resampled

        blocks = resampled(blocks, rate, written)
    comment = "" if recipe is None else json.dumps(recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(path) as temporary:
            with soundfile.SoundFile(
                temporary,
                "w",
                samplerate=written,
                channels=channels,
                format=form.kind,
                subtype=form.subtype,
            ) as file:
                if comment and form.kind != "WAV":
                    file.comment = comment
                for block in _parts(blocks):
                    file.write(_numbers(block, form.subtype))
            if comment and form.kind == "WAV":
                _add_comment(temporary, comment)
    except soundfile.LibsndfileError as error:
        raise StudioError(
            f"{form.kind} could not be written",
            str(error),
            "Choose WAV, which is always there, and check that the disk is not full.",
        ) from error


def read_recipe(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a sound file that was written here, else None."""
    found = read_comment(path)
    return found if found is not None and _SHEET not in found else None


def read_comment(path: Path) -> dict[str, Any] | None:
    """Return what the comment of a sound file says as JSON; None when it is nothing of the kind."""
    import soundfile

    try:
        text = _wave_comment(path)
        if text is None:
            with soundfile.SoundFile(path) as file:
                text = str(file.comment)
        found = json.loads(text)
    except (OSError, ValueError, soundfile.LibsndfileError):
        return None
    return found if isinstance(found, dict) else None


# ---------------------------------------------------------------------------------- sheets

_SHEET = "starts"
_PAUSE = 0.5  # seconds between the recordings of a sheet


def write_sheet(path: Path, sounds: Iterable[Samples], rate: int, channels: int) -> Path:
    """Write recordings (N, channels) one after the other as a WAV file, with pauses between.

    Where each begins is in the file's comment; `sheet_starts` reads it.
    """
    path = path.with_suffix(".wav")
    pause = np.zeros((round(_PAUSE * rate), channels), np.float32)
    starts, parts, at = [], [], 0
    for sound in sounds:
        starts.append(at / rate)
        parts += [sound, pause]
        at += len(sound) + len(pause)
    write(path, parts[:-1] or [pause], rate, channels, {_SHEET: starts})
    return path


def sheet_starts(path: Path) -> list[float]:
    """Return where each recording of a sample sheet begins, in seconds; empty for other files."""
    found = (read_comment(path) or {}).get(_SHEET)
    if not isinstance(found, list):
        return []
    return [float(each) for each in found if isinstance(each, int | float)]


# -------------------------------------------------------------------------------- numbers


def _allowed(rate: int, form: SoundFormat) -> int:
    """Return the rate that is written for a rate: the same, the next above, or the highest."""
    if not form.rates:
        return min(rate if rate < 65_536 else -(-rate // form.step) * form.step, form.most)
    return next((each for each in form.rates if each >= rate), form.rates[-1])


def _parts(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Yield blocks of a size that encoders take; libsndfile's OGG fails at very large ones."""
    size = 1 << 16
    return chain.from_iterable(
        (block[start : start + size] for start in range(0, len(block), size)) for block in blocks
    )


def _numbers(block: Samples, subtype: str) -> npt.NDArray[Any]:
    """Return samples as they are stored: whole numbers that reading turns back into the same."""
    if subtype == "PCM_16":
        return np.clip(np.rint(block * 32768), -32768, 32767).astype(np.int16)
    if subtype == "PCM_24":
        whole = np.rint(block.astype(np.float64) * (1 << 23))
        return np.clip(whole, -(1 << 23), (1 << 23) - 1).astype(np.int32) << 8
    return block if subtype == "FLOAT" else np.clip(block, -1, 1)


# ------------------------------------------------------------------------- comments in WAV


def _add_comment(path: Path, comment: str) -> None:
    """Append a comment to a WAV file: LIST, INFO, ICMT."""
    text = comment.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    chunk = b"INFO" + struct.pack("<4sI", b"ICMT", len(text)) + text
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.write(b"\0" * (size % 2) + struct.pack("<4sI", b"LIST", len(chunk)) + chunk)
        whole = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", min(whole, 0xFFFFFFFF)))


def _wave_comment(path: Path) -> str | None:
    """Return the comment of a WAV file; None for other files and for WAV without one."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        while len(header := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", header)
            if name == b"LIST" and size <= _MOST:
                return _comment_in(file.read(size))
            file.seek(size + size % 2, 1)
    return None


_MOST = 64 << 20  # bytes of a LIST chunk that are read


def _comment_in(chunk: bytes) -> str | None:
    place = 4
    while chunk[:4] == b"INFO" and place + 8 <= len(chunk):
        name, size = struct.unpack_from("<4sI", chunk, place)
        if name == b"ICMT":
            return chunk[place + 8 : place + 8 + size].rstrip(b"\0").decode("utf-8", "replace")
        place += 8 + size + size % 2
    return None
