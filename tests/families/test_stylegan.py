"""The StyleGAN's formulas against the papers' own form, and that it learns."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.media import Image, Modality
from studio.core.places import Place
from studio.core.recipe import DataSpec
from studio.families.adversarial_losses import R1_EVERY
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.stylegan import PATH_EVERY, StyleGAN
from studio.families.image.stylegan_critic import Critic, batch_spread
from studio.families.image.stylegan_losses import path_lengths, path_penalty
from studio.families.image.stylegan_networks import NOISE_NUMBERS, Mapping, Synthesis
from studio.families.image.stylegan_recipe import OFTEN, StyleGANRecipe
from studio.families.layers.equalised import EqualisedConv2d, EqualisedLinear
from studio.families.layers.modulated import ModulatedConv2d
from studio.families.layers.resample import Blur, Double, Halve


def _stylegan(
    shape: tuple[int, ...] = (1, 28, 28),
    labels: int = 0,
    compute: Compute | None = None,
    **options: Any,
) -> StyleGAN:
    small = {"steps": 10, "batch_size": 8, "width": 4, "code": 16} | options
    family = StyleGAN(StyleGANRecipe(**small), compute or Compute())
    torch.manual_seed(0)
    names = tuple(map(str, range(labels)))
    family.setup(DataSpec(modality=Modality.IMAGE, shape=shape, labels=names, count=8))
    return family


# ------------------------------------------------------------------------------------- layers


@pytest.mark.parametrize("doubles", [False, True])
def test_modulation_equals_weights_of_each_picture(doubles: bool) -> None:
    """The textbook form: scaled, demodulated weights per picture in one grouped convolution."""
    torch.manual_seed(0)
    layer = ModulatedConv2d(5, 7, 3, 6, doubles=doubles)
    x, style = torch.randn(3, 5, 8, 8), torch.randn(3, 6)
    scale = functional.linear(style, layer.affine.weight / math.sqrt(6), layer.affine.bias)
    weight = layer.convolve.weight.transpose(0, 1) if doubles else layer.convolve.weight
    weights = weight * scale[:, None, :, None, None]  # (B, out, in, 3, 3)
    weights = weights / (weights.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    if doubles:
        grouped = weights.transpose(1, 2).reshape(15, 7, 3, 3)
        wide = functional.conv_transpose2d(x.view(1, 15, 8, 8), grouped, stride=2, groups=3)
        wanted = Blur(padding=1, gain=4.0)(wide.view(3, 7, 17, 17))
    else:
        grouped = weights.reshape(21, 5, 3, 3)
        wanted = functional.conv2d(x.view(1, 15, 8, 8), grouped, padding=1, groups=3)
        wanted = wanted.view(3, 7, 8, 8)
    torch.testing.assert_close(layer(x, style), wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer(x, style, gain=3.0), 3 * wanted, rtol=1e-4, atol=1e-5)


def test_colours_are_modulated_but_not_demodulated() -> None:
    torch.manual_seed(0)
    layer = ModulatedConv2d(4, 3, 1, 6, demodulate=False)
    x, style = torch.randn(2, 4, 5, 5), torch.randn(2, 6)
    # with the equalised learning rate's 1/√4
    scale = functional.linear(style, layer.affine.weight / math.sqrt(6), layer.affine.bias) / 2
    wanted = torch.einsum("oi,bi,bihw->bohw", layer.convolve.weight[:, :, 0, 0], scale, x)
    torch.testing.assert_close(layer(x, style), wanted, rtol=1e-4, atol=1e-5)


def test_equalised_layers_start_at_unit_size_whatever_their_speed() -> None:
    torch.manual_seed(0)
    x = torch.randn(4000, 50)
    for speed in (1.0, 0.01):
        layer = EqualisedLinear(50, 40, speed=speed, bias=0.5)
        assert layer(x).std().item() == pytest.approx(1.0, abs=0.05)
        wanted = functional.linear(x, layer.weight * speed / math.sqrt(50), layer.bias * speed)
        torch.testing.assert_close(layer(x), wanted)
        assert layer.weight.std().item() == pytest.approx(1 / speed, rel=0.05)
    convolution = EqualisedConv2d(8, 30, 3, gain=2.0)
    assert convolution(torch.randn(9, 8, 20, 20)).std().item() == pytest.approx(2.0, rel=0.1)


def test_resampling_by_hand() -> None:
    # a corner pixel of value 64 spreads as [1, 3, 3, 1] ⊗ [1, 3, 3, 1]
    x = torch.zeros(1, 1, 4, 4)
    x[..., 1, 1] = 64
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    spread = torch.zeros(1, 1, 8, 8)
    spread[..., 1:5, 1:5] = 4 * taps[:, None] * taps
    torch.testing.assert_close(Double()(x), spread)
    halved = torch.zeros(1, 1, 2, 2)
    # pixel 1 has the weight 3 for the first pixel of the half, 1 for the second
    halved[..., :, :] = torch.tensor([[9.0, 3.0], [3.0, 1.0]])
    torch.testing.assert_close(Halve()(x), halved)
    inside = Halve()(Double()(torch.full((1, 2, 16, 16), 0.7)))[..., 2:-2, 2:-2]
    torch.testing.assert_close(inside, torch.full_like(inside, 0.7))


def test_spread_over_a_group_by_hand() -> None:
    a, b = torch.zeros(1, 2, 3, 3), torch.ones(1, 2, 3, 3)
    b[:, 1] = 3.0
    # per place the deviations of 0, 0, 1, 1 and of 0, 0, 3, 3: 0.5 and 1.5, on average 1
    x = torch.cat([a, b, a, b])
    torch.testing.assert_close(batch_spread(x), torch.ones(4, 1, 3, 3))
    # equal pictures have none; each group is for itself; the rest is measured with those before
    y = torch.cat([x, a, a, a, a, b])
    of_items = batch_spread(y)[:, 0, 0, 0]
    torch.testing.assert_close(of_items[:4], torch.ones(4))
    assert of_items[4:8].max() < 1e-3
    # 0, 0, 0, 1 and 0, 0, 0, 3: √(3/16) · (1 + 3)/2
    assert of_items[8].item() == pytest.approx(2 * math.sqrt(3) / 4, rel=1e-3)
    assert batch_spread(x[:1]).abs().max() < 1e-3


# ------------------------------------------------------------------------------------ penalties


def test_r1_of_the_critic_agrees_with_autograd_by_hand_and_is_lazy() -> None:
    family = _stylegan(r1=3.0, augment="off")
    torch.manual_seed(0)
    batch = Batch(torch.randn(8, 1, 28, 28))
    drawn = family._with_draws(batch)
    gamma = 3.0 * 2e-4 * 28 * 28 / 8
    leaf = batch.items.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(family.critic(leaf).sum(), leaf)
    by_hand = gamma / 2 * slope.square().sum((1, 2, 3)).mean()
    family.step = R1_EVERY
    loss, shown = family._critic_loss(drawn)
    torch.testing.assert_close(shown["penalty"], by_hand, rtol=1e-4, atol=1e-8)
    family.step = R1_EVERY + 1
    without, rest = family._critic_loss(drawn)
    assert "penalty" not in rest
    torch.testing.assert_close(loss - without, R1_EVERY * by_hand, rtol=1e-3, atol=1e-6)


def test_path_lengths_of_a_linear_generator_are_those_of_its_jacobian() -> None:
    torch.manual_seed(0)
    table = torch.randn(3, 2 * 4 * 4, 5)  # for each of 3 layers
    styles = torch.randn(6, 3, 5, requires_grad=True)
    noise = torch.randn(6, 2, 4, 4)
    pictures = torch.einsum("lpd,bld->bp", table, styles).view(6, 2, 4, 4)
    lengths = path_lengths(pictures, styles, noise)
    # Jᵀ y per layer, y divided by √(4 · 4); squared lengths averaged over the layers
    along = torch.einsum("lpd,bp->bld", table, noise.flatten(1) / 4)
    torch.testing.assert_close(lengths, along.square().sum(2).mean(1).sqrt(), rtol=1e-4, atol=1e-5)
    usual = torch.tensor(1.5)
    wanted = (lengths.detach() - 1.5).square().mean()
    torch.testing.assert_close(path_penalty(lengths, usual).detach(), wanted)


def test_path_lengths_reach_the_generator_and_their_mean_is_kept() -> None:
    family = _stylegan(path_length=2.0)
    batch = Batch(torch.randn(8, 1, 28, 28))
    family.step = 0
    losses = family.train_step(batch)
    usual = 0.01 * losses["path_length"]
    torch.testing.assert_close(family.generator.path_length, usual)
    family.step = 1
    assert "path_length" not in family.train_step(batch)
    family.step = PATH_EVERY
    drawn = family._with_draws(batch)
    loss, _ = family._generator_loss(drawn)
    family.step = PATH_EVERY + 1
    without, _ = family._generator_loss(drawn)
    gradients = [
        torch.autograd.grad(each, family.generator.synthesis.constant)[0]
        for each in (loss, without)
    ]
    assert not torch.allclose(*gradients)


# --------------------------------------------------------------------------- styles and noise


def test_truncation_moves_to_the_mean_of_the_label() -> None:
    family = _stylegan(labels=3)
    mapping = family.generator.mapping
    mapping.mean.copy_(torch.randn_like(mapping.mean))
    seeds, labels = [5, 6], torch.tensor([0, 2])
    whole = family.draw(seeds, 1.0, labels)[..., :16]
    mean = mapping.mean[labels][:, None]
    half = family.draw(seeds, 0.5, labels)[..., :16]
    torch.testing.assert_close(half, mean + 0.5 * (whole - mean))
    none = family.draw(seeds, 0.0, labels)[..., :16]
    torch.testing.assert_close(none, mean.expand_as(none))


def test_the_mean_style_is_tracked_per_label_and_exact_in_the_end() -> None:
    torch.manual_seed(0)
    mapping = Mapping(8, 2, labels=3)
    styles = torch.randn(5, 8)
    mapping.track(styles, torch.tensor([0, 0, 2, 2, 2]), newest=0.25)
    torch.testing.assert_close(mapping.mean[0], 0.25 * styles[:2].mean(0))
    torch.testing.assert_close(mapping.mean[2], 0.25 * styles[2:].mean(0))
    assert not mapping.mean[1].any()
    family = _stylegan(labels=2)
    family.finish(iter([]))
    drawn = family.draw(range(4000, 6000), 1.0, torch.ones(2000, dtype=torch.long))[:, 0, :16]
    error = (family.generator.mapping.mean[1] - drawn.mean(0)).norm()
    assert error < 0.1 * drawn.std(0).norm()


def test_styles_are_mixed_from_a_layer_on() -> None:
    family = _stylegan(style_mixing=0.5, batch_size=64)
    torch.manual_seed(0)
    drawn = family._with_draws(Batch(torch.randn(64, 1, 28, 28)))
    styles = family._styles(drawn)
    mapping, layers = family.generator.mapping, family.generator.synthesis.layers
    one, two = (mapping(drawn.draws[name])[:, None] for name in ("code", "other"))
    own, other = (styles == one).all(2), (styles == two).all(2)  # (B, L)
    assert (own ^ other).all()
    assert own[:, 0].all()
    first = own.sum(1)
    assert torch.equal(own, torch.arange(layers) < first[:, None])
    assert 0.3 < (first < layers).float().mean() < 0.7
    assert len(first.unique()) == layers  # every place from 1 on, and none at all


def test_a_seed_has_noise_of_its_own_that_keeps_its_strength() -> None:
    family = _stylegan(shape=(1, 32, 32))
    seen: list[Tensor] = []

    def note(_module: Any, given: tuple[Tensor, Tensor]) -> None:
        seen.append(given[1])

    family.generator.synthesis.register_forward_pre_hook(note)
    codes = family.draw([1, 2], 1.0, None)
    middle = family.between(codes[0], codes[1], torch.tensor([0.5]))
    with torch.no_grad():
        family.decode(torch.cat([codes, middle]), None)
        family.decode(codes[1:], None)
    first, second, between = seen[0]
    torch.testing.assert_close(seen[1][0], second)
    for spread in (first, second, between):
        assert spread.std().item() == pytest.approx(1.0, abs=0.05)
        assert abs(spread.mean().item()) < 0.05
    assert torch.corrcoef(torch.stack([first, between]))[0, 1] > 0.5
    assert codes.shape == (2, family.generator.synthesis.layers, 16 + NOISE_NUMBERS)


def test_noise_changes_the_picture_once_it_has_strength() -> None:
    synthesis = Synthesis(16, (1, 28, 28), 4)
    styles = torch.randn(1, synthesis.layers, 16)
    one, two = torch.randn(2, 1, synthesis.places)
    with torch.no_grad():
        torch.testing.assert_close(synthesis(styles, one), synthesis(styles, two))
        for layer in synthesis.styled:
            layer.strength.fill_(50.0)
        assert (synthesis(styles, one) - synthesis(styles, two)).abs().mean() > 0.01


def test_places_mix_styles_of_two_seeds() -> None:
    family = _stylegan()
    for layer in (0, 3):
        place = Place(seeds=(1,), style_seed=2, style_from=layer)
        request = SampleRequest(places=[place, Place(seeds=(1,)), Place(seeds=(2,))])
        mixed, one, two = (
            media.pixels
            for media in family.sample(request, lambda _done, _of: None)
            if isinstance(media, Image)
        )
        assert (mixed == two).all() == (layer == 0)
        assert (mixed == one).all() == False  # noqa: E712 - numpy's own bool


# -------------------------------------------------------------------------------------- the whole


def test_projection_adds_the_labels_direction() -> None:
    torch.manual_seed(0)
    critic = Critic((1, 28, 28), 4, 3)
    x, labels = torch.randn(4, 1, 28, 28), torch.tensor([0, 1, 2, 0])
    seen: list[Tensor] = []
    critic.score.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    score = critic(x, labels)
    assert critic.label is not None
    along = (critic.label(labels) * functional.leaky_relu(seen[0], 1.0)).sum(1)
    wanted = critic.score(seen[0])[:, 0] + along / math.sqrt(seen[0].shape[1])
    torch.testing.assert_close(score, wanted)


def test_labels_change_what_is_made_and_unlabelled_items_are_taken() -> None:
    family = _stylegan(labels=3)
    labels = torch.tensor([0, 1, 2, -1, 0, 1, 2, -1])
    losses = family.train_step(Batch(torch.randn(8, 1, 28, 28), labels))
    assert all(torch.isfinite(value) for value in losses.values())
    with torch.no_grad():
        made = [
            family.decode(family.draw([5], 1.0, torch.tensor([label])), None) for label in (0, 1)
        ]
    assert not torch.equal(*made)


@pytest.mark.parametrize("size", [28, 32, 48, 256])
def test_sizes_that_can_be_reached(size: int) -> None:
    family = _stylegan((3, size, size))
    with torch.no_grad():
        made = family.decode(family.draw([1, 2], 1.0, None), None)
        assert made.shape == (2, 3, size, size)
        assert family.critic(made).shape == (2,)


@pytest.mark.parametrize(
    ("shape", "word"), [((1, 50, 50), "48 or 56"), ((1, 512, 512), "256"), ((1, 32, 28), "square")]
)
def test_what_cannot_work_says_what_to_do(shape: tuple[int, ...], word: str) -> None:
    with pytest.raises(StudioError) as caught:
        _stylegan(shape)
    assert word in caught.value.hint


def test_few_bits_stay_finite_and_close() -> None:
    """In bf16 activations are held, and pictures differ from fp32 by rounding alone."""
    fp32, bf16 = _stylegan(), _stylegan(compute=Compute(autocast=torch.bfloat16))
    code = fp32.draw([1, 2, 3], 1.0, None)
    with torch.no_grad():
        wanted = fp32.decode(code, None)
        with bf16.compute.precision():
            made = bf16.decode(code, None).float()
            huge = 1e6 * torch.randn(2, 1, 28, 28)
            assert bf16.critic(huge).isfinite().all()
    assert (made - wanted).abs().mean() < 0.02 * wanted.std()
    for step in range(2):
        bf16.step = step
        losses = bf16.train_step(Batch(torch.randn(8, 1, 28, 28)))
        assert all(torch.isfinite(value) for value in losses.values())


def test_automatic_augmentation_is_for_pictures_that_are_shown_often() -> None:
    # the set has 8 pictures, and a batch 8 of them
    assert _stylegan(steps=OFTEN + 1).augmented
    assert not _stylegan(steps=OFTEN).augmented
    assert not _stylegan(steps=OFTEN + 1, augment="off").augmented
    assert _stylegan(steps=OFTEN, augment="on").augmented


def test_every_regulariser_goes_on_exactly_and_in_parts() -> None:
    """The probability, the signs, the mean path and w̄ are kept with the networks."""
    options: dict[str, Any] = {"augment": "on", "path_length": 2.0, "style_mixing": 0.9}
    first, second = (_stylegan(labels=2, augment_speed=0.1, **options) for _ in range(2))
    parts = _stylegan(labels=2, augment_speed=0.1, compute=Compute(micro_batches=2), **options)
    batch = Batch(torch.randn(8, 1, 28, 28), torch.arange(8) % 2)

    def step(family: StyleGAN, number: int) -> dict[str, float]:
        torch.manual_seed(number)
        family.step = number
        return {name: value.item() for name, value in family.train_step(batch).items()}

    first.augmentation.probability.fill_(0.5)
    for number in range(6):
        step(first, number)
    assert first.augmentation.probability != 0.5
    assert first.augmentation.signs != 0
    for name, part in (second.networks() | second.optimisers()).items():
        part.load_state_dict(deepcopy((first.networks() | first.optimisers())[name].state_dict()))
    for name, network in parts.networks().items():
        network.load_state_dict(first.networks()[name].state_dict())
    whole = [step(first, number) for number in (6, 7, 8)]
    assert [step(second, number) for number in (6, 7, 8)] == whole
    # the critic's turn, which comes first, is the same where the batch goes through in parts
    again = step(parts, 6)
    for name in ("loss_critic", "critic_real", "critic_fake", "augment_share"):
        assert again[name] == pytest.approx(whole[0][name], rel=1e-4), name


def test_the_mapping_leaves_with_the_decoder() -> None:
    """Other programs get numbers → codes → pictures, without a label that only the first needs."""
    family = _stylegan(labels=3)
    parts = family.exported()
    mapping, decoder = parts["mapping"], parts["decoder"]
    assert (mapping.inputs, decoder.inputs) == (("numbers", "label"), ("code",))
    with torch.no_grad():
        codes = mapping.module(*mapping.draw(3, 7))
        torch.testing.assert_close(codes, *decoder.draw(3, 7))
        assert decoder.module(codes).shape == (3, 1, 28, 28)


def test_it_learns() -> None:
    """It comes close to pictures of a bright bar on black, at one of two places."""
    family = _stylegan(labels=2, learning_rate=1e-2, augment="off", batch_size=16, r1=10.0)
    bars = torch.full((2, 1, 28, 28), -1.0)
    bars[0, :, :, 4:10] = bars[1, :, :, 18:24] = 1.0
    labels = torch.arange(16) % 2

    def distance() -> float:
        with torch.no_grad():
            made = family.decode(family.draw(range(16), 1.0, labels), None)
        return (made - bars[labels]).square().mean().item()

    before = distance()
    for step in range(80):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(bars[labels], labels))
    assert distance() < 0.3 * before
