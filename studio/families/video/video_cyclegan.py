"""CycleGAN for films: turns every frame into another kind, so that frames still fit together.

How it learns, measures and translates is that of pictures (`image/cyclegan.py`); what stands here
is that it sees a few frames in a row, and what keeps them together. The settings are in
`video_cyclegan_recipe.py`, the texts in `video_cyclegan_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.media import Film, Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.evaluate.video_frames import flicker_ratio
from studio.families.base import Losses, SampleRequest, Tick, part_of
from studio.families.batch import Batch
from studio.families.image.cyclegan import CycleGAN
from studio.families.image.translation_networks import PatchCritic, ResNetGenerator
from studio.families.layers.colour import coloured
from studio.families.translation import TranslationSettings, both, final_size, side_by_side
from studio.families.video.films import Frame, films_of, frame_of, tensor_of
from studio.families.video.space_time import as_clips, as_frames
from studio.families.video.video_cyclegan_info import INFO
from studio.families.video.video_cyclegan_recipe import PRESETS, VideoCycleGANRecipe

_SHARPNESS = 50.0  # of the line between what stands still and what moves (Lai et al. 2018)


class FrameGenerator(ResNetGenerator):
    """Turns pictures (B, C, H, W), or each frame of clips (B, C, T, H, W)."""

    def forward(self, pictures: Tensor) -> Tensor:
        if pictures.dim() == 4:
            return super().forward(pictures)
        return as_clips(super().forward(as_frames(pictures)), pictures.shape[2])


class FrameCritic(nn.Module):
    """Judges every patch of every frame of clips (B, C, T, H, W), and of all frames as one.

    The scores of a clip are one row, (B, patches).

    Attributes:
        frames: Judges frames.
        motion: Judges all frames of a clip at once, as the colours of one picture, so that it sees
            how they follow on each other; None where only frames are judged.
    """

    def __init__(self, shape: tuple[int, ...], width: int, *, motion: bool) -> None:
        super().__init__()
        channels, length, size = shape[0], shape[1], shape[-1]
        self.frames = PatchCritic(channels, width, size)
        self.motion = PatchCritic(channels * length, width, size) if motion else None

    def forward(self, clips: Tensor) -> Tensor:
        scores: Tensor = self.frames(as_frames(clips)).reshape(len(clips), -1)
        if self.motion is None:
            return scores
        together = self.motion(clips.transpose(1, 2).flatten(1, 2)).flatten(1)
        return torch.cat((scores, together), 1)


class VideoCycleGAN(CycleGAN):
    """A CycleGAN whose pictures are frames, a few in a row."""

    info = INFO
    recipe_type = VideoCycleGANRecipe
    presets = PRESETS

    @property
    def own(self) -> VideoCycleGANRecipe:
        """The settings, with those that pictures have not."""
        assert isinstance(self.recipe, VideoCycleGANRecipe)
        return self.recipe

    def seen_shapes(self, spec: DataSpec) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes (C, n, H, W) of the frames that are seen in a step, of both kinds.

        Raises:
            StudioError: There is no second dataset, its size differs, or clips are too short.
        """
        first, second = super().seen_shapes(spec)
        length, shortest = self.own.compared, min(first[1], second[1])
        if shortest < length:
            raise StudioError(
                "The clips are too short",
                f"It compares {length} frames, and there are clips with {shortest}.",
                "Set more frames in the preparation, or fewer frames compared.",
            )
        return (first[0], length, *first[2:]), (second[0], length, *second[2:])

    def generator(self, channels: int, out: int) -> nn.Module:
        """Return a generator that turns each frame by itself."""
        return FrameGenerator(channels, out, self.recipe.width, self.recipe.blocks)

    def critic(self, shape: tuple[int, ...]) -> nn.Module:
        """Return a critic of frames (C, n, H, W) of one kind."""
        return FrameCritic(shape, self.recipe.width, motion=self.own.motion_critic)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct generators and critics once, on some frames in a row of each clip."""
        first, second = both(batch)
        seen = replace(batch, items=self._somewhere(first), partner=self._somewhere(second))
        return super().train_step(seen)

    def _somewhere(self, clips: Tensor) -> Tensor:
        """Return n frames in a row, (B, C, n, H, W), from a random place of each clip."""
        length = self.own.compared
        begins = torch.randint(clips.shape[2] - length + 1, (len(clips),)).tolist()
        return torch.stack(
            [clip[:, at : at + length] for clip, at in zip(clips, begins, strict=True)]
        )

    def further(
        self, first: Tensor, second: Tensor, fake_second: Tensor, fake_first: Tensor
    ) -> dict[str, tuple[float, Tensor]]:
        """Return how much more restless the results are than what they were made of."""
        weight = self.own.temporal
        if not weight:
            return {}
        restless = restlessness(fake_second, first) + restlessness(fake_first, second)
        return {"temporal": (weight, restless)}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure frames as pictures are measured, and how restless whole clips become."""
        shown = super().validate(batch)
        ratios = [
            flicker_ratio(_each(network, clips).clamp(-1, 1), clips)
            for network, clips in zip((self.there, self.back), both(batch), strict=True)
        ]
        # the geometric mean: a kind of twice the contrast is no flicker, one way undoes the other
        shown["val_flicker_ratio"] = torch.cat(ratios).log().mean().exp()
        # a new network that tears clips apart may lie near the other kind by its colours alone
        shown["val_overall"] = shown["val_distance"] + shown["val_cycle"]
        return shown

    def held_out(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the frames (N, C, H, W) in the middle of clips of both kinds."""
        length = self.own.compared
        first, second = (
            as_frames(clips.narrow(2, (clips.shape[2] - length) // 2, length))
            for clips in both(batch)
        )
        return first, second

    # ------------------------------------------------------------------------------- making

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Translate films, each at its own size, frame by frame while it is written."""
        self.refuse_other_tasks(request)
        films = films_of(request)
        settings = self.settings_of(request)
        network, channels = self.way(settings)
        network.eval()
        for index, film in enumerate(films):
            part = part_of(tick, index, len(films))
            yield self._translated_film(film, network, channels, settings, part, index)

    def _translated_film(
        self,
        film: Film,
        network: nn.Module,
        channels: int,
        settings: TranslationSettings,
        tick: Tick,
        index: int,
    ) -> Film:
        def frames() -> Iterator[Frame]:
            for place, frame in enumerate(film.frames()):
                part = part_of(tick, place, max(film.count, place + 1))
                yield self._translated_frame(frame, network, channels, settings, part)

        height, width = final_size((film.height, film.width), settings)
        return Film(frames, width, height, film.fps, film.count, film.sound, facts={"input": index})

    @torch.inference_mode()
    def _translated_frame(
        self,
        frame: Frame,
        network: nn.Module,
        channels: int,
        settings: TranslationSettings,
        tick: Tick,
    ) -> Frame:
        picture = coloured(tensor_of([frame])[:, :, 0], channels)
        return frame_of(self.translated(network, picture, settings, tick)[0])

    @torch.inference_mode()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Show clips beside what they became: the first half of one kind, the rest of the other."""
        first, second = both(batch)
        half = (len(batch) + 1) // 2
        data = modality_data(self.spec.modality)
        for network, clips in ((self.there, first[:half]), (self.back, second[half:])):
            for clip in clips:
                with self.compute.precision():
                    made = network(clip[None])
                pairs = side_by_side(as_frames(clip[None]), as_frames(made))
                yield from data.to_media(as_clips(pairs, len(pairs)), [{}], self.spec)


def restlessness(made: Tensor, source: Tensor) -> Tensor:
    """Return how much more clips (B, C, T, H, W) change than their source where it stands still.

    E[M · max(0, |G(x′) − G(x)| − |x′ − x|)] over neighbouring frames x, x′, | · | the mean over the
    colours, with M = exp(−50 ‖x′ − x‖²) of values in 0 … 1: the short-term temporal loss of Lai
    et al. 2018 ("Learning Blind Video Temporal Consistency", equation 2) without optical
    flow. What a warp would have to follow, M leaves out; and a result may change as much as its
    source does, so that noise has to stay noise but must not become flicker.
    """
    moved = source.float().diff(dim=2)
    still = (-_SHARPNESS * (moved / 2).square().sum(1)).exp()
    excess = made.float().diff(dim=2).abs().mean(1) - moved.abs().mean(1)
    return (still * excess.clamp_min(0)).mean()


def _each(network: nn.Module, clips: Tensor) -> Tensor:
    """Return what a network makes of clips, one after the other: whole clips have many frames."""
    return torch.cat([network(clip[None]).float() for clip in clips])
