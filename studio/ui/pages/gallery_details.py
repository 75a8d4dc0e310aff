"""The right pane of the Gallery: the chosen thing large, what made it, and what can be done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QDateTime, QLocale, QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.catalogue import FamilyEntry, catalogue
from studio.core.media import Modality
from studio.core.places import Place, place_of, with_places
from studio.core.project import Project
from studio.ui.asset_actions import sound_button
from studio.ui.asset_source import asset_title
from studio.ui.dialogs.look_closer import AssetStage
from studio.ui.dropped_recipes import modality_of
from studio.ui.pages.gallery_tags import TagEditor
from studio.ui.theme import GAP
from studio.ui.views.registry import VIEWS
from studio.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from studio.ui.widgets.cards import Card, EmptyState, Fact
from studio.ui.widgets.inputs import StarRating
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.panes import scrolled
from studio.ui.words import place_words, setting


class DetailsPanel(Card):
    """Shows one asset, or a file that was dropped to read its recipe.

    Signals:
        rated, tag_added, tag_removed: An edit of what is chosen.
        use_wanted: Open the Generate page with this request (a dict).
        sound_wanted, run_wanted, compare_wanted, delete_wanted, restore_wanted, export_wanted:
            Buttons.
    """

    rated = Signal(int)
    tag_added = Signal(str)
    tag_removed = Signal(str)
    use_wanted = Signal(object)
    sound_wanted = Signal()
    run_wanted = Signal()
    compare_wanted = Signal()
    delete_wanted = Signal()
    restore_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("What is chosen"))
        self._recipe: Mapping[str, Any] = {}
        self._shown: list[tuple[str, str]] = []
        self._empty = EmptyState("gallery", self.tr("Choose something to see what made it."))
        self._stage = AssetStage(project)
        self._pictures = QStackedWidget()
        self._pictures.addWidget(self._stage)
        self._pictures.setMinimumSize(QSize(160, 160))
        self._title = ElidedLabel("", "heading")
        self._stars = StarRating()
        self._stars.rated.connect(self.rated)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._stars)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(6)
        self.tags = TagEditor()
        self.tags.added.connect(self.tag_added)
        self.tags.removed.connect(self.tag_removed)
        self._tags_row = QWidget()
        tags = QVBoxLayout(self._tags_row)
        tags.setContentsMargins(0, 0, 0, 0)
        tags.setSpacing(4)
        tags.addWidget(label(self.tr("Tags"), "muted"))
        tags.addWidget(self.tags)
        self.use = Button(self.tr("Use these settings"), self._on_use)
        self.run = QuietButton(self.tr("Show the run"), self.run_wanted.emit)
        ways = QHBoxLayout()
        ways.setSpacing(GAP)
        ways.addWidget(self.use)
        self.sound = sound_button(self.sound_wanted.emit)
        ways.addWidget(self.sound)
        ways.addWidget(self.run)
        ways.addStretch(1)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(GAP)
        column.addLayout(top)
        column.addLayout(self._facts)
        column.addWidget(self._tags_row)
        column.addStretch(1)
        content = QWidget()
        whole = QVBoxLayout(content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self._pictures, 1)
        whole.addWidget(scrolled(words), 1)
        whole.addLayout(ways)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        self.body.addWidget(self._stack, 1)
        self.body.addLayout(self._ends())
        self.set_chosen([], 0, comparable=False, trashed=False)

    def show_asset(self, asset: Asset | None) -> None:
        """Show an asset; None shows that nothing is chosen."""
        if asset is None:
            self._stage.clear()
            self._stack.setCurrentIndex(0)
            return
        self._recipe = asset.recipe
        self._stage.show_asset(asset)
        self._title.setText(asset.label or asset_title(asset))
        self._stars.setVisible(True)
        self._stars.set_stars(asset.rating)
        self._tags_row.setVisible(True)
        self.tags.set_tags(asset.tags)
        self._show_facts(asset_facts(self, asset))
        self.sound.setVisible(asset.modality is Modality.VIDEO)
        self.run.setVisible(True)
        self.run.setEnabled(bool(asset.run))
        self.run.setToolTip("" if asset.run else self.tr("It was made with a model package."))
        self._stack.setCurrentIndex(1)

    def show_file(self, path: Path, recipe: Mapping[str, Any]) -> None:
        """Show a file that was dropped, with the recipe that it carries."""
        self._recipe = recipe
        self._stage.show_file(path, modality_of(path))
        self._title.setText(path.name)
        self._stars.setVisible(False)
        self._tags_row.setVisible(False)
        self._show_facts(recipe_facts(self, recipe))
        self.sound.setVisible(False)
        self.run.setVisible(False)
        self._stack.setCurrentIndex(1)

    def set_chosen(
        self, assets: list[Asset], count: int, *, comparable: bool, trashed: bool
    ) -> None:
        """Follow how many are chosen, and whether the trash is shown."""
        self._compare.setEnabled(comparable)
        self._delete.setEnabled(count > 0)
        self._export.setEnabled(count > 0)
        self._restore.setEnabled(count > 0)
        self._restore.setVisible(trashed)
        self._delete.setVisible(not trashed)
        self._export.setVisible(not trashed)
        self.sound.setEnabled(count == 1 and not trashed)
        several = self.tr("Export {count}…").format(count=f"{count:,}")
        text = several if count > 1 else self.tr("Export…")
        self._export.setText(text)
        self._export.setAccessibleName(text)
        self.show_asset(assets[0] if assets else None)

    def facts(self) -> dict[str, str]:
        """Return the lines that are shown, by name."""
        return dict(self._shown)

    def _show_facts(self, facts: list[tuple[str, str]]) -> None:
        self._shown = [(name, value) for name, value in facts if value]
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for name, value in self._shown:
            self._facts.addWidget(Fact(name, value))

    def _ends(self) -> QHBoxLayout:
        self._compare = QuietButton(self.tr("Compare"), self.compare_wanted.emit)
        self._delete = QuietButton(self.tr("Delete"), self.delete_wanted.emit)
        self._restore = PrimaryButton(self.tr("Restore"), self.restore_wanted.emit)
        self._export = PrimaryButton(self.tr("Export…"), self.export_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._compare)
        row.addWidget(self._delete)
        row.addStretch(1)
        row.addWidget(self._restore)
        row.addWidget(self._export)
        return row

    @Slot()
    def _on_use(self) -> None:
        self.use_wanted.emit(self._recipe)


def asset_facts(widget: QWidget, asset: Asset) -> list[tuple[str, str]]:
    """Return what is said of an asset: (name, value); empty values are left out."""
    tr = widget.tr
    return [
        (tr("Model"), asset.model_title),
        (tr("Kind of model"), _kind_of_model(asset.recipe)),
        (tr("Step"), f"{asset.step:,}" if asset.step else ""),
        *_request_facts(widget, asset.recipe),
        *_sampler_facts(asset.recipe),
        (tr("Size"), _extent(asset)),
        (tr("Made"), made(widget, asset.created)),
    ]


def recipe_facts(widget: QWidget, recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a file says of itself."""
    tr = widget.tr
    model = recipe.get("model", {})
    return [
        (tr("Model"), str(model.get("title", ""))),
        (tr("Kind of model"), _kind_of_model(recipe)),
        (tr("Trained on"), str(model.get("dataset", ""))),
        (tr("Step"), f"{model['step']:,}" if isinstance(model.get("step"), int) else ""),
        *_request_facts(widget, recipe),
        *_sampler_facts(recipe),
    ]


def _extent(asset: Asset) -> str:
    """Return how large an asset is, as its modality says it."""
    views = VIEWS.get(asset.modality)
    if not asset.width or views is None:
        return ""
    return views.dataset.extent_words(asset.width, asset.height)


def _family(recipe: Mapping[str, Any]) -> FamilyEntry | None:
    return catalogue().families.get(str(recipe.get("model", {}).get("family", "")))


def _kind_of_model(recipe: Mapping[str, Any]) -> str:
    family = _family(recipe)
    return family.info.title if family is not None else ""


def _sampler_facts(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the sampler was told, as far as this program knows such settings."""
    family = _family(recipe)
    known = family.sampling["properties"] if family is not None else {}
    told = recipe.get("request", {}).get("options") or {}
    return [
        (known[name]["title"], setting(value, known[name]))
        for name, value in told.items()
        if name in known
    ]


def _request_facts(widget: QWidget, recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    tr = widget.tr
    request, facts = with_places(recipe.get("request", {})), recipe.get("facts", {})
    lies_at = place_of(recipe) if "place" in facts else None
    places = [lies_at] if lies_at is not None else _places(request)
    path = " → ".join(map(place_words, places[:6])) + (" …" if len(places) > 6 else "")
    variety = request.get("variety", 1.0)
    return [
        (tr("Place") if places else tr("Seed"), path or str(facts.get("seed", ""))),
        (tr("Label"), str(facts.get("label", ""))),
        (tr("From"), ", ".join(request.get("inputs") or [])),
        (tr("Variety"), f"{variety:.2g}" if variety != 1.0 else ""),
    ]


def _places(request: Mapping[str, Any]) -> list[Place]:
    """Return the places of a path; none when a newer program told them."""
    try:
        return [Place.model_validate(place) for place in request.get("places") or []]
    except ValidationError:
        return []


def made(widget: QWidget, when: float) -> str:
    """Return when something was made: `today 14:02`, else date and time."""
    moment = QDateTime.fromSecsSinceEpoch(int(when))
    clock = moment.toString("HH:mm")
    day = time.strftime("%Y-%m-%d", time.localtime(when))
    if day == time.strftime("%Y-%m-%d"):
        return widget.tr("today {time}").format(time=clock)
    date = QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
    return f"{date} {clock}"
