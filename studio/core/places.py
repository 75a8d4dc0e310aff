"""Places in a model's latent space: what the explorer points at, saves and makes again."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Place(BaseModel):
    """A place between seeds, moved along the model's own directions.

    Attributes:
        seeds: The seeds that it lies between; one alone is that seed's own place.
        weights: How much of each, by seed; they add up to 1. Empty means equal parts.
        directions: How far along each principal direction, by its number from 0, in standard
            deviations.
        style_seed: Seed whose style the finer layers take; None keeps the place's own.
        style_from: The first layer, counted from the coarsest, that takes it.
        code: The code itself, flat, of a picture that was projected; `seeds` are ignored then.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seeds: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    directions: dict[int, float] = {}
    style_seed: int | None = None
    style_from: int = Field(0, ge=0, le=64)
    code: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Place:
        if not self.seeds and not self.code:
            raise ValueError("a place needs a seed or a code")
        if self.weights and len(self.weights) != len(self.seeds):
            raise ValueError("a place needs as many weights as seeds")
        return self
