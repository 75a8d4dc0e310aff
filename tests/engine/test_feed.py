"""The order of the data is a function of (seed, step) and every item comes once an epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from studio.core.project import Project
from studio.core.work import Work
from studio.data.store import prepare
from studio.engine.feed import Feed, Order, seed_of


def test_every_item_comes_once_an_epoch_in_another_order_each_time() -> None:
    order = Order(10, seed=3)
    first, second = order.positions(0, 10), order.positions(10, 10)
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(first) != list(second)


def test_any_place_can_be_asked_for_out_of_turn() -> None:
    whole = Order(7, seed=1).positions(0, 50)
    late = Order(7, seed=1)
    for start in (40, 3, 0, 17):
        assert np.array_equal(late.positions(start, 10), whole[start : start + 10])


def test_a_batch_larger_than_the_data_wraps_around() -> None:
    places = Order(3, seed=0).positions(1, 20)
    assert len(places) == 20
    assert set(places) == {0, 1, 2}


def test_streams_of_other_seeds_and_steps_differ() -> None:
    seeds = {seed_of(seed, step) for seed in range(20) for step in range(200)}
    assert len(seeds) == 4000


def test_a_part_of_data_sorted_by_label_shows_every_label(project: Path) -> None:
    opened = Project.open(project)
    dataset = opened.library.datasets.find("Shapes")
    assert dataset is not None
    data = prepare(opened, dataset.id, {"size": 8, "validation_percent": 50}, Work())
    opened.close()
    assert (np.diff(data.labels) >= 0).all()  # as folders give them
    feed = Feed(data, 4, 0, torch.device("cpu"))
    for part in (feed.learned, feed.held_out):
        seen = torch.cat([batch.labels for batch in part(4, 10) if batch.labels is not None])
        assert len(seen) == 10
        assert set(seen.tolist()) == {0, 1}
        again = torch.cat([batch.labels for batch in part(4, 10) if batch.labels is not None])
        assert torch.equal(seen, again)
    feed.close()
