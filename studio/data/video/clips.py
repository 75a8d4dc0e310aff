"""Writing moving pictures: MP4, WebM, GIF, WebP or a folder of PNGs, with the recipe inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.errors import StudioError
from studio.core.files import replacing, replacing_folder
from studio.core.media import Clip, Film, Sound
from studio.data.image import files as picture_files
from studio.data.video.clip_encoding import write_gif, write_video, write_webp
from studio.data.video.clip_sound import Samples, check_sound, fitted, looped, samples_in
from studio.data.video.film_clips import at_rate, due, film_pixels
from studio.data.video.film_files import decodable
from studio.data.video.film_reading import FilmReader
from studio.data.video.film_survey import rate_of

#: Formats by suffix; `.png` stands for a folder of pictures that is named without it.
FORMATS = (".mp4", ".webm", ".av1.webm", ".gif", ".webp", ".png")
#: How good clips look where nobody says, 1 … 100.
QUALITY = 80

Frame = npt.NDArray[np.uint8]
#: Called with the number of frames that are written; may raise to end the writing.
Tick = Callable[[int], None]

_BEGINNING = 32  # frames that are looked at when a film is opened
_SMALLEST_SIDE = 128  # players draw tiny clips badly, so they are enlarged by whole factors
_DESCRIPTION = 0x010E  # the EXIF tag ImageDescription


def save_clip(
    media: Clip | Film,
    path: Path,
    recipe: dict[str, Any] | None = None,
    *,
    fps: float = 0.0,
    quality: int = QUALITY,
    tick: Tick | None = None,
    blocks: Iterator[Samples] | None = None,
) -> Path:
    """Write a clip or a film atomically in the format of the path's suffix, frame by frame.

    Args:
        fps: Frames a second, reached by repeating frames or leaving some out; 0 keeps the own.
        quality: From 1, the smallest file, to 100, no loss that is seen.
        tick: Hears of every frame; what it raises leaves nothing behind.
        blocks: Sound that goes along instead of the film's own.

    Returns:
        The path: of a folder without its suffix, for PNGs.

    Raises:
        StudioError: The suffix is none that clips are written in.
    """
    suffix = _format_of(path)
    if suffix not in FORMATS:
        raise StudioError(
            "Not a format for clips",
            f"{path.suffix!r} is not one of {', '.join(FORMATS)}.",
            "Choose MP4 for players, WebM, GIF or WebP for web pages, PNG for single frames.",
        )
    comment = json.dumps(recipe) if recipe else ""
    film = media if isinstance(media, Film) else presentable(media)
    sound: Sound | Path | Iterator[Samples] | None = media.sound if blocks is None else blocks
    path.parent.mkdir(parents=True, exist_ok=True)
    rate = min(fps or film.fps, 50.0) if suffix == ".gif" else fps or film.fps
    frames = _ticking(_retimed(film.frames(), film.fps, rate), tick or (lambda _count: None))
    if suffix == ".png":
        folder = path.with_suffix("")
        with replacing_folder(folder) as temporary:
            _write_pictures(frames, temporary, folder.name, recipe)
        return folder
    with replacing(path) as temporary:
        if suffix == ".gif":
            write_gif(frames, film, rate, temporary, comment)
        elif suffix == ".webp":
            write_webp(frames, film, rate, temporary, comment, quality)
        else:
            write_video(frames, film, rate, temporary, suffix, comment, quality, sound)
    return path


def _format_of(path: Path) -> str:
    """Return the suffix of the format that a file's name asks for."""
    ends = [each for each in FORMATS if path.name.lower().endswith(each)]
    return max(ends, key=len, default=path.suffix.lower())


def presentable(clip: Clip) -> Film:
    """Return a clip as a film, a tiny one enlarged by a whole factor so that its pixels stay."""
    height, width = clip.frames.shape[1:3]
    factor = max(1, _SMALLEST_SIDE // min(height, width))

    def frames() -> Iterator[Frame]:
        for frame in clip.frames:
            colour = frame if frame.shape[-1] == 3 else frame.repeat(3, axis=-1)
            yield colour.repeat(factor, axis=0).repeat(factor, axis=1)

    return Film(frames, width * factor, height * factor, clip.fps, len(clip.frames))


def open_film(path: Path) -> Film:
    """Return a user's film, of which nothing is read until its frames are asked for.

    Its frames come at a constant rate, upright and at the size at which they are shown.

    Raises:
        Rejected: It cannot be read.
    """
    source = decodable(path)
    with FilmReader(source) as reader:
        # whether it is turned only a frame tells; headers of GIFs say nothing of their rate
        times = [time for time, _picture in islice(reader.frames(), _BEGINNING)]
        width, height = reader.width, reader.height
        rate = rate_of(times, reader.rate) if reader.kind == "gif" else reader.rate
        count = round(reader.seconds * rate) or reader.count
        sound = path if reader.has_sound else None

    def frames() -> Iterator[Frame]:
        with FilmReader(source) as again:
            pixels = None
            for picture, times in at_rate(again, rate):
                pixels = pixels or film_pixels(again, width, height)
                frame = np.ascontiguousarray(pixels.of(picture))
                for _repeat in range(times):
                    yield frame

    return Film(frames, width, height, rate, count, sound)


def first_frame(path: Path) -> Frame:
    """Return the first frame of a film, (H, W, 3).

    Raises:
        Rejected: It cannot be read.
    """
    return next(open_film(path).frames())


def with_sound(
    video: Path,
    sound: Path,
    target: Path,
    recipe: dict[str, Any] | None = None,
    *,
    loop: bool = True,
    fade: float = 1.0,
    tick: Tick | None = None,
) -> Path:
    """Write a film with the sound of another file, cut or looped to its length.

    Args:
        video: Any film; its own sound is left out.
        sound: A recording, or a film whose sound is taken.
        target: An MP4 or WebM.
        loop: Begin the sound again where it is shorter; else silence follows it.
        fade: Seconds at the end in which it grows silent.

    Raises:
        Rejected: One of them cannot be read, or `sound` is silent.
        StudioError: The target's suffix is of a format without sound.
    """
    if target.suffix.lower() not in (".mp4", ".webm"):
        raise StudioError(
            "Not a format with sound",
            f"{target.suffix!r} is not one of .mp4, .webm.",
            "Choose MP4, which every player plays.",
        )
    film = open_film(video)
    check_sound(sound)
    count = film.count or sum(1 for _frame in film.frames())
    blocks = looped(lambda: samples_in(sound)) if loop else samples_in(sound)
    heard = fitted(blocks, count / film.fps, fade)
    return save_clip(replace(film, sound=None), target, recipe, blocks=heard, tick=tick)


def read_recipe(path: Path) -> dict[str, Any] | None:
    """Return the recipe in a file or folder that `save_clip` wrote, else None."""
    try:
        if path.is_dir():
            return picture_files.read_recipe(min(path.glob("*.png")))
        if path.suffix.lower() in (".gif", ".webp"):
            with Image.open(path, formats=("GIF", "WEBP")) as image:
                found = image.info.get("comment") or image.getexif().get(_DESCRIPTION)
        else:
            with av.open(str(path), metadata_errors="replace") as container:
                names = {name.lower(): value for name, value in container.metadata.items()}
                found = names.get("comment")
        recipe = json.loads(found) if found else None
    except (OSError, ValueError, SyntaxError, av.FFmpegError):
        return None
    return recipe if isinstance(recipe, dict) else None


def _retimed(frames: Iterator[Frame], fps: float, wanted: float) -> Iterator[Frame]:
    """Yield frames at another rate: each is shown from its time until that of the next."""
    shown = 0
    for number, frame in enumerate(frames, 1):
        times = due(number * wanted / fps) - shown
        for _repeat in range(times):
            yield frame
        shown += max(0, times)


def _ticking(frames: Iterator[Frame], tick: Tick) -> Iterator[Frame]:
    for number, frame in enumerate(frames, 1):
        yield frame
        tick(number)


def _write_pictures(
    frames: Iterator[Frame], folder: Path, name: str, recipe: dict[str, Any] | None
) -> None:
    for number, frame in enumerate(frames, 1):
        known = recipe if number == 1 else None
        picture_files.save(Image.fromarray(frame), folder / f"{name}-{number:05d}.png", known)
