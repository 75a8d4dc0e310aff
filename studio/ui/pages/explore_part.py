"""The explorer as a part of the Generate page: beside the results, with the model in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QStackedWidget

from studio.core.assets import Asset
from studio.core.exploration import Pin
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.core.places import Place, place_of, with_places
from studio.core.protocol import GenerateRequest, Severity
from studio.ui.context import Studio
from studio.ui.pages.explore_live import Live
from studio.ui.pages.explore_state import Explorer
from studio.ui.pages.explore_view import ExploreView
from studio.ui.pages.generate_make import MakePanel
from studio.ui.pages.generate_results import ResultsPanel
from studio.ui.widgets.cards import Card
from studio.ui.widgets.chips import ChipChoice, ChipRow

_RESULTS, _EXPLORER = "results", "explorer"


class ExplorePart(QObject):
    """Results or explorer in the middle of the page, and what goes between them.

    Attributes:
        explorer: Where one is, and what is kept.
        view: What the user sees of it.
        middle: Results and explorer, one of them in sight.

    Signals:
        wanted: A GenerateRequest that is to be made.
        end_wanted: What is being made is to end.
    """

    wanted = Signal(object)
    end_wanted = Signal()

    def __init__(self, studio: Studio, make: MakePanel, results: ResultsPanel) -> None:
        super().__init__()
        self._studio, self._make, self._results = studio, make, results
        self._model = ""  # RUN, RUN@STEP or a package
        self._can = False
        self.explorer = Explorer(studio)
        self._live = Live(studio)
        self.view = ExploreView(studio, self.explorer, self._live)
        self.middle = QStackedWidget()
        self._switches = [self._add(results, _RESULTS), self._add(self.view, _EXPLORER)]
        self.view.make_wanted.connect(self._on_make)
        self.view.own_wanted.connect(self._on_own)
        self.view.end_wanted.connect(self.end_wanted)
        self.view.pin_wanted.connect(self._on_pin)
        make.ground_changed.connect(self._on_ground)

    @property
    def is_open(self) -> bool:
        """Whether the explorer is in sight instead of the results."""
        return self.middle.currentWidget() is self.view

    def set_model(self, model: Model | None, reference: str) -> None:
        """Follow the model in force; one without a latent space has no explorer."""
        can = self._can = model is not None and Task.PROJECT in model.tasks
        for switch in self._switches:
            switch.setVisible(can)
        for card in (self._results, self.view):
            card.title.setVisible(not can)
        self.explorer.open(model.reference if model is not None else "")
        if not can:
            self.show(explorer=False)
        if reference == self._model:
            return
        self._model = reference
        if model is not None and can:
            self.view.set_modality(model.modality)
            self.view.set_model(reference)
        self._on_ground()

    def show(self, *, explorer: bool) -> None:
        """Bring the explorer, or the results, into sight."""
        key = _EXPLORER if explorer else _RESULTS
        for switch in self._switches:
            switch.set_key(key)
        self.middle.setCurrentWidget(self.view if explorer else self._results)

    def show_request(self, request: Mapping[str, Any]) -> None:
        """Go to the place of a request that was made at one."""
        places = with_places(request).get("places")
        task = request.get("task", Task.GENERATE)
        if not self._can or not places or task not in (Task.GENERATE, Task.PROJECT):
            return
        self.show(explorer=True)
        self._go(Place.model_validate(places[0]))

    def take(self, asset: Asset) -> None:
        """Go to the place of an own picture that was found, and pin it."""
        place = place_of(asset.recipe)
        if place is None or asset.recipe.get("request", {}).get("task") != Task.PROJECT:
            return
        inputs, number = asset.recipe["request"].get("inputs") or [], asset.recipe["facts"]["input"]
        title = Path(inputs[number]).stem if number < len(inputs) else ""
        self.view.pin(place, QPixmap(str(self._studio.project.folder / asset.path)), title)
        self._go(place)

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Show that something is made."""
        self.view.set_working(share, working=working)

    def _add(self, card: Card, key: str) -> ChipRow:
        """Put a card into the middle, with the switch at the head of it."""
        switch = ChipRow(
            self.tr("What to see"),
            [
                ChipChoice(_RESULTS, self.tr("Results")),
                ChipChoice(_EXPLORER, self.tr("Explorer")),
            ],
        )
        switch.set_key(key)
        switch.chosen.connect(lambda chosen: self.show(explorer=chosen == _EXPLORER))
        card.header.insertWidget(0, switch, 1)
        self.middle.addWidget(card)
        return switch

    def _go(self, place: Place) -> None:
        """Go to a place, whose label and variety become those of the Make panel."""
        told: dict[str, Any] = {"model": self._model}
        told |= {"label": place.label} if place.label else {}
        told |= {"variety": place.variety} if place.variety is not None else {}
        self._make.show_request(told)
        self.explorer.go_to(place)

    @Slot()
    def _on_ground(self) -> None:
        self.explorer.set_ground(self._make.label(), self._make.variety())

    @Slot(object)
    def _on_pin(self, pin: Pin) -> None:
        """Go to a pin, with the very weights that it was seen with, where they are still there."""
        if pin.model != self.view.weights:
            there = self._make.models.set_model(pin.model)
            if not there or self._make.models.reference() != pin.model:
                self._say_weights_gone()
        self._go(pin.place)

    def _say_weights_gone(self) -> None:
        self._studio.notify(
            Severity.WARNING,
            self.tr("The model as it was then is not here"),
            self.tr("The pin is shown with the model in force, so it may look different."),
            self.tr("Star a checkpoint on the Train page to keep it for good."),
        )

    @Slot(object)
    def _on_make(self, places: Sequence[Place]) -> None:
        self.wanted.emit(GenerateRequest(model=self._model, places=list(places)))

    @Slot(object)
    def _on_own(self, files: Sequence[str]) -> None:
        self.wanted.emit(
            GenerateRequest(
                model=self._model,
                task=Task.PROJECT,
                inputs=list(files),
                label=self._make.label(),
            )
        )
