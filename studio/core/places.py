"""Places in a model's latent space: what the explorer points at, saves and makes again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

#: How a path moves on a leg: at one speed, or slowing down at each place.
Easing = Literal["steady", "gentle"]


class Place(BaseModel):
    """A place between seeds, moved along the model's own directions.

    Attributes:
        seeds: The seeds that it lies between; one alone is that seed's own place.
        weights: How much of each, by seed; only their ratios count. Empty means equal parts.
        directions: How far along each principal direction, by its number from 0, in standard
            deviations.
        style_seed: Seed whose style the finer layers take; None keeps the place's own.
        style_from: The first layer, counted from the coarsest, that takes it.
        code: The code itself, flat, of a picture that was projected; `seeds` are ignored then.
        label: Label that it is made with; empty leaves it to the request, else to the seed that
            weighs most.
        variety: As in a request; None takes the request's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seeds: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    directions: dict[int, float] = {}
    style_seed: int | None = Field(None, ge=0, le=2**31 - 1)
    style_from: int = Field(0, ge=0, le=64)
    code: tuple[float, ...] = ()
    label: str = ""
    variety: float | None = Field(None, ge=0.0, le=2.0)

    @model_validator(mode="after")
    def _whole(self) -> Place:
        if not self.seeds and not self.code:
            raise ValueError("a place needs a seed or a code")
        if any(not 0 <= seed < 2**31 for seed in self.seeds):
            raise ValueError("a seed is a whole number from 0 to 2147483647")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a place names each seed once")
        if self.weights and len(self.weights) != len(self.seeds):
            raise ValueError("a place needs as many weights as seeds")
        if self.weights and (min(self.weights) < 0 or not 0 < sum(self.weights) < math.inf):
            raise ValueError("weights are numbers from 0, not all of them 0")
        if any(number < 0 for number in self.directions):
            raise ValueError("directions are counted from 0")
        if not all(map(math.isfinite, (*self.code, *self.directions.values()))):
            raise ValueError("a place is made of finite numbers")
        return self

    @property
    def heaviest(self) -> int | None:
        """The seed that weighs most, the first of several; None for a place that is a code."""
        if self.code:
            return None
        return self.seeds[self.weights.index(max(self.weights))] if self.weights else self.seeds[0]

    def plain(self) -> dict[str, Any]:
        """Return the fields that say something, as JSON: how a place is stored."""
        return self.model_dump(mode="json", exclude_defaults=True)


def seed_place(seed: int) -> Place:
    """Return a seed's own place."""
    return Place(seeds=(seed,))


def with_places(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request whose path is told in places.

    Requests of earlier versions told the seeds of a path as `seeds`.
    """
    found = dict(request)
    seeds = found.pop("seeds", None) or ()
    if seeds and not found.get("places"):
        found["places"] = [seed_place(int(seed)) for seed in seeds]
    return found


def place_of(recipe: Mapping[str, Any]) -> Place | None:
    """Return the place of a medium from the recipe inside its file; None when it has none.

    A medium made from a seed lies at that seed's place, with the label and variety that it had.
    """
    facts, request = recipe.get("facts"), recipe.get("request")
    if not isinstance(facts, Mapping) or not isinstance(request, Mapping):
        return None
    told: object = facts.get("place")
    if told is None and "seed" in facts and "input" not in facts:
        told = {"seeds": [facts["seed"]], "label": facts.get("label", "")}
        told |= {"variety": request.get("variety", 1.0)}
    try:
        return Place.model_validate(told) if told is not None else None
    except ValidationError:  # written by a newer program, or by hand
        return None
