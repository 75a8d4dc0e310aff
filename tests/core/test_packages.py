"""A model package that is not what it should be is refused with a reason, and nothing is loaded."""

from __future__ import annotations

import io
import json
import pickle
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality
from studio.core.model_choices import of_package
from studio.core.packages import Manifest, ModelPackage
from studio.core.recipe import DatasetRef, DataSpec, RunRecipe

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    recipe = RunRecipe(
        name="Tiny", family="gan", modality=Modality.IMAGE, dataset=DatasetRef(id="d", name="D")
    )
    manifest = Manifest(
        title="Tiny",
        recipe=recipe,
        spec=DataSpec(modality=Modality.IMAGE, shape=(1, 28, 28)),
        step=1,
        created=time.time(),
    )
    path = tmp_path / "tiny.studiomodel"
    weights = save({"generator.weight": np.zeros((2, 2), np.float32)})
    ModelPackage.write(path, manifest, weights, b"png", "# Tiny")
    return path


def rewrite(path: Path, change: Change) -> None:
    """Write a package again with changed members."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_what_was_written_is_read(package: Path) -> None:
    found = ModelPackage(package)
    assert found.manifest.title == "Tiny"
    assert found.manifest.spec.shape == (1, 28, 28)
    assert found.card() == "# Tiny"
    assert found.preview() == b"png"


def test_a_model_offers_what_it_can_and_else_what_its_family_can(package: Path) -> None:
    assert of_package(package).tasks == catalogue().family("gan").info.tasks

    def only_fills(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["package.json"])
        manifest["recipe"]["family"] = "pretrained_lm"
        parts["package.json"] = json.dumps(manifest | {"tasks": ["fill"]}).encode()

    rewrite(package, only_fills)
    assert of_package(package).tasks == (Task.FILL,)


def with_pickle_beside(parts: dict[str, bytes]) -> None:
    parts["extra.pkl"] = pickle.dumps({"a": 1})


def with_pickle_as_weights(parts: dict[str, bytes]) -> None:
    parts["weights.safetensors"] = pickle.dumps({"generator": [1.0] * 1000})


def with_path_in_a_name(parts: dict[str, bytes]) -> None:
    parts["../../.bashrc"] = b"evil"


def without_weights(parts: dict[str, bytes]) -> None:
    del parts["weights.safetensors"]


def without_a_field(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["package.json"])
    del manifest["spec"]
    parts["package.json"] = json.dumps(manifest).encode()


def from_the_future(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["package.json"])
    parts["package.json"] = json.dumps(manifest | {"format": 99}).encode()


def with_broken_manifest(parts: dict[str, bytes]) -> None:
    parts["package.json"] = b"{"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_pickle_beside, "extra.pkl"),
        (with_pickle_as_weights, "weights"),
        (with_path_in_a_name, "bashrc"),
        (without_weights, "missing"),
        (without_a_field, "spec"),
        (from_the_future, "newer"),
        (with_broken_manifest, "read"),
    ],
)
def test_a_bad_package_is_refused_with_its_reason(
    package: Path, change: Change, reason: str
) -> None:
    rewrite(package, change)
    with pytest.raises(StudioError) as refused:
        ModelPackage(package)
    assert reason in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("content", [b"", b"not a zip at all", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_package_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.studiomodel"
    path.write_bytes(content)
    with pytest.raises(StudioError):
        ModelPackage(path)


def test_a_truncated_package_is_refused(package: Path) -> None:
    whole = package.read_bytes()
    for share in (0.2, 0.5, 0.9):
        package.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(StudioError):
            ModelPackage(package)


def test_a_member_twice_is_refused(package: Path) -> None:
    buffer = io.BytesIO(package.read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("README.md", "again")
    package.write_bytes(buffer.getvalue())
    with pytest.raises(StudioError, match="twice"):
        ModelPackage(package)
