"""Bringing files into a dataset: every file is taken or listed with the reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.items import Reject
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.work import Work
from studio.data.entries import Entry, printable
from studio.data.modality import modalities, modality_data
from studio.data.packs import DatasetPacks
from studio.data.reading import Reading
from studio.data.walk import Walk

_TEXTS_BESIDE = 4  # texts for each other file from which on they are not its captions
_NAMED = 5  # dropped paths that are named as a dataset's source


@dataclass(frozen=True)
class ImportResult:
    """What became of an import: each file is taken, rejected or a helper.

    Attributes:
        taken: Files that became items; each picture in an IDX file counts as one.
        rejected: Files that are listed with a reason.
        helpers: Tables, captions and label files that were used.
        items: Items that were added.
        lookalikes: Those among them that look like another item.
    """

    dataset_id: str
    name: str
    modality: Modality
    taken: int
    rejected: int
    helpers: int
    items: int
    lookalikes: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def import_paths(
    project: Project,
    name: str,
    paths: Sequence[Path],
    work: Work,
    modality: Modality | None = None,
) -> ImportResult:
    """Bring files, folders and archives into a dataset, new or existing.

    Args:
        project: Where the dataset lives.
        name: Of the dataset; one of that name is added to.
        paths: What the user dropped.
        work: Hears how far it is; StopRequested at a gate leaves the project as it was.
        modality: Guessed from the names of the files when left out.

    Raises:
        StudioError: A path does not exist, there is no file at all, or the dataset holds another
            modality.
    """
    with Walk(paths, work) as walk:
        modality = modality or guess_modality(walk.names())
        return import_entries(
            project,
            name,
            modality,
            walk.entries(),
            work,
            total=walk.total,
            source=_named(paths),
        )


def import_entries(
    project: Project,
    name: str,
    modality: Modality,
    found: Iterable[Entry | Reject],
    work: Work,
    *,
    total: int = 0,
    source: str = "",
    licence: str = "",
) -> ImportResult:
    """Bring entries into a dataset, new or existing; see `import_paths`.

    Args:
        found: What to read, and what was rejected before.
        total: How many there are, for the progress; 0 when that is not known.
        source, licence: Where the data comes from and under which terms.
    """
    data = modality_data(modality)
    with DatasetPacks(project, name, modality) as packs:
        reading = Reading(data, packs, work, total)
        reading.read(found)
        items, rejects = reading.finished()
        if not (items or rejects):
            raise StudioError(
                "Nothing to import",
                "There is no file in what you dropped.",
                "Drop a folder, an archive or files that hold something.",
            )
        work.progress("Looking for look-alikes", 0)
        lookalikes = packs.commit(items, rejects, work, source=source, licence=licence)
        return ImportResult(
            dataset_id=packs.dataset_id,
            name=name,
            modality=modality,
            taken=reading.taken,
            rejected=len(rejects),
            helpers=reading.helpers,
            items=len(items),
            lookalikes=lookalikes,
        )


def _named(paths: Sequence[Path]) -> str:
    """Return the names of what was dropped, the first few of many."""
    names = [printable(path.name) for path in paths]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def guess_modality(names: Iterable[str]) -> Modality:
    """Return the modality to which most file names belong; pictures when none does.

    A film counts as one, though its sound could be taken too. Texts and tables lie beside other
    media as captions and lists of labels, so a collection is one of texts only when little else is
    in it.
    """
    counts = dict.fromkeys((data.modality for data in modalities()), 0)
    for name in names:
        suffix = Path(name).suffix.lower()
        for data in modalities():
            counts[data.modality] += suffix in data.suffixes - data.borrowed
    texts = counts.pop(Modality.TEXT, 0)
    most = max(counts, key=counts.__getitem__)
    if texts > _TEXTS_BESIDE * counts[most]:
        return Modality.TEXT
    return most if counts[most] else Modality.IMAGE
