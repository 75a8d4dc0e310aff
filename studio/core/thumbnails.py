"""Small pictures for grids and cards: PNG or JPEG, or lines of text that the window draws itself.

Texts are drawn by the window, which knows the fonts for every script and the theme's colours. The
thumbnail of a clip is a strip: frames of one size side by side in one JPEG, of which a grid shows
the first, and the others while the pointer moves along it.
"""

from __future__ import annotations

from pathlib import Path

_MARK = b"\0text\n"
_LONGEST = 600  # characters

_JPEG = b"\xff\xd8"
_STRIP = b"studio strip "  # begins the JPEG comment of a strip; the number of frames follows
_HEAD = 4096  # bytes of a JPEG in which the comment stands: before its pixels

#: Names of a preview in a checkpoint or package: of a picture, of a strip, of a text.
PICTURE, STRIP, TEXT = "preview.png", "preview.jpg", "preview.txt"


def text_thumbnail(text: str) -> bytes:
    """Return the thumbnail of a text: its first lines."""
    return _MARK + text[:_LONGEST].encode("utf-8", "replace")


def thumbnail_text(data: bytes) -> str | None:
    """Return the lines of a thumbnail that is a text; None for a picture."""
    if not data.startswith(_MARK):
        return None
    return data[len(_MARK) :].decode("utf-8", "replace")


def strip_comment(frames: int) -> bytes:
    """Return the comment of a JPEG that is a strip of so many frames of one size, side by side."""
    return _STRIP + str(frames).encode()


def strip_frames(data: bytes) -> int:
    """Return how many frames stand side by side in a thumbnail; 1 for a plain picture."""
    if not data.startswith(_JPEG):
        return 1
    head = data[:_HEAD]
    start = head.find(_STRIP)
    if start < 0:
        return 1
    digits = head[start + len(_STRIP) :][:4]
    number = digits[: len(digits) - len(digits.lstrip(b"0123456789"))]
    return max(1, int(number)) if number else 1


def preview_name(data: bytes) -> str:
    """Return the name under which a thumbnail is kept as a preview."""
    if thumbnail_text(data) is not None:
        return TEXT
    return STRIP if data.startswith(_JPEG) else PICTURE


def preview_content(data: bytes) -> bytes:
    """Return what the file of a preview holds: a picture, or plain UTF-8 text."""
    text = thumbnail_text(data)
    return data if text is None else text.encode()


def preview_thumbnail(name: str, content: bytes) -> bytes:
    """Return the thumbnail in a preview's file."""
    return text_thumbnail(content.decode("utf-8", "replace")) if name == TEXT else content


def read_preview(folder: Path) -> bytes:
    """Return the preview in a checkpoint's folder; empty when there is none."""
    for name in (PICTURE, STRIP, TEXT):
        if (folder / name).exists():
            return preview_thumbnail(name, (folder / name).read_bytes())
    return b""
