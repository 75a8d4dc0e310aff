"""What the items of a modality are called, in the user's language."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from studio.core.media import NOUNS, Modality


def kind(modality: Modality) -> str:
    """Return the name of a modality as it stands on a filter: `Pictures`."""
    return _tr(NOUNS[modality].kind)


def one(modality: Modality) -> str:
    """Return what one item is called: `picture`."""
    return _tr(NOUNS[modality].one)


def many(modality: Modality) -> str:
    """Return what several items are called: `pictures`."""
    return _tr(NOUNS[modality].many)


def rows(modality: Modality) -> str:
    """Return what models learn from in a batch: `pictures`, `passages`."""
    return _tr(NOUNS[modality].rows)


def counted(modality: Modality, count: int) -> str:
    """Return so many items in words: `1 picture`, `10,000 pictures`."""
    return f"{count:,} {one(modality) if count == 1 else many(modality)}"


def any_of(modalities: Iterable[Modality]) -> str:
    """Return what several modalities are called: `pictures, text or music`."""
    *first, last = [kind(modality).lower() for modality in modalities]
    return _tr("{first} or {last}").format(first=", ".join(first), last=last) if first else last


def _tr(text: str) -> str:
    return QCoreApplication.translate("Modality", text)
