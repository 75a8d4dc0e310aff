"""Patterns by rule: exact pictures from seeds, paths between them, and a palette that learns."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.data.image.pattern_colours import PALETTES, Palette, from_oklab, to_oklab
from studio.data.image.pattern_noise import cells, gradient_noise, hashed, value_noise
from studio.data.image.pattern_rules import RULES, Look, stripes
from studio.data.image.patterns import FOLDS, Between, drawn, pattern
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.procedural import Procedural
from studio.families.image.procedural_recipe import (
    RULE_SETS,
    ProceduralRecipe,
    ProceduralSettings,
)


def _family(shape: tuple[int, ...] = (3, 16, 16), **options: Any) -> Procedural:
    family = Procedural(ProceduralRecipe(**({"steps": 60, "colours": 4} | options)), Compute())
    family.setup(DataSpec(modality=Modality.IMAGE, shape=shape, count=8))
    return family


def _make(family: Procedural, task: Task = Task.GENERATE, **request: Any) -> list[Image]:
    made = family.sample(SampleRequest(task=task, **request), lambda _done, _total: None)
    return [each for each in made if isinstance(each, Image)]


# ------------------------------------------------------------------------------------ colours


def test_oklab_of_known_colours_and_back() -> None:
    """Values that Ottosson's page gives for the primaries of sRGB."""
    primaries = np.eye(3)
    known = [
        [0.62796, 0.22486, 0.12585],
        [0.86644, -0.23389, 0.17950],
        [0.45201, -0.03246, -0.31153],
    ]
    np.testing.assert_allclose(to_oklab(primaries), known, atol=1e-4)
    np.testing.assert_allclose(to_oklab([1, 1, 1]), [1, 0, 0], atol=1e-4)
    every = np.random.default_rng(0).integers(0, 256, (500, 3))
    assert np.array_equal(from_oklab(to_oklab(every / 255)), every)


def test_learned_and_drawn_colours_are_the_same() -> None:
    pixels = torch.rand(200, 3) * 2 - 1
    found = _family().palette.to_oklab(pixels)
    torch.testing.assert_close(found, torch.from_numpy(to_oklab((pixels.numpy() + 1) / 2)))
    grey = _family((1, 16, 16)).palette.to_oklab(torch.tensor([[-1.0], [1.0]]))
    torch.testing.assert_close(grey, torch.tensor([[0.0, 0, 0], [1, 0, 0]]), atol=1e-4, rtol=0)


# -------------------------------------------------------------------------------------- noise


def test_noise_is_zero_on_the_lattice_where_it_should_be() -> None:
    j, i = np.meshgrid(np.arange(-5, 5, dtype=np.float32), np.arange(-5, 5, dtype=np.float32))
    assert np.abs(gradient_noise(i, j, 3)).max() < 1e-6
    np.testing.assert_allclose(value_noise(i, j, 3), 2 * hashed(i, j, 3) - 1, atol=1e-6)


def test_hashed_numbers_are_even_and_fixed() -> None:
    j, i = np.meshgrid(np.arange(200, dtype=np.float32), np.arange(200, dtype=np.float32))
    numbers = hashed(i, j, 7)
    assert abs(float(numbers.mean()) - 0.5) < 0.01
    assert abs(float(numbers.std()) - math.sqrt(1 / 12)) < 0.01
    assert np.array_equal(numbers, hashed(i, j, 7))
    assert not np.array_equal(numbers, hashed(i, j, 8))


def test_cells_without_disorder_are_squares() -> None:
    x, y = np.float32([[0.5, 0.9, 1.0]]), np.float32([[0.5, 0.5, 0.5]])
    found = cells(x, y, 1, 0.0)
    np.testing.assert_allclose(found.nearest, [[0.0, 0.4, 0.5]], atol=1e-6)
    np.testing.assert_allclose(found.border, [[1.0, 0.2, 0.0]], atol=1e-6)


# ----------------------------------------------------------------------------------- patterns


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gives_tones_between_0_and_1(rule: str) -> None:
    rows = np.linspace(-9, 9, 60, dtype=np.float32)
    x, y = np.meshgrid(rows, rows)
    for salt in range(8):
        a, b, c, d = np.random.default_rng(salt).uniform(size=4).tolist()
        for wildness in (0.0, 1.0, 2.0):
            tone = RULES[rule].tone(x, y, Look(salt, a, b, c, d, wildness))
            assert tone.dtype == np.float32
            assert tone.shape == x.shape
            assert 0 <= tone.min() <= tone.max() <= 1
            assert tone.min() < tone.max()


def test_stripes_by_hand() -> None:
    """Three stripes in a period of two elements: the same again, and nothing along the stripe."""
    x = np.linspace(0, 2, 40, endpoint=False, dtype=np.float32)[None]
    look = Look(5, 0.0, 0.0, 0.0, 0.0, 1.0)
    tone = stripes(x, 0 * x, look)
    assert np.unique(tone).tolist() == pytest.approx([1 / 6, 3 / 6, 5 / 6])
    assert (np.diff(tone) != 0).sum() == 2
    np.testing.assert_array_equal(tone, stripes(x + 4, x, look))


def test_a_picture_is_the_same_in_parts_and_nearly_so_at_any_size() -> None:
    palette = PALETTES["ink"]
    for seed in range(2):
        small = drawn(pattern(seed), palette, 32, 32).astype(float)
        large = drawn(pattern(seed), palette, 320, 320).astype(float)  # in several parts
        reduced = large.reshape(32, 10, 32, 10, 3).mean((1, 3))
        assert np.abs(reduced - small).mean() < 6


@pytest.mark.parametrize(("fold", "flips"), [("mirror", (1,)), ("quarters", (0, 1))])
def test_folds_are_exact(fold: str, flips: tuple[int, ...]) -> None:
    picture = drawn(pattern(3, fold=fold), PALETTES["ocean"], 40, 40)
    for axis in flips:
        assert np.array_equal(picture, np.flip(picture, axis))


def test_edges_are_smooth() -> None:
    """A slanted edge between two colours has colours in between."""
    two = Palette(to_oklab([[0, 0, 0], [1, 1, 1]]), np.float32([0.5, 0.5]))
    picture = drawn(pattern(5, rules=("stripes",), fold="none"), two, 64, 64)
    assert len(np.unique(picture)) > 3


def test_what_is_set_changes_nothing_else() -> None:
    plain = pattern(11, rules=("dots",))
    assert pattern(11, rules=("dots",), scale=2.0).across == pytest.approx(plain.across / 2)
    folded = pattern(11, rules=("dots",), fold="kaleidoscope")
    assert (folded.look, folded.paint, folded.across) == (plain.look, plain.paint, plain.across)


def test_a_path_ends_where_its_patterns_are() -> None:
    palette = PALETTES["sunset"]
    first, second = pattern(1), pattern(2)
    for share, end in ((0.0, first), (1.0, second)):
        way = drawn(Between(first, second, share), palette, 24, 24)
        assert np.array_equal(way, drawn(end, palette, 24, 24))
    middle = drawn(Between(first, second, 0.5), palette, 24, 24)
    assert not np.array_equal(middle, drawn(first, palette, 24, 24))


# ------------------------------------------------------------------------------------- family


def test_settings_name_what_there_is() -> None:
    fields = ProceduralSettings.model_fields
    assert get_args(fields["rule"].annotation) == ("mixed", *RULES)
    assert get_args(fields["palette"].annotation) == ("learned", *PALETTES)
    assert get_args(fields["symmetry"].annotation) == ("auto", *FOLDS)
    assert set(RULE_SETS["all"]) == set(RULES)


def test_it_finds_the_colours_of_the_data() -> None:
    """Four colours in unequal parts, with a little noise: k-means must find all and their parts."""
    truth = torch.tensor([[0.8, -0.6, -0.5], [-0.6, 0.4, 0.9], [-0.9, -0.9, -0.9], [0.9, 0.9, 0.1]])
    parts = torch.tensor([0.4, 0.3, 0.2, 0.1])
    torch.manual_seed(0)
    owner = torch.multinomial(parts, 8 * 256, replacement=True)
    items = truth[owner].view(8, 256, 3).transpose(1, 2).reshape(8, 3, 16, 16)
    items = items + 0.02 * torch.randn_like(items)
    family = _family()
    errors = []
    for step in range(60):
        torch.manual_seed(step)
        family.step = step
        errors.append(float(family.train_step(Batch(items))["palette_error"]))
    assert errors[-1] < 1.5
    wanted = torch.from_numpy(to_oklab((truth.numpy() + 1) / 2))
    centres = family.palette.centres.detach()
    away, match = torch.cdist(wanted, centres).min(1)
    assert sorted(match.tolist()) == [0, 1, 2, 3]
    assert away.max() < 0.02
    torch.testing.assert_close(family.palette.shares[match], parts, atol=0.04, rtol=0)
    assert float(family.validate(Batch(items))["val_palette_error"]) < 1.5


def test_pictures_have_the_learned_colours_alone() -> None:
    family = _family()
    with torch.no_grad():
        family.palette.centres.copy_(torch.from_numpy(PALETTES["candy"].colours[:4]))
    own = from_oklab(PALETTES["candy"].colours[:4])
    (picture,) = _make(family, seeds=[3], settings=ProceduralSettings(rule="mosaic"))
    same = (picture.pixels[:, :, None] == own).all(-1).any(-1)
    assert same.mean() > 0.4  # the rest are edges


def test_settings_are_followed() -> None:
    family = _family((1, 16, 16))
    (grey,) = _make(family, seeds=[1])
    assert grey.pixels.shape == (16, 16, 1)
    settings = ProceduralSettings(rule="mandala", palette="neon", size=48)
    (large,) = _make(family, seeds=[1], settings=settings)
    assert large.pixels.shape == (48, 48, 3)
    assert large.facts == {"seed": 1, "rule": "mandala"}
    calm, wild = (
        _make(family, seeds=[2], variety=v, settings=ProceduralSettings(rule="mosaic"))[0].pixels
        for v in (0.0, 2.0)
    )
    assert not np.array_equal(calm, wild)
    geometric = {each.facts["rule"] for each in _make(_family(rules="organic"), seeds=range(40))}
    assert geometric == set(RULE_SETS["organic"])


def test_paths_pass_through_their_seeds() -> None:
    family = _family()
    frames = _make(family, Task.INTERPOLATE, seeds=[4, 5, 6], frames=3)
    ends = _make(family, seeds=[4, 5, 6])
    assert [frame.facts["place"] for frame in frames] == pytest.approx([i / 3 for i in range(7)])
    for place, end in zip((0, 3, 6), ends, strict=True):
        assert np.array_equal(frames[place].pixels, end.pixels)


def test_other_tasks_are_refused() -> None:
    with pytest.raises(StudioError, match="does not offer"):
        _make(_family(), Task.RECONSTRUCT)
