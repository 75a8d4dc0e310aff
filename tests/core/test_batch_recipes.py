"""Batch recipes: what they hold, how they are stored, and the game kit."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from studio.core.batch_recipes import BatchPart, BatchRecipe, game_kit
from studio.core.errors import StudioError
from studio.core.library import Library
from studio.core.media import Modality


def test_a_batch_counts_models_times_labels_times_seeds() -> None:
    part = BatchPart(name="cats", models=("a", "b"), labels=("x", "y", "z"), count=4)
    other = BatchPart(name="tunes", models=("c",), count=2)
    assert part.total == 24
    assert BatchRecipe(name="both", parts=(part, other)).total == 26


def test_two_parts_cannot_share_a_folder() -> None:
    parts = [BatchPart(name=name, models=("a",)) for name in ("My cats", "my-cats")]
    with pytest.raises(ValidationError, match="same name"):
        BatchRecipe(name="both", parts=tuple(parts))


@pytest.mark.parametrize("folder", ["../out", "/etc", "a/../../b", ".hidden", "a\\b"])
def test_a_batch_stays_below_the_assets(folder: str) -> None:
    with pytest.raises(ValidationError):
        BatchRecipe(name="x", parts=(BatchPart(name="a", models=("a",)),), folder=folder)


def test_a_game_kit_has_what_a_small_game_begins_with() -> None:
    models = {Modality.IMAGE: ["sprites@10"], Modality.MUSIC: ["tunes"], Modality.TEXT: ["lines"]}
    kit = game_kit(models, seed=7, counts={Modality.IMAGE: 3})
    assert [part.name for part in kit.parts] == ["sprites", "tune", "dialogue"]  # no sounds chosen
    assert [part.count for part in kit.parts] == [3, 1, 12]
    assert all(part.seed == 7 for part in kit.parts)
    assert kit.parts[1].formats == (".ogg",)  # notes alone do not sound in a game


def test_a_kit_of_nothing_is_refused() -> None:
    with pytest.raises(StudioError, match="No model"):
        game_kit({})


def test_a_batch_waits_in_the_queue_and_outlives_a_restart(tmp_path: Path) -> None:
    recipe = BatchRecipe(name="kit", parts=(BatchPart(name="a", models=("m",)),), folder="d/kit")
    library = Library(tmp_path / Library.FILE)
    library.queue.add("kit", batch=recipe)
    entry = library.queue.next()
    assert entry is not None
    assert entry.batch == recipe
    library.queue.set_status(entry.id, entry.status.RUNNING)
    library.close()
    again = Library(tmp_path / Library.FILE)
    assert [each.batch for each in again.queue.reclaim()] == [recipe]
    waiting = again.queue.next()
    again.close()
    assert waiting is not None
    assert waiting.batch == recipe
