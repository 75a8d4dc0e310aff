"""Spectrograms in numpy against torchaudio's, and where tones are in them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torchaudio
from made_sounds import melody, tone

from studio.data.audio.mel import FLOOR, filters, hertz, hop_for, log_mel, mel, power


@pytest.mark.parametrize(("rate", "bands"), [(8000, 40), (16_000, 80), (44_100, 96)])
def test_it_is_what_torchaudio_makes(rate: int, bands: int) -> None:
    samples = melody(1, 1.0, rate)
    theirs = torchaudio.transforms.MelSpectrogram(
        rate, n_fft=1024, hop_length=256, n_mels=bands, center=True
    )(torch.from_numpy(samples))
    ours = power(samples, 256) @ filters(rate, bands)
    assert ours.shape == theirs.T.shape
    np.testing.assert_allclose(ours, theirs.T.numpy(), rtol=1e-3, atol=1e-3 * float(theirs.max()))


def test_a_tone_is_where_its_pitch_is_and_as_loud() -> None:
    samples = tone(1, 16_000, pitch=1000, level=1.0)
    found = log_mel(samples, 16_000, bands=64)
    assert found.shape == (64, 1 + 16_000 // 256)
    middle = found[:, 20]
    centre = hertz(np.linspace(mel(0), mel(8000), 66))[1:-1][middle.argmax()]
    assert abs(centre - 1000) < 80
    assert -3 < middle.max() < 3
    assert np.median(middle) < -60


def test_silence_and_short_sounds() -> None:
    assert (log_mel(np.zeros(5000, np.float32), 8000) == FLOOR).all()
    assert log_mel(np.zeros(10, np.float32), 8000, bands=8).shape == (8, 1)
    stereo = np.stack([tone(0.5), -tone(0.5)], 1)
    assert log_mel(stereo, 8000).max() == FLOOR, "the mean of both sides"
    assert log_mel(tone(0.5), 8000, padded=False).shape[1] == 1 + (4000 - 1024) // 256


def test_a_view_gets_about_as_many_columns_as_it_is_wide() -> None:
    for count in (5_000, 100_000, 10_000_000):
        columns = -(-count // hop_for(count, 800))
        assert columns <= 2 * 800
    assert hop_for(3, 800) == 16
