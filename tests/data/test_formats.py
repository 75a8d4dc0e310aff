"""Every kind of picture file comes out plain, upright and described."""

from __future__ import annotations

import io

import numpy as np
import pytest
from made import encoded, noise
from PIL import Image

from studio.data.image.picture import read_picture
from studio.data.modality import Rejected, modality_data

DATA = modality_data("image")


def notes(raw: bytes) -> set[str]:
    (probed,) = DATA.probe(raw, "x")
    return set(probed.notes)


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "QOI"]
)
def test_common_formats(kind: str) -> None:
    image = noise(1, 40, 30)
    raw = encoded(image, kind)
    (probed,) = DATA.probe(raw, f"x.{kind.lower()}")
    assert (probed.width, probed.height) == (40, 30)
    decoded = np.asarray(read_picture(probed.stored).image.convert("RGB"), int)
    assert abs(decoded - np.asarray(image, int)).mean() < 25  # GIF and JPEG lose a little


def test_grey_files_and_grey_content() -> None:
    assert notes(encoded(noise(1, grey=True))) == {"grey"}
    assert notes(encoded(noise(1, grey=True).convert("RGB"), "JPEG")) == {"grey"}
    assert notes(encoded(noise(1).convert("1"))) == {"grey"}
    assert notes(encoded(noise(1))) == set()


def test_palette_with_transparency_lies_on_white() -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([0, 0, 0, 200, 30, 30])
    image.paste(1, (0, 0, 8, 16))
    raw = encoded(image, transparency=0)
    assert notes(raw) == {"palette", "transparent"}
    pixels = np.asarray(read_picture(raw).image)
    assert pixels[0, 15].tolist() == [255, 255, 255]
    assert pixels[0, 0].tolist() == [200, 30, 30]


def test_half_transparent_pixels_are_mixed_with_white() -> None:
    raw = encoded(Image.new("RGBA", (16, 16), (255, 0, 0, 128)))
    assert notes(raw) == {"transparent"}
    assert np.asarray(read_picture(raw).image)[0, 0].tolist() == [255, 127, 127]
    assert notes(encoded(noise(1).convert("RGBA"))) == set()  # a layer that hides nothing


def test_cmyk_jpeg() -> None:
    raw = encoded(Image.new("RGB", (16, 16), (250, 10, 10)).convert("CMYK"), "JPEG")
    assert notes(raw) == {"cmyk"}
    red, green, blue = np.asarray(read_picture(raw).image)[5, 5].tolist()
    assert red > 200
    assert max(green, blue) < 60


def test_sixteen_bits_are_scaled_not_cut() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    raw = encoded(Image.fromarray(ramp))
    assert notes(raw) == {"16-bit", "grey"}
    assert np.asarray(read_picture(raw).image).ravel().tolist() == list(range(256))


def test_exif_rotation_is_applied() -> None:
    image = Image.new("RGB", (32, 16), "blue")
    image.paste((255, 0, 0), (0, 0, 8, 16))  # the left quarter is red
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    (probed,) = DATA.probe(encoded(image, "JPEG", exif=exif, quality=95), "x.jpg")
    assert (probed.width, probed.height) == (16, 32)
    assert "rotated" in probed.notes
    upright = np.asarray(read_picture(probed.stored).image)
    assert upright[2, 8, 0] > 200  # the left side is now on top
    assert upright[30, 8, 2] > 200


def test_of_an_animation_the_first_frame_is_taken() -> None:
    first, second = noise(1), noise(2)
    for kind in ("GIF", "PNG", "WEBP"):
        raw = encoded(first, kind, save_all=True, append_images=[second], duration=100)
        (probed,) = DATA.probe(raw, "x")
        assert "animated" in probed.notes
        stored = Image.open(io.BytesIO(probed.stored))
        assert not getattr(stored, "is_animated", False)
        assert abs(np.asarray(stored.convert("RGB"), int) - np.asarray(first, int)).mean() < 25


def test_a_large_photograph_is_kept_smaller() -> None:
    (probed,) = DATA.probe(encoded(noise(3, 2400, 1800), "JPEG"), "x.jpg")
    assert (probed.width, probed.height) == (2400, 1800)
    assert "reduced" in probed.notes
    assert min(Image.open(io.BytesIO(probed.stored)).size) == 1536
    assert max(Image.open(io.BytesIO(probed.thumbnail)).size) == 96


def test_a_small_plain_picture_is_its_own_thumbnail() -> None:
    assert DATA.probe(encoded(noise(1)), "x")[0].thumbnail == b""
    assert DATA.probe(encoded(noise(1, 200, 100)), "x")[0].thumbnail


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_cut_off_files_are_rejected(kind: str, share: float) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    raw = encoded(Image.fromarray(pixels), kind)
    with pytest.raises(Rejected) as caught:
        DATA.probe(raw[: int(len(raw) * share)], "x")
    assert caught.value.reason in ("truncated", "damaged", "not-a-picture")
    assert caught.value.suggestion


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"hello, I am a text", "not-a-picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not-a-picture"),
        (encoded(Image.new("RGB", (7, 100))), "too-small"),
        (encoded(Image.new("1", (30_000, 30_000))), "too-large"),
    ],
)
def test_what_cannot_be_taken_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        DATA.probe(raw, "x.png")
    assert caught.value.reason == reason
    assert caught.value.message
    assert caught.value.suggestion


def test_perceptual_hash_survives_another_format_and_size() -> None:
    first = DATA.probe(encoded(noise(5, 200, 200)), "x")[0].perceptual
    again = DATA.probe(encoded(noise(5, 120, 120), "JPEG", quality=70), "x")[0].perceptual
    other = DATA.probe(encoded(noise(6, 200, 200)), "x")[0].perceptual
    unsigned = 2**64 - 1
    assert ((first ^ again) & unsigned).bit_count() <= 4
    assert ((first ^ other) & unsigned).bit_count() > 10
