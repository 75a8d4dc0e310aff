"""Models that leave: packages with changed weights, and ONNX files that run without the studio."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.core.packages import ModelPackage
from studio.core.paths import starter_models
from studio.core.runs import Run

SETTINGS = ["steps=12", "checkpoint_every=4", "batch_size=8", "width=8", "code=4", "size=28"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Iterator[Path]:
    """Return a project with a VAE of three checkpoints."""
    folder = tmp_path_factory.mktemp("exports") / "p.studio"
    assert main(["import", str(folder), "Shapes", str(pictures)]) == 0
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    command = ["train", str(folder), "--dataset", "Shapes", "--family", "vae", *options]
    assert main(command) == 0
    yield folder


def export(project: Path, out: Path, *options: str) -> int:
    (run,) = Run.all(project / "runs")
    return main(["export", str(project), "--model", run.id, "--out", str(out), *options])


def test_onnx_files_run_by_the_program_beside_them(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "onnx"
    assert export(trained, out, "--onnx", "--int8") == 0
    about = json.loads((out / "model.json").read_text("utf-8"))
    (network,) = about["networks"].values()
    assert network["max_error"] <= 1e-3
    assert network["int8"]["bytes"] < network["bytes"]
    assert network["int8"]["mean_error"] < 0.1
    assert "largest difference to PyTorch" in (out / "README.md").read_text("utf-8")
    ended = subprocess.run(
        [sys.executable, str(out / "example.py")], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    with Image.open(out / "decoder-item.png") as made:
        assert made.size == (16 * 28, 28)
        assert np.asarray(made).std() > 0
    assert export(trained, out, "--onnx") == 0  # its own folder may be written again
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    assert export(trained, other, "--onnx") == 1
    assert (other / "thesis.txt").read_text() == "years of work"


def test_a_changed_model_says_what_the_change_costs(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, changed = tmp_path / "plain.studiomodel", tmp_path / "changed.studiomodel"
    assert export(trained, plain) == 0
    capsys.readouterr()
    options = ["--average", "8", "--average", "12", "--prune", "0.7", "--json"]
    assert export(trained, changed, *options) == 0
    finished = json.loads(capsys.readouterr().out.splitlines()[-1])
    before, after = (finished["result"]["report"][name] for name in ("before", "after"))
    assert after["bytes"] < 0.6 * before["bytes"]
    assert after["difference"] > 0
    assert before["sample_distance"] > 0 and after["sample_distance"] > 0
    assert changed.stat().st_size < plain.stat().st_size
    card = ModelPackage(changed).card()
    assert "mean of those at the steps 8, 12" in card
    assert "70% of the weights are zero" in card
    generate = ["generate", str(trained), "--model", str(changed), "--count", "2"]
    assert main([*generate, "--out", str(tmp_path / "made")]) == 0
    assert len(list((tmp_path / "made").iterdir())) == 2


def test_a_package_has_no_checkpoints_to_average(trained: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.studiomodel"
    assert export(trained, plain) == 0
    again = [
        "export",
        str(trained),
        "--model",
        str(plain),
        "--out",
        str(tmp_path / "b.studiomodel"),
    ]
    assert main([*again, "--average", "4"]) == 1
    assert main(again) == 0


def test_a_package_of_a_package_says_where_the_data_came_from(
    trained: Path, tmp_path: Path
) -> None:
    (known,) = (path for path in starter_models() if path.stem == "patterns-rules")
    again = tmp_path / "again.studiomodel"
    assert main(["export", str(trained), "--model", str(known), "--out", str(again)]) == 0
    manifest = ModelPackage(again).manifest
    assert "CC0" in manifest.licence
    assert manifest.source == ModelPackage(known).manifest.source != ""
    assert "CC0" in ModelPackage(again).card()
