"""Films of any length: windows around each frame, sizes and rates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from studio.core.media import Film, Modality
from studio.core.recipe import DataSpec
from studio.families.video.films import Frame, at_models, count_at, tensor_of, windows


def numbered(count: int) -> list[Frame]:
    """Return frames of 2 × 2 that hold their own number."""
    return [np.full((2, 2, 3), number, np.uint8) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_every_frame_has_a_window_and_ends_repeat(count: int) -> None:
    found = [[int(f[0, 0, 0]) for f in window] for window in windows(numbered(count), 5)]
    expected = [[min(max(at + off, 0), count - 1) for off in range(-2, 3)] for at in range(count)]
    assert found == expected


def test_windows_read_no_further_than_they_must() -> None:
    read = 0

    def frames() -> Iterator[Frame]:
        nonlocal read
        for frame in numbered(50):
            read += 1
            yield frame

    walk = windows(frames(), 3)
    next(walk)
    assert read == 2
    next(walk)
    assert read == 3


def test_no_frames_have_no_windows() -> None:
    assert list(windows([], 3)) == []


@pytest.mark.parametrize(
    ("own", "wanted", "expected"),
    [
        (8.0, 8.0, [0, 1, 2, 3, 4, 5]),
        (16.0, 8.0, [0, 2, 4]),
        (8.0, 16.0, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        (12.0, 8.0, [0, 1, 3, 4]),
        (29.97, 29.97, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_each_moment_shows_the_frame_that_was_shown_then(
    own: float, wanted: float, expected: list[int]
) -> None:
    film = Film(lambda: iter(numbered(6)), 2, 2, own, 6)
    spec = DataSpec(modality=Modality.VIDEO, shape=(3, 4, 2, 2), resources={"fps": str(wanted)})
    found = [int(frame[0, 0, 0]) for frame in at_models(film, spec)]
    assert found == expected
    assert count_at(film, wanted) == len(expected)


def test_a_film_of_unknown_length_stays_so() -> None:
    assert count_at(Film(lambda: iter(()), 2, 2, 8.0), 16.0) == 0


def test_frames_become_tensors_in_range() -> None:
    frames = [np.zeros((4, 6, 3), np.uint8), np.full((4, 6, 3), 255, np.uint8)]
    colour, grey = tensor_of(frames), tensor_of(frames, 1)
    assert colour.shape == (1, 3, 2, 4, 6)
    assert grey.shape == (1, 1, 2, 4, 6)
    assert colour[0, 0, :, 0, 0].tolist() == grey[0, 0, :, 0, 0].tolist() == [-1, 1]
