"""Recipes: every setting of a run, typed, described for people, and enough to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from studio.core.media import Modality

#: The order in which a form shows its groups.
GROUPS = (
    "Preparation",
    "Augmentation",
    "Size",
    "Learning",
    "Duration",
    "Stability",
    "Labels",
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
        **bounds: Bounds as pydantic takes them (`ge`, `le`, `gt`, `lt`, `multiple_of`).
    """
    if group not in GROUPS:
        raise ValueError(f"{group!r} is not one of the groups {GROUPS}")
    extra: JsonDict = {"group": group, "term": term, "unit": unit, "main": main}
    if choices:
        extra["choices"] = dict(choices)
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
        help="Automatic times both on this machine for two seconds and takes the faster one.",
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


class SampleSettings(BaseModel):
    """What a family's sampler can be told beside seed, label and variety; a family extends it.

    Fields are declared with `option`, such as the number of steps of a diffusion sampler.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class Task(StrEnum):
    """What a trained model can be asked for."""

    GENERATE = "generate"  # new items from nothing
    INTERPOLATE = "interpolate"  # a path between seeds
    RECONSTRUCT = "reconstruct"  # the user's own items through the model
    MORPH = "morph"  # a path between two of the user's own items
    DENOISE = "denoise"  # the user's own items, noise removed


class Paper(BaseModel):
    """A source that a family follows."""

    title: str
    authors: str
    year: int
    url: str


class Metric(BaseModel):
    """What a number in the metrics stands for.

    Attributes:
        better: Which way is better, when one is: a generator's loss has no better way.
        percent: Whether it is a share between 0 and 1, shown in per cent.
        about: What it tells of: the model itself, its samples beside real items, or the machine.
    """

    title: str
    help: str
    unit: str = ""
    better: Literal["lower", "higher", ""] = ""
    percent: bool = False
    about: Literal["model", "samples", "machine"] = "model"


#: Metrics of the machine that the trainer itself adds to every run.
GENERAL_METRICS = {
    "steps_per_second": Metric(
        title="Speed",
        help="Corrections of the model per second.",
        unit="steps/s",
        better="higher",
        about="machine",
    ),
    "data_wait": Metric(
        title="Waiting for data",
        help="Share of the time in which the device waited for files.",
        better="lower",
        percent=True,
        about="machine",
    ),
    "memory_share": Metric(
        title="Memory in use",
        help="Share of the device's memory that is taken.",
        better="lower",
        percent=True,
        about="machine",
    ),
}


class FamilyInfo(BaseModel):
    """What the window and the docs say of a family.

    Attributes:
        summary: One plain sentence.
        needs: What data it wants, one sentence.
        caution: The sentence that stays above its curves, such as how to read a GAN's loss.
        best: The metric that keep-best follows.
        figures: Metrics shown as large figures, beside step, speed and time left.
    """

    id: str
    title: str
    modality: Modality
    tasks: tuple[Task, ...]
    summary: str
    needs: str
    caution: str = ""
    typical_time: str = ""
    papers: tuple[Paper, ...] = ()
    explains: str = ""
    metrics: dict[str, Metric] = {}
    best: str = ""
    figures: tuple[str, ...] = ()

    def metric(self, name: str) -> Metric:
        """Return what a metric stands for; one that nobody described is shown by its name.

        A metric named `share_*` describes `share_cat` too; `{}` in its title becomes `cat`.
        """
        known = self.metrics | GENERAL_METRICS
        if name in known:
            return known[name]
        kind, _, what = name.partition("_")
        if several := known.get(f"{kind}_*"):
            return several.model_copy(update={"title": several.title.format(what)})
        return Metric(title=name, help="")


class Preset(BaseModel):
    """Named values for a family's recipe and, where it matters, for the preparation."""

    id: Literal["quick", "balanced", "best"]
    title: str
    summary: str
    options: dict[str, Any] = {}
    preparation: dict[str, Any] = {}


class DataSpec(BaseModel):
    """What a family must know of the data to build its networks; stored with every model.

    Attributes:
        shape: Shape of one item as the network sees it; for pictures (C, H, W).
        labels: Label names in the order of their numbers; empty when there are none.
        count: Items that the model is trained on.
        vocabulary: Size of the token alphabet, for token modalities.
        statistics: Measured facts that formulas need, such as the standard deviation.
        resources: Texts that items and samples are read with, such as a tokenizer, by name.
    """

    model_config = ConfigDict(frozen=True)

    modality: Modality
    shape: tuple[int, ...]
    labels: tuple[str, ...] = ()
    count: int = 0
    vocabulary: int = 0
    statistics: dict[str, float] = {}
    resources: dict[str, str] = {}


class DatasetRef(BaseModel):
    """The dataset of a run, with the fingerprint it had."""

    id: str
    name: str
    fingerprint: str = ""


class Fork(BaseModel):
    """Where a run took its first weights from."""

    run: str
    step: int


class RunRecipe(BaseModel):
    """Everything that makes a run: written to `recipe.json` before step 0."""

    FORMAT: ClassVar[int] = 1

    format: int = 1
    name: str
    family: str
    preset: str = ""
    modality: Modality
    dataset: DatasetRef
    preparation: dict[str, Any] = {}
    options: dict[str, Any] = {}
    seed: int = 0
    fork: Fork | None = None
