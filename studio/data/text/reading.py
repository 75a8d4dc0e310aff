"""Reading text files: what each kind of file holds, or why it is not taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from threading import Semaphore

from studio.core.thumbnails import text_thumbnail
from studio.data.entries import MEGABYTE
from studio.data.modality import Probed, Rejected
from studio.data.text.alike import perceptual_hash
from studio.data.text.cleaning import has_licence
from studio.data.text.documents import docx_text, epub_text, zip_kind
from studio.data.text.encoding import Decoded, decode, no_text
from studio.data.text.files import PAIR
from studio.data.text.learning import FEW_CHARACTERS
from studio.data.text.pdf import pdf_text
from studio.data.text.rules import DAMAGED, HARD_WRAPPED, LICENCE, MANY_CHARACTERS, PAIRED
from studio.data.text.tables import Table, read_csv, read_json_texts
from studio.data.text.web_pages import html_text
from studio.data.text.wrapping import wrap_width

#: Endings of the files that texts are read from.
SUFFIXES = frozenset(
    {".txt", ".text", ".md", ".markdown", ".rst", ".tex", ".log", ".html", ".htm", ".xhtml"}
    | {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".epub", ".docx", ".pdf"}
)

_HTML = (".html", ".htm", ".xhtml")
_JSON = (".json", ".jsonl", ".ndjson")
_LOOKED_AT = 200_000  # characters that show what kind of text it is
_LARGE = 32 * MEGABYTE

# a large file takes several times its size while it is read: one after the other
_one_large = Semaphore(1)


def read_texts(raw: bytes, name: str) -> list[Probed]:
    """Return the texts in a file: one, or one per row of a table.

    Raises:
        Rejected: It holds no text that can be read.
    """
    if len(raw) < _LARGE:
        return _read(raw, PurePosixPath(name).suffix.lower())
    with _one_large:
        return _read(raw, PurePosixPath(name).suffix.lower())


def _read(raw: bytes, suffix: str) -> list[Probed]:
    if document := _document(raw, suffix):
        return [_item(document)]
    if suffix in _HTML:
        return [_item(html_text(raw))]
    decoded = decode(raw)
    if suffix in (".csv", ".tsv"):
        return _rows(read_csv(decoded.text, suffix), decoded)
    if suffix in _JSON:
        return _rows(read_json_texts(decoded.text, suffix), decoded)
    return [_item(decoded)]


def _document(raw: bytes, suffix: str) -> Decoded | None:
    """Return the text of a document, told by its content rather than its name; else None."""
    if raw.startswith(b"%PDF-") or suffix == ".pdf":
        return Decoded(pdf_text(raw), "utf-8")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise _unread("It is in the old format of Word, or locked.", "docx")
    if raw.startswith(b"{\\rtf"):
        raise _unread("It is in the rich text format.", "docx")
    if not raw.startswith(b"PK\x03\x04"):
        if suffix in (".docx", ".epub"):
            raise Rejected("damaged", "It is not what its name says.", "Save it anew.")
        return None
    kind = zip_kind(raw)
    if kind == "docx":
        return Decoded(docx_text(raw), "utf-8")
    if kind == "epub":
        return epub_text(raw)
    if kind == "odt":
        raise _unread("It is an OpenDocument file.", "docx")
    if suffix in (".docx", ".epub"):
        raise Rejected("damaged", "It is not what its name says.", "Save it anew.")
    raise no_text()


def _unread(what: str, better: str) -> Rejected:
    return Rejected("unknown-kind", what, f"Save it as .{better} or as plain text.")


def _rows(table: Table, decoded: Decoded) -> list[Probed]:
    """Return the rows of a table as items; the first one says what became of the others."""
    items: list[Probed] = []
    for row in table.texts:
        notes = [*_encoding_notes(decoded), *([PAIRED] if row.pair else [])]
        if not items:
            notes += [f"ragged-rows-{table.ragged}"] if table.ragged else []
            notes += [f"rows-left-out-{table.left_out}"] if table.left_out else []
        items.append(_probed(row.text, tuple(notes), row.label))
    return items


def _item(decoded: Decoded) -> Probed:
    if not decoded.text.strip():
        raise Rejected("empty", "There is no text in it.", "Leave it out.")
    return _probed(decoded.text, (*_encoding_notes(decoded), *_kind_notes(decoded.text)), "")


def _kind_notes(text: str) -> Iterator[str]:
    """Yield what the doctor wants to know of a text, from its beginning."""
    head = text[:_LOOKED_AT]
    if wrap_width(head):
        yield HARD_WRAPPED
    if has_licence(head):
        yield LICENCE
    if len(set(head)) > FEW_CHARACTERS:
        yield MANY_CHARACTERS


def _encoding_notes(decoded: Decoded) -> tuple[str, ...]:
    """Return an encoding's name unless it is UTF-8, and whether letters are damaged."""
    found = [] if decoded.encoding.startswith("utf-8") else [f"encoding-{decoded.encoding}"]
    return (*found, *([DAMAGED] if decoded.damaged else []))


def _probed(text: str, notes: tuple[str, ...], label: str) -> Probed:
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    shown = text.replace(PAIR, "\n→ ", 1) if PAIRED in notes else text
    return Probed(
        stored=text.encode(),
        thumbnail=text_thumbnail(shown[:2000].strip()),
        width=len(text),
        height=text.count("\n") + 1,
        notes=notes,
        perceptual=perceptual_hash(text),
        label=label,
    )
