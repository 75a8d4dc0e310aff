"""The left panel of the Generate page: which model, what, how many, from which seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.core.family_info import PROMPT_TASKS, SEVERAL_TASKS, Task
from studio.core.media import Modality
from studio.core.model_choices import Model, example_caption
from studio.core.protocol import GenerateRequest
from studio.ui import nouns
from studio.ui.context import Studio
from studio.ui.forms import NO_SETTINGS, SchemaForm
from studio.ui.pages.generate_inputs import InputDrop
from studio.ui.pages.generate_model import ModelChooser, narrow_combo
from studio.ui.pages.generate_prompt import PromptField
from studio.ui.pages.generate_seed import SeedRow
from studio.ui.pages.generate_styles import StylesField
from studio.ui.pages.generate_tasks import TaskWords, task_words
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.inputs import LabelledSlider
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled
from studio.ui.widgets.progress import ProgressBar
from studio.ui.widgets.rows import CaptionedRows
from studio.ui.widgets.spin import ComboBox, SpinBox

_MOST = 100_000
_USUAL = 16
_STYLES = "styles"  # what a sampler is told of the mixture by


class MakePanel(Card):
    """Every setting of a request, and the button that makes it.

    Signals:
        wanted: The user pressed the primary button.
        stop_wanted: The user wants the work in hand to end.
        model_changed: The reference of the model in force, empty for none.
        task_changed: Another task, or the same of another model, is to be done.
        ground_changed: The label or the variety is another one.
    """

    wanted = Signal()
    stop_wanted = Signal()
    model_changed = Signal(str)
    task_changed = Signal()
    ground_changed = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(QCoreApplication.translate("MakePanel", "Make"))
        self._catalogue = studio.catalogue
        self._project = studio.project
        self._elsewhere = ""  # what is missing on another part of the page
        self._usual, self._prompt_here, self._alone = _USUAL, True, False
        self._settings = CaptionedRows()
        self.models = ModelChooser()
        self._settings.addWidget(self.models)
        self._task, self._label, self._count = narrow_combo(), narrow_combo(), SpinBox()
        self._settings.add_row(self.tr("What to make"), self._task)
        self._sentence = label("", "caption", wrap=True)
        self._settings.addWidget(self._sentence)
        self.prompt = PromptField()
        self._settings.add_row(self.tr("Prompt"), self.prompt)
        self.inputs = InputDrop(studio.project.inputs)
        self.inputs.changed.connect(self._refresh)
        self._settings.addWidget(self.inputs)
        self._count.setRange(1, _MOST)
        self._count.setGroupSeparatorShown(True)
        self._count.setValue(_USUAL)
        self._settings.add_row(self.tr("How many"), self._count)
        self._seed = SeedRow()
        self._settings.add_row(self.tr("Seed"), self._seed, named=self._seed.field)
        self._settings.add_row(self.tr("Label"), self._label)
        self.styles = StylesField()
        self.styles.changed.connect(self._refresh)
        self._settings.add_row(self.tr("Styles, mixed as you like"), self.styles)
        self._settings.addSpacing(4)
        self._variety = LabelledSlider(
            self.tr("Variety"),
            0.0,
            2.0,
            1.0,
            words=(self.tr("safe"), self.tr("surprising")),
            tip=self.tr(
                "Safe stays close to what is typical, surprising goes further out."
                " The middle is as learned (truncation, or temperature)."
            ),
        )
        self._settings.addWidget(self._variety)
        self._sampler = SchemaForm(NO_SETTINGS)
        self._sampler_of: tuple[Model | None, dict[str, Any]] = (None, NO_SETTINGS)
        self._settings.addWidget(self._sampler)
        self._settings.addStretch(1)
        content = QWidget()
        content.setLayout(self._settings)
        area = scrolled(content)
        area.setMinimumWidth(180)
        self.body.addWidget(area, 1)
        self._problem = label("", "caption", wrap=True)
        self.body.addWidget(self._problem)
        self._progress = ProgressBar(self.tr("Generating"))
        self.body.addWidget(self._progress)
        self.generate = PrimaryButton("", self.wanted.emit)
        self.stop = Button(self.tr("Stop"), self.stop_wanted.emit, icon="stop")
        self.body.addWidget(self.generate)
        self.body.addWidget(self.stop)
        self.models.changed.connect(self._on_model)
        self._task.currentIndexChanged.connect(self._on_task)
        self._count.valueChanged.connect(self._refresh)
        self._label.currentIndexChanged.connect(self.ground_changed)
        self._variety.changed.connect(self.ground_changed)
        self.set_working(None)
        self.models.set_models([])

    # -------------------------------------------------------------------------------- request

    def task(self) -> Task:
        """Return what is to be made."""
        return Task(self._task.currentData() or Task.GENERATE)

    def seed(self) -> int:
        """Return the seed in force."""
        return self._seed.seed()

    def request(self, task: Task | None = None) -> GenerateRequest:
        """Return what the panel asks for, for another task than the chosen one when it is given."""
        task = task or self.task()
        words = self._words(task)
        return GenerateRequest(
            model=self.models.reference(),
            task=task,
            count=self._how_many(),
            seed=self.seed(),
            label=self.label() if words.labelled else "",
            variety=self.variety(),
            prompt=self.prompt.text() if self._asks_words(words) else "",
            inputs=self.inputs.files() if words.files else [],
            masks=self.inputs.masks() if words.files else [],
            options=self._sampler.values() | self._mixture(),
        )

    def show_request(self, request: Mapping[str, Any]) -> bool:
        """Show the settings of a request; tells whether its model is there.

        The seed is locked, so that the same comes out. Parts that are not named stay.
        """
        known = self.models.set_model(str(request.get("model", "")))
        self._choose(self._task, request.get("task"))
        self._choose(self._label, request.get("label"))
        if "prompt" in request:
            self.prompt.setPlainText(str(request["prompt"]))
        if "inputs" in request:
            self.inputs.show_files(request["inputs"], request.get("masks") or [])
        if "count" in request:
            self._count.setValue(int(request["count"]))
        if "variety" in request:
            self._variety.set_value(float(request["variety"]))
        if "seed" in request:
            self.set_seed(int(request["seed"]))
        options = dict(request.get("options") or {})
        self.styles.show_text(str(options.get(_STYLES, "")))
        self._sampler.set_values(options)
        self.ground_changed.emit()
        return known

    def label(self) -> str:
        """Return the label that is asked for; empty for none."""
        return str(self._label.currentData() or "")

    def variety(self) -> float:
        """Return how far from what is typical things may be."""
        return round(self._variety.value(), 3)

    def set_seed(self, seed: int) -> None:
        """Show a seed and keep it."""
        self._seed.keep(seed)

    def draw_seed(self) -> None:
        """Take a new random seed unless the seed is locked."""
        self._seed.draw_unless_locked()

    def set_usual(self, count: int, *, prompt_here: bool) -> None:
        """Follow the middle of the page.

        Args:
            count: How many things are usually made; what the user chose meanwhile stays.
            prompt_here: Whether the words that a model follows are written in this panel.
        """
        if self._count.value() == self._usual:
            self._count.setValue(count)
        self._usual, self._prompt_here = count, prompt_here
        self.set_alone(alone=False)

    def set_alone(self, *, alone: bool) -> None:
        """Have one thing made at a time, whatever was chosen, as in a conversation."""
        if alone != self._alone:
            self._alone = alone
            self._show_count()
            self._refresh()

    def _show_count(self) -> None:
        self._settings.show_row(self._count, self._several() and not self._alone)

    def _several(self) -> bool:
        """Return whether the panel says how many are made, and from which seed."""
        task = self.task()
        seeded = task is Task.GENERATE or task in SEVERAL_TASKS | PROMPT_TASKS
        return seeded or self._words(task).stops > 0

    def _how_many(self) -> int:
        return 1 if self._alone else self._count.value()

    def set_problem(self, problem: str) -> None:
        """Say what is missing elsewhere on the page; empty when nothing is."""
        self._elsewhere = problem
        self._refresh()

    def problem(self) -> str:
        """Return what is missing before anything can be made; empty when nothing is."""
        if self.models.model() is None:
            return self.tr("A model is needed first.")
        files = self._words(self.task()).files
        if len(self.inputs.files()) < files:
            words = self.tr("Drop {items} or more to start from.")
            if self.inputs.takes_stills:
                words = self.tr("Drop {items} or more to start from, or a picture.")
            return words.format(items=nouns.counted(self._modality(), files))
        if files and self.inputs.lacks_mask():
            return self.tr("Press Paint… and paint over what is to be made anew.")
        if self.task() is Task.STYLIZE and not self.styles.text():
            return self.tr("Turn up one of the styles.")
        if self._how_many() < self._words(self.task()).stops:
            return self.tr("A path needs two or more.")
        return self._elsewhere

    def set_working(self, share: float | None, *, working: bool = False) -> None:
        """Show that something is being made, and how far it is (None when that is not known)."""
        self._progress.set_share(share)
        self._progress.setVisible(working)
        self.generate.setVisible(not working)
        self.stop.setVisible(working)

    # -------------------------------------------------------------------------------- private

    def _modality(self) -> Modality:
        model = self.models.model()
        return model.modality if model is not None else Modality.IMAGE

    def _words(self, task: Task) -> TaskWords:
        return task_words(task, self._modality())

    def _mixture(self) -> dict[str, str]:
        """Return the styles as the sampler is told of them; nothing for other tasks."""
        return {_STYLES: self.styles.text()} if self.task() is Task.STYLIZE else {}

    def _asks_words(self, words: TaskWords) -> bool:
        model = self.models.model()
        return self._prompt_here and words.prompted and model is not None and model.prompted

    def _show_sampler(self, task: Task) -> None:
        """Show what the chosen model's sampler can be told in a task."""
        model = self.models.model()
        schema = _of_task(model.sampling if model is not None else NO_SETTINGS, task)
        schema["properties"].pop(_STYLES, None)  # the sliders say it
        if (model, schema) == self._sampler_of:
            return
        self._sampler_of = (model, schema)
        form = SchemaForm(schema, stacked=True)
        form.setVisible(bool(schema["properties"]))
        self._settings.replaceWidget(self._sampler, form)
        self._sampler.hide()
        self._sampler.deleteLater()
        self._sampler = form

    @Slot()
    def _on_model(self) -> None:
        model = self.models.model()
        kept = self._task.currentData()
        blocked = self._task.blockSignals(True)
        self._task.clear()
        for task in model.tasks if model is not None else ():
            self._task.addItem(self._words(task).title, task.value)
        self._choose(self._task, kept)
        self._task.blockSignals(blocked)
        self._settings.show_row(self._task, self._task.count() > 1)
        kept = self._label.currentData()
        self._label.clear()
        self._label.addItem(self.tr("All in turn"), "")
        for name in model.labels if model is not None else ():
            self._label.addItem(name, name)
        self._choose(self._label, kept)
        self.styles.set_names(model.styles if model is not None else ())
        self.prompt.set_example(example_caption(self._project, model))
        self._on_task()
        self.model_changed.emit(self.models.reference())

    @Slot()
    def _on_task(self) -> None:
        task = self.task()
        words = self._words(task)
        self._offer_inputs(task)
        self._sentence.setText(words.sentence)
        self._sentence.setVisible(self._task.count() > 1)
        model = self.models.model()
        self.inputs.setVisible(words.files > 0)
        holes = task is Task.RESTORE and model is not None and model.masked
        self.inputs.set_masked(task is Task.INPAINT or holes)
        self._settings.show_row(self.prompt, self._asks_words(words))
        self._show_count()
        self._settings.show_row(self._seed, self._several())
        self._settings.show_row(self.styles, task is Task.STYLIZE)
        self._settings.show_row(self._label, words.labelled and self._label.count() > 1)
        self._variety.setVisible(not words.files and (model is None or model.varied))
        self._label.setItemText(0, self._no_label(task, words))
        self._show_sampler(task)
        self._refresh()
        self.task_changed.emit()

    def _offer_inputs(self, task: Task) -> None:
        """Take files of the model's kind, and pictures where they serve as well."""
        modality = self._modality()
        known = self._catalogue.modalities[modality]
        self.inputs.set_modality(modality, known.taken(task), known.stills)

    def _no_label(self, task: Task, words: TaskWords) -> str:
        """Return what it means that no label is chosen."""
        model = self.models.model()
        if task in SEVERAL_TASKS or (model is not None and model.prompted):
            return self.tr("Left open")
        return self.tr("Found by the model") if words.files else self.tr("All in turn")

    @Slot()
    def _refresh(self) -> None:
        words = self._words(self.task())
        count = len(self.inputs.files()) if words.files else self._how_many()
        if self.task() in SEVERAL_TASKS:
            count *= self._how_many()
        # nothing to count yet: the button only says what it does
        self.generate.setText(words.button(count))
        self.generate.setAccessibleName(self.generate.text())
        problem = self.problem()
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.generate.setEnabled(not problem)

    @staticmethod
    def _choose(combo: ComboBox, value: object) -> None:
        place = combo.findData(value)
        if place >= 0:
            combo.setCurrentIndex(place)


def _of_task(schema: dict[str, Any], task: Task) -> dict[str, Any]:
    """Return the part of a sampler's schema that counts in a task."""
    fields = schema["properties"].items()
    kept = {name: field for name, field in fields if task in field.get("tasks", [task])}
    return schema | {"properties": kept}
