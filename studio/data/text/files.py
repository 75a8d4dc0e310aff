"""Texts as files: a `.txt` with its recipe and tokens beside it, and other formats to hand on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.core.files import write_text
from studio.core.media import Media, Text, Token

#: Goes between source and target where a pair is kept as one text.
PAIR = "\x1e"
#: Goes between texts on a sheet.
RULE = "\n\n———\n\n"

_LARGEST_SIDECAR = 256 << 20  # bytes


def as_text(media: Media) -> Text:
    """Return a medium as a text; raises TypeError when it is something else."""
    if not isinstance(media, Text):
        raise TypeError(f"{type(media).__name__} is not a text")
    return media


def sidecar(path: Path) -> Path:
    """Return where a text's recipe and tokens lie: `NAME.txt.json`."""
    return path.with_name(f"{path.name}.json")


def save(text: Text, path: Path, recipe: dict[str, Any] | None) -> None:
    """Write a text as UTF-8, and beside it its recipe and the tokens that a model wrote.

    The sidecar comes first, so that no kill leaves a text without its recipe.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if recipe is not None or text.tokens:
        write_json_compact(sidecar(path), {"recipe": recipe, "tokens": text.tokens})
    else:
        sidecar(path).unlink(missing_ok=True)
    write_text(path, text.text)


def write_json_compact(path: Path, value: Any) -> None:
    """Write a value as JSON on one line, atomically; lists of tokens would be very long else."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def read_sidecar(path: Path) -> dict[str, Any]:
    """Return what lies beside a text; nothing where there is none or it is damaged."""
    beside = sidecar(path)
    try:
        if beside.stat().st_size > _LARGEST_SIDECAR:
            return {}
        values = json.loads(beside.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Return the tokens that a model wrote, from beside a text; none where that says nothing."""
    found = []
    try:
        for piece, chance, others in read_sidecar(path).get("tokens", ()):
            pairs = tuple((str(other), float(value)) for other, value in others)
            found.append(Token(str(piece), float(chance), pairs))
    except (TypeError, ValueError):
        return ()
    return tuple(found)


def shown(media: Media) -> str:
    """Return a text as it stands on a sheet: a pair with its source before it."""
    text = as_text(media)
    source = text.facts.get("source")
    target = text.text.strip("\n")
    return f"{source}\n→ {target}" if source else target


def sheet(media: Sequence[Media]) -> str:
    """Return several texts as one, with a rule between them."""
    return RULE.join(shown(each) for each in media) + "\n"
