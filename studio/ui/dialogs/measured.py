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
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.core.catalogue import catalogue
from studio.core.recipe import RunRecipe
from studio.ui.theme import GAP, GAP_CARDS, MARGIN_CARD
from studio.ui.widgets.cards import Fact
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled
from studio.ui.words import value_words

#: What the distance is read against: shown in its line, not in lines of their own.
_BESIDE = ("studio_fd_floor", "studio_fd_ceiling")
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
        inner.addLayout(self._facts(recipe, result))
        if judged := self._judged(result):
            inner.addWidget(label(judged, "caption", wrap=True))
        if picture := self._copies(result):
            inner.addWidget(
                label(self.tr("The samples that come nearest to a picture that was learned"))
            )
            inner.addWidget(picture)
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

    def _facts(self, recipe: RunRecipe, result: Mapping[str, Any]) -> QGridLayout:
        info = catalogue().family(recipe.family).info
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        numbers = [
            (name, value)
            for name, value in result.items()
            if isinstance(value, float) and name not in _BESIDE
        ]
        for place, (name, value) in enumerate(numbers):
            known = info.metrics.get(name) or info.metrics.get(f"val_{name}") or info.metric(name)
            text = value_words(known, value)
            if name == "studio_fd" and all(each in result for each in _BESIDE):
                floor, ceiling = (value_words(known, result[each]) for each in _BESIDE)
                beside = self.tr("{value} (real {floor}, noise {ceiling})")
                text = beside.format(value=text, floor=floor, ceiling=ceiling)
            fact = Fact(known.title, text)
            fact.setToolTip(known.help)
            grid.addWidget(fact, place // _COLUMNS, place % _COLUMNS)
        return grid

    def _judged(self, result: Mapping[str, Any]) -> str:
        """Return with what it was measured; numbers of another judge are not to be compared."""
        if not result.get("judge"):
            return ""
        learned = {
            "labels": self.tr("learned your labels"),
            "pictures": self.tr("learned to know your pictures again"),
            "nothing": self.tr("is untrained, since there are few pictures: a weak measure"),
        }
        words = self.tr(
            "{count} samples beside as many pictures that the model never saw, by the judge"
            " {judge} of this dataset, which {learned}. Numbers of another judge, of another"
            " dataset or of another count are not to be compared with these."
        )
        return words.format(
            count=f"{result['samples']:,}",
            judge=result["judge"],
            learned=learned[result["judge_learned"]],
        )

    def _copies(self, result: Mapping[str, Any]) -> QLabel | None:
        """Return the picture of samples beside what they may be copied from."""
        path = Path(str(result.get("nearest", "")))
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
