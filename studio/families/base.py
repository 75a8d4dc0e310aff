"""What every family has: a recipe, networks, a training step and a way to make samples.

The trainer owns steps, data order, averaging, metrics, previews and checkpoints; a family owns
the mathematics. To add one, write one file that subclasses `Family`; everything else follows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo, Preset, Task
from studio.core.media import NOUNS, Media, Text
from studio.core.options import FamilyRecipe, SampleSettings
from studio.core.places import Easing, Place
from studio.core.recipe import DataSpec
from studio.data.captions import RESOURCE as CAPTIONS
from studio.data.captions import CaptionTokenizer
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.exportable import Exportable

#: Metrics of a step, by name; detached tensors of one element, still on the device.
Losses = dict[str, Tensor]

#: Families that describe this metric have it measured: whether a step's gradient was cut.
CLIPPED = "clipped_steps"

#: Called after each inner step of sampling with (done, total); raises StopRequested to end it.
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class SampleRequest:
    """What to make.

    Attributes:
        seeds: One per item: the same seed makes the same item whatever else is asked for.
        labels: Label number per item; None leaves the choice to the family.
        captions: (N, spec.caption_length) int64 tokens of what each item is to show; None when
            nothing is said.
        prompt: What a text goes on from, answers, or has blanks to fill in.
        listen: Called with (index, text so far) while texts are written, often.
        variety: 0 safe … 1 as learned … 2 surprising.
        inputs: (N, *spec.shape) prepared items, for tasks that start from the user's own.
        media: The user's own items at their own size, for `WHOLE_TASKS`.
        masks: (H, W) in 0 … 1 per input, 1 where it is to be made anew; at the size of the
            model's items, or of the item itself for `WHOLE_TASKS`.
        places: Places in the latent space, for models that have one; instead of `seeds`.
        frames: Frames from one place to the next, for paths.
        legs: Frames of each leg of a path, when they differ.
        easing: How a path moves on each leg.
        loop: Whether a path leads back to its first place.
        settings: What the family's own sampler is told, of its `sampling_type`.
    """

    task: Task = Task.GENERATE
    seeds: Sequence[int] = ()
    labels: Sequence[int] | None = None
    captions: npt.NDArray[Any] | None = None
    prompt: str = ""
    listen: Callable[[int, str], None] | None = None
    variety: float = 1.0
    inputs: npt.NDArray[Any] | None = None
    media: Sequence[Media] = ()
    masks: Sequence[npt.NDArray[np.float32]] = ()
    places: Sequence[Place] = ()
    frames: int = 24
    legs: Sequence[int] = ()
    easing: Easing = "steady"
    loop: bool = False
    settings: SampleSettings = field(default_factory=SampleSettings)


R = TypeVar("R", bound=FamilyRecipe)


class Family(ABC, Generic[R]):
    """A kind of generative model.

    Networks and optimisers that `build` sets as attributes are found by the trainer: it moves,
    saves and restores them under their attribute names.

    Class attributes:
        info: What the window and the docs say.
        recipe_type: The recipe's class.
        presets: Quick, Balanced and Best.
        sampling_type: The class of what its sampler can be told.
        measured_samples: How many samples the statistics of a run are taken from; fewer for
            families whose samples are slow to make.
        averaged: Attribute names of the networks that sampling needs: the trainer keeps a moving
            average of their weights, and a model package holds nothing else.

    Attributes:
        recipe: The settings of this run.
        compute: Where and how tensors are computed.
        spec: What the data looks like; set by `setup`.
        step: The step in hand, for schedules.
        labelled: Whether the networks want a label for each item; set by `build`.
        prompted: Whether they follow captions; set by `build`.
        masked: Whether `Task.RESTORE` wants a mask for each item; set by `build`.
    """

    info: ClassVar[FamilyInfo]
    recipe_type: ClassVar[type[FamilyRecipe]]
    presets: ClassVar[tuple[Preset, ...]]
    sampling_type: ClassVar[type[SampleSettings]] = SampleSettings
    measured_samples: ClassVar[int] = 256
    averaged: ClassVar[tuple[str, ...]]

    def __init__(self, recipe: R, compute: Compute) -> None:
        self.recipe = recipe
        self.compute = compute
        self.spec: DataSpec
        self.step = 0
        self.labelled = False
        self.prompted = False
        self.masked = False

    # ------------------------------------------------------------------- what a family defines

    @abstractmethod
    def build(self, spec: DataSpec) -> None:
        """Make networks and optimisers as attributes, for data of this kind.

        Raises:
            StudioError: The settings and the data do not fit together.
        """

    @abstractmethod
    def train_step(self, batch: Batch) -> Losses:
        """Learn from one batch: forward, backward, step. Never waits for the device."""

    def refuse_other_tasks(self, request: SampleRequest) -> None:
        """Raise StudioError when a request is for a task that the family does not offer."""
        if request.task not in self.info.tasks:
            raise StudioError(
                "This model cannot do that",
                f"{self.info.title} does not offer the task {request.task!r}.",
                "Choose one of: " + ", ".join(self.info.tasks) + ".",
            )

    @abstractmethod
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make media one after the other, calling `tick` after each inner step."""

    def worded(self, prompts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return prompts as rows of tokens, for `SampleRequest.captions`, where it is `prompted`.

        Raises:
            StudioError: A prompt cannot be followed.
        """
        return CaptionTokenizer(self.spec.resources[CAPTIONS], self.spec.caption_length).rows(
            prompts
        )

    def validate(self, batch: Batch) -> Losses:
        """Measure on items that were never learned from; names start with `val_`."""
        return {}

    def derived(self, measured: dict[str, float]) -> dict[str, float]:
        """Return held-out metrics that follow from the means of those of `validate`."""
        return {}

    def show(self, batch: Batch) -> Iterator[Media]:
        """Make what the sample sheet of a run shows, for families that make nothing from seeds.

        Args:
            batch: Held-out items, always the same ones. Each becomes one medium, such as the
                item, what the model makes of it and what it should be, side by side.
        """
        raise NotImplementedError(f"{self.info.id} makes samples from seeds")

    def answers(self, sources: Sequence[str], tick: Tick) -> Iterator[str]:
        """Answer texts one after the other, for families with `Task.ANSWER`: to measure them.

        Families that answer many at once do so here.
        """
        for place, source in enumerate(sources):
            request = SampleRequest(
                task=Task.ANSWER, seeds=(0,), prompt=source, settings=self.sampling_type()
            )
            for media in self.sample(request, part_of(tick, place, len(sources))):
                yield media.text if isinstance(media, Text) else ""

    def exported(self) -> dict[str, Exportable]:
        """Return the networks that other programs can use, by name.

        Raises:
            StudioError: This kind of model works in the studio alone.
        """
        raise StudioError(
            "This model works in the studio alone",
            f"Without the studio's own way of making {NOUNS[self.info.modality].many}, other"
            f" programs could do nothing with {self.info.title}.",
            "Export it as a studio package instead.",
        )

    def published(self, settings: SampleSettings | None) -> tuple[str, ...]:
        """Return which published weights (`data/weights.py`) must be here, by id.

        Args:
            settings: What samples are made with; None asks for training.
        """
        return ()

    def finish(self, batches: Iterator[Batch]) -> None:
        """Do what comes after the last step, such as fitting a density to the codes."""

    @property
    def batches_per_step(self) -> int:
        """How many batches `train_step` wants at once, one after the other in `batch`."""
        return 1

    # ------------------------------------------------------------------ what a family is given

    def setup(self, spec: DataSpec) -> None:
        """Build for this data and move everything to the device."""
        self.spec = spec
        self.build(spec)
        for module in self.networks().values():
            self.compute.place(module)

    def networks(self) -> dict[str, nn.Module]:
        """Return the networks by attribute name."""
        return {name: v for name, v in vars(self).items() if isinstance(v, nn.Module)}

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Return the optimisers by attribute name."""
        return {name: v for name, v in vars(self).items() if isinstance(v, torch.optim.Optimizer)}

    def minimise(
        self,
        optimiser: torch.optim.Optimizer | Sequence[torch.optim.Optimizer],
        loss_of: Callable[[Batch], tuple[Tensor, Losses]],
        batch: Batch,
        *,
        clip: float = 0.0,
    ) -> Losses:
        """Take one optimiser step down the loss of a batch.

        The batch goes through in `compute.micro_batches` parts whose gradients add up, so that
        a step that does not fit into memory becomes several that do.

        Args:
            optimiser: Its parameters are corrected, no others; several may share them out.
            loss_of: Returns (loss to go down, metrics to show) of a part; runs under autocast.
            batch: What to learn from.
            clip: Largest norm of the gradient; 0 leaves it as it is.

        Returns:
            The metrics, averaged over the parts.
        """
        optimisers = optimiser if isinstance(optimiser, Sequence) else [optimiser]
        groups = [group for each in optimisers for group in each.param_groups]
        parameters = [parameter for group in groups for parameter in group["params"]]
        for each in optimisers:
            each.zero_grad(set_to_none=True)
        shown: Losses = {}
        with self._only(parameters):
            for part in batch.split(min(self.compute.micro_batches, len(batch))):
                share = len(part) / len(batch)
                with self.compute.precision():
                    loss, metrics = loss_of(part)
                torch.autograd.backward(loss * share)
                for name, value in metrics.items():
                    part_value = value.detach() * share
                    shown[name] = shown[name] + part_value if name in shown else part_value
        self.compute.average(parameters)
        if clip:
            length = nn.utils.clip_grad_norm_(parameters, clip)
            if CLIPPED in self.info.metrics:
                shown[CLIPPED] = (length > clip).float()
        for each in optimisers:
            each.step()
        return shown

    @contextmanager
    def _only(self, parameters: Sequence[nn.Parameter]) -> Iterator[None]:
        """Take gradients for these parameters alone: a generator's step leaves the critic be."""
        chosen = set(parameters)
        others = [
            parameter
            for network in self.networks().values()
            for parameter in network.parameters()
            if parameter.requires_grad and parameter not in chosen
        ]
        for parameter in others:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in others:
                parameter.requires_grad_(True)


def part_of(tick: Tick, index: int, count: int) -> Tick:
    """Return a tick for one of `count` items that take as many inner steps each."""
    return lambda done, total: tick(index * total + done, count * total)


def noise(seeds: Sequence[int], shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Return standard normal noise (N, *shape), each row a function of its own seed alone.

    It is drawn on the CPU, so that a seed means the same on every device.
    """
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        rows.append(torch.randn(shape, generator=generator))
    return torch.stack(rows).to(device)
