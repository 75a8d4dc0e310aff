"""The text layer of PDF files."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from studio.data.entries import MEGABYTE
from studio.data.modality import Rejected
from studio.data.text.refusals import damaged, locked, too_large

if TYPE_CHECKING:  # the library is loaded when there is something for it to read
    from pypdf import PdfReader

#: Goes between the pages of a PDF; cleaning finds page numbers and headings by it.
PAGE = "\f"

_MAX_PDF = 128 * MEGABYTE
_MAX_PDF_SECONDS = 60.0
_MAX_PDF_PAGES = 20_000


def pdf_text(raw: bytes) -> str:
    """Return the text layer of a PDF, its pages separated by form feeds.

    Raises:
        Rejected: It is damaged, locked, too large, or has no text layer.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    if len(raw) > _MAX_PDF:
        raise too_large("The PDF")
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked()
        pages = _pdf_pages(reader)
    except Rejected:
        raise
    except DependencyError as error:  # a kind of encryption that needs more software
        raise locked() from error
    except Exception as error:  # whatever the library says of a damaged file
        raise damaged("PDF") from error
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
