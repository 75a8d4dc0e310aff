"""The job *generate*: media from a model, written one by one, each with its recipe inside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.family_info import SEVERAL_TASKS, Task
from studio.core.files import slug
from studio.core.media import Clip, Image, Media, Modality, Music, Sound, Text
from studio.core.places import Place
from studio.core.project import Project
from studio.core.protocol import Generate, GenerateRequest, TextWritten
from studio.data.music.roll import grid_in, joined_rolls
from studio.data.weights import fetch_weights
from studio.engine.asset_sink import MAKING, AssetSink
from studio.engine.directions import know_directions
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model
from studio.engine.recited import Recited
from studio.engine.requests import sample_request
from studio.families.base import SampleRequest

#: Tasks whose media are the frames of one path.
PATHS = frozenset({Task.INTERPOLATE, Task.MORPH})
_LISTEN_SECONDS = 0.08  # between two states of a text that is being written


def generate(command: Generate, job: JobContext) -> dict[str, Any]:
    """Make what is asked for; returns the paths and the ids of the assets.

    Raises:
        StopRequested: The user ended it; what was made until then is kept.
    """
    project = Project.open(Path(command.project)) if command.project else None
    try:
        model = load_model(project, command.request.model)
        job.started("generate", f"{model.title} · {command.request.task}")
        sink = AssetSink(project, command.out, model, command.request, job)
        with sink:
            for media, path in made(project, model, command.request, sink, job):
                sink.write(media, path)
        return {"paths": sink.paths, "assets": sink.assets, "model": model.reference}
    finally:
        if project is not None:
            project.close()


def made(
    project: Project | None,
    model: LoadedModel,
    request: GenerateRequest,
    sink: AssetSink,
    job: JobContext,
) -> Iterator[tuple[Media, str]]:
    """Yield (medium, file name without suffix) for a request."""
    wanted = sample_request(model, request)
    for weights in model.family.published(wanted.settings):
        fetch_weights(weights, job)
    if any(place.directions for place in wanted.places):
        know_directions(project, model, job, find=True)
    paths = request.task in PATHS
    sink.total = 1 if paths else _total(wanted, request)

    def tick(done: int, of: int) -> None:
        job.progress(MAKING, done, of, "items")

    recited: Recited | None = None
    if model.spec.modality is Modality.TEXT:
        wanted = replace(wanted, listen=_Listener(job).heard)
        if request.task is not Task.FILL:  # what stands around a blank is the user's own
            recited = Recited(project, model, job)
    media = model.family.sample(wanted, tick)
    if paths:
        yield _joined(list(media), request, model), _path_name(request)
        return
    for index, each in enumerate(media):
        if recited is not None and isinstance(each, Text):
            each = recited.marked(each, wanted.prompt)  # noqa: PLW2901 - the same medium
        if request.inputs and request.task in SEVERAL_TASKS:
            source = {"seed": wanted.seeds[index], "input": index // request.count}
            each = replace(each, facts=each.facts | source)  # noqa: PLW2901 - the same medium
        yield each, _item_name(index, each, request)


class _Listener:
    """Passes on texts while they are written, a few times a second."""

    def __init__(self, job: JobContext) -> None:
        self._job = job
        self._said = 0.0

    def heard(self, index: int, text: str) -> None:
        """Tell the window what a text has become."""
        now = time.monotonic()
        if now - self._said >= _LISTEN_SECONDS:
            self._said = now
            self._job.emit(TextWritten(job_id=self._job.job_id, index=index, text=text))


def _total(wanted: SampleRequest, request: GenerateRequest) -> int:
    """Return how many media a request makes, as far as that is known before."""
    if not request.inputs:
        return len(wanted.places) or len(wanted.seeds)
    return len(request.inputs) * (request.count if request.task in SEVERAL_TASKS else 1)


def _joined(frames: list[Media], request: GenerateRequest, model: LoadedModel) -> Media:
    """Return the frames of a path as one strip, one clip or, of music and sound, one after all."""
    pieces = [frame for frame in frames if isinstance(frame, Music)]
    if pieces:
        whole = joined_rolls(pieces, grid_in(model.spec.resources))
        return replace(whole, facts={"frames": len(pieces)})
    sounds = [frame for frame in frames if isinstance(frame, Sound)]
    if sounds:
        return Sound(
            np.concatenate([sound.samples for sound in sounds]),
            sounds[0].rate,
            facts={"frames": len(sounds)},
        )
    pictures = [frame for frame in frames if isinstance(frame, Image)]
    facts = {"frames": len(pictures)}
    if request.form == "strip":
        return Image(np.concatenate([p.pixels for p in pictures], axis=1), facts=facts)
    return Clip(np.stack([p.pixels for p in pictures]), request.fps, facts=facts)


def _item_name(index: int, media: Media, request: GenerateRequest) -> str:
    parts = [f"{index:05d}"]
    if label := media.facts.get("label"):
        parts.append(f"label-{slug(str(label))}")
    if (seed := media.facts.get("seed")) is not None:
        parts.append(f"seed-{seed}")
    if (source := media.facts.get("input")) is not None:
        parts.append(f"{request.task}-{slug(Path(request.inputs[source]).stem)}")
    elif place := media.facts.get("place"):
        parts.append(f"place-{_stop(Place.model_validate(place))}")
    return "-".join(parts)


def _path_name(request: GenerateRequest) -> str:
    stops = [_stop(place) for place in request.places]
    stops = stops or [slug(Path(file).stem) for file in request.inputs]
    return f"{request.task}-" + "-".join(stops[:4])


def _stop(place: Place) -> str:
    return "code" if place.heaviest is None else str(place.heaviest)
