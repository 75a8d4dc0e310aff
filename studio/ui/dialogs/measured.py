"""What a measurement has found: numbers with what they are to be compared with, and copies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.core.catalogue import catalogue
from studio.core.family_info import CHANCE, JUDGED, FamilyInfo, Metric
from studio.core.media import NOUNS, Modality
from studio.core.recipe import RunRecipe
from studio.ui.theme import GAP, GAP_CARDS, MARGIN_CARD
from studio.ui.widgets.beside import Swatch, add_beside, measured_words
from studio.ui.widgets.cards import Fact
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled
from studio.ui.words import value_words

#: What a distance is read against: shown in its line, not in lines of their own.
_BESIDE = tuple(f"{name}_{end}" for name in JUDGED for end in ("floor", "ceiling"))
_DATA = "data_"  # before the name of a metric: the same of the data, shown beside it
_COLUMNS = 2
_WIDEST = 620  # pixels of the picture


class MeasuredDialog(QDialog):
    """The numbers of one checkpoint, the best one where several were measured."""

    def __init__(
        self, recipe: RunRecipe, step: int, result: Mapping[str, Any], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Measured on unseen data"))
        self.resize(680, 560)
        words = self.tr("{name}, step {step}").format(name=recipe.name, step=f"{step:,}")
        several = len(result.get("evaluations", []))
        if several:
            best = self.tr("{name}: of {count} checkpoints, step {step} is the best")
            words = best.format(name=recipe.name, count=several, step=f"{step:,}")
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        info = catalogue().family(recipe.family).info
        numbers = {name: each for name, each in result.items() if isinstance(each, float)}
        inner.addLayout(self._facts(info, numbers))
        if any(name.startswith(_DATA) for name in numbers):
            inner.addLayout(self._legend(info, result))
            inner.addLayout(self._beside(info, numbers))
        if judged := self._judged(result, recipe.modality):
            inner.addWidget(label(judged, "caption", wrap=True))
        if copies := self._copies(result):
            nearest = self.tr("What in samples comes nearest to something that was learned")
            inner.addWidget(label(nearest))
            inner.addWidget(copies)
        inner.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.setSpacing(GAP_CARDS)
        column.addWidget(label(words, "heading", wrap=True))
        column.addWidget(scrolled(content), 1)
        column.addWidget(buttons)
        self.finished.connect(self.deleteLater)

    def _facts(self, info: FamilyInfo, numbers: Mapping[str, float]) -> QGridLayout:
        """Return the numbers that stand for themselves."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        alone = [
            name
            for name in numbers
            if name not in _BESIDE and not name.startswith(_DATA) and _DATA + name not in numbers
        ]
        for place, name in enumerate(alone):
            known = _metric(info, name)
            text = measured_words(known, numbers[name])
            ends = [numbers.get(f"{name}_{end}") for end in ("floor", "ceiling")]
            if name in JUDGED and None not in ends:
                floor, ceiling = (value_words(known, each) for each in ends if each is not None)
                beside = self.tr("{value} (real {floor}, noise {ceiling})")
                text = beside.format(value=text, floor=floor, ceiling=ceiling)
            if name in CHANCE:
                beside = self.tr("{value} (guessing alone {chance})")
                text = beside.format(value=text, chance=value_words(known, CHANCE[name]))
            fact = Fact(known.title, text)
            fact.setToolTip(known.help)
            grid.addWidget(fact, place // _COLUMNS, place % _COLUMNS)
        return grid

    def _beside(self, info: FamilyInfo, numbers: Mapping[str, float]) -> QGridLayout:
        """Return what was measured of the data too, as two bars each."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(GAP)
        for column, share in enumerate((2, 4, 2)):
            grid.setColumnStretch(column, share)
        shown = [name for name in numbers if _DATA + name in numbers]
        for row, name in enumerate(shown):
            add_beside(grid, row, _metric(info, name), numbers[name], numbers[_DATA + name])
        return grid

    def _legend(self, info: FamilyInfo, result: Mapping[str, Any]) -> QHBoxLayout:
        """Return the colours of the bars with what they stand for."""
        count = result.get("samples", 0)
        samples = self.tr("{count} samples").format(count=f"{count:,}")
        data = self.tr("your {items}").format(items=NOUNS[info.modality].many)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for place, words in enumerate((samples, data)):
            row.addWidget(Swatch(place))
            row.addWidget(label(words, "caption"))
        row.addStretch(1)
        return row

    def _judged(self, result: Mapping[str, Any], modality: Modality) -> str:
        """Return with what it was measured; numbers of another judge are not to be compared."""
        if not result.get("judge"):
            return ""
        learned = {
            "labels": self.tr("learned your labels"),
            "pictures": self.tr("learned to know your {items} again"),
            "nothing": self.tr("is untrained, since there are few {items}: a weak measure"),
        }
        words = self.tr(
            "{count} samples beside as many {items} that the model never saw, by the judge"
            " {judge} of this dataset, which {learned}. Numbers of another judge, of another"
            " dataset or of another count are not to be compared with these."
        )
        items = NOUNS[modality].many
        return words.format(
            count=f"{result['samples']:,}",
            judge=result["judge"],
            learned=learned[result["judge_learned"]].format(items=items),
            items=items,
        )

    def _copies(self, result: Mapping[str, Any]) -> QLabel | None:
        """Return samples beside what they may be copied from, or the words that are."""
        path = Path(str(result.get("nearest", "")))
        if path.suffix == ".txt" and path.is_file():
            words = label(path.read_text("utf-8"), "muted", wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            return words
        picture = QPixmap(str(path)) if path.is_file() else QPixmap()
        if picture.isNull():
            return None
        shown = QLabel()
        shown.setAccessibleName(self.tr("Samples above the nearest training pictures"))
        shown.setToolTip(
            self.tr("Per cent: how far apart, where a new real picture is 100 % (median)")
        )
        if picture.width() > _WIDEST:
            mode = Qt.TransformationMode.SmoothTransformation
            picture = picture.scaledToWidth(_WIDEST, mode)
        shown.setPixmap(picture)
        return shown


def _metric(info: FamilyInfo, name: str) -> Metric:
    """Return what a measured number stands for; held-out ones have lost their `val_`."""
    return info.metrics.get(name) or info.metrics.get(f"val_{name}") or info.metric(name)
