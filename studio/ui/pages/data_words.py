"""How the Data page says what a dataset is."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication

from studio.core.datasets import Dataset
from studio.core.items import Item
from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.pages.data_facts import Facts
from studio.ui.views.registry import VIEWS


def _tr(text: str) -> str:
    return QCoreApplication.translate("DataPage", text)


def dataset_words(facts: Facts, modality: Modality) -> str:
    """Return what a dataset holds: `5,000 pictures · 32 × 32 · 10 labels`."""
    parts = [nouns.counted(modality, facts.included)]
    if sizes := VIEWS[modality].dataset.size_words(facts.sizes):
        parts.append(sizes)
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


def item_words(item: Item, modality: Modality) -> str:
    """Return what is said of one item: `a.png · cat · 32 × 32 · Grey`."""
    own = VIEWS[modality].dataset
    parts = [item.name, item.label or _tr("no label"), own.item_words(item)]
    parts += [own.note_words(note) for note in item.notes if "=" not in note]
    parts += [item.caption, _tr("left out") if item.excluded else ""]
    return " · ".join(part for part in parts if part)


def note_words(note: str, modality: Modality) -> str:
    """Return what a note of the importer, or a filter, means."""
    words = {"excluded": _tr("Left out"), "duplicate": _tr("Alike")}
    return words.get(note) or VIEWS[modality].dataset.note_words(note)
