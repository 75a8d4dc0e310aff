"""The job *export_onnx*: a model's networks as ONNX files, checked against PyTorch."""

from __future__ import annotations

import json
import time
import warnings
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quant_pre_process, quantize_dynamic
from torch import Tensor
from tqdm import tqdm

from studio.core.errors import StudioError
from studio.core.files import replacing_folder
from studio.core.paths import resource
from studio.core.project import Project
from studio.core.protocol import ExportOnnx, Severity
from studio.engine.card import changes_words, onnx_card
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model
from studio.engine.variants import compared, variant
from studio.families.exportable import Exportable

tqdm.monitor_interval = 0  # the exporter's bars are not shown; their thread would outlive them

#: Largest difference between PyTorch's numbers and those of an ONNX file that passes.
PARITY = 1e-3

_EXAMPLES = 16  # rows of example inputs that go along
_TRACED, _CHECKED = 2, 3  # rows: another number shows that any number will do
_SECONDS = 0.5  # that one timing takes
_SIDES = 16  # of a free picture, in multiples of what its sides must be


def export_onnx(command: ExportOnnx, job: JobContext) -> dict[str, Any]:
    """Write a folder with every network, example inputs, a program that runs them, and a card.

    Raises:
        StudioError: The model is no network, or another folder of other things is in the way.
    """
    job.started("export_onnx", Path(command.path).name)
    target = Path(command.path)
    if target.exists() and not (target / "model.json").exists():
        raise StudioError(
            "That folder holds something else",
            f"{target} is there and is no export of this kind.",
            "Choose a new folder.",
        )
    project = Project.open(Path(command.project)) if command.project else None
    try:
        model = variant(project, command.model, command.average, command.prune)
        report: dict[str, Any] = {}
        if command.average or command.prune:
            job.progress("Comparing it with what it was", 0)
            report = compared(project, load_model(project, command.model), model, job)
    finally:
        if project is not None:
            project.close()
    networks = model.family.exported()
    with replacing_folder(target) as folder:
        facts: dict[str, dict[str, Any]] = {}
        for index, (name, network) in enumerate(networks.items()):
            job.progress("Writing ONNX files", index, len(networks), "networks")
            facts[name] = _written(folder, name, network, command.int8)
            job.gate()
        _write_facts(folder, model, facts)
        card = onnx_card(model.title, model.family, model.spec, facts)
        (folder / "README.md").write_text(card + changes_words(command, report), "utf-8")
    for name, fact in facts.items():
        if fact["max_error"] > PARITY:
            job.notice(
                Severity.WARNING,
                "The ONNX file differs from the model",
                f"The {name} gives numbers that are up to {fact['max_error']:.2g} off.",
                "Compare its results with the studio's before you rely on it.",
            )
    return {"path": str(target), "networks": facts, "report": report}


def _written(folder: Path, name: str, network: Exportable, int8: bool) -> dict[str, Any]:
    """Write one network; returns what was measured of it."""
    path = folder / f"{name}.onnx"
    _export(network, path)
    inputs = network.draw(_CHECKED, 1)
    wanted, seconds = _by_torch(network, inputs)
    found, onnx_seconds = _by_onnx(path, network, inputs)
    fact: dict[str, Any] = {
        "file": path.name,
        "about": network.about,
        "inputs": {n: list(t.shape[1:]) for n, t in zip(network.inputs, inputs, strict=True)},
        "output": network.output,
        "sides": network.sides,
        "bytes": path.stat().st_size,
        "max_error": float(np.abs(found - wanted).max()),
        "torch_milliseconds": 1000 * seconds / _CHECKED,
        "milliseconds": 1000 * onnx_seconds / _CHECKED,
    }
    _write_examples(folder / f"{name}-examples.npz", network)
    if int8:
        small = folder / f"{name}-int8.onnx"
        _quantise(path, small)
        rough, int8_seconds = _by_onnx(small, network, inputs)
        fact["int8"] = {
            "file": small.name,
            "bytes": small.stat().st_size,
            "max_error": float(np.abs(rough - wanted).max()),
            "mean_error": float(np.abs(rough - wanted).mean()),
            "milliseconds": 1000 * int8_seconds / _CHECKED,
        }
    return fact


def _write_examples(path: Path, network: Exportable) -> None:
    """Write example inputs as numpy's archive of arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, tensor in zip(network.inputs, network.draw(_EXAMPLES, 0), strict=True):
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, tensor.cpu().numpy(), allow_pickle=False)


def _export(network: Exportable, path: Path) -> None:
    """Write a network with any number of rows, and any height and width where they are free."""
    rows = torch.export.Dim("rows")
    tall, wide = (torch.export.Dim(side, min=2, max=4096) for side in ("tall", "wide"))
    axes = []
    for tensor in network.draw(_TRACED, 0):
        free: dict[int, Any] = {0: rows}
        if network.sides and tensor.dim() == 4:
            free |= {2: network.sides * tall, 3: network.sides * wide}
        axes.append(free)
    # the exporter reports its progress to standard output and warns of its own internals
    with warnings.catch_warnings(), redirect_stdout(StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network.module.eval(),
            network.draw(_TRACED, 0),
            dynamo=True,
            verbose=False,
            input_names=list(network.inputs),
            output_names=[network.output],
            dynamic_shapes=tuple(axes),
        )
        if program is None:
            raise RuntimeError("the exporter gave nothing")
        program.save(str(path), external_data=False)


def _quantise(path: Path, small: Path) -> None:
    """Write a network with 8-bit weights and numbers that are rounded as they come (dynamic)."""
    with TemporaryDirectory(prefix="studio-") as folder:
        ready = Path(folder) / path.name
        quant_pre_process(path, ready)
        quantize_dynamic(ready, small, weight_type=QuantType.QInt8)


def _by_torch(
    network: Exportable, inputs: tuple[Tensor, ...]
) -> tuple[npt.NDArray[np.float32], float]:
    """Return what PyTorch makes of the inputs, and the seconds that it takes."""
    with torch.inference_mode():
        made = network.module(*inputs).float().cpu().numpy()
        seconds = _fastest(lambda: network.module(*inputs))
    return made, seconds


def _by_onnx(
    path: Path, network: Exportable, inputs: tuple[Tensor, ...]
) -> tuple[npt.NDArray[np.float32], float]:
    """Return what ONNX Runtime makes of the inputs, and the seconds that it takes."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    known = {each.name for each in session.get_inputs()}
    fed = {
        name: tensor.cpu().numpy()
        for name, tensor in zip(network.inputs, inputs, strict=True)
        if name in known
    }
    (made,) = session.run(None, fed)
    return np.asarray(made, np.float32), _fastest(lambda: session.run(None, fed))


def _fastest(run: Any) -> float:
    """Return the shortest of some runs' seconds."""
    best, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < _SECONDS:
        before = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - before)
    return best


def _write_facts(folder: Path, model: LoadedModel, facts: dict[str, Any]) -> None:
    """Write what a program must know of the networks, and the program that shows it."""
    about = {
        "title": model.title,
        "family": model.recipe.family,
        "shape": list(model.spec.shape),
        "labels": list(model.spec.labels) if model.family.labelled else [],
        "networks": facts,
    }
    (folder / "model.json").write_text(json.dumps(about, indent=2), "utf-8")
    (folder / "example.py").write_bytes(resource("export", "example.py").read_bytes())
