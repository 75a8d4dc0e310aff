"""The coach on models that make music: runs broken on purpose, and healthy ones left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from coached_runs import advice_of
from coached_writers import Corpus, coached

from studio.core.media import Media, Modality, Music, Track
from studio.data.music import midi
from studio.data.music.preparation import MusicPreparation
from studio.evaluate.music import Newness
from studio.families.base import Family, SampleRequest, Tick
from studio.families.music.music_gan import MusicGAN
from studio.families.music.music_rnn import MusicRNN
from studio.families.music.music_transformer import MusicTransformer
from studio.families.music.music_vae import MusicVAE

TRANSFORMER: dict[str, Any] = {"width": 32, "depth": 2, "heads": 2, "learning_rate": 5e-3}
RNN: dict[str, Any] = {"width": 48, "depth": 1, "learning_rate": 5e-3}
GAME: dict[str, Any] = {"width": 8, "code": 16, "learning_rate": 2e-3, "critic_steps": 2}
_C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_QUARTER = 480


def tune(seed: int, bars: int = 8) -> Music:
    """Return a melody of eighths and quarters that walks in C major, over held basses."""
    draw = np.random.default_rng(seed)
    notes: list[tuple[float, float, int]] = []
    degree, time = int(draw.integers(3, 10)), 0.0
    while time < 4 * bars:
        length = float(draw.choice([0.5, 1.0])) if time % 1 == 0 else 0.5
        degree = int(np.clip(degree + draw.choice([-1, 1, 2, -2]), 0, 13))
        notes.append((time, length, 60 + 12 * (degree // 7) + _C_MAJOR[degree % 7]))
        time += length
    rows = [(round(s * _QUARTER), round(d * _QUARTER), pitch, 80) for s, d, pitch in notes]
    bass = [(4 * _QUARTER * bar, 4 * _QUARTER, 48 + 5 * (bar % 2), 80) for bar in range(bars)]
    return Music(tuple(Track(np.array(part, np.int32)) for part in (rows, bass)), _QUARTER)


def corpus(learned: int, form: str = "tokens", size: int = 64) -> Corpus:
    """Return so many tunes as a corpus, with ten more that are kept for checking."""
    stored = [midi.write(tune(seed)) for seed in range(learned)]
    unseen = [midi.write(tune(1000 + seed)) for seed in range(10)]
    settings = MusicPreparation(form=form, size=size, transpose=0)
    if form == "roll":
        settings = settings.model_copy(
            update={"roll_bars": 2, "metre": "4/4", "steps_per_bar": 16, "lowest": 36}
        )
    return Corpus(Modality.MUSIC, stored, unseen, settings)


TOKENS, ROLLS = corpus(60), corpus(60, "roll")


# -------------------------------------------------------------------------------- healthy runs


@pytest.mark.parametrize(("kind", "options"), [(MusicTransformer, TRANSFORMER), (MusicRNN, RNN)])
def test_a_healthy_writer_is_left_alone(kind: type[Family[Any]], options: dict[str, Any]) -> None:
    newness = Newness([TOKENS.media(TOKENS.learned)], [TOKENS.media(TOKENS.unseen)])
    assert coached(kind, options, TOKENS, steps=160, every=32, newness=newness) == []


def test_a_healthy_vae_is_left_alone() -> None:
    options = {"learning_rate": 2e-3, "width": 8, "code": 16, "beta": 0.2}
    assert coached(MusicVAE, options, ROLLS, steps=120, every=30, samples=8) == []


def test_a_critic_that_is_certain_still_teaches() -> None:
    """Whose slope is held, as in Wasserstein's game, may win: it is meant to."""
    said = coached(MusicGAN, GAME, ROLLS, steps=120, samples=0)
    assert said == []


# ---------------------------------------------------------------------------------- broken runs


def test_a_writer_that_does_not_know_its_own_notation() -> None:
    said = coached(MusicTransformer, TRANSFORMER | {"learning_rate": 1e-7}, TOKENS, steps=80)
    advice = advice_of(said, "ungrammatical")
    assert advice.changes == {"steps": 160}
    assert "%" in advice.evidence
    assert advice_of(said, "learns-nothing").changes == {"learning_rate": pytest.approx(1e-6)}


def _spoil(change: Callable[[Music], Music]) -> Callable[[Family[Any], int], None]:
    """Return what changes every sample of a run from its first step on."""

    def before(family: Family[Any], step: int) -> None:
        if step:
            return
        whole = family.sample

        def sample(request: SampleRequest, tick: Tick) -> Iterator[Media]:
            for media in whole(request, tick):
                assert isinstance(media, Music)
                yield change(media)

        family.sample = sample  # type: ignore[method-assign]

    return before


def _with_notes(music: Music, change: Callable[[np.ndarray[Any, Any]], Any]) -> Music:
    tracks = [
        replace(each, notes=np.asarray(change(each.notes), np.int32)) for each in music.tracks
    ]
    return replace(music, tracks=tuple(tracks))


def _one_note(notes: np.ndarray[Any, Any]) -> Any:
    return np.column_stack([notes[:, :2], np.full(len(notes), 60), notes[:, 3]])


def _thinned(notes: np.ndarray[Any, Any]) -> Any:
    """Leave the first note of each bar, and put sixteen bars between two of them."""
    bar = notes[:, 0] // (4 * _QUARTER)
    kept = notes[np.unique(bar, return_index=True)[1]]
    kept[:, 0] *= 16
    return kept


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda music: _with_notes(music, _one_note), "few-notes"),
        (lambda music: _with_notes(music, _thinned), "silence"),
        (lambda music: replace(music, tracks=music.tracks * 6), "density"),
    ],
)
def test_pieces_that_are_hardly_music(change: Callable[[Music], Music], rule: str) -> None:
    said = coached(MusicRNN, RNN, TOKENS, steps=60, every=10, before_step=_spoil(change))
    assert rule in {advice.rule for advice in said}
    assert all(advice.changes for advice in said)


def test_two_tunes_that_are_learned_by_heart() -> None:
    said = coached(MusicTransformer, TRANSFORMER, corpus(2), steps=200, samples=0)
    advice = advice_of(said, "overfit")
    assert advice.title == "It is learning your pieces by heart"
    assert advice.changes == {"dropout": 0.1}


def test_tunes_that_are_played_from_memory() -> None:
    """Another one of those that it learned comes each time, a third higher."""
    learned = cycle(tune(seed) for seed in range(20))

    def higher(notes: np.ndarray[Any, Any]) -> Any:
        return np.add(notes, [0, 0, 4, 0])

    def recite(_music: Music) -> Music:
        return _with_notes(next(learned), higher)

    whole, unseen = ([tune(first + seed) for seed in range(20)] for first in (0, 1000))
    newness = Newness([whole], [unseen])
    said = coached(MusicRNN, RNN, TOKENS, steps=60, newness=newness, before_step=_spoil(recite))
    assert advice_of(said, "recites-tunes").changes == {"dropout": 0.1}


def test_a_code_that_says_nothing_about_the_music() -> None:
    options = {"learning_rate": 2e-3, "width": 8, "code": 16, "beta": 50.0, "warm_up": 0.0}
    advice = advice_of(coached(MusicVAE, options, ROLLS, steps=60, samples=0), "code-ignored")
    assert "average piece" in advice.sentence
    assert advice.changes["free_bits"] > 0


def test_a_critic_that_no_longer_teaches() -> None:
    """From the middle of the run on the generator's notes are all silent for certain."""

    def silence(family: Family[Any], step: int) -> None:
        if step == 60:
            assert isinstance(family, MusicGAN)
            neurons = family.neurons
            family.neurons = lambda logits, draws: neurons(logits - 60, draws)

    said = coached(MusicGAN, GAME, ROLLS, steps=120, samples=0, before_step=silence)
    assert advice_of(said, "critic-overpowers").changes == {"critic_steps": 1, "critic_rate": 0.5}


def test_a_game_that_ends_in_one_piece() -> None:
    """Whatever it is asked for, the same bars come."""
    first = tune(0)
    options = {"width": 8, "code": 8, "batch_size": 4}
    said = coached(
        MusicGAN,
        options,
        ROLLS,
        steps=60,
        every=6,
        samples=8,
        before_step=_spoil(lambda _music: first),
    )
    advice = advice_of(said, "mode-collapse")
    assert advice.title == "It keeps making the same few pieces"
