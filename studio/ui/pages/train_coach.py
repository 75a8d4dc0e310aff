"""The coach's card: what it sees in a run, why, and the one button that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from studio.core.protocol import Advice, Severity
from studio.core.recipe import RunRecipe
from studio.core.runs import Run
from studio.ui.context import Studio
from studio.ui.icons import IconLabel
from studio.ui.pages.train_edits import DismissAdvice, dismissed_advice
from studio.ui.pages.train_recipes import cure, setting_field
from studio.ui.theme import Colour
from studio.ui.widgets.buttons import Disclosure, PrimaryButton, QuietButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label
from studio.ui.words import setting

_SIGNS: dict[Severity, tuple[str, Colour]] = {
    Severity.INFO: ("info", "accent"),
    Severity.WARNING: ("warning", "warn"),
    Severity.ERROR: ("bad", "bad"),
}


class CoachCard(Card):
    """Shows the newest advice that holds and was not dismissed; hidden when there is none.

    Signals:
        evidence_wanted: Names of the curves that show it; empty when they are no longer wanted.
        stop_wanted: The advice is to end the run here.
    """

    evidence_wanted = Signal(list)
    stop_wanted = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._recipe: RunRecipe | None = None
        self._training = False
        self.advice: Advice | None = None
        self.setAccessibleName(self.tr("Coach"))
        self._sign = IconLabel("warning", 16, "warn")
        self._title = label("", "heading")
        self._since = label("", "caption")
        self._sentence = label("", "muted", wrap=True)
        self._evidence = label("", "caption", wrap=True)
        self._evidence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.act = PrimaryButton("", self._act)
        self.why = Disclosure(self.tr("Show why"))
        self.why.toggled.connect(self._on_why)
        self._changes = label("", "caption", wrap=True)
        top = QHBoxLayout()
        top.addWidget(self._sign)
        top.addWidget(self._title, 1)
        top.addWidget(self._since)
        buttons = QHBoxLayout()
        buttons.addWidget(self.act)
        buttons.addWidget(self.why)
        buttons.addStretch(1)
        self.dismiss = QuietButton(self.tr("Dismiss"), self._dismiss)
        buttons.addWidget(self.dismiss)
        self.body.addLayout(top)
        for widget in (self._sentence, self._changes, self._evidence):
            self.body.addWidget(widget)
        self.body.addLayout(buttons)
        self.hide()

    def show_run(self, run: Run | None, recipe: RunRecipe | None, *, training: bool) -> None:
        """Follow a run; `training` tells whether it is the one in hand."""
        other = run is None or self._run is None or run.folder != self._run.folder
        self._run, self._recipe, self._training = run, recipe, training
        if other:
            self.why.setChecked(False)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read what the coach has said."""
        self.advice = None
        if self._run is not None:
            dismissed = dismissed_advice(self._run.id)
            held = [each for each in self._run.advice() if not each.resolved]
            shown = [each for each in held if _key(each) not in dismissed]
            self.advice = shown[-1] if shown else None
        self.setVisible(self.advice is not None)
        if self.advice is not None:
            self._show(self.advice)
        else:
            self.why.setChecked(False)

    def _show(self, advice: Advice) -> None:
        self._sign.set_icon(*_SIGNS[advice.severity])
        self._title.setText(advice.title)
        self._since.setText(self.tr("since step {step}").format(step=f"{advice.since:,}"))
        self._sentence.setText(advice.sentence)
        self._evidence.setText(advice.evidence)
        self._evidence.setVisible(self.why.isChecked())
        self._changes.setText(self._change_words(advice))
        self._changes.setVisible(self.why.isChecked() and bool(advice.changes))
        self.act.setText(self._action_words(advice))
        self.act.setAccessibleName(self.act.text())
        stops = self._training and bool(advice.action) and not advice.changes
        self.act.setVisible(self._fork() is not None or stops)
        self.setAccessibleName(f"{self.tr('Coach')}: {advice.title}")

    def _fork(self) -> RunRecipe | None:
        if self._run is None or self._recipe is None or self.advice is None:
            return None
        return cure(self._recipe, self._run.id, self.advice)

    def _action_words(self, advice: Advice) -> str:
        if advice.changes and advice.fork_step is not None:
            words = self.tr("Fork from step {step} with this change")
            return words.format(step=f"{advice.fork_step:,}")
        return advice.action

    def _change_words(self, advice: Advice) -> str:
        if self._recipe is None:
            return ""
        changes = []
        for name, value in advice.changes.items():
            field = setting_field(self._recipe, name)
            before = setting(self._recipe.options.get(name), field)
            changes.append(f"{field.get('title', name)}: {before} → {setting(value, field)}")
        return self.tr("The change: {changes}").format(changes="; ".join(changes))

    def _act(self) -> None:
        fork = self._fork()
        if fork is None:
            self.stop_wanted.emit()
            return
        training = self._studio.queue.training() is not None
        self._studio.queue.add(fork)
        if training and self._training:
            self._studio.notify(
                Severity.INFO,
                self.tr("The changed run is in the queue"),
                self.tr("It starts when the present one has ended."),
                action=(self.tr("Stop and save the present one"), self._studio.trainer.stop),
            )

    def _dismiss(self) -> None:
        if self._run is not None and self.advice is not None:
            command = DismissAdvice(self._run.id, _key(self.advice), self.refresh)
            self._studio.undo.push(command)

    @Slot(bool)
    def _on_why(self, shown: bool) -> None:
        self._evidence.setVisible(shown)
        self._changes.setVisible(shown and self.advice is not None and bool(self.advice.changes))
        names = self.advice.metrics if shown and self.advice is not None else []
        self.evidence_wanted.emit(names)


def _key(advice: Advice) -> str:
    return f"{advice.rule}@{advice.since}"
