"""Model packages: a trained model in one file that can be shared. No pickle, no code.

A package `NAME.studiomodel` is a zip file with exactly these members: `package.json` (the
manifest), `weights.safetensors`, `preview.png` (`preview.jpg` for clips, `preview.txt` for texts)
and `README.md` (the model card).
"""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from studio.core import thumbnails
from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.files import replacing
from studio.core.recipe import DataSpec, RunRecipe

SUFFIX = ".studiomodel"
_MANIFEST, _WEIGHTS, _CARD = "package.json", "weights.safetensors", "README.md"
_PREVIEWS = (thumbnails.PICTURE, thumbnails.STRIP, thumbnails.TEXT)  # exactly one of them
_MEMBERS = frozenset({_MANIFEST, _WEIGHTS, _CARD})
_MAX_BYTES = {_MANIFEST: 32 << 20, _WEIGHTS: 16 << 30, _CARD: 4 << 20} | dict.fromkeys(
    _PREVIEWS, 64 << 20
)
_MAX_HEADER = 64 << 20  # of a safetensors file


class Manifest(BaseModel):
    """Content of `package.json`.

    Attributes:
        spec: What the networks were built for.
        labelled: Whether samples can be asked for by label.
        prompted: Whether they can be asked for in words.
        masked: Whether repairing an item wants a mask.
        tasks: What it can be asked for; empty for all that its family offers.
        step: Step of the checkpoint that the weights come from.
        metrics: Measured quality, by name.
        source: Where the training data came from.
        licence: Licence of the training data.
    """

    FORMAT: ClassVar[int] = 1

    format: int = 1
    title: str
    recipe: RunRecipe
    spec: DataSpec
    step: int
    created: float
    labelled: bool = False
    prompted: bool = False
    masked: bool = False
    tasks: tuple[Task, ...] = ()
    metrics: dict[str, float] = {}
    source: str = ""
    licence: str = ""


class ModelPackage:
    """A package file that was opened and checked; `manifest` is what it says of itself.

    The weights themselves are checked against the family's networks when they are loaded.
    """

    def __init__(self, path: Path) -> None:
        """Open and check a package.

        Raises:
            StudioError: It is no package, or holds something that a package may not hold.
        """
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._check_members(archive)
                manifest = json.loads(archive.read(_MANIFEST))
                self._check_header(archive)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, struct.error) as error:
            raise self._refused(f"it cannot be read ({error})") from error
        if manifest.get("format", 0) > Manifest.FORMAT:
            raise self._refused("it is from a newer studio; update AIGC Studio")
        try:
            self.manifest = Manifest.model_validate(manifest)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._refused(f"its manifest is wrong at {place}: {first['msg']}") from error

    @staticmethod
    def write(path: Path, manifest: Manifest, weights: bytes, preview: bytes, card: str) -> None:
        """Write a package atomically.

        Args:
            weights: Safetensors bytes.
            preview: Samples as a thumbnail, see `thumbnails.py`.
        """
        parts = {
            _MANIFEST: manifest.model_dump_json(indent=2).encode(),
            _WEIGHTS: weights,
            thumbnails.preview_name(preview): thumbnails.preview_content(preview),
            _CARD: card.encode(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            replacing(path) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, data in parts.items():
                archive.writestr(name, data)

    def weights(self) -> bytes:
        """Return the safetensors bytes."""
        return self._read(_WEIGHTS)

    def preview(self) -> bytes:
        """Return samples as a thumbnail, see `thumbnails.py`."""
        with zipfile.ZipFile(self.path) as archive:
            (name,) = set(archive.namelist()) & set(_PREVIEWS)
            return thumbnails.preview_thumbnail(name, archive.read(name))

    def card(self) -> str:
        """Return the model card, Markdown."""
        return self._read(_CARD).decode("utf-8", errors="replace")

    def _read(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name)

    def _check_members(self, archive: zipfile.ZipFile) -> None:
        names = [info.filename for info in archive.infolist()]
        if strange := sorted(set(names) - _MEMBERS - set(_PREVIEWS)):
            raise self._refused(f"it holds {strange[0]!r}, which a model package never holds")
        if missing := sorted(_MEMBERS - set(names)):
            raise self._refused(f"{missing[0]} is missing")
        if not set(names) & set(_PREVIEWS):
            raise self._refused(f"{thumbnails.PICTURE} is missing")
        if len(names) != len(_MEMBERS) + 1:
            raise self._refused("it holds a file twice")
        for info in archive.infolist():
            if info.file_size > _MAX_BYTES[info.filename]:
                raise self._refused(f"{info.filename} is larger than a package may hold")

    def _check_header(self, archive: zipfile.ZipFile) -> None:
        """Check that the weights are safetensors: 8 bytes of length, then a JSON header."""
        with archive.open(_WEIGHTS) as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if not 2 <= length <= _MAX_HEADER:
                raise self._refused("its weights are not in the safetensors format")
            header: Any = json.loads(stream.read(length))
        if not isinstance(header, dict):
            raise self._refused("its weights are not in the safetensors format")

    def _refused(self, reason: str) -> StudioError:
        return StudioError(
            "This model package was refused",
            f"{self.path.name}: {reason}.",
            "Ask its maker to export it again from AIGC Studio. Nothing was loaded.",
        )
