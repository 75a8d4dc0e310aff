"""How measures of samples are described, each beside the same measure of the data."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Metric

Better = Literal["lower", "higher", ""]


def of_samples(
    title: str, text: str, better: Better = "", *, percent: bool = False, unit: str = ""
) -> Metric:
    """Return what a measure of samples stands for."""
    return Metric(
        title=title, help=text, better=better, percent=percent, unit=unit, about="samples"
    )


class BesideData:
    """Describes measures that are taken of the data too, which is where samples should be.

    Args:
        own: What the user's items are called: `your clips`.
        measured: The sentence that says so of a measure of the data.
    """

    def __init__(self, own: str, measured: str) -> None:
        self._own, self._measured = own, measured

    def __call__(
        self,
        name: str,
        title: str,
        text: str,
        better: Better = "",
        *,
        percent: bool = False,
        unit: str = "",
    ) -> dict[str, Metric]:
        """Return a measure of samples and the same measure of the data, `data_…`."""
        words = f"{title}, {self._own}"
        return {
            name: of_samples(title, text, better, percent=percent, unit=unit),
            f"data_{name}": of_samples(words, self._measured, percent=percent, unit=unit),
        }
