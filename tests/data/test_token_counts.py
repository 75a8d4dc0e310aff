"""How frequent tokens and loudnesses are."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from studio.data.text.token_counts import loudness_entropy, unigram_entropy
from studio.families.audio.companding import encode


def test_two_tokens_as_often_as_each_other() -> None:
    rows = np.array([[1, 2, 0], [2, 1, 0]])
    assert unigram_entropy(rows, 3) == pytest.approx(math.log(2))
    assert unigram_entropy(0 * rows, 3) == 0


def test_loudnesses_are_counted_in_the_steps_of_a_wavenet() -> None:
    draw = np.random.default_rng(0)
    rows = (3000 * draw.standard_normal((6, 1, 500))).astype(np.int16)
    steps = encode(torch.from_numpy(rows / 32768)).numpy()
    assert loudness_entropy(rows) == pytest.approx(unigram_entropy(steps, 256))


def test_what_fills_recordings_up_does_not_count() -> None:
    rows = np.array([[[100, 0, -100, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]], np.int16)
    assert loudness_entropy(rows) == pytest.approx(math.log(3))
    assert loudness_entropy(0 * rows) == 0
