"""The model card: what a shared model is, what it learned from, how good it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from studio.core.media import Modality
from studio.core.packages import Manifest
from studio.core.protocol import ExportModel, ExportOnnx
from studio.core.recipe import DataSpec
from studio.families.base import Family

_USE = (
    "`example.py` runs the networks with ONNX Runtime alone; `model.json` says what goes in and"
    " what comes out."
)
#: What the numbers that go in and come out mean.
_NUMBERS = {
    Modality.IMAGE: "Pictures are numbers in −1 … 1, (rows, channels, height, width).",
    Modality.MUSIC: "Pieces are rolls in −1 … 1, (rows, tracks, steps, pitches).",
}


def model_card(manifest: Manifest, family: Family[Any]) -> str:
    """Return the card of a package as Markdown; every number in it comes from the run."""
    recipe, spec, info = manifest.recipe, manifest.spec, family.info
    parameters = sum(
        p.numel() for name in family.averaged for p in family.networks()[name].parameters()
    )
    lines = [
        f"# {manifest.title}",
        "",
        f"{info.title}: {info.summary}",
        "",
        "| | |",
        "| --- | --- |",
        f"| family | {info.title} (`{info.id}`), preset {recipe.preset or 'own'} |",
        f"| makes | {_made(spec)} |",
        *_asked(manifest),
        f"| learned from | {_sources(manifest)} |",
        f"| source of the data | {manifest.source or 'not given'} |",
        f"| licence of the data | {manifest.licence or 'not given'} |",
        f"| steps | {manifest.step:,} |",
        f"| parameters | {parameters:,} |",
        f"| made | {time.strftime('%Y-%m-%d', time.localtime(manifest.created))} |",
        "",
    ]
    # the machine that trained is nobody's business
    measured = {n: v for n, v in manifest.metrics.items() if info.metric(n).about != "machine"}
    if measured:
        lines += ["## Measured at this step", "", "| metric | value |", "| --- | --- |"]
        for name, value in measured.items():
            known = info.metric(name)
            lines.append(f"| {known.title} (`{name}`) | {value:.4g} {known.unit} |")
        lines.append("")
    lines += ["## Settings", "", "| option | value |", "| --- | --- |"]
    lines += [f"| `{key}` | {value} |" for key, value in sorted(recipe.options.items())]
    if info.papers:
        lines += ["", "## Papers", ""]
        lines += [f"* {p.authors} ({p.year}): {p.title}. <{p.url}>" for p in info.papers]
    return "\n".join(lines) + "\n"


def _made(spec: DataSpec) -> str:
    """Return what comes out of a model, in words."""
    if not spec.vocabulary:
        return f"{spec.modality}, {' × '.join(map(str, spec.shape))}"
    words = f"{spec.modality}, of {spec.vocabulary:,} kinds of tokens"
    # a row holds what is read and, one further, what is foreseen
    seen = spec.shape[-1] - 1 if len(spec.shape) == 1 else spec.shape[-1]
    return f"{words}, seen {seen:,} at once"


def _asked(manifest: Manifest) -> list[str]:
    """Return the rows of a card on how a model of pictures is told what to show."""
    spec = manifest.spec
    if spec.modality is not Modality.IMAGE and not spec.labels:
        return []
    return [
        f"| labels | {', '.join(spec.labels) or 'none'} |",
        f"| follows words | {'yes' if manifest.prompted else 'no'} |",
    ]


def _sources(manifest: Manifest) -> str:
    recipe, spec = manifest.recipe, manifest.spec
    # of one text or piece come many rows
    items = "passages" if spec.vocabulary else "items"
    words = f"{recipe.dataset.name}, {spec.count:,} {items}"
    if recipe.partner is not None:
        words += f"; {recipe.partner.name}, {spec.partner_count:,} items"
    return words


def changes_words(
    command: ExportModel | ExportOnnx, report: Mapping[str, Mapping[str, float]]
) -> str:
    """Return the part of a card that says what was changed after training; empty for nothing."""
    changes = []
    if command.average:
        steps = ", ".join(f"{step:,}" for step in command.average)
        changes.append(f"* The weights are the mean of those at the steps {steps}.")
    if command.prune:
        changes.append(f"* The smallest {command.prune:.0%} of the weights are zero.")
    if not changes:
        return ""
    lines = ["", "## Changed after training", "", *changes, ""]
    if report:
        lines += ["| | before | after |", "| --- | --- | --- |"]
        names = dict.fromkeys(name for part in report.values() for name in part)
        for name in names:
            cells = [report[part].get(name) for part in ("before", "after")]
            shown = ["–" if cell is None else f"{cell:,.4g}" for cell in cells]
            lines.append(f"| {name} | {shown[0]} | {shown[1]} |")
    return "\n".join(lines) + "\n"


def onnx_card(
    title: str, family: Family[Any], spec: DataSpec, networks: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return the card of a folder of ONNX files as Markdown."""
    info = family.info
    lines = [
        f"# {title}",
        "",
        f"{info.title}: {info.summary}",
        "",
        " ".join(filter(None, (_USE, _NUMBERS.get(spec.modality)))),
        "",
    ]
    if spec.labels and family.labelled:
        lines += ["Labels by number: " + ", ".join(spec.labels) + ".", ""]
    lines += [
        "| file | what it does | size | largest difference to PyTorch | time an item |",
        "| --- | --- | --- | --- | --- |",
    ]
    for network in networks.values():
        lines.append(_file_row(network, network["about"]))
        if small := network.get("int8"):
            lines.append(_file_row(small, "The same with 8-bit weights."))
    if info.papers:
        lines += ["", "## Papers", ""]
        lines += [f"* {p.authors} ({p.year}): {p.title}. <{p.url}>" for p in info.papers]
    return "\n".join(lines) + "\n"


def _file_row(file: Mapping[str, Any], about: str) -> str:
    return (
        f"| `{file['file']}` | {about} | {file['bytes'] / 1e6:.2f} MB"
        f" | {file['max_error']:.2g} | {file['milliseconds']:.3g} ms |"
    )
