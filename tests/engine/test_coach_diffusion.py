"""The coach on diffusion runs, and on models that repeat the pictures that they learned."""

from __future__ import annotations

from typing import Any

import torch
from coached_runs import advice_of, coached, shapes
from torch import Tensor
from torch.nn import functional

from studio.core.media import Modality
from studio.core.protocol import Advice, Severity
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.engine.averaging import Averaging
from studio.engine.coach.coach import Coach
from studio.engine.coach.rules import RULES
from studio.evaluate.image import Newness, sample_statistics
from studio.families.base import Family, SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.diffusion import Diffusion
from studio.families.image.diffusion_recipe import DiffusionSampling

SIZE = 14
SMALL: dict[str, Any] = {"width": 16, "batch_size": 16, "learning_rate": 3e-3}


def small(count: int, seed: int = 0) -> Tensor:
    """Return shapes with soft edges, (N, 1, 14, 14)."""
    return functional.avg_pool2d(shapes(count, seed), 2)


def rules_of(said: list[Advice]) -> list[str]:
    return [advice.rule for advice in said]


def test_a_healthy_diffusion_run_is_left_alone() -> None:
    assert rules_of(coached(Diffusion, SMALL, steps=120, items=small(640), every=15)) == []


def test_noise_that_stays_in_the_samples() -> None:
    """Learning far too slowly: the finest noise is never learned."""
    options = SMALL | {"learning_rate": 1e-4}
    said = coached(Diffusion, options, steps=60, items=small(640))
    advice = advice_of(said, "grain")
    assert advice.changes == {"steps": 120}
    assert "fine contrast" in advice.evidence


def test_samples_that_come_out_pale() -> None:
    """A denoiser that is told another contrast of the data half-way, and learns no more."""

    def spoil(family: Family[Any], step: int) -> None:
        assert isinstance(family, Diffusion)
        if step >= 30:
            family.denoiser.deviation = 0.1

    options = SMALL | {"objective": "edm"}
    said = coached(Diffusion, options, steps=60, items=small(640), before_step=spoil)
    advice = advice_of(said, "washed-out")
    assert advice.changes == {"learning_rate": 1.5e-3}
    assert "contrast" in advice.evidence


def played(family: type[Family[Any]], rows: list[dict[str, float]], **options: Any) -> list[Advice]:
    """Return what the coach says of measurements, one every ten steps."""
    recipe = family.recipe_type(**options | {"steps": 10 * len(rows)})
    coach = Coach(recipe.model_dump(), family.info)
    said: list[Advice] = []
    for index, row in enumerate(rows, start=1):
        said += coach.observe(10 * index, row)
    return said


def test_a_flat_error_under_better_samples_is_said_to_be_normal() -> None:
    """The error stands still from a fifth of the run on, while the distance goes on falling."""
    errors = [max(0.9 - 0.05 * step, 0.5) for step in range(40)]
    distances = [60 - step for step in range(40)]
    rows = [
        {"loss": error, "loss_fine": error, "sample_distance": float(distance)}
        for error, distance in zip(errors, distances, strict=True)
    ]
    advice = advice_of(played(Diffusion, rows), "flat-is-normal")
    assert advice.severity is Severity.INFO
    assert not advice.changes
    # where samples stand still too, nothing is said to be well
    still = [row | {"sample_distance": 30.0} for row in rows]
    assert "flat-is-normal" not in rules_of(played(Diffusion, still))


def test_burnt_samples_are_seen() -> None:
    row = {"clipped": 0.12, "loss_fine": 0.1, "contrast": 1.2, "sharpness": 1.0}
    advice = advice_of(played(Diffusion, [row] * 40, objective="epsilon"), "burnt")
    assert advice.changes == {"objective": "edm"}
    healthy = row | {"clipped": 0.01}
    assert rules_of(played(Diffusion, [healthy] * 40)) == []
    harsh = healthy | {"contrast": 2.0}
    assert "2.00 of the contrast" in advice_of(played(Diffusion, [harsh] * 40), "burnt").evidence
    # guidance leads away from what was never learned
    said = played(Diffusion, [row] * 40, left_out=0.0)
    assert advice_of(said, "burnt").changes == {"left_out": 0.1}


def guided_run(guidance: float) -> list[Advice]:
    """Train on faint pictures with labels, and draw the sheets with so much guidance."""
    items = 0.3 * small(320)
    brightness = items.mean((1, 2, 3))
    labels = (brightness > brightness.median()).long()
    recipe = Diffusion.recipe_type(**SMALL | {"steps": 60, "learning_rate": 6e-3})
    family = Diffusion(recipe, Compute())
    torch.manual_seed(0)
    statistics = {"mean": float(items.mean()), "std": float(items.std())}
    spec = DataSpec(
        modality=Modality.IMAGE,
        shape=(1, SIZE, SIZE),
        labels=("dark", "bright"),
        count=320,
        statistics=statistics,
    )
    family.setup(spec)
    real = modality_data(Modality.IMAGE).to_media(items[:64], [{}] * 64, spec)
    settings = DiffusionSampling(steps=10, guidance=guidance)
    request = SampleRequest(seeds=range(32), settings=settings)
    coach = Coach(recipe.model_dump(), family.info)
    said: list[Advice] = []
    for step in range(60):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(0, 320, (16,))
        values = family.train_step(Batch(items[chosen], labels=labels[chosen]))
        measured = {name: float(value) for name, value in values.items()}
        if (step + 1) % 10 == 0:
            made = list(family.sample(request, lambda _done, _of: None))
            measured |= sample_statistics(made, real)
        said += coach.observe(step + 1, measured)
    return said


def test_guidance_that_is_too_strong_burns_samples() -> None:
    advice = advice_of(guided_run(20), "burnt")
    assert "contrast" in advice.evidence
    assert "burnt" not in rules_of(guided_run(1))


def test_an_average_that_lags_behind() -> None:
    """A real run whose average looks back over half of it, while it learns fast."""
    items, unseen = small(256), small(64, seed=9)
    recipe = Diffusion.recipe_type(**SMALL | {"steps": 60, "ema": 0.5})
    family = Diffusion(recipe, Compute())
    torch.manual_seed(0)
    family.setup(DataSpec(modality=Modality.IMAGE, shape=(1, SIZE, SIZE), count=256))
    averaging, coach = Averaging(family, recipe.ema), Coach(recipe.model_dump(), family.info)
    said: list[Advice] = []
    for step in range(60):
        torch.manual_seed(step)
        family.step = step
        family.train_step(Batch(items[torch.randint(0, 256, (16,))]))
        averaging.update(step + 1)
        values = {"val_loss_present": float(family.validate(Batch(unseen))["val_loss"])}
        with averaging.applied():
            values["val_loss"] = float(family.validate(Batch(unseen))["val_loss"])
        said += coach.observe(step + 1, values)
    assert advice_of(said, "average-behind").changes == {"ema": 0.05}


def test_a_model_that_repeats_its_two_pictures() -> None:
    """Trained for real on two pictures until it knows nothing else."""
    items, unseen = small(2), small(64, seed=9)
    recipe = Diffusion.recipe_type(**SMALL | {"steps": 150, "learning_rate": 1e-2})
    family = Diffusion(recipe, Compute())
    torch.manual_seed(0)
    spec = DataSpec(modality=Modality.IMAGE, shape=(1, SIZE, SIZE), count=2)
    family.setup(spec)
    data = modality_data(Modality.IMAGE)
    learned = data.to_media(items, [{}] * 2, spec)
    others = data.to_media(unseen, [{}] * 64, spec)
    newness = Newness([learned], [others])
    coach = Coach(recipe.model_dump(), family.info)
    said: list[Advice] = []
    for step in range(150):
        torch.manual_seed(step)
        family.step = step
        values = family.train_step(Batch(items[torch.randint(0, 2, (16,))]))
        measured = {name: float(value) for name, value in values.items()}
        if (step + 1) % 25 == 0:
            made = list(family.sample(SampleRequest(seeds=range(32)), lambda _done, _of: None))
            measured |= sample_statistics(made, others) | newness.of(made)
        said += coach.observe(step + 1, measured)
    advice = advice_of(said, "copies")
    assert advice.changes == {"dropout": 0.1}
    assert "hardly anything else" in advice.evidence
    # real pictures that it never saw are no copies, however alike
    fresh = Newness([others[32:]], [others[:32]])
    assert fresh.of(data.to_media(small(64, seed=5), [{}] * 64, spec))["copies"] < 0.6


def test_pictures_that_were_learned_are_copies() -> None:
    spec = DataSpec(modality=Modality.IMAGE, shape=(1, SIZE, SIZE))
    data = modality_data(Modality.IMAGE)
    pictures = data.to_media(small(30), [{}] * 30, spec)
    others = data.to_media(small(30, seed=5), [{}] * 30, spec)
    # it does not matter in what parts they come
    for parts in ([pictures], [pictures[:7], pictures[7:]]):
        assert Newness(parts, [others]).of(pictures)["copies"] == 1


def test_changes_are_options_that_exist_within_their_bounds() -> None:
    edges = [
        Diffusion.recipe_type(objective=objective, dropout=dropout, steps=steps, ema=ema)
        for objective in ("edm", "flow")
        for dropout in (0.0, 0.5)
        for steps in (1, 10_000_000)
        for ema in (0.0, 0.5)
    ]
    for options in (recipe.model_dump() for recipe in edges):
        for rule in RULES:
            proposed = rule.changes(options)
            known = {name: value for name, value in proposed.items() if name in options}
            Diffusion.recipe_type(**options | known)
