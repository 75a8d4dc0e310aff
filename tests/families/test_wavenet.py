"""The WaveNet: it looks back and never ahead, learns tones, and writes each sample once."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.family_info import Task
from studio.core.media import Modality, Sound
from studio.core.recipe import DataSpec
from studio.families.audio.companding import SILENCE, companded, decode, encode, true_lengths
from studio.families.audio.wavenet import WaveNetFamily
from studio.families.audio.wavenet_networks import WaveNet, _Layer
from studio.families.audio.wavenet_recipe import WaveNetRecipe, WaveNetSampling
from studio.families.audio.wavenet_sampling import AT_ONCE, Writing, chosen, write_on
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.layers.choosing import Manner, uniform

RATE, LENGTH = 8000, 2048
PITCHES = (400.0, 1300.0)


def _tick(_done: int, _total: int) -> None: ...


def _family(labels: tuple[str, ...] = ("low", "high"), **options: Any) -> WaveNetFamily:
    torch.manual_seed(0)
    settings = {"steps": 120, "width": 16, "layers": 6, "stacks": 1, "crop": 512} | options
    family = WaveNetFamily(WaveNetRecipe(**settings), Compute())
    family.setup(
        DataSpec(
            modality=Modality.AUDIO,
            shape=(1, LENGTH),
            labels=labels,
            resources={"rate": str(RATE)},
            statistics={"peak": 0.5},
        )
    )
    return family


def _tones(count: int, filled: int = 0) -> Batch:
    """Return tones of two pitches with a little hiss; the last `filled` samples are exactly 0."""
    labels = torch.arange(count) % 2
    pitch = torch.tensor(PITCHES)[labels]
    moments = torch.arange(LENGTH) / RATE
    phase = torch.rand(count)
    wave = 0.5 * (2 * math.pi * (pitch[:, None] * moments + phase[:, None])).sin()
    wave = wave + 0.005 * torch.randn(count, LENGTH)
    if filled:
        wave[:, -filled:] = 0
    return Batch(wave[:, None], labels)


def _train(family: WaveNetFamily, steps: int = 120) -> None:
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        family.train_step(_tones(8))


def _bits(family: WaveNetFamily, batch: Batch) -> float:
    measured = {name: float(value) for name, value in family.validate(batch).items()}
    return family.derived(measured)["val_bits_per_sample"]


def _share(wave: np.ndarray, pitch: float) -> float:
    """Return the share of a wave's power that is near a pitch."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    near = np.abs(np.fft.rfftfreq(len(wave), 1 / RATE) - pitch) < 150
    return float(power[near].sum() / power.sum())


def _network(**options: Any) -> WaveNet:
    torch.manual_seed(0)
    network = WaveNet(8, 12, 3, 2, **options)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network.eval()


# ------------------------------------------------------------------------------------- samples


def test_steps_of_mu_law() -> None:
    wave = torch.tensor([-1.0, -0.1, 0.0, 1e-3, 0.1, 1.0])
    # by hand: ln(1 + 255 · 0.1) / ln 256 = 0.5910
    torch.testing.assert_close(companded(wave)[4], torch.tensor(0.5910), rtol=1e-3, atol=1e-3)
    codes = encode(wave)
    assert codes.tolist() == [0, 53, SILENCE, 133, 203, 255]
    assert decode(codes)[2] == 0
    back = decode(encode(torch.linspace(-1, 1, 4001)))
    error = (companded(back) - companded(torch.linspace(-1, 1, 4001))).abs()
    assert error.max() <= 1 / 255 + 1e-4
    assert torch.equal(encode(decode(torch.arange(1, 256))), torch.arange(1, 256))


def test_what_fills_up_is_told_from_what_is_silent() -> None:
    rows = torch.tensor([[0, 0.1, 0, 0.2, 0, 0], [0.1] * 6, [0.0] * 6])
    assert true_lengths(rows).tolist() == [4, 6, 0]


# ------------------------------------------------------------------------------------- network


def test_it_hears_as_far_back_as_it_says_and_never_ahead() -> None:
    network = _network()
    codes = torch.randint(256, (1, network.reach + 4))
    plain = network(codes, 4)
    for changed in range(codes.shape[1]):
        other = codes.clone()
        other[0, changed] = (other[0, changed] + 100) % 256
        moved = (network(other, 4) - plain).abs().amax((1, 2)) > 0
        # of what follows the last four codes, which may have heard this one
        wanted = [0 <= network.reach + place - changed <= network.reach for place in range(4)]
        assert moved.tolist() == wanted, changed


def test_a_layer_is_that_of_the_paper() -> None:
    """tanh(a) ⊙ σ(b), a dilated convolution of two taps, and the way around it (equation 2)."""
    torch.manual_seed(0)
    stream, known = torch.randn(9, 2, 4), torch.randn(2, 8)
    taps, carry = torch.randn(8, 8), torch.randn(4, 4)
    out, gated = _Layer.apply(stream, known, taps, carry, 3)
    convolution = torch.nn.functional.conv1d(
        stream.permute(1, 2, 0), taps.view(2, 4, 8).permute(2, 1, 0), dilation=3
    )
    a, b = (convolution + known[:, :, None]).permute(2, 0, 1).chunk(2, dim=2)
    wanted = 2 * torch.tanh(a) * torch.sigmoid(2 * b)  # the halves belong to the weights
    torch.testing.assert_close(gated, wanted)
    torch.testing.assert_close(out, stream[3:] + wanted @ carry)


@pytest.mark.parametrize("changing", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_gradients_by_hand_are_those_of_the_layer(changing: bool, last: bool) -> None:
    torch.manual_seed(0)

    def leaf(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.double, requires_grad=True)

    known = leaf(7 * 2, 6) if changing else leaf(2, 6)
    carry = None if last else leaf(3, 3)

    def layer(stream: Tensor, known: Tensor, taps: Tensor) -> Any:
        out, gated = _Layer.apply(stream, known, taps, carry, 2)
        return gated if last else (out, gated)

    assert torch.autograd.gradcheck(layer, (leaf(9, 2, 3), known, leaf(6, 6)))
    if carry is not None:
        inputs = (leaf(9, 2, 3), leaf(2, 6), leaf(6, 6), carry)
        assert torch.autograd.gradcheck(lambda *a: _Layer.apply(*a, 2), inputs)


# ------------------------------------------------------------------------------------ learning


def test_it_learns_tones_and_makes_them() -> None:
    family = _family()
    unseen = _tones(8)
    codes = encode(unseen.items)
    shares = torch.bincount(codes.flatten(), minlength=256) / codes.numel()
    unigram = float(-(shares[shares > 0] * shares[shares > 0].log2()).sum())
    first = _bits(family, unseen)
    _train(family)
    assert first > 7
    assert _bits(family, unseen) < unigram - 2.0
    settings = WaveNetSampling(seconds=0.25, temperature=0.6)
    request = SampleRequest(seeds=[1, 2, 3, 4], labels=[0, 1, 0, 1], settings=settings)
    for label, sound in zip([0, 1, 0, 1], family.sample(request, _tick), strict=True):
        assert isinstance(sound, Sound)
        assert sound.samples.shape == (RATE // 4, 1)
        assert sound.facts["label"] == family.spec.labels[label]
        assert max(_share(sound.samples[RATE // 8 :, 0], pitch) for pitch in PITCHES) > 0.7
    begun, labels = unseen.items[:, :, :128], torch.arange(8) % 2
    assert _bits(family, Batch(begun, labels)) < _bits(family, Batch(begun, 1 - labels))


def test_what_fills_rows_up_does_not_flatter() -> None:
    family = _family()
    _train(family, 60)
    torch.manual_seed(5)
    filled = _tones(6, filled=1200)
    whole = Batch(filled.items[:, :, : LENGTH - 1200], filled.labels)
    assert _bits(family, filled) == pytest.approx(_bits(family, whole), rel=1e-4)
    rows = family.validate(filled)
    assert rows["val_samples_per_row"] == LENGTH - 1200
    # one long and one short recording: each sample counts the same
    mixed = Batch(torch.cat([filled.items[:1], _tones(1).items]), torch.tensor([0, 0]))
    bits = [_bits(family, Batch(mixed.items[i : i + 1], torch.tensor([0]))) for i in (0, 1)]
    wanted = (bits[0] * (LENGTH - 1200) + bits[1] * LENGTH) / (2 * LENGTH - 1200)
    assert _bits(family, mixed) == pytest.approx(wanted, rel=1e-4)


def test_it_learns_in_bf16_as_well() -> None:
    torch.manual_seed(0)
    family = WaveNetFamily(
        WaveNetRecipe(steps=120, width=16, layers=6, stacks=1, crop=512),
        Compute(autocast=torch.bfloat16),
    )
    family.setup(_family().spec)
    _train(family, 60)
    assert _bits(family, _tones(4)) < 6


# ------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize("top_p", [1.0, 0.8])
def test_writing_equals_reading_all_again(top_p: float) -> None:
    network = _network(labels=3)
    manner = Manner(temperature=0.9, top_p=top_p)
    labels, length = torch.tensor([0, 2]), 100
    begin = torch.randint(256, (2, network.reach + 2))
    draws = uniform([3, 4], length, torch.device("cpu"))
    written = write_on(network, begin, draws, manner, labels)
    row = begin
    with torch.no_grad():
        for place in range(length):
            scores = network(row[:, -network.reach - 1 :], 1, labels)[0]
            code = chosen(scores, draws[:, place], manner)
            row = torch.cat([row, code[:, None]], dim=1)
    assert torch.equal(written, row[:, -length:])


def test_a_clip_is_the_same_in_any_company() -> None:
    family = _family()
    _train(family, 5)
    settings = WaveNetSampling(seconds=0.05)

    def made(seeds: list[int]) -> list[np.ndarray]:
        request = SampleRequest(seeds=seeds, labels=[s % 2 for s in seeds], settings=settings)
        return [sound.samples for sound in family.sample(request, _tick)]  # type: ignore[attr-defined]

    alone, among = made([9])[0], made([*range(30)])
    assert len(among) == 30
    assert np.array_equal(alone, among[9])
    assert not np.array_equal(among[9], among[11])


def test_a_continuation_keeps_its_beginning_and_goes_on_in_tune() -> None:
    family = _family()
    _train(family)
    moments = np.arange(RATE // 2) / (2 * RATE)  # at twice the model's rate
    tone = (0.5 * np.sin(2 * np.pi * PITCHES[0] * moments)).astype(np.float32)
    request = SampleRequest(
        task=Task.CONTINUE,
        seeds=[1],
        labels=[0],
        media=[Sound(np.stack([tone, tone], 1), 2 * RATE)],
        settings=WaveNetSampling(seconds=0.25, temperature=0.6),
    )
    (sound,) = family.sample(request, _tick)
    assert isinstance(sound, Sound)
    assert sound.rate == RATE
    given = RATE // 4
    assert len(sound.samples) == given + RATE // 4
    heard = sound.samples[50 : given - 50, 0]
    wanted = tone[::2][50 : given - 50]
    assert np.abs(heard - wanted).max() < 0.02
    assert _share(sound.samples[given:, 0], PITCHES[0]) > 0.6


def test_it_follows_spectrograms_and_makes_sound_without_one_too() -> None:
    family = _family(labels=(), mel=True)
    _train(family)
    batch = _tones(4)
    told = _bits(family, batch)
    mel = family._mel
    assert mel is not None
    family._mel = None
    assert told < _bits(family, batch)  # the spectrogram helps to foresee
    family._mel = mel
    rows = (batch.items[:2] * 32767).to(torch.int16).numpy()
    request = SampleRequest(task=Task.RECONSTRUCT, seeds=[1, 2], inputs=rows)
    spoken = list(family.sample(request, _tick))
    assert all(isinstance(sound, Sound) and len(sound.samples) == LENGTH for sound in spoken)
    (free,) = family.sample(SampleRequest(seeds=[3]), _tick)
    assert isinstance(free, Sound)
    assert len(free.samples) == LENGTH


def test_the_cost_of_a_sample_stays_the_same() -> None:
    network = _network()
    begin = torch.full((AT_ONCE, network.reach + 2), SILENCE)
    with torch.inference_mode():
        writing = Writing(network, begin, None, Manner())
        draw = torch.full((AT_ONCE,), 0.5)

        def seconds(steps: int) -> float:
            before = time.thread_time()
            for _ in range(steps):
                writing.step(draw)
            return time.thread_time() - before

        seconds(50)
        early = min(seconds(100) for _ in range(4))
        seconds(1000)
        late = min(seconds(100) for _ in range(4))
    assert late < 2 * early
