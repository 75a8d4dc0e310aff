"""Opening films and refusing them: what a file must be to be read as moving pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import av

from studio.data.modality import Rejected

#: Pixels of the largest frame that is decoded: a little more than 8K (7680 × 4320).
MAX_PIXELS = 36_000_000

#: Demuxers that read a film from its own bytes; playlists and the like would open other files.
_FORMATS = "mov,matroska,webm,avi,gif,apng,mpegts,mpeg,mpegvideo,flv,asf,ogg"
_HEAD = 64  # bytes by which a container is known; trying all would take as long as opening it
_SIGNS: dict[str, Callable[[bytes], bool]] = {
    "mov": lambda head: head[4:8] == b"ftyp",
    "matroska": lambda head: head.startswith(b"\x1aE\xdf\xa3"),
    "avi": lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI ",
    "gif": lambda head: head.startswith(b"GIF8"),
}
_BUFFER = 1 << 18  # bytes that are read at once


def check_pixels(width: int, height: int) -> None:
    """Raise Rejected when a frame is larger than is decoded."""
    if width * height > MAX_PIXELS:
        raise Rejected(
            "too-large",
            f"Its frames have {width} × {height} pixels; at most 8K (7680 × 4320) is read.",
            "Save a smaller version of it.",
        )


def damaged() -> Rejected:
    """Return the rejection of a film that cannot be decoded."""
    return Rejected(
        "damaged",
        "It begins like a film, but what is in it cannot be decoded.",
        "Copy it again, or save it anew with a video program.",
    )


def truncated(message: str) -> Rejected:
    """Return the rejection of a film that is cut off."""
    return Rejected(
        "truncated",
        message,
        "Copy or download it again; if it is still being written, wait until that is done.",
    )


def open_container(file: IO[bytes]) -> av.container.InputContainer:
    """Return a film's container, opened from its own bytes alone; raises Rejected."""
    head = file.read(_HEAD)
    file.seek(0)
    try:
        return av.open(
            file,
            "r",
            format=next((kind for kind, is_it in _SIGNS.items() if is_it(head)), None),
            buffer_size=_BUFFER,
            metadata_errors="replace",
            options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
        )
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unopened(head) from error


def _unopened(head: bytes) -> Rejected:
    """Return why a file could not be opened, from its beginning."""
    if not head:
        return Rejected("empty", "The file has no content.", "Copy it again from where it came.")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return truncated("It is cut off: the table of what is in it is missing.")
    signs = (b"\x1aE\xdf\xa3", b"RIFF", b"GIF8", b"\x89PNG")
    if head.startswith(signs):
        return truncated("It begins like a film, and ends before its first frame.")
    return Rejected(
        "not-a-film",
        "The content is no film, or of a kind that is not read here.",
        "Save it as MP4, or leave it out.",
    )
