"""Taking recordings into a dataset: read once, measured, and stored as FLAC whatever they were.

FLAC loses nothing, can be read from any place on, and takes about half the room of WAV. It has 16
bits a sample, or 24 where the file has more; its rate is the file's own, its channels are at most
two. What is no number is silence, and what goes beyond full scale makes the whole softer; both are
noted.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Part
from studio.core.errors import StudioError
from studio.data.abandoning import still_wanted
from studio.data.audio import picture as audio_picture
from studio.data.audio.likeness import core, signature, summary
from studio.data.audio.reading import MOST_HOURS, Samples, SoundSource, opened, wave_header
from studio.data.audio.survey import COARSE, CUT, HEADER, MIXED, REPAIRED, SCALED, Survey
from studio.data.modality import Probed, Rejected

#: FLAC's compression: higher levels take twice the time for a few percent.
LEVEL = 0.4

_SHORTEST = 0.02  # seconds
_FEWEST = 64  # samples
_SILENT = 4 / 32768  # from the lowest to the highest sample
_ABSURD = 1e6  # of full scale: a number that is no sample
#: Bytes of samples of 16 bits that any file may unpack to, and how many times its own size.
_UNPACKED, _RATIO = 256 << 20, 100
_OGG_PAGE = 27 + 255 + 255 * 255  # bytes of the largest one
_PLAIN_RATES = 65_535  # above this FLAC wants rates that are multiples of 10


def probed(
    source: Path | bytes, scratch: Path | None = None, tick: Callable[[], None] = still_wanted
) -> Probed:
    """Read a sound file wholly, in bounded memory when `scratch` is a folder to store it in.

    Args:
        tick: Called at every block; raises when nobody waits for the rest.

    Raises:
        Rejected: It cannot be taken.
        OSError: It cannot be read.
    """
    target: io.BytesIO | Path = io.BytesIO() if scratch is None else scratch / "sound.flac"
    with opened(source) as sound:
        scale = _scale(source, tick) if sound.floating else 1.0
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        survey, repaired = _store(sound, size, target, scale, tick)
        survey.finish()
        header = _header_notes(source, sound)
        _check(survey, cut=CUT in header or sound.claimed > survey.frames)
        notes = [*survey.notes(), *header]
        notes += [COARSE] * (sound.bits < 16)
        notes += [MIXED] * (sound.channels > 2)
        notes += [REPAIRED] * repaired
        notes += [SCALED] * (scale != 1.0)
    return Probed(
        stored=target.getvalue() if isinstance(target, io.BytesIO) else b"",
        thumbnail=audio_picture.thumbnail(survey.lows, survey.highs),
        width=max(1, round(1000 * survey.seconds)),
        height=survey.rate,
        notes=tuple(notes),
        perceptual=survey.perceptual,
        file=target if isinstance(target, Path) else None,
    )


def signature_of(stored: bytes | Part) -> npt.NDArray[np.float32]:
    """Return the vector by which a stored recording is compared."""
    with opened(stored) as sound:
        survey = Survey(sound.rate)
        parts, count = [np.zeros(0, np.float32)], 0
        for block in sound.blocks():
            parts.append(block.mean(1))
            count += len(block)
            if count >= survey.most:
                break
        samples = np.concatenate(parts)[: survey.most]
        start, end = core(samples, sound.rate)
        # of what is not compared the length must do
        beyond = max(0, sound.claimed - len(samples))
        return signature(summary(samples, sound.rate), end - start + beyond, sound.rate)


def _scale(source: Path | bytes, tick: Callable[[], None]) -> float:
    """Return by how much numbers that may go beyond full scale must be multiplied."""
    peak = 0.0
    with opened(source) as sound:
        for block in sound.blocks():
            tick()
            peak = max(peak, float(np.abs(_finite(block)[0]).max(initial=0.0)))
    return 1.0 if peak <= 1.0 else 1.0 / peak


def _store(
    sound: SoundSource,
    size: int,
    target: io.BytesIO | Path,
    scale: float,
    tick: Callable[[], None],
) -> tuple[Survey, bool]:
    """Write a recording as FLAC while it is measured; tells whether numbers were repaired.

    Args:
        size: Bytes of its file.
    """
    import soundfile

    rate = sound.rate if sound.rate <= _PLAIN_RATES else round(sound.rate, -1)
    fine = sound.bits > 16
    shape: dict[str, Any] = {
        "samplerate": rate,
        "channels": min(2, sound.channels),
        "format": "FLAC",
        "subtype": "PCM_24" if fine else "PCM_16",
        "compression_level": LEVEL,
    }
    survey, repaired = Survey(rate), False
    most = _UNPACKED + _RATIO * size
    try:
        file = soundfile.SoundFile(target, "w", **shape)
    except soundfile.LibsndfileError as error:
        raise _unwritten(error) from error
    with file:
        for raw in sound.blocks():
            tick()
            good, bad = _finite(raw)
            repaired = repaired or bad
            block = np.clip(_two(good) * np.float32(scale), -1, 1)
            survey.add(block)
            if survey.seconds > 3600 * MOST_HOURS:
                raise Rejected(
                    "too-long",
                    f"It is longer than {MOST_HOURS} hours.",
                    "Cut it into several recordings.",
                )
            if 2 * survey.frames * sound.channels > most:
                raise Rejected(
                    "bomb",
                    "It unpacks to far more than its size allows, as attacks do.",
                    "Do not trust this file; if you do, save it as WAV.",
                )
            try:
                file.write(_integers(block, fine=fine))
            except soundfile.LibsndfileError as error:
                raise _unwritten(error) from error
    return survey, repaired


def _finite(block: Samples) -> tuple[Samples, bool]:
    """Return samples with silence where there is no number, and whether there was such."""
    with np.errstate(invalid="ignore"):
        good = np.abs(block) < _ABSURD
    if good.all():
        return block, False
    return np.where(good, block, np.float32(0)), True


def _two(block: Samples) -> Samples:
    """Return one or two channels: of more, the first two with a share of all the others."""
    if block.shape[1] <= 2:
        return block
    others = np.float32(0.7) * block[:, 2:].sum(1, keepdims=True)
    mixed: Samples = (block[:, :2] + others) / np.float32(1 + 0.7 * (block.shape[1] - 2))
    return mixed


def _integers(block: Samples, *, fine: bool) -> npt.NDArray[Any]:
    """Return samples as whole numbers: those of a file with as many bits come back unchanged."""
    if fine:
        numbers = np.rint(block.astype(np.float64) * (1 << 23))
        return np.clip(numbers, -(1 << 23), (1 << 23) - 1).astype(np.int32) << 8
    return np.clip(np.rint(block * 32768), -32768, 32767).astype(np.int16)


def _check(survey: Survey, *, cut: bool) -> None:
    """Raise Rejected for what nothing can be learned from."""
    if survey.frames < max(_FEWEST, _SHORTEST * survey.rate):
        if cut or not survey.frames:
            raise Rejected(
                "truncated",
                "It is cut off: next to nothing of it is there.",
                "Copy or export it again, and wait until a recording that runs has ended.",
            )
        raise Rejected(
            "too-short",
            f"It lasts {1000 * survey.seconds:.0f} milliseconds; 20 at least are taken.",
            "Leave it out.",
        )
    if survey.swing <= _SILENT:
        raise Rejected("silent", "Nothing is heard in it.", "Leave it out, or record it again.")


def _header_notes(source: Path | bytes, sound: SoundSource) -> list[str]:
    """Return notes on a header that lies, and on a file that ends before it should."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        head = file.read(4096)
        header = wave_header(head)
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _OGG_PAGE))
        cut = sound.cut or (head.startswith(b"OggS") and not _ogg_ends(file.read()))
        found = []
        if header is not None and header.data:
            end = header.data + header.size
            file.seek(min(end + header.size % 2, size))
            behind = file.read(4)  # the name of another part, of four letters
            more = len(behind) == 4 and not (behind.isascii() and behind.decode().isprintable())
            if header.wrong or header.open_ended or (more and end <= size):
                found.append(HEADER)
            cut = cut or (not header.open_ended and end > size)
    return [*found, CUT] if cut else found


def _ogg_ends(tail: bytes) -> bool:
    """Tell whether the last page of an Ogg file says that it is the last one (RFC 3533)."""
    at = tail.rfind(b"OggS")
    return at >= 0 and len(tail) > at + 5 and bool(tail[at + 5] & 4)


def _unwritten(error: Exception) -> StudioError:
    return StudioError(
        "A recording could not be stored", str(error), "Check that the disk is not full."
    )
