"""What several models make in one go: parts of a batch, and the game kit among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from studio.core.errors import StudioError
from studio.core.files import slug
from studio.core.media import Modality

#: File in a batch's folder that says what everything in it is.
MANIFEST = "manifest.json"


class BatchPart(BaseModel):
    """One kind of thing in a batch: every model makes `count` of every label.

    Attributes:
        name: Its folder, and what the manifest calls it.
        models: `RUN`, `RUN@STEP` or paths of model packages.
        labels: Each of them is asked for; empty leaves the choice to the models.
        count: How many of each, from seeds `seed`, `seed` + 1 …
        prompt: Words that models which take some are told.
        options: Settings of the models' own samplers.
        formats: Endings, such as `.ogg`, in which each thing is written as well.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    models: tuple[str, ...] = Field(min_length=1, max_length=64)
    labels: tuple[str, ...] = Field((), max_length=1000)
    count: int = Field(8, ge=1, le=10_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    prompt: str = Field("", max_length=200_000)
    variety: float = Field(1.0, ge=0.0, le=2.0)
    options: dict[str, Any] = {}
    formats: tuple[Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")], ...] = ()

    @property
    def folder(self) -> str:
        """Name of the part's folder."""
        return slug(self.name)

    @property
    def total(self) -> int:
        """How many things it makes."""
        return len(self.models) * max(1, len(self.labels)) * self.count


class BatchRecipe(BaseModel):
    """Everything that makes a batch: enough to make it again, or to go on with it.

    Attributes:
        folder: Where its files go, below the project's assets; empty until it is begun.
    """

    FORMAT: ClassVar[int] = 1

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    name: str = Field(min_length=1, max_length=120)
    parts: tuple[BatchPart, ...] = Field(min_length=1, max_length=64)
    folder: str = Field("", pattern=r"^([^/\\.][^/\\]*(/[^/\\.][^/\\]*)*)?$")

    @field_validator("parts")
    @classmethod
    def _own_folders(cls, parts: tuple[BatchPart, ...]) -> tuple[BatchPart, ...]:
        folders = [part.folder for part in parts]
        if len(set(folders)) < len(folders):
            raise ValueError("two parts have the same name")
        return parts

    @property
    def total(self) -> int:
        """How many things it makes."""
        return sum(part.total for part in self.parts)


@dataclass(frozen=True)
class KitPart:
    """A part of the game kit: what it is called, who makes it, how many, and in what else."""

    name: str
    modality: Modality
    count: int
    formats: tuple[str, ...] = ()


#: What a small game begins with.
GAME_KIT = (
    KitPart("sprites", Modality.IMAGE, 16),
    KitPart("tune", Modality.MUSIC, 1, (".ogg",)),
    KitPart("sound effects", Modality.AUDIO, 8, (".ogg",)),
    KitPart("dialogue", Modality.TEXT, 12),
)


def game_kit(
    models: Mapping[Modality, Sequence[str]],
    *,
    name: str = "Game kit",
    seed: int = 0,
    counts: Mapping[Modality, int] | None = None,
) -> BatchRecipe:
    """Return the batch that makes sprites, a tune, sound effects and lines of dialogue.

    Args:
        models: Who makes each; kinds without a model are left out.
        counts: How many of each, where it is not the usual number.

    Raises:
        StudioError: No model was chosen.
    """
    many = counts or {}
    parts = [
        BatchPart(
            name=part.name,
            models=tuple(models[part.modality]),
            count=many.get(part.modality, part.count),
            seed=seed,
            formats=part.formats,
        )
        for part in GAME_KIT
        if models.get(part.modality)
    ]
    if not parts:
        raise StudioError(
            "There is nothing to make a kit with",
            "No model was chosen for sprites, a tune, sound effects or dialogue.",
            "Choose at least one trained model.",
        )
    return BatchRecipe(name=name, parts=tuple(parts))
