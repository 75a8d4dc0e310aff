"""What the Gallery shows: chips by modality, stars, a search, and further filters below."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from studio.core.assets import AssetFilter
from studio.core.media import Modality
from studio.ui import nouns
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import QuietButton
from studio.ui.widgets.chips import Chip, ChipChoice, ChipRow
from studio.ui.widgets.inputs import SearchField
from studio.ui.widgets.spin import ComboBox

_DAY = 24 * 3600.0
_STARS = 5


@dataclass(frozen=True)
class FilterChoices:
    """What there is to choose from."""

    counts: Mapping[Modality, int]
    models: Sequence[str]
    labels: Sequence[str]
    tags: Sequence[str]


class GalleryFilters(QWidget):
    """Every filter of the gallery.

    Signals:
        changed: Something else is to be shown.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rating = 0
        self._kinds = ChipRow(self.tr("Kind"))
        self._stars = Chip("", tip=self.tr("Show what has at least this many stars"))
        self._stars.clicked.connect(self._open_stars)
        self._more = Chip(self.tr("Filters"), tip=self.tr("Model, label, tag and date"))
        self._search = SearchField(self.tr("Search"))
        self._search.setToolTip(self.tr("Words, model, label, date or seed"))
        self._search.setMinimumWidth(150)
        self._search.setMaximumWidth(320)
        self._kinds.chosen.connect(self._on_changed)
        self._search.searched.connect(self._on_changed)
        first = QHBoxLayout()
        first.setSpacing(GAP)
        first.addWidget(self._kinds, 3)
        first.addWidget(self._more)
        first.addWidget(self._stars)
        first.addWidget(self._search, 2)
        self._model = self._combo(self.tr("Any model"))
        self._label = self._combo(self.tr("Any label"))
        self._tag = self._combo(self.tr("Any tag"))
        self._date = self._combo(self.tr("Any day"))
        for text, days in (
            (self.tr("Today"), 0),
            (self.tr("Last 7 days"), 7),
            (self.tr("Last 30 days"), 30),
        ):
            self._date.addItem(text, days)
        self._order = self._combo(self.tr("Newest"))
        self._order.addItem(self.tr("Oldest"), False)
        second = QHBoxLayout()
        second.setContentsMargins(0, 0, 0, 0)
        second.setSpacing(GAP)
        for combo in self._combos():
            second.addWidget(combo, 1)
        second.addWidget(QuietButton(self.tr("Clear"), self.clear))
        self._rest = QWidget()
        self._rest.setLayout(second)
        self._rest.setVisible(False)
        self._more.toggled.connect(self._rest.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(first)
        column.addWidget(self._rest)
        self._show_stars()

    # ------------------------------------------------------------------------------- contents

    def filter(self, *, trashed: bool = False) -> AssetFilter:
        """Return what is to be shown."""
        kind = self._kinds.key()
        return AssetFilter(
            modality=kind if isinstance(kind, Modality) else None,
            search=self._search.text().strip(),
            model_title=self._model.currentData() or "",
            label=self._label.currentData() or "",
            tag=self._tag.currentData() or "",
            rating=self._rating,
            since=self._since(),
            trashed=trashed,
            newest_first=self._order.currentIndex() == 0,
        )

    def by_marks(self) -> bool:
        """Tell whether stars or tags decide what is shown."""
        shown = self.filter()
        return bool(shown.rating or shown.tag or shown.search)

    def active(self) -> bool:
        """Tell whether anything is left out."""
        shown = self.filter()
        return shown != AssetFilter(newest_first=shown.newest_first)

    def set_choices(self, choices: FilterChoices) -> None:
        """Offer what occurs; choices in force stay when they still occur."""
        everything = ChipChoice(None, self.tr("Everything"), sum(choices.counts.values()))
        kinds = [
            ChipChoice(kind, nouns.kind(kind), count) for kind, count in choices.counts.items()
        ]
        self._kinds.set_choices([everything, *kinds])
        for combo, words in (
            (self._model, choices.models),
            (self._label, choices.labels),
            (self._tag, choices.tags),
        ):
            _fill(combo, words)
        self._mark()

    def set_tags(self, tags: Sequence[str]) -> None:
        """Offer these tags."""
        _fill(self._tag, tags)

    def set_kind(self, kind: Modality | None) -> None:
        """Show one kind alone, or everything."""
        self._kinds.set_key(kind)
        self._on_changed()

    def set_rating(self, stars: int) -> None:
        """Show what has at least this many stars."""
        self._rating = stars
        self._show_stars()
        self._on_changed()

    def set_search(self, words: str) -> None:
        """Search for words."""
        self._search.setText(words)

    def choose(self, *, model: str = "", label: str = "", tag: str = "") -> None:
        """Set the further filters."""
        for combo, word in ((self._model, model), (self._label, label), (self._tag, tag)):
            combo.setCurrentIndex(max(0, combo.findData(word)))

    def clear(self) -> None:
        """Leave nothing out."""
        blocked = self.blockSignals(True)
        for combo in self._combos():
            combo.setCurrentIndex(0)
        self._search.clear()
        self._kinds.set_key(None)
        self.set_rating(0)
        self.blockSignals(blocked)
        self._on_changed()

    # -------------------------------------------------------------------------------- private

    def _combos(self) -> tuple[ComboBox, ...]:
        return (self._model, self._label, self._tag, self._date, self._order)

    def _combo(self, everything: str) -> ComboBox:
        combo = ComboBox()
        combo.setAccessibleName(everything)
        combo.addItem(everything, None)
        combo.setMinimumContentsLength(6)
        combo.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.currentIndexChanged.connect(self._on_changed)
        return combo

    def _since(self) -> float:
        """Return the start of the first day that is shown, 0 for any."""
        days: int | None = self._date.currentData()
        if days is None:
            return 0.0
        today = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
        return today - days * _DAY

    @Slot()
    def _on_changed(self) -> None:
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        """Say how many of the folded filters are in force."""
        used = sum(combo.currentIndex() > 0 for combo in self._combos()[:-1])
        self._more.setText(
            self.tr("Filters · {count}").format(count=used) if used else self.tr("Filters")
        )

    def _show_stars(self) -> None:
        text = "★" * self._rating + "+" if self._rating else self.tr("★ any")
        self._stars.setText(text)
        name = self.tr("At least {stars} stars").format(stars=self._rating)
        self._stars.setAccessibleName(name if self._rating else self.tr("Any stars"))
        self._stars.setChecked(self._rating > 0)

    @Slot()
    def _open_stars(self) -> None:
        self._stars.setChecked(self._rating > 0)
        menu = QMenu(self)
        for stars in range(_STARS + 1):
            text = "★" * stars + ("+" if stars < _STARS else "") if stars else self.tr("Any stars")
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked, stars=stars: self.set_rating(stars))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._stars.mapToGlobal(QPoint(0, self._stars.height() + 4)))


def _fill(combo: ComboBox, words: Sequence[str]) -> None:
    """Offer words below the first item, which stands for any."""
    if [combo.itemData(row) for row in range(1, combo.count())] == list(words):
        return
    kept = combo.currentData()
    blocked = combo.blockSignals(True)
    while combo.count() > 1:
        combo.removeItem(1)
    for word in words:
        combo.addItem(word, word)
    combo.setCurrentIndex(max(0, combo.findData(kept)) if kept else 0)
    combo.blockSignals(blocked)
