"""Speech from text: letters become a spectrogram, each as long as it should last, and then sound.

This file is how it learns and speaks. Which letter is heard when is found in `tts_alignment.py`;
its texts are spelled in `tts_text.py`, its networks are in `tts_networks.py`, its vocoder in
`vocoded.py`, its settings in `tts_recipe.py`, and what is said of it in `tts_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.audio.spectrogram import DECIBELS
from studio.families.audio.tts_alignment import durations_of, likelihood, sharpness, spread
from studio.families.audio.tts_info import INFO
from studio.families.audio.tts_networks import Drawer, Listener, Reader, reaching
from studio.families.audio.tts_recipe import PRESETS, SpeechRecipe, SpeechSettings
from studio.families.audio.tts_text import Speller
from studio.families.audio.vocoded import VocodedFamily, mono
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.variational import kl_divergence

_EXAMPLES = 64  # texts that are remembered, to say when nothing is asked for
_PLAIN = 0.4  # share of recordings that are drawn from their letters alone
_PAUSE = 0.15  # seconds between two parts of a text
_MOST_SECONDS = 120.0  # of one recording
_SLOWEST = 1.0  # seconds that a letter lasts at most


class _Aligned(NamedTuple):
    """A batch with its letters laid along its columns.

    Attributes:
        mel: (B, mels, frames).
        read: (B, width, letters).
        looks: (B, mels, letters).
        value: (B, letters, frames), how well each letter fits each column.
        counts: (B, letters), columns of each letter.
        letters: (B,), how many letters count; 0 for recordings too short for their text.
        ends: (B,), how many columns count.
        inside: (B, 1, letters).
        heard: (B, 1, frames), 1 where a recording that counts is heard.
    """

    mel: Tensor
    read: Tensor
    looks: Tensor
    value: Tensor
    counts: Tensor
    letters: Tensor
    ends: Tensor
    inside: Tensor
    heard: Tensor


class Speech(VocodedFamily[SpeechRecipe]):
    """A reader of letters, a drawer of spectrograms between them, and a vocoder."""

    info = INFO
    recipe_type = SpeechRecipe
    presets = PRESETS
    sampling_type = SpeechSettings
    averaged = ("reader", "drawer", "vocoder")

    def build(self, spec: DataSpec) -> None:
        """Make all networks and their optimisers.

        Raises:
            StudioError: The data has neither captions nor labels: there is nothing to read.
        """
        if not spec.caption_length and not spec.labels:
            raise StudioError(
                "There is no text to learn from",
                "Speech is learned from recordings with their words; these have no captions and no"
                " labels.",
                "Put a text of the same name beside each recording, or sort them into folders that"
                " are called as what is said.",
            )
        recipe = self.recipe
        self.build_vocoder(spec)
        self.speller = Speller(spec)
        self.prompted = True
        voices = recipe.speakers and len(spec.labels) > 1 and not self.speller.by_label
        self.labelled = voices or (self.speller.by_label and len(spec.labels) > 1)
        speakers = len(spec.labels) + 1 if voices else 0
        mels, width = self.scale.grid.mels, recipe.width
        length = self.speller.names.shape[1] if self.speller.by_label else spec.caption_length
        examples = torch.zeros(_EXAMPLES, length, dtype=torch.int64)
        self.reader = Reader(
            self.speller.symbols, mels, width, recipe.depth, speakers, recipe.manner, examples
        )
        self.drawer = Drawer(mels, width, recipe.depth, recipe.manner)
        self.listener = Listener(mels, width, recipe.manner)
        self.optimiser = torch.optim.AdamW(
            [
                *self.reader.parameters(),
                *self.drawer.parameters(),
                *self.listener.parameters(),
            ],
            lr=recipe.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=0.01,
            fused=True,
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct what reads, draws and listens once, then the vocoder."""
        share = 0.5 * (1 + math.cos(math.pi * min(self.step / self.recipe.steps, 1)))
        warm = min(1.0, (self.step + 1) / 30)
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * warm * max(share, 0.01)
        rows = self._rows(batch)
        self._remember(rows)
        device = batch.items.device
        draws = {
            "manner": torch.randn(len(batch), self.recipe.manner, device=device),
            "plain": torch.rand(len(batch), device=device),
        }
        drawn = replace(batch, captions=rows, draws=draws)
        shown = self.minimise(self.optimiser, self._loss, drawn, clip=200.0)
        return shown | self.correct_vocoder(batch)

    def _rows(self, batch: Batch) -> Tensor:
        """Return what is said in each recording as letters (B, letters)."""
        if not self.speller.by_label:
            assert batch.captions is not None
            return batch.captions.long()
        assert batch.labels is not None
        return self.speller.names[batch.labels.remainder(len(self.spec.labels) + 1)]

    def _remember(self, rows: Tensor) -> None:
        """Keep the first texts, and how long the longest is, without waiting for the device."""
        reader = self.reader
        longest = (rows > 0).sum(1).amax()
        reader.longest.copy_(torch.maximum(reader.longest, longest))
        first = self.step * 16
        if first < _EXAMPLES:
            some = rows[: min(16, _EXAMPLES - first)]
            reader.examples[first : first + len(some)].copy_(some)

    def _speaker(self, labels: Tensor | None) -> Tensor | None:
        if self.speller.by_label or not self.labelled or labels is None:
            return None
        return labels.remainder(len(self.spec.labels) + 1)  # −1, no label, is the last

    def _aligned(self, batch: Batch) -> _Aligned:
        """Lay the letters of a batch along its recordings."""
        wave = mono(batch.items)
        mel = self.scale(wave)
        frames = mel.shape[2]
        place = torch.arange(1, wave.shape[1] + 1, device=wave.device)
        last = (place * (wave != 0)).amax(1)  # what a recording is filled up with is exactly 0
        ends = (last // self.scale.grid.hop + 1).clamp_max(frames)
        text, letters = self.speller(self._rows(batch), frames)
        letters = torch.where(letters <= ends, letters, torch.zeros_like(letters))
        inside = reaching(letters, text.shape[1])
        read, looks = self.reader(text, self._speaker(batch.labels), inside)
        with self.compute.full_precision():
            value = likelihood(mel, looks.float())
            counts = durations_of(value, letters, ends)
        heard = reaching(torch.where(letters > 0, ends, torch.zeros_like(ends)), frames)
        return _Aligned(mel, read, looks, value, counts, letters, ends, inside, heard)

    def _drawn(self, at: _Aligned, manner: Tensor) -> tuple[Tensor, Tensor]:
        """Return the spectrogram of aligned letters and what they look like, (B, mels, frames)."""
        frames = at.mel.shape[2]
        columns, place = spread(at.read, at.counts, frames)
        looks, _place = spread(at.looks, at.counts, frames)
        drawn = self.drawer(columns, looks, place, manner, at.heard)
        return drawn.float(), looks.float()

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return the cost of columns, of how they are spoken, of looks and of durations.

        −log p(x | letters, z) + β KL(q(z|x) ‖ p(z)), the likelihood by which letters are aligned
        (Grad-TTS, equation 13), and (log d − log d̂)² (FastSpeech, Ren et al. 2019, section 3.3).
        """
        at = self._aligned(batch)
        mean, log_variance = self.listener(at.mel, at.heard)
        mean, log_variance = mean.float(), log_variance.float()
        counted = (at.letters > 0).float()
        kl = kl_divergence(mean, log_variance).sum(1) * counted
        manner = mean + (0.5 * log_variance).exp() * batch.draws["manner"]
        # some are drawn in the plainest manner: else the code tells what the letters should
        told = (batch.draws["plain"] >= _PLAIN).float()
        manner, kl = manner * told[:, None], kl * told
        drawn, looks = self._drawn(at, manner)
        log_scale = self.drawer.log_scale
        exact = 0.5 * ((drawn - at.mel) * (-log_scale).exp()).square() + log_scale
        cost = (exact * at.heard).flatten(1).sum(1)
        alike = 0.5 * ((looks - at.mel).square() * at.heard).flatten(1).sum(1)
        guessed = self.reader.lengths(at.read.detach(), manner.detach(), at.inside)
        wrong = (guessed - at.counts.clamp_min(1).log()).square() * at.inside[:, 0]
        wrong = wrong.sum(1) / at.letters.clamp_min(1)
        columns = at.ends.float()
        loss = (cost + self.recipe.manner_cost * kl + 10 * alike).mean() + 20 * wrong.mean()
        error = ((drawn - at.mel).abs() * at.heard).mean(1).sum(1) / columns
        return loss, {
            "loss": (cost / columns).mean(),
            "mel_error": DECIBELS * error.mean(),
            "kl": kl.mean(),
            "duration_error": wrong.mean(),
        }

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure spectrograms, durations and alignment on unseen recordings, and the vocoder."""
        with self.compute.full_precision():
            at = self._aligned(batch)
            still = torch.zeros(len(batch), self.recipe.manner, device=batch.items.device)
            drawn, _looks = self._drawn(at, still)
            guessed = self.reader.lengths(at.read, still, at.inside)
        counted = (at.letters > 0).float()
        whole = counted.sum().clamp_min(1)
        error = ((drawn - at.mel).abs() * at.heard).mean(1).sum(1) / at.ends
        spoken = (guessed.exp() * at.inside[:, 0]).sum(1)
        away = (spoken - at.ends).abs() / at.ends * counted
        sure = sharpness(at.value, at.letters, at.ends) * counted
        return {
            "val_mel_error": DECIBELS * error.sum() / whole,
            "val_length_error": away.sum() / whole,
            "val_alignment": sure.sum() / whole,
        } | self.heard(batch)

    # -------------------------------------------------------------------------------- making

    def worded(self, prompts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return prompts of any length as rows of letters.

        Raises:
            StudioError: Not one letter of a prompt was ever heard.
        """
        for prompt in prompts:
            strange = self.speller.strangers(prompt)
            if prompt.strip() and not set("".join(prompt.lower().split())) - set(strange):
                raise StudioError(
                    "These letters were never heard",
                    f"No recording has a text with {' '.join(strange[:20])}, so the model cannot"
                    " know how they sound.",
                    "Write it with the letters of the texts that it learned from.",
                )
        return self.speller.rows_of(prompts)

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Speak a text for each seed, long ones part by part."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, SpeechSettings):
            settings = SpeechSettings()
        manners = request.variety * noise(request.seeds, (self.recipe.manner,), self.compute.device)
        count = len(request.seeds)
        for done, seed in enumerate(request.seeds):
            label = self._label(request, done)
            row = self._said(request, done, label)
            wave = self._spoken(row, label, manners[done : done + 1], settings)
            tick(done + 1, count)
            facts: dict[str, Any] = {"seed": seed, "caption": self.speller.text_of(row)}
            if left_out := self.speller.unknown(row):
                facts["letters_left_out"] = left_out
            if self.labelled and label >= 0:
                facts["label"] = self.spec.labels[label]
            yield from modality_data(self.spec.modality).to_media(wave, [facts], self.spec)

    def _label(self, request: SampleRequest, place: int) -> int:
        if request.labels is not None:
            return request.labels[place]
        return request.seeds[place] % len(self.spec.labels) if self.spec.labels else -1

    def _said(self, request: SampleRequest, place: int, label: int) -> list[int]:
        """Return the letters to speak: those asked for, a label's name, or a text once heard."""
        if request.captions is not None and request.captions[place].any():
            return [int(token) for token in request.captions[place] if token]
        known = self.speller.names[label : label + 1]
        if not self.speller.by_label:
            known = self.reader.examples[(self.reader.examples > 0).any(1)]
        if not len(known):  # it has not heard of any text yet: some letters
            usable = max(1, self.speller.end - 2)
            return [2 + (request.seeds[place] + step) % usable for step in range(3)]
        row = known[request.seeds[place] % len(known)].tolist()
        return [token for token in row if token]

    def _spoken(
        self, row: Sequence[int], label: int, manner: Tensor, settings: SpeechSettings
    ) -> Tensor:
        """Return sound (1, 1, samples) of letters, long texts part by part."""
        rate = self.scale.grid.rate
        pause = torch.zeros(1, 1, round(_PAUSE * rate), device=manner.device)
        waves: list[Tensor] = []
        for part in self.speller.parts(row, max(4, int(self.reader.longest))):
            wave = self._part(part, label, manner, settings)
            waves += [pause, wave] if waves else [wave]
            if sum(each.shape[2] for each in waves) > _MOST_SECONDS * rate:
                break
        return torch.cat(waves or [pause], dim=2)[:, :, : round(_MOST_SECONDS * rate)]

    def _part(self, row: list[int], label: int, manner: Tensor, settings: SpeechSettings) -> Tensor:
        device = manner.device
        tokens = torch.tensor([row], device=device)
        text, letters = self.speller(tokens, len(row) + 1)
        inside = reaching(letters, text.shape[1])
        speaker = self._speaker(torch.tensor([label], device=device))
        grid = self.scale.grid
        with self.compute.precision():
            read, looks = self.reader(text, speaker, inside)
            lasting = self.reader.lengths(read, manner, inside).exp() / settings.speed
            slowest = _SLOWEST * grid.rate / grid.hop
            # ends are rounded, not lengths: else short letters add up to a slow text
            ends = lasting.clamp(0.5, slowest).cumsum(1).round()
            counts = torch.diff(ends, prepend=torch.zeros_like(ends[:, :1]))
            frames = max(1, int(ends[0, -1]))
            columns, place = spread(read, counts, frames)
            spread_looks, _place = spread(looks, counts, frames)
            heard = torch.ones(1, 1, frames, device=device)
            mel = self.drawer(columns, spread_looks, place, manner, heard).float()
            return self.sound(mel, settings)
