"""The explorer's engine side: pictures of places at once, directions kept, places made for good."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from studio.arguments import places as named_places
from studio.core.errors import StopRequested, StudioError
from studio.core.family_info import Task
from studio.core.files import write_json
from studio.core.paths import program_dir
from studio.core.places import Place, place_of, seed_place
from studio.core.project import Project
from studio.core.protocol import (
    Explore,
    Generate,
    GenerateRequest,
    JobFinished,
    Message,
    Outcome,
    Progress,
)
from studio.core.recipe import DataSpec
from studio.data.image.files import read_recipe
from studio.engine import directions
from studio.engine.control import Control
from studio.engine.exploring import explore
from studio.engine.job import JobContext
from studio.engine.models import load_model
from studio.headless import run_with
from studio.terminal import Sink

GAN, VAE = (str(program_dir() / "models" / f"digits-{kind}.studiomodel") for kind in ("gan", "vae"))


class Events(Sink):
    """Keeps what a job says."""

    def __init__(self) -> None:
        self.events: list[Message] = []

    def __call__(self, event: Message) -> None:
        self.events.append(event)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return an empty project."""
    folder = tmp_path / "Häuser am See.studio"
    Project.open(folder, create=True).close()
    return folder


def explored(
    project: Path,
    places: Sequence[Place] = (),
    *,
    model: str = VAE,
    find: bool = False,
    **what: Any,
) -> tuple[dict[str, Any], np.ndarray[Any, np.dtype[np.uint8]] | None]:
    """Return what an Explore says, and the pictures (N, H, W) when there are any."""
    request = GenerateRequest(model=model, places=list(places), **what)
    finished = run_with(Explore(project=str(project), request=request, find=find), Sink())
    assert finished.outcome is Outcome.DONE, finished.error
    result = finished.result
    if not result["path"]:
        return result, None
    with Pillow.open(result["path"]) as picture:
        pixels = np.asarray(picture)
    return result, pixels.reshape(result["count"], -1, *pixels.shape[1:])


def generated(project: Path, **what: Any) -> JobFinished:
    """Do a Generate."""
    request = GenerateRequest(**({"model": VAE} | what))
    return run_with(Generate(project=str(project), request=request), Sink())


def test_places_are_shown_below_each_other_as_they_are_made(empty: Path) -> None:
    places = [seed_place(3), Place(seeds=(3, 8), weights=(0.4, 0.6)), seed_place(8)]
    result, shown = explored(empty, places, variety=0.8)
    assert shown is not None
    assert shown.shape == (3, 28, 28)
    assert result["model"] == VAE
    assert (result["layers"], result["directions"], result["labels"]) == (0, 0, ["", "", ""])
    finished = generated(empty, places=places, variety=0.8)
    assert finished.outcome is Outcome.DONE
    for row, path in zip(shown, finished.result["paths"], strict=True):
        with Pillow.open(path) as picture:
            assert np.abs(np.asarray(picture).astype(int) - row).max() <= 1
    assert not (empty / "directions").exists()


def test_the_scratch_folder_stays_small(empty: Path) -> None:
    for seed in range(12):
        result, _ = explored(empty, [seed_place(seed)])
    kept = list((empty / "scratch").iterdir())
    assert len(kept) == 8
    assert Path(result["path"]) in kept


def test_directions_are_found_once_and_kept_with_the_project(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = load_model(None, VAE).family
    monkeypatch.setattr(family, "directions", None)
    result, shown = explored(empty, find=True)
    assert shown is None
    assert result["directions"] == 12
    (kept,) = (empty / "directions").iterdir()
    before = family.directions.vectors
    monkeypatch.setattr(family, "directions", None)
    monkeypatch.setattr(
        type(family), "find_directions", lambda *_: pytest.fail("they are known already")
    )
    result, moved = explored(empty, [seed_place(1), Place(seeds=(1,), directions={0: 2.0})])
    assert moved is not None
    assert result["directions"] == 12
    assert torch.equal(family.directions.vectors, before)
    assert not np.array_equal(moved[0], moved[1])
    monkeypatch.undo()
    monkeypatch.setattr(family, "directions", None)
    kept.write_bytes(b"no tensors")  # damaged: they are found again
    result, _ = explored(empty, [Place(seeds=(1,), directions={0: 2.0})])
    assert result["directions"] == 12
    torch.testing.assert_close(family.directions.vectors, before)


def test_a_search_for_directions_can_be_stopped(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = load_model(None, VAE).family
    monkeypatch.setattr(family, "directions", None)
    control = Control()
    events: list[Message] = []

    def stop_soon(event: Message) -> None:
        events.append(event)
        if isinstance(event, Progress):
            control.stop(save=False)

    command = Explore(project=str(empty), request=GenerateRequest(model=VAE), find=True)
    with pytest.raises(StopRequested):
        explore(command, JobContext("job", control, stop_soon))
    assert any(isinstance(event, Progress) for event in events)
    assert not (empty / "directions").exists()
    assert family.directions is None


def test_the_same_weights_have_the_same_directions_whatever_they_are_called(
    empty: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "renamed.studiomodel"
    copy.write_bytes(Path(VAE).read_bytes())
    explored(empty, find=True)
    explored(empty, find=True, model=str(copy))
    explored(empty, find=True, model=GAN)
    assert len(list((empty / "directions").iterdir())) == 2


def test_what_is_made_at_a_place_leads_back_to_it(empty: Path, tmp_path: Path) -> None:
    place = Place(seeds=(5, 9), weights=(0.3, 0.7), directions={1: 1.5})
    finished = generated(empty, places=[place], variety=0.9)
    (path,) = finished.result["paths"]
    assert Path(path).name == "00000-place-9.png"
    project = Project.open(empty)
    (asset,) = project.library.assets.get(finished.result["assets"])
    project.close()
    assert asset.seed == 9
    recipe = read_recipe(Path(path))
    assert recipe is not None
    found = place_of(recipe)
    assert found == place.model_copy(update={"variety": 0.9})
    assert place_of(asset.recipe) == found
    # the command line takes the picture for the place, and a file of places as well
    told = tmp_path / "places.json"
    write_json(told, [place.plain(), {"seeds": [4]}])
    assert named_places(["12", path, str(told)]) == [seed_place(12), found, place, seed_place(4)]
    told.write_text('{"seeds": []}')
    plain = tmp_path / "plain.png"
    Pillow.new("L", (8, 8)).save(plain)
    for wrong in (str(told), str(plain), "nowhere.json"):
        with pytest.raises(StudioError) as refused:
            named_places([wrong])
        assert refused.value.title == "Not a place"


def test_a_path_of_key_frames_becomes_a_loop(empty: Path) -> None:
    places = [seed_place(1), Place(seeds=(2, 3)), seed_place(4)]
    finished = generated(
        empty,
        task=Task.INTERPOLATE,
        places=places,
        legs=[3, 4, 5],
        easing="gentle",
        loop=True,
        form="gif",
    )
    (path,) = finished.result["paths"]
    assert Path(path).name == "interpolate-1-2-4.gif"
    with Pillow.open(path) as clip:
        assert getattr(clip, "n_frames") == 12  # noqa: B009 - Pillow's stubs leave it out
    alone = generated(empty, task=Task.INTERPOLATE, places=places[:1])
    assert alone.error is not None
    assert alone.error.title == "A path needs two places"


def test_an_own_picture_is_found_and_shown(empty: Path) -> None:
    (path,) = generated(empty, places=[seed_place(77)]).result["paths"]
    finished = generated(empty, task=Task.PROJECT, inputs=[path])
    (found,) = finished.result["paths"]
    recipe = read_recipe(Path(found))
    assert recipe is not None
    place = place_of(recipe)
    assert place is not None
    assert len(place.code) == 32
    _, shown = explored(empty, [place])
    assert shown is not None
    with Pillow.open(path) as wanted:
        assert np.abs(np.asarray(wanted).astype(int) - shown[0]).mean() < 8


def test_old_requests_tell_their_path_in_seeds() -> None:
    old = {"model": GAN, "task": "interpolate", "seeds": [4, 8, 4], "frames": 6}
    request = GenerateRequest.model_validate(old)
    assert request.places == [seed_place(4), seed_place(8), seed_place(4)]
    facts = {"request": old | {"variety": 0.5}, "facts": {"seed": 8, "label": "cat"}}
    assert place_of(facts) == Place(seeds=(8,), label="cat", variety=0.5)
    assert place_of({"request": old, "facts": {"frames": 9}}) is None
    assert place_of({"request": old, "facts": {"place": {"seeds": []}}}) is None


def test_what_cannot_be_explored_says_why(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(None, VAE)
    monkeypatch.setattr(directions, "LatentFamily", DataSpec)
    request = GenerateRequest(model=VAE, places=[seed_place(1)])
    finished = run_with(Explore(project=str(empty), request=request), Sink())
    assert finished.error is not None
    assert finished.error.title == "This model cannot be explored"
    assert model.title in finished.error.message
    monkeypatch.undo()
    strange = GenerateRequest(model=VAE, places=[Place(code=(1.0, 2.0))])
    finished = run_with(Explore(project=str(empty), request=strange), Sink())
    assert finished.error is not None
    assert finished.error.title == "This place is of another model"


@pytest.mark.bench
@pytest.mark.parametrize("model", [GAN, VAE])
def test_a_small_model_answers_while_the_user_drags(empty: Path, model: str) -> None:
    seconds = []
    for step in range(40):
        began = time.perf_counter()
        explored(empty, [Place(seeds=(1, 2, 3), weights=(1.0, 0.02 * step, 0.3))], model=model)
        seconds.append(time.perf_counter() - began)
    assert np.median(seconds[5:]) < 0.05
