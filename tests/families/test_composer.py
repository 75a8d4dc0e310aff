"""The composer: it counts what the user's pieces are like, and composes and goes on like them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Music
from studio.core.recipe import DataSpec
from studio.data.music import midi
from studio.data.music.composing.compose import compose
from studio.data.music.composing.instruments import ENSEMBLES
from studio.data.music.composing.manner import MODES
from studio.data.music.composing.piece import FORMS, TEXTURES, Wishes
from studio.data.music.composing.rhythm import METRES
from studio.data.music.composing.theory import NOTES, SCALES
from studio.data.music.modality import MODALITY
from studio.data.music.timing import bars_of
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.music.composer import Composer
from studio.families.music.composer_recipe import PRESETS, ComposerRecipe, ComposerSettings


def _source(count: int) -> list[Music]:
    wishes = Wishes(
        tonic=7, mode="major", metre="3/4", tempo=100, texture="song", ensemble="harp", bars=12
    )
    return [compose(wishes, seed).music for seed in range(count)]


@pytest.fixture(scope="module")
def learned() -> tuple[Composer, list[Music]]:
    """Return a composer that has listened to waltzes in G, and the waltzes."""
    pieces = _source(16)
    raws = [midi.write(piece) for piece in pieces]
    preparation = MODALITY.settle(MODALITY.preparation(**PRESETS[0].preparation), 0, [])
    resources = MODALITY.learn(raws, preparation)
    rows = np.concatenate(
        [MODALITY.prepare_item(raw, preparation, resources, learned=True) for raw in raws]
    )
    spec = DataSpec(
        modality=Modality.MUSIC,
        shape=rows.shape[1:],
        vocabulary=MODALITY.vocabulary(resources),
        count=len(rows),
        resources=resources,
    )
    family = Composer(ComposerRecipe(), Compute())
    family.setup(spec)
    items = torch.from_numpy(rows.astype(np.int64))
    for step in range(3):
        family.step = step
        family.train_step(Batch(items[step::3]))
    return family, pieces


def _made(
    family: Composer, seeds: Sequence[int], media: Sequence[Music] = (), **settings: Any
) -> list[Music]:
    request = SampleRequest(
        task=Task.CONTINUE if media else Task.GENERATE,
        seeds=seeds,
        media=media,
        settings=ComposerSettings(**settings),
    )
    made = list(family.sample(request, lambda _done, _total: None))
    assert all(isinstance(each, Music) for each in made)
    return made  # type: ignore[return-value]


def test_it_counts_what_pieces_are_like(learned: tuple[Composer, list[Music]]) -> None:
    family, _ = learned
    manner = family.learned.manner()
    assert manner.tonics[7] > 0.8
    assert manner.modes[MODES.index("major")] > 0.8
    assert manner.metres.tolist() == [0, 1, 0, 0]
    assert manner.programs[73] > 0.8
    assert manner.intervals.sum() == pytest.approx(1)
    # counted twice, pieces are no longer a surprise
    fresh = Composer(ComposerRecipe(), Compute())
    fresh.setup(family.spec)
    rows = torch.from_numpy(
        MODALITY.prepare_item(
            midi.write(_source(1)[0]), MODALITY.preparation(), family.spec.resources
        ).astype(np.int64)
    )
    first, second = (fresh.train_step(Batch(rows)) for _ in range(2))
    for name, value in first.items():
        assert second[name] < value, name


def test_pieces_come_in_the_manner_that_was_learned(learned: tuple[Composer, list[Music]]) -> None:
    family, _ = learned
    near = _made(family, range(12), strength=1.0)
    assert sum(piece.facts["key"] == "G major" for piece in near) >= 9
    assert {piece.signatures for piece in near} == {((0, 3, 4),)}
    far = _made(family, range(12), strength=0.0)
    assert len({piece.facts["key"] for piece in far}) > 6


def test_settings_win_over_the_manner(learned: tuple[Composer, list[Music]]) -> None:
    (piece,) = _made(
        learned[0], [3], key="Eb", mode="lydian", bars=9, tempo=77, metre="2/4", texture="chorale"
    )
    assert piece.facts["key"] == "Eb lydian"
    assert (piece.tempos, piece.signatures) == (((0, 77.0),), ((0, 2, 4),))
    assert len(bars_of(piece).starts) == 9
    assert len(piece.tracks) == 4


def test_settings_name_what_there_is() -> None:
    fields = ComposerSettings.model_fields
    for name, known in (
        ("key", NOTES),
        ("mode", SCALES),
        ("texture", TEXTURES),
        ("form", FORMS),
        ("ensemble", ENSEMBLES),
        ("metre", METRES),
    ):
        assert get_args(fields[name].annotation) == ("any", *known), name


def test_a_piece_is_gone_on_from(learned: tuple[Composer, list[Music]]) -> None:
    family, pieces = learned
    given = pieces[0]
    (on,) = _made(family, [4], [given], bars=8)
    assert len(bars_of(on).starts) == len(bars_of(given).starts) + 8
    assert on.tempos == given.tempos
    assert on.facts["key"] == "G major"
    begin = on.facts["new_from_tick"]
    for before, after in zip(given.tracks, on.tracks, strict=True):
        assert np.array_equal(after.notes[after.notes[:, 0] < begin], before.notes)
        assert (after.notes[:, 0] >= begin).any()


def test_other_tasks_are_refused(learned: tuple[Composer, list[Music]]) -> None:
    with pytest.raises(StudioError, match="does not offer"):
        list(learned[0].sample(SampleRequest(task=Task.MORPH), lambda _done, _total: None))
