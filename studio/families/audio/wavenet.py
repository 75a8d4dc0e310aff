"""WaveNet: foresees each sample of a sound from those before it, and writes sound by choosing.

Its settings are in `wavenet_recipe.py`, its network in `wavenet_networks.py`, how it writes in
`wavenet_sampling.py`, how samples become 256 steps in `companding.py`, its texts in
`wavenet_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torchaudio
from torch import Tensor
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media, Sound
from studio.core.recipe import DataSpec
from studio.data.audio.modality import RATE, as_sound
from studio.data.modality import modality_data
from studio.families.audio.companding import SILENCE, decode, encode, true_lengths
from studio.families.audio.mel import MelScale
from studio.families.audio.wavenet_info import INFO
from studio.families.audio.wavenet_networks import WaveNet
from studio.families.audio.wavenet_recipe import PRESETS, WaveNetRecipe, WaveNetSampling
from studio.families.audio.wavenet_sampling import AT_ONCE, chosen, write_on
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.choosing import Manner, uniform
from studio.families.layers.muon import set_rate, transformer_optimisers, warm_then_down

_TAIL = 0.05  # seconds of silence that are learned after the end of a recording
_UNTOLD = 0.1  # share of the parts that are learned without their spectrogram
_MEASURED = 1 << 16  # samples that are measured at once
_CLIP = 1.0  # longest correction


class WaveNetFamily(Family[WaveNetRecipe]):
    """Learns −log p of each sample given those before it."""

    info = INFO
    recipe_type = WaveNetRecipe
    presets = PRESETS
    sampling_type = WaveNetSampling
    averaged = ("network",)
    measured_samples = AT_ONCE

    def build(self, spec: DataSpec) -> None:
        """Make the network and its optimisers."""
        recipe = self.recipe
        self.labelled = recipe.conditional and len(spec.labels) > 1
        self.rate = int(spec.resources[RATE])
        self._mel = MelScale.of(spec).to(self.compute.device) if recipe.mel else None
        self.network = WaveNet(
            recipe.width,
            recipe.skip,
            recipe.layers,
            recipe.stacks,
            labels=len(spec.labels) + 1 if self.labelled else 0,
            mels=self._mel.grid.mels if self._mel is not None else 0,
        )
        self.muon, self.adamw = transformer_optimisers(
            [self.network], recipe.learning_rate, weight_decay=0.0
        )

    # -------------------------------------------------------------------------------- learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the network once, on a part of each recording."""
        optimisers = [self.muon, self.adamw]
        set_rate(optimisers, warm_then_down(self.step, self.recipe.steps))
        draws = torch.rand(len(batch), 2, device=batch.items.device)
        drawn = replace(batch, draws={"place": draws[:, 0], "told": draws[:, 1]})
        return self.minimise(optimisers, self._loss, drawn, clip=_CLIP)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        wave = batch.items.mean(1)  # (B, L)
        length = min(self.recipe.crop, wave.shape[1])
        ends = (true_lengths(wave) + round(_TAIL * self.rate)).clamp_max(wave.shape[1])
        room = (ends - length).clamp_min(0)
        # half a part before the beginning … half a part before the end: both ends come often
        place = batch.draws["place"] * (room + length) - length / 2
        starts = torch.minimum(place.round().clamp_min(0), room).long()
        told = batch.draws["told"] >= _UNTOLD
        nats = self._nats(wave, starts, length, self._labels_of(batch), told)
        there = starts + torch.arange(length, device=wave.device)[:, None] < ends  # (T, B)
        loss = (nats * there).sum() / nats.numel()
        bits = (nats * there).sum() / there.sum().clamp_min(1) / math.log(2)
        return loss, {"bits": bits}

    def _nats(
        self,
        wave: Tensor,
        starts: Tensor,
        length: int,
        labels: Tensor | None,
        told: Tensor | None = None,
    ) -> Tensor:
        """Return −log p (length, B) of the samples of waves (B, L) from `starts` (B,) on."""
        codes, following, mel = self._parts(wave, starts, length, told)
        logits = self.network(codes, length, labels, mel).float()
        nats = functional.cross_entropy(logits.flatten(0, 1), following.flatten(), reduction="none")
        return nats.view(length, -1)

    def _parts(
        self, wave: Tensor, starts: Tensor, length: int, told: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return the codes that are heard, (B, reach + length), what follows, and what is told.

        Before a recording there is silence.
        """
        reach = self.network.reach
        codes = functional.pad(encode(wave), (reach + 1, 0), value=SILENCE)
        places = starts[:, None] + torch.arange(reach + length + 1, device=wave.device)
        part = codes.gather(1, places)  # (B, reach + length + 1)
        mel = None
        if self._mel is not None:
            columns = _columns(self._mel(wave), told)
            # the sample that is foreseen decides which column is told
            at = (places[:, 1:] - reach - 1).div(self._mel.grid.hop, rounding_mode="floor")
            at = at.clamp(0, columns.shape[1] - 1)
            rows = torch.arange(len(wave), device=wave.device)[:, None]
            mel = columns[rows, at].transpose(0, 1).contiguous()
        return part[:, :-1], part[:, -length:].t().contiguous(), mel

    def _labels_of(self, batch: Batch) -> Tensor | None:
        """Return the labels that the network is told; the last one stands for none."""
        if not self.labelled:
            return None
        if batch.labels is None:
            return torch.full((len(batch),), len(self.spec.labels), device=batch.items.device)
        return batch.labels.remainder(len(self.spec.labels) + 1)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen recordings are foreseen: their samples alone, not what fills up.

        `derived` divides the one by the other, so that each sample counts the same.
        """
        wave = batch.items.mean(1)
        lengths, labels = true_lengths(wave), self._labels_of(batch)
        longest = max(1, int(lengths.max()))
        bits = []
        rows = max(1, _MEASURED // (longest + self.network.reach))
        for start in range(0, len(wave), rows):
            part = slice(start, start + rows)
            some = wave[part, :longest]
            begin = torch.zeros(len(some), dtype=torch.int64, device=wave.device)
            of = labels[part] if labels is not None else None
            nats = self._nats(some, begin, longest, of)
            there = torch.arange(longest, device=wave.device)[:, None] < lengths[part]
            bits.append((nats * there).sum(0) / math.log(2))
        return {
            "val_bits_per_row": torch.cat(bits).mean(),
            "val_samples_per_row": lengths.float().mean(),
        }

    def derived(self, measured: dict[str, float]) -> dict[str, float]:
        """Return the bits of each sample that is a recording's own."""
        samples = max(measured["val_samples_per_row"], 1.0)
        return {"val_bits_per_sample": measured["val_bits_per_row"] / samples}

    # --------------------------------------------------------------------------------- writing

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Write sounds, sixteen at a time, each a function of its own seed alone."""
        self.refuse_other_tasks(request)
        self.network.eval()
        own = self._own(request)
        count = len(own) if own is not None else len(request.seeds)
        if request.task == Task.RECONSTRUCT and self._mel is None:
            yield from self._expected(request, own or [], tick)
            return
        for start in range(0, count, AT_ONCE):
            places = range(start, min(start + AT_ONCE, count))
            yield from self._written(request, own, places, count, tick)

    def _written(
        self,
        request: SampleRequest,
        own: list[Tensor] | None,
        places: Sequence[int],
        total: int,
        tick: Tick,
    ) -> Iterator[Media]:
        """Write some of the items of a request together."""
        device, reach = self.compute.device, self.network.reach
        length, told, hop = self._length(request), None, 1
        begin = torch.full((len(places), reach + 2), SILENCE, device=device)
        if request.task == Task.RECONSTRUCT and own is not None and self._mel is not None:
            waves = torch.stack([own[place] for place in places])
            length, hop, told = waves.shape[1], self._mel.grid.hop, _columns(self._mel(waves))
        elif own is not None:
            for row, place in enumerate(places):
                heard = encode(own[place][-reach - 2 :])
                begin[row, len(begin[row]) - len(heard) :] = heard
        labels, names = self._labels_for(request, places)
        draws = uniform([self._seed(request, place) for place in places], length, device)

        def said(done: int) -> None:
            tick(places[0] * length + len(places) * done, total * length)

        codes = write_on(self.network, begin, draws, self._manner(request), labels, told, hop, said)
        made = decode(codes)
        for row, place in enumerate(places):
            wave = made[row]
            if request.task == Task.CONTINUE and own is not None:
                wave = torch.cat([own[place], wave])
            yield self._medium(wave, self._facts(request, place) | names[row])

    def _expected(self, request: SampleRequest, own: list[Tensor], tick: Tick) -> Iterator[Media]:
        """Draw each sample of the user's recordings from what the real ones before it lead to."""
        for place, wave in enumerate(own):
            rows, length = wave[None], len(wave)
            first = torch.zeros(1, dtype=torch.int64, device=wave.device)
            codes, _following, _mel = self._parts(rows, first, length)
            labels, names = self._labels_for(request, [place])
            logits = self.network(codes, length, labels)[:, 0].float()  # (L, 256)
            draws = uniform([self._seed(request, place)], length, wave.device)[0]
            made = decode(chosen(logits, draws, self._manner(request)))
            tick(place + 1, len(own))
            yield self._medium(made, self._facts(request, place) | names[0])

    def _own(self, request: SampleRequest) -> list[Tensor] | None:
        """Return the user's recordings as waves (L,) at the model's rate; None where none count."""
        if request.task == Task.GENERATE:
            return None
        device = self.compute.device
        if request.task == Task.CONTINUE:
            waves = [self._resampled(as_sound(each)).to(device) for each in request.media]
        else:
            data = modality_data(self.spec.modality)
            rows = torch.from_numpy(request.inputs) if request.inputs is not None else None
            waves = []
            if rows is not None:
                items = data.to_tensor(rows.to(device), data.preparation(), augment=False)
                waves = list(items.mean(1))
        if not waves:
            raise StudioError(
                "Nothing to start from",
                "This task starts from your own recordings and none were given.",
                "Drop one or more files on the Make panel.",
            )
        return waves

    def _resampled(self, sound: Sound) -> Tensor:
        wave = torch.from_numpy(np.ascontiguousarray(sound.samples.T)).mean(0)
        resampled: Tensor = torchaudio.functional.resample(wave, sound.rate, self.rate)
        return resampled

    def _length(self, request: SampleRequest) -> int:
        settings = self._settings(request)
        return round(settings.seconds * self.rate) or self.spec.shape[-1]

    def _settings(self, request: SampleRequest) -> WaveNetSampling:
        settings = request.settings
        return settings if isinstance(settings, WaveNetSampling) else WaveNetSampling()

    def _manner(self, request: SampleRequest) -> Manner:
        """Return how samples are chosen; variety 0 … 2 is half … half as much again as warm."""
        settings = self._settings(request)
        warmth = settings.temperature * (1 + request.variety) / 2
        return Manner(temperature=warmth, top_p=settings.top_p)

    def _seed(self, request: SampleRequest, place: int) -> int:
        return request.seeds[place % len(request.seeds)] if request.seeds else place

    def _labels_for(
        self, request: SampleRequest, places: Sequence[int]
    ) -> tuple[Tensor | None, list[dict[str, str]]]:
        """Return the labels of some items, and how their files name them.

        New sounds without a wish take the label that follows from their seed; recordings that are
        gone on with take none.
        """
        if not self.labelled:
            return None, [{} for _ in places]
        known = len(self.spec.labels)
        if request.labels is not None:
            numbers = [request.labels[place] for place in places]
        elif request.task == Task.GENERATE:
            numbers = [self._seed(request, place) % known for place in places]
        else:
            numbers = [known] * len(places)
        names = [{"label": self.spec.labels[n]} if n < known else {} for n in numbers]
        return torch.tensor(numbers, device=self.compute.device), names

    def _facts(self, request: SampleRequest, place: int) -> dict[str, Any]:
        facts: dict[str, Any] = {"seed": self._seed(request, place)}
        return facts if request.task == Task.GENERATE else facts | {"input": place}

    def _medium(self, wave: Tensor, facts: dict[str, Any]) -> Media:
        data = modality_data(self.spec.modality)
        (sound,) = data.to_media(wave[None, None], [facts], self.spec)
        return sound


def _columns(mel: Tensor, told: Tensor | None = None) -> Tensor:
    """Return columns (B, F, mels + 1) of spectrograms (B, mels, F), with a 1 at the end.

    Rows that are not told get all 0.
    """
    columns = functional.pad(mel.transpose(1, 2), (0, 1), value=1.0)
    return columns if told is None else columns * told[:, None, None]
