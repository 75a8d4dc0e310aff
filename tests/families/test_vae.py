"""The VAE's formulas against libraries and sampling, and that it learns."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.distributions import Bernoulli, MultivariateNormal, Normal

from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.vae import VAE
from studio.families.image.vae_networks import gaussian_cost
from studio.families.image.vae_recipe import VAERecipe
from studio.families.layers.mixture import GaussianMixture, log_density
from studio.families.variational import bernoulli_cost, kl_divergence


def _vae(shape: tuple[int, ...] = (1, 28, 28), labels: int = 0, **options: Any) -> VAE:
    small = {"steps": 150, "batch_size": 16, "width": 4, "code": 4, "mixture_parts": 2} | options
    family = VAE(VAERecipe(**small), Compute())
    torch.manual_seed(0)
    names = tuple(map(str, range(labels)))
    family.setup(DataSpec(modality=Modality.IMAGE, shape=shape, labels=names, count=64))
    return family


def _bars(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return pictures of one bright bar, lying (label 0) or standing (label 1), and labels."""
    items = torch.full((count, 1, 28, 28), -1.0)
    labels = torch.arange(count) % 2
    for index in range(count):
        place = 4 + (index * 5) % 18
        if labels[index]:
            items[index, :, :, place : place + 4] = 1
        else:
            items[index, :, place : place + 4, :] = 1
    return items, labels


def _train(family: VAE, steps: int, items: torch.Tensor, labels: torch.Tensor | None) -> float:
    losses = {}
    for step in range(steps):
        family.step = step
        torch.manual_seed(step)
        losses = family.train_step(Batch(items, labels))
    return losses["neg_elbo"].item()


def test_kl_in_closed_form_agrees_with_sampling() -> None:
    mean, log_variance = torch.tensor([[0.7, -1.2, 0.0]]), torch.tensor([[-1.0, 0.5, 0.0]])
    posterior = Normal(mean, (0.5 * log_variance).exp())
    torch.manual_seed(0)
    z = posterior.sample((400_000,))
    sampled = (posterior.log_prob(z) - Normal(0.0, 1.0).log_prob(z)).mean(0)
    torch.testing.assert_close(kl_divergence(mean, log_variance), sampled, atol=0.01, rtol=0.01)


def test_pixel_costs_are_log_likelihoods() -> None:
    torch.manual_seed(0)
    logits, bits = torch.randn(3, 1, 4, 4), torch.randint(0, 2, (3, 1, 4, 4)).float()
    expected = -Bernoulli(logits=logits).log_prob(bits).flatten(1).sum(1)
    torch.testing.assert_close(bernoulli_cost(logits, bits), expected)
    # the chance of one of 256 grey steps is the density times the step's width
    mean, x, log_deviation = torch.rand(3, 1, 4, 4), torch.rand(3, 1, 4, 4), torch.tensor(-1.3)
    density = Normal(mean, log_deviation.exp()).log_prob(x) - torch.tensor(255.0).log()
    torch.testing.assert_close(
        gaussian_cost(mean, log_deviation, x), -density.flatten(1).sum(1), rtol=1e-5, atol=1e-4
    )


def test_free_bits_and_warm_up_enter_the_loss() -> None:
    items, _ = _bars(16)
    family = _vae(free_bits=2.0, beta=3.0, warm_up=0.5)
    torch.manual_seed(0)
    drawn = family._with_draws(Batch(items))
    family.step = 149
    loss, shown = family._loss(drawn)
    # untrained, each of the 4 parts carries less than the 2 nats that are free
    assert loss.item() == pytest.approx(shown["reconstruction"].item() + 3.0 * 4 * 2.0, rel=1e-5)
    family.step = 0  # the first of 75 steps of warm-up
    loss, shown = family._loss(drawn)
    assert loss.item() == pytest.approx(shown["reconstruction"].item() + 8 * 3 / 75, rel=1e-5)


@pytest.mark.parametrize("backbone", ["mlp", "conv"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_it_learns_to_copy(backbone: str, likelihood: str) -> None:
    items, _ = _bars(16)
    family = _vae(backbone=backbone, likelihood=likelihood, learning_rate=5e-3, width=8)
    first = _train(family, 1, items, None)
    assert _train(family, 120, items, None) < 0.8 * first
    with torch.no_grad():
        copies = family.decode(family.encode(items, None), None)
    error = (copies - items).square().mean()
    assert error < 0.5 * (items.mean(0) - items).square().mean()


def test_the_noise_level_is_learned() -> None:
    items, _ = _bars(16)
    family = _vae(likelihood="gaussian", learning_rate=5e-3, backbone="mlp", input_noise=0.0)
    _train(family, 120, items, None)
    assert family.pixel_noise is not None
    with torch.no_grad():
        copies = family.decode(family.encode(items, None), None)
    error = ((copies - items) / 2).square().mean().sqrt()
    assert family.pixel_noise().exp().item() == pytest.approx(error.item(), rel=0.3)
    assert _vae((3, 32, 32)).pixel_noise is not None  # colour: Gaussian of itself
    assert _vae((1, 32, 32)).pixel_noise is None


def test_labels_are_guessed_from_what_fits_best() -> None:
    items, labels = _bars(16)
    family = _vae(labels=2, conditional=True, learning_rate=5e-3, width=8, backbone="mlp", code=2)
    _train(family, 150, items, labels)
    with torch.no_grad():
        right = (family.guess_labels(items) == labels).float().mean()
    assert right > 0.9


def test_held_out_cost_is_the_sum_of_its_parts() -> None:
    items, _ = _bars(16)
    measured = _vae().validate(Batch(items))
    total = measured["val_reconstruction"] + measured["val_kl"]
    torch.testing.assert_close(measured["val_neg_elbo"], total)


class TestMixture:
    """The Gaussian mixture that new codes come from."""

    def _fitted(self) -> GaussianMixture:
        torch.manual_seed(0)
        cloud = torch.randn(4000, 2) * torch.tensor([0.3, 1.0])
        cloud[:3000] += torch.tensor([5.0, 0.0])
        cloud[3000:] -= torch.tensor([5.0, 0.0])
        mixture = GaussianMixture(2, 2)
        mixture.fit(cloud)
        return mixture

    def test_finds_two_clouds(self) -> None:
        mixture = self._fitted()
        order = mixture.means[:, 0].argsort()
        expected = torch.tensor([[-5.0, 0.0], [5.0, 0.0]])
        torch.testing.assert_close(mixture.means[order], expected, atol=0.15, rtol=0)
        weights = torch.tensor([0.25, 0.75])
        torch.testing.assert_close(mixture.weights[order], weights, atol=0.02, rtol=0)
        covariance = mixture.factors[order[1]] @ mixture.factors[order[1]].T
        expected = torch.diag(torch.tensor([0.09, 1.0]))
        torch.testing.assert_close(covariance, expected, atol=0.1, rtol=0)

    def test_draws_what_it_fitted(self) -> None:
        mixture = self._fitted()
        normal = torch.randn(4000, 3, generator=torch.Generator().manual_seed(1))
        drawn = mixture.place(normal[:, 0], normal[:, 1:])
        assert (drawn[:, 0] > 0).float().mean().item() == pytest.approx(0.75, abs=0.03)
        assert torch.equal(drawn[7:9], mixture.place(normal[7:9, 0], normal[7:9, 1:]))

    def test_follows_labelled_points_that_move(self) -> None:
        mixture, random = GaussianMixture(3, 2), torch.Generator().manual_seed(0)
        assert not mixture.is_fitted
        labels = torch.arange(20) % 2  # none has the last label
        spread = torch.tensor([[0.3, 1.0], [2.0, 0.5]])[labels]
        for step in range(200):
            centre = torch.tensor([[4.0, -1.0], [-2.0, 3.0]])[labels] * min(1.0, step / 100)
            mixture.follow(centre + spread * torch.randn(20, 2, generator=random), labels)
        assert mixture.is_fitted
        drawn = mixture.place_of(labels.repeat(200), torch.randn(4000, 2, generator=random))
        for label, centre in enumerate(([4.0, -1.0], [-2.0, 3.0])):
            own = drawn[labels.repeat(200) == label]
            torch.testing.assert_close(own.mean(0), torch.tensor(centre), atol=0.4, rtol=0)
            torch.testing.assert_close(own.std(0), spread[label], atol=0.1, rtol=0.35)
        assert mixture.means[2].tolist() == [0, 0] and torch.equal(mixture.factors[2], torch.eye(2))

    def test_density(self) -> None:
        torch.manual_seed(0)
        factor = torch.tensor([[[1.0, 0.0], [0.5, 0.7]]])
        mean, points = torch.randn(1, 2), torch.randn(6, 2)
        expected = MultivariateNormal(mean[0], scale_tril=factor[0]).log_prob(points)
        torch.testing.assert_close(log_density(points, mean, factor)[:, 0], expected)

    def test_is_saved_with_the_model_and_used(self) -> None:
        items, _ = _bars(32)
        family = _vae()
        plain = family.draw([3], 1.0, None)
        family.finish(iter([Batch(items)]))
        fitted = family.draw([3], 1.0, None)
        assert not torch.equal(plain, fitted)
        other = _vae()
        other.mixture.load_state_dict(family.mixture.state_dict())
        assert torch.equal(other.draw([3], 1.0, None), fitted)

    def test_too_few_codes_leave_the_prior(self) -> None:
        family = _vae(mixture_parts=50)
        family.finish(iter([Batch(_bars(4)[0])]))
        assert not family.mixture.is_fitted
