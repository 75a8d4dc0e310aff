"""The recipe of a run: enough to repeat it, and what its networks must know of the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from studio.core.media import Modality

#: Resource of data whose pairs are turns of dialogues.
TURNS = "turns"


class DataSpec(BaseModel):
    """What a family must know of the data to build its networks; stored with every model.

    Attributes:
        shape: Shape of one item as the network sees it; for pictures (C, H, W).
        labels: Label names in the order of their numbers; empty when there are none.
        count: Items that the model is trained on.
        vocabulary: Size of the token alphabet, for token modalities.
        statistics: Measured facts that formulas need, such as the standard deviation.
        resources: Texts that items and samples are read with, such as a tokenizer, by name;
            `captions` is the tokenizer of captions, `TURNS` tells that pairs are of dialogues.
        caption_length: Tokens in the row of a caption; 0 when the items have no captions.
        caption_vocabulary: How many tokens captions are written with, padding (0) included.
        partner_shape: Shape of an item of the second dataset; empty when there is none.
        partner_count: Items of the second dataset.
        partner_names: Their names, where each is learned by itself, as styles are.
    """

    model_config = ConfigDict(frozen=True)

    modality: Modality
    shape: tuple[int, ...]
    labels: tuple[str, ...] = ()
    count: int = 0
    vocabulary: int = 0
    statistics: dict[str, float] = {}
    resources: dict[str, str] = {}
    caption_length: int = 0
    caption_vocabulary: int = 0
    partner_shape: tuple[int, ...] = ()
    partner_count: int = 0
    partner_names: tuple[str, ...] = ()


class DatasetRef(BaseModel):
    """The dataset of a run, with the fingerprint it had."""

    id: str
    name: str
    fingerprint: str = ""


class Fork(BaseModel):
    """Where a run took its first weights from.

    Attributes:
        run: Id of a run in the project; empty for a package.
        step: Step of its checkpoint, or of the package.
        package: Path of a model package; empty for a run.
        anew: Whether the run counts its steps from 0 and so has a training of its own, as on
            another dataset; else it goes on from `step`.
    """

    run: str = ""
    step: int
    package: str = ""
    anew: bool = False

    @property
    def source(self) -> str:
        """The run's id, or the package's file name."""
        return self.run or PurePath(self.package).name


class RunRecipe(BaseModel):
    """Everything that makes a run: written to `recipe.json` before step 0.

    Attributes:
        partner: The second dataset, for families that learn from two; the same one again stands
            for pictures that hold a pair side by side.
    """

    FORMAT: ClassVar[int] = 1

    format: int = 1
    name: str
    family: str
    preset: str = ""
    modality: Modality
    dataset: DatasetRef
    partner: DatasetRef | None = None
    preparation: dict[str, Any] = {}
    options: dict[str, Any] = {}
    seed: int = 0
    fork: Fork | None = None


def differing_settings(recipes: Sequence[RunRecipe]) -> dict[str, list[Any]]:
    """Return the options and preparation settings that differ: name to the value in each recipe.

    A setting that a recipe's kind of model does not have is None.
    """
    found: dict[str, list[Any]] = {}
    for part in ("preparation", "options"):
        settings = [getattr(recipe, part) for recipe in recipes]
        for name in dict.fromkeys(key for each in settings for key in each):
            values = [each.get(name) for each in settings]
            if any(value != values[0] for value in values):
                found[name] = values
    return found
