"""Video diffusion: learns to remove noise from clips, and makes new ones by removing it from noise.

How noise is removed and what it can be told is that of pictures (`image/diffusion.py`). What stands
here is how films are continued. The network is in `video_diffusion_networks.py`, the settings in
`video_diffusion_recipe.py`, and the texts in `video_diffusion_info.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest, Tick, part_of
from studio.families.batch import Batch
from studio.families.image.diffusion import Diffusion
from studio.families.image.diffusion_sampling import make
from studio.families.video.films import Foresee, continued
from studio.families.video.video_diffusion_info import INFO
from studio.families.video.video_diffusion_networks import GIVEN, ClipDenoiser, WithGiven
from studio.families.video.video_diffusion_recipe import (
    PRESETS,
    VideoDiffusionRecipe,
    VideoDiffusionSampling,
)

_SHOWN_ALONE = 0.7  # of the clips whose beginning is given: neither label nor words
_SEEDS_APART = 1_000_003  # between the seeds of the stretches of a long continuation


class VideoDiffusion(Diffusion):
    """A denoiser of whole clips, trained on all levels of noise at once."""

    info = INFO
    recipe_type = VideoDiffusionRecipe
    presets = PRESETS
    sampling_type = VideoDiffusionSampling
    denoiser_type = ClipDenoiser
    denoiser: ClipDenoiser
    sheet = VideoDiffusionSampling(steps=10, guidance=1)  # each look once, which is half the time
    measured_samples = 24
    at_once = 16

    def build(self, spec: DataSpec) -> None:
        """Make the denoiser, for clips of this mean and spread, and its optimiser.

        Raises:
            StudioError: The clips are single frames.
        """
        if spec.shape[1] < 2:
            raise StudioError(
                "These clips do not move",
                "Each is a single frame, so there is no motion to learn.",
                "Prepare clips of 8 frames or more.",
            )
        super().build(spec)

    # ------------------------------------------------------------------------------ learning

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw also whether the first half of a clip is given without noise.

        A film to continue shows by itself what it is about, mostly without a label.
        """
        batch = super()._with_draws(batch)
        device = batch.items.device
        chosen = torch.rand(len(batch), device=device) < self.recipe_of_clips.given
        alone = chosen & (torch.rand(len(batch), device=device) < _SHOWN_ALONE)
        labels, captions = batch.labels, batch.captions
        if labels is not None:
            labels = labels.masked_fill(alone, len(self.spec.labels))
        if captions is not None:
            captions = captions.masked_fill(alone[:, None], 0)
        first = torch.arange(self.spec.shape[1], device=device) < self._seen
        draws = batch.draws | {"given": chosen[:, None] & first}  # (B, T)
        return replace(batch, labels=labels, captions=captions, draws=draws)

    def _levels(self, batch: Batch) -> Tensor:
        """Return the noise level of each frame, (B, T)."""
        sigma = super()._levels(batch)[:, None].expand(-1, self.spec.shape[1])
        given = batch.draws.get("given")
        return sigma if given is None else sigma.masked_fill(given, GIVEN)

    def _per_item(self, errors: Tensor, batch: Batch) -> Tensor:
        """Return the means (B,) of errors (B, C, T, H, W) over the frames that are not given."""
        given = batch.draws.get("given")
        if given is None:
            return super()._per_item(errors, batch)
        asked = (~given).to(errors.dtype)
        return (errors.mean((1, 3, 4)) * asked).sum(1) / asked.sum(1)

    @property
    def recipe_of_clips(self) -> VideoDiffusionRecipe:
        """The recipe as what it is."""
        assert isinstance(self.recipe, VideoDiffusionRecipe)
        return self.recipe

    # -------------------------------------------------------------------------------- making

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make clips from noise or from the user's own, or what follows on films."""
        if request.task is not Task.CONTINUE:
            yield from super().sample(request, tick)
            return

        def foresee(index: int) -> Foresee:
            return self._going_on(request, index, part_of(tick, index, len(request.media)))

        yield from continued(request, self.spec, self._seen, foresee, tick)

    @property
    def _seen(self) -> int:
        """How many of a film's last frames are looked at: half of a clip."""
        return self.spec.shape[1] // 2

    def _going_on(self, request: SampleRequest, index: int, tick: Tick) -> Foresee:
        """Return what makes the frames that follow on film number `index` of a request."""
        settings = request.settings
        if not isinstance(settings, VideoDiffusionSampling):
            settings = VideoDiffusionSampling()
        labels = request.labels if self.labelled else None
        label = None if labels is None else self._tensor([labels[index]])
        captions = None if request.captions is None else request.captions[index : index + 1]
        alone = replace(request, captions=captions)
        first = request.seeds[index] if index < len(request.seeds) else index

        def foresee(past: Tensor, more: int) -> Iterator[Tensor]:
            new = self.spec.shape[1] - self._seen
            for stretch, start in enumerate(range(0, more, new)):
                seed = first + _SEEDS_APART * stretch

                def step(made: int = start) -> None:  # a chance to stop
                    tick(made, more)

                clip = self._filled(past, seed, label, alone, settings, step)
                for place in range(min(new, more - start)):
                    yield clip[0, :, self._seen + place]
                past = clip[:, :, -self._seen :]

        return foresee

    @torch.inference_mode()
    def _filled(
        self,
        past: Tensor,
        seed: int,
        label: Tensor | None,
        request: SampleRequest,
        settings: VideoDiffusionSampling,
        step: Callable[[], None],
    ) -> Tensor:
        """Return a clip (1, C, T, H, W) that begins with frames (1, C, T', H, W).

        The known frames have no noise at any level, as in learning. To put them in place of what
        the model makes of them with the noise of that level ("replacement", Ho et al. 2022, section
        3.1) shows them too late: of 32 bars, the same small model let 24 go on as they had begun
        (27 where each was noised again twice), and all 32 this way.
        """
        device = self.compute.device
        _, length, *_ = self.spec.shape
        known = past.shape[2]
        missing = past[:, :, -1:].expand(-1, -1, length - known, -1, -1)
        masks = (torch.arange(length, device=device) >= known).float().view(1, 1, -1, 1, 1)
        plan = self._from_noise(self.draw([seed], request.variety, None), [seed], label)
        plan = replace(
            plan,
            base=torch.cat([past, missing], 2).to(device),
            masks=masks,
            captions=self._captions(request, 1),
        )
        with self.compute.precision():
            looking = WithGiven(self.denoiser, past.to(device))
            made = make(looking, plan, settings, step)
        return made.float().cpu()
