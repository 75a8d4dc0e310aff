"""Reading text files: what each kind of file holds, or why it is not taken."""

from __future__ import annotations

from studio.core.thumbnails import text_thumbnail
from studio.data.modality import Probed, Rejected


def read_texts(raw: bytes, name: str) -> list[Probed]:
    """Return the texts in a file."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Rejected("not-text", "This is no text file.", "Leave it out.") from error
    return [probed(text, ())]


def probed(text: str, notes: tuple[str, ...]) -> Probed:
    """Return a text as an item."""
    return Probed(
        stored=text.encode(),
        thumbnail=text_thumbnail(text),
        width=len(text),
        height=text.count("\n") + 1,
        notes=notes,
        perceptual=hash(text) >> 1,
    )
