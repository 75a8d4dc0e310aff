"""Assets for a VirtualGrid: only their ids are held, their rows are read when they are in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from studio.core.assets import Asset
from studio.core.blobs import BlobReader
from studio.core.media import Modality
from studio.core.places import place_of, with_places
from studio.core.project import Project
from studio.ui.widgets.grid_source import GridSource
from studio.ui.words import place_words

_CHUNK = 64  # rows that are read at once
_KEPT = 64  # chunks that are remembered


class AssetSource(GridSource):
    """The assets with these ids, in this order.

    Attributes:
        ids: What is shown.
    """

    def __init__(self, project: Project, ids: Sequence[int] = ()) -> None:
        self.ids = list(ids)
        self._project = project
        self._thumbnails = BlobReader(project.thumbnails)
        self._chunks: OrderedDict[int, dict[int, Asset]] = OrderedDict()

    def show(self, ids: Sequence[int]) -> None:
        """Hold other ids; the grid is told by its `refresh`."""
        self.ids = list(ids)
        self.forget()

    def forget(self) -> None:
        """Read rows anew, since something in the library changed."""
        self._chunks.clear()

    def close(self) -> None:
        """Release the pack of thumbnails."""
        self._thumbnails.close()

    def asset(self, index: int) -> Asset | None:
        """Return what is known of the thing at a place; None when it is gone."""
        if not 0 <= index < len(self.ids):
            return None
        number = index // _CHUNK
        rows = self._chunks.get(number)
        if rows is None:
            wanted = self.ids[number * _CHUNK : (number + 1) * _CHUNK]
            rows = {asset.id: asset for asset in self._project.library.assets.get(wanted)}
            self._chunks[number] = rows
            while len(self._chunks) > _KEPT:
                self._chunks.popitem(last=False)
        else:
            self._chunks.move_to_end(number)
        return rows.get(self.ids[index])

    def path(self, index: int) -> Path | None:
        """Return the file of the thing at a place."""
        asset = self.asset(index)
        return self._project.folder / asset.path if asset is not None else None

    def files(self, places: Sequence[int]) -> list[Path]:
        """Return the files at these places that are there, for dragging out."""
        found = (self.path(place) for place in places)
        return [path for path in found if path is not None and path.exists()]

    def count(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def key(self, index: int) -> int:
        """Return the asset's id."""
        return self.ids[index]

    def all_keys(self) -> list[Hashable]:
        """Return all ids."""
        return list(self.ids)

    def thumbnail(self, index: int) -> bytes:
        """Return the thumbnail; empty when the pack does not hold it."""
        asset = self.asset(index)
        if asset is None:
            return b""
        try:
            return self._thumbnails.get(asset.thumb)
        except ValueError:  # the pack can be made again; until then the cell stays grey
            return b""

    def caption(self, index: int) -> str:
        """Return the title; clips carry a sign."""
        asset = self.asset(index)
        if asset is None:
            return ""
        title = asset_title(asset)
        return f"{title} ▶" if asset.modality is Modality.VIDEO else title

    def badge(self, index: int) -> str:
        """Return the stars."""
        asset = self.asset(index)
        return "★" * asset.rating if asset is not None else ""


def asset_title(asset: Asset) -> str:
    """Return what an asset is called: paths and own pictures have more to say than their file."""
    request, facts = with_places(asset.recipe.get("request", {})), asset.recipe.get("facts", {})
    inputs, number = request.get("inputs", []), facts.get("input")
    if isinstance(number, int) and number < len(inputs):
        return Path(inputs[number]).stem
    place = place_of(asset.recipe) if "place" in facts else None
    if place is not None:
        return " · ".join(filter(None, (asset.label, place_words(place))))
    if request.get("places") and "seed" not in facts:
        words = QCoreApplication.translate("AssetSource", "path · {count} places")
        return words.format(count=len(request["places"]))
    if len(inputs) > 1:
        words = QCoreApplication.translate("AssetSource", "morph of {count}")
        return words.format(count=len(inputs))
    return asset.title
