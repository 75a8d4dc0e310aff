"""The text of web pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from studio.data.entries import MEGABYTE
from studio.data.text.encoding import Decoded, decode
from studio.data.text.refusals import too_large

if TYPE_CHECKING:  # the library is loaded when there is something for it to read
    from bs4.element import PageElement

#: Bytes of a web page at most.
MAX_PAGE = 32 * MEGABYTE

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


def html_text(raw: bytes) -> Decoded:
    """Return what a web page says, without its marks; paragraphs have a blank line between.

    Raises:
        Rejected: It is too large or no text.
    """
    if len(raw) > MAX_PAGE:
        raise too_large("The page")
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
