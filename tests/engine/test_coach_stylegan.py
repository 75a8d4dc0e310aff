"""The coach on StyleGAN runs, and the adversarial rules that newer families brought along."""

from __future__ import annotations

from typing import Any

import pytest
from coached_runs import advice_of, coached, shapes

from studio.core.family_info import FamilyInfo, Metric
from studio.core.media import Modality
from studio.engine.coach.coach import Coach
from studio.engine.coach.rules import RULES
from studio.families.base import Family
from studio.families.image.gan import GAN
from studio.families.image.stylegan import StyleGAN

SMALL: dict[str, Any] = {"width": 4, "batch_size": 16, "learning_rate": 2.5e-3}


def test_a_healthy_stylegan_is_left_alone() -> None:
    assert coached(StyleGAN, SMALL | {"augment_speed": 5.0}, steps=100) == []


#: Four pictures and a fast critic without a penalty.
BY_HEART = SMALL | {"learning_rate": 1e-3, "critic_rate": 8.0, "r1": 0.0}


def test_a_critic_that_learns_by_heart_in_spite_of_help() -> None:
    """The help is soon at its limit, but only moves pictures about."""
    options = {"augment": "on", "augment_kinds": "moves", "augment_speed": 0.3}
    said = coached(StyleGAN, BY_HEART | options, steps=80, items=shapes(4))
    advice = advice_of(said, "help-not-enough")
    assert advice.changes == {"learning_rate": pytest.approx(5e-4), "r1": 1.0}
    assert "changed in each way" in advice.evidence
    # so much change may be seen in what it makes
    assert advice_of(said, "help-may-show").changes == {"augment_limit": 0.6}


def test_no_help_for_pictures_learned_by_heart() -> None:
    said = coached(StyleGAN, BY_HEART | {"augment": "off"}, steps=100, items=shapes(4))
    assert advice_of(said, "critic-memorises").changes == {"augment": "on"}


def test_a_stylegan_whose_critic_hardly_learns() -> None:
    said = coached(StyleGAN, SMALL | {"critic_rate": 1e-4}, steps=60)
    assert advice_of(said, "critic-too-weak").changes["critic_rate"] > 1e-4


def test_a_stylegan_whose_critic_wins() -> None:
    """A generator that hardly moves, held back after the first steps."""

    def hold(family: Family[Any], step: int) -> None:
        if step == 10:
            assert isinstance(family, StyleGAN)
            family.generator_optimiser.param_groups[0]["lr"] = 1e-6

    options = {"critic_rate": 2.0, "augment": "off"}
    said = coached(StyleGAN, SMALL | options, steps=80, before_step=hold)
    assert advice_of(said, "critic-overpowers").changes == {"critic_rate": 1.0}


def test_a_penalty_that_drowns_the_game() -> None:
    """Wasserstein with corrections that are far too large."""
    # the largest rate, with momentum: it breaks at once, whatever order a processor adds in
    options = {"loss": "wasserstein", "learning_rate": 0.1, "beta1": 0.9, "critic_norm": "none"}
    advice = advice_of(coached(GAN, options, steps=100), "penalty-grows")
    assert advice.changes == {"learning_rate": pytest.approx(0.05)}


def test_critics_that_are_measured_in_one_number() -> None:
    """Families with several critics say how often they are right; the same rules hold."""
    info = FamilyInfo(
        id="pair",
        title="Pair",
        modality=Modality.IMAGE,
        tasks=(),
        summary="",
        needs="",
        best="sample_distance",
        metrics={"sample_distance": Metric(title="", help="", better="lower")},
    )
    for right, rule in ((0.98, "critic-overpowers"), (0.5, "critic-too-weak")):
        coach = Coach({"steps": 400, "critic_rate": 1.0, "learning_rate": 1e-3}, info)
        said = [
            advice
            for step in range(5, 405, 5)
            for advice in coach.observe(step, {"critic_right": right, "sample_distance": 9.0})
        ]
        spoken = [advice for advice in said if advice.rule != "wasted-time"]
        assert [advice.rule for advice in spoken] == [rule]
        assert "critic_right" in spoken[0].metrics
        assert list(spoken[0].changes) == ["critic_rate"]


def test_changes_are_options_that_exist_within_their_bounds() -> None:
    edges = [
        StyleGAN.recipe_type(critic_rate=rate, r1=r1, learning_rate=0.1, augment_kinds=kinds)
        for rate in (0.001, 20.0)
        for r1 in (0.0, 1000.0)
        for kinds in ("moves", "geometry", "all")
    ]
    for options in (recipe.model_dump() for recipe in edges):
        for rule in RULES:
            proposed = rule.changes(options)
            known = {name: value for name, value in proposed.items() if name in options}
            StyleGAN.recipe_type(**options | known)
