"""The job *train*: from a recipe or a run's folder to the trainer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from studio.core.errors import StudioError
from studio.core.project import Project, new_id
from studio.core.protocol import Train
from studio.core.runs import Run, RunStatus
from studio.engine.job import JobContext
from studio.engine.registry import family_recipe
from studio.engine.runtime import Processes, choose_device
from studio.engine.trainer import Trainer


def train(command: Train, job: JobContext) -> dict[str, Any]:
    """Start a run, or go on with one from its newest checkpoint.

    Under `torchrun` every process trains; the first one keeps the run's folder, the others write
    to a folder of their own that is removed at the end.
    """
    project = Project.open(Path(command.project))
    wish = str(command.recipe.options.get("device", "auto")) if command.recipe else "auto"
    processes = Processes(choose_device(wish))
    try:
        run, resume = processes.broadcast(_run_of(project, command) if processes.speaks else None)
        with ExitStack() as stack:
            if not processes.speaks:
                scratch = stack.enter_context(TemporaryDirectory(prefix="studio-"))
                own = Run(Path(scratch) / run.id)
                own.create(run.recipe())
                run = own
            job.started("train", run.recipe().name, run.id)
            stack.enter_context(_log_to(run.log_path))
            return Trainer(project, run, job, processes, resume).train()
    finally:
        processes.close()
        project.close()


def _run_of(project: Project, command: Train) -> tuple[Run, Path | None]:
    if command.resume:
        run = Run.find(project.runs, command.resume)
        if run.state().status == RunStatus.RUNNING:
            raise StudioError(
                "That run is being trained already",
                f"Another engine works on {run.id}.",
                "Wait for it, or stop it first.",
            )
        saved = run.checkpoint_paths()
        return run, saved[max(saved)] if saved else None
    if command.recipe is None:
        raise StudioError("Nothing to train", "The command holds neither a recipe nor a run.")
    recipe = command.recipe
    family_recipe(recipe)  # before a folder is made: are the settings sound?
    fingerprint = project.library.datasets.fingerprint(recipe.dataset.id)
    recipe = recipe.model_copy(
        update={"dataset": recipe.dataset.model_copy(update={"fingerprint": fingerprint})}
    )
    run = Run(project.runs / new_id(recipe.name))
    run.create(recipe)
    return run, None


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Copy log records to a run's own log for the time of the context."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("studio")
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
