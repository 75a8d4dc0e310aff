"""Spectrograms and their way back, the vocoder, the spectrogram VAE and sounds by rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Media, Modality, Sound
from studio.core.protocol import GenerateRequest
from studio.core.recipe import DataSpec
from studio.data.audio.sound_kinds import made
from studio.engine.generator import _joined
from studio.families.audio.mel import FLOOR, MelScale, griffin_lim, levels, mean_power, scaled
from studio.families.audio.spectrogram import Spectrogram
from studio.families.audio.spectrogram_recipe import SpectrogramRecipe, SpectrogramSettings
from studio.families.audio.synth import Synth
from studio.families.audio.synth_recipe import SynthRecipe, SynthSettings
from studio.families.audio.vocoded import _passages
from studio.families.audio.vocoder import Vocoder, resolutions, spectral_distance, stft_loss
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute

RATE = 8000
LENGTH = 2048
#: Pitches of two labels, an octave and more apart.
PITCHES = (400.0, 1100.0)


def _spec(labels: tuple[str, ...] = ("low", "high"), length: int = LENGTH) -> DataSpec:
    return DataSpec(
        modality=Modality.AUDIO,
        shape=(1, length),
        labels=labels,
        count=64,
        statistics={"peak": 0.9, "rate": float(RATE)},
        resources={"rate": str(RATE)},
    )


def _tones(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return fading tones (N, 1, LENGTH) near one of two pitches, and their labels."""
    draw = np.random.default_rng(seed)
    time = np.arange(LENGTH) / RATE
    rows, labels = [], []
    for number in range(count):
        pitch = PITCHES[number % 2] * draw.uniform(0.95, 1.05)
        length = int(draw.uniform(0.6, 0.9) * LENGTH)
        wave = 0.9 * np.sin(2 * np.pi * pitch * time + draw.uniform(0, 6)) * np.exp(-8 * time)
        wave[length:] = 0
        rows.append(wave)
        labels.append(number % 2)
    return torch.tensor(np.array(rows)[:, None], dtype=torch.float32), torch.tensor(labels)


def _scale() -> MelScale:
    return MelScale.of(_spec())


def _pitch(wave: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(wave, 8192)) ** 2
    return float(np.fft.rfftfreq(8192, 1 / RATE)[power.argmax()])


# -------------------------------------------------------------------------------- spectrograms


def test_a_full_tone_is_1_and_silence_minus_1() -> None:
    scale = _scale()
    time = torch.arange(LENGTH) / RATE
    mel = scale((0.9 * torch.sin(2 * math.pi * 1000 * time))[None])
    assert mel.shape == (1, scale.grid.mels, LENGTH // scale.grid.hop)
    assert float(mel[:, :, 4:-4].max()) == pytest.approx(1.0, abs=0.06)
    assert torch.equal(scale(torch.zeros(1, LENGTH)), torch.full_like(mel, -1.0))


def test_levels_are_the_way_back() -> None:
    amplitudes = torch.tensor([1e-6, FLOOR, 1e-2, 1.0])
    torch.testing.assert_close(levels(scaled(amplitudes)), amplitudes.clamp_min(FLOOR))


def test_what_is_drawn_is_as_loud_as_what_is_expected() -> None:
    """The mean power around a drawn value, not the power of the mean logarithm."""
    log_scale = torch.tensor([[-3.0], [-1.7]])
    drawn = torch.tensor([[0.2], [0.1]]).expand(2, 20_000)
    heard = drawn + log_scale.exp() * torch.randn(2, 20_000, generator=torch.manual_seed(0))
    wanted = levels(heard).square().mean(1)
    made = levels(mean_power(drawn[None], log_scale))[0].square().mean(1)
    assert torch.allclose(made, wanted, rtol=0.05)
    assert float(made[1] / levels(drawn)[1].square().mean()) > 1.3
    unsure = mean_power(drawn[None], torch.zeros(2, 1)) - drawn
    assert 0.1 < float(unsure.amax()) < 0.2  # no more than some decibels
    silence = torch.full((1, 2, 3), -1.0)
    assert torch.equal(mean_power(silence, log_scale), silence)


@pytest.mark.parametrize("rate", [4000, 8000, 16_000, 22_050, 48_000])
def test_hops_divide_rows_and_no_filter_is_empty(rate: int) -> None:
    spec = _spec().model_copy(update={"resources": {"rate": str(rate)}})
    scale = MelScale.of(spec)
    assert 1024 % scale.grid.hop == 0
    assert bool((scale.filters.sum(1) > 0).all())


def test_the_inverse_transform_gives_the_sound_back() -> None:
    scale = _scale()
    wave = torch.randn(3, LENGTH, generator=torch.Generator().manual_seed(0))
    spectrum = scale.stft(wave)
    torch.testing.assert_close(
        scale.istft(spectrum.real, spectrum.imag), wave, atol=1e-5, rtol=1e-4
    )
    theirs = torch.istft(
        torch.nn.functional.pad(spectrum, (0, 1)),
        scale.grid.fft,
        scale.grid.hop,
        window=scale.window,
        length=LENGTH,
    )
    inside = slice(0, LENGTH - scale.grid.fft)  # their last frame is another
    torch.testing.assert_close(
        scale.istft(spectrum.real, spectrum.imag)[:, inside], theirs[:, inside], atol=1e-5, rtol=0
    )


def test_griffin_lim_comes_nearer_with_every_round() -> None:
    scale = _scale()
    wave = _tones(6)[0][:, 0]
    mel = scale(wave)
    far = [
        float((scale(griffin_lim(scale, mel, rounds=rounds)) - mel).abs().mean())
        for rounds in (0, 2, 32)
    ]
    assert far[0] > far[1] > far[2]
    assert _pitch(griffin_lim(scale, mel)[1].numpy()) == pytest.approx(PITCHES[1], rel=0.08)


def test_a_distance_is_zero_to_itself_and_grows_with_the_difference() -> None:
    scale = _scale()
    wave = _tones(4)[0][:, 0]
    assert float(spectral_distance(wave, wave, scale).max()) == 0.0
    quiet, silent = (
        spectral_distance(0.5 * wave, wave, scale),
        spectral_distance(torch.zeros_like(wave), wave, scale),
    )
    # half the amplitude is 6 dB, where it is above the floor
    assert 2.0 < float(quiet.mean()) < 6.1 < float(silent.mean())


def test_passages_lie_where_something_is_heard() -> None:
    wave = torch.zeros(3, 1000)
    wave[0, :400] = 1
    wave[1, :1000] = 1
    found = _passages(wave, torch.tensor([0.99, 0.99, 0.99]), 100)
    assert found.shape == (3, 100)
    assert bool((found[:2] == 1).all())
    assert bool((found[2] == 0).all())


def test_a_vocoder_learns_to_beat_griffin_lim() -> None:
    """On tones of two kinds, a small vocoder comes closer to new ones than the rule does."""
    torch.manual_seed(0)
    scale = _scale()
    vocoder = Vocoder(scale, 32, 2)
    optimiser = torch.optim.AdamW(vocoder.parameters(), lr=4e-3, betas=(0.8, 0.99))
    wave, new = _tones(64)[0][:, 0], _tones(16, seed=1)[0][:, 0]

    def distance(sound: Tensor) -> float:
        return float(spectral_distance(sound, new, scale).mean())

    before = distance(vocoder(scale(new)).detach())
    for step in range(120):
        part = wave[(step * 16) % 64 :][:16]
        loss = stft_loss(vocoder(scale(part)), part, resolutions(scale)).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    after = distance(vocoder(scale(new)).detach())
    rule = distance(griffin_lim(scale, scale(new)))
    assert after < 0.7 * before
    assert after < rule


# ------------------------------------------------------------------------------ spectrogram VAE


def _spectrogram(**changes: Any) -> Spectrogram:
    small: dict[str, Any] = {
        "steps": 150, "batch_size": 32, "width": 32, "code": 8, "vocoder_width": 32,
        "vocoder_depth": 2, "learning_rate": 5e-3,
    }  # fmt: skip
    family = Spectrogram(SpectrogramRecipe(**(small | changes)), Compute())
    torch.manual_seed(0)
    family.setup(_spec())
    return family


#: Labels that sounds are asked for.
ASKED = [0, 1] * 8


@pytest.fixture(scope="module")
def learned() -> tuple[Spectrogram, list[Sound]]:
    """Return a family at its end, and what it made before its last step was followed up."""
    family = _spectrogram()
    items, labels = _tones(64)
    for step in range(family.recipe.steps):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(64, (32,))
        family.train_step(Batch(items[chosen], labels[chosen]))
    before = _made(family, seeds=range(16), labels=ASKED)
    family.finish(iter([Batch(items, labels)]))
    return family, before


@pytest.fixture(scope="module")
def trained(learned: tuple[Spectrogram, list[Sound]]) -> Spectrogram:
    return learned[0]


def _made(family: Any, **request: Any) -> list[Sound]:
    media: list[Media] = list(family.sample(SampleRequest(**request), lambda _d, _t: None))
    return [each for each in media if isinstance(each, Sound)]


def _right(sounds: list[Sound]) -> int:
    """Return how many sounds have the pitch of their label."""
    return sum(
        abs(math.log2(_pitch(sound.samples[:, 0]) / PITCHES[label])) < 0.3
        for sound, label in zip(sounds, ASKED, strict=True)
    )


def test_labels_are_followed_while_it_learns(learned: tuple[Spectrogram, list[Sound]]) -> None:
    assert _right(learned[1]) >= 12


def test_labels_are_followed_and_new_sounds_have_the_level_of_the_data(
    trained: Spectrogram,
) -> None:
    sounds = _made(trained, seeds=range(16), labels=ASKED)
    assert _right(sounds) >= 14
    assert all(sound.samples.shape == (LENGTH, 1) for sound in sounds)
    assert 0.3 < max(np.abs(sound.samples).max() for sound in sounds) <= 1.0


def test_a_copy_is_nearer_to_its_recording_than_to_another(trained: Spectrogram) -> None:
    items, _labels = _tones(8, seed=3)
    rows = (items.numpy() * 32767).astype(np.int16)
    copies = _made(trained, task=Task.RECONSTRUCT, inputs=rows)
    scale = trained.scale
    mine = scale(torch.from_numpy(np.stack([copy.samples[:, 0] for copy in copies])))
    theirs = scale(items[:, 0])
    own = (mine - theirs).abs().mean()
    assert float(own) < 0.5 * float((mine - theirs.roll(1, 0)).abs().mean())


def test_griffin_lim_is_a_way_to_be_heard_too(trained: Spectrogram) -> None:
    ours, rule = (
        _made(trained, seeds=[4], labels=[1], settings=SpectrogramSettings(phase=phase))[0]
        for phase in ("vocoder", "griffin_lim")
    )
    assert not np.array_equal(ours.samples, rule.samples)
    assert _pitch(rule.samples[:, 0]) == pytest.approx(PITCHES[1], rel=0.15)


def test_held_out_measures_fall_and_the_code_is_used(trained: Spectrogram) -> None:
    fresh = _spectrogram()
    items, labels = _tones(16, seed=9)
    batch = Batch(items, labels)
    before, after = fresh.validate(batch), trained.validate(batch)
    assert after["val_neg_elbo"] < before["val_neg_elbo"]
    assert after["val_mel_error"] < 0.5 * before["val_mel_error"]
    assert after["val_spectral_distance"] < before["val_spectral_distance"]
    assert after["val_kl"] > 1.0


def test_without_labels_codes_come_from_the_mixture() -> None:
    family = Spectrogram(SpectrogramRecipe(width=16, vocoder_width=16, code=4), Compute())
    family.setup(_spec(labels=()))
    assert not family.labelled
    family.finish(iter([Batch(_tones(40)[0])]))
    assert family.mixture.is_fitted
    assert len(_made(family, seeds=[1, 2])) == 2


# -------------------------------------------------------------------------------- sounds by rule


def _listened(labels: tuple[str, ...], kinds: tuple[str, ...]) -> Synth:
    """Return synthesis that listened to sounds of its own kinds, under other names."""
    family = Synth(SynthRecipe(tries=4, nearest=1), Compute())
    family.setup(_spec(labels, length=4096))
    rows = np.zeros((32, 1, 4096), np.float32)
    for number, row in enumerate(rows):
        wave = made(kinds[number % len(kinds)], 100 + number, RATE)[:4096]
        row[0, : len(wave)] = wave
    numbers = torch.arange(32) % len(kinds)
    family.train_step(Batch(torch.from_numpy(rows), numbers))
    return family


def test_a_label_gets_the_kind_that_is_most_like_it() -> None:
    family = _listened(("thump", "sizzle", "ding"), ("kick", "hat", "bell"))
    sounds = _made(family, seeds=[1, 2, 3], labels=[0, 1, 2])
    assert [sound.facts["kind"] for sound in sounds] == ["kick", "hat", "bell"]


def test_a_label_that_is_called_as_a_kind_means_it() -> None:
    family = _listened(("laser", "other"), ("kick", "hat"))
    assert _made(family, seeds=[1], labels=[0])[0].facts["kind"] == "laser"


def test_the_colour_of_recordings_is_taken_over() -> None:
    family = _listened(("dark", "bright"), ("kick", "hat"))

    def centre(colour: float, label: int) -> float:
        settings = SynthSettings(kind="pad", colour=colour)
        wave = _made(family, seeds=[5], labels=[label], settings=settings)[0].samples[:, 0]
        power = np.abs(np.fft.rfft(wave)) ** 2
        return float((np.fft.rfftfreq(len(wave), 1 / RATE) * power).sum() / power.sum())

    plain = centre(0.0, 0)
    assert centre(0.0, 1) == plain
    assert centre(1.0, 0) < plain < centre(1.0, 1)


def test_lengths_and_kinds_are_as_asked() -> None:
    family = _listened(("a", "b"), ("kick", "hat"))
    sound = _made(family, seeds=[1], settings=SynthSettings(kind="pad", seconds=1.5))[0]
    assert (len(sound.samples), sound.rate) == (round(1.5 * RATE), RATE)
    mixed = _made(family, seeds=range(30), settings=SynthSettings(kind="mixed"))
    assert len({each.facts["kind"] for each in mixed}) > 6


def test_unseen_recordings_of_a_label_are_close_to_its_mean() -> None:
    family = _listened(("thump", "sizzle"), ("kick", "hat"))
    rows = np.zeros((8, 1, 4096), np.float32)
    for number, row in enumerate(rows):
        wave = made(("kick", "hat")[number % 2], 500 + number, RATE)[:4096]
        row[0, : len(wave)] = wave
    right = family.validate(Batch(torch.from_numpy(rows), torch.arange(8) % 2))
    wrong = family.validate(Batch(torch.from_numpy(rows), (torch.arange(8) + 1) % 2))
    assert right["val_colour_error"] < 0.5 * wrong["val_colour_error"]


def test_a_path_is_one_recording(trained: Spectrogram) -> None:
    steps: list[Media] = list(_made(trained, task=Task.INTERPOLATE, seeds=[1, 2], frames=3))
    asked = GenerateRequest(model="any", task=Task.INTERPOLATE, count=2)
    nobody: Any = None  # sounds ask nothing of a model
    whole = _joined(steps, asked, nobody)
    assert isinstance(whole, Sound)
    assert whole.samples.shape == (len(steps) * LENGTH, 1)
    assert whole.rate == RATE
