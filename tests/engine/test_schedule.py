"""Samples and checkpoints come when they are due, and never take much of the time."""

from __future__ import annotations

from studio.core.retention import to_remove
from studio.engine.schedule import Schedule


def test_a_fixed_interval_is_kept() -> None:
    schedule = Schedule.of_samples(every=30, steps=1000)
    assert [step for step in range(1, 100) if schedule.due(step)] == [30, 60, 90]


def test_automatic_samples_come_early() -> None:
    schedule = Schedule.of_samples(every=0, steps=100_000)
    schedule.done(cost=10.0)  # a costly sample holds the regular ones back, not the first ones
    assert [step for step in range(1, 300) if schedule.due(step)] == [1, 20, 50, 100, 200]


def test_a_costly_checkpoint_is_not_made_again_at_once() -> None:
    schedule = Schedule.of_checkpoints(every=0, steps=1000)
    assert schedule.due(100)
    schedule.done(cost=60.0)
    assert not schedule.due(200)


def test_unseen_items_are_measured_more_often_than_checkpoints_are_written() -> None:
    looks, saves = Schedule.of_validation(1000), Schedule.of_checkpoints(every=0, steps=1000)
    steps = range(1, 1001)
    assert [step for step in steps if looks.due(step)] == [20, *range(50, 1001, 50)]
    assert [step for step in steps if saves.due(step)] == [*range(100, 1001, 100)]


def test_the_best_and_the_starred_checkpoints_stay() -> None:
    steps = [100, 200, 300, 400, 500]
    assert to_remove(steps, keep=2, best=100, starred={300}) == [200]
    assert to_remove(steps, keep=9, best=None, starred=set()) == []
