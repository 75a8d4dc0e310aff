"""Texts in formats to hand on: plain, Markdown, HTML and Word, with the recipe inside."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from studio.core.files import replacing, write_text
from studio.core.media import Text
from studio.data.text.files import read_sidecar, save

_LARGEST = 64 << 20  # bytes of a file whose recipe is looked for
_IN_MARKDOWN = re.compile(r"<!-- recipe: (\{.*\}) -->\s*$")
_IN_PAGE = re.compile(r'<meta name="recipe" content="([^"]*)">')
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def export(text: str, target: Path, recipe: dict[str, Any] | None) -> None:
    """Write a text in the format that the target's suffix names, atomically.

    Args:
        recipe: Goes into the file, for plain text beside it; None leaves it out.
    """
    suffix = target.suffix.lower()
    if suffix == ".html":
        write_text(target, _page(text, target.stem, recipe))
    elif suffix == ".docx":
        _write_word(text, target, recipe)
    elif suffix == ".md":
        # two hyphens would end a comment, in JSON they may be written as numbers
        said = json.dumps(recipe, ensure_ascii=False).replace("--", "\\u002d\\u002d")
        end = f"\n\n<!-- recipe: {said} -->\n" if recipe is not None else "\n"
        write_text(target, text.rstrip("\n") + end)
    else:
        save(Text(text), target, recipe)


def read_recipe(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a file that `export` wrote, or beside it; else None."""
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > _LARGEST:
            return None
        if suffix == ".html":
            found = _IN_PAGE.search(path.read_text("utf-8"))
            values = json.loads(html.unescape(found.group(1))) if found else None
        elif suffix == ".docx":
            values = json.loads(_word_comment(path))
        elif suffix == ".md":
            found = _IN_MARKDOWN.search(path.read_text("utf-8"))
            values = json.loads(found.group(1)) if found else None
        else:
            values = read_sidecar(path).get("recipe")
    except (OSError, ValueError):  # damaged, or no such file at all
        return None
    return values if isinstance(values, dict) else None


def _page(text: str, title: str, recipe: dict[str, Any] | None) -> str:
    """Return a web page; each paragraph finds its own direction of writing."""
    meta = ""
    if recipe is not None:
        said = html.escape(json.dumps(recipe, ensure_ascii=False), quote=True)
        meta = f'<meta name="recipe" content="{said}">\n'
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip("\n")) if part.strip()]
    body = "\n".join(
        f'<p dir="auto">{"<br>".join(map(html.escape, part.split(chr(10))))}</p>'
        for part in paragraphs
    )
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n{meta}'
        f"<title>{html.escape(title)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _write_word(text: str, target: Path, recipe: dict[str, Any] | None) -> None:
    import docx

    document = docx.Document()
    for part in _NO_XML.sub("", text).strip("\n").split("\n"):
        document.add_paragraph(part)
    facts = document.core_properties
    facts.title, facts.author, facts.comments = target.stem[:255], "", ""
    if recipe is not None:
        # the library allows 255 characters in a comment, the format as many as one likes
        element = facts._element.get_or_add_description()
        element.text = json.dumps(recipe)
    with replacing(target) as temporary, temporary.open("wb") as stream:
        document.save(stream)


def _word_comment(path: Path) -> str:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        return str(Document(str(path)).core_properties.comments)
    except (PackageNotFoundError, KeyError) as error:
        raise ValueError("no Word file") from error
