"""Prepared data: shapes, cache, split, augmentation, and what a cancel leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made import Stopping, encoded, items, noise
from PIL import Image

from studio.core.errors import StopRequested, StudioError
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.recipe import DataSpec
from studio.core.work import Work
from studio.data.image.modality import ImagePreparation
from studio.data.importer import import_paths
from studio.data.modality import modality_data
from studio.data.preview import preview_sheet
from studio.data.store import prepare

DATA = modality_data("image")


@pytest.fixture
def dataset(opened: Project, tmp_path: Path) -> str:
    """Return a dataset of 60 pictures of 40 × 24 pixels in two label folders."""
    for label in ("2", "10"):
        (tmp_path / "in" / label).mkdir(parents=True)
        for index in range(30):
            path = tmp_path / "in" / label / f"{index}.png"
            path.write_bytes(encoded(noise(100 * int(label) + index, 40, 24)))
    return import_paths(opened, "Data", [tmp_path / "in"], Work()).dataset_id


def test_arrays_and_spec(opened: Project, dataset: str) -> None:
    data = prepare(opened, dataset, {"size": 16}, Work())
    assert (data.items.shape, data.items.dtype) == ((60, 3, 16, 16), np.uint8)
    assert data.spec.shape == (3, 16, 16)
    assert data.spec.labels == ("2", "10")  # by number, not by letter
    assert data.spec.count == len(data.train) == 54
    assert sorted([*data.train, *data.validation]) == list(range(60))
    by_id = {item.id: item.label for item in items(opened, dataset)}
    for index in range(60):
        assert data.spec.labels[data.labels[index]] == by_id[int(data.ids[index])]
    assert not data.items.flags.writeable


def test_colour_and_size_are_decided_from_the_data(opened: Project, tmp_path: Path) -> None:
    folder = tmp_path / "grey"
    folder.mkdir()
    for index in range(12):
        raw = encoded(noise(index, 28, 28, grey=True).convert("RGB"))
        (folder / f"{index}.png").write_bytes(raw)
    dataset = import_paths(opened, "Grey", [folder], Work()).dataset_id
    assert prepare(opened, dataset, {}, Work()).spec.shape == (1, 28, 28)
    assert prepare(opened, dataset, {}, Work(), size=32).spec.shape == (1, 32, 32)
    assert prepare(opened, dataset, {"colour": "colour"}, Work()).spec.shape == (3, 28, 28)


def test_the_work_is_done_once(opened: Project, dataset: str) -> None:
    first = prepare(opened, dataset, {"size": 16}, Work())
    stamp = (first.folder / "items.bin").stat().st_mtime_ns
    # augmentation does not shape the arrays
    again = prepare(opened, dataset, {"size": 16, "mirror": True}, Stopping(after=0))
    assert again.folder == first.folder
    assert (again.folder / "items.bin").stat().st_mtime_ns == stamp
    assert again.preparation.model_dump()["mirror"] is True
    assert prepare(opened, dataset, {"size": 16, "fit": "pad"}, Work()).folder != first.folder
    opened.library.datasets.set_excluded({items(opened, dataset)[0].id: True})
    changed = prepare(opened, dataset, {"size": 16}, Work())
    assert changed.folder != first.folder
    assert len(changed.items) == 59


def test_cancel_leaves_nothing(opened: Project, dataset: str) -> None:
    with pytest.raises(StopRequested):
        prepare(opened, dataset, {"size": 16}, Stopping(after=0))
    assert list((opened.prepared / dataset).iterdir()) == []


def test_the_split_follows_content_and_keeps_lookalikes_together(
    opened: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index in range(40):
        picture = noise(index, 64, 64)
        (folder / f"a{index}.png").write_bytes(encoded(picture))
        (folder / f"b{index}.jpg").write_bytes(encoded(picture, "JPEG", quality=90))
    first = import_paths(opened, "One", [folder], Work())
    assert first.lookalikes == 40

    def held_out(dataset: str) -> set[str]:
        """Return the names of the held-out pictures, as far as they are the same in both."""
        data = prepare(opened, dataset, {"size": 16, "validation_percent": 25}, Work())
        names = {item.id: item.name for item in items(opened, dataset)}
        return {names[int(data.ids[index])].split("_")[-1] for index in data.validation}

    before = held_out(first.dataset_id)
    assert len(before) == 20
    pictures, copies = ({name[1:-4] for name in before if name[0] == kind} for kind in "ab")
    assert pictures == copies
    # the same content in another order is split alike
    for path in list(folder.iterdir()):
        path.rename(folder / f"{int(path.stem[1:]) * 37 % 101}_{path.name}")
    second = import_paths(opened, "Two", [folder], Work())
    assert held_out(second.dataset_id) == before


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_fit(fit: str) -> None:
    image = Image.new("L", (40, 20), 200)
    image.paste(30, (0, 0, 40, 10))  # dark above, bright below
    preparation = ImagePreparation(size=20, fit=fit, colour="grey")
    pixels = DATA.prepare_item(encoded(image), preparation, {})[0, 0]
    assert pixels.shape == (20, 20)
    assert abs(int(pixels[0, 0]) - 30) < 5
    if fit == "pad":
        assert (pixels[:9] < 60).all()  # the border continues the edge
    assert abs(int(pixels[19, 10]) - 200) < 5


def test_a_large_picture_is_averaged_not_sampled() -> None:
    stripes = np.zeros((256, 256), np.uint8)
    stripes[:, ::2] = 255
    preparation = ImagePreparation(size=16, colour="grey")
    pixels = DATA.prepare_item(encoded(Image.fromarray(stripes)), preparation, {})
    assert abs(pixels.astype(int) - 128).max() < 20


def test_values_lie_between_minus_one_and_one() -> None:
    raw = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 8, 8)
    tensor = DATA.to_tensor(raw, ImagePreparation(size=8), augment=True)
    assert tensor.dtype == torch.float32
    assert (tensor.min().item(), tensor.max().item()) == (-1.0, 1.0)
    spec = DataSpec(modality=Modality.IMAGE, shape=(3, 8, 8))
    media = DATA.to_media(tensor, [{"seed": 1}, {"seed": 2}], spec)
    assert [int(each.pixels[0, 0, 0]) for each in media] == [0, 255]
    assert media[1].facts == {"seed": 2}


@pytest.mark.parametrize(
    "change",
    [
        {"mirror": True},
        {"upside_down": True},
        {"rotate": 30},
        {"zoom": 30},
        {"brightness": 50},
        {"contrast": 50},
        {"saturation": 80},
    ],
)
def test_augmentation_varies_by_seed_alone(change: dict[str, int]) -> None:
    raw = torch.randint(0, 256, (32, 3, 12, 12), dtype=torch.uint8)
    preparation = ImagePreparation(size=12, **change)

    def drawn(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return DATA.to_tensor(raw, preparation, augment=True)

    plain = DATA.to_tensor(raw, preparation, augment=False)
    assert drawn(1).shape == plain.shape
    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))
    assert drawn(1).abs().max() <= 1
    changed = (drawn(1) != plain).flatten(1).any(1)
    assert changed.any()
    if "mirror" in change:
        torch.testing.assert_close(drawn(1)[changed], plain[changed].flip(3))
        assert not changed.all()


def test_a_users_file_takes_the_shape_of_the_model(tmp_path: Path) -> None:
    path = tmp_path / "own.jpg"
    path.write_bytes(encoded(noise(1, 100, 60), "JPEG"))
    spec = DataSpec(modality="image", shape=(1, 24, 24))
    assert DATA.from_file(path, spec, ImagePreparation()).shape == (1, 24, 24)


def test_preview_is_a_sheet_that_follows_seed_and_settings(opened: Project, dataset: str) -> None:
    def pixels(preparation: dict[str, int], seed: int) -> bytes:
        path = preview_sheet(opened, dataset, {"size": 16} | preparation, 9, seed)
        with Image.open(path) as image:
            assert image.size == (52, 52)  # three cells and two gaps
            return image.tobytes()

    assert pixels({}, 1) == pixels({}, 1) != pixels({}, 2)
    assert pixels({"rotate": 90}, 1) != pixels({}, 1)


def test_errors_say_what_to_do(opened: Project, dataset: str) -> None:
    with pytest.raises(StudioError, match="no dataset"):
        prepare(opened, "nothing", {}, Work())
    with pytest.raises(StudioError, match="size"):
        prepare(opened, dataset, {"size": 5000}, Work())
    ids = opened.library.datasets.ids(dataset)
    opened.library.datasets.set_excluded(dict.fromkeys(ids, True))
    with pytest.raises(StudioError, match="no item"):
        prepare(opened, dataset, {}, Work())
