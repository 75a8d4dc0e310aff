"""Restoration of films: each frame from itself and its neighbours, while the film is written.

How it learns, measures and repairs is that of pictures (`image/restore.py`); what stands here is
that it sees several frames at once, all spoiled alike. The settings are in
`video_restore_recipe.py`, the texts in `video_restore_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.media import Film, Media
from studio.core.recipe import DataSpec
from studio.data.image.picture import MAX_PIXELS
from studio.data.modality import modality_data
from studio.families.base import SampleRequest, Tick, part_of
from studio.families.batch import Batch
from studio.families.image.degradations import eight_bits, enlarge
from studio.families.image.restore import Restore
from studio.families.image.restore_damage import UNKNOWN, Damaged, Draws, pieces, turned
from studio.families.image.restore_recipe import RestoreSettings
from studio.families.tiling import in_tiles
from studio.families.video.films import Frame, films_of, frame_of, tensor_of, windows
from studio.families.video.video_restore_info import INFO
from studio.families.video.video_restore_recipe import (
    PRESETS,
    VideoRestoreRecipe,
    VideoRestoreSettings,
)


class VideoRestore(Restore):
    """A restorer that sees a window of frames and repairs the one in the middle."""

    info = INFO
    recipe_type = VideoRestoreRecipe
    presets = PRESETS
    sampling_type = VideoRestoreSettings

    @property
    def frames(self) -> int:
        """How many frames the network sees at once, to repair the middle one."""
        return self.recipe.window if isinstance(self.recipe, VideoRestoreRecipe) else 1

    def build(self, spec: DataSpec) -> None:
        """Make the restorer; raises StudioError where clips have too few frames."""
        if spec.shape[1] < self.frames:
            raise StudioError(
                "The clips are too short",
                f"It sees {self.frames} frames at once, and the clips have {spec.shape[1]}.",
                "Set more frames in the preparation, or fewer frames seen at once.",
            )
        super().build(spec)

    # ------------------------------------------------------------------------------ learning

    @torch.no_grad()
    def _pairs(self, batch: Batch) -> Batch:
        """Return clean pieces of frames, with the spoiled window around each as draws."""
        clips = batch.items
        begin = int(torch.randint(clips.shape[2] - self.frames + 1, ()))
        window = clips[:, :, begin : begin + self.frames].transpose(1, 2).flatten(1, 2)
        window = pieces(window, self.piece)  # (B, n·C, h, w): the same place in all frames
        if self.recipe.turn:
            window = turned(window)
        spoiled = self._spoil(window, self._alike(window))
        draws = {"spoiled": spoiled.pictures}
        if spoiled.guide is not None:
            draws["guide"] = spoiled.guide
        return replace(batch, items=self._middle(window), draws=draws)

    def _alike(self, window: Tensor) -> Draws:
        """Draw numbers that are the same for all frames of a window, but for the noise itself."""
        one = self.damage.draw(self._middle(window))
        normal = torch.randn_like(window) if self.damage.noisy else one.normal
        return replace(one, normal=normal)

    def _spoil(self, window: Tensor, draws: Draws) -> Damaged:
        """Spoil windows (B, n·C, h, w), all frames of one alike."""
        count, times = window.shape[0], self.frames
        of_frames = Draws(
            strength=draws.strength.repeat_interleave(times),
            known=draws.known.repeat_interleave(times),
            places=draws.places.repeat_interleave(times, 0),
            normal=self._apart(draws.normal) if self.damage.noisy else draws.normal,
        )
        found = self.damage.apply(self._apart(window), of_frames)
        guide = None if found.guide is None else found.guide[::times]
        return Damaged(found.pictures.reshape(count, -1, *found.pictures.shape[2:]), guide)

    def _apart(self, window: Tensor) -> Tensor:
        """Return the frames (B·n, C, h, w) of windows (B, n·C, h, w)."""
        return window.reshape(window.shape[0] * self.frames, -1, *window.shape[2:])

    def _middle(self, window: Tensor) -> Tensor:
        """Return the frames (B, C, h, w) in the middle of windows (B, n·C, h, w)."""
        return window[:, self.restorer.own]

    # ----------------------------------------------------------------------------- measuring

    def _spoiled(self, batch: Batch) -> tuple[Tensor, Damaged]:
        """Return the middle frame of held-out clips, and the spoiled window around it."""
        begin = (batch.items.shape[2] - self.frames) // 2
        clips = self._whole_multiples(batch.items)
        window = clips[:, :, begin : begin + self.frames].transpose(1, 2).flatten(1, 2)
        with self.compute.full_precision():
            return self._middle(window), self._spoil(window, self.damage.fixed(window))

    def _whole_multiples(self, clips: Tensor) -> Tensor:
        height, width = (side - side % self.damage.scale for side in clips.shape[3:])
        return clips[..., :height, :width]

    def _baseline(self, damaged: Damaged) -> Tensor:
        """Return what there is without the model: the spoiled frame, enlarged where small."""
        return super()._baseline(Damaged(self._middle(damaged.pictures)))

    @torch.no_grad()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Make clips of spoiled | repaired | clean, side by side."""
        half = self.frames // 2
        for index, clip in enumerate(self._whole_multiples(batch.items)):
            clean = clip.transpose(0, 1)  # (T, C, H, W)
            places = torch.arange(len(clean), device=clean.device)[:, None]
            around = torch.arange(-half, half + 1, device=clean.device)
            seen = (places + around).clamp(0, len(clean) - 1)  # (T, n)
            window = clean[seen].flatten(1, 2)
            with self.compute.full_precision():
                damaged = self._spoil(window, self.damage.fixed(window))
            with self.compute.precision():
                restored = self.restorer(damaged.pictures, damaged.guide)
            three = torch.cat([self._baseline(damaged), eight_bits(restored.float()), clean], 3)
            made = three.transpose(0, 1)[None]
            yield from modality_data(self.spec.modality).to_media(
                made, [{"input": index}], self.spec
            )

    # ----------------------------------------------------------------------------- repairing

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Repair films, each at its own size, frame by frame while it is written."""
        self.refuse_other_tasks(request)
        films = films_of(request)
        asked = request.settings
        settings = asked if isinstance(asked, RestoreSettings) else self.sampling_type()
        self.restorer.eval()
        for index, film in enumerate(films):
            yield self._repaired_film(film, settings, part_of(tick, index, len(films)), index)

    def _repaired_film(self, film: Film, settings: RestoreSettings, tick: Tick, index: int) -> Film:
        scale = self.damage.scale
        if film.width * film.height * scale**2 > MAX_PIXELS:
            raise StudioError(
                "The film would become too large",
                f"Frames of {film.width * scale:,} × {film.height * scale:,} pixels have more than"
                f" {MAX_PIXELS // 1_000_000} million.",
                "Make the film smaller first.",
            )

        def frames() -> Iterator[Frame]:
            for place, window in enumerate(windows(film.frames(), self.frames)):
                total = max(film.count, place + 1)
                yield self._repaired_frame(window, settings, part_of(tick, place, total))

        return Film(
            frames,
            film.width * scale,
            film.height * scale,
            film.fps,
            film.count,
            film.sound,
            facts={"input": index},
        )

    @torch.inference_mode()
    def _repaired_frame(self, window: list[Frame], settings: RestoreSettings, tick: Tick) -> Frame:
        """Return the middle frame of a window of frames (H, W, 3), repaired."""
        seen = tensor_of(window)[0].transpose(0, 1).flatten(0, 1)  # (n·3, H, W)
        if self.damage.guide == "level":
            level = settings.noise / self.recipe.noise if settings.noise else UNKNOWN
            seen = torch.cat([seen, torch.full_like(seen[:1], level)])

        def process(tile: Tensor) -> Tensor:
            return self._repaired_tile(tile.to(self.compute.device), settings.strength)

        tiling = self.tiling(settings.tile)
        return frame_of(in_tiles(process, seen, tiling, tick, scale=self.damage.scale))

    def _repaired_tile(self, tile: Tensor, strength: float) -> Tensor:
        """Return the middle frame (1, 3, s·h, s·w) of a tile (1, n·3 (+ 1), h, w), repaired.

        A model of grey clips repairs each colour by itself.
        """
        window, guide = (tile, None) if not self.damage.guide else (tile[:, :-1], tile[:, -1:])
        frames = window.reshape(1, self.frames, 3, *window.shape[2:])
        own = frames[:, self.frames // 2]
        base = own if self.damage.scale == 1 else enlarge(own, self.damage.scale)
        made: Tensor
        with self.compute.precision():
            if self.spec.shape[0] == 3:
                made = self.restorer(window, guide)
            else:
                each = None if guide is None else guide.expand(3, -1, -1, -1)
                made = self.restorer(frames[0].transpose(0, 1), each).transpose(0, 1)
        return base + strength * (made.float() - base)
