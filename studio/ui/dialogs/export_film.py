"""What is asked of moving pictures when they are written out: frames a second, quality."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui import settings
from studio.ui.theme import GAP
from studio.ui.widgets.labels import label
from studio.ui.widgets.spin import ComboBox

_RATES = (0, 8, 12, 15, 24, 25, 30, 50, 60)
_QUALITIES = (50, 80, 95)
_RATE, _QUALITY = "export/fps", "export/quality"


class FilmSettings(NamedTuple):
    """Fields of an ExportAssets: frames a second, 0 for those of each clip; quality, 1 to 100."""

    fps: float = 0.0
    quality: int = 80


class FilmChoices(QWidget):
    """Two choices in a line, remembered for the next time."""

    def __init__(self) -> None:
        super().__init__()
        self._rates, self._qualities = ComboBox(), ComboBox()
        for rate in _RATES:
            words = self.tr("{rate} a second").format(rate=rate) if rate else self.tr("As it is")
            self._rates.addItem(words, rate)
        names = (self.tr("Small file"), self.tr("Good"), self.tr("Best"))
        for quality, name in zip(_QUALITIES, names, strict=True):
            self._qualities.addItem(name, quality)
        self._rates.setToolTip(
            self.tr("Frames a second; frames are shown again or left out, the length stays")
        )
        self._quality_name = label(self.tr("Quality"), "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        rate_name = label(self.tr("Frame rate"), "muted")
        for caption, combo in ((rate_name, self._rates), (self._quality_name, self._qualities)):
            caption.setBuddy(combo)
            combo.setAccessibleName(caption.text())
            row.addWidget(caption)
            row.addWidget(combo)
            row.addSpacing(GAP)
        row.addStretch(1)
        self._choose(self._rates, settings.number(_RATE, 0))
        self._choose(self._qualities, settings.number(_QUALITY, _QUALITIES[1]))

    def choose(self, rate: int, quality: int) -> None:
        """Pick a frame rate, 0 for that of each clip, and a quality of 1 to 100."""
        self._choose(self._rates, rate)
        self._choose(self._qualities, quality)

    def set_quality_wanted(self, wanted: bool) -> None:
        """Ask for a quality or not: some formats keep everything."""
        self._quality_name.setVisible(wanted)
        self._qualities.setVisible(wanted)

    def values(self) -> FilmSettings:
        """Return what was chosen, and remember it."""
        rate, quality = int(self._rates.currentData()), int(self._qualities.currentData())
        settings.store(_RATE, rate)
        settings.store(_QUALITY, quality)
        return FilmSettings(fps=float(rate), quality=quality)

    @staticmethod
    def _choose(combo: ComboBox, value: int) -> None:
        place = combo.findData(value)
        if place >= 0:
            combo.setCurrentIndex(place)
