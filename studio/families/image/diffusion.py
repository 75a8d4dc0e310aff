"""Diffusion: learns to remove noise from pictures, and makes new ones by removing it from noise.

This file is how it learns and what it can be asked for. Its settings are in `diffusion_recipe.py`,
what the network is asked for in `diffusion_objectives.py`, the network in `diffusion_networks.py`,
the making of pictures in `diffusion_sampling.py` and `samplers.py`, and its texts in
`diffusion_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.diffusion_export import exportable
from studio.families.image.diffusion_info import INFO
from studio.families.image.diffusion_networks import Denoiser
from studio.families.image.diffusion_objectives import OBJECTIVES, spread_evenly
from studio.families.image.diffusion_recipe import PRESETS, DiffusionRecipe, DiffusionSampling
from studio.families.image.diffusion_sampling import INPAINT_STARTS, Plan, make
from studio.families.latent import LatentFamily

_WARM_UP = 0.03  # of the steps
_WORDS_ALONE, _LABEL_ALONE = 0.5, 0.2  # shares, where pictures have both
_LAST_RATE = 0.02  # of the learning rate, at the end
#: Metrics of the thirds of the noise levels, from the least noise to the most.
THIRDS = ("loss_fine", "loss_middle", "loss_coarse")


class Diffusion(LatentFamily[DiffusionRecipe]):
    """A denoiser, trained on all levels of noise at once.

    Attributes:
        denoiser_type: Its network.
        sheet: What the sampler is told where nobody said anything, as on the sheets of a run.
        at_once: How many items are made at once.
    """

    info = INFO
    recipe_type = DiffusionRecipe
    presets = PRESETS
    sampling_type = DiffusionSampling
    measured_samples = 64
    averaged = ("denoiser",)
    denoiser_type: type[Denoiser] = Denoiser
    sheet = DiffusionSampling(steps=10)
    at_once = 64

    def build(self, spec: DataSpec) -> None:
        """Make the denoiser, for data of this mean and spread, and its optimiser."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        self.prompted = recipe.captioned and spec.caption_length > 0
        self.objective = OBJECTIVES[recipe.objective]
        self.denoiser = self.denoiser_type(
            spec.shape,
            self.objective,
            spec.statistics.get("mean", 0.0),
            max(spec.statistics.get("std", 0.5), 0.01),
            width=recipe.width,
            blocks=recipe.blocks,
            patch=recipe.patch,
            dropout=recipe.dropout,
            labels=labels,
            captions=(spec.caption_vocabulary, spec.caption_length) if self.prompted else None,
            text_layers=recipe.text_layers,
        )
        self.optimiser = torch.optim.Adam(
            self.denoiser.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99), fused=True
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the denoiser once."""
        share = min(self.step / self.recipe.steps, 1)
        # cosine decay (Loshchilov & Hutter 2017) after a linear warm-up
        rate = max(0.5 * (1 + math.cos(math.pi * share)), _LAST_RATE)
        rate *= min((self.step + 1) / max(_WARM_UP * self.recipe.steps, 1), 1)
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * rate
        return self.minimise(self.optimiser, self._loss, self._with_draws(batch), clip=1.0)

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw noise and its levels, and leave some labels and captions out."""
        count, device = len(batch), batch.items.device
        labels, captions = self.labels_of(batch), batch.captions if self.prompted else None
        nothing = torch.rand(count, device=device) < self.recipe.left_out
        drawn = torch.rand(count, device=device)
        both = labels is not None and captions is not None
        if labels is not None:
            # words that repeat what a label says are not learned while the label is there
            alone = drawn < _WORDS_ALONE if both else torch.zeros_like(nothing)
            labels = labels.masked_fill(nothing | alone, len(self.spec.labels))
        if captions is not None:
            alone = drawn > 1 - _LABEL_ALONE if both else torch.zeros_like(nothing)
            captions = captions.masked_fill((nothing | alone)[:, None], 0)
        draws = {
            "noise": torch.randn_like(batch.items),
            "level": spread_evenly(count, torch.rand((), device=device)),
        }
        return replace(batch, labels=labels, captions=captions, draws=draws)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        level = batch.draws["level"]
        error = self._error(batch)
        loss = error.mean()
        shown = {"loss": loss}
        for third, name in enumerate(THIRDS):
            inside = ((3 * level).long() == third).float()
            # a small part of a batch without such levels counts as the mean
            shown[name] = (error @ inside + 1e-6 * loss) / (inside.sum() + 1e-6)
        return loss, shown

    def _error(self, batch: Batch) -> Tensor:
        """Return each picture's mean squared error of F, (B,).

        E ‖F(c_in x; σ) − (x₀ − c_skip x)/c_out‖² with x = x₀ + σ ε   (Karras et al. 2022,
        equation 8, weighted so that every level counts the same).
        """
        sigma = self._levels(batch)
        centred = batch.items - self.denoiser.mean
        noisy = centred + self.denoiser.beside(sigma) * batch.draws["noise"]
        factors = self.denoiser.factors(sigma)
        target = (centred - factors.skip * noisy) / factors.out
        condition = self.denoiser.condition(len(batch), batch.labels, batch.captions)
        found = self.denoiser.raw(noisy, sigma, condition).float()
        return self._per_item((found - target).square(), batch)

    def _levels(self, batch: Batch) -> Tensor:
        """Return the noise level of each picture, (B,)."""
        return self.objective.level(batch.draws["level"], self.denoiser.deviation)

    def _per_item(self, errors: Tensor, _batch: Batch) -> Tensor:
        """Return the means (B,) of errors (B, C, H, W)."""
        return errors.flatten(1).mean(1)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure the loss on unseen pictures, always with the same noise."""
        device = batch.items.device
        draws = {
            "noise": noise([0], batch.items.shape, device)[0],
            "level": spread_evenly(len(batch), torch.zeros((), device=device)),
        }
        labels, captions = self.labels_of(batch), batch.captions if self.prompted else None
        told = replace(batch, labels=labels, captions=captions, draws=draws)
        return {"val_loss": self._error(told).mean()}

    def exported(self) -> dict[str, Exportable]:
        """Return the denoiser."""
        return exportable(self.denoiser, self.spec, labelled=self.labelled, prompted=self.prompted)

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return the noise (N, C · H · W) that pictures begin with."""
        return noise(seeds, (math.prod(self.spec.shape),), self.compute.device) * variety

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W) from noise in few steps, as the sheets of a run."""
        plan = self._from_noise(codes, [0] * len(codes), labels)
        return make(self.denoiser, plan, self.sheet, lambda: None)

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make pictures from noise, on the way between two, from own pictures, or in a mask."""
        self.refuse_other_tasks(request)
        settings = request.settings
        if not isinstance(settings, DiffusionSampling):  # the sheet of a run in progress
            settings = self.sheet
        plan, facts = self._plan(request, settings, tick)
        data = modality_data(self.spec.modality)
        total = settings.steps * len(plan.starts)
        made = 0
        for part in plan.parts(self.at_once):
            steps = 0

            def step(made: int = made, count: int = len(part)) -> None:
                nonlocal steps
                steps += 1
                tick(made + count * steps // total, len(plan))

            with self.compute.precision():
                items = make(self.denoiser, part, settings, step)
            yield from data.to_media(items.float(), facts[made : made + len(part)], self.spec)
            made += len(part)

    def _plan(
        self, request: SampleRequest, settings: DiffusionSampling, tick: Tick
    ) -> tuple[Plan, list[dict[str, Any]]]:
        """Return what a request asks for, and what each item's file says of it."""
        if request.task not in (Task.VARY, Task.INPAINT):
            codes, labels, facts = self._codes(request, tick)
            if request.captions is not None and request.labels is None:
                labels = None  # the words alone say what to show
                facts = [{k: v for k, v in fact.items() if k != "label"} for fact in facts]
            seeds = self._noise_seeds(request, len(codes))
            plan = self._from_noise(codes, seeds, labels)
        else:
            items = self._items(request)
            seeds = [request.seeds[index % len(request.seeds)] for index in range(len(items))]
            facts = [{"seed": seed, "input": index} for index, seed in enumerate(seeds)]
            labels = self._tensor(self._asked_labels(request))
            plan = self._from_noise(self.draw(seeds, 1.0, None), seeds, labels)
            plan = self._from_items(plan, items, request, settings)
        captions = self._captions(request, len(plan))
        return replace(plan, captions=captions), facts

    def _from_noise(self, codes: Tensor, seeds: Sequence[int], labels: Tensor | None) -> Plan:
        shape = (len(codes), *self.spec.shape)
        base = torch.full(shape, self.denoiser.mean, device=codes.device)
        return Plan(codes.view(shape), seeds, base, labels)

    def _from_items(
        self, plan: Plan, items: Tensor, request: SampleRequest, settings: DiffusionSampling
    ) -> Plan:
        if request.task == Task.VARY:  # SDEdit (Meng et al. 2022): begin on the way
            return replace(plan, base=items, starts=(settings.strength,))
        if len(request.masks) != len(items):
            raise StudioError(
                "Nothing is marked",
                "This task makes the marked part of a picture anew, and there is no mask for it.",
                "Paint over what is to change, or give a picture that is white there.",
            )
        masks = torch.from_numpy(np.stack(request.masks)).to(items)[:, None]
        return replace(plan, base=items, starts=INPAINT_STARTS, masks=masks)

    def _captions(self, request: SampleRequest, count: int) -> Tensor | None:
        """Return the tokens of what each picture is to show; on a path the first ones' stay."""
        if request.captions is None or not self.prompted:
            return None
        tokens = torch.from_numpy(request.captions).to(self.compute.device)
        return tokens if len(tokens) == count else tokens[:1].expand(count, -1)

    @staticmethod
    def _noise_seeds(request: SampleRequest, count: int) -> list[int]:
        """Return the seeds of the noise that some samplers add: one for all frames of a path."""
        seeds = [place.heaviest or 0 for place in request.places] or list(request.seeds)
        return seeds if len(seeds) == count and request.task == Task.GENERATE else seeds[:1] * count
