"""From the bytes of any picture file to plain grey or sRGB pixels, safely.

"Plain" means: 8 bits a channel, one or three channels, upright, no transparency, one frame.
"""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from studio.data.modality import Rejected

#: Raster formats whose decoders Pillow brings itself; EPS and others would run other programs.
#: The multi-picture files of cameras (MPO) are opened as JPEG.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "QOI")
SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".gif", ".bmp", ".dib"}
    | {".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".qoi"}
)

#: Pixels of the largest picture that is decoded; just below Pillow's own first warning.
MAX_PIXELS = 89_000_000
#: Shorter side of the smallest picture that is taken, in pixels.
MIN_SIDE = 8

#: Grey means that no channel differs by more than this, which JPEG can cause.
_GREY_TOLERANCE = 6


Image.init()  # loads Pillow's plugins here, since threads that do it at once can miss some


class Picture(NamedTuple):
    """A decoded picture.

    Attributes:
        image: Plain pixels, mode L or RGB; smaller than the file's when that was asked for.
        width, height: Size of the whole picture, upright, in pixels.
        notes: What is special about the file.
        format: Pillow's name of the file format.
    """

    image: Image.Image
    width: int
    height: int
    notes: tuple[str, ...]
    format: str


def read_picture(raw: bytes, side: int = 0) -> Picture:
    """Decode a file wholly, so that a damaged one is found out.

    Args:
        raw: The file's bytes.
        side: With a value, a JPEG may come back smaller, but not below this shorter side: its
            decoder then leaves out detail, which is several times faster.

    Raises:
        Rejected: The file cannot be taken.
    """
    source = _open(raw)
    try:
        return _decode(source, side)
    except Rejected:
        raise
    except MemoryError as error:
        raise _too_large() from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large() from error
    except Exception as error:  # decoders answer hostile bytes with every kind of error
        raise _damaged(error) from error


def encode_png(image: Image.Image) -> bytes:
    """Return pixels as a PNG file, packed quickly rather than tightly."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def encode_jpeg(image: Image.Image, quality: int) -> bytes:
    """Return pixels as a JPEG file with full colour resolution."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _open(raw: bytes) -> Image.Image:
    """Read the header only and check the size that it claims."""
    if not raw:
        raise Rejected("empty", "The file has no content.", "Copy it again from where it came.")
    try:
        source = Image.open(io.BytesIO(raw), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise Rejected(
            "not-a-picture",
            "The content is no picture, or of a kind that is not read here.",
            "Save it as PNG or JPEG, or leave it out.",
        ) from error
    except Exception as error:  # as above
        raise _damaged(error) from error
    if source.width * source.height > MAX_PIXELS:
        raise _too_large()
    if min(source.size) < MIN_SIDE:
        raise Rejected(
            "too-small",
            f"The picture has {source.width} × {source.height} pixels.",
            f"Use pictures of at least {MIN_SIDE} × {MIN_SIDE} pixels.",
        )
    return source


def _decode(source: Image.Image, side: int) -> Picture:
    notes = []
    whole = source.size
    kind = source.format or ""
    if getattr(source, "is_animated", False) and kind != "MPO":
        source.seek(0)
        notes.append("animated")
    if _has_16_bits(source):
        notes.append("16-bit")
    if source.mode == "CMYK":
        notes.append("cmyk")
    if source.mode == "P":
        notes.append("palette")
    if side and kind in ("JPEG", "MPO") and source.mode in ("L", "RGB"):
        source.draft(source.mode, (side, side))
    source.load()
    orientation = _orientation(source)
    image, transparent = _plain(source)
    if transparent:
        notes.append("transparent")
    if orientation != 1:
        notes.append("rotated")
        image = ImageOps.exif_transpose(_with_orientation(image, orientation))
        if orientation >= 5:  # the sides change places
            whole = (whole[1], whole[0])
    if is_grey(image):
        notes.append("grey")
        image = image.convert("L")
    width, height = whole
    return Picture(image, width, height, tuple(notes), kind)


def is_grey(image: Image.Image) -> bool:
    """Tell whether a plain picture shows no colour."""
    if image.mode == "L":
        return True
    red, green, blue = image.reduce(max(1, min(image.size) // 64)).split()
    return all(
        int(np.asarray(ImageChops.difference(green, other)).max()) <= _GREY_TOLERANCE
        for other in (red, blue)
    )


def _plain(image: Image.Image) -> tuple[Image.Image, bool]:
    """Return 8-bit L or RGB pixels on white, and whether anything was transparent."""
    if image.mode in ("L", "RGB"):
        if "transparency" not in image.info:
            return image, False
        image = image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L"), False
    if image.mode.startswith(("I", "F")):
        return _from_deep(image), False
    if image.mode in ("P", "PA", "LA", "La", "RGBa", "RGBA"):
        layered = image.convert("RGBA")
        if layered.getchannel("A").getextrema() == (255, 255):
            return layered.convert("RGB"), False
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB"), True
    return image.convert("RGB"), False


def _from_deep(image: Image.Image) -> Image.Image:
    """Return 16-bit, 32-bit and floating-point grey values as 8 bits."""
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16") or (image.mode == "I" and low >= 0 and 255 < high < 65536):
        values /= 257  # 65535 becomes 255
    elif not (low >= 0 and 1 < high <= 255):  # no common range: spread over all that occurs
        values = (values - low) * (255 / (high - low or 1))
    return Image.fromarray(values.round().astype(np.uint8))


def _has_16_bits(image: Image.Image) -> bool:
    if image.mode.startswith(("I", "F")):
        return True
    tiles = getattr(image, "tile", [])
    return any(";16" in str(tile[3]) for tile in tiles)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; damaged notes count as none."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - broken EXIF raises anything, and the pixels are good
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _with_orientation(image: Image.Image, orientation: int) -> Image.Image:
    image = image.copy()
    image.getexif()[0x0112] = orientation
    return image


def _too_large() -> Rejected:
    return Rejected(
        "too-large",
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.",
        "Save a smaller version of it.",
    )


def _damaged(error: Exception) -> Rejected:
    detail = str(error).lower()
    if "truncated" in detail or isinstance(error, EOFError):
        return Rejected(
            "truncated",
            "The file is cut off: a part of the picture is missing.",
            "Copy or download it again.",
        )
    return Rejected(
        "damaged",
        "The file begins like a picture, but its content makes no sense.",
        "Open and save it again with a picture program.",
    )
