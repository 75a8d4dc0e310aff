"""What the studio must know of a modality; `data/<modality>.py` says it in one class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.blobs import Part
from studio.core.items import Item
from studio.core.media import NOUNS, Media, Modality
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.data.findings import Finding

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch


#: Largest file that is read into memory, in bytes.
MAX_FILE = 256 << 20


class Rejected(Exception):  # noqa: N818 - the normal answer to a bad file, not a fault
    """A file that cannot be taken.

    Attributes:
        reason: A word to group by, such as `truncated`.
        message: What is wrong, for people.
        suggestion: What to do about it.
    """

    def __init__(self, reason: str, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.suggestion = suggestion


@dataclass(frozen=True)
class Probed:
    """An item that was read whole and found good.

    Attributes:
        stored: Bytes that go into the dataset's pack; usually those of the file.
        thumbnail: A small JPEG or PNG for the grid; empty when `stored` serves as well.
        notes: Words for what is special about it, such as `cmyk`, `rotated`, `animated`.
        perceptual: A 64-bit signed hash that is close for items that look or sound alike.
        label: What the file itself says of it, such as a column of a table.
        file: A file that holds what is stored, instead of `stored`, where that is too much for
            memory: the user's own, or one that `probe_file` wrote.
    """

    stored: bytes
    thumbnail: bytes
    width: int
    height: int
    notes: tuple[str, ...]
    perceptual: int
    label: str = ""
    file: Path | None = None


class ModalityData(ABC):
    """Everything about one kind of medium that is not a network. Stateless."""

    modality: ClassVar[Modality]
    preparation: ClassVar[type[Preparation]]
    #: File name endings that this modality reads, lower case, with the dot.
    suffixes: ClassVar[frozenset[str]]
    #: Those among them that are another modality's own, as films are whose sound can be read.
    borrowed: ClassVar[frozenset[str]] = frozenset()
    #: Endings of pictures that stand for an item in `STILL_TASKS`, as its one moment.
    stills: ClassVar[frozenset[str]] = frozenset()
    #: Suffix of a file in which a generated medium is stored.
    asset_suffix: ClassVar[str]
    #: Files of more bytes than this are not read into memory but where they lie: `probe_file`.
    in_memory: ClassVar[int] = MAX_FILE
    #: How many such files are read at a time.
    at_once: ClassVar[int] = 1
    #: Largest file that is read at all, in bytes.
    largest: ClassVar[int] = MAX_FILE
    #: Number type of prepared items.
    dtype: ClassVar[npt.DTypeLike] = np.uint8
    #: Whether a part of an item can be held out, as the end of a long text, where there are few.
    divisible: ClassVar[bool] = False
    #: Whether captions are read letter by letter, as what is spoken must be.
    spelled: ClassVar[bool] = False
    #: Whether the number of items says how much there is to learn; else `examine` judges that.
    counted: ClassVar[bool] = True
    #: Media on a sample sheet.
    sheet_items: ClassVar[int] = 64
    #: Media side by side in the picture of a model: about as many rows of them are as high as
    #: a third of that width, which is what a card has room for.
    card_columns: ClassVar[int] = 8
    #: Formats that assets can be exported in, by suffix; the first is the usual one.
    formats: ClassVar[tuple[str, ...]] = ()

    def gathered(self, found: Iterable[Any]) -> Iterable[Any]:
        """Return what is to be read (entries and rejects), several files that are one as one."""
        return found

    @abstractmethod
    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a file's bytes wholly; one file may hold several items.

        Raises:
            Rejected: The file cannot be taken.
        """

    def probe_file(
        self, path: Path, name: str, scratch: Path, tick: Callable[[], None]
    ) -> list[Probed]:
        """Read a file of more than `in_memory` bytes as `probe` does, in bounded memory.

        As many at a time as `at_once` says are read so.

        Args:
            scratch: A folder for what is to be stored (`Probed.file`); emptied afterwards.
            tick: Called every few blocks; raises when nobody waits for the rest.

        Raises:
            Rejected: The file cannot be taken.
            OSError: It cannot be read.
        """
        return self.probe(path.read_bytes(), name)

    @abstractmethod
    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return a vector per stored item; two look or sound alike when at most 1 apart."""

    def signature_of(self, part: Part) -> npt.NDArray[np.float32]:
        """Return the vector of an item of more than `in_memory` bytes, where it lies."""
        found: npt.NDArray[np.float32] = self.signatures([part.read()])[0]
        return found

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Return the preparation with every *automatic* setting decided for these items.

        Args:
            preparation: As the user set it.
            size: What the model wants; 0 when it does not mind.
            items: What the library knows of the items.
        """
        return preparation

    def compiled(self, preparation: Preparation) -> dict[str, Any]:
        """Return the settings that shape the prepared arrays; others may change freely."""
        return preparation.model_dump(mode="json")

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what only this modality's own rules see wrong in a dataset."""
        return ()

    def divides(self, items: Sequence[Item], preparation: Preparation) -> bool:
        """Tell whether the ends of these items are held out where there are few of them.

        Args:
            items: All that are learned from.
            preparation: With every automatic setting decided.
        """
        return self.divisible

    def learn(self, stored: Iterable[bytes], preparation: Preparation) -> dict[str, str]:
        """Return what the items are read with, such as a tokenizer; goes into the DataSpec."""
        return {}

    def vocabulary(self, resources: Mapping[str, str]) -> int:
        """Return the size of the token alphabet; 0 for modalities without tokens."""
        return 0

    @abstractmethod
    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return the shape of one row of the prepared arrays."""

    def seen_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return the shape of a row as networks see it, where that is a part of what is stored."""
        return self.item_shape(preparation)

    @abstractmethod
    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[Any]:
        """Bring a stored item to training size: an array (rows, *item_shape) of `dtype`.

        A picture is one row; a long text or a recording becomes several.

        Args:
            span: The part that is wanted, from 0 to 1, of a `divisible` item.
            learned: Whether the item is learned from, so that changed copies may come along as
                further rows, such as a tune in other keys.
        """

    def prepare_part(
        self,
        part: Part,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[Any]:
        """Bring an item of more than `in_memory` bytes to training size, as `prepare_item` does."""
        return self.prepare_item(part.read(), preparation, resources, span=span, learned=learned)

    def no_rows(self, items: Sequence[Item], preparation: Preparation) -> tuple[str, str]:
        """Return why preparing these items, as settled, leaves nothing to learn from; what to do.

        It is asked for when that is so, and the second part names settings by their titles.
        """
        return (
            "With these settings nothing is left of any item.",
            "Change how the items are prepared on the Data page, or import more.",
        )

    @abstractmethod
    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Measure what formulas need (mean, std …) on a sample of prepared items."""

    @abstractmethod
    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Turn prepared items (N, *shape) on any device into what networks see.

        Augmentation draws from torch's global generator, which the trainer seeds per step.
        """

    @abstractmethod
    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn what networks make (N, *spec.shape), on any device, into media."""

    @abstractmethod
    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read a user's file as one prepared item, for tasks that start from it.

        Raises:
            Rejected: The file cannot be taken.
        """

    @abstractmethod
    def whole(self, path: Path) -> Media:
        """Read a user's file at its own size, for tasks that keep it.

        Raises:
            Rejected: The file cannot be taken.
        """

    def mask(
        self, path: Path, like: Media | None, spec: DataSpec, preparation: Preparation
    ) -> npt.NDArray[np.float32]:
        """Read a mask: 1 where an item is to be made anew, 0 where it stays, (H, W) for pictures.

        Args:
            like: The item at its own size that it belongs to; None for one of the model's shape.

        Raises:
            Rejected: The file cannot be taken, or items of this kind have no masks.
        """
        raise Rejected("mask", f"Masks are not for {NOUNS[self.modality].many}.", "Leave it out.")

    @abstractmethod
    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a medium with its recipe embedded, atomically."""

    @abstractmethod
    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe embedded in a file that `save` wrote, else None."""

    @abstractmethod
    def thumbnail(self, media: Media) -> bytes:
        """Return a medium for grids: a small JPEG or PNG, or text as `core/thumbnails.py` says."""

    @abstractmethod
    def extent(self, media: Media) -> tuple[int, int]:
        """Return how large a medium is, in the two numbers that its items are listed with.

        For pictures that is width and height in pixels, for texts characters and lines, for
        music seconds and notes.
        """

    @abstractmethod
    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write many media as one file, for the Train page; atomically.

        Args:
            path: Without a suffix.

        Returns:
            The path with the suffix of what was written.
        """

    @abstractmethod
    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return several media as one picture or text, as `thumbnail` does, for model cards.

        Args:
            columns: How many stand beside each other in a picture; 0 leaves it open.
        """

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write an asset's file in the format that the target's suffix names, one of `formats`.

        Args:
            recipe: Goes into the file where its format has a place for it; None leaves it out.
        """
        raise NotImplementedError(f"{self.modality} has no formats of its own")

    def as_prepared(self, rows: npt.NDArray[Any], spec: DataSpec) -> list[Media]:
        """Return rows of prepared arrays as media, to look at them."""
        import torch

        items = self.to_tensor(torch.from_numpy(np.array(rows)), self.preparation(), augment=False)
        return self.to_media(items, [{} for _ in rows], spec)


@cache
def modality_data(modality: Modality) -> ModalityData:
    """Return the one ModalityData of a modality, `MODALITY` in `<modality>/modality.py`."""
    found: ModalityData = import_module(f"studio.data.{modality}.modality").MODALITY
    return found


@cache
def modalities() -> tuple[ModalityData, ...]:
    """Return every modality that the studio can read today."""
    return tuple(modality_data(each) for each in Modality)
