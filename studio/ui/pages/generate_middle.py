"""What stands in the middle of the Generate page: results, an editor, a piano roll …

A modality brings its own by a class that extends `Middle` and one line in `generate_middles.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.core.assets import Asset
from studio.core.model_choices import Model
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Progress, TextWritten
from studio.ui.asset_actions import AssetActions
from studio.ui.context import Studio
from studio.ui.pages.generate_make import MakePanel


class Around(NamedTuple):
    """What a middle works with.

    Attributes:
        make: The Make panel: `make.request()` is what it asks for now, `make.draw_seed()` takes
            another seed, `make.show_request(fields)` shows other settings, `make.task_changed`
            tells that `make.task()` is another one (before `Middle.set_model` when both change).
        actions: What can be done with assets: rate, delete, compare, enlarge, export.
    """

    studio: Studio
    make: MakePanel
    actions: AssetActions


class Middle(QWidget):
    """The middle of the page, and what belongs to it at the right.

    The page owns the job: it hands a request to the engine, and tells the middle what comes of it
    as `begin`, then `asset_made`, `text_written` and `progress`, then `finished`. While a job is
    in hand, `wanted` is not heard.

    Attributes:
        side: What stands in the right column; None leaves the column out.
        side_wanted: Whether the model in force has a use for it.
        side_title: What the button is called under which the column folds in a narrow window.
        takes_prompt: Whether the words of a request are written here, not in the Make panel.
        usual_count: How many things are made where the user did not say.

    Signals:
        wanted: A GenerateRequest that is to be made.
        stop_wanted: What is being made is to end.
        problem_changed: Why the Make panel's button cannot be pressed; empty when it can.
    """

    side: QWidget | None = None
    side_wanted = True
    side_title = ""
    takes_prompt = False
    usual_count = 16

    wanted = Signal(object)
    stop_wanted = Signal()
    problem_changed = Signal(str)

    def __init__(self, around: Around) -> None:
        super().__init__()
        self._studio, self._make, self._actions = around

    def set_model(self, model: Model | None, reference: str) -> None:
        """Follow the model in force.

        Args:
            model: The model; None when there is none.
            reference: `RUN`, `RUN@STEP` or a package.
        """

    def complete(self, request: GenerateRequest) -> GenerateRequest:
        """Return what the Make panel asks for with what is said here; its button was pressed."""
        return request

    def show_request(self, request: Mapping[str, Any]) -> None:
        """Show what a request says beside the Make panel's part, to make the same again."""

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room: `total` things will be made."""

    def asset_made(self, event: AssetMade, asset: Asset | None) -> None:
        """Show a thing that was made; `asset` is None when it is not in the library."""

    def text_written(self, event: TextWritten) -> None:
        """Show what a text has become so far."""

    def progress(self, event: Progress) -> None:
        """Show how far what is being made is."""

    def finished(self, event: JobFinished) -> None:
        """Show that nothing more comes, and why."""

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Show that something is being made, and how far it is (None when that is not known)."""
