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

from studio.core.family_info import SEVERAL_TASKS, WHOLE_TASKS, Task
from studio.core.media import Media
from studio.core.model_choices import Model, models
from studio.core.project import Project
from studio.core.protocol import GenerateRequest
from studio.data.image import as_pillow
from studio.data.picture import encode_png
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.models import load_model
from studio.engine.requests import sample_request, samples
from studio.serve.questions import Answer, Change, Generate, Item, Offer
from studio.terminal import Sink

_WAITING = 8  # questions that may wait while one is answered
_PATIENCE = 300.0  # seconds that one waits at most


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
        return [_offer(model) for model in self._pictures()]

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
        """Change a picture of the caller's; raises as `generate` does."""
        model = self._find(model_id, task)
        with TemporaryDirectory(prefix="studio-") as folder:
            files = {"picture": question.picture, "mask": question.mask}
            paths = {}
            for name, text in files.items():
                if text is not None:
                    paths[name] = Path(folder) / name
                    paths[name].write_bytes(base64.b64decode(text))
            request = GenerateRequest(
                model=_reference(model),
                task=task,
                count=question.count if task in SEVERAL_TASKS else 1,
                seed=question.seed,
                label="" if task in WHOLE_TASKS else question.label,
                prompt=question.prompt,
                inputs=[str(paths["picture"])],
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

    def _pictures(self) -> Sequence[Model]:
        project = Project.open(self._project)
        try:
            return [model for model in models(project) if model.modality == "image"]
        finally:
            project.close()

    def _find(self, model_id: str, task: Task) -> Model:
        for model in self._pictures():
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
        tasks=[task for task in model.tasks if task in SERVED],
        labels=list(model.labels),
        prompts=model.prompted,
        sampling=model.sampling,
    )


def _item(media: Media) -> Item:
    png = encode_png(as_pillow(media))
    return Item(png=base64.b64encode(png).decode("ascii"), facts=media.facts)


#: Tasks that can be asked over HTTP: one picture in at most, pictures out.
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
    }
)
