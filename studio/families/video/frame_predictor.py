"""Frame predictor: looks at the last frames of a clip and says which follow.

This file is how it learns, measures and continues films. The network is in
`frame_predictor_networks.py`, the settings in `frame_predictor_recipe.py`, and the texts in
`frame_predictor_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.muon import set_rate, warm_then_down
from studio.families.video.films import ContinueSettings, continued
from studio.families.video.frame_metrics import closeness
from studio.families.video.frame_predictor_info import INFO
from studio.families.video.frame_predictor_networks import Predictor
from studio.families.video.frame_predictor_recipe import PRESETS, FramePredictorRecipe

_GAP = 2  # pixels between the clips of a sample sheet


class FramePredictor(Family[FramePredictorRecipe]):
    """A network that is told what followed, and corrected by how far off it was."""

    info = INFO
    recipe_type = FramePredictorRecipe
    presets = PRESETS
    sampling_type = ContinueSettings
    averaged = ("predictor",)

    def build(self, spec: DataSpec) -> None:
        """Make the predictor and its optimiser.

        Raises:
            StudioError: Clips have other frames than are seen and foreseen.
        """
        recipe = self.recipe
        channels, frames = spec.shape[:2]
        if frames != recipe.seen + recipe.foreseen:
            raise StudioError(
                "The clips have the wrong length",
                f"To see {recipe.seen} frames and foresee {recipe.foreseen}, clips must have"
                f" {recipe.seen + recipe.foreseen}; these have {frames}.",
                "Leave the number of frames in the preparation to the model.",
            )
        self.predictor = Predictor(
            channels,
            recipe.seen,
            recipe.foreseen,
            width=recipe.width,
            hidden=recipe.hidden,
            blocks=recipe.blocks,
            halvings=recipe.halvings,
            kind=recipe.translator,
        )
        self.optimiser = torch.optim.AdamW(
            self.predictor.parameters(),
            lr=recipe.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=0.01,
            fused=True,
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the predictor once."""
        share = warm_then_down(self.step, self.recipe.steps, warm_up=0.05)
        set_rate([self.optimiser], share)
        return self.minimise(self.optimiser, self._loss, batch, clip=1.0)

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        past, future = self._parts(batch.items)
        difference = self.predictor(past) - future
        error = difference.square() if self.recipe.loss == "l2" else difference.abs()
        return error.mean(), {"loss": error.mean()}

    def _parts(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """Return what of clips (B, C, T, H, W) is seen, and what is to be foreseen."""
        return clips[:, :, : self.recipe.seen], clips[:, :, self.recipe.seen :]

    # ----------------------------------------------------------------------------- measuring

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how close foreseen frames come, and how much closer than the last one seen."""
        past, future = self._parts(batch.items)
        still = past[:, :, -1:].expand_as(future)
        return closeness(self.predictor(past), future, still)

    @torch.no_grad()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Make clips of what came | what was seen and then foreseen, side by side.

        The line between them is dark while frames are seen, and bright when they are foreseen.
        """
        past, _ = self._parts(batch.items)
        with self.compute.precision():
            foreseen = self.predictor(past)
        made = torch.cat([past, foreseen.clamp(-1, 1)], 2)
        line = torch.full_like(made[..., :_GAP], -1.0)
        line[:, :, self.recipe.seen :] = 1.0
        both = torch.cat([batch.items, line, made], 4)
        facts = [{"input": index} for index in range(len(both))]
        yield from modality_data(self.spec.modality).to_media(both, facts, self.spec)

    # ---------------------------------------------------------------------------- continuing

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Continue films: each whole, at the model's size, with the frames that may follow."""
        self.refuse_other_tasks(request)
        self.predictor.eval()
        yield from continued(request, self.spec, self.recipe.seen, lambda _: self._foresee, tick)

    def _foresee(self, past: Tensor, more: int) -> Iterator[Tensor]:
        """Yield the `more` frames that follow; those it made are what it sees next."""
        made = 0
        while made < more:
            future = self._next(past)
            for place in range(min(future.shape[2], more - made)):
                yield future[0, :, place]
            made += future.shape[2]
            past = torch.cat([past, future], 2)[:, :, -self.recipe.seen :]

    @torch.inference_mode()
    def _next(self, past: Tensor) -> Tensor:
        with self.compute.precision():
            future: Tensor = self.predictor(past.to(self.compute.device))
        return future.clamp(-1, 1).cpu()
