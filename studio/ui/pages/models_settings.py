"""The settings of the model in hand: presets, the few that matter, the rest, and the forecast."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.catalogue import FamilyEntry
from studio.core.recipe import DatasetRef, Fork, RunRecipe
from studio.ui.context import Studio
from studio.ui.forms import SchemaForm
from studio.ui.pages.models_forecast import ForecastCard
from studio.ui.pages.models_learn import LearnDialog
from studio.ui.pages.models_partner import PartnerChooser
from studio.ui.pages.models_start import StartChooser
from studio.ui.widgets.buttons import PrimaryButton, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled

#: Stands before the form's names of preparation settings; no option of a family begins so.
_PREPARED = "preparation."
_LEAST_SIZE = 8


class SettingsPane(Card):
    """Shows a recipe; every change of the user's is handed over as another recipe.

    Attributes:
        form: The family's settings.
        partner: Chooses the second dataset, for models that learn from two.
        begin: Chooses the model that the training starts from.
        forecast: What the training will take.
        start: Adds the training to the queue.

    Signals:
        edited: (words for undo, RunRecipe) the user changed a setting.
        preset_wanted: Id of a preset.
        problems_changed: Settings became usable, or the other way round.
    """

    edited = Signal(str, object)
    preset_wanted = Signal(str)
    problems_changed = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(" ")
        self.setAccessibleName(QCoreApplication.translate("SettingsPane", "Settings"))
        self._studio = studio
        self._recipe: RunRecipe | None = None
        self._entry: FamilyEntry | None = None
        self._fields: dict[str, dict[str, Any]] = {}
        self._usable = True
        self.form: SchemaForm | None = None
        self._learn = QuietButton(self.tr("How it works"), self._open_learn, icon="help")
        self.header.addWidget(self._learn)
        self._presets = ChipRow(self.tr("Presets"))
        self._presets.chosen.connect(self._on_preset)
        self._summary = label("", "caption", wrap=True)
        self.begin = StartChooser(studio)
        self.begin.chosen.connect(self._on_start_from)
        self.partner = PartnerChooser(studio)
        self.partner.chosen.connect(self._on_partner)
        self._place = QVBoxLayout()
        self.forecast = ForecastCard()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(12)
        for widget in (self._presets, self._summary, self.partner, self.begin):
            column.addWidget(widget)
        column.addLayout(self._place)
        column.addStretch(1)
        self.start = PrimaryButton(self.tr("Start training"))
        self.start.setMinimumHeight(32)
        self.body.addWidget(scrolled(content), 1)
        self.body.addWidget(self.forecast)
        self.body.addWidget(self.start)

    def show_recipe(self, recipe: RunRecipe) -> None:
        """Show another recipe, making the form anew for another family."""
        entry = self._studio.catalogue.family(recipe.family)
        another = self._entry is not entry
        if another:
            self._entry = entry
            self.set_title(entry.info.title)
            self._presets.set_choices([ChipChoice(p.id, p.title) for p in entry.presets])
            self._make_form(entry, recipe)
        self._recipe = recipe
        self.partner.show_recipe(recipe, entry.info)
        self.begin.show_recipe(recipe, again=another)
        assert self.form is not None
        self._presets.set_key(recipe.preset)
        prepared = {_PREPARED + name: value for name, value in recipe.preparation.items()}
        self.form.set_values({**recipe.options, **prepared})
        self._show_summary(entry, recipe)

    def refresh_models(self) -> None:
        """Look again which models a training can start from."""
        if self._recipe is not None:
            self.begin.show_recipe(self._recipe, again=True)

    @property
    def usable(self) -> bool:
        """Whether every setting is within its bounds, and the second dataset chosen."""
        recipe, entry = self._recipe, self._entry
        whole = entry is None or not entry.info.partner or (recipe is not None and recipe.partner)
        return self._usable and bool(whole)

    def _make_form(self, entry: FamilyEntry, recipe: RunRecipe) -> None:
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        prepared = self._preparation_fields(entry, recipe)
        self._fields = {**prepared, **entry.options["properties"]}
        self.form = SchemaForm(entry.options | {"properties": self._fields})
        self.form.changed.connect(self._on_changed)
        self.form.edited.connect(self._on_edited)
        self._place.addWidget(self.form)

    def _preparation_fields(self, entry: FamilyEntry, recipe: RunRecipe) -> dict[str, Any]:
        """Return the preparation settings that the family's presets choose, such as the size.

        What means *automatic* is left out: a preset has decided it.
        """
        known = self._studio.catalogue.modalities[recipe.modality].preparation["properties"]
        chosen = dict.fromkeys(name for preset in entry.presets for name in preset.preparation)
        fields = {name: known[name] | {"main": True} for name in chosen}
        return {
            _PREPARED + name: field | ({"minimum": _LEAST_SIZE} if field["default"] == 0 else {})
            for name, field in fields.items()
        }

    def _show_summary(self, entry: FamilyEntry, recipe: RunRecipe) -> None:
        if not recipe.preset:
            self._summary.setText(self.tr("Own settings"))
            return
        preset = entry.preset(recipe.preset)
        usual = entry.values(recipe.preset)
        changed = sum(recipe.options.get(name) != value for name, value in usual.items())
        words = preset.summary
        if changed:
            note = self.tr("Changed since: {count}. Press {preset} again to go back.")
            words += " " + note.format(count=changed, preset=preset.title)
        self._summary.setText(words)

    @Slot(object)
    def _on_preset(self, preset: str) -> None:
        self.preset_wanted.emit(preset)

    @Slot()
    def _on_changed(self) -> None:
        usable = self.form is not None and not self.form.problems()
        if usable != self._usable:
            self._usable = usable
            self.problems_changed.emit()

    @Slot(str, object, object)
    def _on_edited(self, name: str, _before: object, _after: object) -> None:
        if self._recipe is None or self.form is None or self.form.problems():
            return
        options: dict[str, Any] = {}
        prepared: dict[str, Any] = {}
        for field, value in self.form.values().items():
            if field.startswith(_PREPARED):
                prepared[field.removeprefix(_PREPARED)] = value
            else:
                options[field] = value
        recipe = self._recipe.model_copy(
            update={"options": options, "preparation": self._recipe.preparation | prepared}
        )
        title = self._fields[name].get("title", name)
        self.edited.emit(self.tr("changing {setting}").format(setting=title), recipe)

    @Slot(object)
    def _on_partner(self, partner: DatasetRef) -> None:
        if self._recipe is not None:
            recipe = self._recipe.model_copy(update={"partner": partner})
            self.edited.emit(self.tr("choosing the second dataset"), recipe)

    @Slot(object)
    def _on_start_from(self, fork: Fork | None) -> None:
        if self._recipe is not None:
            recipe = self._recipe.model_copy(update={"fork": fork})
            self.edited.emit(self.tr("choosing what it starts from"), recipe)

    def _open_learn(self) -> None:
        if self._entry is not None:
            dialog = LearnDialog(self._entry.info, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
