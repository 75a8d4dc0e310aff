"""What a measurement of samples leaves, whatever they are."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.media import Image


@dataclass(frozen=True)
class Quality:
    """What was measured of samples, and with what.

    Attributes:
        metrics: By name; the families' `sample_metrics.py` say what each is.
        judge: Names the judge's weights: numbers of two judges are not to be compared. Empty
            where none is needed.
        learned: What the judge learned: labels, pictures or nothing.
        count: Samples that were compared, with as many real items.
        copies: The samples that come nearest to something that was learned: a picture of each
            above what it resembles, or the words and places that were found again; None for none.
    """

    metrics: dict[str, float]
    judge: str = ""
    learned: str = ""
    count: int = 0
    copies: Image | str | None = None
