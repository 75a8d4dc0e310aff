"""What a VirtualGrid shows, and the pictures that it has decoded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPixmap

from studio.core.thumbnails import strip_frames, thumbnail_text
from studio.ui.widgets.text_page import text_page


class GridSource:
    """The things of a grid, by their place. Subclass it; every method is called while painting.

    `thumbnail` should take well below a millisecond: read it from a pack, make nothing.
    """

    def count(self) -> int:
        """Return how many things there are."""
        raise NotImplementedError

    def key(self, index: int) -> Hashable:
        """Return what names a thing wherever it stands, such as its id."""
        raise NotImplementedError

    def all_keys(self) -> list[Hashable]:
        """Return all keys in their order; a source that holds them hands them over."""
        return [self.key(index) for index in range(self.count())]

    def thumbnail(self, index: int) -> bytes:
        """Return its thumbnail as `core/thumbnails.py` says; empty when there is none."""
        raise NotImplementedError

    def caption(self, index: int) -> str:
        """Return the words below its picture, and its name for screen readers."""
        return ""

    def badge(self, index: int) -> str:
        """Return a few letters at the right of the caption, such as stars."""
        return ""

    def dimmed(self, index: int) -> bool:
        """Return whether it is shown pale, as what was left out."""
        return False


class EmptySource(GridSource):
    """Nothing."""

    def count(self) -> int:
        """Return 0."""
        return 0


class PictureCache:
    """Decoded thumbnails, the ones not seen for longest forgotten first.

    Pictures are kept at the size at which they are drawn, so that drawing is a copy.
    """

    def __init__(self, limit: int = 96 << 20) -> None:
        """Make an empty cache of at most `limit` bytes of pixels."""
        self._limit = limit
        self._bytes = 0
        self._pictures: OrderedDict[Hashable, tuple[QSize, QPixmap]] = OrderedDict()

    def get(self, key: Hashable) -> tuple[QSize, QPixmap] | None:
        """Return (cell size for which it was decoded, picture), None when it is not there."""
        found = self._pictures.get(key)
        if found is not None:
            self._pictures.move_to_end(key)
        return found

    def add(self, key: Hashable, cell: QSize, picture: QPixmap) -> None:
        """Keep a picture."""
        self.forget(key)
        self._pictures[key] = (cell, picture)
        self._bytes += _weight(picture)
        while self._bytes > self._limit and len(self._pictures) > 1:
            _, (_, old) = self._pictures.popitem(last=False)
            self._bytes -= _weight(old)

    def forget(self, key: Hashable) -> None:
        """Drop one picture."""
        found = self._pictures.pop(key, None)
        if found is not None:
            self._bytes -= _weight(found[1])

    def clear(self) -> None:
        """Drop all pictures."""
        self._pictures.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._pictures)


def decode(data: bytes, cell: QSize, ratio: float, *, crop: bool) -> QPixmap:
    """Return a thumbnail as a picture for a cell: texts as a page, of a strip its first frame.

    Args:
        data: As `core/thumbnails.py` says; what cannot be read gives an empty picture.
        cell: Room for it in logical pixels.
        ratio: Device pixels per logical pixel.
        crop: Fill the cell and cut what stands out; else show all of it.
    """
    text = thumbnail_text(data)
    if text is not None:
        return text_page(text, cell, ratio)
    buffer = _buffer(data)
    reader = QImageReader(buffer)
    frames = strip_frames(data)
    if frames > 1:
        reader.setClipRect(QRect(0, 0, reader.size().width() // frames, reader.size().height()))
    size = reader.size()
    if frames == 1 and size.isValid() and size.width() > 2 * cell.width() * ratio:
        # JPEG decodes smaller for less
        reader.setScaledSize(size.scaled(cell * ratio, _mode(crop=crop)))
    return _drawn(reader.read(), cell, ratio, crop=crop)


def decode_strip(data: bytes, cell: QSize, ratio: float, *, crop: bool) -> list[QPixmap]:
    """Return all frames of a strip as pictures for a cell; see `decode`."""
    frames = strip_frames(data)
    buffer = _buffer(data)
    whole = QImageReader(buffer).read()
    if whole.isNull():
        return []
    width = whole.width() // frames
    return [
        _drawn(whole.copy(place * width, 0, width, whole.height()), cell, ratio, crop=crop)
        for place in range(frames)
    ]


def _buffer(data: bytes) -> QBuffer:
    """Return an open buffer; it must outlive its reader."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return buffer


def _mode(*, crop: bool) -> Qt.AspectRatioMode:
    by = Qt.AspectRatioMode
    return by.KeepAspectRatioByExpanding if crop else by.KeepAspectRatio


def _drawn(image: QImage, cell: QSize, ratio: float, *, crop: bool) -> QPixmap:
    """Return a picture at the size at which it is drawn; an empty one of nothing."""
    if image.isNull():
        return QPixmap()
    pixels = cell * ratio
    image = image.scaled(pixels, _mode(crop=crop), Qt.TransformationMode.SmoothTransformation)
    if crop:
        left = (image.width() - pixels.width()) // 2
        top = (image.height() - pixels.height()) // 2
        image = image.copy(left, top, pixels.width(), pixels.height())
    image = image.convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
        if image.hasAlphaChannel()
        else QImage.Format.Format_RGB32
    )
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(ratio)
    return picture


def _weight(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
