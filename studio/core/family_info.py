"""What is said of a family: its tasks, sources, metrics and presets, in words for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from studio.core.media import Modality


class Task(StrEnum):
    """What a trained model can be asked for."""

    GENERATE = "generate"  # new items from nothing
    INTERPOLATE = "interpolate"  # a path between seeds
    RECONSTRUCT = "reconstruct"  # the user's own items through the model
    MORPH = "morph"  # a path between two of the user's own items
    DENOISE = "denoise"  # the user's own items, noise removed
    PROJECT = "project"  # the place of the user's own item in the latent space
    VARY = "vary"  # the user's own items, changed by as much as is asked for
    INPAINT = "inpaint"  # the user's own items, the parts under a mask made anew
    TRANSLATE = "translate"  # the user's own items from one kind to another
    RESTORE = "restore"  # the user's own items, repaired or enlarged
    STYLIZE = "stylize"  # the user's own items in another item's style
    CONTINUE = "continue"  # what may follow on the user's own items
    ANSWER = "answer"  # the text that belongs to the user's text, such as its translation
    FILL = "fill"  # the blanks in the user's text


#: Tasks that make each of the user's own items several times, every time from another seed.
SEVERAL_TASKS = frozenset({Task.VARY, Task.INPAINT, Task.CONTINUE})
#: Tasks whose inputs come at their own size, not brought to the model's.
WHOLE_TASKS = frozenset({Task.TRANSLATE, Task.RESTORE, Task.STYLIZE, Task.CONTINUE})
#: Tasks that set in motion what they are given, so that one picture serves as well as a clip.
STILL_TASKS = frozenset({Task.VARY, Task.CONTINUE})
#: Tasks that work on the text of the request's prompt, which must not be empty.
PROMPT_TASKS = frozenset({Task.ANSWER, Task.FILL})


class Paper(BaseModel):
    """A source that a family follows."""

    title: str
    authors: str
    year: int
    url: str


class Metric(BaseModel):
    """What a number in the metrics stands for.

    Attributes:
        better: Which way is better, when one is: a generator's loss has no better way.
        percent: Whether it is a share between 0 and 1, shown in per cent.
        about: What it tells of: the model itself, its samples beside real items, or the machine.
    """

    title: str
    help: str
    unit: str = ""
    better: Literal["lower", "higher", ""] = ""
    percent: bool = False
    about: Literal["model", "samples", "machine"] = "model"


#: What guessing alone reaches, which is shown beside: 256 values that all come alike are 8 bits.
CHANCE = {"bits_per_sample": 8.0, "val_bits_per_sample": 8.0}
#: Distances by the judge of a dataset, with `…_floor` and `…_ceiling`: pictures, sound, clips.
JUDGED = ("studio_fd", "studio_fad", "studio_fvd")

#: Metrics of the machine that the trainer itself adds to every run.
GENERAL_METRICS = {
    "steps_per_second": Metric(
        title="Speed",
        help="Corrections of the model per second.",
        unit="steps/s",
        better="higher",
        about="machine",
    ),
    "data_wait": Metric(
        title="Waiting for data",
        help="Share of the time in which the device waited for files.",
        better="lower",
        percent=True,
        about="machine",
    ),
    "memory_share": Metric(
        title="Memory in use",
        help="Share of the device's memory that is taken.",
        better="lower",
        percent=True,
        about="machine",
    ),
}


class FamilyInfo(BaseModel):
    """What the window and the docs say of a family.

    Attributes:
        summary: One plain sentence.
        needs: What data it wants, one sentence.
        partner: The second dataset that it learns from beside the first, if any: `unpaired` items
            of another kind, `paired` ones (one for each item, by name), or `styles` to imitate.
        partner_needs: What the second dataset is to hold, a few words such as "pictures of the
            other kind"; empty when there is none.
        caution: The sentence that stays above its curves, such as how to read a GAN's loss.
        best: The metric that keep-best follows.
        figures: Metrics shown as large figures, beside step, speed and time left.
        variety: Whether its sampler can stay close to what is typical or go further out.
        place: Where it stands among the families of its modality: the smaller, the earlier.
        form: How items are written for it, where its modality knows several ways, such as `roll`
            for music on a grid; empty for the usual one.
    """

    id: str
    title: str
    modality: Modality
    tasks: tuple[Task, ...]
    summary: str
    needs: str
    partner: Literal["", "unpaired", "paired", "styles"] = ""
    partner_needs: str = ""
    caution: str = ""
    typical_time: str = ""
    papers: tuple[Paper, ...] = ()
    explains: str = ""
    metrics: dict[str, Metric] = {}
    best: str = ""
    figures: tuple[str, ...] = ()
    variety: bool = False
    place: int = 100
    form: str = ""

    def metric(self, name: str) -> Metric:
        """Return what a metric stands for; one that nobody described is shown by its name.

        A metric named `share_*` describes `share_cat` too; `{}` in its title becomes `cat`.
        """
        known = self.metrics | GENERAL_METRICS
        if name in known:
            return known[name]
        kind, _, what = name.partition("_")
        if several := known.get(f"{kind}_*"):
            return several.model_copy(update={"title": several.title.format(what)})
        return Metric(title=name, help="")


class Preset(BaseModel):
    """Named values for a family's recipe and, where it matters, for the preparation."""

    id: Literal["quick", "balanced", "best"]
    title: str
    summary: str
    options: dict[str, Any] = {}
    preparation: dict[str, Any] = {}
