"""The coach on what models of sound and of clips make: spoiled samples, and sound ones left alone.

Samples are measured as those of a run are; what a model would have to go through to make them is
played.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from coached_runs import advice_of
from tiny_data import moving, tone

from studio.core.catalogue import catalogue
from studio.core.media import Clip, Media, Modality, Sound
from studio.core.protocol import Advice
from studio.engine.coach.coach import Coach
from studio.evaluate import audio, video
from studio.families.audio.sample_metrics import SAMPLE_METRICS as SOUND_METRICS

STEPS = 100
OPTIONS: dict[str, Any] = {
    "steps": STEPS,
    "minutes": 5.0,
    "learning_rate": 1e-3,
    "dropout": 0.0,
    "growing": "transposed",
    "clip_weight": 1.0,
    "temporal": 0.0,
}
CLIPS = catalogue().family("motion").info
SOUNDS = CLIPS.model_copy(
    update={"modality": Modality.AUDIO, "metrics": SOUND_METRICS, "best": "label_accuracy"}
)


def said(
    info: Any, values: Mapping[str, float], *, before: Mapping[str, float] | None = None
) -> list[Advice]:
    """Return what the coach says of a run whose samples always measure the same.

    Args:
        before: What the first half of the samples measure, where that differs.
    """
    coach = Coach(OPTIONS, info)
    found: list[Advice] = []
    for step in range(5, STEPS + 1, 5):
        early = before is not None and step <= STEPS // 2
        found += coach.observe(step, before if early and before is not None else values)
    return found


# ------------------------------------------------------------------------------------- sound

RATE = 8_000


def word(seed: int) -> Sound:
    """Return a voice that swells and fades, with pauses around it."""
    draw = np.random.default_rng(seed)
    time = np.arange(4_096) / RATE
    glide = np.cumsum(draw.uniform(90, 220) * (1 + time)) / RATE
    wave = sum(np.sin(2 * np.pi * n * glide) / n for n in range(1, 9))
    wave = wave * np.exp(-0.5 * ((time - draw.uniform(0.15, 0.35)) / 0.05) ** 2)
    wave = wave + 1e-3 * draw.standard_normal(len(time))
    return Sound((0.9 * wave / np.abs(wave).max()).astype(np.float32)[:, None], RATE)


WORDS = [word(seed) for seed in range(48)]


def heard(change: Callable[[Any], Any], words: Sequence[Sound] = WORDS[:16]) -> dict[str, float]:
    """Return the measures of changed recordings beside the others."""
    made = [Sound(change(each.samples).astype(np.float32), RATE) for each in words]
    return audio.sample_statistics(made, WORDS[16:])


def _whistling(samples: Any) -> Any:
    return samples + 0.02 * np.sin(2 * np.pi * np.arange(len(samples)) / 16)[:, None]


def _as_evenly_as_chance(samples: Any) -> Any:
    """Return all 256 values of µ-law alike: what a WaveNet says that knows nothing."""
    drawn = np.random.default_rng(len(samples)).uniform(-1, 1, samples.shape)
    return np.sign(drawn) * (256 ** np.abs(drawn) - 1) / 255


BROKEN: dict[str, Callable[[Any], Any]] = {
    "silent-samples": lambda samples: 1e-3 * samples,
    "plain-noise": _as_evenly_as_chance,
    "crackles": lambda samples: np.clip(6 * samples, -1, 1),
    "whistles": _whistling,
}


def test_recordings_like_those_of_the_data_are_left_alone() -> None:
    assert said(SOUNDS, heard(lambda samples: samples)) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_spoiled_recordings(rule: str) -> None:
    advice = advice_of(said(SOUNDS, heard(BROKEN[rule])), rule)
    assert advice.changes
    assert advice.action
    sound = said(SOUNDS, heard(lambda samples: samples), before=heard(BROKEN[rule]))
    assert all(each.resolved for each in sound[1:])  # it takes its word back


def test_a_whistle_is_answered_by_growing_evenly() -> None:
    advice = advice_of(said(SOUNDS, heard(_whistling)), "whistles")
    assert advice.changes == {"growing": "resize"}


def test_tones_of_the_data_are_no_whistle() -> None:
    tones = [tone(seed) for seed in range(12)]
    found = said(SOUNDS, audio.sample_statistics(tones, tones))
    assert "whistles" not in {each.rule for each in found}


def test_recordings_that_were_learned() -> None:
    parts = WORDS[16:32], WORDS[32:]
    newness = audio.Newness([parts[0]], [parts[1]])
    copied = heard(lambda samples: samples, parts[0]) | newness.of(parts[0])
    assert advice_of(said(SOUNDS, copied), "copies-recordings").changes == {"dropout": 0.1}
    fresh = heard(lambda samples: samples) | newness.of(WORDS[:16])
    assert said(SOUNDS, fresh) == []


# ------------------------------------------------------------------------------------- clips

REAL = [moving(seed) for seed in range(48)]


def watched(change: Callable[[Any], Any]) -> dict[str, float]:
    """Return the measures of changed clips beside the others."""
    made: list[Media] = []
    for each in REAL[:16]:
        frames = np.clip(np.round(change(each.frames.astype(float))), 0, 255)
        made.append(Clip(frames.astype(np.uint8), each.fps))
    return video.sample_statistics(made, REAL[16:])


def _light(frames: Any) -> Any:
    return frames + 40 * (-1.0) ** np.arange(len(frames))[:, None, None, None]


STOPPED: dict[str, Callable[[Any], Any]] = {
    "stands-still": lambda frames: np.repeat(frames[:1], len(frames), 0),
    "loops": lambda frames: frames[[0, 4, 8, 12] * 5],
    "flickers": _light,
}


def test_clips_like_those_of_the_data_are_left_alone() -> None:
    assert said(CLIPS, watched(lambda frames: frames)) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("stands-still", {"clip_weight": 2.0}),
        ("loops", {"clip_weight": 2.0}),
        ("flickers", {"temporal": 2.0}),
    ],
)
def test_spoiled_clips(rule: str, changes: dict[str, float]) -> None:
    assert advice_of(said(CLIPS, watched(STOPPED[rule])), rule).changes == changes


def _moving_as_much_as(share: float) -> Callable[[Any], Any]:
    return lambda frames: frames[:1] + (frames - frames[:1]) * share


def test_clips_that_begin_to_move_need_time_alone() -> None:
    coach, found = Coach(OPTIONS, CLIPS), []
    for step in range(5, STEPS + 1, 5):
        found += coach.observe(step, watched(_moving_as_much_as(step / STEPS)))
    assert "stands-still" not in {each.rule for each in found}


def test_a_translated_film_that_flickers_more_than_its_source() -> None:
    assert said(CLIPS, {"val_flicker_ratio": 1.3}) == []
    advice = advice_of(said(CLIPS, {"val_flicker_ratio": 3.0}), "flickers")
    assert "that they were made of" in advice.evidence


def test_a_translation_that_does_nothing_is_told_of_clips() -> None:
    advice = advice_of(said(CLIPS, {"val_changed": 0.002}), "does-nothing")
    assert advice.sentence.startswith("Leaving a clip alone")
    assert advice.evidence.startswith("Translated clips")


def test_a_prediction_that_gains_nothing() -> None:
    advice = advice_of(said(CLIPS, {"val_psnr_gain": 0.1, "val_psnr": 20.0}), "little-gain")
    assert "last frame" in advice.sentence
    assert said(CLIPS, {"val_psnr_gain": 2.5, "val_psnr": 20.0}) == []
