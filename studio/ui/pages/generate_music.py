"""The middle of the Generate page for music: the piece in hand, the batch, and its pitches."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.ui.pages.generate_middle import Around
from studio.ui.pages.generate_music_draft import Draft
from studio.ui.pages.generate_music_list import TuneList
from studio.ui.pages.generate_music_pitches import PitchCard
from studio.ui.pages.generate_music_saver import Saver
from studio.ui.pages.generate_music_shelf import Shelf
from studio.ui.pages.generate_music_tune import TuneCard
from studio.ui.pages.generate_played import PlayedMiddle
from studio.ui.side_work import slow_work
from studio.ui.sound import player
from studio.ui.views.music_facts import PieceFacts
from studio.ui.views.music_survey import Survey, survey
from studio.ui.widgets.panes import Splitter


class MusicMiddle(PlayedMiddle):
    """The roll with its playhead large; below it the batch as small rolls, and the pitches.

    Attributes:
        tune, batch, pitches: The three parts.
    """

    batch: TuneList

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._shelf = Shelf(self._studio.project, self)
        self._wanted = 0  # the asset to be seen, once it is read
        self._facts: PieceFacts | None = None
        self._collection: Survey | None = None
        self._surveyed = ""
        self._survey_ticket = 0
        self._continuable = False
        self._saver = Saver(self._studio, self)
        self.tune = TuneCard(self._studio.undo)
        self.batch = TuneList(self._source, self._shelf)
        self.batch.position_of = self._position_of
        self.pitches = PitchCard()
        self._compare.setToolTip(self.tr("Shows two pieces above each other and plays either"))
        self.build(
            self._make_parts(),
            self.tr("What you make appears here as notes that play, and in the gallery by itself."),
        )
        self._connect()

    # ------------------------------------------------------------------------ the page's words

    def set_model(self, model: Model | None, reference: str) -> None:
        """Compare with what the model learned from, and offer what it can do."""
        self._continuable = model is not None and Task.CONTINUE in model.tasks
        self.tune.set_continuable(self._continuable)
        dataset = model.dataset if model is not None else ""
        if dataset != self._surveyed:
            self._surveyed, self._collection = dataset, None
            if dataset:
                work = partial(survey, self._studio.project.folder, dataset)
                self._survey_ticket = slow_work().ask(work, self._survey_ticket)
            self.pitches.show_facts(self._facts, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or hold with Space, wherever the keyboard is among these parts."""
        if event.key() == Qt.Key.Key_Space:
            self.tune.bar.toggle()
        else:
            super().keyPressEvent(event)

    # ---------------------------------------------------------------------------------- saving

    def save(self, *, then: str = "") -> None:
        """Keep the piece in sight, as it was edited, beside its original.

        Args:
            then: `export` or `continue` it.
        """
        draft = self.tune.draft
        if draft is not None and draft.changed:
            self._saver.save(draft, then=then)

    @Slot(object, int, str)
    def _on_saved(self, draft: Draft, new: int, then: str) -> None:
        self.tune.saved()
        self._source.show([*self._source.ids, new])
        self.batch.show_rows()
        if then == "export":
            self._actions.export([new])
        elif then == "continue":
            for asset in self._studio.project.library.assets.get([new]):
                self._continue(asset)

    # ---------------------------------------------------------------------------------- events

    @Slot(int)
    def _on_shown(self, asset_id: int) -> None:
        self._wanted = asset_id
        row = self.batch.currentIndex().row()
        draft = self.batch.draft(row) if asset_id else None
        if draft is not None:
            self._show_draft(draft)
        elif not asset_id and not self._source.ids and self.tune.draft is None:
            self.tune.show_draft(None)

    @Slot(int)
    def _on_loaded(self, asset_id: int) -> None:
        draft = self._shelf.get(asset_id)
        if draft is not None and asset_id == self._wanted:
            self._show_draft(draft)

    @Slot(int, str)
    def _on_failed(self, asset_id: int, why: str) -> None:
        if asset_id == self._wanted:
            self.tune.show_draft(None)
            self.tune.editor.show_message(why)

    def _show_draft(self, draft: Draft) -> None:
        if draft is not self.tune.draft:
            self._facts = None
            self.tune.show_draft(draft)
            self._shelf.measure(draft)

    @Slot(int, object)
    def _on_measured(self, asset_id: int, facts: PieceFacts) -> None:
        if self.tune.draft is not None and asset_id == self.tune.draft.asset.id:
            self._facts = facts
            self.tune.show_facts(facts)
            self.pitches.show_facts(facts, self._collection)

    @Slot(object)
    def _on_edited(self, draft: Draft) -> None:
        """Follow an edit or its undo, also of a piece that is not in sight."""
        if draft is not self.tune.draft:
            self._wanted = draft.asset.id
            self._show_draft(draft)
        self._shelf.measure(draft)
        self.batch.viewport().update()

    @Slot(int, object)
    def _on_surveyed(self, ticket: int, result: object) -> None:
        if ticket == self._survey_ticket and isinstance(result, Survey):
            self._collection = result
            self.pitches.show_facts(self._facts, result)

    def _on_export(self) -> None:
        """Export what is chosen; the piece in sight as it was edited."""
        draft = self.tune.draft
        if draft is not None and draft.changed:
            self.save(then="export")
            return
        chosen = [asset.id for asset in self.batch.chosen()]
        if draft is not None:
            self._actions.export(chosen or [draft.asset.id])

    def _on_continue(self) -> None:
        """Ask for a continuation of the piece in sight, as it was edited."""
        draft = self.tune.draft
        if draft is not None and draft.changed:
            self.save(then="continue")
        elif draft is not None:
            self._continue(draft.asset)

    def _continue(self, asset: Asset) -> None:
        path = self._studio.project.folder / asset.path
        model = self._make.models.reference()
        task = Task.CONTINUE.value
        self._make.show_request({"model": model, "task": task, "inputs": [str(path)]})

    def _position_of(self, draft: Draft) -> float | None:
        piece = draft.piece
        plays = player().plays(piece) or draft is self.tune.draft
        return player().position(piece) if plays else None

    # ------------------------------------------------------------------------------------ parts

    def _connect(self) -> None:
        batch, tune, shelf = self.batch, self.tune, self._shelf
        batch.shown.connect(self._on_shown)
        batch.play_wanted.connect(tune.bar.toggle)
        self._saver.saved.connect(self._on_saved)
        shelf.loaded.connect(self._on_loaded)
        shelf.failed.connect(self._on_failed)
        shelf.measured.connect(self._on_measured)
        tune.edited.connect(self._on_edited)
        tune.save_wanted.connect(self.save)
        tune.export_wanted.connect(self._on_export)
        tune.continue_wanted.connect(self._on_continue)
        tune.bar.moved.connect(lambda _seconds: batch.viewport().update())
        slow_work().done.connect(self._on_surveyed)

    def _make_parts(self) -> QWidget:
        batch = self.batch_card()
        below = Splitter("generate-music-below")
        below.addWidget(batch)
        below.addWidget(self.pitches)
        below.restore([280, 420])
        parts = Splitter("generate-music", Qt.Orientation.Vertical)
        parts.addWidget(self.tune)
        parts.addWidget(below)
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 1)
        parts.restore([420, 240])
        return parts
