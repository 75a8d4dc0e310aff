"""Moving pictures: how films are read, cut into clips of one size, written and shown."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from studio.core.items import Item
from studio.core.media import Clip, Film, Media, Modality
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.clips import save_clip
from studio.data.entries import read_file, unreadable
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.picture import encode_png
from studio.data.picture_files import sheet
from studio.data.video_pictures import places, small, strip
from studio.data.video_preparation import VideoPreparation

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Resource of prepared clips: their frames per second.
FPS = "fps"

_AUTO_SIZE = 64
_AUTO_FRAMES = 16


class VideoData(ModalityData):
    """Everything about moving pictures that is not a network."""

    modality = Modality.VIDEO
    preparation: ClassVar[type[Preparation]] = VideoPreparation
    suffixes = frozenset({".mp4", ".mov", ".webm", ".avi", ".mkv", ".m4v"})
    asset_suffix = ".mp4"
    sheet_items = 16
    formats = (".mp4", ".webm", ".gif", ".webp")

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a film wholly; raises Rejected when it cannot be taken."""
        clip = _decoded(raw)
        height, width = clip.frames.shape[1:3]
        return [Probed(raw, self.thumbnail(clip), width, height, (), 0)]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return a vector per film."""
        return np.arange(len(stored), dtype=np.float32)[:, None] * 10

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide size and length where they are left open."""
        preparation = _of(preparation)
        return preparation.model_copy(
            update={
                "size": preparation.size or size or _AUTO_SIZE,
                "frames": preparation.frames or _AUTO_FRAMES,
            }
        )

    def learn(self, stored: Any, preparation: Preparation) -> dict[str, str]:
        """Return the frame rate that clips are in."""
        for raw in stored:
            return {FPS: str(_of(preparation).fps or _decoded(raw).fps)}
        return {FPS: "12"}

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
        preparation = _of(preparation)
        length, size, _width, channels = self.item_shape(preparation)
        mode = "L" if channels == 1 else "RGB"
        frames = []
        for pixels in _decoded(stored).frames:
            image = Pillow.fromarray(pixels).convert(mode)
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            image = image.crop((left, top, left + side, top + side)).resize((size, size))
            frames.append(np.asarray(image).reshape(size, size, channels))
        stride = max(1, round(length * (1 - preparation.overlap / 100)))
        starts = list(range(0, len(frames) - length + 1, stride))
        rows = [np.stack(frames[start : start + length]) for start in starts]
        return np.stack(rows) if rows else np.zeros((0, *self.item_shape(preparation)), np.uint8)

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return frame rate, mean and deviation of values in -1 … 1, and how much moves."""
        values = items.astype(np.float32) / 127.5 - 1
        moves = np.abs(np.diff(values, axis=1)).mean() if values.size else 0.0
        return {
            "fps": float(resources[FPS]),
            "mean": float(values.mean()) if values.size else 0.0,
            "std": float(values.std()) if values.size else 0.0,
            "motion": float(moves),
        }

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return clips as float32 (N, C, T, H, W) in -1 … 1."""
        return items.float().mul_(1 / 127.5).sub_(1).permute(0, 4, 1, 2, 3).contiguous()

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read the beginning of a user's film as one clip of the model's shape."""
        channels, frames, size, _width = spec.shape
        settled = _of(preparation).model_copy(
            update={
                "size": size,
                "frames": frames,
                "colour": "grey" if channels == 1 else "colour",
            }
        )
        rows = self.prepare_item(_read(path), settled, spec.resources)
        if not len(rows):
            raise Rejected(
                "too-short",
                f"The model sees {frames} frames at once; this has fewer.",
                "Choose a longer film.",
            )
        first: npt.NDArray[Any] = rows[0]
        return first

    def whole(self, path: Path) -> Film:
        """Open a user's film, to be read frame by frame."""
        clip = _decoded(_read(path))
        height, width = clip.frames.shape[1:3]
        return Film(
            frames=lambda: iter(clip.frames),
            width=width,
            height=height,
            fps=clip.fps,
            count=len(clip.frames),
            sound=path,
        )

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
        """Write a clip in the format of the path's suffix, with its recipe in the comment."""
        save_clip(as_clip(media), path, recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe in a file that `save` wrote."""
        import json

        import av

        try:
            with av.open(str(path)) as container:
                found: dict[str, Any] = json.loads(container.metadata.get("comment", ""))
                return found
        except (OSError, ValueError, av.FFmpegError):
            return None

    def thumbnail(self, media: Media) -> bytes:
        """Return a few frames side by side, as a strip that grids play."""
        frames = as_clip(media).frames
        return strip([small(frames[place]) for place in places(len(frames))])

    def extent(self, media: Media) -> tuple[int, int]:
        """Return width and height in pixels."""
        height, width = as_clip(media).frames.shape[1:3]
        return width, height

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the clips side by side in a grid as one clip."""
        clips = [as_clip(each) for each in media]
        columns = max(1, round(len(clips) ** 0.5))
        empty = np.zeros_like(clips[0].frames)
        rows = []
        for start in range(0, len(clips), columns):
            row = [each.frames for each in clips[start : start + columns]]
            rows.append(np.concatenate([*row, *[empty] * (columns - len(row))], axis=2))
        path = path.with_suffix(".mp4")
        save_clip(Clip(np.concatenate(rows, axis=1), clips[0].fps), path)
        return path

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return the first frames of the clips in a grid, as a PNG."""
        firsts = [as_clip(each).frames[0] for each in media]
        return encode_png(Pillow.fromarray(sheet(firsts, columns).pixels.squeeze()))


MODALITY = VideoData()


def as_clip(media: Media) -> Clip:
    """Return a medium as the clip that it is."""
    if not isinstance(media, Clip):
        raise TypeError(f"{type(media).__name__} is not a clip")
    return media


def _of(preparation: Preparation) -> VideoPreparation:
    """Return a preparation as that of films; the base class stands for all defaults."""
    if isinstance(preparation, VideoPreparation):
        return preparation
    return VideoPreparation.model_validate(preparation.model_dump())


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise unreadable(error) from error


def _decoded(raw: bytes) -> Clip:
    import av

    try:
        with av.open(io.BytesIO(raw), "r") as container:
            stream = container.streams.video[0]
            fps = float(stream.average_rate or 12)
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    except (OSError, ValueError, IndexError, av.FFmpegError) as error:
        raise Rejected("corrupt", "It cannot be played.", "Save it again as MP4.") from error
    if not frames:
        raise Rejected("empty", "There is no frame in it.", "Save it again as MP4.")
    return Clip(np.stack(frames), fps)
