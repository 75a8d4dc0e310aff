"""Video Transformer: clips as texts of small pieces, and a Transformer that writes new ones.

How pieces and writing are learned, and how clips are written from seeds, is that of pictures
(`image/vqvae.py`). What stands here is how clips are cut, and how films are continued. The
networks are in `video_transformer_networks.py`, the settings in `video_transformer_recipe.py`, and
the texts in `video_transformer_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.evaluate.fidelity import psnr
from studio.families.base import Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.vqvae import VQVAE, tiles_in
from studio.families.image.vqvae_writing import write
from studio.families.layers.choosing import uniform
from studio.families.video.films import Foresee, continued
from studio.families.video.frame_metrics import frames_of
from studio.families.video.video_transformer_info import INFO
from studio.families.video.video_transformer_networks import ClipDecoder, ClipEncoder
from studio.families.video.video_transformer_recipe import (
    PRESETS,
    VideoTransformerRecipe,
    VideoTransformerSampling,
)


class VideoTransformer(VQVAE):
    """Encoder, codebook and decoder of clips; and a Transformer over the codes."""

    info = INFO
    recipe_type = VideoTransformerRecipe
    presets = PRESETS
    sampling_type = VideoTransformerSampling
    measured_samples = 48
    at_once = 16

    def cutter(self, spec: DataSpec) -> tuple[nn.Module, nn.Module, tuple[int, int]]:
        """Return what cuts clips into maps below each other, what draws them, and the sides.

        Raises:
            StudioError: Pieces of this size do not fit the clips.
        """
        recipe = self.recipe
        assert isinstance(recipe, VideoTransformerRecipe)
        colours, frames, *sides = spec.shape
        down, across = tiles_in(sides, recipe.halvings)
        lasts = 2**recipe.time_halvings
        if frames % lasts or frames < 2 * lasts:
            raise StudioError(
                "These pieces do not fit the clips",
                f"Pieces of {lasts} frames cannot fill clips of {frames}.",
                f"Choose fewer frames in a tile, or clips of a multiple of {lasts} frames.",
            )
        self.maps: int = frames // lasts
        self.lasts: int = lasts
        width, code, stages = recipe.width, recipe.code, recipe.time_halvings
        encoder = ClipEncoder(colours, width, code, recipe.halvings, stages, recipe.blocks)
        decoder = ClipDecoder(
            code, width, colours, recipe.halvings, stages, recipe.blocks, self.maps
        )
        return encoder, decoder, (self.maps * down, across)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen clips are copied, and how well their pieces are foreseen."""
        found = super().validate(batch)
        found["val_bits_per_token"] = found.pop("val_writing")
        copies = self.decoder(self.quantiser(self.encoder(batch.items)).vectors)
        found["val_psnr"] = psnr(frames_of(copies), frames_of(batch.items)).mean()
        return found

    def exported(self) -> dict[str, Exportable]:
        """Return the writer and the drawer."""
        drawer = "Draws {} × {} tiles, the maps of a clip below each other, as a clip in −1 … 1."
        found = super().exported()
        return found | {"drawer": replace(found["drawer"], about=drawer.format(*self.grid))}

    # -------------------------------------------------------------------------------- making

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make clips from seeds, copies of the user's own, or what follows on films."""
        if request.task != Task.CONTINUE:
            yield from super().sample(request, tick)
            return
        for network in self.networks().values():
            network.eval()
        yield from continued(
            request, self.spec, self._seen, lambda index: self._going_on(request, index), tick
        )

    @property
    def _seen(self) -> int:
        """How many of a film's last frames are looked at: half of a clip, in whole pieces."""
        return (self.maps + 1) // 2 * self.lasts

    def _going_on(self, request: SampleRequest, index: int) -> Foresee:
        """Return what writes on film number `index` of a request."""
        labels: Sequence[int] | None = request.labels if self.labelled else None
        asked = None if labels is None else torch.tensor([labels[index]])
        seed = request.seeds[index] if index < len(request.seeds) else index

        def foresee(past: Tensor, more: int) -> Iterator[Tensor]:
            new = self.spec.shape[1] - self._seen
            rounds = -(-more // new)
            draws = uniform([seed], rounds * self.script.length, self.compute.device)
            made = 0
            for numbers in draws.view(rounds, -1):
                future = self._written_on(past, asked, numbers[None], request)
                for place in range(min(new, more - made)):
                    yield future[0, :, place]
                made += new
                past = torch.cat([past, future], 2)[:, :, -self._seen :]

        return foresee

    @torch.inference_mode()
    def _written_on(
        self, past: Tensor, label: Tensor | None, draws: Tensor, request: SampleRequest
    ) -> Tensor:
        """Return the frames (1, C, T', H, W) that fill a clip up after frames (1, C, T, H, W)."""
        device = self.compute.device
        missing = self.spec.shape[1] - past.shape[2]
        clip = torch.cat([past, past[:, :, -1:].expand(-1, -1, missing, -1, -1)], 2).to(device)
        prompts = self.script.prompts(1, None if label is None else label.to(device), None, device)
        with self.compute.precision():
            codes = self.quantiser(self.encoder(clip)).codes.flatten(1)  # (1, t·h·w)
            # a stretch is cut by itself, so what stands for the missing frames changes nothing
            given = codes.shape[1] * past.shape[2] // self.spec.shape[1]
            known = codes.clone()
            known[:, given:] = -1
            written, _ = write(
                self.writer,
                self.script,
                prompts,
                draws,
                self._manner(request),
                lambda _written: None,
                known,
                guidance=self._settings(request).guidance,
            )
            drawn = self._drawn(written)
        return drawn[:, :, past.shape[2] :].float().clamp(-1, 1).cpu()
