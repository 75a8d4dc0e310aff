"""The middle of the Generate page for texts: an editor, answers and chat, or blanks to fill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from studio.core.assets import Asset
from studio.core.family_info import Task
from studio.core.model_choices import Model
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, TextWritten
from studio.ui.pages.generate_middle import Around, Middle
from studio.ui.pages.generate_text_answer import AnswerPart
from studio.ui.pages.generate_text_editor import EditorPart
from studio.ui.pages.generate_text_fill import FillPart
from studio.ui.pages.generate_text_part import TextPart, clipped, read_made

#: How a task is worked on; the editor for all others.
PARTS: dict[Task, type[TextPart]] = {Task.ANSWER: AnswerPart, Task.FILL: FillPart}


class TextMiddle(Middle):
    """Shows the part that the task asks for; each keeps its text while another is in sight.

    Attributes:
        part: What is in sight.
    """

    takes_prompt = True
    usual_count = 1

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._parts: dict[type[TextPart], TextPart] = {}
        self._busy: TextPart | None = None
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.part = self._shown(EditorPart)
        self._make.task_changed.connect(self._on_task)

    def set_model(self, model: Model | None, reference: str) -> None:
        """Show the part for what the model can do."""
        self._on_task()
        self.part.show_model(model)

    def complete(self, request: GenerateRequest) -> GenerateRequest:
        """Add the words that the model works on."""
        return request.model_copy(update={"prompt": clipped(self.part.prompt())})

    def show_request(self, request: Mapping[str, Any]) -> None:
        """Show the words of a request."""
        self._on_task()
        self.part.show_prompt(str(request.get("prompt", "")))

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Hand what comes to the part that asked for it."""
        self._busy = self.part
        self._busy.begin(request, total)

    def text_written(self, event: TextWritten) -> None:
        """Show a text while it is written."""
        if self._busy is not None:
            self._busy.written(event.index, event.text)

    def asset_made(self, event: AssetMade, asset: Asset | None) -> None:
        """Show a text that is done, with what is known of its words."""
        if self._busy is not None:
            self._busy.made(event.index, read_made(Path(event.path), asset))

    def finished(self, event: JobFinished) -> None:
        """Show that nothing more comes."""
        if self._busy is not None:
            self._busy.finished(event)
        self._busy = None

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Let no part ask meanwhile."""
        for part in self._parts.values():
            part.set_working(working=working)

    @Slot()
    def _on_task(self) -> None:
        self.part = self._shown(PARTS.get(self._make.task(), EditorPart))
        self._make.set_alone(alone=self.part.alone())
        self.problem_changed.emit(self.part.problem())

    def _shown(self, kind: type[TextPart]) -> TextPart:
        """Bring a part into sight; it is made when it is first needed."""
        if kind not in self._parts:
            made = self._parts[kind] = kind()
            made.asked.connect(self._on_asked)
            made.stop_wanted.connect(self.stop_wanted)
            made.problem_changed.connect(lambda words, made=made: self._on_problem(made, words))
            made.export_wanted.connect(self._actions.export)
            self._stack.addWidget(made)
        self._stack.setCurrentWidget(self._parts[kind])
        return self._parts[kind]

    def _on_problem(self, part: TextPart, words: str) -> None:
        if part is self.part:
            self._make.set_alone(alone=part.alone())
            self.problem_changed.emit(words)

    @Slot(dict)
    def _on_asked(self, fields: dict[str, Any]) -> None:
        """Ask for a text with the settings of the Make panel, and a new seed unless it is kept."""
        self._make.draw_seed()
        request = self._make.request()
        if request.seed == fields.pop("not_seed", None):
            request.seed = (request.seed + max(1, request.count)) % (1 << 31)
            self._make.set_seed(request.seed)
        self.wanted.emit(request.model_copy(update=fields))
