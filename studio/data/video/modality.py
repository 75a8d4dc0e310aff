"""Moving pictures: how films are read, cut into clips of one size, written and shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Part
from studio.core.items import Item
from studio.core.media import Clip, Film, Media, Modality
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.entries import check_file, unreadable
from studio.data.findings import Finding
from studio.data.image.files import sheet
from studio.data.image.modality import perceptual_hash
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.video import rules as video_rules
from studio.data.video.clips import FORMATS, open_film, read_recipe, save_clip
from studio.data.video.film_clips import Shape, clips_of, film_frames
from studio.data.video.film_files import SUFFIXES, decodable, playable
from studio.data.video.film_folders import gathered
from studio.data.video.film_reading import FilmReader
from studio.data.video.film_stills import STILLS, still_clip, still_film
from studio.data.video.film_survey import Survey, signature, signatures, survey
from studio.data.video.pictures import coloured, moments, places, sheet_of, small, strip
from studio.data.video.preparation import VideoPreparation

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Resource of prepared clips: their frames per second.
FPS = "fps"

_AUTO_SIZE = 64
_AUTO_FRAMES = 16
_USUAL_FPS = 12.0  # where nothing is known


class VideoData(ModalityData):
    """Everything about moving pictures that is not a network."""

    modality = Modality.VIDEO
    preparation: ClassVar[type[Preparation]] = VideoPreparation
    suffixes = SUFFIXES
    stills = STILLS
    asset_suffix = ".mp4"
    sheet_items = 16
    formats = FORMATS
    in_memory = 64 << 20
    largest = 16 << 30
    divisible = True

    # ------------------------------------------------------------------ taking files in

    def gathered(self, found: Iterable[Any]) -> Iterable[Any]:
        """Return what is to be read, numbered pictures of a folder as one film."""
        return gathered(found)

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a film wholly; raises Rejected when it cannot be taken."""
        stored = playable(raw)
        return [_probed(stored, survey(stored))]

    def probe_file(
        self, path: Path, name: str, scratch: Path, tick: Callable[[], None]
    ) -> list[Probed]:
        """Read a large film where it lies."""
        return [replace(_probed(b"", survey(path, tick)), file=path)]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return how films look and move at their beginning, as vectors."""
        return signatures(stored)

    def signature_of(self, part: Part) -> npt.NDArray[np.float32]:
        """Return how a large film looks and moves at its beginning."""
        return signature(part)

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what is wrong with lengths, rates, sizes and motion."""
        settled = _of(self.settle(preparation, 0, items))
        return video_rules.examine(items, settled, settled.fit)

    # ------------------------------------------------------------------ what a model sees

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide size, length and frame rate where they are left open."""
        preparation = _of(preparation)
        return preparation.model_copy(
            update={
                "size": preparation.size or size or _AUTO_SIZE,
                "frames": preparation.frames or _AUTO_FRAMES,
                "fps": preparation.fps or video_rules.common_fps(items),
            }
        )

    def compiled(self, preparation: Preparation) -> dict[str, Any]:
        """Return the settings that shape the arrays: augmentation happens later."""
        return preparation.model_dump(mode="json", exclude={"mirror", "backwards"})

    def divides(self, items: Sequence[Item], preparation: Preparation) -> bool:
        """Tell whether the end that is held out of each film is long enough for a clip."""
        settled = _of(preparation)
        held_out = settled.validation_percent / 100
        lengths = [video_rules.frames_at(item, settled.fps) for item in items]
        return bool(lengths) and held_out * min(lengths) >= settled.frames

    def learn(self, stored: Iterable[bytes], preparation: Preparation) -> dict[str, str]:
        """Return the frame rate that clips are in."""
        fps = _of(preparation).fps
        for raw in () if fps else stored:
            with FilmReader(raw) as reader:
                fps = reader.rate
            break
        return {FPS: f"{fps or _USUAL_FPS:.6g}"}

    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return (T, H, W, C)."""
        preparation = _of(preparation)
        channels = 1 if preparation.colour == "grey" else 3
        return (preparation.frames, preparation.size, preparation.size, channels)

    def seen_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return (C, T, H, W)."""
        frames, height, width, channels = self.item_shape(preparation)
        return (channels, frames, height, width)

    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.uint8]:
        """Return a film as clips (rows, T, H, W, C)."""
        return _clips(stored, _of(preparation), resources, span)

    def prepare_part(
        self,
        part: Part,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.uint8]:
        """Return a large film as clips, read where it lies."""
        return _clips(part, _of(preparation), resources, span)

    def no_rows(self, items: Sequence[Item], preparation: Preparation) -> tuple[str, str]:
        """Say that the films are too short for a clip, or that nothing moves in them."""
        settled = _of(preparation)
        longest = max(video_rules.frames_at(item, settled.fps) for item in items)
        if longest >= settled.frames:
            what = f"No film has {settled.frames} frames without a cut in which something moves."
            off = "Turn off *Leave out still clips* or *Split at cuts* on the Data page"
            return what, f"{off}, choose fewer frames, or import other films."
        rate = f"{settled.frames} frames at {settled.fps:g} a second"
        fewer = f"Choose at most {max(2, longest)} frames on the Data page"
        return (
            f"A clip has {rate}; the longest film has {longest}.",
            f"{fewer}, or import longer films.",
        )

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return frame rate, mean and deviation of values in -1 … 1, and how much moves."""
        total = squares = moved = 0.0
        for clip in items:  # one at a time: as floats all would need many times their room
            values = clip.ravel().astype(np.float32)
            values -= 127.5
            total += float(values.sum())
            squares += float(values @ values)
            one, other = clip[:-1], clip[1:]
            apart = np.maximum(one, other) - np.minimum(one, other)
            moved += float(apart.sum(dtype=np.uint32)) / max(1, apart.size)
        mean, square = total / max(1, items.size), squares / max(1, items.size)
        return {
            "fps": float(resources[FPS]),
            "mean": mean / 127.5,
            "std": math.sqrt(max(0.0, square - mean * mean)) / 127.5,
            "motion": moved / max(1, len(items)) / 127.5,
        }

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return clips as float32 (N, C, T, H, W) in -1 … 1, augmented when asked."""
        preparation = _of(preparation)
        if augment and preparation.mirror:
            items = _some(items, items.flip(3))
        if augment and preparation.backwards:
            items = _some(items, items.flip(1))
        return items.permute(0, 4, 1, 2, 3).float().mul_(1 / 127.5).sub_(1)

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read the beginning of a user's film, or a picture, as one clip of the model's shape."""
        channels, frames, size, _width = spec.shape
        update = {"size": size, "frames": frames, "colour": "grey" if channels == 1 else "colour"}
        shape = _shape(_of(preparation).model_copy(update=update), spec.resources)
        if (clip := still_clip(_checked(path), shape)) is not None:
            return clip
        row = film_frames(decodable(_checked(path)), shape, most=frames)[:frames]
        if len(row) < frames:
            raise Rejected(
                "too-short",
                f"The model sees {frames} frames at once, at {shape.fps:g} a second; this has"
                f" {len(row)}.",
                "Choose a longer film.",
            )
        return row

    def whole(self, path: Path) -> Film:
        """Open a user's film, to be read frame by frame; a picture is a film of one frame."""
        return still_film(_checked(path)) or open_film(path)

    # ------------------------------------------------------------------ what a model makes

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn values (N, C, any number of frames, H, W) in -1 … 1 into clips."""
        import torch

        pixels = tensor.detach().float().add(1).mul(127.5).round_().clamp_(0, 255)
        array = pixels.to(torch.uint8).permute(0, 2, 3, 4, 1).cpu().contiguous().numpy()
        fps = float(spec.resources[FPS])
        return [Clip(row, fps, facts=fact) for row, fact in zip(array, facts, strict=True)]

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a clip or a film in the format of the path's suffix, with its recipe inside."""
        save_clip(as_moving(media), path, recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe in a file that `save` wrote."""
        return read_recipe(path)

    def thumbnail(self, media: Media) -> bytes:
        """Return a few frames side by side, as a strip that grids play."""
        if isinstance(media, Film):  # its beginning: what follows may take minutes to make
            return strip([small(frame) for frame in islice(media.frames(), 1)])
        frames = as_clip(media).frames
        return strip([small(frames[place]) for place in places(len(frames))])

    def extent(self, media: Media) -> tuple[int, int]:
        """Return width and height in pixels."""
        if isinstance(media, Film):
            return media.width, media.height
        height, width = as_clip(media).frames.shape[1:3]
        return width, height

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the clips side by side in a grid as one MP4."""
        path = path.with_suffix(".mp4")
        save_clip(sheet_of([as_clip(each) for each in media]), path)
        return path

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return a few moments of the clips in a grid, as a strip."""
        few = [moments(each) for each in map(as_moving, media)]
        return strip([coloured(sheet(frames, columns).pixels) for frames in zip(*few, strict=True)])

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write a clip's file in another format."""
        save_clip(open_film(source), target, recipe)


MODALITY = VideoData()


def as_clip(media: Media) -> Clip:
    """Return a medium as the clip that it is."""
    if not isinstance(media, Clip):
        raise TypeError(f"{type(media).__name__} is not a clip")
    return media


def as_moving(media: Media) -> Clip | Film:
    """Return a medium as the clip or the film that it is."""
    return media if isinstance(media, Film) else as_clip(media)


def _of(preparation: Preparation) -> VideoPreparation:
    """Return a preparation as that of films; the base class stands for all defaults."""
    if isinstance(preparation, VideoPreparation):
        return preparation
    return VideoPreparation.model_validate(preparation.model_dump())


def _shape(preparation: VideoPreparation, resources: Mapping[str, str]) -> Shape:
    """Return what clips are brought to."""
    return Shape(
        frames=preparation.frames,
        size=preparation.size,
        channels=1 if preparation.colour == "grey" else 3,
        fps=float(resources[FPS]),
        fit=preparation.fit,
    )


def _clips(
    source: bytes | Part,
    preparation: VideoPreparation,
    resources: Mapping[str, str],
    span: tuple[float, float],
) -> npt.NDArray[np.uint8]:
    """Return the wanted part of a film as clips (rows, T, H, W, C)."""
    frames = film_frames(source, _shape(preparation, resources))
    first, last = (round(part * len(frames)) for part in span)
    return clips_of(
        frames[first:last],
        preparation.frames,
        overlap=preparation.overlap / 100,
        cuts=preparation.cuts,
        still=preparation.still,
    )


def _probed(stored: bytes, found: Survey) -> Probed:
    short = ("short",) if found.frames < _AUTO_FRAMES else ()
    return Probed(
        stored=stored,
        thumbnail=found.thumbnail,
        width=found.width,
        height=found.height,
        notes=(*video_rules.measured(found.frames, found.fps), *short, *found.notes),
        perceptual=perceptual_hash(found.typical),
    )


def _checked(path: Path) -> Path:
    """Return a user's file; raises Rejected when it is no file, empty or too large."""
    try:
        check_file(path, VideoData.largest)
    except OSError as error:
        raise unreadable(error) from error
    return path


def _some(items: torch.Tensor, changed: torch.Tensor) -> torch.Tensor:
    """Return items, half of them, drawn by chance, as they were changed."""
    import torch

    chosen = torch.rand(len(items), device=items.device) < 0.5
    return torch.where(chosen.view(-1, *[1] * (items.ndim - 1)), changed, items)
