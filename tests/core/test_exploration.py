"""The map of seeds, and what is kept of exploring a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.exploration import (
    Anchor,
    Exploration,
    KeyFrame,
    Pin,
    around,
    place_on_map,
)
from studio.core.places import Place, seed_place
from studio.core.project import Project

SQUARE = [Anchor(seed=1, x=0, y=0), Anchor(seed=2, x=1, y=0), Anchor(seed=3, x=1, y=1)]


def test_an_anchor_is_its_seeds_own_place() -> None:
    assert place_on_map(SQUARE, 1.0, 0.0) == seed_place(2)
    assert place_on_map(SQUARE, 0.999, 0.001) == seed_place(2)  # others weigh next to nothing
    assert place_on_map(SQUARE[:1], 0.7, 0.2) == seed_place(1)


def test_the_nearer_a_seed_the_more_it_weighs() -> None:
    place = place_on_map(SQUARE, 0.5, 0.25)
    # distances √5/4, √5/4 and √13/4: weights ∝ 5^-1.5, 5^-1.5, 13^-1.5
    near, far = 5**-1.5, 13**-1.5
    assert place.seeds == (1, 2, 3)
    assert place.weights == pytest.approx(
        [near / (2 * near + far), near / (2 * near + far), far / (2 * near + far)], abs=1e-3
    )


def test_moving_the_point_changes_weights_smoothly() -> None:
    anchors = around([4, 5, 6, 7, 8])
    steps = 200
    before: dict[int, float] = {}
    for step in range(steps + 1):
        place = place_on_map(anchors, 0.1 + 0.8 * step / steps, 0.45)
        weights = dict(zip(place.seeds, place.weights or (1.0,), strict=True))
        if before:
            moved = [abs(weights.get(seed, 0) - before.get(seed, 0)) for seed in range(4, 9)]
            assert max(moved) < 0.05
        before = weights


def test_seeds_lie_in_a_ring() -> None:
    top, right, bottom, left = around([1, 2, 3, 4])
    assert (top.x, top.y) == pytest.approx((0.5, 0.14))
    assert (right.x, right.y) == pytest.approx((0.86, 0.5))
    assert (bottom.x, bottom.y) == pytest.approx((0.5, 0.86))
    assert (left.x, left.y) == pytest.approx((0.14, 0.5))


def test_an_exploration_is_kept_by_its_model(tmp_path: Path) -> None:
    project = Project.open(tmp_path / "p.studio", create=True)
    table = project.library.explorations
    assert table.get("digits-1a2b") == Exploration()
    state = Exploration(
        anchors=around([1, 2]),
        point=(0.25, 0.75),
        pins=(Pin(title="A six", model="digits-1a2b@40", place=Place(seeds=(1, 2))),),
        key_frames=(KeyFrame(place=Place(code=(0.5, 1.0), label="6"), frames=8),),
        names={0: "slant"},
    )
    table.set("digits-1a2b", Exploration())
    table.set("digits-1a2b", state)
    project.close()
    project = Project.open(tmp_path / "p.studio")
    assert project.library.explorations.get("digits-1a2b") == state
    assert project.library.explorations.get("other") == Exploration()
    # what a newer program kept is not understood, and not in the way
    project.library.connection.execute("UPDATE explorations SET state = '{\"point\": 3}'")
    assert project.library.explorations.get("digits-1a2b") == Exploration()
    project.close()
