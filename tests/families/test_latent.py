"""What families with a latent space share: places, paths between them, labels of own files."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from latent_models import CODE, SHAPE, Layered, Linear, Mirror, made, pixels, ready
from pydantic import ValidationError

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.places import Place, seed_place, with_places
from studio.families import latent_paths
from studio.families.base import SampleRequest
from studio.families.latent_directions import Directions
from studio.families.latent_places import locate


def codes(family: Linear, *places: Place, variety: float = 1.0) -> torch.Tensor:
    """Return the codes of places."""
    return locate(family, places, variety, None).codes


# ------------------------------------------------------------------------------------- places


def test_a_place_with_one_seed_is_that_seeds_own() -> None:
    family = ready(Linear)
    by_seed = pixels(made(family, SampleRequest(seeds=[5, 9], variety=0.7)))
    places = [seed_place(5), Place(seeds=(9, 4), weights=(1.0, 0.0))]
    by_place = pixels(made(family, SampleRequest(places=places, variety=0.7)))
    assert np.array_equal(by_seed, by_place)


def test_normal_codes_keep_their_length_between_seeds() -> None:
    family = ready(Mirror)
    z = family.draw([1, 2, 3], 1.0, None)
    (code,) = codes(family, Place(seeds=(1, 2, 3), weights=(3.0, 2.0, 1.0)))
    w = torch.tensor([3.0, 2.0, 1.0]) / 6
    torch.testing.assert_close(code, (w[:, None] * z).sum(0) / w.square().sum().sqrt())
    many = [Place(seeds=(seed, seed + 1000, seed + 2000)) for seed in range(300)]
    assert codes(family, *many).std().item() == pytest.approx(1.0, abs=0.02)


def test_codes_of_a_straight_space_blend_to_their_mean() -> None:
    family = ready(Layered)
    z = family.draw([1, 2], 1.0, None)
    (code,) = codes(family, Place(seeds=(1, 2), weights=(0.25, 0.75)))
    torch.testing.assert_close(code, 0.25 * z[0] + 0.75 * z[1])


def test_fine_layers_take_the_style_of_another_seed() -> None:
    family = ready(Layered)
    z = family.draw([1, 2], 1.0, None)
    (code,) = codes(family, Place(seeds=(1,), style_seed=2, style_from=3))
    assert torch.equal(code, torch.stack([z[0, 0], z[0, 1], z[0, 2], z[1, 3]]))
    with pytest.raises(StudioError, match="have no layers"):
        codes(ready(Linear), Place(seeds=(1,), style_seed=2))


def test_directions_move_a_place_by_standard_deviations() -> None:
    family = ready(Linear)
    family.directions = Directions(torch.eye(CODE)[:2], torch.tensor([1.0, 0.5]))
    start, moved = codes(family, seed_place(1), Place(seeds=(1,), directions={1: -2.0}))
    assert (moved - start).tolist() == pytest.approx([0, -1, 0, 0, 0, 0])
    with pytest.raises(StudioError, match="Direction 3 was asked for and 2 are known"):
        codes(family, Place(seeds=(1,), directions={2: 1.0}))


def test_a_code_is_a_place_of_its_own_model_alone() -> None:
    family = ready(Linear)
    numbers = (0.5, -1.0, 0.0, 2.0, 1.0, 0.25)
    assert codes(family, Place(code=numbers, variety=0.1))[0].tolist() == list(numbers)
    with pytest.raises(StudioError, match="has 2 numbers"):
        codes(family, Place(code=(1.0, 2.0)))


def test_a_places_own_variety_and_label_come_first() -> None:
    family = ready(Linear, ("cat", "dog"))
    z = family.draw([4], 1.0, None)[0]
    places = [seed_place(4), Place(seeds=(4,), variety=0.5, label="dog"), seed_place(3)]
    at = locate(family, places, 2.0, None)
    torch.testing.assert_close(at.codes[:2], torch.stack([2 * z, 0.5 * z]))
    assert at.labels == [0, 1, 1]  # without a label, the heaviest seed says it
    assert locate(family, places, 1.0, [0, 0, 0]).labels == [0, 1, 0]
    made_of = made(family, SampleRequest(places=places, variety=2.0))
    assert made_of[0].facts["place"] == {"seeds": [4], "label": "cat", "variety": 2.0}
    assert made_of[1].facts["label"] == "dog"
    with pytest.raises(StudioError, match="It knows cat, dog"):
        codes(family, Place(seeds=(4,), label="cow"))
    with pytest.raises(StudioError, match="names none"):
        codes(family, Place(code=(0.0,) * CODE))


def test_what_a_file_says_of_its_place_makes_it_again() -> None:
    family = ready(Linear, ("cat", "dog"))
    family.find_directions(lambda _done, _total: None)
    place = Place(seeds=(1, 2, 8), weights=(0.2, 0.3, 0.5), directions={0: 1.5, 3: -1.0})
    (first,) = made(family, SampleRequest(places=[place], variety=0.8))
    told = Place.model_validate(first.facts["place"])
    (again,) = made(family, SampleRequest(places=[told]))
    assert np.array_equal(pixels([first]), pixels([again]))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"seeds": (1, 1)},
        {"seeds": (-1,)},
        {"seeds": (1, 2), "weights": (1.0,)},
        {"seeds": (1, 2), "weights": (0.0, 0.0)},
        {"seeds": (1, 2), "weights": (2.0, -1.0)},
        {"seeds": (1, 2), "weights": (1.0, float("nan"))},
        {"seeds": (1,), "directions": {-1: 1.0}},
        {"code": (float("inf"),)},
    ],
)
def test_what_is_no_place_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Place.model_validate(wrong)


# -------------------------------------------------------------------------------------- paths


def test_a_path_goes_through_seeds_and_places_alike() -> None:
    family = ready(Linear)
    request = SampleRequest(task=Task.INTERPOLATE, seeds=[1, 2, 3], frames=4)
    by_seeds = pixels(made(family, request))
    assert len(by_seeds) == 9
    places = [seed_place(seed) for seed in (1, 2, 3)]
    request = SampleRequest(task=Task.INTERPOLATE, places=places, frames=4)
    assert np.array_equal(by_seeds, pixels(made(family, request)))
    at_places = pixels(made(family, SampleRequest(places=places)))
    assert np.array_equal(by_seeds[[0, 4, 8]], at_places)


def test_legs_take_their_own_time_and_a_loop_comes_back() -> None:
    family = ready(Linear)
    places = [seed_place(seed) for seed in (1, 2, 3)]
    request = SampleRequest(task=Task.INTERPOLATE, places=places, legs=(2, 5, 3), loop=True)
    frames = pixels(made(family, request))
    assert len(frames) == 10  # the first place comes again with the first frame, not before
    at_places = pixels(made(family, SampleRequest(places=places)))
    assert np.array_equal(frames[[0, 2, 7]], at_places)
    with pytest.raises(StudioError, match="2 legs and 3 durations"):
        made(family, SampleRequest(task=Task.INTERPOLATE, places=places, legs=(2, 5, 3)))


def test_a_gentle_path_slows_down_at_places() -> None:
    codes = torch.tensor([[0.0], [1.0]])
    found = {}
    for easing in ("steady", "gentle"):
        way = latent_paths.path(
            codes,
            [4],
            easing,
            loop=False,
            between=latent_paths.lerp,  # type: ignore[arg-type]
        )
        found[easing] = way.flatten().tolist()
    assert found["steady"] == [0, 0.25, 0.5, 0.75, 1]
    # 3t² − 2t³ at a quarter is 3/16 − 2/64
    assert found["gentle"] == [0, 0.15625, 0.5, 0.84375, 1]


def test_great_circles_and_straight_lines() -> None:
    a, b = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0])
    half = torch.tensor([0.5])
    torch.testing.assert_close(latent_paths.slerp(a, b, half), torch.tensor([[2**0.5, 2**0.5]]))
    torch.testing.assert_close(latent_paths.slerp(a, 2 * a, half), torch.tensor([[3.0, 0.0]]))
    torch.testing.assert_close(latent_paths.lerp(a, b, half), torch.tensor([[1.0, 1.0]]))
    family = ready(Layered)
    way = SampleRequest(task=Task.INTERPOLATE, places=[seed_place(1), seed_place(2)], frames=2)
    middle = family.draw([1, 2], 1.0, None).mean(0)
    expected = pixels(made(family, SampleRequest(places=[_at(middle)])))
    assert np.array_equal(pixels(made(family, way))[1:2], expected)


def test_frames_take_the_label_of_the_nearer_place_when_places_name_labels() -> None:
    assert latent_paths.labels_along([0, 1], [4], loop=False) == [0, 0, 1, 1, 1]
    assert latent_paths.labels_along([0, 1], [2, 3], loop=True) == [0, 1, 1, 1, 0]
    family = ready(Linear, ("cat", "dog"))
    request = SampleRequest(task=Task.INTERPOLATE, seeds=[2, 3], frames=2)
    _, labels, _ = family._codes(request, lambda _done, _total: None)
    assert labels is not None
    assert labels.tolist() == [0, 0, 0]  # seeds bring no label of their own: the first all the way
    named = [Place(seeds=(2,), label="cat"), Place(seeds=(2,), label="dog")]
    request = SampleRequest(task=Task.INTERPOLATE, places=named, frames=2)
    _, labels, _ = family._codes(request, lambda _done, _total: None)
    assert labels is not None
    assert labels.tolist() == [0, 1, 1]


def test_requests_of_earlier_versions_told_a_path_in_seeds() -> None:
    assert with_places({"task": "interpolate", "seeds": [4, 1, 4]}) == {
        "task": "interpolate",
        "places": [seed_place(4), seed_place(1), seed_place(4)],
    }
    places = [{"seeds": [1]}]
    assert with_places({"seeds": [], "places": places}) == {"places": places}


# ---------------------------------------------------------------------------------- own files


def test_a_family_that_guesses_no_labels_asks_for_one() -> None:
    family = ready(Mirror, ("cat", "dog"))
    files = np.zeros((1, *SHAPE), np.uint8)
    asked = SampleRequest(task=Task.RECONSTRUCT, inputs=files, labels=[1])
    assert len(made(family, asked)) == 1
    with pytest.raises(StudioError, match="cannot tell which one") as error:
        made(family, SampleRequest(task=Task.RECONSTRUCT, inputs=files))
    assert "Choose the label" in error.value.hint


def _at(code: torch.Tensor) -> Place:
    return Place(code=tuple(code.flatten().tolist()))
