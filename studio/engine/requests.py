"""What the user asks for, as a family takes it: labels and words as numbers, own files read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from studio.core.errors import StudioError
from studio.core.family_info import PROMPT_TASKS, SEVERAL_TASKS, WHOLE_TASKS, Task
from studio.core.media import Media, Modality
from studio.core.protocol import GenerateRequest
from studio.engine.inputs import prepared_files, read_masks, whole_files
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel
from studio.engine.registry import checked
from studio.families.base import SampleRequest

#: What to do about a prompt that a model cannot follow.
_WORDED = {
    Modality.IMAGE: "Leave the prompt empty, or train a diffusion or VQ-VAE model on a set with"
    " captions.",
    Modality.AUDIO: "Leave the prompt empty, or train Speech from text on recordings with their"
    " words.",
}


def sample_request(model: LoadedModel, request: GenerateRequest) -> SampleRequest:
    """Return a request as a family takes it: labels as numbers, files as prepared items.

    Raises:
        StudioError: A label or a prompt cannot be followed, or a file cannot be read.
    """
    seeds = [request.seed + index for index in range(request.count)]
    if request.task == Task.INTERPOLATE and request.places:
        seeds = [place.heaviest or 0 for place in request.places]
    if request.task == Task.INTERPOLATE and len(seeds) < 2:
        raise StudioError(
            "A path needs two places",
            "Interpolation goes from one place to another and only one was given.",
            "Give at least two places or seeds.",
        )
    if request.task in PROMPT_TASKS and not request.prompt.strip():
        raise StudioError(
            "There is no text to work on",
            "This task starts from your own words and none were given.",
            "Write something first.",
        )
    whole = request.task in WHOLE_TASKS
    media = whole_files(model, request.inputs, request.task) if whole else []
    inputs = None
    if request.inputs and not whole:
        inputs = prepared_files(model, request.inputs, request.task)
    masks = read_masks(model, request, media)
    if request.inputs and request.task in SEVERAL_TASKS:
        if inputs is not None:
            inputs = np.repeat(inputs, request.count, axis=0)
        media = [medium for medium in media for _ in range(request.count)]
        masks = [mask for mask in masks for _ in range(request.count)]
        seeds = [request.seed + index for index in range(len(request.inputs) * request.count)]
    count = len(media) if whole else len(inputs if inputs is not None else seeds)
    count = len(request.places) or count
    writes = model.spec.modality is Modality.TEXT
    return SampleRequest(
        task=request.task,
        seeds=seeds,
        labels=label_numbers(model, [request.label] * count),
        captions=None if writes else caption_rows(model, [request.prompt] * count),
        prompt=request.prompt if writes else "",
        variety=request.variety,
        inputs=inputs,
        media=media,
        masks=masks,
        places=request.places,
        frames=request.frames,
        legs=request.legs,
        easing=request.easing,
        loop=request.loop,
        settings=checked(type(model.family).sampling_type, request.options, "sampling"),
    )


def label_numbers(model: LoadedModel, labels: Sequence[str]) -> list[int] | None:
    """Return the numbers of labels; None when none is asked for.

    Raises:
        StudioError: The model knows no labels, or not that one.
    """
    if not any(labels):
        return None
    names = model.spec.labels
    for label in labels:
        if not model.family.labelled:
            raise StudioError(
                "This model does not know labels",
                f"{model.title} learned without labels, so {label!r} cannot be asked for.",
                "Leave the label empty, or train a model that uses labels.",
            )
        if label not in names:
            raise StudioError(
                "This model does not know that label",
                f"{label!r} cannot be asked for. It knows {', '.join(names)}.",
                "Choose a label that it knows, or leave the label empty.",
            )
    return [names.index(label) for label in labels]


def caption_rows(model: LoadedModel, prompts: Sequence[str]) -> npt.NDArray[np.int64] | None:
    """Return prompts as tokens (N, spec.caption_length); None when nothing is said.

    Raises:
        StudioError: The model learned without captions.
    """
    if not any(prompt.strip() for prompt in prompts):
        return None
    if not model.family.prompted:
        raise StudioError(
            "This model does not understand words",
            f"{model.title} learned without captions, so it cannot be told what to make.",
            _WORDED.get(model.spec.modality, "Leave the prompt empty."),
        )
    return model.family.worded(prompts)


def samples(model: LoadedModel, request: SampleRequest, job: JobContext) -> list[Media]:
    """Return media in memory, for evaluation; the user may stop it as any job."""

    def tick(done: int, of: int) -> None:
        job.progress("Making samples", done, of, "items")

    with torch.inference_mode():
        return list(model.family.sample(request, tick))
