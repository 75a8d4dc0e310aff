"""Small pictures for grids and cards: PNG or JPEG, or lines of text that the window draws itself.

Texts are drawn by the window, which knows the fonts for every script and the theme's colours.
"""

from __future__ import annotations

from pathlib import Path

_MARK = b"\0text\n"
_LONGEST = 600  # characters

#: Names of a preview in a checkpoint or package: one of a picture, one of a text.
PICTURE, TEXT = "preview.png", "preview.txt"


def text_thumbnail(text: str) -> bytes:
    """Return the thumbnail of a text: its first lines."""
    return _MARK + text[:_LONGEST].encode("utf-8", "replace")


def thumbnail_text(data: bytes) -> str | None:
    """Return the lines of a thumbnail that is a text; None for a picture."""
    if not data.startswith(_MARK):
        return None
    return data[len(_MARK) :].decode("utf-8", "replace")


def preview_name(data: bytes) -> str:
    """Return the name under which a thumbnail is kept as a preview."""
    return PICTURE if thumbnail_text(data) is None else TEXT


def preview_content(data: bytes) -> bytes:
    """Return what the file of a preview holds: a picture, or plain UTF-8 text."""
    text = thumbnail_text(data)
    return data if text is None else text.encode()


def preview_thumbnail(name: str, content: bytes) -> bytes:
    """Return the thumbnail in a preview's file."""
    return content if name == PICTURE else text_thumbnail(content.decode("utf-8", "replace"))


def read_preview(folder: Path) -> bytes:
    """Return the preview in a checkpoint's folder; empty when there is none."""
    for name in (PICTURE, TEXT):
        if (folder / name).exists():
            return preview_thumbnail(name, (folder / name).read_bytes())
    return b""
