"""The measures of clips: each rises and falls with what it is named after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from studio.core.media import Clip
from studio.evaluate.video import Newness, sample_statistics
from studio.evaluate.video_frames import flicker_ratio, loop_lags

FRAMES, SIZE = 16, 24
Frames = npt.NDArray[np.uint8]


def clip(frames: npt.NDArray[np.float64]) -> Clip:
    return Clip(np.clip(np.round(frames), 0, 255).astype(np.uint8), 12.0)


def moving(seed: int, frames: int = FRAMES) -> Clip:
    """Return a soft ball on its way over a plain ground."""
    draw = np.random.default_rng(seed)
    start, speed = draw.uniform(4, 20, 2), draw.uniform(-0.8, 0.8, 2)
    colour, ground = draw.uniform(120, 250, 3), draw.uniform(0, 80, 3)
    y, x = np.mgrid[:SIZE, :SIZE]
    shown = []
    for frame in range(frames):
        at = start + speed * frame
        ball = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / 18)[..., None]
        shown.append(ball * colour + (1 - ball) * ground)
    return clip(np.stack(shown))


REAL = [moving(seed) for seed in range(40)]


def measured(change: Callable[[Frames], npt.NDArray[np.float64]]) -> dict[str, float]:
    """Return the statistics of changed clips."""
    return sample_statistics([clip(change(each.frames)) for each in REAL], REAL)


def test_other_clips_of_the_same_kind_measure_as_the_data() -> None:
    found = sample_statistics([moving(100 + seed) for seed in range(40)], REAL)
    for name in ("motion", "flicker_ratio", "diversity", "sharpness", "contrast"):
        assert found[name] == pytest.approx(1, abs=0.35), name
    assert found["sample_distance"] < 25
    assert found["loops"] == found["clipped"] == found["twins"] == 0
    assert found["frozen"] < 0.2


def test_clips_that_stand_still() -> None:
    found = measured(lambda frames: np.repeat(frames[:1], FRAMES, 0).astype(float))
    assert found["motion"] == found["loops"] == 0
    assert found["frozen"] == 1
    assert found["data_frozen"] < 0.2


def test_clips_that_go_round() -> None:
    def there_and_back(frames: Frames) -> npt.NDArray[np.float64]:
        return frames[[0, 5, 10, 15, 10, 5] * 3][:FRAMES].astype(float)

    found = measured(there_and_back)
    assert found["loops"] > 0.8
    assert found["data_loops"] == 0
    made = torch.from_numpy(there_and_back(REAL[0].frames)).permute(3, 0, 1, 2)[None] / 127.5 - 1
    assert loop_lags(made).tolist() == [6]


def test_clips_that_flicker() -> None:
    light = 12.0 * (-1) ** np.arange(FRAMES)[:, None, None, None]
    found = measured(lambda frames: frames + light)
    assert found["flicker_ratio"] > 2
    assert found["flicker_ratio"] > 1.3 * found["motion"]
    assert found["frozen"] == 0


def test_noise_is_far_from_the_data() -> None:
    draw = np.random.default_rng(0)
    found = measured(lambda frames: draw.uniform(0, 255, frames.shape))
    assert found["sample_distance"] > 100
    assert found["sharpness"] > 10
    assert found["motion"] > 10


def test_faster_motion_is_no_flicker() -> None:
    fast = [clip(moving(seed, 2 * FRAMES).frames[::2].astype(float)) for seed in range(40)]
    found = sample_statistics(fast, REAL)
    assert found["motion"] > 1.5
    assert found["flicker_ratio"] < 6 * found["motion"]


@pytest.mark.parametrize("shape", [(1, 24, 24), (2, 9, 30), (40, 70, 90)])
def test_clips_of_another_shape_are_measured(shape: tuple[int, int, int]) -> None:
    draw = np.random.default_rng(0)
    made = [clip(draw.uniform(0, 255, (*shape, 3))) for _ in range(3)] + REAL[:1]
    found = sample_statistics(made, REAL)
    assert all(np.isfinite(value) for value in found.values())


def test_copies_are_found() -> None:
    newness = Newness([REAL[:20], REAL[20:]], [[moving(500 + seed) for seed in range(20)]])
    fresh = newness.of([moving(300 + seed) for seed in range(20)])
    assert fresh["novelty"] == pytest.approx(1, abs=0.4)
    draw = np.random.default_rng(1)
    grainy = [clip(each.frames + draw.normal(0, 3, each.frames.shape)) for each in REAL]
    assert newness.of(grainy)["copies"] > 0.9


def test_a_film_that_is_left_alone_flickers_as_its_source_does() -> None:
    source = torch.rand(2, 3, 8, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert flicker_ratio(source, source).tolist() == [1, 1]
    light = 0.8 * (-1) ** torch.arange(8.0)[:, None, None]
    assert float(flicker_ratio(source + light, source).min()) > 2
    still = source[:, :, :1].expand_as(source)
    assert flicker_ratio(still, still).tolist() == [1, 1]
