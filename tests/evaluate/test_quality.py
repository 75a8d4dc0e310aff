"""Distances, overlap and copies against values worked out by hand or by others."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Image, Media
from studio.core.project import Project
from studio.core.work import Work
from studio.data.importer import import_paths
from studio.data.modality import modality_data
from studio.data.store import PreparedData, prepare
from studio.data.weights import WEIGHTS
from studio.evaluate.distance import frechet_distance, kernel_distance
from studio.evaluate.feature_net import FEATURES, View, recognition_loss, taught
from studio.evaluate.inception import inception_distance
from studio.evaluate.judge import Verdict
from studio.evaluate.manifold import overlap
from studio.evaluate.nearest import LearnedPictures
from studio.evaluate.quality import quality


def normal(count: int, seed: int, size: int = 8) -> Tensor:
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------------------------- distances


def test_the_frechet_distance_of_scaled_and_moved_points() -> None:
    points = normal(4000, 0)
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(points + 3, points) == pytest.approx(8 * 9, rel=1e-4)
    # tr(Σ + s²Σ − 2sΣ) = (s − 1)² tr Σ
    wanted = (2 - 1) ** 2 * float(torch.cov(points.T).trace())
    centred = points - points.mean(0)
    assert frechet_distance(2 * centred, centred) == pytest.approx(wanted, rel=1e-3)


def test_the_kernel_distance_is_that_of_others() -> None:
    from torchmetrics.image.kid import poly_mmd

    a, b = normal(60, 0), normal(50, 1) + 0.3
    matrices = [polynomial_kernel(x, y, degree=3, coef0=1) for x, y in ((a, a), (a, b), (b, b))]
    n, m = len(a), len(b)
    wanted = (matrices[0].sum() - np.trace(matrices[0])) / (n * (n - 1))
    wanted += (matrices[2].sum() - np.trace(matrices[2])) / (m * (m - 1))
    wanted -= 2 * matrices[1].mean()
    assert kernel_distance(a, b) == pytest.approx(wanted, rel=1e-5)
    same = kernel_distance(a, normal(60, 2))
    theirs = poly_mmd(a, normal(60, 2), 3, None, 1.0)
    assert same == pytest.approx(float(theirs), abs=1e-5)


def test_overlap_is_counted_as_the_papers_say() -> None:
    made, real = normal(90, 0) * 0.7, normal(120, 1)
    radius = {}
    for name, points in (("made", made), ("real", real)):
        found = NearestNeighbors(n_neighbors=6).fit(points).kneighbors(points)[0]
        radius[name] = found[:, 3], found[:, 5]  # the first is the point itself
    apart = torch.cdist(made, real).numpy()
    lies = overlap(made, real)
    assert lies.precision == pytest.approx((apart <= radius["real"][0]).any(1).mean())
    assert lies.recall == pytest.approx((apart <= radius["made"][0][:, None]).any(0).mean())
    inside = apart <= radius["real"][1]
    assert lies.density == pytest.approx(inside.sum() / (5 * len(made)))
    assert lies.coverage == pytest.approx(inside.any(0).mean())


def test_one_thing_again_and_again_looks_real_and_reaches_little() -> None:
    real = normal(300, 1)
    alike = overlap(real[:1] + 0.01 * normal(300, 2), real)
    assert alike.precision > 0.9
    assert alike.recall < 0.05
    apart = overlap(real + 100, real)
    assert (apart.precision, apart.recall, apart.coverage) == (0, 0, 0)


# -------------------------------------------------------------------------------------- judges


def test_shares_count_accepted_pictures_only() -> None:
    chances = torch.tensor([[0.95, 0.05], [0.5, 0.5], [0.01, 0.99], [0.09, 0.91]])
    found = Verdict(chances).statistics(("a", "b"), [0, 0, 1, 0])
    assert found == {
        "accepted": 0.75,
        "share_a": pytest.approx(1 / 3),
        "share_b": pytest.approx(2 / 3),
        "as_asked": 0.75,
    }


def test_the_score_goes_from_one_to_the_number_of_labels() -> None:
    clear = torch.eye(4).repeat(5, 1)
    assert Verdict(clear).score() == pytest.approx(4, rel=1e-6)
    assert Verdict(clear[:1].repeat(9, 1)).score() == pytest.approx(1)
    assert Verdict(torch.full((9, 4), 0.25)).score() == pytest.approx(1)


def test_two_views_that_know_each_other_cost_least() -> None:
    alike = normal(16, 0, FEATURES)
    knows = float(recognition_loss(torch.cat([alike, alike])))
    strange = float(recognition_loss(torch.cat([alike, normal(16, 1, FEATURES)])))
    assert knows < 0.5 < strange
    assert strange == pytest.approx(math.log(31), rel=0.3)  # as good as guessing


def test_labels_are_learned_and_torch_keeps_its_stream() -> None:
    """Bright left half against bright right half, in a short lesson."""
    view = View()
    view.shown = 4_000
    torch.manual_seed(0)
    labels = torch.arange(512) % 2
    items = torch.rand(512, 1, 14, 14) - 1
    items[labels == 0, :, :, :7] += 0.8
    items[labels == 1, :, :, 7:] += 0.8
    state = torch.get_rng_state()
    device = torch.device("cpu")
    lesson = {"learned": "labels", "device": device, "view": view}
    network = taught(items[:448], labels[:448], 2, **lesson)
    assert torch.equal(state, torch.get_rng_state())
    named = network.chances(network.look(items[448:])).argmax(1)
    assert (named == labels[448:]).float().mean() > 0.95


# -------------------------------------------------------------------------------------- copies


def test_copies_are_found_and_new_pictures_are_not() -> None:
    generator = torch.Generator().manual_seed(0)
    learned, unseen, new = (torch.rand(200, 1, 16, 16, generator=generator) * 2 - 1 for _ in "abc")
    known = LearnedPictures(learned.split(64), [unseen])
    honest = known.nearest(new)
    assert honest.ratio == pytest.approx(1, abs=0.1)
    assert honest.copies == 0
    places = torch.arange(50) * 3
    copied = known.nearest(learned[places] + 0.01)
    assert torch.equal(copied.places, places)
    assert copied.copies == 1
    assert copied.ratio < 0.1


# ------------------------------------------------------------------------------------ together


@pytest.fixture
def data(tmp_path: Path) -> Iterator[PreparedData]:
    """Return 200 discs and squares, prepared, half of them kept for checking."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:16, :16]
    for index in range(200):
        pixels = generator.integers(0, 60, (16, 16), dtype=np.uint8)
        y, x = generator.uniform(4, 12, 2)
        disc = (rows - y) ** 2 + (columns - x) ** 2 < generator.uniform(6, 20)
        square = np.maximum(abs(rows - y), abs(columns - x)) < generator.uniform(2, 4)
        pixels[disc if index % 2 else square] = generator.integers(150, 255)
        folder = tmp_path / ("disc" if index % 2 else "square")
        folder.mkdir(exist_ok=True)
        Pillow.fromarray(pixels).save(folder / f"{index}.png")
    opened = Project.open(tmp_path / "p.studio", create=True)
    found = import_paths(opened, "Shapes", [tmp_path / "disc", tmp_path / "square"], Work())
    settings = {"size": 16, "validation_percent": 50}
    yield prepare(opened, found.dataset_id, settings, Work())
    opened.close()


def media(data: PreparedData, places: np.ndarray) -> list[Media]:
    return modality_data(data.spec.modality).as_prepared(data.items[places], data.spec)


def test_real_pictures_reach_the_floor_noise_the_ceiling_and_copies_are_shown(
    data: PreparedData,
) -> None:
    real = quality(media(data, data.validation), data, Work())
    floor, ceiling = (real.metrics[f"studio_fd_{name}"] for name in ("floor", "ceiling"))
    assert real.metrics["studio_fd"] == pytest.approx(floor, rel=1e-4)
    assert ceiling > 5 * floor
    assert real.count == len(data.validation)
    pixels = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1), dtype=np.uint8)
    noise = quality([Image(each) for each in pixels], data, Work())
    assert noise.judge == real.judge
    assert noise.metrics["studio_fd"] > 5 * floor
    assert noise.metrics["precision"] < 0.2
    copied = quality(media(data, data.train[:60]), data, Work())
    assert copied.metrics["copies"] > 0.9
    assert copied.copies is not None
    assert copied.copies.pixels.ndim == 3


# --------------------------------------------------------------------------------------- FID


@pytest.fixture
def inception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Random weights in the layout of the published file, where the program looks for them."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    kind = FeatureExtractorInceptionV3
    with monkeypatch.context() as patch:
        patch.setattr(torch, "load", lambda _path, **_: {})
        patch.setattr(kind, "load_state_dict", lambda _self, _state: None)
        torch.manual_seed(0)
        network = kind("inception", ["2048"], feature_extractor_weights_path="anything")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = tmp_path / "hub" / "checkpoints" / WEIGHTS["inception"].file
    path.parent.mkdir(parents=True)
    torch.save(network.state_dict(), path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    weights = dataclasses.replace(WEIGHTS["inception"], sha256=found)
    monkeypatch.setitem(WEIGHTS, "inception", weights)
    return path


def test_the_fid_is_that_of_others(inception: Path) -> None:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    generator = torch.Generator().manual_seed(0)
    made = torch.rand(3, 3, 20, 24, generator=generator) * 2 - 1
    real = torch.rand(3, 3, 20, 24, generator=generator) - 1
    found = inception_distance(iter(made), iter(real), 6, Work())
    kind = FeatureExtractorInceptionV3
    network = kind("theirs", ["2048"], feature_extractor_weights_path=str(inception)).eval()
    looks = []
    for pictures in (made, real):
        with torch.inference_mode():
            looks.append(network(pictures.add(1).mul(127.5).round().to(torch.uint8))[0].double())
    # with Σ = AᵀA, tr (Σ₁ Σ₂)^½ is the sum of the singular values of A₁ A₂ᵀ
    roots = [(each - each.mean(0)) / (len(each) - 1) ** 0.5 for each in looks]
    shared = torch.linalg.svdvals(roots[0] @ roots[1].T).sum()
    wanted = (looks[0].mean(0) - looks[1].mean(0)).square().sum() - 2 * shared
    wanted += sum(root.square().sum() for root in roots)
    assert found == pytest.approx(float(wanted), rel=1e-3, abs=1e-3)
    grey = made[:2].mean(1, keepdim=True)
    assert inception_distance(iter(grey), iter(real[:2]), 4, Work()) is not None


def test_without_the_weights_there_is_no_fid_and_another_file_is_refused(inception: Path) -> None:
    pictures = torch.zeros(2, 3, 8, 8)
    inception.write_bytes(b"something else")
    with pytest.raises(StudioError, match="damaged or another file"):
        inception_distance(iter(pictures), iter(pictures), 4, Work())
    inception.unlink()
    assert inception_distance(iter(pictures), iter(pictures), 4, Work()) is None
