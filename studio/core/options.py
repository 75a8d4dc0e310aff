"""Settings of families, preparations and samplers: typed, bounded and described for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

#: The order in which a form shows its groups.
GROUPS = (
    "Preparation",
    "Augmentation",
    "Size",
    "Learning",
    "Duration",
    "Stability",
    "Labels",
    "Sampling",
    "Saving",
    "Machine",
)


def option(
    default: Any,
    *,
    title: str,
    help: str,  # noqa: A002 - the field's word in the schema
    group: str,
    term: str = "",
    unit: str = "",
    main: bool = False,
    choices: Mapping[str, str] | None = None,
    tasks: Sequence[str] = (),
    **bounds: Any,
) -> Any:
    """Declare one setting of a recipe; the form, the command line and the docs follow from it.

    Args:
        default: Value of the *Quick* preset.
        title: Short name that a person without training understands.
        help: One sentence: what happens when it grows or is switched on.
        group: One of `GROUPS`.
        term: The field's standard term, shown in the tooltip.
        unit: Unit shown behind the number.
        main: Whether it belongs to the few settings shown before *More settings*.
        choices: Words for people, by value, where there are values to choose from.
        tasks: For a sampler's settings: the tasks in which it counts; empty means in all.
        **bounds: Bounds as pydantic takes them (`ge`, `le`, `gt`, `lt`, `multiple_of`).
    """
    if group not in GROUPS:
        raise ValueError(f"{group!r} is not one of the groups {GROUPS}")
    extra: JsonDict = {"group": group, "term": term, "unit": unit, "main": main}
    if choices:
        extra["choices"] = dict(choices)
    if tasks:
        extra["tasks"] = list(tasks)
    return Field(default, title=title, description=help, json_schema_extra=extra, **bounds)


class Preparation(BaseModel):
    """How a dataset's items are brought to training size; each modality extends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation_percent: int = option(
        10,
        title="Kept for checking",
        help="Share of the items that the model never sees; it is checked against them.",
        group="Preparation",
        term="validation split",
        unit="%",
        ge=0,
        le=50,
    )


class FamilyRecipe(BaseModel):
    """Settings that every family has; a family's recipe extends this class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = option(
        2000,
        title="Steps",
        help="How many times the model is corrected. More steps, better results, more time.",
        group="Duration",
        term="optimiser steps",
        main=True,
        ge=1,
        le=10_000_000,
    )
    minutes: float = option(
        0.0,
        title="Stop after",
        help="Ends the run after this much training time even when steps are left; 0 means never.",
        group="Duration",
        term="time budget",
        unit="min",
        choices={"0": "Never"},
        ge=0,
        le=100_000,
    )
    batch_size: int = option(
        64,
        title="Batch",
        help="Items that the model looks at in one step. Larger is steadier and needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    ema: float = option(
        0.1,
        title="Averaging",
        help="Samples come from an average over this share of the steps so far, which is calmer.",
        group="Stability",
        term="exponential moving average (EMA) of the weights, ramped",
        ge=0,
        le=0.5,
    )
    sample_every: int = option(
        0,
        title="Sample every",
        help="Steps between two sample sheets; 0 draws early ones often and later ones rarely.",
        group="Saving",
        unit="steps",
        ge=0,
        le=10_000_000,
    )
    checkpoint_every: int = option(
        0,
        title="Save every",
        help="Steps between two checkpoints; 0 saves ten times a run, at least every 5 minutes.",
        group="Saving",
        term="checkpoint interval",
        unit="steps",
        ge=0,
        le=10_000_000,
    )
    keep_checkpoints: int = option(
        5,
        title="Keep",
        help="Newest checkpoints that stay; the best one and starred ones always stay.",
        group="Saving",
        term="retention",
        unit="checkpoints",
        ge=1,
        le=1000,
    )
    precision: Literal["auto", "fp32", "bf16"] = option(
        "auto",
        title="Precision",
        help="Automatic times both on this machine for two seconds and takes the faster one; runs"
        " of fewer than 150 steps begin at once, in fp32.",
        group="Machine",
        term="floating-point format of the forward pass (mixed precision)",
        choices={"auto": "Automatic", "fp32": "fp32 (exact)", "bf16": "bf16 (fast)"},
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = option(
        "auto",
        title="Device",
        help="Automatic takes a graphics card when there is one, else the processor.",
        group="Machine",
        choices={
            "auto": "Automatic",
            "cpu": "Processor",
            "cuda": "NVIDIA card",
            "mps": "Apple GPU",
        },
    )

    def prepares(self) -> dict[str, Any]:
        """Return settings of the preparation that follow from these and come before others."""
        return {}


class SampleSettings(BaseModel):
    """What a family's sampler can be told beside seed, label and variety; a family extends it.

    Fields are declared with `option`, such as the number of steps of a diffusion sampler.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
