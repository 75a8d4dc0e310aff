"""Pictures: how they are read, brought to training size, augmented, written and shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from studio.core.items import Item
from studio.core.media import Image, Media, Modality
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.entries import read_file, unreadable
from studio.data.findings import Finding
from studio.data.image import files as picture_files
from studio.data.image import rules as picture_rules
from studio.data.image.augment import augment as augmented
from studio.data.image.picture import (
    SUFFIXES,
    encode_jpeg,
    encode_png,
    read_picture,
)
from studio.data.image.preparation import ImagePreparation
from studio.data.modality import ModalityData, Probed

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch

#: Longer side of a thumbnail, in pixels.
THUMBNAIL = 96
#: A larger picture is kept at this shorter side, in pixels: no model here sees more of it.
KEPT_SIDE = 1536

_SHOWN_FORMATS = ("PNG", "JPEG", "BMP", "GIF")  # that every image viewer widget reads
_KEPT_FORMATS = (*_SHOWN_FORMATS, "WEBP", "MPO")
_PROBE_SIDE = 192  # a JPEG is decoded no smaller than this to hash it and make its thumbnail
_SIGNATURE_SIDE = 12
_AUTO_SIZES = (28, 32, 64)


class ImageData(ModalityData):
    """Everything about pictures that is not a network."""

    modality = Modality.IMAGE
    preparation: ClassVar[type[Preparation]] = ImagePreparation
    suffixes = SUFFIXES
    asset_suffix = ".png"
    formats = (".png", ".jpg", ".webp", ".tiff")

    # ------------------------------------------------------------------ taking files in

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a picture file wholly; raises Rejected when it cannot be taken."""
        picture = read_picture(raw, side=_PROBE_SIDE)
        notes = list(picture.notes)
        stored = raw
        if min(picture.width, picture.height) > KEPT_SIDE:
            whole = picture.image
            if min(whole.size) < KEPT_SIDE:  # its decoder left out detail
                whole = read_picture(raw, side=KEPT_SIDE).image
            stored = encode_jpeg(_shorter_side(whole, KEPT_SIDE), quality=92)
            notes.append("reduced")
        elif "animated" in notes or picture.format not in _KEPT_FORMATS:
            stored = encode_png(picture.image)
        small = max(picture.width, picture.height) <= THUMBNAIL
        plain = picture.format in _SHOWN_FORMATS and set(notes) <= {"grey", "palette"}
        return [
            Probed(
                stored=stored,
                thumbnail=b"" if small and plain else _thumbnail(picture.image),
                width=picture.width,
                height=picture.height,
                notes=tuple(notes),
                perceptual=perceptual_hash(picture.image),
            )
        ]

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return small copies, scaled so that 1 apart is an eighth of a picture's own contrast."""
        rows = []
        for raw in stored:
            small = read_picture(raw, side=4 * _SIGNATURE_SIDE).image.convert("RGB")
            side = (_SIGNATURE_SIDE, _SIGNATURE_SIDE)
            pixels = np.asarray(small.resize(side, Pillow.Resampling.BOX), np.float32).ravel()
            # a nearly empty picture is judged by three of 255 levels, not by its noise
            rows.append(pixels / (math.sqrt(len(pixels)) * max(3.0, float(pixels.std()) / 8)))
        return np.stack(rows)

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what is wrong with sizes, shapes and colours."""
        assert isinstance(preparation, ImagePreparation)
        settled = self.settle(preparation, 0, items)
        return picture_rules.examine(items, preparation.model_dump(), _of(settled).size)

    # ------------------------------------------------------------------ what a model sees

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide size and colour where they are left open."""
        preparation = _of(preparation)
        colour = preparation.colour
        if colour == "auto":
            colour = "grey" if all("grey" in item.notes for item in items) else "colour"
        chosen = preparation.size or size or _common_size(items, preparation.part)
        return preparation.model_copy(update={"size": chosen, "colour": colour})

    def compiled(self, preparation: Preparation) -> dict[str, Any]:
        """Return the settings that shape the arrays: augmentation happens later."""
        return preparation.model_dump(
            mode="json", include={"validation_percent", "size", "fit", "colour", "part"}
        )

    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return (C, H, W)."""
        preparation = _of(preparation)
        channels = 1 if preparation.colour == "grey" else 3
        return (channels, preparation.size, preparation.size)

    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.uint8]:
        """Return a stored picture as uint8 (1, C, H, W) at training size."""
        preparation = _of(preparation)
        # twice the size leaves the resampling filter enough to work with
        image = _part(read_picture(stored, side=2 * preparation.size).image, preparation.part)
        image = image.convert("L" if preparation.colour == "grey" else "RGB")
        pixels = np.asarray(_fitted(image, preparation.size, preparation.fit))
        return pixels[None, None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)[None]

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return mean and standard deviation of values in [-1, 1]."""
        values = items.astype(np.float32) / 127.5 - 1
        return {"mean": float(values.mean()), "std": float(values.std())}

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return uint8 pictures (N, C, H, W) as float32 in [-1, 1], augmented when asked."""
        pictures = items.float().mul_(1 / 127.5).sub_(1)
        return augmented(pictures, _of(preparation)) if augment else pictures

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read a user's picture as one row of the model's shape."""
        row: npt.NDArray[np.uint8] = self.prepare_item(
            _read(path), _for_input(preparation, spec), spec.resources
        )[0]
        return row

    def whole(self, path: Path) -> Image:
        """Read a user's picture at its own size, grey or in colour as it is."""
        picture = read_picture(_read(path))
        image = picture.image.convert("L" if "grey" in picture.notes else "RGB")
        pixels = np.asarray(image)
        return Image(pixels[..., None] if pixels.ndim == 2 else pixels)

    def mask(
        self, path: Path, like: Media | None, spec: DataSpec, preparation: Preparation
    ) -> npt.NDArray[np.float32]:
        """Read a picture that is white where another one is to be made anew."""
        if isinstance(like, Image):
            height, width = like.pixels.shape[:2]
            image = read_picture(_read(path)).image.convert("L")
            pixels = np.asarray(image.resize((width, height), Pillow.Resampling.BILINEAR))
        else:
            settled = _for_input(preparation, spec).model_copy(update={"colour": "grey"})
            pixels = self.prepare_item(_read(path), settled, {})[0, 0]
        return (pixels / 255).astype(np.float32)

    # ------------------------------------------------------------------ what a model makes

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn values (N, C, H, W) in [-1, 1] into pictures."""
        import torch

        pixels = tensor.detach().float().add(1).mul(127.5).round_().clamp_(0, 255)
        array = pixels.to(torch.uint8).permute(0, 2, 3, 1).cpu().contiguous().numpy()
        return [Image(row, facts=fact) for row, fact in zip(array, facts, strict=True)]

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a picture in the format of the path's suffix, with its recipe embedded."""
        picture_files.save(as_pillow(media), path, recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe embedded in a picture file."""
        return picture_files.read_recipe(path)

    def thumbnail(self, media: Media) -> bytes:
        """Return a small JPEG; the frames of a strip stand in rows, so that they can be seen."""
        frames = int(media.facts.get("frames", 1))
        if isinstance(media, Image) and frames > 1:
            media = self.sheet([Image(part) for part in np.split(media.pixels, frames, axis=1)])
        return _thumbnail(as_pillow(media))

    def extent(self, media: Media) -> tuple[int, int]:
        """Return width and height in pixels."""
        if not isinstance(media, Image):
            raise TypeError(f"{type(media).__name__} is not a picture")
        return (media.pixels.shape[1], media.pixels.shape[0])

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write the pictures in a tight grid as a PNG."""
        path = path.with_suffix(".png")
        picture_files.save(as_pillow(self.sheet(media)), path, None)
        return path

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return the pictures in a tight grid as a PNG."""
        return encode_png(as_pillow(self.sheet(media, columns)))

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write a picture's file in another format."""
        with Pillow.open(source) as picture:
            plain = picture.convert("L" if picture.mode == "L" else "RGB")
        picture_files.save(plain, target, recipe)

    def sheet(self, media: Sequence[Media], columns: int = 0) -> Image:
        """Return the pictures in a tight grid."""
        return picture_files.sheet(
            [each.pixels for each in media if isinstance(each, Image)], columns
        )


MODALITY = ImageData()


def as_pillow(media: Media) -> Pillow.Image:
    """Return a picture as Pillow's."""
    if not isinstance(media, Image):
        raise TypeError(f"{type(media).__name__} is not a picture")
    return Pillow.fromarray(
        np.ascontiguousarray(
            media.pixels.squeeze(-1) if (media.pixels.shape[-1] == 1) else media.pixels
        )
    )


# The rows of the discrete cosine transform (type II) of 32 values, without the constant one.
_STEP = np.arange(32)
_COSINES = np.cos(np.pi * (2 * _STEP[None] + 1) * _STEP[1:9, None] / 64).astype(np.float32)


def perceptual_hash(image: Pillow.Image) -> int:
    """Return 64 bits that are close for pictures that look alike (pHash, Zauner 2010).

    Each bit tells whether one of the 8 × 8 slowest waves of the grey picture is above the median.
    """
    grey = image.convert("L").resize((32, 32), Pillow.Resampling.BOX)
    waves = (_COSINES @ np.asarray(grey, np.float32) @ _COSINES.T).ravel()
    bits = np.packbits(waves > np.partition(waves, 31)[31])
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def _of(preparation: Preparation) -> ImagePreparation:
    """Return a preparation as that of pictures; the base class stands for all defaults."""
    if isinstance(preparation, ImagePreparation):
        return preparation
    return ImagePreparation.model_validate(preparation.model_dump())


def _read(path: Path) -> bytes:
    """Return a user's file; raises Rejected when it cannot be read."""
    try:
        return read_file(path)
    except OSError as error:
        raise unreadable(error) from error


def _for_input(preparation: Preparation, spec: DataSpec) -> ImagePreparation:
    """Return how a user's own picture is brought to a model's shape: as its items were, whole."""
    colour = "grey" if spec.shape[0] == 1 else "colour"
    update = {"size": spec.shape[1], "colour": colour, "part": "whole"}
    return _of(preparation).model_copy(update=update)


def _common_size(items: Sequence[Item], part: str) -> int:
    """Return the largest usual size that half of the pictures fill."""
    if not items:
        return _AUTO_SIZES[0]
    beside = 1 if part == "whole" else 2
    sides = sorted(min(item.width // beside, item.height) for item in items)
    usual = sides[len(sides) // 2]
    return max((size for size in _AUTO_SIZES if size <= usual), default=_AUTO_SIZES[0])


def _part(image: Pillow.Image, part: str) -> Pillow.Image:
    """Return the whole of a picture, or its left or right half."""
    if part == "whole":
        return image
    middle = image.width // 2
    if not middle:
        return image
    box = (0, 0, middle, image.height)
    return image.crop(box if part == "left" else (image.width - middle, 0, image.width, box[3]))


def _fitted(image: Pillow.Image, size: int, fit: str) -> Pillow.Image:
    """Return a picture as a square of `size`."""
    if image.size == (size, size):
        return image
    if fit == "stretch":
        return _resized(image, (size, size))
    if fit == "crop":
        image = _shorter_side(image, size)
        left, top = (image.width - size) // 2, (image.height - size) // 2
        return image.crop((left, top, left + size, top + size))
    scale = size / max(image.size)
    image = _resized(
        image, (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    )
    across, down = size - image.width, size - image.height
    padding = ((down // 2, down - down // 2), (across // 2, across - across // 2))
    pixels = np.asarray(image)
    padded = np.pad(pixels, (*padding, (0, 0))[: pixels.ndim], mode="edge")
    return Pillow.fromarray(padded)


def _shorter_side(image: Pillow.Image, side: int) -> Pillow.Image:
    """Return a picture scaled so that its shorter side is `side`."""
    scale = side / min(image.size)
    return _resized(
        image, (max(side, round(image.width * scale)), max(side, round(image.height * scale)))
    )


def _resized(image: Pillow.Image, size: tuple[int, int]) -> Pillow.Image:
    """Resample with Lanczos' filter, which antialiases; far larger pictures are averaged first."""
    if image.size == size:
        return image
    return image.resize(size, Pillow.Resampling.LANCZOS, reducing_gap=3.0)


def _thumbnail(image: Pillow.Image) -> bytes:
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Pillow.Resampling.BILINEAR)
    return encode_jpeg(small, quality=80)
