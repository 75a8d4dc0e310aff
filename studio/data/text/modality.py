"""Texts: how they are read, cleaned, cut into tokens, written and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.items import Item
from studio.core.media import Media, Modality, Text
from studio.core.options import Preparation
from studio.core.recipe import DataSpec
from studio.core.thumbnails import text_thumbnail
from studio.data.entries import read_file, unreadable
from studio.data.findings import Finding
from studio.data.modality import ModalityData, Probed, Rejected
from studio.data.text import files as text_files
from studio.data.text import formats as text_formats
from studio.data.text import rules as text_rules
from studio.data.text.alike import signature
from studio.data.text.cleaning import cleaned
from studio.data.text.dialogues import TURN
from studio.data.text.files import as_text
from studio.data.text.learning import learn_from
from studio.data.text.preparation import TextPreparation
from studio.data.text.reading import SUFFIXES, read_texts
from studio.data.text.rows import (
    USUAL_SIZE,
    crops,
    pair_rows,
    row_statistics,
    row_text,
    text_rows,
)
from studio.data.text.tokenisers import tokeniser_of

if TYPE_CHECKING:  # data/ is read by the importer, which never loads torch
    import torch


class TextData(ModalityData):
    """Everything about texts that is not a network."""

    modality = Modality.TEXT
    preparation: ClassVar[type[Preparation]] = TextPreparation
    suffixes = SUFFIXES
    asset_suffix = ".txt"
    dtype: ClassVar[npt.DTypeLike] = np.uint16
    divisible = True
    counted = False  # a single book is a lot
    sheet_items = 8
    formats = (".txt", ".md", ".html", ".docx")

    # ------------------------------------------------------------------ taking files in

    def probe(self, raw: bytes, name: str) -> list[Probed]:
        """Read a file's texts; raises Rejected when it cannot be taken."""
        return read_texts(raw, name)

    def signatures(self, stored: Sequence[bytes]) -> npt.NDArray[np.float32]:
        """Return vectors that are at most 1 apart for texts with small differences."""
        return np.stack([signature(raw.decode()) for raw in stored])

    def examine(self, items: Sequence[Item], preparation: Preparation) -> Iterable[Finding]:
        """Return what is wrong with the amount, the encodings and the lines of texts."""
        return text_rules.examine(items, _of(preparation))

    # ------------------------------------------------------------------ what a model sees

    def settle(self, preparation: Preparation, size: int, items: Sequence[Item]) -> Preparation:
        """Decide the length where it is left open."""
        chosen = _of(preparation)
        return chosen.model_copy(update={"size": chosen.size or size or USUAL_SIZE})

    def learn(self, stored: Iterable[bytes], preparation: Preparation) -> dict[str, str]:
        """Return the tokeniser of these texts, and whether their pairs are of dialogues."""
        return learn_from(stored, _of(preparation))

    def vocabulary(self, resources: Mapping[str, str]) -> int:
        """Return how many tokens there are."""
        return tokeniser_of(resources).vocabulary

    def item_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return the shape of a row: (2 · size + 1,) tokens, or (2, size) for pairs."""
        chosen = _of(preparation)
        size = chosen.size or USUAL_SIZE
        return (2, size) if chosen.form == "pairs" else (2 * size + 1,)

    def seen_shape(self, preparation: Preparation) -> tuple[int, ...]:
        """Return what a model sees of a row: (size + 1,) tokens, or (2, size) for pairs."""
        chosen = _of(preparation)
        size = chosen.size or USUAL_SIZE
        return (2, size) if chosen.form == "pairs" else (size + 1,)

    def prepare_item(
        self,
        stored: bytes,
        preparation: Preparation,
        resources: Mapping[str, str],
        *,
        span: tuple[float, float] = (0.0, 1.0),
        learned: bool = False,
    ) -> npt.NDArray[np.uint16]:
        """Return a text's rows of tokens, or those of its pairs."""
        chosen = _of(preparation)
        text = cleaned(stored.decode(), chosen)
        make = pair_rows if chosen.form == "pairs" else text_rows
        return make(text, chosen, tokeniser_of(resources), span, learned=learned)

    def statistics(self, items: npt.NDArray[Any], resources: Mapping[str, str]) -> dict[str, float]:
        """Return how much text a token stands for, in a sample of rows."""
        return row_statistics(items, tokeniser_of(resources))

    def to_tensor(
        self, items: torch.Tensor, preparation: Preparation, *, augment: bool
    ) -> torch.Tensor:
        """Return tokens as int64: (N, size + 1), taken anywhere in a row if `augment`, or pairs."""
        if items.ndim == 3:
            return items.long()
        return crops(items, random=augment)

    def from_file(self, path: Path, spec: DataSpec, preparation: Preparation) -> npt.NDArray[Any]:
        """Read a user's text as one row of the model's shape: its beginning."""
        chosen = _of(preparation)
        if len(spec.shape) == 2:
            chosen = chosen.model_copy(update={"form": "pairs", "size": spec.shape[1]})
        else:
            chosen = chosen.model_copy(update={"size": spec.shape[0] - 1})
        text = self.whole(path).text.encode()
        rows = self.prepare_item(text, chosen, spec.resources)
        if not len(rows):
            raise Rejected("no-texts", "It holds too little for this model.", "Choose another one.")
        row: npt.NDArray[Any] = rows[0]
        return row

    def whole(self, path: Path) -> Text:
        """Read a user's text; those in the rows of a table one below the other."""
        found = self.probe(_read(path), path.name)
        return Text(TURN.join(each.stored.decode() for each in found))

    # ------------------------------------------------------------------ what a model makes

    def to_media(
        self, tensor: torch.Tensor, facts: Sequence[dict[str, Any]], spec: DataSpec
    ) -> list[Media]:
        """Turn tokens (N, T) into texts; pairs (N, 2, T) into targets with their source."""
        tokeniser = tokeniser_of(spec.resources)
        rows = tensor.detach().cpu().numpy()
        if rows.ndim == 2:
            return [
                Text(row_text(row, tokeniser), facts=fact)
                for row, fact in zip(rows, facts, strict=True)
            ]
        return [
            Text(row_text(target, tokeniser), facts={"source": row_text(source, tokeniser)} | fact)
            for (source, target), fact in zip(rows, facts, strict=True)
        ]

    def save(self, media: Media, path: Path, recipe: dict[str, Any] | None) -> None:
        """Write a text with its recipe beside it."""
        text_files.save(as_text(media), path, recipe)

    def read_recipe(self, path: Path) -> dict[str, Any] | None:
        """Return the recipe that lies beside a text, or inside of an exported file."""
        return text_formats.read_recipe(path)

    def thumbnail(self, media: Media) -> bytes:
        """Return a text's first lines, for the window to draw."""
        return text_thumbnail(as_text(media).text)

    def extent(self, media: Media) -> tuple[int, int]:
        """Return how many characters and lines a text has."""
        text = as_text(media).text
        return len(text), text.count("\n") + 1

    def write_sheet(self, media: Sequence[Media], path: Path) -> Path:
        """Write several texts one after the other, with rules between them."""
        path = path.with_suffix(".txt")
        text_files.save(Text(text_files.sheet(media)), path, None)
        return path

    def preview(self, media: Sequence[Media], columns: int = 0) -> bytes:
        """Return several texts as one, for the window to draw."""
        return text_thumbnail(text_files.sheet(media))

    def export(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> None:
        """Write a text's file in another format."""
        text_formats.export(source.read_text("utf-8"), target, recipe)


MODALITY = TextData()


def _of(preparation: Preparation) -> TextPreparation:
    """Return a preparation as that of texts; the base class stands for all defaults."""
    if isinstance(preparation, TextPreparation):
        return preparation
    return TextPreparation.model_validate(preparation.model_dump())


def _read(path: Path) -> bytes:
    """Return a user's file; raises Rejected when it cannot be read."""
    try:
        return read_file(path)
    except OSError as error:
        raise unreadable(error) from error
