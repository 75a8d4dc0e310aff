"""The coach on models of clips: runs broken on purpose, which learn for real, and healthy ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from coached_runs import advice_of, coached
from coached_translators import Nothing, Reads, Trembles, Writes, replaced
from torch import Tensor

from studio.core.protocol import Advice
from studio.families.base import Family
from studio.families.video.frame_predictor import FramePredictor
from studio.families.video.video_cyclegan import VideoCycleGAN
from studio.families.video.video_restore import VideoRestore
from studio.families.video.video_transformer import VideoTransformer
from studio.families.video.videogan import VideoGAN

LENGTH, SIZE = 8, 16
ABOUT = {"resources": {"fps": "12.0"}, "statistics": {"std": 0.5}}
GAME: dict[str, Any] = {"width": 4, "code": 8, "motion": 4, "batch_size": 8, "learning_rate": 2e-3}


def lamps(count: int, seed: int, *, restless: bool = False) -> Tensor:
    """Return clips (N, 3, T, H, W) in which one half glows up and down, in a colour of its own.

    Restless ones jump from one brightness to another with every frame.
    """
    generator = torch.Generator().manual_seed(seed)
    pace, phase, side, *colour = torch.rand(6, count, generator=generator)
    turns = (0.5 + 0.5 * pace)[:, None] * torch.arange(LENGTH) / LENGTH + phase[:, None]
    even, jumping = (
        (2 * torch.pi * turns).sin(),
        2 * torch.rand(turns.shape, generator=generator) - 1,
    )
    glow = (jumping if restless else even)[:, None, :, None, None]
    half = (torch.arange(SIZE) < SIZE // 2).float().expand(SIZE, SIZE)
    place = torch.where(side[:, None, None] < 0.5, half, 1 - half)[:, None, None]
    hue = torch.stack(colour, 1)[:, :, None, None, None]
    return 0.8 * place * glow * (0.3 + 0.7 * hue) - 0.1


LAMPS, UNSEEN = lamps(96, 0), lamps(24, 1)


def watched(kind: type[Family[Any]], options: dict[str, Any], **how: Any) -> list[Advice]:
    """Train on clips for real and return what the coach said."""
    how = {"items": LAMPS, "unseen": UNSEEN, "about": ABOUT, "samples": 0} | how
    return coached(kind, options, **how)


def rules_of(said: list[Advice]) -> set[str]:
    return {advice.rule for advice in said}


# ------------------------------------------------------------------------------------- the game


def _walks(change: Callable[[Tensor], Tensor]) -> Callable[[Family[Any], int], None]:
    """Return what changes the walk (B, T, motion) of every clip from the first step on."""

    def before_step(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, VideoGAN)
            walked = family.generator.walked
            family.generator.walked = lambda steps: change(walked(steps))  # type: ignore[method-assign]

    return before_step


#: Learns quickly enough to move half-way.
LIVELY = GAME | {"learning_rate": 4e-3, "faithful": 8.0}


def test_a_healthy_game_is_left_alone() -> None:
    """What jumps about in the data may do so in samples."""
    items, unseen = lamps(96, 0, restless=True), lamps(24, 1, restless=True)
    options: dict[str, Any] = {"steps": 60, "every": 20, "samples": 16}
    assert watched(VideoGAN, LIVELY, items=items, unseen=unseen, **options) == []


def test_clips_that_flicker() -> None:
    """The same game on clips that glow evenly: each frame goes its own way at first."""
    advice = advice_of(watched(VideoGAN, LIVELY, steps=60, samples=16), "flickers")
    assert advice.changes == {"clip_weight": 2.0}
    assert "as in your clips" in advice.evidence


def test_a_critic_that_hardly_learns_and_clips_that_stand_still() -> None:
    """Nobody asks the walk to go anywhere."""
    options = GAME | {"critic_rate": 0.001, "faithful": 0.0}
    said = watched(
        VideoGAN, options, steps=50, samples=16, before_step=_walks(lambda walk: 0 * walk)
    )
    assert advice_of(said, "critic-too-weak").changes == {"critic_rate": 0.004}
    advice = advice_of(said, "stands-still")
    assert advice.changes == {"clip_weight": 2.0}
    assert "motion" in advice.metrics
    assert advice_of(said, "mode-collapse").title == "It keeps making the same few clips"


def test_clips_that_go_round() -> None:
    def round_and_round(walk: Tensor) -> Tensor:
        return 2 * walk[:, torch.arange(walk.shape[1]) % 3]

    said = watched(VideoGAN, GAME, steps=40, samples=16, before_step=_walks(round_and_round))
    assert advice_of(said, "loops").changes == {"clip_weight": 2.0}


def test_critics_that_win_every_time() -> None:
    """Against a generator that is held."""

    def hold(family: Family[Any], step: int) -> None:
        if step == 0:
            assert isinstance(family, VideoGAN)
            family.generator_optimiser.param_groups[0]["lr"] = 1e-6

    options = {"learning_rate": 1e-3, "critic_rate": 4.0, "critic_steps": 2, "faithful": 0.0}
    said = watched(VideoGAN, GAME | options, steps=42, before_step=hold)
    assert advice_of(said, "critic-overpowers").changes == {"critic_steps": 1, "critic_rate": 2.0}


# ------------------------------------------------------------------------------------- the tiles


def test_dead_pieces_are_seen_and_woken_ones_are_fine() -> None:
    tiles: dict[str, Any] = {"vocabulary": 256, "time_halvings": 1, "writer_width": 32}
    tiles |= {"writer_depth": 1, "width": 8, "code": 8, "blocks": 1, "batch_size": 8}
    dead, woken = (
        watched(VideoTransformer, tiles | {"restart": restart}, steps=40, every=40)
        for restart in (False, True)
    )
    advice = advice_of(dead, "few-tiles")
    assert advice.changes == {"restart": True}
    assert "clips lose the detail" in advice.sentence
    assert woken == []


def test_a_writer_that_learns_a_few_clips_by_heart() -> None:
    """Of noise nothing can be foreseen: what it gets better at are the four that it knows."""
    generator = torch.Generator().manual_seed(3)
    noise = (0.5 * torch.randn(16, *LAMPS.shape[1:], generator=generator)).clamp(-1, 1)
    options: dict[str, Any] = {"vocabulary": 32, "time_halvings": 1, "writer_width": 64}
    options |= {"width": 8, "code": 8, "blocks": 1, "batch_size": 4, "writer_depth": 2}
    options |= {"settle": 0.2, "learning_rate": 4e-3, "dropout": 0.0}
    said = watched(
        VideoTransformer, options, steps=120, items=noise[:4], unseen=noise[4:], every=10
    )
    advice = advice_of(said, "overfit")
    assert advice.title == "It is learning your clips by heart"
    assert advice.changes == {"dropout": 0.1}
    assert advice.since > 0.2 * 120, "while pieces change, surprise may rise"
    assert "bits a piece" in advice.evidence


# ------------------------------------------------------------------------------ the translation


def translated(**how: Any) -> list[Advice]:
    """Return what is said of a model that turns clips into dark ones."""
    options = {"width": 4, "blocks": 1, "batch_size": 2, "identity": 0.0, "temporal": 0.0}
    return watched(VideoCycleGAN, options, steps=60, unseen=UNSEEN[:4], partner=torch.neg, **how)


def test_a_healthy_translation_is_left_alone() -> None:
    said = rules_of(translated())
    assert not said & {"does-nothing", "hides-the-original", "flickers"}


def test_films_that_come_back_as_they_were() -> None:
    said = translated(before_step=replaced(Nothing, Nothing))
    assert advice_of(said, "does-nothing").changes == {"cycle": 5.0}


def test_secret_notes_in_films() -> None:
    said = translated(before_step=replaced(Writes, Reads))
    assert advice_of(said, "hides-the-original").changes == {"cycle_noise": 0.05}


def test_films_that_begin_to_tremble() -> None:
    said = translated(before_step=replaced(Trembles, Trembles))
    assert advice_of(said, "flickers").changes == {"temporal": 2.0}


# ------------------------------------------------------------------------------- the restoration


def grainy() -> Tensor:
    """Return faint lamps under grain that belongs to them, and that no noise can be told from."""
    generator = torch.Generator().manual_seed(2)
    fine = torch.randn(LAMPS.shape, generator=generator)
    return (0.5 * LAMPS + 0.35 * fine).clamp(-0.99, 0.99)


RESTORING: dict[str, Any] = {"damage": "noise", "width": 8, "blocks": 1, "batch_size": 8}


def test_a_healthy_restoration_is_left_alone() -> None:
    assert watched(VideoRestore, RESTORING | {"learning_rate": 4e-3}, steps=60) == []


def test_a_restoration_that_plays_safe() -> None:
    """Strong noise on clips that are grainy themselves, and squared errors."""
    options = RESTORING | {"noise": 60.0, "vary": False, "loss": "l2", "learning_rate": 4e-3}
    items = grainy()
    said = watched(VideoRestore, options, steps=80, items=items[24:], unseen=items[:8])
    advice = advice_of(said, "plays-safe")
    assert advice.title == "It learns to draw soft clips"
    assert advice.changes == {"loss": "l1"}


def test_a_restoration_that_hardly_learns() -> None:
    said = watched(VideoRestore, RESTORING | {"learning_rate": 4e-6}, steps=50)
    assert advice_of(said, "little-gain").changes == {"learning_rate": pytest.approx(4e-5)}


# -------------------------------------------------------------------------------- the prediction

FORESEEING: dict[str, Any] = {"seen": 4, "foreseen": 4, "width": 4, "hidden": 16, "blocks": 1}
FORESEEING |= {"halvings": 2, "batch_size": 8}


def test_a_prediction_that_flies_apart() -> None:
    """Half-way it begins to learn far too fast, and soon has no number left."""

    def hurry(family: Family[Any], step: int) -> None:
        if step == 40:
            assert isinstance(family, FramePredictor)
            family.optimiser.param_groups[0]["full_lr"] *= 1e4

    said = watched(FramePredictor, FORESEEING, steps=80, before_step=hurry)
    assert advice_of(said, "divergence").changes == {"learning_rate": pytest.approx(1e-3)}


def test_a_prediction_with_numbers_that_are_none() -> None:
    items = LAMPS.clone()

    def spoil(_family: Family[Any], step: int) -> None:
        if step == 5:
            items.mul_(1e30)

    said = watched(FramePredictor, FORESEEING, steps=8, items=items, before_step=spoil)
    assert (said[0].rule, said[0].since) == ("not-a-number", 6)


def test_a_prediction_that_plays_safe() -> None:
    """Grain in the frames that follow can be foreseen by nobody: squared errors wipe it away."""
    items = grainy()
    options = FORESEEING | {"learning_rate": 4e-3}
    said = watched(FramePredictor, options, steps=80, items=items[24:], unseen=items[:8])
    advice = advice_of(said, "plays-safe")
    assert advice.changes == {"loss": "l1"}
    assert "of what it should be" in advice.evidence
