"""Two datasets at once: pairs by name, halves of one picture, two kinds, and styles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from made import encoded, noise
from PIL import Image

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.recipe import DatasetRef, RunRecipe
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.partner import prepare_for
from studio.data.store import PreparedData
from studio.engine.feed import Feed

Import = Callable[[str, dict[str, Image.Image]], DatasetRef]


@pytest.fixture
def imported(opened: Project, tmp_path: Path) -> Import:
    """Return a function that makes pictures by file name into a dataset."""

    def make(name: str, pictures: dict[str, Image.Image]) -> DatasetRef:
        folder = tmp_path / name
        for file, picture in pictures.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(encoded(picture))
        found = import_paths(opened, name, [folder], Work())
        return DatasetRef(id=found.dataset_id, name=name)

    return make


def recipe(first: DatasetRef, second: DatasetRef | None, **preparation: object) -> RunRecipe:
    return RunRecipe(
        name="Two",
        family="pix2pix",
        modality=Modality.IMAGE,
        dataset=first,
        partner=second,
        preparation={"size": 16, **preparation},
    )


def inverted(picture: Image.Image) -> Image.Image:
    return Image.fromarray(255 - np.asarray(picture))


def sketches(count: int = 20) -> dict[str, Image.Image]:
    return {f"photo {index}.png": noise(index) for index in range(count)}


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name,
        lambda name: f"deep/{name}",
        lambda name: name.replace("photo ", "sketch_00"),
    ],
)
def test_pairs_are_found_by_path_name_or_number(
    opened: Project, imported: Import, rename: Callable[[str], str]
) -> None:
    first = imported("First", sketches())
    others = {rename(name): inverted(picture) for name, picture in list(sketches().items())[5:]}
    data = prepare_for(opened, recipe(first, imported("Second", others)), "paired", Work())
    assert data.partner is not None
    assert data.partner_of is not None
    used = np.concatenate([data.train, data.validation])
    assert len(used) == 15
    assert data.spec.count == len(data.train)
    assert data.spec.partner_shape == (3, 16, 16)
    for place in used:
        wanted = 255 - data.items[place].astype(int)
        assert np.abs(data.partner.items[data.partner_of[place]].astype(int) - wanted).max() <= 2


def test_the_same_dataset_twice_means_pictures_side_by_side(
    opened: Project, imported: Import
) -> None:
    pictures = {}
    for index in range(6):
        both = Image.new("RGB", (48, 24))
        both.paste(noise(index), (0, 0))
        both.paste(inverted(noise(index)), (24, 0))
        pictures[f"{index}.png"] = both
    only = imported("Both", pictures)
    data = prepare_for(opened, recipe(only, only), "paired", Work())
    assert data.partner is not None
    assert data.items.shape == data.partner.items.shape == (6, 3, 16, 16)
    total = data.items.astype(int) + data.partner.items
    assert np.abs(total - 255).max() <= 2


def test_a_batch_of_pairs_is_mirrored_alike(opened: Project, imported: Import) -> None:
    first = imported("First", sketches())
    second = imported("Second", {n: inverted(p) for n, p in sketches().items()})
    data = prepare_for(
        opened, recipe(first, second, mirror=True, rotate=40, brightness=0), "paired", Work()
    )
    feed = Feed(data, 8, 0, torch.device("cpu"))
    for batch in (feed.batch(3), next(feed.held_out(2, 2))):
        assert batch.partner is not None
        assert (batch.items + batch.partner).abs().max() < 0.02
    feed.close()


def test_two_kinds_come_in_orders_of_their_own(opened: Project, imported: Import) -> None:
    first = imported("First", sketches(30))
    second = imported("Second", {f"{i}.png": noise(100 + i, grey=True) for i in range(12)})
    data = prepare_for(opened, recipe(first, second), "unpaired", Work())
    assert data.partner is not None
    assert data.spec.partner_shape == (1, 16, 16)  # each in its own colours
    feed = Feed(data, 10, 0, torch.device("cpu"))
    seen: set[int] = set()
    for step in range(3):
        batch = feed.batch(step)
        assert batch.partner is not None
        assert batch.partner_index is not None
        assert batch.partner.shape == (10, 1, 16, 16)
        seen |= set(batch.partner_index.tolist())
    assert seen == set(data.partner.train.tolist())
    held_out = next(feed.held_out(3, 3))
    assert held_out.partner_index is not None
    assert set(held_out.partner_index.tolist()) <= set(data.partner.validation.tolist())
    feed.close()


def test_no_style_is_held_out(opened: Project, imported: Import) -> None:
    first, styles = imported("First", sketches()), imported("Styles", sketches(4))
    data = prepare_for(opened, recipe(first, styles), "styles", Work())
    assert data.partner is not None
    assert len(data.partner.train) == data.spec.partner_count == 4


def test_what_is_missing_is_said(opened: Project, imported: Import) -> None:
    first = imported("First", {f"cat {'abcdef'[i]}.png": noise(i) for i in range(6)})
    second = imported("Second", {f"dog {'uvwxyz'[i]}.png": noise(i) for i in range(6)})

    def fails(second: DatasetRef | None, how: str) -> str:
        with pytest.raises(StudioError) as error:
            prepare_for(opened, recipe(first, second), how, Work())
        return error.value.title

    assert fails(None, "unpaired") == "A second dataset is needed"
    assert fails(first, "unpaired") == "The two datasets are the same"
    assert fails(second, "paired") == "The two datasets hold no pairs"


def test_one_dataset_needs_no_second(opened: Project, imported: Import) -> None:
    data: PreparedData = prepare_for(
        opened, recipe(imported("First", sketches()), None), "", Work()
    )
    assert data.partner is None
    assert data.spec.partner_shape == ()
