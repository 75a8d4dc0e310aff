"""Thumbnails: what a grid can tell of the bytes alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from studio.core.thumbnails import (
    preview_content,
    preview_name,
    read_preview,
    strip_comment,
    strip_frames,
    text_thumbnail,
)


def jpeg(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 8), "red").save(buffer, "JPEG", **options)
    return buffer.getvalue()


def test_a_strip_says_how_many_frames_stand_in_it() -> None:
    assert strip_frames(jpeg(comment=strip_comment(8))) == 8
    assert strip_frames(jpeg(comment=strip_comment(12))) == 12


def test_other_thumbnails_are_one_picture() -> None:
    assert strip_frames(jpeg()) == 1
    assert strip_frames(jpeg(comment=b"studio strip many")) == 1
    assert strip_frames(text_thumbnail("studio strip 8")) == 1
    assert strip_frames(b"") == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("preview.png", b"\x89PNG and so on"),
        ("preview.jpg", jpeg(comment=strip_comment(8))),
        ("preview.txt", text_thumbnail("Once upon a time")),
    ],
)
def test_a_preview_is_read_as_it_was_written(name: str, data: bytes, tmp_path: Path) -> None:
    assert preview_name(data) == name
    (tmp_path / name).write_bytes(preview_content(data))
    assert read_preview(tmp_path) == data
