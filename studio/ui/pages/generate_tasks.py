"""How the Generate page speaks of each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from studio.core.family_info import Task
from studio.core.media import Modality
from studio.ui import nouns

#: Tasks whose result is one strip or clip through several places.
PATHS = frozenset({Task.INTERPOLATE, Task.MORPH})


class TaskWords(NamedTuple):
    """What a task is called and what it needs.

    Attributes:
        title: In the list of tasks.
        action: On the button; `{count}` is how many come out.
        alone: On the button when one comes out; empty for the same as for several.
        sentence: What it does.
        files: How many own files it needs at least; 0 when it starts from seeds.
        labelled: Whether a label can be asked for.
        prompted: Whether it follows words, for models that can.
        stops: How many seeds the Make panel must name at least; 0 where they are named elsewhere,
            or one is enough.
    """

    title: str
    action: str
    sentence: str
    files: int = 0
    labelled: bool = True
    prompted: bool = False
    alone: str = ""
    stops: int = 0

    def button(self, count: int) -> str:
        """Return what stands on the button; 0 when it is not known yet how many come out."""
        if count == 1 and self.alone:
            return self.alone
        return self.action.format(count=f"{count:,}" if count else "").strip()


def task_words(task: Task, modality: Modality) -> TaskWords:
    """Return the words for a task; one that nobody described is shown by its name."""

    def tr(text: str) -> str:
        words = QCoreApplication.translate("generate_tasks", text)
        return words.replace("{one}", nouns.one(modality)).replace("{many}", nouns.many(modality))

    table = {
        Task.GENERATE: TaskWords(
            tr("New {many}"),
            tr("Generate {count}"),
            tr("Each seed is another {one}."),
            prompted=True,
        ),
        Task.INTERPOLATE: TaskWords(
            tr("A path between seeds"),
            tr("Make the path"),
            tr("Goes from one seed to the next; the places are chosen under Explore."),
            prompted=True,
        ),
        Task.RECONSTRUCT: TaskWords(
            tr("Rebuild my {many}"),
            tr("Rebuild {count}"),
            tr("Shows what the model keeps of each {one}."),
            files=1,
        ),
        Task.MORPH: TaskWords(
            tr("Morph my {many}"),
            tr("Morph {count}"),
            tr("Turns one {one} into the next; frames and form are chosen under Explore."),
            files=2,
        ),
        Task.DENOISE: TaskWords(
            tr("Clean my {many}"),
            tr("Clean {count}"),
            tr("Takes noise out of each {one}."),
            files=1,
        ),
        Task.PROJECT: TaskWords(
            tr("Find my {many}"),
            tr("Find {count}"),
            tr("Looks for what is most like each {one} among all that the model can make."),
            files=1,
        ),
        Task.VARY: TaskWords(
            tr("Vary my {many}"),
            tr("Vary {count}"),
            tr("Makes each {one} anew, as far from it as its strength says."),
            files=1,
            prompted=True,
        ),
        Task.INPAINT: TaskWords(
            tr("Repaint parts of my {many}"),
            tr("Repaint {count}"),
            tr("Makes anew what you paint over on each {one}; the rest stays."),
            files=1,
            prompted=True,
        ),
        Task.TRANSLATE: TaskWords(
            tr("Turn my {many} into the other kind"),
            tr("Turn {count}"),
            tr("Keeps what each {one} shows and changes how it looks."),
            files=1,
            labelled=False,
        ),
        Task.RESTORE: TaskWords(
            tr("Repair my {many}"),
            tr("Repair {count}"),
            tr("Takes away the damage that the model learned to repair."),
            files=1,
            labelled=False,
        ),
        Task.STYLIZE: TaskWords(
            tr("Restyle my {many}"),
            tr("Restyle {count}"),
            tr("Keeps what each {one} shows and takes over the style that was learned."),
            files=1,
            labelled=False,
        ),
        Task.CONTINUE: TaskWords(
            tr("Continue my {many}"),
            tr("Continue {count}"),
            tr("Makes what may follow on each {one}."),
            files=1,
        ),
        Task.ANSWER: TaskWords(
            tr("Answer"),
            tr("Answer {count} times"),
            tr("Gives the {one} that belongs to yours, such as a translation or a reply."),
            labelled=False,
            alone=tr("Answer"),
        ),
        Task.FILL: TaskWords(
            tr("Fill in blanks"),
            tr("Fill {count} times"),
            tr("Finds what fits into the blanks of your {one}."),
            labelled=False,
            alone=tr("Fill"),
        ),
    }
    if task is Task.GENERATE and modality in (Modality.TEXT, Modality.MUSIC):
        written = modality is Modality.TEXT
        return TaskWords(
            tr("New {many}"),
            tr("Write {count}") if written else tr("Compose {count}"),
            tr("Goes on from your words; each seed is another {one}.")
            if written
            else tr("Each seed is another {one}."),
            prompted=True,
            alone=tr("Write") if written else tr("Compose"),
        )
    if modality is Modality.VIDEO:
        table |= _of_films(tr)
    if modality in (Modality.MUSIC, Modality.AUDIO):
        table |= _of_played(tr)
    name = task.value.capitalize()
    return table.get(task, TaskWords(name, name, ""))


def _of_played(tr: Callable[[str], str]) -> dict[Task, TaskWords]:
    """Return the words where a path is heard one step after the other."""
    return {
        Task.INTERPOLATE: TaskWords(
            tr("A path between seeds"),
            tr("Make a path through {count}"),
            tr("Goes from each seed to the next in four steps, and plays all as one {one}."),
            prompted=True,
            stops=2,
        ),
        Task.MORPH: TaskWords(
            tr("Morph my {many}"),
            tr("Morph {count}"),
            tr("Turns each {one} into the next in four steps, and plays all as one {one}."),
            files=2,
        ),
    }


def _of_films(tr: Callable[[str], str]) -> dict[Task, TaskWords]:
    """Return the words where clips are worked on as whole films, or go on from a beginning."""
    return {
        Task.INTERPOLATE: TaskWords(
            tr("A path between seeds"),
            tr("Make the path"),
            tr("Goes from one seed to the next; the places are chosen under Path."),
        ),
        Task.CONTINUE: TaskWords(
            tr("Say what follows"),
            tr("Continue {count}"),
            tr(
                "Goes on from the last frames of each clip. A picture counts as a clip that"
                " stood still."
            ),
            files=1,
        ),
        Task.VARY: TaskWords(
            tr("Move it another way"),
            tr("Make {count}"),
            tr("Keeps what each {one}, or a picture, shows and lets it move anew."),
            files=1,
        ),
        Task.TRANSLATE: TaskWords(
            tr("Restyle a film"),
            tr("Restyle {count}"),
            tr("Keeps what a film of any length shows, with its sound, and changes how it looks."),
            files=1,
            labelled=False,
        ),
        Task.STYLIZE: TaskWords(
            tr("Restyle a film"),
            tr("Restyle {count}"),
            tr("Keeps what a film of any length shows and takes over the style that was learned."),
            files=1,
            labelled=False,
        ),
        Task.RESTORE: TaskWords(
            tr("Repair or enlarge a film"),
            tr("Repair {count}"),
            tr("Makes a film of any length sharper, larger or cleaner, as the model learned."),
            files=1,
            labelled=False,
        ),
    }
