"""A picture of how a model will see the items of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.errors import StudioError
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.data.store import included_items, read_preparation
from studio.data.stored import rows_from, stored_at


def preview_sheet(
    project: Project, dataset_id: str, preparation: dict[str, Any], count: int, seed: int
) -> Path:
    """Write a few prepared, augmented items as one sheet in the project's cache.

    Args:
        project: Where the dataset lives.
        dataset_id: Of the dataset.
        preparation: Settings of the modality's Preparation.
        count: Items to draw.
        seed: Chooses items and their augmentation.

    Returns:
        The path of the sheet, a picture or what else the modality's sheets are.

    Raises:
        StudioError: There is no such dataset, nothing in it, or a setting is wrong.
        Rejected: An item can no longer be read.
    """
    import torch

    if count < 1:
        raise StudioError("Nothing to show", f"{count} items were asked for.", "Ask for some.")
    dataset, items = included_items(project, dataset_id)
    data = modality_data(dataset.modality)
    settled = data.settle(read_preparation(data, preparation), 0, items)
    chosen = np.random.default_rng(seed).permutation(len(items))[:count]
    reader = BlobReader(project.dataset(dataset_id) / ITEMS_PACK)
    try:
        spans = [items[i].item for i in chosen]
        resources = data.learn((reader.get(span) for span in spans), settled)
        stored = (stored_at(reader, span, data) for span in spans)
        rows = np.concatenate([rows_from(data, each, settled, resources) for each in stored])
    finally:
        reader.close()
    if not len(rows):
        raise StudioError("There is nothing to show", *data.no_rows(items, settled))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tensor = data.to_tensor(torch.from_numpy(rows[:count]), settled, augment=True)
    spec = DataSpec(modality=dataset.modality, shape=data.seen_shape(settled), resources=resources)
    media = data.to_media(tensor, [{} for _ in tensor], spec)
    return data.write_sheet(media, project.folder / "cache" / f"preview-{dataset_id}")
