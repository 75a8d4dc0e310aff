"""The data doctor sees what will hurt, and its repairs can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made import encoded, items, noise
from PIL import Image

from studio.core.project import Project
from studio.core.work import Work
from studio.data import doctor
from studio.data.findings import Finding
from studio.data.importer import import_paths

Make = Callable[[dict[str, bytes]], str]


@pytest.fixture
def make(opened: Project, tmp_path: Path) -> Make:
    """Return a function that makes a dataset from files by name."""

    def made(files: dict[str, bytes]) -> str:
        folder = tmp_path / f"in{len(opened.library.datasets.all())}"
        for name, raw in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        return import_paths(opened, folder.name, [folder], Work()).dataset_id

    return made


def findings(project: Project, dataset: str) -> dict[str, Finding]:
    """Return what the doctor says by rule."""
    return {each.rule: each for each in doctor.examine(project.library, dataset)}


def pictures(count: int, folder: str = "", start: int = 0, **options: int) -> dict[str, bytes]:
    """Return pictures by name."""
    return {
        f"{folder}{index}.png": encoded(noise(start + index, **options)) for index in range(count)
    }


def test_each_finding_says_what_why_and_how_much(opened: Project, make: Make) -> None:
    dataset = make(pictures(5) | {"bad.png": b"", "wide.png": encoded(noise(99, 90, 30))})
    found = doctor.examine(opened.library, dataset)
    assert found[0].rule == "too-few"  # the worst comes first
    for each in found:
        assert each.title
        assert each.why.endswith(".")
        assert each.evidence.endswith(".")
    assert "bad.png" in findings(opened, dataset)["rejected"].evidence


def test_a_sound_dataset_is_left_in_peace(opened: Project, make: Make) -> None:
    dataset = make(pictures(500, "a/") | pictures(500, "b/", 1000))
    assert doctor.examine(opened.library, dataset) == []


@pytest.mark.parametrize(
    ("rule", "files", "left"),
    [
        ("labels-missing", pictures(8, "a/") | pictures(8, "b/", 50) | pictures(3, "", 90), 16),
        (
            "duplicates",
            pictures(8, width=64, height=64)
            | {f"c{n}.jpg": encoded(noise(n, 64, 64), "JPEG", quality=95) for n in range(4)},
            8,
        ),
        ("too-small", pictures(16, width=64, height=64) | pictures(4, "s/", 90, width=10), 16),
        ("mixed-colours", pictures(16) | pictures(4, "g/", 90, grey=True), 16),
        ("captions-missing", pictures(4) | {"0.txt": b"a", "1.txt": b"b"}, 2),
    ],
)
def test_items_are_left_out_and_taken_in_again(
    opened: Project, make: Make, rule: str, files: dict[str, bytes], left: int
) -> None:
    dataset = make(files)
    before = findings(opened, dataset)
    repair = before[rule].repair
    assert repair is not None
    undo = doctor.apply(opened.library, dataset, repair)
    assert sum(not item.excluded for item in items(opened, dataset)) == left
    assert rule not in findings(opened, dataset)
    doctor.apply(opened.library, dataset, undo)
    assert findings(opened, dataset) == before


@pytest.mark.parametrize(
    ("rule", "settings", "files"),
    [
        ("mixed-shapes", {}, pictures(9, width=60) | pictures(9, "t/", 50, height=60)),
        ("stretched", {"fit": "stretch"}, pictures(9, width=60)),
        ("colour-lost", {"colour": "grey"}, pictures(9)),
        ("colour-wasted", {"colour": "colour"}, pictures(9, grey=True)),
        ("mixed-colours", {}, pictures(9) | pictures(9, "g/", 50, grey=True)),
        ("too-small", {"size": 128}, pictures(9)),
    ],
)
def test_settings_are_changed_and_changed_back(
    opened: Project, make: Make, rule: str, settings: dict[str, object], files: dict[str, bytes]
) -> None:
    dataset = make(files)
    opened.library.datasets.set_preparation(dataset, settings)
    before = findings(opened, dataset)
    repair = before[rule].repair
    assert repair is not None
    undo = doctor.apply(opened.library, dataset, repair)
    assert rule not in findings(opened, dataset)
    doctor.apply(opened.library, dataset, undo)
    assert findings(opened, dataset) == before


def test_imbalance_is_evened_out_only_when_enough_is_left(opened: Project, make: Make) -> None:
    dataset = make(pictures(40, "a/") | pictures(6, "b/", 500))
    found = findings(opened, dataset)["imbalance"]
    assert "40" in found.evidence
    assert found.repair is None
    flat = {f"a/{n}.png": encoded(Image.new("L", (16, 16), n % 256)) for n in range(3)}
    assert "imbalance" not in findings(opened, make(flat | pictures(2, "b/")))
