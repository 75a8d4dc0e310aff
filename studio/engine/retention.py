"""Which checkpoints stay: the newest ones, the best one, and every starred one."""

from __future__ import annotations

import shutil

from studio.core.project import Project
from studio.core.retention import to_remove
from studio.core.runs import Run


def apply_retention(project: Project, run: Run, keep: int) -> list[int]:
    """Remove the checkpoints that the rule gives up; returns their steps."""
    paths = run.checkpoint_paths()
    removed = to_remove(
        list(paths), keep, run.state().best_step, project.library.stars.of_run(run.id)
    )
    for step in removed:
        shutil.rmtree(paths[step], ignore_errors=True)
    return removed
