"""What a user keeps while exploring a model: the map, pins, key-frames, names of directions."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.core.places import Place, seed_place

#: Parts of a place that weigh less than this are left out of it: nobody sees them.
_LEAST = 0.005


class Anchor(BaseModel):
    """A seed's place on the map; `x` and `y` in 0 … 1 from the top left corner."""

    model_config = ConfigDict(frozen=True)

    seed: int
    x: float
    y: float


class Pin(BaseModel):
    """A place that is kept.

    Attributes:
        model: `RUN@STEP` or the path of a package: exactly the weights that it was seen with.
        picture: A small PNG of it, in base64.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    model: str
    place: Place
    picture: str = ""


class KeyFrame(BaseModel):
    """A place on a path.

    Attributes:
        frames: How many frames it takes from there to the next; None takes the path's number.
        picture: A small PNG of it, in base64.
    """

    model_config = ConfigDict(frozen=True)

    place: Place
    frames: int | None = Field(None, ge=1, le=600)
    picture: str = ""


class Exploration(BaseModel):
    """All that is kept of exploring one model; changed as a whole, so that it can be undone.

    Attributes:
        point: Where on the map one is.
        names: What the user calls the principal directions, by their number from 0.
    """

    model_config = ConfigDict(frozen=True)

    anchors: tuple[Anchor, ...] = ()
    point: tuple[float, float] = (0.5, 0.5)
    pins: tuple[Pin, ...] = ()
    key_frames: tuple[KeyFrame, ...] = ()
    names: dict[int, str] = {}


def around(seeds: Sequence[int]) -> tuple[Anchor, ...]:
    """Return seeds spread over the map: in a ring, clockwise from the top."""
    angles = [2 * math.pi * index / max(1, len(seeds)) for index in range(len(seeds))]
    return tuple(
        Anchor(seed=seed, x=0.5 + 0.36 * math.sin(angle), y=0.5 - 0.36 * math.cos(angle))
        for seed, angle in zip(seeds, angles, strict=True)
    )


def place_on_map(anchors: Sequence[Anchor], x: float, y: float) -> Place:
    """Return the place at a point of the map: near an anchor it is the anchor's own.

    Each seed weighs wᵢ ∝ 1 / dᵢ³, with its distance dᵢ (inverse distance weighting, Shepard
    1968): smooth everywhere, and flat where an anchor is.

    Args:
        anchors: One at least.
    """
    distances = [math.hypot(x - anchor.x, y - anchor.y) for anchor in anchors]
    nearest = min(distances)
    if nearest < 1e-3:
        return seed_place(anchors[distances.index(nearest)].seed)
    raw = [(nearest / distance) ** 3 for distance in distances]
    shares = [weight / sum(raw) for weight in raw]
    parts = {
        anchor.seed: round(share, 3)
        for anchor, share in zip(anchors, shares, strict=True)
        if share >= _LEAST
    }
    if len(parts) == 1:
        return seed_place(next(iter(parts)))
    return Place(seeds=tuple(parts), weights=tuple(parts.values()))


class ExplorationTable:
    """Reads and writes explorations, by the model's run or package."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, model: str) -> Exploration:
        """Return what is kept of a model; an empty exploration when that is nothing."""
        row = self._db.execute(
            "SELECT state FROM explorations WHERE model = ?", (model,)
        ).fetchone()
        try:
            return Exploration.model_validate_json(row[0]) if row else Exploration()
        except ValidationError:  # a newer program wrote it
            return Exploration()

    def set(self, model: str, state: Exploration) -> None:
        """Keep an exploration."""
        self._db.execute(
            "INSERT INTO explorations VALUES (?, ?)"
            " ON CONFLICT(model) DO UPDATE SET state = excluded.state",
            (model, state.model_dump_json(exclude_defaults=True)),
        )
