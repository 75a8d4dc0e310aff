"""The models that are served, one question at a time."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from studio.core.errors import StudioError
from studio.core.family_info import PROMPT_TASKS, SEVERAL_TASKS, WHOLE_TASKS, Task
from studio.core.media import Media, Modality, Music, Text
from studio.core.model_choices import Model, models
from studio.core.project import Project
from studio.core.protocol import GenerateRequest
from studio.data.image.modality import as_pillow
from studio.data.image.picture import encode_png
from studio.data.music import midi
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.models import load_model
from studio.engine.requests import sample_request, samples
from studio.serve.questions import Answer, Change, Generate, Item, Offer
from studio.terminal import Sink

_WAITING = 8  # questions that may wait while one is answered
_PATIENCE = 300.0  # seconds that one waits at most
#: The field of a question in which one sends what is one's own, for each kind that is served.
_OWN = {Modality.IMAGE: "picture", Modality.TEXT: "prompt", Modality.MUSIC: "midi"}


class Busy(Exception):  # noqa: N818 - an answer to the caller, not a fault
    """More is asked than can be answered in time."""


class NoSuchModel(Exception):  # noqa: N818 - an answer to the caller, not a fault
    """There is no model of that id, or it cannot do that task."""


class Shelf:
    """Answers questions with the models of a project and those that ship with the program.

    Ids say nothing of folders: they are the runs' own, or a hash of a package's path.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._turn = threading.Lock()
        self._waiting = threading.Semaphore(_WAITING)

    def offers(self) -> list[Offer]:
        """Return what can be asked."""
        return [_offer(model) for model in self._models()]

    def generate(self, model_id: str, question: Generate) -> Answer:
        """Make new items.

        Raises:
            NoSuchModel, Busy: See there.
            StudioError: The model cannot do what is asked.
        """
        model = self._find(model_id, Task.GENERATE)
        request = GenerateRequest(model=_reference(model), **question.model_dump())
        return self._answer(model_id, request)

    def change(self, model_id: str, task: Task, question: Change) -> Answer:
        """Change, go on from or answer what is the caller's own; raises as `generate` does."""
        model = self._find(model_id, task)
        with TemporaryDirectory(prefix="studio-") as folder:
            paths = _written(question, Path(folder))
            own = paths.get(_OWN[Modality(model.modality)])
            if own is None and task not in PROMPT_TASKS:
                raise StudioError(
                    "There is nothing to work on",
                    f"The task {task} starts from something of your own and nothing was sent.",
                    f"Send it as `{_OWN[Modality(model.modality)]}`.",
                )
            request = GenerateRequest(
                model=_reference(model),
                task=task,
                count=question.count if task in SEVERAL_TASKS | PROMPT_TASKS else 1,
                seed=question.seed,
                label="" if task in WHOLE_TASKS else question.label,
                prompt=question.prompt,
                inputs=[str(own)] if own is not None and task not in PROMPT_TASKS else [],
                masks=[str(paths["mask"])] if "mask" in paths else [],
                options=question.options,
            )
            return self._answer(model_id, request)

    def _answer(self, model_id: str, request: GenerateRequest) -> Answer:
        started = time.monotonic()
        with self._my_turn():
            project = Project.open(self._project)
            try:
                model = load_model(project, request.model)
            finally:
                project.close()
            job = JobContext("serve", Control(), Sink())
            media = samples(model, sample_request(model, request), job)
        items = [_item(each) for each in media]
        return Answer(model=model_id, items=items, seconds=time.monotonic() - started)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Wait until no other question is being answered; raises Busy when that lasts."""
        if not self._waiting.acquire(blocking=False):
            raise Busy
        try:
            if not self._turn.acquire(timeout=_PATIENCE):
                raise Busy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._waiting.release()

    def _models(self) -> Sequence[Model]:
        project = Project.open(self._project)
        try:
            return [model for model in models(project) if model.modality in _OWN]
        finally:
            project.close()

    def _find(self, model_id: str, task: Task) -> Model:
        for model in self._models():
            if _id(model) == model_id and task in model.tasks:
                return model
        raise NoSuchModel


def _id(model: Model) -> str:
    if not model.is_package:
        return model.reference
    digest = hashlib.sha256(model.reference.encode()).hexdigest()[:8]
    return f"{Path(model.reference).stem}-{digest}"


def _reference(model: Model) -> str:
    return model.reference if model.is_package else f"{model.reference}@{model.best}"


def _offer(model: Model) -> Offer:
    return Offer(
        id=_id(model),
        title=model.title,
        family=model.family,
        makes=model.modality,
        tasks=[task for task in model.tasks if task in SERVED],
        labels=list(model.labels),
        prompts=model.prompted,
        sampling=model.sampling,
    )


def _written(question: Change, folder: Path) -> dict[str, Path]:
    """Write the files of a question; returns them by name."""
    files = {"picture": question.picture, "mask": question.mask, "midi": question.midi}
    paths = {}
    for name, text in files.items():
        if text is not None:
            paths[name] = folder / ("piece.mid" if name == "midi" else name)
            paths[name].write_bytes(base64.b64decode(text))
    return paths


def _item(media: Media) -> Item:
    if isinstance(media, Text):
        return Item(text=media.text, facts=media.facts)
    if isinstance(media, Music):
        return Item(midi=_base64(midi.write(media)), facts=media.facts)
    return Item(png=_base64(encode_png(as_pillow(media))), facts=media.facts)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


#: Tasks that can be asked over HTTP: one thing of the caller's in at most, new ones out.
SERVED = frozenset(
    {
        Task.GENERATE,
        Task.RECONSTRUCT,
        Task.DENOISE,
        Task.VARY,
        Task.INPAINT,
        Task.TRANSLATE,
        Task.RESTORE,
        Task.STYLIZE,
        Task.CONTINUE,
        Task.ANSWER,
        Task.FILL,
    }
)
