"""The job *generate*: media from a model, written one by one, each with its recipe inside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch

from studio import __version__
from studio.core.assets import NewAsset
from studio.core.blobs import BlobWriter, Span
from studio.core.errors import StudioError
from studio.core.family_info import SEVERAL_TASKS, WHOLE_TASKS, Task
from studio.core.files import slug
from studio.core.media import Clip, Image, Media, Modality
from studio.core.places import Place
from studio.core.project import Project
from studio.core.protocol import AssetMade, Generate, GenerateRequest
from studio.data.captions import RESOURCE as CAPTIONS
from studio.data.captions import CaptionTokenizer
from studio.data.clips import save_clip
from studio.data.modality import ModalityData, modality_data
from studio.engine.directions import know_directions
from studio.engine.inputs import prepared_files, read_masks, whole_files
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, load_model
from studio.engine.registry import checked
from studio.families.base import SampleRequest

#: Tasks whose media are the frames of one path.
PATHS = frozenset({Task.INTERPOLATE, Task.MORPH})
_FLUSH_ITEMS = 64  # assets that are entered into the library at once


def generate(command: Generate, job: JobContext) -> dict[str, Any]:
    """Make what is asked for; returns the paths and the ids of the assets.

    Raises:
        StopRequested: The user ended it; what was made until then is kept.
    """
    project = Project.open(Path(command.project)) if command.project else None
    try:
        model = load_model(project, command.request.model)
        job.started("generate", f"{model.title} · {command.request.task}")
        sink = _Sink(project, Path(command.out) if command.out else None, model, command, job)
        with sink:
            for media, path in _made(project, model, command.request, sink, job):
                sink.write(media, path)
        return {"paths": sink.paths, "assets": sink.assets, "model": model.reference}
    finally:
        if project is not None:
            project.close()


def _made(
    project: Project | None,
    model: LoadedModel,
    request: GenerateRequest,
    sink: _Sink,
    job: JobContext,
) -> Iterator[tuple[Media, str]]:
    """Yield (medium, file name without suffix) for a request."""
    wanted = sample_request(model, request)
    if any(place.directions for place in wanted.places):
        know_directions(project, model, job, find=True)
    paths = request.task in PATHS
    sink.total = 1 if paths else _total(wanted, request)

    def tick(done: int, of: int) -> None:
        job.progress("Making", done, of, "items")

    media = model.family.sample(wanted, tick)
    if paths:
        yield _joined(list(media), request), _path_name(request)
        return
    for index, each in enumerate(media):
        if request.task in SEVERAL_TASKS:
            source = {"seed": wanted.seeds[index], "input": index // request.count}
            each = replace(each, facts=each.facts | source)  # noqa: PLW2901 - the same medium
        yield each, _item_name(index, each, request)


def _total(wanted: SampleRequest, request: GenerateRequest) -> int:
    """Return how many media a request makes, as far as that is known before."""
    if request.task == Task.GENERATE:
        return len(wanted.places) or len(wanted.seeds)
    return len(request.inputs) * (request.count if request.task in SEVERAL_TASKS else 1)


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
    whole = request.task in WHOLE_TASKS
    media = whole_files(model, request.inputs) if whole else []
    inputs = prepared_files(model, request.inputs) if request.inputs and not whole else None
    masks = read_masks(model, request, media)
    if inputs is not None and request.task in SEVERAL_TASKS:
        inputs = np.repeat(inputs, request.count, axis=0)
        masks = [mask for mask in masks for _ in range(request.count)]
        seeds = [request.seed + index for index in range(len(inputs))]
    count = len(request.inputs) if whole else len(inputs if inputs is not None else seeds)
    count = len(request.places) or count
    return SampleRequest(
        task=request.task,
        seeds=seeds,
        labels=_labels(model, request.label, count),
        captions=_captions(model, request.prompt, count),
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


def _labels(model: LoadedModel, label: str, count: int) -> list[int] | None:
    if not label:
        return None
    if not model.family.labelled:
        raise StudioError(
            "This model does not know labels",
            f"{model.title} learned without labels, so {label!r} cannot be asked for.",
            "Leave the label empty, or train a model that uses labels.",
        )
    names = model.spec.labels
    if label not in names:
        raise StudioError(
            "This model does not know that label",
            f"{label!r} cannot be asked for. It knows {', '.join(names)}.",
            "Choose a label that it knows, or leave the label empty.",
        )
    return [names.index(label)] * count


def _captions(model: LoadedModel, prompt: str, count: int) -> np.ndarray[Any, Any] | None:
    if not prompt.strip():
        return None
    if not model.family.prompted:
        raise StudioError(
            "This model does not understand words",
            f"{model.title} learned without captions, so it cannot be told what to show.",
            "Leave the prompt empty, or train a diffusion or VQ-VAE model on a set with captions.",
        )
    text = model.spec.resources[CAPTIONS]
    tokenizer = CaptionTokenizer(text, model.spec.caption_length)
    return np.repeat(tokenizer.rows([prompt]), count, axis=0)


def _joined(frames: list[Media], request: GenerateRequest) -> Media:
    """Return the frames of a path as one strip or one clip."""
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


class _Sink:
    """Writes media to files and enters them into the library."""

    def __init__(
        self,
        project: Project | None,
        out: Path | None,
        model: LoadedModel,
        command: Generate,
        job: JobContext,
    ) -> None:
        self._project = project if out is None else None
        if out is not None:
            self._folder = out
        elif project is not None:
            day = time.strftime("%Y-%m-%d")
            self._folder = project.assets / day / (command.job_id or "batch")
        else:
            raise StudioError(
                "Nowhere to write to",
                "Neither a project nor a folder was given.",
                "Open a project, or name a folder for the files.",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._model = model
        self._request = command.request
        self._job = job
        self._kind: ModalityData = modality_data(model.spec.modality)
        self._waiting: list[tuple[NewAsset, Path]] = []
        self._thumbnails: BlobWriter | None = None
        self._sources: dict[str, str] = {}  # where the project keeps the user's own files
        self.paths: list[str] = []
        self.assets: list[int] = []
        self.total = 0

    def __enter__(self) -> Self:
        if self._project is not None:
            self._thumbnails = BlobWriter(self._project.thumbnails)
        return self

    def __exit__(self, *_error: object) -> None:
        self._enter_waiting()  # also after a stop: what was made is kept
        if self._thumbnails is not None:
            self._thumbnails.close()

    def write(self, media: Media, name: str) -> None:
        """Write one medium and announce it."""
        suffix = self._suffix(media)
        path = self._folder / (name + suffix)
        recipe = self._recipe(media)
        if isinstance(media, Clip):
            save_clip(media, path, recipe)
        else:
            self._kind.save(media, path, recipe)
        self.paths.append(str(path))
        if self._project is None:
            self._announce(0, path)
            return
        self._waiting.append((self._asset(media, path, recipe), path))
        # the first ones at once, so that the page fills while the rest is made
        if len(self._waiting) >= _FLUSH_ITEMS or len(self.paths) <= _FLUSH_ITEMS:
            self._enter_waiting()

    def _suffix(self, media: Media) -> str:
        if isinstance(media, Clip):
            return f".{self._request.form}"
        return self._kind.asset_suffix

    def _recipe(self, media: Media) -> dict[str, Any]:
        return {
            "studio": __version__,
            "request": self._request.model_dump(mode="json")
            | {
                "model": self._model.reference,
                "inputs": [*map(_name, self._request.inputs)],
                "masks": [*map(_name, self._request.masks)],
            },
            "model": {
                "title": self._model.title,
                "family": self._model.recipe.family,
                "dataset": self._model.recipe.dataset.name,
                "step": self._model.step,
            },
            "facts": media.facts | self._origin(media),
        }

    def _origin(self, media: Media) -> dict[str, str]:
        """Return where the project keeps the file that a medium started from, and its mask."""
        place = media.facts.get("input")
        if self._project is None or place is None:
            return {}
        files = {"source": self._request.inputs[place]}
        if masks := self._request.masks:
            files["mask"] = masks[place % len(masks)]
        for file in files.values():
            if file not in self._sources:
                self._sources[file] = self._project.keep_input(Path(file))
        return {name: self._sources[file] for name, file in files.items()}

    def _asset(self, media: Media, path: Path, recipe: dict[str, Any]) -> NewAsset:
        if self._project is None or self._thumbnails is None:
            raise RuntimeError("assets belong to a project")
        still = media if not isinstance(media, Clip) else Image(media.frames[0])
        thumb: Span = self._thumbnails.add(self._kind.thumbnail(still))
        label = str(media.facts.get("label", ""))
        height, width = still.pixels.shape[:2] if isinstance(still, Image) else (0, 0)
        seed = int(media.facts.get("seed", self._seed_of_place(media)))
        title = label or self._request.prompt or self._model.recipe.dataset.name
        return NewAsset(
            path=self._project.relative(path),
            modality=Modality.VIDEO if isinstance(media, Clip) else self._model.spec.modality,
            title=f"{title} · seed {seed}" if "seed" in media.facts else path.stem,
            model=self._model.reference,
            model_title=self._model.title,
            run=self._model.run,
            step=self._model.step,
            seed=seed,
            label=label,
            width=width,
            height=height,
            recipe=recipe,
            thumb=thumb,
        )

    def _seed_of_place(self, media: Media) -> int:
        """Return the seed that weighs most in a medium's place, else that of the request."""
        place = media.facts.get("place")
        heaviest = Place.model_validate(place).heaviest if place else None
        return self._request.seed if heaviest is None else heaviest

    def _enter_waiting(self) -> None:
        if not self._waiting or self._project is None or self._thumbnails is None:
            return
        self._thumbnails.flush()
        ids = self._project.library.assets.add([asset for asset, _path in self._waiting])
        for asset_id, (_asset, path) in zip(ids, self._waiting, strict=True):
            self._announce(asset_id, path)
        self.assets.extend(ids)
        self._waiting = []

    def _announce(self, asset: int, path: Path) -> None:
        self._job.emit(
            AssetMade(
                job_id=self._job.job_id,
                asset=asset,
                path=str(path),
                index=len(self.paths) - 1,
                total=self.total,
            )
        )


def _name(file: str) -> str:
    """Return a file's bare name: a shared picture must not tell its maker's folders."""
    return Path(file).name


def samples(model: LoadedModel, request: SampleRequest, job: JobContext) -> list[Media]:
    """Return media in memory, for evaluation; the user may stop it as any job."""

    def tick(done: int, of: int) -> None:
        job.progress("Making samples", done, of, "items")

    with torch.inference_mode():
        return list(model.family.sample(request, tick))
