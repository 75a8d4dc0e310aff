"""The families that draw music on a grid: formulas by hand, shapes, and that they learn."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Music
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.music.music_gan import MusicGAN
from studio.families.music.music_gan_networks import LSTMCritic
from studio.families.music.music_gan_neurons import NEURONS
from studio.families.music.music_gan_recipe import MusicGANRecipe
from studio.families.music.music_vae import MusicVAE
from studio.families.music.music_vae_losses import (
    focal_cost,
    note_f1,
    shift,
    weighted_cost,
)
from studio.families.music.music_vae_recipe import MusicVAERecipe
from studio.families.music.roll_networks import Half, Twice, roll_size
from studio.families.variational import bernoulli_cost

SHAPE = (2, 32, 20)  # two tracks, two bars of sixteenths, 20 pitches
GRID = {"quarters": 4, "steps": 16, "lowest": 48, "pitches": 20, "tracks": 2, "bars": 2}


def _spec(labels: int = 0) -> DataSpec:
    return DataSpec(
        modality=Modality.MUSIC,
        shape=SHAPE,
        labels=tuple(map(str, range(labels))),
        count=64,
        resources={"roll": json.dumps(GRID)},
    )


def _gan(labels: int = 0, **options: Any) -> MusicGAN:
    small = {"steps": 60, "batch_size": 8, "width": 4, "code": 8, "critic_steps": 1} | options
    family = MusicGAN(MusicGANRecipe(**small), Compute())
    torch.manual_seed(0)
    family.setup(_spec(labels))
    return family


def _vae(labels: int = 0, **options: Any) -> MusicVAE:
    small = {"steps": 150, "batch_size": 16, "width": 4, "code": 6, "mixture_parts": 2} | options
    family = MusicVAE(MusicVAERecipe(**small), Compute())
    torch.manual_seed(0)
    family.setup(_spec(labels))
    return family


def _tunes(count: int) -> Tensor:
    """Return rolls of a held chord and of a scale from one of four notes on, in −1 … 1."""
    rolls = torch.full((count, *SHAPE), -1.0)
    for index in range(count):
        start = index % 4
        for step in range(0, 32, 4):
            rolls[index, 0, step : step + 3, 10 + (start + step // 4) % 8] = 1
        rolls[index, 1, :, start] = 1
    return rolls


# --------------------------------------------------------------------------------- networks


def test_sizes_that_can_be_reached() -> None:
    assert roll_size((2, 64, 60))[3:] == (4, 4, 5)
    assert roll_size((1, 48, 61))[3:] == (3, 4, 6)  # 3/4: four bars of 12 steps
    assert roll_size((1, 80, 12))[3:] == (5, 4, 1)
    with pytest.raises(StudioError) as caught:
        roll_size((1, 37, 12))
    assert "bars" in caught.value.hint


def test_halves_and_doubles_of_time_are_convolutions() -> None:
    """A layer of plain products gives what torch's own convolutions of time give."""
    torch.manual_seed(0)
    rows = torch.randn(3, 8, 5)
    half = Half(5, 7)
    kernel = half.linear.weight.view(7, 4, 5).transpose(1, 2)  # (out, in, time)
    expected = torch.nn.functional.conv1d(
        rows.transpose(1, 2), kernel, half.linear.bias, stride=2, padding=1
    )
    torch.testing.assert_close(half(rows), expected.transpose(1, 2))
    twice = Twice(5, 7)
    kernel = twice.linear.weight.view(14, 3, 5).transpose(1, 2)
    expected = torch.nn.functional.conv1d(
        rows.transpose(1, 2), kernel, twice.linear.bias, padding=1
    )
    torch.testing.assert_close(twice(rows), expected.transpose(1, 2).reshape(3, 16, 7))


@pytest.mark.parametrize("name", ["soft", "deterministic", "stochastic"])
def test_neurons_are_what_they_say_and_pass_gradients(name: str) -> None:
    logits = torch.tensor([-2.0, -0.1, 0.1, 2.0], requires_grad=True)
    numbers = torch.tensor([0.1, 0.6, 0.6, 0.9])
    made = NEURONS[name](logits, numbers)
    expected = {
        "soft": torch.tanh(logits / 2),
        "deterministic": torch.tensor([-1.0, -1, 1, 1]),
        # σ(−2) = 0.119 > 0.1,  σ(∓0.1) = 0.475, 0.525 < 0.6,  σ(2) = 0.88 < 0.9
        "stochastic": torch.tensor([1.0, -1, -1, -1]),
    }[name]
    torch.testing.assert_close(made, expected)
    (slope,) = torch.autograd.grad(made.sum(), logits)
    chance = logits.detach().sigmoid()
    torch.testing.assert_close(slope, 2 * chance * (1 - chance))


# ------------------------------------------------------------------------------------- GAN


@pytest.mark.parametrize("network", ["conv", "lstm"])
def test_penalty_of_critics_agrees_with_finite_differences(network: str) -> None:
    """The penalty's own slope, a second derivative, is right for both kinds of critics."""
    family = _gan(network=network)
    critic = family.critic.double()
    torch.manual_seed(1)
    real = _tunes(4).double()
    fake, mix = torch.randn_like(real), torch.rand(4, dtype=torch.double)
    parameter = critic.verdict.score.weight if network == "conv" else critic.first.weight

    def penalty() -> Tensor:
        share = mix.view(-1, 1, 1, 1)
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    (found,) = torch.autograd.grad(penalty(), parameter)
    direction = torch.randn_like(parameter)
    values = []
    for sign in (1, -1):
        with torch.no_grad():
            parameter.add_(sign * 1e-5 * direction)
        values.append(penalty().item())
        with torch.no_grad():
            parameter.sub_(sign * 1e-5 * direction)
    wanted = (values[0] - values[1]) / 2e-5
    assert (found * direction).sum().item() == pytest.approx(wanted, rel=1e-3)


def test_an_lstm_critic_hears_the_order_of_time() -> None:
    torch.manual_seed(0)
    critic = LSTMCritic(SHAPE, 4, 0)
    rolls = _tunes(3)
    assert not torch.allclose(critic(rolls), critic(rolls.flip(2)))


def test_labels_change_what_is_made() -> None:
    family = _gan(labels=3)
    labels = torch.tensor([0, 1, 2, -1, 0, 1, 2, -1])
    for step in range(3):
        family.step = step
        losses = family.train_step(Batch(_tunes(8), labels))
    assert all(torch.isfinite(value) for value in losses.values())
    code = family.draw([5], 1.0, None)
    with torch.no_grad():
        made = [family.decode(code, torch.tensor([label])) for label in (0, 1)]
    assert not torch.equal(*made)


def _play(family: MusicGAN, real: Tensor, steps: int) -> Tensor:
    """Return what is made after some steps of the game, (32, *SHAPE)."""
    for step in range(steps):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(real.repeat(family.batches_per_step, 1, 1, 1)))
    with torch.no_grad():
        return family.decode(family.draw(range(32), 1.0, None), None)


def test_the_game_finds_notes_of_real_music() -> None:
    real = _tunes(16)
    family = _gan(learning_rate=5e-3, batch_size=16, steps=80, critic_steps=2)
    made, wanted = _play(family, real, 80) > 0, real[:4] > 0
    both = (made[:, None] & wanted).flatten(2).sum(2)
    either = (made[:, None] | wanted).flatten(2).sum(2)
    # of as many places, a thirtieth would be hit by luck
    assert (both / either).max(1).values.mean() > 0.15


def test_the_game_of_lstms_moves_towards_real_music() -> None:
    real = _tunes(16)
    family = _gan(network="lstm", learning_rate=5e-3, batch_size=16, steps=30)

    def distance(made: Tensor) -> float:
        return (made.mean(0) - real.mean(0)).square().mean().item()

    before = distance(_play(family, real, 0))
    assert distance(_play(family, real, 30)) < 0.5 * before


# ------------------------------------------------------------------------------------- VAE


def test_costs_by_hand() -> None:
    logits, target = torch.tensor([[0.0, 2.0, -2.0]]), torch.tensor([[1.0, 1.0, 0.0]])
    right = torch.tensor([0.5, 0.8808, 0.8808])  # the chance given to what is there
    torch.testing.assert_close(
        bernoulli_cost(logits, target), -right.log().sum()[None], rtol=1e-3, atol=1e-3
    )
    weighted = -(right.log() * torch.tensor([3.0, 3.0, 1.0])).sum()
    torch.testing.assert_close(
        weighted_cost(logits, target, 3.0), weighted[None], rtol=1e-3, atol=1e-3
    )
    focal = -((2 * (1 - right)) ** 2 * right.log()).sum()
    torch.testing.assert_close(focal_cost(logits, target), focal[None], rtol=1e-3, atol=1e-3)


def test_weights_are_taken_away_again() -> None:
    """The logit that costs least under a weight is the true one once it is shifted back."""
    chance, weight = 0.1, 5.0
    logits = torch.linspace(-6, 4, 2001)[:, None]
    ones, zeros = torch.ones_like(logits), torch.zeros_like(logits)
    cost = chance * weighted_cost(logits, ones, weight)
    cost = cost + (1 - chance) * weighted_cost(logits, zeros, weight)
    best = logits[cost.argmin()] + shift("weight", weight)
    assert best.sigmoid().item() == pytest.approx(chance, abs=0.002)


def test_note_f1_counts_beginnings() -> None:
    wanted = torch.zeros(1, 1, 8, 4, dtype=torch.bool)
    wanted[0, 0, 0:3, 1] = wanted[0, 0, 4:6, 2] = True  # two notes
    drawn = wanted.clone()
    drawn[0, 0, 2, 1] = False  # one too short still begins right
    drawn[0, 0, 6:8, 3] = True  # one too many
    assert note_f1(drawn, wanted).item() == pytest.approx(2 * 2 / (3 + 2))
    assert note_f1(wanted, wanted).item() == 1.0


@pytest.mark.parametrize(
    ("network", "sparse"),
    [("conv", "none"), ("gru", "none"), ("conv", "weight"), ("conv", "focal")],
)
def test_it_learns_to_copy(network: str, sparse: str) -> None:
    family = _vae(network=network, sparse=sparse, steps=60, beta=0.1, missing=0.0)
    items = _tunes(16)
    first = family.validate(Batch(items))
    for step in range(60):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(items))
    last = family.validate(Batch(items))
    assert last["val_neg_elbo"] < 0.75 * first["val_neg_elbo"]
    assert last["val_kl"] > 2  # which of four tunes it is: log 4 = 1.4 nats at least
    assert last["val_note_f1"] > first["val_note_f1"] + 0.1
    # eight notes of the melody and one of the chords in 32 steps
    per_note = last["val_neg_elbo"] * 32 / 9
    assert last["val_nats_per_note"].item() == pytest.approx(per_note.item(), rel=1e-5)


def test_free_bits_and_warm_up_enter_the_loss() -> None:
    family = _vae(free_bits=2.0, beta=3.0, warm_up=0.5, missing=0.0, sparse="none")
    torch.manual_seed(0)
    drawn = family._with_draws(Batch(_tunes(16)))
    family.step = 149
    loss, shown = family._loss(drawn)
    # untrained, each of the 6 parts carries less than the 2 nats that are free
    assert loss.item() == pytest.approx(32 * shown["reconstruction"].item() + 36.0, rel=1e-5)


def test_variations_stray_as_far_as_asked() -> None:
    family = _vae()
    rows = ((_tunes(1) > 0).to(torch.uint8) * 1).numpy().repeat(3, axis=0)

    def codes(variety: float, task: Task = Task.VARY) -> Tensor:
        request = SampleRequest(task=task, seeds=[1, 2, 3], inputs=rows, variety=variety)
        with torch.inference_mode():
            return family._codes(request, lambda _done, _total: None)[0]

    own = codes(1.0, Task.RECONSTRUCT)
    torch.testing.assert_close(codes(0.0), own)
    near, far = codes(0.5) - own, codes(2.0) - own
    torch.testing.assert_close(4 * near, far)
    assert not torch.equal(near[0], near[1])


def test_a_morph_begins_and_ends_at_the_two_pieces() -> None:
    family = _vae()
    rows = (_tunes(2) > 0).to(torch.uint8).numpy()
    request = SampleRequest(task=Task.MORPH, inputs=rows, frames=3)
    way = list(family.sample(request, lambda _done, _total: None))
    copies = SampleRequest(task=Task.RECONSTRUCT, inputs=rows)
    ends = list(family.sample(copies, lambda _done, _total: None))
    assert len(way) == 4
    for frame, end in ((way[0], ends[0]), (way[-1], ends[1])):
        assert isinstance(frame, Music)
        assert isinstance(end, Music)
        for ours, theirs in zip(frame.tracks, end.tracks, strict=True):
            assert ours.notes.tolist() == theirs.notes.tolist()
