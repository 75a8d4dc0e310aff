"""Restoration: it learns, measures honestly, and repairs whole pictures without seams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.engine.onnx_files import _export
from studio.evaluate.fidelity import psnr
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.degradations import eight_bits, enlarge
from studio.families.image.restore import Restore
from studio.families.image.restore_damage import DAMAGES, MILDEST, UNKNOWN, pieces, turned
from studio.families.image.restore_losses import difference
from studio.families.image.restore_networks import EDSR, NAFNet, surroundings
from studio.families.image.restore_recipe import RestoreRecipe, RestoreSettings
from studio.families.tiling import Tiling

SIZE = 24
every_damage = pytest.mark.parametrize("damage", DAMAGES)


def _tick(_done: int, _total: int) -> None:
    """Do nothing."""


def stripes(count: int, seed: int = 0, channels: int = 3, size: int = SIZE) -> Tensor:
    """Return stripes of two colours at any angle, (N, C, H, W): edges wherever one looks."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.arange(size)[:, None], torch.arange(size)
    angle, width, shift = torch.rand(3, count, 1, 1, generator=generator)
    along = y * (3.14 * angle).sin() + x * (3.14 * angle).cos()
    broad = 3 + 4 * width
    to_edge = (0.5 - ((along / broad + 2 * shift) % 2 - 1).abs()) * broad  # in pixels
    share = (to_edge + 0.5).clamp(0, 1)[:, None]  # of a pixel that the first colour covers
    one, other = 1.8 * torch.rand(2, count, channels, 1, 1, generator=generator) - 0.9
    return eight_bits(share * one + (1 - share) * other)


def made(channels: int = 3, size: int = SIZE, compute: Compute | None = None, **o: Any) -> Restore:
    """Return a small family that was set up but has learned nothing."""
    options = {"width": 8, "blocks": 2, "batch_size": 16, "steps": 60, "learning_rate": 4e-3} | o
    family = Restore(RestoreRecipe(**options), compute or Compute())
    torch.manual_seed(0)
    family.setup(DataSpec(modality=Modality.IMAGE, shape=(channels, size, size), count=64))
    return family


def train(family: Restore, items: Tensor, steps: int = 60) -> list[dict[str, float]]:
    """Train and return what was shown."""
    said = []
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        batch = Batch(items[torch.randint(0, len(items), (family.recipe.batch_size,))])
        said.append({name: float(value) for name, value in family.train_step(batch).items()})
    return said


def picture(height: int, width: int, channels: int = 3, seed: int = 0) -> Image:
    """Return a picture with soft and hard places."""
    generator = np.random.default_rng(seed)
    y, x = np.arange(height)[:, None, None], np.arange(width)[None, :, None]
    waves = [np.sin(x / (7 + 3 * c) + c) + np.cos(y / (5 + 2 * c)) for c in range(channels)]
    pixels = 60 * np.concatenate(waves, 2) + 128 + 40 * ((x // 20 + y // 20) % 2)
    pixels = pixels + generator.normal(0, 8, pixels.shape)
    return Image(pixels.clip(0, 255).astype(np.uint8))


def restored(
    family: Restore,
    media: list[Image],
    masks: list[npt.NDArray[np.float32]] | None = None,
    **settings: Any,
) -> list[npt.NDArray[np.uint8]]:
    """Return the pixels of pictures that the family repaired."""
    request = SampleRequest(
        task=Task.RESTORE,
        media=media,
        masks=masks or [],
        settings=RestoreSettings(**settings),
    )
    found = list(family.sample(request, _tick))
    assert [each.facts for each in found] == [{"input": i} for i in range(len(media))]
    return [each.pixels for each in found if isinstance(each, Image)]


# ------------------------------------------------------------------------------------ learning


@pytest.mark.parametrize(
    ("damage", "gain"),
    [
        ("noise", 2.5),
        ("blur", 0.2),
        ("jpeg", 0.1),
        ("holes", 0.3),
        ("upscale2", 0.1),
        ("upscale4", 0.1),
    ],
)
def test_learns_to_repair(damage: str, gain: float) -> None:
    family = made(damage=damage, width=12)
    unseen = Batch(stripes(32, seed=9))
    before = family.validate(unseen)
    assert float(before["val_psnr_gain"]) == pytest.approx(0, abs=0.01)
    train(family, stripes(64))
    after = family.validate(unseen)
    assert float(after["val_psnr_gain"]) > gain
    assert float(after["val_psnr"]) > float(before["val_psnr"])


@every_damage
def test_a_new_model_gives_back_what_it_got(damage: str) -> None:
    family = made(damage=damage)
    clean = stripes(4)
    damaged = family.damage.apply(clean, family.damage.fixed(clean))
    expected = damaged.pictures
    if family.damage.scale > 1:
        expected = enlarge(expected, family.damage.scale)
    with torch.no_grad():
        assert torch.equal(family.restorer(damaged.pictures, damaged.guide), expected)


def test_parts_of_a_step_see_the_same_damage() -> None:
    whole, parts = made(damage="holes"), made(damage="holes", compute=Compute(micro_batches=4))
    first, second = train(whole, stripes(64), 2), train(parts, stripes(64), 2)
    assert first[1]["loss"] == pytest.approx(second[1]["loss"], rel=1e-4)


def test_strength_varies_only_when_asked() -> None:
    clean = stripes(200)
    draws = made(noise=50.0).damage.draw(clean)
    assert float(draws.strength.min()) >= MILDEST
    assert float(draws.strength.max()) <= 1
    assert 0.5 < float(draws.strength.mean()) < 0.7
    assert made(vary=False).damage.draw(clean).strength.unique().tolist() == [1.0]


def test_the_noise_guide_says_how_much_or_nothing() -> None:
    family = made(noise=50.0)
    clean = stripes(40)
    draws = family.damage.draw(clean)
    guide = family.damage.apply(clean, draws).guide
    assert guide is not None
    said = guide[:, 0, 0, 0]
    assert torch.equal(said[draws.known], draws.strength[draws.known])
    assert said[~draws.known].unique().tolist() == [UNKNOWN]


def test_a_critic_plays_against_the_restorer() -> None:
    family = made(damage="upscale2", critic=0.01)
    assert set(family.optimisers()) == {"optimiser", "critic_optimiser"}
    said = train(family, stripes(64), 25)
    assert {"loss", "loss_generator", "loss_critic", "critic_real", "critic_fake"} == set(said[0])
    assert said[-1]["critic_fake"] > 0.5
    assert said[-1]["loss"] < said[0]["loss"]


def test_errors_count_as_their_formulas_say() -> None:
    d = torch.tensor([0.0, -0.5])
    assert made(loss="l1").error(d).tolist() == [0, 0.5]
    assert made(loss="l2").error(d).tolist() == [0, 0.25]
    assert made().error(d).tolist() == pytest.approx([1e-3, (0.25 + 1e-6) ** 0.5])


def test_values_beyond_a_wanted_black_or_white_are_right() -> None:
    wanted = torch.tensor([1.0, 1.0, -1.0, -1.0, 0.5, -0.5])
    made_values = torch.tensor([1.5, 0.9, -1.2, -0.8, 1.5, -1.5])
    expected = [0, -0.1, 0, 0.2, 1.0, -1.0]
    assert difference(made_values, wanted).tolist() == pytest.approx(expected)


def test_black_and_white_pictures_are_repaired() -> None:
    """Half of their pixels are right as they are, and must not keep the others from changing."""
    family = made(1, damage="noise", width=12)
    ink = torch.where(stripes(64, channels=1) > 0, 1.0, -1.0)
    train(family, ink)
    assert float(family.validate(Batch(ink[:16]))["val_psnr_gain"]) > 6


def test_pieces_lie_anywhere_inside() -> None:
    places = torch.arange(100.0).view(1, 1, 10, 10).expand(300, 1, 10, 10)
    found = pieces(places, 7)
    assert found.shape == (300, 1, 7, 7)
    corners = found[:, 0, 0, 0].unique().tolist()
    assert corners == [10 * y + x for y in range(4) for x in range(4)]
    assert torch.equal(found[:, 0] - found[:, :1, 0, 0, None], (places[:, 0, :7, :7]))


def test_turned_pictures_have_eight_orientations() -> None:
    corner = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 1, 2, 2).expand(400, 1, 2, 2)
    found = {tuple(each.flatten().tolist()) for each in turned(corner)}
    assert len(found) == 8


# ----------------------------------------------------------------------------------- measuring


@every_damage
def test_a_held_out_picture_is_always_spoiled_in_the_same_way(damage: str) -> None:
    family = made(damage=damage)
    clean = stripes(6)
    whole = family.damage.apply(clean, family.damage.fixed(clean))
    torch.manual_seed(7)
    alone = family.damage.apply(clean[4:5], family.damage.fixed(clean[4:5]))
    assert torch.equal(whole.pictures[4:5], alone.pictures)
    assert (whole.guide is None) == (alone.guide is None)
    if whole.guide is not None and alone.guide is not None:
        assert torch.equal(whole.guide[4:5], alone.guide)


def test_gain_is_counted_from_the_spoiled_picture() -> None:
    family = made(damage="noise", noise=25.0)
    train(family, stripes(64), 10)
    clean = stripes(8, seed=3)
    damaged = family.damage.apply(clean, family.damage.fixed(clean))
    with torch.no_grad():
        repaired = eight_bits(family.restorer(damaged.pictures, damaged.guide))
    levels = [((each + 1) * 127.5).round() for each in (clean, damaged.pictures, repaired)]
    spoiled, better = (
        (10 * (255**2 / (levels[0] - each).square().mean((1, 2, 3))).log10()).mean()
        for each in levels[1:]
    )
    assert 19 < float(spoiled) < 21.5  # σ = 25 is 20.2 dB where nothing is cut off
    found = family.validate(Batch(clean))
    assert float(found["val_psnr"]) == pytest.approx(float(better), abs=1e-3)
    assert float(found["val_psnr_gain"]) == pytest.approx(float(better - spoiled), abs=1e-3)


def test_measures_in_fp32_whatever_the_precision() -> None:
    """Cosines and blurs of the damage in bf16 would spoil pictures in another way."""
    family = made(damage="jpeg", compute=Compute(autocast=torch.bfloat16))
    batch = Batch(stripes(8))
    plain = family.validate(batch)
    with family.compute.precision():
        again = family.validate(batch)
    assert float(plain["val_psnr"]) == pytest.approx(float(again["val_psnr"]), abs=1e-4)


def test_odd_sizes_are_measured_too() -> None:
    family = made(damage="upscale4", size=27)
    found = family.validate(Batch(stripes(4, size=27)))
    assert float(found["val_psnr_gain"]) == pytest.approx(0, abs=0.01)


@every_damage
def test_shows_spoiled_repaired_and_clean_side_by_side(damage: str) -> None:
    family = made(damage=damage)
    clean = stripes(3)
    shown = [each for each in family.show(Batch(clean)) if isinstance(each, Image)]
    assert len(shown) == 3
    assert shown[0].pixels.shape == (SIZE, 3 * SIZE, 3)
    expected = ((clean[0] + 1) * 127.5).round().permute(1, 2, 0).numpy()
    assert np.array_equal(shown[0].pixels[:, 2 * SIZE :], expected)
    if damage == "holes":
        assert (shown[0].pixels[:, :SIZE] == 255).all(2).mean() == pytest.approx(0.25, abs=0.01)


# ----------------------------------------------------------------------------------- repairing


def no_seams(tiled: npt.NDArray[np.uint8], whole: npt.NDArray[np.uint8], tiling: Tiling) -> None:
    """Check that where tiles meet there is no more difference than elsewhere."""
    off = np.abs(tiled.astype(float) - whole).mean(2)
    scale = len(whole) // 200
    height, width = whole.shape[:2]
    meets = np.zeros((height, width), bool)
    for side, axis in ((height, 0), (width, 1)):
        for start, _weights in tiling.times(scale).windows(side)[1:]:
            fades = slice(start + tiling.margin * scale, start + 2 * tiling.margin * scale)
            np.moveaxis(meets, axis, 0)[fades] = True
    assert meets.any()
    assert off[meets].mean() <= 1.5 * off[~meets].mean() + 0.02


@pytest.mark.parametrize(
    ("damage", "network"),
    [("noise", "edsr"), ("upscale2", "edsr"), ("upscale4", "edsr"), ("jpeg", "nafnet")],
)
def test_a_large_picture_comes_back_without_seams(damage: str, network: str) -> None:
    """The journey: learn from small pictures, then repair one of 300 × 200 in tiles."""
    family = made(damage=damage, network=network, blocks=2 if network == "edsr" else 5)
    train(family, stripes(64), 30)
    large = picture(200, 300)
    (tiled,), (whole,) = restored(family, [large], tile=96), restored(family, [large], tile=4096)
    scale = family.damage.scale
    assert tiled.shape == whole.shape == (200 * scale, 300 * scale, 3)
    off = np.abs(tiled.astype(int) - whole)
    if network == "edsr":
        assert off.max() <= 1  # only rounding differs
    else:  # attention looks at all of its tile
        assert off.mean() < 1
        no_seams(tiled, whole, family.tiling(96))
    if scale == 1:
        assert not np.array_equal(whole, large.pixels)


def test_it_repairs_what_it_was_not_shown() -> None:
    family = made(damage="noise", noise=25.0, vary=False)
    train(family, stripes(64))
    clean = stripes(1, seed=5, size=80)
    noisy = family.damage.apply(clean, family.damage.fixed(clean)).pictures
    pixels = ((noisy + 1) * 127.5).round().to(torch.uint8)[0].permute(1, 2, 0).numpy()
    (found,) = restored(family, [Image(pixels)])
    better = torch.from_numpy(found).permute(2, 0, 1)[None] / 255
    wanted = (clean + 1) / 2
    assert float(psnr(better, wanted)) > float(psnr((noisy + 1) / 2, wanted)) + 2


def test_strength_blends_with_the_input() -> None:
    family = made(damage="noise")
    train(family, stripes(64), 20)
    own = picture(40, 50)
    (none,), (half,), (full,) = (restored(family, [own], strength=s) for s in (0, 0.5, 1))
    assert np.array_equal(none, own.pixels)
    middle = (none.astype(float) + full) / 2
    assert np.abs(half - middle).max() <= 1


def test_the_network_is_told_how_much_noise_the_user_sees() -> None:
    family = made(damage="noise", noise=50.0)
    told: list[float] = []
    hook = family.restorer.register_forward_pre_hook(
        lambda _module, given: told.append(float(given[1].unique()))
    )
    for noise in (0, 10, 50):
        restored(family, [picture(20, 30)], noise=noise)
    hook.remove()
    assert told == pytest.approx([UNKNOWN, 0.2, 1.0])


def test_only_what_is_marked_is_made_anew() -> None:
    family = made(damage="holes", blocks=5)
    train(family, stripes(64), 20)
    own = picture(60, 90)
    mask = np.zeros((60, 90), np.float32)
    mask[20:40, 30:50] = 1
    (found,) = restored(family, [own], [mask])
    assert np.array_equal(found[mask == 0], own.pixels[mask == 0])
    assert not np.array_equal(found[mask == 1], own.pixels[mask == 1])
    # what was under the mask does not shine through
    hidden = own.pixels.copy()
    hidden[mask == 1] = 0
    assert np.array_equal(restored(family, [Image(hidden)], [mask])[0], found)


def test_grey_models_repair_colours_one_by_one_and_colour_models_grey_pictures() -> None:
    grey = made(1, damage="upscale2")
    train(grey, stripes(64, channels=1), 20)
    colour = picture(30, 44)
    (together,) = restored(grey, [colour])
    for c in range(3):
        (alone,) = restored(grey, [Image(np.ascontiguousarray(colour.pixels[..., c : c + 1]))])
        assert np.array_equal(together[..., c], alone[..., 0])
    family = made(damage="upscale2")
    train(family, stripes(64), 20)
    (found,) = restored(family, [picture(30, 44, channels=1)])
    assert found.shape == (60, 88, 1)


@pytest.mark.parametrize("damage", ["noise", "holes"])
def test_a_grey_model_with_a_guide_repairs_colours(damage: str) -> None:
    family = made(1, damage=damage)
    masks = [np.eye(20, 30, dtype=np.float32)] if damage == "holes" else []
    (found,) = restored(family, [picture(20, 30)], masks)
    assert found.shape == (20, 30, 3)


def test_says_how_far_it_is_over_all_pictures() -> None:
    said: list[tuple[int, int]] = []
    family = made(damage="noise")
    request = SampleRequest(task=Task.RESTORE, media=[picture(30, 30), picture(20, 40)])
    list(family.sample(request, lambda *how: said.append(how)))
    assert said == [(1, 2), (2, 2)]


# ------------------------------------------------------------------------------------ networks


def _receptive(network: EDSR | NAFNet, change: Callable[[Tensor], Tensor]) -> int:
    """Return how far from the middle an input can change the middle of the result."""
    size = 129
    seen = torch.randn(1, network.seen, size, size, requires_grad=True)
    out = change(seen)
    middle = out.shape[-1] // 2
    torch.autograd.backward(out[..., middle, middle].sum())
    assert seen.grad is not None
    rows = seen.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    return int((rows - size // 2).abs().max())


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_tiles_keep_the_margin_that_the_network_reaches(scale: int) -> None:
    torch.manual_seed(0)
    plain = EDSR(3, scale, "", 8, 3, 24)
    nn.init.normal_(plain.end[-1].weight)  # type: ignore[arg-type]
    assert _receptive(plain, plain.change) <= plain.reach


def test_what_gates_reach_without_attention_is_known() -> None:
    torch.manual_seed(0)
    gates = NAFNet(1, 1, "", 4, 6, 24)
    for name, parameter in gates.named_parameters():
        if "beta" in name or "gamma" in name or name == "end.0.weight":
            nn.init.normal_(parameter)
        if ".attention.weight" in name:
            nn.init.zeros_(parameter)
    assert _receptive(gates, gates.change) <= gates.reach


def test_surroundings_by_hand() -> None:
    x = torch.arange(6.0).view(1, 1, 1, 6).expand(1, 1, 6, 6)
    assert surroundings(x, 6).tolist() == [[[[2.5]]]]
    found = surroundings(x, 3)
    # the window stays inside: the means of 0 1 2, 0 1 2, 1 2 3 … 3 4 5, 3 4 5
    assert found[0, 0, 0].tolist() == pytest.approx([1, 1, 2, 3, 4, 4])


def test_attention_sees_as_much_in_a_large_picture_as_in_training() -> None:
    network = NAFNet(3, 1, "", 8, 5, SIZE)
    assert [block.window for block in network.middle] == [SIZE // 4]  # type: ignore[misc]
    assert network.encoders[0].window == SIZE


def test_automatic_networks_follow_the_damage() -> None:
    far = {damage for damage in DAMAGES if isinstance(made(damage=damage).restorer, NAFNet)}
    assert far == {"blur", "holes"}
    assert isinstance(made(damage="blur", network="edsr").restorer, EDSR)


def test_enlarging_leaves_for_other_programs_at_any_size(tmp_path: Path) -> None:
    family = made(damage="upscale2")
    train(family, stripes(64), 5)
    (network,) = family.exported().values()
    _export(network, tmp_path / "restorer.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "restorer.onnx")
    small = torch.rand(1, 3, 31, 45) * 2 - 1
    (found,) = session.run(None, {"picture": small.numpy()})
    with torch.no_grad():
        wanted = family.restorer(small)
    assert found.shape == (1, 3, 62, 90)
    assert np.abs(found - wanted.numpy()).max() < 1e-4


@pytest.mark.parametrize(("damage", "names"), [("holes", 2), ("noise", 2), ("blur", 1)])
def test_what_leaves_takes_the_guide_as_well(damage: str, names: int) -> None:
    (network,) = made(damage=damage).exported().values()
    inputs = network.draw(3, 0)
    assert len(inputs) == len(network.inputs) == names
    with torch.no_grad():
        assert network.module(*inputs).shape == (3, 3, SIZE, SIZE)


# -------------------------------------------------------------------------------------- errors


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(StudioError, match="has 3 left"):
        made(damage="upscale4", size=15)
    family = made(damage="noise")
    with pytest.raises(StudioError, match="does not offer"):
        list(family.sample(SampleRequest(seeds=[1]), _tick))
    with pytest.raises(StudioError, match="none were given"):
        list(family.sample(SampleRequest(task=Task.RESTORE), _tick))
    large = Image(np.zeros((3000, 3000, 1), np.uint8))
    with pytest.raises(StudioError, match="more than 89 million"):
        restored(made(damage="upscale4"), [large])


def test_masks_must_be_there_and_fit() -> None:
    family = made(damage="holes")
    assert family.masked
    with pytest.raises(StudioError, match="1 pictures and 0 masks"):
        restored(family, [picture(20, 30)])
    with pytest.raises(StudioError, match="30 × 20"):
        restored(family, [picture(20, 30)], [np.zeros((30, 20), np.float32)])
