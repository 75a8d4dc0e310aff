"""How the Data page says what a dataset is."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication

from studio.core.datasets import Dataset
from studio.ui.pages.data_facts import Facts


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataPage", text)


def dataset_words(facts: Facts) -> str:
    """Return what a dataset holds: `5,000 pictures · 32 × 32 · 10 labels`."""
    pictures = _tr("1 picture") if facts.included == 1 else _tr("{count} pictures")
    parts = [pictures.format(count=f"{facts.included:,}")]
    if facts.sizes:
        parts.append(_size_words(facts.sizes))
    if facts.labels:
        labels = _tr("1 label") if len(facts.labels) == 1 else _tr("{count} labels")
        parts.append(labels.format(count=len(facts.labels)))
    if left_out := facts.count - facts.included:
        parts.append(_tr("{count} left out").format(count=f"{left_out:,}"))
    return " · ".join(parts)


def origin_words(dataset: Dataset) -> str:
    """Return when and from where a dataset came: `imported today from cifar10-5k.zip`."""
    when = day_words(dataset.created)
    if not dataset.source:
        return _tr("imported {when}").format(when=when)
    return _tr("imported {when} from {source}").format(when=when, source=dataset.source)


def day_words(seconds: float) -> str:
    """Return a day as people say it: `today`, `yesterday`, `on 3 May 2026`."""
    then = time.localtime(seconds)
    now = time.time()
    for days, word in ((0, _tr("today")), (1, _tr("yesterday"))):
        day = time.localtime(now - days * 86400)
        if (then.tm_year, then.tm_yday) == (day.tm_year, day.tm_yday):
            return word
    return _tr("on {date}").format(date=f"{then.tm_mday} {time.strftime('%B %Y', then)}")


def note_words(note: str) -> str:
    """Return what a note of the importer, or a filter, means."""
    words = {
        "excluded": _tr("Left out"),
        "duplicate": _tr("Look alike"),
        "grey": _tr("Grey"),
        "cmyk": _tr("Print colours"),
        "palette": _tr("Palette"),
        "transparent": _tr("Transparent"),
        "16-bit": _tr("16 bits"),
        "rotated": _tr("Turned upright"),
        "animated": _tr("First frame"),
        "reduced": _tr("Made smaller"),
    }
    return words.get(note, note.capitalize())


def _size_words(sizes: dict[tuple[int, int], int]) -> str:
    if len(sizes) == 1:
        width, height = next(iter(sizes))
        return f"{width} × {height}"
    sides = [min(size) for size in sizes]
    if min(sides) == max(sides):
        return _tr("{side} pixels and more").format(side=min(sides))
    return _tr("{low} to {high} pixels").format(low=min(sides), high=max(sides))
