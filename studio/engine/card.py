"""The model card: what a shared model is, what it learned from, how good it is."""

from __future__ import annotations

import time
from typing import Any

from studio.core.packages import Manifest
from studio.families.base import Family


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
        f"| makes | {spec.modality}, {' × '.join(map(str, spec.shape))} |",
        f"| labels | {', '.join(spec.labels) or 'none'} |",
        f"| follows words | {'yes' if manifest.prompted else 'no'} |",
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


def _sources(manifest: Manifest) -> str:
    recipe, spec = manifest.recipe, manifest.spec
    words = f"{recipe.dataset.name}, {spec.count:,} items"
    if recipe.partner is not None:
        words += f"; {recipe.partner.name}, {spec.partner_count:,} items"
    return words
