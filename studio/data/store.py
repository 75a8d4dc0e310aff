"""Prepared data: a dataset compiled once into flat arrays at training size."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from studio.core.datasets import Dataset
from studio.core.errors import StudioError
from studio.core.files import read_json, remove_abandoned, replacing_folder
from studio.core.items import Item
from studio.core.options import Preparation
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.core.work import Work
from studio.data.compiling import ITEMS, SPEC, compile_into
from studio.data.modality import ModalityData, modality_data
from studio.data.pruning import note_use, prune

_VERSION = 5  # of the arrays' layout; a new one makes old prepared data unused


@dataclass(frozen=True)
class PreparedData:
    """A dataset at training size, memory-mapped.

    Attributes:
        items: (N, *the modality's `item_shape`), uint8 for pictures.
        labels: (N,) int64 numbers of `spec.labels`; -1 for items without a label.
        train: Indices into `items` to learn from.
        validation: Indices into `items` that are never learned from.
        spec: What a family must know to build its networks.
        preparation: With every automatic setting decided.
        ids: (N,) int64 ids of the items in the library.
        folder: Where it lies.
        captions: (N, spec.caption_length) tokens, 0 where a caption has ended; None when no item
            has a caption.
        partner: The second dataset, for families that learn from two; see `partner.py`.
        partner_of: (N,) the row of `partner` that belongs to each row; None where any one does.
    """

    items: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]
    spec: DataSpec
    preparation: Preparation
    ids: npt.NDArray[np.int64]
    folder: Path
    captions: npt.NDArray[np.uint16] | None = None
    partner: PreparedData | None = None
    partner_of: npt.NDArray[np.int64] | None = None


def read_preparation(data: ModalityData, values: dict[str, Any]) -> Preparation:
    """Return preparation settings; raises StudioError when one is out of its bounds."""
    try:
        return data.preparation.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise StudioError(
            "A preparation setting does not fit",
            f"{name}: {first['msg']}.",
            "Change it on the Data page.",
        ) from error


def included_items(project: Project, dataset_id: str) -> tuple[Dataset, list[Item]]:
    """Return a dataset and the items that are not left out; at least one.

    Raises:
        StudioError: There is no such dataset, or nothing in it.
    """
    table = project.library.datasets
    try:
        dataset = table.get(dataset_id)
    except KeyError as error:
        raise StudioError(
            "No such dataset",
            f"There is no dataset {dataset_id!r} in {project.name}.",
            "Look at the Data page for the ones that there are.",
        ) from error
    items = [item for item in table.items(table.ids(dataset_id)) if not item.excluded]
    if not items:
        raise StudioError(
            "The dataset is empty",
            f"{dataset.name} has no item to learn from.",
            "Import some files, or take excluded items in again.",
        )
    return dataset, items


def prepare(
    project: Project,
    dataset_id: str,
    preparation: dict[str, Any],
    work: Work,
    *,
    size: int = 0,
) -> PreparedData:
    """Return a dataset at training size, from the cache when it was compiled before.

    When it is compiled anew, old preparations that nothing needs go: see `pruning.py`.

    Args:
        project: Where the dataset lives.
        dataset_id: Of the dataset.
        preparation: Settings of the modality's Preparation.
        work: Hears how far it is; StopRequested at a gate leaves nothing behind.
        size: What the model wants where the preparation leaves the size open.

    Raises:
        StudioError: There is no such dataset, nothing in it, or a setting is wrong.
    """
    dataset, items = included_items(project, dataset_id)
    data = modality_data(dataset.modality)
    settled = data.settle(read_preparation(data, preparation), size, items)
    fingerprint = project.library.datasets.fingerprint(dataset_id)
    place = project.prepared / dataset_id
    folder = place / _key(fingerprint, data, settled)

    def folder_of(values: dict[str, Any]) -> Path | None:
        try:
            asked = read_preparation(data, values)
        except StudioError:
            return None
        return place / _key(fingerprint, data, data.settle(asked, 0, items))

    if not (folder / SPEC).exists():
        remove_abandoned(place)
        with replacing_folder(folder) as temporary:
            compile_into(temporary, project, dataset, data, settled, items, work)
        prune(project, dataset_id, folder_of)
    note_use(folder)
    return _open(folder, data, settled)


def _key(fingerprint: str, data: ModalityData, settled: Preparation) -> str:
    """Return a folder's name: a hash of contents and of the settings that shape the arrays."""
    facts = [_VERSION, data.modality, fingerprint, data.compiled(settled)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:20]


def _open(folder: Path, data: ModalityData, settled: Preparation) -> PreparedData:
    def array(name: str) -> npt.NDArray[Any]:
        mapped: npt.NDArray[Any] = np.load(folder / f"{name}.npy", "r", allow_pickle=False)
        return mapped

    spec = DataSpec.model_validate(read_json(folder / SPEC))
    labels = array("labels")
    shape = (len(labels), *data.item_shape(settled))
    return PreparedData(
        items=np.memmap(folder / ITEMS, data.dtype, "r", shape=shape),
        labels=labels,
        train=array("train"),
        validation=array("validation"),
        spec=spec,
        preparation=settled,
        ids=array("ids"),
        folder=folder,
        captions=array("captions") if spec.caption_length else None,
    )
