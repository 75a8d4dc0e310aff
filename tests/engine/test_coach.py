"""The coach on real runs: some broken on purpose, which it must see, and healthy ones.

The networks and the data are tiny, and every run learns for real; only what a machine measures
(waiting, memory) is played.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from coached_runs import advice_of, coached, shapes
from torch import nn
from torch.nn import functional

from studio.core.protocol import Advice
from studio.engine.coach.coach import Coach
from studio.engine.coach.rules import RULES
from studio.families.base import Family
from studio.families.batch import Batch
from studio.families.image.gan import GAN
from studio.families.image.vae import VAE

# -------------------------------------------------------------------------------- healthy runs


def test_a_healthy_gan_is_left_alone() -> None:
    assert coached(GAN, {"learning_rate": 1e-3, "width": 16}, steps=200) == []


def test_a_healthy_vae_is_left_alone() -> None:
    soft = functional.avg_pool2d(shapes(640), 5, stride=1, padding=2)
    assert coached(VAE, {"learning_rate": 5e-3, "width": 16}, steps=200, items=soft) == []


# ---------------------------------------------------------------------------------- broken runs


def _practise(family: Family[Any], step: int) -> None:
    """Let the critic learn alone before the first step."""
    if step == 0:
        assert isinstance(family, GAN)
        batch = family.with_draws(Batch(shapes(64)))
        family.critic_optimiser.param_groups[0]["lr"] = 4e-4
        for _ in range(60):
            family.minimise(family.critic_optimiser, family.critic_loss, batch)
        rate = family.recipe.learning_rate * family.recipe.critic_rate
        family.critic_optimiser.param_groups[0]["lr"] = rate


def test_a_critic_that_overpowers() -> None:
    """A critic that practised alone and is fast, against a generator that hardly moves."""
    options = {"learning_rate": 2e-5, "critic_rate": 20.0, "critic_steps": 2}
    alone = {"r1": 0.0, "augment": "off"}
    said = coached(GAN, options | alone, steps=120, before_step=_practise)
    advice = advice_of(said, "critic-overpowers")
    assert advice.changes == {"critic_steps": 1, "r1": 1.0}
    assert "%" in advice.evidence


def test_a_critic_that_is_too_weak() -> None:
    """A critic that hardly learns."""
    options = {"learning_rate": 5e-4, "critic_rate": 0.001}
    advice = advice_of(coached(GAN, options, steps=120), "critic-too-weak")
    assert advice.changes["critic_rate"] > 0.001


def test_mode_collapse() -> None:
    """A critic that practised and then stands still: what passes best is a single picture."""
    options = {"learning_rate": 5e-3, "critic_rate": 0.001, "r1": 0.0, "augment": "off"}
    said = coached(GAN, options, steps=120, before_step=_practise)
    advice = advice_of(said, "mode-collapse")
    assert advice.changes["learning_rate"] == pytest.approx(2.5e-3)
    assert advice.changes["r1"] == 1.0
    assert "diversity" in advice.metrics


def test_a_generator_that_knows_eight_pictures() -> None:
    """They differ from each other as real pictures do, so that variety alone sees nothing."""

    def forget(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, GAN)
            kept = 2 * torch.randn(8, 16, generator=torch.Generator().manual_seed(1))

            def nearest(_module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
                return kept[(given[0] @ kept.T).argmax(1)], *given[1:]

            family.generator.register_forward_pre_hook(nearest)

    said = coached(GAN, {"learning_rate": 1e-3, "width": 16}, steps=100, before_step=forget)
    advice = advice_of(said, "mode-collapse")
    assert "twin" in advice.evidence
    assert "twins" in advice.metrics


def test_samples_that_get_worse_again() -> None:
    """Twenty-four pictures, a fast critic, and no help for small sets."""
    options = {"backbone": "dcgan", "width": 8, "learning_rate": 1e-3, "critic_rate": 2.0}
    alone = {"r1": 0.0, "augment": "off"}
    said = coached(GAN, options | alone, steps=200, items=shapes(24))
    advice = advice_of(said, "worse-again")
    assert advice.changes == {"augment": "on"}
    assert advice.since > 100


def test_a_critic_that_memorises() -> None:
    """Twelve pictures and no help for small sets."""
    options = {"critic_rate": 2.0, "r1": 0.0, "augment": "off", "width": 16}
    said = coached(GAN, options, steps=200, items=shapes(12))
    assert advice_of(said, "critic-memorises").changes == {"augment": "on"}


def test_a_grid_pattern() -> None:
    """A last layer whose kernel does not overlap draws each cell of the grid on its own."""

    def break_last_layer(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, GAN)
            last = nn.ConvTranspose2d(4, 1, 2, stride=2)
            nn.init.normal_(last.weight, 0, 0.3)
            family.generator.last = last
            family.generator_optimiser = torch.optim.Adam(family.generator.parameters(), 5e-4)

    # the critic sees changed pictures, or it would win before the grid is all that is wrong
    options = {"backbone": "dcgan", "width": 4, "code": 8, "augment": "on"}
    said = coached(GAN, options, steps=120, before_step=break_last_layer)
    assert advice_of(said, "checkerboard").changes == {"backbone": "resnet"}


def test_divergence() -> None:
    """A learning rate that becomes hundreds of times too large half-way."""

    def speed_up(family: Family[Any], step: int) -> None:
        if step == 80:
            family.recipe = family.recipe.model_copy(update={"learning_rate": 0.5})

    said = coached(VAE, {"learning_rate": 2e-3}, steps=150, before_step=speed_up)
    advice = advice_of(said, "divergence")
    assert advice.changes == {"learning_rate": pytest.approx(1e-3)}
    assert 70 <= advice.since <= 120


def test_a_number_too_large_to_store() -> None:
    """Pixels far out of range: squares of them leave what fp32 can hold."""
    items = shapes(64)

    def spoil(_family: Family[Any], step: int) -> None:
        if step == 30:
            items.mul_(1e30)

    options = {"likelihood": "gaussian", "learning_rate": 1e-3}
    advice = coached(VAE, options, steps=35, items=items, before_step=spoil)[0]
    assert (advice.rule, advice.since) == ("not-a-number", 31)
    assert advice.severity == "error"
    assert advice.changes["learning_rate"] == pytest.approx(5e-4)


def test_a_code_that_is_ignored() -> None:
    """Order of the code demanded fifty times over, from the first step."""
    said = coached(VAE, {"learning_rate": 2e-3, "beta": 50.0, "warm_up": 0.0}, steps=120)
    changes = advice_of(said, "code-ignored").changes
    assert changes["beta"] == 1.0
    assert changes["free_bits"] > 0
    assert changes["warm_up"] > 0


def test_blurry_pictures() -> None:
    """Two numbers for squares, rings and crosses, and a strict order."""
    said = coached(VAE, {"learning_rate": 2e-3, "beta": 8.0, "code": 2}, steps=150)
    assert advice_of(said, "blurry").changes == {"beta": 4.0}


def test_learning_by_heart() -> None:
    """Twelve pictures, a long training, no noise."""
    options = {"learning_rate": 3e-3, "input_noise": 0.0}
    said = coached(VAE, options, steps=300, items=shapes(12))
    assert advice_of(said, "by-heart").changes == {"input_noise": pytest.approx(0.1)}
    # it goes on in vain, which is said as well
    assert advice_of(said, "wasted-time").changes == {}


# ------------------------------------------------------------------------ what the machine says


def _played(values: Sequence[dict[str, float]]) -> list[Advice]:
    coach = Coach({"steps": 400, "batch_size": 64}, GAN.info)
    said: list[Advice] = []
    for index, each in enumerate(values):
        said += coach.observe(5 * (index + 1), each)
    return said


def test_waiting_for_files_must_last_and_is_taken_back() -> None:
    starved, fed = {"data_wait": 0.4}, {"data_wait": 0.05}
    assert _played([starved] * 5 + [fed] * 20) == []  # two windows are no sign yet
    said = _played([starved] * 20 + [fed] * 20)
    assert [(advice.rule, advice.resolved) for advice in said] == [
        ("data-starved", False),
        ("data-starved", True),
    ]
    assert said[0].since == said[1].since == 5


def test_memory_says_half_the_batch() -> None:
    said = _played([{"memory_share": 0.95}] * 5)
    assert [advice.rule for advice in said] == ["memory"]
    assert said[0].changes == {"batch_size": 32}


def test_windows_without_a_metric_say_nothing() -> None:
    """A sign seen at three sample sheets counts, however many windows lie between them."""
    loss = {"loss_critic": 1.0}
    sheet = loss | {"diversity": 0.2}
    said = _played([*[loss] * 40, *[sheet, *[loss] * 9] * 4])
    assert [advice.rule for advice in said] == ["mode-collapse"]


def test_what_was_said_is_not_repeated_after_a_resume() -> None:
    starved = [{"data_wait": 0.4}] * 20
    (advice,) = _played(starved)
    coach = Coach({"steps": 400}, GAN.info, [advice])
    again = [news for step in range(105, 205, 5) for news in coach.observe(step, starved[0])]
    assert again == []
    fed = [news for step in range(205, 305, 5) for news in coach.observe(step, {"data_wait": 0.0})]
    assert [(news.rule, news.resolved) for news in fed] == [("data-starved", True)]


def test_changes_are_options_that_exist_within_their_bounds() -> None:
    """Whatever the rules propose from the edges of the bounds can be trained."""
    for kind in (GAN, VAE):
        edges = [kind.recipe_type(), kind.recipe_type(batch_size=1, learning_rate=0.1)]
        if kind is GAN:
            edges += [
                kind.recipe_type(critic_rate=rate, critic_norm=norm, r1=0.0)
                for rate in (0.001, 20.0)
                for norm in ("spectral", "batch", "none")
            ]
        for options in (recipe.model_dump() for recipe in edges):
            for rule in RULES:
                proposed = rule.changes(options)
                known = {name: value for name, value in proposed.items() if name in options}
                kind.recipe_type(**options | known)


def test_rules_of_one_name_say_the_same() -> None:
    titles: dict[str, set[str]] = {}
    for rule in RULES:  # some are there twice, for models that measure the same in two ways
        titles.setdefault(rule.id, set()).add(rule.title)
    assert all(len(said) == 1 for said in titles.values()), titles
