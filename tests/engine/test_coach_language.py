"""The coach on models that write texts: runs broken on purpose, and healthy ones left alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from coached_runs import advice_of
from coached_writers import Corpus, coached

from studio.core.media import Modality
from studio.core.protocol import Advice
from studio.core.recipe import DataSpec
from studio.data.text.preparation import TextPreparation
from studio.engine.coach.coach import Coach
from studio.engine.coach.rules import RULES
from studio.evaluate.text import Newness
from studio.families.base import Family, SampleRequest
from studio.families.text.gpt import GPT
from studio.families.text.rnn_lm import RNNWriter
from studio.families.text.text_writer import TextSampling

SMALL: dict[str, Any] = {"width": 32, "depth": 2, "heads": 2, "learning_rate": 3e-3}
SMALL_RNN: dict[str, Any] = {"width": 48, "depth": 1, "learning_rate": 3e-3}
SHORT = SampleRequest(seeds=range(6), settings=TextSampling(length=160))

_NOUNS = ["river", "lantern", "sailor", "garden", "winter", "letter", "tower", "horse", "mirror"]
_VERBS = ["finds", "loses", "paints", "follows", "forgets", "carries", "hears", "opens"]
_HOW = ["slowly", "again", "at night", "without a word", "in the rain", "for a song", "alone"]


def tales(count: int, seed: int, sentences: int = 12) -> list[str]:
    """Return short texts of plain sentences, other ones for every seed."""
    pick = random.Random(seed).choice
    return [
        " ".join(
            f"The {pick(_NOUNS)} {pick(_VERBS)} the {pick(_NOUNS)} {pick(_HOW)}."
            for _ in range(sentences)
        )
        for _ in range(count)
    ]


def corpus(learned: Sequence[str], unseen: Sequence[str], size: int = 48) -> Corpus:
    """Return texts as a corpus of characters."""
    settings = TextPreparation(size=size, tokeniser="characters")
    stored, kept = ([text.encode() for text in texts] for texts in (learned, unseen))
    return Corpus(Modality.TEXT, stored, kept, settings)


LEARNED, UNSEEN = tales(150, 1), tales(20, 2)
HEALTHY = corpus(LEARNED, UNSEEN)


# -------------------------------------------------------------------------------- healthy runs


def test_a_healthy_gpt_is_left_alone() -> None:
    newness = Newness(LEARNED, UNSEEN)
    assert coached(GPT, SMALL, HEALTHY, steps=200, newness=newness, request=SHORT) == []


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_healthy_recurrent_writer_is_left_alone(cell: str) -> None:
    said = coached(RNNWriter, SMALL_RNN | {"cell": cell}, HEALTHY, steps=160, request=SHORT)
    assert said == []


# ---------------------------------------------------------------------------------- broken runs


def test_a_text_learned_by_heart_and_recited() -> None:
    """A page, read for hours."""
    page, others = tales(1, 5, sentences=24), tales(6, 6)
    said = coached(
        GPT,
        SMALL | {"learning_rate": 1e-2, "width": 48},
        corpus(page, others),
        steps=300,
        newness=Newness(page, others),
        request=SHORT,
    )
    overfit = advice_of(said, "overfit")
    assert overfit.changes == {"dropout": 0.1}
    assert overfit.title == "It is learning your texts by heart"
    assert "nats" in overfit.evidence
    recited = advice_of(said, "recites")
    assert recited.changes == {"dropout": 0.1}
    assert "word for word" in recited.evidence


def test_corrections_that_are_too_small_to_matter() -> None:
    said = coached(GPT, SMALL | {"learning_rate": 1e-7}, HEALTHY, steps=80, samples=0)
    advice = advice_of(said, "learns-nothing")
    assert advice.changes == {"learning_rate": pytest.approx(1e-6)}
    assert f"{HEALTHY.spec.vocabulary} tokens" in advice.evidence


def test_a_model_that_only_counts() -> None:
    """It hears nothing of what came before: all that it can learn is how frequent tokens are."""

    def deafen(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, RNNWriter)

            def forget(_module: torch.nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
                return torch.zeros_like(given[0]), *given[1:]

            family.writer.register_forward_pre_hook(forget)

    said = coached(RNNWriter, SMALL_RNN, HEALTHY, steps=120, samples=0, before_step=deafen)
    advice = advice_of(said, "learns-nothing")
    assert "frequent" in advice.evidence
    assert advice.changes["learning_rate"] < SMALL_RNN["learning_rate"]


def _upset(family: Family[Any], step: int) -> None:
    """Learn far too fast for ten steps."""
    if step in (140, 150):
        for optimiser in family.optimisers().values():
            for group in optimiser.param_groups:
                group["full_lr"] *= 30 if step == 140 else 1 / 30


def test_a_step_that_throws_it_back() -> None:
    said = coached(
        RNNWriter, SMALL_RNN | {"cell": "rnn"}, HEALTHY, steps=220, samples=0, before_step=_upset
    )
    advice = advice_of(said, "upset")
    assert 130 <= advice.since <= 165
    assert advice.changes["learning_rate"] == pytest.approx(1.5e-3)
    assert advice.changes["warm_up"] == 0.05


def test_corrections_that_are_always_cut() -> None:
    """A plain recurrent network over long rows, with corrections that explode."""
    options = SMALL_RNN | {"cell": "rnn", "learning_rate": 0.1, "width": 64}
    said = coached(RNNWriter, options, HEALTHY, steps=200, samples=0)
    assert advice_of(said, "cut-short").changes["learning_rate"] == pytest.approx(0.05)


def test_samples_that_go_in_circles() -> None:
    """Always the likeliest token, however often it came."""
    greedy = SampleRequest(seeds=range(6), settings=TextSampling(length=240, temperature=0.0))
    said = coached(GPT, SMALL, HEALTHY, steps=100, request=greedy)
    advice = advice_of(said, "repeats")
    assert "distinct_2" in advice.metrics
    assert advice.changes == {"dropout": 0.1}
    assert "loops" not in {each.rule for each in said}  # which is said of clips


# --------------------------------------------------------------------------- what is no trouble


def _played(rows: Sequence[dict[str, float]], spec: DataSpec | None = None) -> list[Advice]:
    coach = Coach({"steps": 400, "warm_up": 0.03, "dropout": 0.2, "clip": 1.0}, GPT.info, (), spec)
    said: list[Advice] = []
    for index, values in enumerate(rows):
        said += coach.observe(10 * (index + 1), values)
    return said


def test_what_is_usual_in_the_data_is_no_fault() -> None:
    """Refrains repeat themselves, and many texts share long passages."""
    refrain = {"distinct_2": 0.25, "data_distinct_2": 0.3, "loops": 0.5, "data_loops": 0.45}
    licence = {"longest_copy": 300.0, "data_longest_copy": 280.0, "longest_copy_tokens": 90.0}
    assert _played([refrain | licence] * 40) == []


def test_an_unseen_text_that_is_a_little_harder_is_no_fault() -> None:
    """The gap alone says nothing while both fall, and neither does one worse measurement."""
    falling = [{"nats": 2 - 0.02 * i, "val_nats_per_token": 2.5 - 0.01 * i} for i in range(40)]
    assert _played(falling) == []
    falling[20]["val_nats_per_token"] = 2.6
    assert _played(falling) == []
    for late in range(25, 40):
        falling[late]["val_nats_per_token"] = 2.3 + 0.01 * late
    assert [advice.rule for advice in _played(falling)] == ["overfit", "wasted-time"]


def test_changes_are_options_that_exist_within_their_bounds() -> None:
    """Whatever the rules propose from the edges of the bounds can be trained."""
    for kind in (GPT, RNNWriter):
        edges: list[dict[str, Any]] = [
            {},
            {"learning_rate": 0.1, "dropout": 0.8, "clip": 100, "warm_up": 0.5, "weight_decay": 1},
            {"learning_rate": 1e-9, "dropout": 0.5, "weight_decay": 0, "steps": 10_000_000},
        ]
        for options in (kind.recipe_type(**edge).model_dump() for edge in edges):
            for rule in RULES:
                proposed = rule.changes(options)
                known = {name: value for name, value in proposed.items() if name in options}
                kind.recipe_type(**options | known)
