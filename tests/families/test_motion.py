"""Motion by rule: exact clips from seeds, loops without a seam, and a palette that learns."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
import torch

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Clip, Modality
from studio.core.recipe import DataSpec
from studio.data.image.pattern_colours import PALETTES, Palette
from studio.data.video.motion import TURN, drawn, motion
from studio.data.video.motion_rules import MOTIONS
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.video.motion import Motion
from studio.families.video.motion_recipe import RULE_SETS, MotionRecipe, MotionSettings

every_rule = pytest.mark.parametrize("rule", MOTIONS)


def _clip(rule: str, seed: int = 3, frames: int = 24, side: int = 32, **o: Any) -> np.ndarray:
    return drawn(motion(seed, rules=(rule,)), PALETTES["neon"], frames, side, side, **o)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@every_rule
def test_something_moves_all_the_time(rule: str) -> None:
    for seed in range(5):
        clip = _clip(rule, seed)
        assert clip.shape == (24, 32, 32, 3)
        assert clip.dtype == np.uint8
        steps = [_apart(a, b) for a, b in pairwise(clip)]
        assert min(steps) > 0.05
        assert len(np.unique(clip.reshape(-1, 3), axis=0)) >= 2


@every_rule
def test_a_loop_has_no_seam(rule: str) -> None:
    clip = _clip(rule, loop=True, frames=TURN)
    steps = [_apart(a, b) for a, b in pairwise(clip)]
    assert _apart(clip[-1], clip[0]) <= 1.1 * max(steps)
    # twice as many frames of the same turns: every other frame is one of these
    wanted = motion(3, rules=(rule,))
    longer = drawn(wanted, PALETTES["neon"], 2 * TURN, 32, 32, loop=True)
    assert _apart(longer[0], clip[0]) == 0


@every_rule
def test_a_seed_is_one_clip_however_it_is_drawn(rule: str) -> None:
    assert np.array_equal(_clip(rule), _clip(rule))
    assert not np.array_equal(_clip(rule), _clip(rule, seed=4))
    small = _clip(rule, frames=6, side=48)
    large = _clip(rule, frames=6, side=96)
    shrunk = large.reshape(6, 48, 2, 48, 2, 3).mean((2, 4))
    assert np.abs(shrunk - small).mean() < 6
    longer = _clip(rule, frames=12, side=48)
    assert np.array_equal(longer[:6], small)  # without a loop, more frames only go on


def test_parts_of_a_large_clip_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _clip("rain")
    monkeypatch.setattr("studio.data.video.motion._POINTS", 5 * 32 * 32)
    assert np.array_equal(_clip("rain"), whole)


def test_wide_clips_are_filled() -> None:
    clip = drawn(motion(0, rules=("rain",)), PALETTES["ink"], 32, 64, 32)
    assert clip.shape == (32, 32, 64, 3)
    ground = clip[0, 0, 0]
    touched = (clip != np.median(clip, axis=0)).any((0, 1, 3))
    assert touched[:16].any()
    assert touched[-16:].any()
    assert ground.shape == (3,)


def test_speed_changes_nothing_but_the_pace() -> None:
    usual, faster = motion(8), motion(8, speed=2.0)
    assert faster.pace == 2 * usual.pace
    assert (faster.rule, faster.look, faster.paint) == (usual.rule, usual.look, usual.paint)


def test_one_colour_is_enough() -> None:
    grey = Palette(np.array([[0.2, 0, 0]], np.float32), np.ones(1, np.float32))
    clip = drawn(motion(1, rules=("bounce",)), grey, 4, 32, 32)
    assert clip.std() > 5  # what moves can be seen


# -------------------------------------------------------------------------------------- family


def _family(channels: int = 3, **options: Any) -> Motion:
    family = Motion(MotionRecipe(**({"steps": 40, "colours": 4} | options)), Compute())
    spec = DataSpec(
        modality=Modality.VIDEO, shape=(channels, 10, 16, 16), count=8, resources={"fps": "12.0"}
    )
    family.setup(spec)
    return family


def _made(family: Motion, **settings: Any) -> list[Clip]:
    request = SampleRequest(seeds=range(4), settings=MotionSettings(**settings))
    return [each for each in family.sample(request, lambda _d, _t: None) if isinstance(each, Clip)]


def test_learns_the_colours_of_clips() -> None:
    family = _family()
    red, blue = torch.tensor([0.8, -0.9, -0.9]), torch.tensor([-0.9, -0.8, 0.6])
    items = torch.where(
        torch.rand(8, 1, 10, 16, 16) < 0.7, red.view(3, 1, 1, 1), blue.view(3, 1, 1, 1)
    )
    for step in range(40):
        torch.manual_seed(step)
        family.step = step
        shown = family.train_step(Batch(items))
    assert float(shown["palette_error"]) < 1
    assert float(family.validate(Batch(items))["val_palette_error"]) < 1
    seen = {tuple(c) for clip in _made(family) for c in clip.frames.reshape(-1, 3)[::7]}
    assert any(r > 200 and g < 40 and b < 40 for r, g, b in seen)


def test_settings_are_followed() -> None:
    clips = _made(_family(), length=5, size=24, rule="orbit", palette="sunset")
    assert [clip.frames.shape for clip in clips] == [(5, 24, 24, 3)] * 4
    assert {clip.facts["rule"] for clip in clips} == {"orbit"}
    assert {clip.fps for clip in clips} == {12.0}
    assert [clip.facts["seed"] for clip in clips] == [0, 1, 2, 3]


def test_grey_clips_come_out_grey() -> None:
    assert _made(_family(channels=1))[0].frames.shape == (10, 16, 16, 1)


def test_a_model_keeps_to_its_set_of_rules() -> None:
    made = {clip.facts["rule"] for clip in _made(_family(rules="scenes"))}
    assert made <= set(RULE_SETS["scenes"])


def test_every_rule_can_be_asked_for() -> None:
    asked = get_args(MotionSettings.model_fields["rule"].annotation)
    assert set(asked) == {"mixed", *MOTIONS} == {"mixed", *RULE_SETS["all"]}


def test_other_tasks_are_refused() -> None:
    with pytest.raises(StudioError, match="task"):
        next(_family().sample(SampleRequest(task=Task.RESTORE), lambda _d, _t: None))
