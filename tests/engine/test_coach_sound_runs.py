"""The coach on models of sound: runs broken on purpose, which learn for real, and healthy ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from coached_runs import advice_of, coached
from torch import Tensor, nn

from studio.core.protocol import Advice
from studio.data.text.token_counts import loudness_entropy
from studio.families.audio.companding import SILENCE
from studio.families.audio.spectrogram import Spectrogram
from studio.families.audio.wavegan import WaveGAN
from studio.families.audio.wavenet import WaveNetFamily
from studio.families.base import Family

RATE, LENGTH = 8000, 1024
NET: dict[str, Any] = {"width": 8, "skip": 16, "layers": 5, "stacks": 1, "crop": 256}
NET |= {"batch_size": 8, "learning_rate": 6e-3}
GAME: dict[str, Any] = {"width": 4, "code": 8, "critic_steps": 2, "learning_rate": 1e-3}
GAME |= {"batch_size": 16, "growing": "resize"}


def drums(count: int, seed: int, length: int = LENGTH) -> Tensor:
    """Return hits (N, 1, L) of many pitches and hardnesses, that fade."""
    draw = np.random.default_rng(seed)
    time = np.arange(length) / RATE
    made = []
    for _ in range(count):
        tone = np.sin(2 * np.pi * draw.uniform(60, 300) * time * np.exp(-5 * time))
        hit = draw.uniform(0.3, 1) * tone
        hit += draw.uniform(0, 0.7) * draw.standard_normal(length) * np.exp(-60 * time)
        hit *= draw.uniform(0.3, 0.9) * np.exp(-draw.uniform(15, 60) * time) / np.abs(hit).max()
        made.append(hit + 1e-3 * draw.standard_normal(length))
    return torch.tensor(np.stack(made), dtype=torch.float32)[:, None]


HITS, UNSEEN = drums(128, 0), drums(32, 1)


def heard(kind: type[Family[Any]], options: dict[str, Any], **how: Any) -> list[Advice]:
    """Train on recordings for real and return what the coach said."""
    how = {"items": HITS, "unseen": UNSEEN, "samples": 0} | how
    counted = loudness_entropy((how["items"] * 32767).short().numpy())
    about = {"resources": {"rate": str(RATE)}, "statistics": {"nats_unigram": counted}}
    return coached(kind, options, about=about, **how)


# -------------------------------------------------------------------------- sample after sample


def test_a_healthy_wavenet_is_left_alone() -> None:
    assert heard(WaveNetFamily, NET, steps=60, every=20, samples=16) == []


def test_corrections_too_small_to_matter_make_plain_noise() -> None:
    said = heard(WaveNetFamily, NET | {"learning_rate": 1e-6}, steps=40, samples=16)
    advice = advice_of(said, "learns-nothing")
    assert advice.changes == {"learning_rate": pytest.approx(1e-5)}
    assert "bits a sample" in advice.evidence
    assert "256 steps of loudness" in advice.evidence
    assert "the next sample" in advice.sentence
    assert advice_of(said, "plain-noise").changes == {"steps": 80}


def test_a_wavenet_that_only_counts() -> None:
    """It hears nothing of what came before."""

    def deafen(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, WaveNetFamily)

            def forget(_module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
                return torch.full_like(given[0], SILENCE), *given[1:]

            family.network.register_forward_pre_hook(forget)

    said = heard(WaveNetFamily, NET, steps=60, every=60, before_step=deafen)
    assert "only knows how frequent" in advice_of(said, "learns-nothing").evidence


def test_long_pauses_teach_silence() -> None:
    """A hit at the very end of a long hush."""

    def late(hits: Tensor) -> Tensor:
        return torch.cat([torch.zeros(len(hits), 1, 1200), hits[:, :, :400]], 2)

    said = heard(
        WaveNetFamily, NET, items=late(HITS), unseen=late(UNSEEN), steps=60, every=15, samples=16
    )
    advice = advice_of(said, "silent-samples")
    assert advice.changes == {"steps": 120}
    assert "your recordings" in advice.evidence


def test_recordings_that_are_made_too_loud_while_learning() -> None:
    items = HITS.clone()

    def louder(_family: Family[Any], step: int) -> None:
        if step == 0:
            items.mul_(12).clamp_(-1, 1)

    said = heard(
        WaveNetFamily, NET, items=items, before_step=louder, steps=60, every=15, samples=16
    )
    assert advice_of(said, "crackles").changes == {"learning_rate": 3e-3}


def test_three_recordings_learned_by_heart() -> None:
    said = heard(
        WaveNetFamily,
        NET | {"width": 16, "layers": 7, "learning_rate": 1e-2},
        items=drums(3, 2),
        unseen=UNSEEN[:8],
        steps=150,
        every=10,
    )
    advice = advice_of(said, "overfit")
    assert advice.title == "It is learning your recordings by heart"
    assert "bits a sample" in advice.evidence
    assert not advice.changes  # it has nothing that makes it forget
    assert not advice.action


# ------------------------------------------------------------------------------------- the game


def test_a_healthy_game_of_waves_is_left_alone() -> None:
    assert heard(WaveGAN, GAME, steps=60, every=20, samples=16) == []


def test_a_critic_that_hardly_hears_and_a_whistle() -> None:
    """Spread samples whistle as long as no critic minds."""
    options = GAME | {"critic_rate": 0.001, "growing": "transposed"}
    said = heard(WaveGAN, options, steps=60, samples=16)
    assert advice_of(said, "critic-too-weak").changes == {"critic_rate": 0.004}
    advice = advice_of(said, "whistles")
    assert advice.changes == {"growing": "resize"}
    assert "line stands out" in advice.evidence


def test_a_game_that_learns_far_too_fast() -> None:
    said = heard(WaveGAN, GAME | {"learning_rate": 0.1, "beta1": 0.9}, steps=50, samples=16)
    for rule in ("penalty-grows", "crackles"):
        assert advice_of(said, rule).changes == {"learning_rate": 0.05}
    advice = advice_of(said, "mode-collapse")
    assert advice.title == "It keeps making the same few recordings"
    assert advice.changes == {"learning_rate": 0.05}


def test_a_critic_that_no_longer_teaches_waves() -> None:
    """Soon the generator's samples are all at the end of the scale."""

    def overdrive(family: Family[Any], step: int) -> None:
        if step == 10:
            assert isinstance(family, WaveGAN)
            generator = family.generator
            generator.register_forward_hook(lambda _module, _given, made: (30 + made).tanh())

    said = heard(WaveGAN, GAME, steps=42, before_step=overdrive)
    assert advice_of(said, "critic-overpowers").changes == {"critic_steps": 1, "critic_rate": 0.5}


def test_waves_that_are_no_numbers() -> None:
    items = HITS.clone()

    def spoil(_family: Family[Any], step: int) -> None:
        if step == 3:
            items.fill_(torch.nan)

    said = heard(WaveGAN, GAME | {"critic_steps": 1}, items=items, steps=6, before_step=spoil)
    assert (said[0].rule, said[0].since) == ("not-a-number", 4)


# ------------------------------------------------------------------------------------- the code

CODED: dict[str, Any] = {"width": 8, "code": 4, "batch_size": 16, "learning_rate": 5e-3}
CODED |= {"vocoder_width": 16, "vocoder_depth": 1, "vocoder_batch": 2}


def test_a_code_of_sounds_that_is_ignored() -> None:
    """Order of the code demanded fifty times over, from the first step."""
    ordered = CODED | {"beta": 50.0, "warm_up": 0.0}
    advice = advice_of(heard(Spectrogram, ordered, steps=50, every=50), "code-ignored")
    assert advice.changes == {"beta": 1.0, "warm_up": 0.3, "free_bits": 0.25}
    assert "average recording" in advice.sentence
    assert heard(Spectrogram, CODED | {"beta": 0.1}, steps=50, every=50) == []
