"""Sounds by rule: synthesis without a network, in the colour of the user's own recordings.

This file is how the colour is learned and sounds are asked for. The rules are in
`studio/data/audio/sound_kinds.py`, what is known of recordings in `synth_balance.py`, the
settings in `synth_recipe.py`, and the texts in `synth_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from studio.core.media import Media, Sound
from studio.core.recipe import DataSpec
from studio.data.audio.sound_kinds import KINDS, made
from studio.data.audio.sounds import PEAK
from studio.families.audio.mel import MelScale
from studio.families.audio.synth_balance import (
    Character,
    LearnedCharacter,
    apart,
    character_of,
)
from studio.families.audio.synth_info import INFO
from studio.families.audio.synth_recipe import PRESETS, SynthRecipe, SynthSettings
from studio.families.audio.vocoded import mono
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch

#: dB by which a band is raised or lowered at most to match the user's recordings.
_MOST = 18.0


class Synth(Family[SynthRecipe]):
    """Rules make the sounds; learned is what the user's recordings are like on average."""

    info = INFO
    recipe_type = SynthRecipe
    presets = PRESETS
    sampling_type = SynthSettings
    averaged = ("learned",)

    def build(self, spec: DataSpec) -> None:
        """Make means to be filled by listening."""
        self.scale = MelScale.of(spec)
        self.labelled = len(spec.labels) > 1
        self.learned = LearnedCharacter(len(spec.labels), self.scale.grid.mels)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Measure how far a batch is from the means so far, then move these."""
        heard, labels = character_of(self.scale, mono(batch.items)), self._labels(batch)
        self.learned.learn(heard, labels)
        return self._apart(heard, labels)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how far recordings that were kept for checking are from the means."""
        heard = character_of(self.scale, mono(batch.items))
        measured = self._apart(heard, self._labels(batch))
        return {f"val_{name}": value for name, value in measured.items()}

    def _apart(self, heard: Character, labels: Tensor) -> Losses:
        colour, course = apart(heard, self.learned.at(labels))
        return {"colour_error": colour.mean(), "course_error": course.mean()}

    def _labels(self, batch: Batch) -> Tensor:
        if batch.labels is None:
            return torch.full((len(batch),), -1, device=batch.items.device)
        return batch.labels

    # -------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make a sound for each seed."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, SynthSettings):
            settings = SynthSettings()
        labels = list(request.labels) if request.labels is not None else None
        if labels is None and self.labelled:
            labels = [seed % len(self.spec.labels) for seed in request.seeds]
        near: dict[int, list[str]] = {}
        for done, seed in enumerate(request.seeds):
            label = labels[done] if labels is not None else -1
            kinds = [settings.kind] if settings.kind in KINDS else list(KINDS)
            if settings.kind == "learned":
                kinds = near.setdefault(label, self._nearest(label))
            kind = kinds[int(np.random.default_rng([seed, 3]).integers(len(kinds)))]
            wave = made(
                kind,
                seed,
                self.scale.grid.rate,
                seconds=settings.seconds,
                bright=settings.brightness,
                wild=request.variety,
            )
            wave = self._coloured(wave, label, settings.colour)
            tick(done + 1, len(request.seeds))
            facts = {"seed": seed, "kind": kind}
            if label >= 0:
                facts["label"] = self.spec.labels[label]
            yield Sound(wave[:, None], self.scale.grid.rate, facts=facts)

    def _nearest(self, label: int) -> list[str]:
        """Return the kinds that are most like the recordings of a label, the nearest first.

        A label that is called as a kind is means that kind.
        """
        if label >= 0 and (name := self.spec.labels[label].lower()) in KINDS:
            return [name]
        target = self.learned.at(torch.tensor([label], device=self.learned.seen.device))
        far: dict[str, float] = {}
        for kind in KINDS:
            several = [self._row(made(kind, seed, self.scale.grid.rate)) for seed in self._tries]
            rows = torch.stack(several).to(self.learned.seen.device)
            heard = character_of(self.scale, rows)
            mean = Character(*(part.mean(0, keepdim=True) for part in heard))
            colour, course = apart(mean, target)
            far[kind] = float(colour + course)
        return sorted(far, key=lambda kind: far[kind])[: self.recipe.nearest]

    @property
    def _tries(self) -> range:
        return range(self.recipe.tries)

    def _row(self, wave: npt.NDArray[np.float32]) -> Tensor:
        """Return a sound as a row of prepared data is: cut, or filled up with silence."""
        length = self.spec.shape[1]
        row = torch.from_numpy(wave[:length]) * (self.scale.peak / PEAK)
        return functional.pad(row, (0, length - len(row)))

    def _coloured(
        self, wave: npt.NDArray[np.float32], label: int, share: float
    ) -> npt.NDArray[np.float32]:
        """Return a sound whose bands come closer to those of the recordings of a label."""
        if not share or not float(self.learned.seen[-1]):
            return wave
        device = self.learned.seen.device
        target = self.learned.at(torch.tensor([label], device=device)).colour[0]
        sound = torch.from_numpy(wave).to(device)[None]
        own = character_of(self.scale, sound).colour[0]
        gain = (target - own).clamp(-_MOST, _MOST)
        # no matching of the level: what counts is one band beside another
        gain = share * (gain - gain.mean())
        bins = self.scale.filters.T @ gain / self.scale.filters.sum(0).clamp_min(1e-6)
        size = 1 << (2 * len(wave) - 1).bit_length()
        curve = functional.interpolate(
            bins[None, None], size=size // 2 + 1, mode="linear", align_corners=True
        )[0, 0]
        spectrum = torch.fft.rfft(sound[0], size) * 10 ** (curve / 20)
        shaped = torch.fft.irfft(spectrum, size)[: len(wave)]
        shaped = shaped * (PEAK / shaped.abs().max().clamp_min(1e-6))
        result: npt.NDArray[np.float32] = shaped.float().cpu().numpy()
        return result
