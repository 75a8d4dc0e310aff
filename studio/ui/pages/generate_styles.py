"""How much of each style a picture is to take over: a slider below each style's name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.core.style_mix import mixture, written
from studio.ui.widgets.inputs import LabelledSlider


class StylesField(QWidget):
    """The styles of a model, the first one turned up until the user mixes others in.

    Signals:
        changed: The mixture is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._sliders: list[LabelledSlider] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def set_names(self, names: Sequence[str]) -> None:
        """Show a slider for each style, unless they are shown already."""
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        for slider in self._sliders:
            self._column.removeWidget(slider)
            slider.deleteLater()
        self._sliders = []
        for place, name in enumerate(names):
            tip = self.tr("How much of this style there is in the mixture.")
            slider = LabelledSlider(name, 0.0, 1.0, float(place == 0), steps=20, tip=tip)
            slider.changed.connect(self.changed)
            self._column.addWidget(slider)
            self._sliders.append(slider)

    def text(self) -> str:
        """Return the mixture in writing; empty when every slider is down."""
        return written([round(slider.value(), 2) for slider in self._sliders], self._names)

    def show_text(self, text: str) -> None:
        """Show a mixture; one of styles that this model does not have changes nothing."""
        if not self._names:
            return
        try:
            shares = mixture(text, self._names)
        except StudioError:
            return  # the request was another model's
        for slider, share in zip(self._sliders, shares, strict=True):
            slider.set_value(share / max(shares))
        self.changed.emit()
