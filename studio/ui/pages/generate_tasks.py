"""How the Generate page speaks of each task."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from studio.core.family_info import Task

#: Tasks whose result is one strip or clip through several places.
PATHS = frozenset({Task.INTERPOLATE, Task.MORPH})


class TaskWords(NamedTuple):
    """What a task is called and what it needs.

    Attributes:
        title: In the list of tasks.
        action: On the button; `{count}` is how many come out.
        sentence: What it does.
        files: How many own files it needs at least; 0 when it starts from seeds.
    """

    title: str
    action: str
    sentence: str
    files: int = 0


def task_words(task: Task) -> TaskWords:
    """Return the words for a task; one that nobody described is shown by its name."""
    tr = _tr
    table = {
        Task.GENERATE: TaskWords(
            tr("New pictures"), tr("Generate {count}"), tr("Each seed is another picture.")
        ),
        Task.INTERPOLATE: TaskWords(
            tr("A path between seeds"),
            tr("Make the path"),
            tr("Goes from one seed to the next; the places are chosen under Explore."),
        ),
        Task.RECONSTRUCT: TaskWords(
            tr("Rebuild my pictures"),
            tr("Rebuild {count}"),
            tr("Shows what the model keeps of each picture."),
            files=1,
        ),
        Task.MORPH: TaskWords(
            tr("Morph my pictures"),
            tr("Morph {count}"),
            tr("Turns one picture into the next; frames and form are chosen under Explore."),
            files=2,
        ),
        Task.DENOISE: TaskWords(
            tr("Clean my pictures"),
            tr("Clean {count}"),
            tr("Takes noise out of each picture."),
            files=1,
        ),
    }
    name = task.value.capitalize()
    return table.get(task, TaskWords(name, name, ""))


def _tr(text: str) -> str:
    return QCoreApplication.translate("generate_tasks", text)
