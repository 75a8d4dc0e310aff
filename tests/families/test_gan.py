"""The GAN's formulas against hand-computed values, and that it learns."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.adversarial_losses import GAMES, R1_EVERY, gradient_penalty, r1_penalty
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.gan import GAN
from studio.families.image.gan_networks import DCGANCritic
from studio.families.image.gan_recipe import GANRecipe
from studio.families.layers.diffaugment import NUMBERS, colour, cutout, diffaugment, translate
from studio.families.layers.norm import ConditionalBatchNorm
from studio.families.layers.sizes import stages


def _gan(shape: tuple[int, ...] = (1, 28, 28), labels: int = 0, **options: Any) -> GAN:
    small = {"steps": 10, "batch_size": 8, "width": 4, "code": 16} | options
    family = GAN(GANRecipe(**small), Compute())
    torch.manual_seed(0)
    names = tuple(map(str, range(labels)))
    family.setup(DataSpec(modality=Modality.IMAGE, shape=shape, labels=names, count=8))
    return family


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


REAL, FAKE = (1.5, -0.5), (0.25, -2.0)


@pytest.mark.parametrize(
    ("name", "critic", "generator"),
    [
        (
            "non-saturating",
            sum(-math.log(_sigmoid(r)) for r in REAL) / 2
            + sum(-math.log(1 - _sigmoid(f)) for f in FAKE) / 2,
            sum(-math.log(_sigmoid(f)) for f in FAKE) / 2,
        ),
        # ½·((0.5² + 1.5²)/2) + ½·((0.25² + 2²)/2)  and  ½·((0.75² + 3²)/2)
        ("least-squares", 0.5 * 1.25 + 0.5 * 2.03125, 0.5 * 4.78125),
        # mean fake −0.875, mean real 0.5
        ("wasserstein", -0.875 - 0.5, 0.875),
        # the mean of 0 and 1.5, and the mean of 1.25 and 0
        ("hinge", 0.75 + 0.625, 0.875),
    ],
)
def test_losses(name: str, critic: float, generator: float) -> None:
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    assert GAMES[name].critic(real, fake).item() == pytest.approx(critic)
    assert GAMES[name].generator(fake).item() == pytest.approx(generator)


def test_penalties_of_a_plane_and_their_second_derivative() -> None:
    """D(x) = w·x has the slope ‖w‖ everywhere, so both penalties are known exactly."""
    weight = torch.randn(12, requires_grad=True)

    def plane(items: Tensor, _labels: Tensor | None) -> Tensor:
        return items.flatten(1) @ weight

    real, fake, mix = torch.randn(5, 3, 2, 2), torch.randn(5, 3, 2, 2), torch.rand(5)
    norm = weight.detach().norm()
    r1 = r1_penalty(plane, real, None)
    assert r1.item() == pytest.approx(0.5 * norm.item() ** 2, rel=1e-5)
    torch.testing.assert_close(torch.autograd.grad(r1, weight)[0], weight.detach())
    gp = gradient_penalty(plane, real, fake, mix, None)
    assert gp.item() == pytest.approx((norm.item() - 1) ** 2, rel=1e-4)
    expected = 2 * (norm - 1) * weight.detach() / norm
    torch.testing.assert_close(torch.autograd.grad(gp, weight)[0], expected, rtol=1e-4, atol=1e-5)


def test_penalty_of_a_critic_agrees_with_finite_differences() -> None:
    torch.manual_seed(0)
    critic = DCGANCritic((1, 28, 28), 4, 0, "none").double()
    x = torch.randn(1, 1, 28, 28, dtype=torch.double)
    direction = torch.randn_like(x)
    with torch.no_grad():
        ahead, behind = critic(x + 1e-4 * direction), critic(x - 1e-4 * direction)
    leaf = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(leaf).sum(), leaf)
    assert ((ahead - behind) / 2e-4).item() == pytest.approx((slope * direction).sum().item(), 1e-4)


def test_r1_is_lazy_and_weighs_the_more() -> None:
    family = _gan(r1=1.0)
    batch = Batch(torch.randn(8, 1, 28, 28))
    family.step = 0
    assert "penalty" in family.train_step(batch)
    family.step = 1
    assert "penalty" not in family.train_step(batch)
    family.step = R1_EVERY
    assert "penalty" in family.train_step(batch)


def test_the_generators_turn_leaves_the_critic_alone() -> None:
    family = _gan()
    batch = Batch(torch.randn(8, 1, 28, 28))
    family.train_step(batch)
    before = [p.grad.clone() for p in family.critic.parameters() if p.grad is not None]
    critic = [p.detach().clone() for p in family.critic.parameters()]
    drawn = family.with_draws(batch)
    family.minimise(family.generator_optimiser, family.generator_loss, drawn)
    after = [p.grad for p in family.critic.parameters() if p.grad is not None]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    unchanged = zip(critic, family.critic.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in unchanged)


def test_spectral_normalisation_holds_the_largest_singular_value_at_one() -> None:
    torch.manual_seed(0)
    critic = DCGANCritic((1, 28, 28), 8, 0, "spectral")
    for _ in range(50):
        critic(torch.randn(2, 1, 28, 28))
    layers = [m for m in critic.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        largest = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
        assert largest.item() == pytest.approx(1.0, abs=0.02)


def test_projection_adds_the_labels_direction() -> None:
    torch.manual_seed(0)
    critic = DCGANCritic((1, 28, 28), 4, 3, "none")
    x = torch.randn(2, 1, 28, 28)
    h = critic.features(x).flatten(1)
    table = critic.verdict.label.weight  # type: ignore[union-attr]
    one, two = critic(x, torch.tensor([0, 0])), critic(x, torch.tensor([2, 2]))
    torch.testing.assert_close(two - one, h @ (table[2] - table[0]))


def test_conditional_batch_norm_by_hand() -> None:
    norm = ConditionalBatchNorm(3, 2)
    table = torch.tensor([[1.0, 1, 1, 0, 0, 0], [2.0, 3, 4, -1, 0, 1]])
    norm.gain_and_shift.weight.data.copy_(table)
    x, labels = torch.randn(6, 3, 4, 4), torch.tensor([0, 1, 0, 1, 1, 0])
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    normal = (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
    gain, shift = table[labels].view(6, 6, 1, 1).chunk(2, dim=1)
    torch.testing.assert_close(norm(x, labels), gain * normal + shift)


def test_labels_change_what_is_made_and_unlabelled_items_are_taken() -> None:
    family = _gan(labels=3)
    labels = torch.tensor([0, 1, 2, -1, 0, 1, 2, -1])
    for _ in range(3):
        losses = family.train_step(Batch(torch.randn(8, 1, 28, 28), labels))
    assert all(torch.isfinite(value) for value in losses.values())
    code = family.draw([5], 1.0, None)
    with torch.no_grad():
        made = [family.decode(code, torch.tensor([label])) for label in (0, 1)]
    assert not torch.equal(*made)


class TestDiffAugment:
    """Differentiable augmentation, change by change."""

    x = torch.rand(2, 3, 16, 16) * 2 - 1
    half = torch.full((2,), 0.5)

    def test_middle_numbers_change_no_colour(self) -> None:
        torch.testing.assert_close(colour(self.x, self.half, self.half, self.half), self.x)

    def test_brightness_adds_and_saturation_zero_is_grey(self) -> None:
        brighter = colour(self.x, torch.ones(2), self.half, self.half)
        torch.testing.assert_close(brighter, self.x + 0.5)
        grey = colour(self.x, self.half, torch.zeros(2), self.half)
        torch.testing.assert_close(grey, self.x.mean(1, keepdim=True).expand_as(self.x))

    def test_translation_moves_each_picture_by_its_own_way(self) -> None:
        # of 5 places −2 … 2: the first share gives −2, the last +2
        moved = translate(self.x, torch.tensor([0.0, 0.99]), self.half)
        torch.testing.assert_close(moved[0, :, :-2], self.x[0, :, 2:])
        assert not moved[0, :, -2:].any()
        torch.testing.assert_close(moved[1, :, 2:], self.x[1, :, :-2])
        assert not moved[1, :, :2].any()

    def test_cutout_removes_a_square_of_half_the_size(self) -> None:
        cut = cutout(torch.ones(1, 1, 16, 16), torch.tensor([0.5]), torch.tensor([0.5]))
        assert (cut == 0).sum() in (49, 64)
        assert cut[0, 0, 8, 8] == 0
        assert cut[0, 0, 0, 0] == 1

    def test_gradients_pass_through(self) -> None:
        x = self.x.clone().requires_grad_(True)
        diffaugment(x, torch.rand(2, NUMBERS)).sum().backward()
        assert x.grad is not None
        assert x.grad.abs().sum() > 0


def test_automatic_augmentation_is_for_small_sets_that_are_shown_often() -> None:
    # the set has 8 pictures, and a batch 8 of them
    assert _gan(steps=101).augmented
    assert not _gan(steps=100).augmented
    assert not _gan(steps=101, augment="off").augmented
    assert _gan(steps=100, augment="on").augmented


@pytest.mark.parametrize("backbone", ["dcgan", "resnet"])
@pytest.mark.parametrize("size", [28, 48, 128])
def test_sizes_that_can_be_reached(backbone: str, size: int) -> None:
    family = _gan((3, size, size), backbone=backbone)
    with torch.no_grad():
        made = family.decode(family.draw([1, 2], 1.0, None), None)
        assert made.shape == (2, 3, size, size)
        assert family.critic(made, None).shape == (2,)


@pytest.mark.parametrize(
    ("shape", "options", "word"),
    [
        ((1, 50, 50), {"backbone": "dcgan"}, "48 or 56"),
        ((1, 256, 256), {"backbone": "resnet"}, "112 or 128"),
        ((1, 96, 96), {"backbone": "mlp"}, "DCGAN"),
        ((1, 32, 28), {"backbone": "dcgan"}, "square"),
        ((1, 32, 32), {"loss": "wasserstein", "critic_norm": "batch"}, "brake"),
    ],
)
def test_what_cannot_work_says_what_to_do(
    shape: tuple[int, ...], options: dict[str, Any], word: str
) -> None:
    with pytest.raises(StudioError) as caught:
        _gan(shape, **options)
    assert word in caught.value.hint


def test_stages() -> None:
    assert stages(28) == (7, 2)
    assert stages(32) == (4, 3)
    assert stages(64) == (4, 4)
    assert stages(96) == (6, 4)


def test_variety_cuts_codes_smoothly() -> None:
    family = _gan()
    seeds = range(50)
    as_learned = family.draw(seeds, 1.0, None)
    assert not family.draw(seeds, 0.0, None).any()
    cut = family.draw(seeds, 0.5, None)  # |z| ≤ 0.5 / (1 − 0.5)
    assert cut.abs().max() <= 1.0
    assert torch.equal(cut.sign(), as_learned.sign())
    torch.testing.assert_close(family.draw(seeds, 2.0, None), 2 * as_learned)


@pytest.mark.parametrize("loss", list(GAMES))
def test_it_learns(loss: str) -> None:
    """Every game moves the generator towards pictures of a bright bar on black."""
    norm = "none" if loss == "wasserstein" else "spectral"
    family = _gan(backbone="mlp", loss=loss, critic_norm=norm, learning_rate=2e-3, augment="off")
    bar = torch.full((1, 28, 28), -1.0)
    bar[:, :, 10:18] = 1.0

    def distance() -> float:
        with torch.no_grad():
            made = family.decode(family.draw(range(16), 1.0, None), None)
        return (made - bar).square().mean().item()

    before = distance()
    for step in range(80):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(bar.expand(16, 1, 28, 28)))
    assert distance() < 0.5 * before
