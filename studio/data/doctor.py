"""The data doctor: says before training what will hurt, and how one click repairs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from studio.core.items import Item
from studio.core.library import Library
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair
from studio.data.modality import modality_data
from studio.data.split import natural_key
from studio.data.store import read_preparation

FEW = 100  # below this a model can only repeat what it saw
MODEST = 1000  # below this it needs help by augmentation
_IMBALANCE = 4  # the largest label has this many times the items of the smallest
_SHOWN = 3  # names in a sentence

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def examine(library: Library, dataset_id: str) -> list[Finding]:
    """Return what will hurt a training on a dataset, the worst first. Changes nothing.

    Raises:
        KeyError: There is no such dataset.
        StudioError: Its stored preparation is wrong.
    """
    table = library.datasets
    dataset = table.get(dataset_id)
    data = modality_data(dataset.modality)
    preparation = read_preparation(data, dataset.preparation)
    items = [item for item in table.items(table.ids(dataset_id)) if not item.excluded]
    findings = [
        *(_count(items) if data.counted or not items else ()),
        *_labels(items),
        *_captions(items),
        *_duplicates(items),
        *_rejected(library, dataset_id),
        *data.examine(items, preparation),
    ]
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def apply(library: Library, dataset_id: str, repair: Repair) -> Repair:
    """Do what a repair says and return the repair that undoes it."""
    table = library.datasets
    with library.transaction():
        excluded = table.set_excluded(repair.excluded) if repair.excluded else {}
        before: dict[str, object] = {}
        if repair.preparation:
            dataset = table.get(dataset_id)
            data = modality_data(dataset.modality)
            whole = read_preparation(data, dataset.preparation).model_dump(mode="json")
            before = {name: whole[name] for name in repair.preparation}
            changed = dataset.preparation | repair.preparation
            read_preparation(data, changed)  # a repair never stores what cannot be read again
            table.set_preparation(dataset_id, changed)
    return replace(repair, excluded=excluded, preparation=before)


def _count(items: Sequence[Item]) -> Iterator[Finding]:
    if not items:
        yield Finding(
            rule="empty",
            severity=Severity.ERROR,
            title="There is nothing to learn from",
            why="A model needs examples.",
            evidence="0 items are included.",
        )
    elif len(items) < FEW:
        yield Finding(
            rule="too-few",
            severity=Severity.ERROR,
            title="Too few items",
            why="The model will repeat these items instead of making new ones. Add more.",
            evidence=f"{len(items)} items; {MODEST:,} or more work well.",
        )
    elif len(items) < MODEST:
        yield Finding(
            rule="few",
            severity=Severity.WARNING,
            title="Rather few items",
            why="Few items are learned by heart. More of them help most, augmentation helps too.",
            evidence=f"{len(items)} items; {MODEST:,} or more work well.",
        )


def _labels(items: Sequence[Item]) -> Iterator[Finding]:
    groups: dict[str, list[int]] = {}
    for item in items:
        groups.setdefault(item.label, []).append(item.id)
    unlabelled = groups.pop("", [])
    if groups and unlabelled:
        yield Finding(
            rule="labels-missing",
            severity=Severity.WARNING,
            title="Some items have no label",
            why="A model that is asked for a label learns nothing of it from these items.",
            evidence=f"{len(unlabelled):,} of {len(items):,} have none.",
            items=tuple(unlabelled),
            repair=Repair(
                f"Leave out {len(unlabelled):,} without a label", dict.fromkeys(unlabelled, True)
            ),
        )
    if len(groups) < 2:
        return
    by_size = sorted(groups, key=lambda label: (len(groups[label]), natural_key(label)))
    smallest, largest = by_size[0], by_size[-1]
    fewest = len(groups[smallest])
    if len(groups[largest]) >= _IMBALANCE * fewest:
        # the last ones of each large label: which ones follows from the order of import alone
        surplus = [i for ids in groups.values() for i in ids[_IMBALANCE * fewest // 2 :]]
        enough = len(items) - len(surplus) >= MODEST
        yield Finding(
            rule="imbalance",
            severity=Severity.WARNING,
            title="Labels of very different size",
            why="The model draws rare labels badly, or mixes them up with common ones.",
            evidence=f"{largest} has {len(groups[largest]):,} items, {smallest} has {fewest:,}.",
            items=tuple(
                i for label in by_size if len(groups[label]) == fewest for i in groups[label]
            ),
            repair=Repair(
                f"Leave out {len(surplus):,} items of common labels", dict.fromkeys(surplus, True)
            )
            if enough
            else None,
        )


def _captions(items: Sequence[Item]) -> Iterator[Finding]:
    silent = [item.id for item in items if not item.caption]
    if silent and len(silent) < len(items):
        yield Finding(
            rule="captions-missing",
            severity=Severity.INFO,
            title="Some items have no caption",
            why="A model that follows words learns nothing from items without them.",
            evidence=f"{len(silent):,} of {len(items):,} have none.",
            items=tuple(silent),
            repair=Repair(
                f"Leave out {len(silent):,} without a caption", dict.fromkeys(silent, True)
            ),
        )


def _duplicates(items: Sequence[Item]) -> Iterator[Finding]:
    included = {item.id for item in items}
    copies = [item.id for item in items if item.duplicate_of in included]
    if copies:
        yield Finding(
            rule="duplicates",
            severity=Severity.WARNING if len(copies) > len(items) / 100 else Severity.INFO,
            title="Items that are alike",
            why="What occurs several times is learned by heart and comes back in the results.",
            evidence=f"{len(copies):,} of {len(items):,} are like another one.",
            items=tuple(copies),
            repair=Repair(f"Leave out {len(copies):,} copies", dict.fromkeys(copies, True)),
        )


def _rejected(library: Library, dataset_id: str) -> Iterator[Finding]:
    harmless = {"duplicate", "system-file"}
    rejects = [r for r in library.datasets.rejects(dataset_id) if r.reason not in harmless]
    if rejects:
        names = ", ".join(reject.name for reject in rejects[:_SHOWN])
        more = f" and {len(rejects) - _SHOWN:,} more" if len(rejects) > _SHOWN else ""
        yield Finding(
            rule="rejected",
            severity=Severity.INFO,
            title="Files that were not taken",
            why="They are not part of the training. The list says for each what to do about it.",
            evidence=f"{names}{more}.",
        )
