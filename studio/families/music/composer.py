"""Composer by rule: music without a network, in the manner of the user's own.

This file is how a manner is learned and pieces are asked for. The rules and their search are in
`studio/data/music/composing/`, the learned shares in `composer_manner.py`, the settings in
`composer_recipe.py`, and the texts in `composer_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

import torch

from studio.core.family_info import Task
from studio.core.media import Media, Music, Track
from studio.core.recipe import DataSpec
from studio.data.music.composing.compose import compose
from studio.data.music.composing.listening import heard, key_and_mode, metre_like
from studio.data.music.composing.manner import Manner
from studio.data.music.composing.piece import Piece, Wishes
from studio.data.music.measures import tempo_of
from studio.data.music.timing import seconds_at
from studio.data.music.tokens import tokeniser_of
from studio.data.music.voices import melody_and_chords
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.music.composer_info import INFO
from studio.families.music.composer_manner import LearnedManner
from studio.families.music.composer_recipe import PRESETS, ComposerRecipe, ComposerSettings
from studio.families.music.pieces import continued

#: The least that one more batch moves what is known.
_SLOWEST = 0.01
#: How much of a given piece's own manner goes into what follows on it.
_GIVEN = 8.0


class Composer(Family[ComposerRecipe]):
    """Rules compose; learned is what is common in the user's pieces."""

    info = INFO
    recipe_type = ComposerRecipe
    presets = PRESETS
    sampling_type = ComposerSettings
    averaged = ("learned",)

    def build(self, spec: DataSpec) -> None:
        """Make an empty manner, to be filled by listening."""
        self.learned = LearnedManner()

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Measure how surprising a batch is, then count it.

        Nothing here runs on the device: listening is counting, and waits for nobody else.
        """
        counted = self._heard(batch)
        surprise = self.learned.surprise(counted)
        self.learned.learn(counted, max(1 / (self.step + 1), _SLOWEST))
        return surprise

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how surprising pieces are that were kept for checking."""
        surprise = self.learned.surprise(self._heard(batch))
        return {f"val_{name}": value for name, value in surprise.items()}

    def _heard(self, batch: Batch) -> Manner:
        tokeniser = tokeniser_of(self.spec.resources)
        pieces = (tokeniser.decode(row) for row in batch.items.cpu().numpy())
        return reduce(add, map(heard, pieces), Manner.blank())

    # -------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Compose a piece for each seed, or go on from the user's own."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, ComposerSettings):
            settings = ComposerSettings()
        wishes, manner = settings.wishes(request.variety), self.learned.manner()
        count = len(request.seeds)
        if request.task == Task.GENERATE:
            for done, seed in enumerate(request.seeds, 1):
                piece = compose(wishes, seed, manner)
                tick(done, count)
                yield replace(piece.music, facts={"seed": seed} | facts_of(piece))
        else:
            for done, (seed, given) in enumerate(zip(request.seeds, request.media, strict=True), 1):
                assert isinstance(given, Music)
                music = _going_on(given, wishes, seed, manner)
                tick(done, count)
                yield replace(music, facts={"input": done - 1, "seed": seed} | music.facts)


def facts_of(piece: Piece) -> dict[str, Any]:
    """Return what a piece's file says of it."""
    plan = piece.plan
    letters = "".join(phrase.letter for phrase in plan.phrases if phrase.part == 0)
    return {"key": plan.key.words, "rules": plan.style, "form": letters, "voices": plan.texture}


def _going_on(given: Music, wishes: Wishes, seed: int, manner: Manner) -> Music:
    """Compose in the key, metre and tempo of a piece, and put that behind it."""
    melody, others = melody_and_chords(given)
    if melody:
        tonic, mode = key_and_mode(given)
        wishes = replace(
            wishes,
            tonic=tonic,
            mode=mode,
            metre=metre_like(given).name,
            tempo=round(tempo_of(given)),
            texture="song" if others else "melody",
            strength=max(wishes.strength, 0.5),
        )
        manner = _mixed(manner, heard(given))
    piece = compose(wishes, seed, manner)
    written = _played_by(piece, melody, others)
    whole = continued(given, written, 0, piece.plan.bars)
    new_from = round(float(seconds_at(whole.music, whole.begin)), 3)
    facts = {"new_from": new_from, "new_from_tick": whole.begin}
    return replace(whole.music, facts=facts_of(piece) | facts)


def _mixed(manner: Manner, own: Manner) -> Manner:
    """Return shares in which a given piece weighs a part and what was learned the rest."""
    return (manner.shared() + own.shared().weighted(_GIVEN)).shared()


def _played_by(piece: Piece, melody: list[Track], others: list[Track]) -> Music:
    """Return a composed piece, played by the instruments of another one where there are any."""
    programs = {"melody": [track.program for track in melody]}
    programs["chords"] = [track.program for track in others]
    programs["low"] = programs["chords"][::-1]
    tracks = [
        replace(track, program=(programs.get(role) or [track.program])[0])
        for role, track in zip(piece.plan.roles, piece.music.tracks, strict=True)
    ]
    return replace(piece.music, tracks=tuple(tracks))
