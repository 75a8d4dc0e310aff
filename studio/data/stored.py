"""Stored items on their way to training size: small ones in memory, large ones where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from studio.core.blobs import BlobReader, Part, Span
from studio.core.options import Preparation
from studio.data.modality import ModalityData

#: A stored item: its bytes, or where it lies when it is too large for memory.
Stored = bytes | Part


def stored_at(reader: BlobReader, span: Span, data: ModalityData) -> Stored:
    """Return an item as far as it fits into memory."""
    return reader.get(span) if span.length <= data.in_memory else reader.part(span)


def whole(stored: Stored) -> bytes:
    """Return an item's bytes, for modalities whose items always fit into memory."""
    return stored.read() if isinstance(stored, Part) else stored


def rows_from(
    data: ModalityData,
    stored: Stored,
    settled: Preparation,
    resources: Mapping[str, str],
    *,
    span: tuple[float, float] = (0.0, 1.0),
    learned: bool = False,
) -> npt.NDArray[Any]:
    """Return an item at training size; see `ModalityData.prepare_item`."""
    if isinstance(stored, Part):
        return data.prepare_part(stored, settled, resources, span=span, learned=learned)
    return data.prepare_item(stored, settled, resources, span=span, learned=learned)
