"""The text of documents: web pages, e-books, Word and PDF files.

Nothing is unpacked before the directory of an archive has said that it is harmless, and nothing
that a file declares for itself, such as XML entities, is ever expanded.
"""

from __future__ import annotations

import io
import posixpath
import re
import time
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from studio.data.entries import MEGABYTE
from studio.data.modality import Rejected
from studio.data.text_encodings import Decoded, decode

if TYPE_CHECKING:  # each library is loaded when there is something for it to read
    from bs4 import BeautifulSoup
    from bs4.element import PageElement
    from pypdf import PdfReader

#: Goes between the pages of a PDF; cleaning finds page numbers and headings by it.
PAGE = "\f"

_MAX_PAGE = 32 * MEGABYTE  # of a web page, or of a part of an e-book or a Word file, unpacked
_MAX_TOTAL = 256 * MEGABYTE  # of a document, unpacked
_MAX_PARTS = 20_000
_MAX_RATIO = 200  # by which a part may grow when it is unpacked
_MAX_PDF = 128 * MEGABYTE
_MAX_PDF_SECONDS = 60.0
_MAX_PDF_PAGES = 20_000

_SKIPPED = frozenset(
    {"script", "style", "head", "template", "noscript", "svg", "math", "iframe", "object"}
)
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "figure"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "form"}
    | {"address", "hr", "body", "figcaption"}
)
_LINES = frozenset({"li", "tr", "dt", "dd", "br", "caption", "option"})
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_DAMAGED_ZIP = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError)


# -------------------------------------------------------------------------------- web pages


def html_text(raw: bytes) -> Decoded:
    """Return what a web page says, without its marks; paragraphs have a blank line between.

    Raises:
        Rejected: It is too large or no text.
    """
    if len(raw) > _MAX_PAGE:
        raise _too_large("The page")
    found = _CHARSET.search(raw[:4096])
    decoded = decode(raw, found.group(1).decode("ascii", "replace") if found else "")
    return decoded._replace(text=_without_marks(decoded.text))


def _without_marks(page: str) -> str:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import NavigableString, PreformattedString

    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page)
    if "<" not in page:
        return page
    soup = BeautifulSoup(page, "lxml")
    parts: list[str] = []
    waiting: list[tuple[PageElement, str]] = [(soup, "")]
    preformatted = 0
    while waiting:
        node, closing = waiting.pop()
        if closing:
            parts.append(closing)
            preformatted -= isinstance(node, Tag) and node.name == "pre"
        elif isinstance(node, Tag):
            if node.name in _SKIPPED:
                continue
            mark = _mark(node.name)
            if mark:
                parts.append(mark)
                preformatted += node.name == "pre"
                waiting.append((node, mark))
            waiting.extend((child, "") for child in reversed(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            space = node.replace(" ", _KEPT) if preformatted else _SPACES.sub(" ", node)
            parts.append(space)
    return _tidy("".join(parts))


# Marks for breaks and for spaces that count, since those of the page's own text mean nothing.
# These characters are in no text.
_PARAGRAPH, _LINE, _CELL, _KEPT = "\x01", "\x02", "\x03", "\x04"


def _mark(name: str) -> str:
    if name in _BLOCKS:
        return _PARAGRAPH
    if name in _LINES:
        return _LINE
    return _CELL if name in ("td", "th") else ""


def _tidy(text: str) -> str:
    """Turn marks for breaks into breaks, of several beside each other the strongest."""
    text = re.sub(r"[ \x02\x03]*\x01[\x01-\x03 ]*", "\n\n", text)
    text = re.sub(r"[ \x03]*\x02[\x02\x03 ]*", "\n", text)
    text = re.sub(r" *\x03[\x03 ]*", "\t", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip().replace(_KEPT, " ")


# ---------------------------------------------------------------------------- zipped documents


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
        raise _locked()


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of a document; raises Rejected when it is missing or too large."""
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise _damaged("document") from error
    if member.file_size > _MAX_PAGE:
        raise _too_large("A part of the document")
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
        raise _damaged("Word file") from error


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
        raise _damaged("e-book") from error
    text = "\n\n".join(chapter.text for chapter in chapters if chapter.text)
    encodings = {chapter.encoding for chapter in chapters}
    return Decoded(text, encodings.pop() if len(encodings) == 1 else "utf-8")


def _spine(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of an e-book's chapters in reading order."""
    from bs4 import Tag

    container = _xml(_part(archive, "META-INF/container.xml"))
    rootfile = container.find("rootfile")
    if not isinstance(rootfile, Tag):
        raise _damaged("e-book")
    place = str(rootfile.get("full-path", ""))
    package = _xml(_part(archive, place))
    files = {
        str(item.get("id")): posixpath.normpath(
            posixpath.join(posixpath.dirname(place), unquote(str(item.get("href", ""))))
        )
        for item in package.find_all("item")
    }
    names = [files.get(str(each.get("idref")), "") for each in package.find_all("itemref")]
    locked = _locked_parts(archive)
    present = set(archive.namelist())
    names = [name for name in dict.fromkeys(names) if name in present]
    if not names:
        raise _damaged("e-book")
    if locked & set(names):
        raise _locked()
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


# --------------------------------------------------------------------------------------- PDF


def pdf_text(raw: bytes) -> str:
    """Return the text layer of a PDF, its pages separated by form feeds.

    Raises:
        Rejected: It is damaged, locked, too large, or has no text layer.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    if len(raw) > _MAX_PDF:
        raise _too_large("The PDF")
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _locked()
        pages = _pdf_pages(reader)
    except Rejected:
        raise
    except DependencyError as error:  # a kind of encryption that needs more software
        raise _locked() from error
    except Exception as error:  # whatever the library says of a damaged file
        raise _damaged("PDF") from error
    if not any(page.strip() for page in pages):
        raise Rejected(
            "no-text-layer",
            "The PDF holds pictures of pages but no text.",
            "Let a program recognise its text first (OCR), then import it again.",
        )
    return f"\n{PAGE}".join(page.strip("\n") for page in pages)


def _pdf_pages(reader: PdfReader) -> list[str]:
    until = time.monotonic() + _MAX_PDF_SECONDS
    pages = []
    for page in reader.pages:
        pages.append(page.extract_text().replace(PAGE, "\n"))
        if time.monotonic() > until or len(pages) > _MAX_PDF_PAGES:
            raise Rejected(
                "too-slow",
                "Its pages take too long to read.",
                "Save its text with another program, or split it into smaller files.",
            )
    return pages


# ------------------------------------------------------------------------------------ reasons


def _too_large(what: str) -> Rejected:
    return Rejected(
        "too-large",
        f"{what} is larger than is read of this kind.",
        "Save it as plain text, or split it into smaller files.",
    )


def _locked() -> Rejected:
    return Rejected(
        "encrypted",
        "It is locked with a password or by copy protection.",
        "Save it without protection, if you may, and import it again.",
    )


def _damaged(kind: str) -> Rejected:
    return Rejected(
        "damaged",
        f"The {kind} is damaged.",
        "Open it in the program that it is for, save it anew and import that.",
    )
