"""Style transfer: what it measures by, what it learns, mixtures, strength and the thorough way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision.models
from torch import nn

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.core.style_mix import mixture, written
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image import style_features
from studio.families.image.style_features import OwnFeatures, load_vgg19
from studio.families.image.style_networks import Styliser
from studio.families.image.style_transfer import StyleTransfer
from studio.families.image.style_transfer_losses import (
    Moments,
    beyond,
    content_distance,
    moments,
    roughness,
    style_distance,
)
from studio.families.image.style_transfer_recipe import StyleTransferSettings

SIDE, COUNT = 24, 48
NAMES = ("bars", "rust")


def styles() -> torch.Tensor:
    """Return black and white bars, and fine red speckles."""
    bars = torch.where(torch.arange(SIDE) % 6 < 3, 0.9, -0.9).expand(3, SIDE, SIDE)
    speckles = torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    rust = torch.stack([speckles, speckles * 0.4 - 0.6, torch.full_like(speckles, -0.9)])
    return torch.stack([bars, rust])


def photos(count: int, seed: int) -> torch.Tensor:
    """Return soft coloured gradients with a bright square, (count, 3, SIDE, SIDE)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 3, 3, generator=generator) * 1.4 - 0.9
    soft = nn.functional.interpolate(coarse, size=SIDE, mode="bilinear", align_corners=True)
    corner = torch.randint(2, SIDE - 10, (count, 2), generator=generator)
    for picture, (row, column) in zip(soft, corner.tolist(), strict=True):
        picture[:, row : row + 8, column : column + 8] = 0.8
    return soft


def family(**options: Any) -> StyleTransfer:
    """Return a family set up for the two styles."""
    made = StyleTransfer(StyleTransfer.recipe_type(**options), Compute())
    torch.manual_seed(0)
    made.setup(
        DataSpec(
            modality=Modality.IMAGE,
            shape=(3, SIDE, SIDE),
            count=COUNT,
            partner_shape=(3, SIDE, SIDE),
            partner_count=2,
            partner_names=NAMES,
        )
    )
    return made


@pytest.fixture(scope="module")
def learned() -> StyleTransfer:
    """A painter after some hundred steps."""
    torch.set_num_threads(1)
    steps = 240
    painter = family(steps=steps, width=8, blocks=1, batch_size=4, learning_rate=5e-3)
    pictures, wanted = photos(COUNT, 1), styles()
    for step in range(steps):
        torch.manual_seed(step)
        painter.step = step
        chosen, style = torch.randint(COUNT, (4,)), torch.arange(4) % 2
        painter.train_step(Batch(pictures[chosen], partner=wanted[style], partner_index=style))
    return painter


def painted(painter: StyleTransfer, picture: Image, **settings: Any) -> np.ndarray[Any, Any]:
    """Return the pixels of a picture painted with settings, as whole numbers with a sign."""
    request = SampleRequest(
        task=Task.STYLIZE, media=[picture], settings=StyleTransferSettings(**settings)
    )
    (made,) = painter.sample(request, lambda _done, _total: None)
    assert isinstance(made, Image)
    return made.pixels.astype(int)


def own_picture() -> Image:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    return Image(np.kron(pixels, np.ones((9, 11, 1), np.uint8)))  # 45 × 44


# ----------------------------------------------------------------------------------- formulas


def test_a_style_is_mean_and_covariance_of_the_channels() -> None:
    found = torch.tensor([[[[1.0, 3.0]], [[4.0, 0.0]]]])  # one picture, two channels, 1 × 2
    made = moments(found)
    assert made.mean.tolist() == [[2, 2]]
    assert made.covariance.tolist() == [[[1, -2], [-2, 4]]]
    # together they are the Gram matrix: E[1·1, 3·3] = 5, E[1·4, 3·0] = 2, E[4·4, 0·0] = 8
    together = made.covariance + made.mean[:, :, None] * made.mean[:, None]
    assert together.tolist() == [[[5, 2], [2, 8]]]


def test_distances_are_shares_of_what_is_imitated() -> None:
    style = moments(torch.rand(2, 4, 5, 5))
    assert style_distance([style], [style]).max() < 1e-4
    nothing = Moments(style.mean * 0, style.covariance * 0)
    torch.testing.assert_close(style_distance([nothing], [style]), torch.ones(2))
    maps = [torch.rand(1, 3, 4, 4) for _ in range(4)]
    assert content_distance(maps, maps).item() < 1e-6
    assert content_distance([each * 0 for each in maps], maps).item() == pytest.approx(1)


def test_roughness_and_overshoot_count_what_they_say() -> None:
    flat = torch.full((1, 3, 4, 4), 0.5)
    assert roughness(flat).item() == 0
    checks = torch.where((torch.arange(4)[:, None] + torch.arange(4)) % 2 == 0, 1.0, -1.0)
    assert roughness(checks.expand(1, 3, 4, 4)).item() == 8  # steps of 2, squared, both ways
    assert beyond(flat).item() == 0
    assert beyond(flat * 4).item() == 1


def test_features_of_texture_mode_answer_to_contrast_alone() -> None:
    torch.manual_seed(0)
    own = OwnFeatures(4)
    pictures = torch.rand(2, 3, 17, 13)  # odd sides as well
    with torch.no_grad():
        plain, brighter = own.first(pictures), own.first(pictures + 0.3)
    torch.testing.assert_close(plain, brighter, rtol=1e-4, atol=1e-5)


# ------------------------------------------------------------------------------------ mixtures


def test_mixtures_are_written_with_names_or_numbers() -> None:
    names = ("waves", "ink", "old stone")
    assert mixture("", names) == pytest.approx([1 / 3] * 3)
    assert mixture("Waves", names) == [1, 0, 0]
    assert mixture("3", names) == [0, 0, 1]
    assert mixture("waves: 3 + old stone", names) == [0.75, 0, 0.25]
    assert mixture("1 + 1 + 2: 2", names) == [0.5, 0.5, 0]


def test_what_is_written_is_read_again() -> None:
    names = ("waves", "a + b", "7", "Ink", "ink ")
    assert written([0, 0, 0, 0, 0], names) == ""
    assert written([0.4, 0, 0, 0, 0], names) == "waves"
    for weights in ([1, 1, 0, 0, 0], [0.25, 0, 0.5, 0.25, 0], [0, 0, 0, 0, 1], [1] * 5):
        text = written(weights, names)
        assert mixture(text, names) == pytest.approx([w / sum(weights) for w in weights])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("oil", "1 waves, 2 ink"),
        ("3", "1 waves, 2 ink"),
        ("waves + ", "no style"),
        ("waves: much", "no weight"),
        ("waves: -1", "no weight"),
        ("waves: nan", "no weight"),
    ],
)
def test_a_mixture_that_cannot_be_read_says_what_there_is(text: str, words: str) -> None:
    with pytest.raises(StudioError) as caught:
        mixture(text, ("waves", "ink"))
    assert words in f"{caught.value.title} {caught.value.message}"


# ------------------------------------------------------------------------------------ learning


def test_it_learns_the_styles(learned: StyleTransfer) -> None:
    fresh = family(width=8, blocks=1, steps=learned.recipe.steps)
    fresh.own.load_state_dict(learned.own.state_dict())  # both are judged by the same eyes
    fresh.step = learned.step
    held_out, style = photos(12, 9), torch.arange(12) % 2
    batch = Batch(held_out, partner=styles()[style], partner_index=style)
    before, after = fresh.validate(batch), learned.validate(batch)
    assert after["val_style"] < 0.4 * before["val_style"]
    assert after["val_content"] < 1  # something of the picture is still there


def test_each_style_comes_closest_to_its_own_picture(learned: StyleTransfer) -> None:
    picture = own_picture()
    bars, rust = (painted(learned, picture, styles=name) for name in NAMES)

    def warmth(pixels: np.ndarray[Any, Any]) -> float:
        return float(pixels[..., 0].mean() - pixels[..., 2].mean())

    assert warmth(rust) > warmth(bars) + 40  # one is red, the other black and white
    mixed = painted(learned, picture, styles="bars + rust")
    assert 0 < np.abs(mixed - bars).mean() < np.abs(rust - bars).mean()


def test_strength_goes_from_the_picture_itself_to_the_style(learned: StyleTransfer) -> None:
    picture = own_picture()
    own = picture.pixels.astype(int)
    made = [painted(learned, picture, styles="rust", strength=s, side=44) for s in (0, 0.5, 1)]
    assert np.array_equal(made[0], own)
    distances = [np.abs(each - own).mean() for each in made]
    assert distances[0] < distances[1] < distances[2]


def test_the_thorough_way_comes_closer_to_the_style(learned: StyleTransfer) -> None:
    picture = own_picture()
    ticks: list[tuple[int, int]] = []
    settings = StyleTransferSettings(styles="bars", thorough=40, side=SIDE)
    request = SampleRequest(task=Task.STYLIZE, media=[picture], settings=settings)
    with torch.inference_mode():  # as the engine samples
        (made,) = learned.sample(request, lambda done, total: ticks.append((done, total)))
    assert isinstance(made, Image)
    quick = painted(learned, picture, styles="bars", side=SIDE)

    def far(pixels: np.ndarray[Any, Any]) -> float:
        items = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.no_grad():
            tables = [moments(found) for found in learned.features(items)]
            wanted = [moments(found) for found in learned.features(styles()[:1])]
        return style_distance(tables, wanted).item()

    assert far(made.pixels) < far(quick)
    assert ticks[-1] == (40, 40)
    assert learned.published(settings) == ()  # texture mode needs nothing from elsewhere


def test_style_pictures_travel_with_the_model(learned: StyleTransfer) -> None:
    assert torch.equal(learned.book.pictures, styles())
    assert set(StyleTransfer.averaged) >= {"styliser", "book", "own"}


def test_grey_pictures_are_painted_in_colour(learned: StyleTransfer) -> None:
    grey = Image(own_picture().pixels[:, :, :1])
    assert painted(learned, grey, styles="rust").shape == (45, 44, 3)


def test_no_strength_leaves_any_picture_as_it_is() -> None:
    network, pictures = Styliser(3, 4, 1), torch.rand(2, 3, 19, 22) * 2 - 1
    with torch.no_grad():
        assert torch.equal(network(pictures, torch.zeros(2, 3)), pictures)
        assert not torch.allclose(network(pictures, torch.eye(3)[:2]), pictures)


# -------------------------------------------------------------------------------------- VGG-19


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Random weights in the layout of torchvision's file, where torch keeps downloads."""
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    layers = torchvision.models.vgg19(weights=None, num_classes=1).features[:21].state_dict()
    path = folder / "vgg19-dcbb9e9d.pth"
    torch.save({f"features.{key}": tensor for key, tensor in layers.items()}, path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    style_features.load_vgg19.cache_clear()
    return path


def test_vgg19_is_torchvisions_with_means_for_maxima(weights: Path) -> None:
    network = load_vgg19(weights, torch.device("cpu"))
    layers = torchvision.models.vgg19(weights=None, num_classes=1).features[:21]
    stored = torch.load(weights, weights_only=True)
    layers.load_state_dict({key.removeprefix("features."): v for key, v in stored.items()})
    pictures = torch.rand(2, 3, 32, 32) * 2 - 1
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    x = ((pictures + 1) / 2 - mean) / torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    expected = []
    with torch.no_grad():
        for number, layer in enumerate(layers):
            maximum = isinstance(layer, nn.MaxPool2d)
            x = nn.functional.avg_pool2d(x, 2) if maximum else layer(x.clone())
            if number in (1, 6, 11, 20):  # relu1_1, relu2_1, relu3_1, relu4_1
                expected.append(x)
        found = network(pictures)
    assert len(found) == 5
    for made, wanted in zip(found[1:], expected, strict=True):
        torch.testing.assert_close(made, wanted, rtol=1e-4, atol=1e-5)


def test_it_learns_with_vgg19_where_the_file_is(weights: Path) -> None:
    painter = family(features="vgg19", width=4, blocks=1, steps=4, batch_size=2)
    assert painter.published(None) == ("vgg19",)
    assert painter.published(StyleTransferSettings()) == ()
    assert painter.published(StyleTransferSettings(thorough=5)) == ("vgg19",)
    batch = Batch(photos(2, 0), partner=styles(), partner_index=torch.arange(2))
    shown = painter.train_step(batch)
    assert {"loss", "style", "content"} == set(shown)
    assert set(painter.validate(batch)) == {"val_loss", "val_style", "val_content"}
    keys = {key for network in painter.networks().values() for key in network.state_dict()}
    assert not any("mean" in key or "512" in key for key in keys)  # VGG-19 is not in the model
    painted(painter, own_picture(), styles="1", thorough=2)


def test_a_missing_or_foreign_file_is_said(weights: Path) -> None:
    torch.save({"weight": torch.zeros(2)}, weights)
    with pytest.raises(StudioError) as foreign:
        load_vgg19(weights, torch.device("cpu"))
    assert foreign.value.title == "The file does not hold VGG-19"
    weights.unlink()
    with pytest.raises(StudioError) as missing:
        _ = family(features="vgg19", width=4, blocks=1).features
    assert missing.value.title == "VGG-19 is not here"
