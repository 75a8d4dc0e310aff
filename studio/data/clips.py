"""Writing moving pictures: MP4, GIF and WebP by suffix, with the recipe in the comment."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.core.files import replacing
from studio.core.media import Clip

CLIP_SUFFIXES = (".mp4", ".gif", ".webp")
_SMALLEST_SIDE = 128  # players draw tiny clips badly, so they are enlarged by whole factors


def save_clip(clip: Clip, path: Path, recipe: dict[str, Any] | None = None) -> None:
    """Write a clip atomically in the format of the path's suffix.

    Raises:
        StudioError: The suffix is none that clips are written in.
    """
    if path.suffix not in CLIP_SUFFIXES:
        raise StudioError(
            "Not a format for clips",
            f"{path.suffix!r} is not one of {', '.join(CLIP_SUFFIXES)}.",
            "Choose MP4 for players, GIF or WebP for web pages.",
        )
    comment = json.dumps(recipe, ensure_ascii=False) if recipe else ""
    frames = _presentable(clip.frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        if path.suffix == ".mp4":
            _write_mp4(frames, clip.fps, temporary, comment)
        else:
            _write_animation(frames, clip.fps, temporary, path.suffix[1:], comment)


def _presentable(frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return RGB frames of even sides, small ones enlarged by a whole factor."""
    if frames.shape[-1] == 1:
        frames = np.repeat(frames, 3, axis=-1)
    factor = max(1, _SMALLEST_SIDE // min(frames.shape[1:3]))
    frames = frames.repeat(factor, axis=1).repeat(factor, axis=2)
    height, width = (side - side % 2 for side in frames.shape[1:3])
    return np.ascontiguousarray(frames[:, :height, :width])


def _write_mp4(frames: npt.NDArray[np.uint8], fps: float, path: Path, comment: str) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = comment
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "16"}
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def _write_animation(
    frames: npt.NDArray[np.uint8], fps: float, path: Path, kind: str, comment: str
) -> None:
    first, *rest = [Image.fromarray(pixels) for pixels in frames]
    extra: dict[str, Any] = {"lossless": True} if kind == "webp" else {"comment": comment.encode()}
    if kind == "webp" and comment:
        exif = Image.Exif()
        exif[0x010E] = comment  # ImageDescription
        extra["exif"] = exif
    first.save(
        path,
        kind,
        save_all=True,
        append_images=rest,
        duration=round(1000 / fps),
        loop=0,
        **extra,
    )
