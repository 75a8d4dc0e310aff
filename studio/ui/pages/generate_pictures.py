"""Results or explorer in the middle of the Generate page, with the path at the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Outcome
from studio.ui.pages.explore_part import ExplorePart
from studio.ui.pages.generate_middle import Around, Middle
from studio.ui.pages.generate_path import PathPanel
from studio.ui.pages.generate_results import ResultsPanel
from studio.ui.pages.generate_tasks import PATHS


class PicturesMiddle(Middle):
    """The newest batch as thumbnails, the explorer in its place, and a path beside them.

    Attributes:
        results, explore, path: The three parts.
        column: What the middle consists of.
    """

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._task, self._total = Task.GENERATE, 0
        self.results = ResultsPanel(self._studio, self._actions)
        self.explore = ExplorePart(self._studio, self._make, self.results)
        self.path = PathPanel(self._studio.project, self.explore.explorer)
        self.side, self.side_title = self.path, self.tr("Path")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(self.explore.middle)
        self.explore.wanted.connect(self.wanted)
        self.explore.end_wanted.connect(self.stop_wanted)
        self.path.wanted.connect(self._on_path_wanted)
        self.path.chosen_wanted.connect(lambda: self.path.add_assets(self.results.chosen()))

    def set_model(self, model: Model | None, reference: str) -> None:
        """Offer what the model can do."""
        self.results.set_model_there(model is not None)
        self.explore.set_model(model, reference)
        self.path.set_tasks(model.tasks if model is not None else ())

    def complete(self, request: GenerateRequest) -> GenerateRequest:
        """Add the path where one is asked for, and bring the results into sight."""
        self.explore.show(explorer=False)
        return self.with_path(request)

    def with_path(self, request: GenerateRequest) -> GenerateRequest:
        """Return the request with the path's settings, for tasks that make one."""
        if request.task not in PATHS:
            return request
        on_path = self.path.settings()._asdict()
        if request.task is Task.MORPH:  # its places are the files, whose number may be another one
            on_path |= {"places": [], "legs": []}
        return GenerateRequest(**request.model_dump() | on_path)

    def show_request(self, request: Mapping[str, Any]) -> None:
        """Show the path, or the place in the latent space, of a request."""
        self.path.show_request(request)
        self.explore.show_request(request)

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for a new batch."""
        self._task, self._total = request.task, total
        self.results.begin()
        self.results.say(self.tr("starting…"))

    def asset_made(self, event: AssetMade, asset: Asset | None) -> None:
        """Add a thing to the batch; a path is shown in its panel, a found place in the explorer."""
        self.results.add(event.asset)
        self._total = event.total or self._total
        self.results.say(self._so_far(event.index + 1))
        if asset is not None and self._task in PATHS:
            self.path.show_path(asset)
        elif asset is not None and self._task is Task.PROJECT:
            self.explore.take(asset)

    def finished(self, event: JobFinished) -> None:
        """Say how many there are, and how long it took."""
        made = len(self.results.ids())
        if event.outcome is Outcome.FAILED:
            self.results.say(self.tr("failed"))
        elif made < self._total:
            self.results.say(self.tr("{words} · stopped").format(words=self._so_far(made)))
        else:
            words = self.tr("{words} · {seconds} s")
            seconds = f"{event.seconds:.1f}"
            self.results.say(words.format(words=self._so_far(made), seconds=seconds))

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Allow no second path meanwhile."""
        self.explore.set_working(share, working=working)
        self.path.set_busy(working)

    @Slot()
    def _on_path_wanted(self) -> None:
        self.wanted.emit(self.with_path(self._make.request(Task.INTERPOLATE)))

    def _so_far(self, done: int) -> str:
        words = self.tr("{done} of {total}")
        return words.format(done=f"{done:,}", total=f"{self._total:,}")
