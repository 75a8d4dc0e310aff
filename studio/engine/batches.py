"""The job *make_batch*: what many models make, in one folder with a manifest.

A batch is cut into requests, one for each model and label of a part. The manifest is written after
each, so that a batch that was ended, or whose engine died, goes on where it was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio import __version__
from studio.core.batch_recipes import MANIFEST, BatchPart, BatchRecipe
from studio.core.errors import StudioError
from studio.core.files import read_json, slug, unused, write_json
from studio.core.media import Media
from studio.core.project import Project
from studio.core.protocol import ErrorReport, GenerateRequest, MakeBatch, Severity
from studio.data.modality import modality_data
from studio.engine.asset_sink import AssetSink
from studio.engine.errors import report
from studio.engine.generator import made
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model

log = logging.getLogger(__name__)


def make_batch(command: MakeBatch, job: JobContext) -> dict[str, Any]:
    """Make everything that a batch recipe names; returns folder, manifest and what failed.

    A model that cannot do its part is noted and left out; the rest is made all the same.

    Raises:
        StopRequested: The user ended it; what was made until then is kept, and goes on from there
            when the same batch is asked for again.
        StudioError: The folder holds another batch, or no part could be made.
    """
    recipe = command.recipe
    job.started("make_batch", recipe.name)
    project = Project.open(Path(command.project))
    try:
        batch = _Batch(project, recipe, command.out, job)
        for part, request in batch.requests:
            batch.make(part, request)
    finally:
        project.close()
    if batch.failed and not batch.files:
        first = batch.failed[0]
        raise StudioError(first["title"], first["message"], first["hint"])
    return {
        "folder": str(batch.folder),
        "manifest": str(batch.folder / MANIFEST),
        "made": len(batch.files),
        "failed": batch.failed,
    }


class _Share(JobContext):
    """A part of a job: how far it is counts towards the whole batch."""

    def __init__(self, job: JobContext, before: int, count: int, total: int) -> None:
        super().__init__(job.job_id, job.control, job.emit)
        self._whole, self._before, self._count, self._total = job, before, count, total

    def progress(
        self,
        stage: str,
        done: int,
        total: int = 0,
        unit: str = "",
        counts: dict[str, int] | None = None,
    ) -> None:
        """Say how far the batch is."""
        here = self._count * done // total if total else 0
        self._whole.progress("Making the batch", self._before + here, self._total, "items")


class _Batch:
    """A batch in hand.

    Attributes:
        folder: Where its files go.
        requests: Everything that is asked for, with the part that it belongs to.
        files: What the manifest says of each medium.
        failed: What it says of the parts that could not be made.
    """

    def __init__(self, project: Project, recipe: BatchRecipe, out: str, job: JobContext) -> None:
        self._project, self._recipe, self._job = project, recipe, job
        self._out = bool(out)
        self.folder = Path(out) if out else project.assets / (recipe.folder or _new(recipe))
        if not out and not recipe.folder:
            self.folder = unused(self.folder)
        self.requests = list(_requests(recipe))
        self.files: list[dict[str, Any]] = []
        self.failed: list[dict[str, Any]] = []
        self._done: set[str] = set()
        self._asked = 0  # things that the requests so far ask for
        self._go_on()
        known = project.relative(self.folder) if not out and self.folder.exists() else ""
        self._entered = project.library.assets.paths_below(known) if known else set()

    def _go_on(self) -> None:
        """Take over what the manifest in the folder says is done."""
        path = self.folder / MANIFEST
        if not path.exists():
            return
        before = read_json(path)
        if before.get("recipe") != self._plain():
            raise StudioError(
                "The folder holds another batch",
                f"{self.folder} was made by the batch {before.get('name', '')!r}.",
                "Choose another folder, or remove this one.",
            )
        self.files, self._done = before["files"], set(before["done"])

    def make(self, part: BatchPart, request: GenerateRequest) -> None:
        """Make what one request asks for, unless that was done before."""
        key = _key(part, request)
        share = _Share(self._job, self._asked, request.count, self._recipe.total)
        self._asked += request.count
        if key in self._done:
            return
        share.progress("", 0)
        try:
            model = load_model(self._project, request.model)
            found = list(self._made(part, request, model, share))
        except StudioError as error:
            self._fail(part, request, report(error))
        else:
            self.files += found
            self._done.add(key)
        self._write()

    def _made(
        self, part: BatchPart, request: GenerateRequest, model: LoadedModel, share: JobContext
    ) -> Iterator[dict[str, Any]]:
        """Write the media of a request; yields what the manifest says of each."""
        place = self.folder / part.folder
        before = f"{slug(model.title)}-" if len(part.models) > 1 else ""
        out = str(place) if self._out else ""
        sink = AssetSink(self._project, out, model, request, share, folder=place)
        with sink:
            for media, name in made(self._project, model, request, sink, share):
                path = place / (before + name + sink.suffix(media))
                if not self._is_there(path):
                    sink.write(media, before + name)
                yield self._said(part, model, media, path, self._copies(part, model, path))

    def _is_there(self, path: Path) -> bool:
        """Tell whether a file was written before the batch was ended in the middle of a request."""
        known = self._out or self._project.relative(path) in self._entered
        return path.exists() and known

    def _copies(self, part: BatchPart, model: LoadedModel, path: Path) -> list[str]:
        """Write a medium in the part's other formats as well."""
        kind = modality_data(model.spec.modality)
        written = []
        for suffix in part.formats:
            if suffix not in kind.formats:
                raise StudioError(
                    "Not a format for these",
                    f"{suffix!r} is not one of {', '.join(kind.formats)}.",
                    f"Choose another format for {part.name}.",
                )
            target = path.with_suffix(suffix)
            kind.export(path, target, kind.read_recipe(path))
            written.append(self._place(target))
        return written

    def _said(
        self, part: BatchPart, model: LoadedModel, media: Media, path: Path, copies: list[str]
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {
            name: media.facts[name] for name in ("seed", "label") if name in media.facts
        }
        return {
            "part": part.name,
            "kind": str(model.spec.modality),
            "file": self._place(path),
            "also": copies,
            "model": model.reference,
            "model_title": model.title,
            **facts,
        }

    def _fail(self, part: BatchPart, request: GenerateRequest, error: ErrorReport) -> None:
        log.info("%s by %s was not made: %s", part.name, request.model, error.message)
        self.failed.append(
            {
                "part": part.name,
                "model": request.model,
                "label": request.label,
                "title": error.title,
                "message": error.message,
                "hint": error.hint,
            }
        )
        words = f"{part.name}: {error.message}"
        self._job.notice(Severity.WARNING, "A part of the batch was left out", words, error.hint)

    def _place(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _plain(self) -> dict[str, Any]:
        return self._recipe.model_copy(update={"folder": ""}).model_dump(mode="json")

    def _write(self) -> None:
        """Write the manifest as things stand."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(
            self.folder / MANIFEST,
            {
                "studio": __version__,
                "name": self._recipe.name,
                "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                "files": self.files,
                "failed": self.failed,
                "done": sorted(self._done),
                "recipe": self._plain(),
            },
        )


def _new(recipe: BatchRecipe) -> str:
    return f"{time.strftime('%Y-%m-%d')}/{slug(recipe.name)}"


def _requests(recipe: BatchRecipe) -> Iterator[tuple[BatchPart, GenerateRequest]]:
    """Yield one request for each part, model and label; a model is loaded once for its labels."""
    for part in recipe.parts:
        for model in part.models:
            for label in part.labels or ("",):
                yield (
                    part,
                    GenerateRequest(
                        model=model,
                        count=part.count,
                        seed=part.seed,
                        label=label,
                        prompt=part.prompt,
                        variety=part.variety,
                        options=part.options,
                    ),
                )


def _key(part: BatchPart, request: GenerateRequest) -> str:
    return f"{part.folder} | {request.model} | {request.label}"
