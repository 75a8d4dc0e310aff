"""The text of documents that are archives inside: e-books and Word files.

Nothing is unpacked before the directory of an archive has said that it is harmless, and nothing
that a file declares for itself, such as XML entities, is ever expanded.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from studio.data.entries import MEGABYTE
from studio.data.modality import Rejected
from studio.data.text.encoding import Decoded
from studio.data.text.refusals import damaged, locked, too_large
from studio.data.text.web_pages import MAX_PAGE, html_text

if TYPE_CHECKING:  # the library is loaded when there is something for it to read
    from bs4 import BeautifulSoup

_MAX_TOTAL = 256 * MEGABYTE  # of a document, unpacked
_MAX_PARTS = 20_000
_MAX_RATIO = 200  # by which a part may grow when it is unpacked
_DAMAGED_ZIP = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError)


def zip_kind(raw: bytes) -> str:
    """Return what document a zip archive is: docx, epub, another word for it, or nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except _DAMAGED_ZIP:
        return ""
    if "word/document.xml" in names:
        return "docx"
    if "META-INF/container.xml" in names:
        return "epub"
    return "odt" if "content.xml" in names else ""


def _checked(archive: zipfile.ZipFile) -> None:
    """Raise Rejected when a document's archive would unpack to more than is sound."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    large = [
        member
        for member in members
        if member.file_size > _MAX_RATIO * max(1, member.compress_size)
        and member.file_size > MEGABYTE
    ]
    if large or total > _MAX_TOTAL or len(members) > _MAX_PARTS:
        raise Rejected(
            "archive-bomb",
            "It unpacks to far more than its size allows, as attacks do.",
            "Do not trust this file; if you do, save it as text and import that.",
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise locked()


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of a document; raises Rejected when it is missing or too large."""
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise damaged("document") from error
    if member.file_size > MAX_PAGE:
        raise too_large("A part of the document")
    return archive.read(member)


def docx_text(raw: bytes) -> str:
    """Return the paragraphs and tables of a Word file.

    Raises:
        Rejected: It is damaged, locked, or unpacks to too much.
    """
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _checked(archive)
            for member in archive.infolist():
                if member.filename.endswith((".xml", ".rels")):
                    _no_entities(_part(archive, member.filename))
        document = docx.Document(io.BytesIO(raw))
        return "\n\n".join(_docx_blocks(document)).strip()
    except Rejected:
        raise
    except Exception as error:  # whatever the library says of a damaged file
        raise damaged("Word file") from error


def _docx_blocks(document: Any) -> Iterator[str]:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            if text := block.text.strip():
                yield text
        elif isinstance(block, Table):
            rows = ("\t".join(_once(row.cells)) for row in block.rows)
            yield "\n".join(row for row in rows if row.strip())


def _once(cells: Any) -> list[str]:
    """Return the texts of a row's cells, of a merged one only once."""
    seen: set[int] = set()
    texts = []
    for cell in cells:
        if id(cell._tc) not in seen:
            seen.add(id(cell._tc))
            texts.append(cell.text.strip().replace("\n", " "))
    return texts


def epub_text(raw: bytes) -> Decoded:
    """Return the chapters of an e-book in the order of its spine.

    Raises:
        Rejected: It is damaged, locked, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _checked(archive)
            chapters = [html_text(_part(archive, name)) for name in _spine(archive)]
    except Rejected:
        raise
    except Exception as error:  # whatever the libraries say of a damaged file
        raise damaged("e-book") from error
    text = "\n\n".join(chapter.text for chapter in chapters if chapter.text)
    encodings = {chapter.encoding for chapter in chapters}
    return Decoded(text, encodings.pop() if len(encodings) == 1 else "utf-8")


def _spine(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of an e-book's chapters in reading order."""
    from bs4 import Tag

    container = _xml(_part(archive, "META-INF/container.xml"))
    rootfile = container.find("rootfile")
    if not isinstance(rootfile, Tag):
        raise damaged("e-book")
    place = str(rootfile.get("full-path", ""))
    package = _xml(_part(archive, place))
    files = {
        str(item.get("id")): posixpath.normpath(
            posixpath.join(posixpath.dirname(place), unquote(str(item.get("href", ""))))
        )
        for item in package.find_all("item")
    }
    names = [files.get(str(each.get("idref")), "") for each in package.find_all("itemref")]
    protected = _locked_parts(archive)
    present = set(archive.namelist())
    names = [name for name in dict.fromkeys(names) if name in present]
    if not names:
        raise damaged("e-book")
    if protected & set(names):
        raise locked()
    return names


def _locked_parts(archive: zipfile.ZipFile) -> set[str]:
    """Return the parts that copy protection has encrypted; fonts often are, which is harmless."""
    name = "META-INF/encryption.xml"
    if name not in archive.namelist():
        return set()
    references = _xml(_part(archive, name)).find_all("CipherReference")
    return {unquote(str(each.get("URI", ""))) for each in references}


def _xml(raw: bytes) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    _no_entities(raw)
    return BeautifulSoup(raw, "xml")


def _no_entities(raw: bytes) -> None:
    """Raise Rejected where XML declares entities, which can grow without end; none needs them."""
    if b"<!ENTITY" in raw or b"<\0!\0E\0N\0T" in raw or b"\0<\0!\0E\0N\0T" in raw:
        raise Rejected(
            "unsafe",
            "It declares XML entities, as attacks do.",
            "Do not trust this file; if you do, save it as text and import that.",
        )
