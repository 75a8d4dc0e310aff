"""A trained model changed without training, and what the change costs.

Its weights can be averaged over several checkpoints, and its smallest weights left out.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from importlib import import_module

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Image, Media, Modality
from studio.core.project import Project
from studio.core.runs import Run
from studio.data.store import PreparedData
from studio.engine.averaging import state_of
from studio.engine.checkpoint import AVERAGES, load_weights
from studio.engine.feed import Feed
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, data_of, dataset_of, load_own
from studio.engine.preview import new_samples
from studio.engine.requests import samples
from studio.engine.runtime import synchronize
from studio.engine.validation import validation_metrics

_COMPARED = 128  # items from which quality is measured
_QUALITY = ("sample_distance", "diversity")  # what is said of samples


def variant(
    project: Project | None, reference: str, average: Sequence[int], prune_share: float
) -> LoadedModel:
    """Return a model with its weights changed as asked.

    Args:
        average: Steps of its run whose averaged weights are averaged once more; empty for none.
        prune_share: Share of the smallest weights that become zero.

    Raises:
        StudioError: It is a package and so has no other checkpoints, or one is gone.
    """
    model = load_own(project, reference)
    if average:
        if project is None or not model.run:
            raise StudioError(
                "There is nothing to average",
                "A model package holds one state of a training, not several.",
                "Choose the run that it came from.",
            )
        run = Run.find(project.runs, model.run)
        states = [load_file(run.checkpoint(step) / AVERAGES) for step in average]
        load_weights(model.family, soup(states), model.family.averaged)
    if prune_share:
        networks = model.family.networks()
        prune([networks[name] for name in model.family.averaged], prune_share)
    return model


def soup(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of several states of one model, counters as in the last.

    A uniform soup (Wortsman et al. 2022, "Model soups"): θ = (1/n) Σ θᵢ.
    """
    mean = dict(states[-1])
    for key, tensor in mean.items():
        if tensor.is_floating_point():
            mean[key] = torch.stack([state[key].double() for state in states]).mean(0).to(tensor)
    return mean


@torch.no_grad()
def prune(networks: Sequence[torch.nn.Module], share: float) -> None:
    """Set the smallest weights of networks to zero, by size over all layers together.

    Global magnitude pruning (Han et al. 2015): |w| below the quantile `share` goes. Biases,
    normalisation and embeddings stay: they are few and matter much.
    """
    kinds = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    weights = [
        module.weight
        for network in networks
        for module in network.modules()
        if isinstance(module, kinds)
    ]
    if not weights:
        return
    sizes = torch.cat([weight.detach().abs().flatten() for weight in weights])
    count = int(share * len(sizes))
    if not count:
        return
    threshold = sizes.kthvalue(count).values
    for weight in weights:
        weight.masked_fill_(weight.abs() <= threshold, 0.0)


def weight_bytes(model: LoadedModel) -> bytes:
    """Return a model's averaged weights as a safetensors file."""
    networks = model.family.networks()
    weights = state_of({name: networks[name] for name in model.family.averaged})
    return save({key: tensor.detach().cpu().contiguous() for key, tensor in weights.items()})


def compared(
    project: Project | None, before: LoadedModel, after: LoadedModel, job: JobContext
) -> dict[str, dict[str, float]]:
    """Return what a model and its variant weigh, how fast they are, and how good.

    Returns:
        For `before` and `after`: `bytes` (packed as in a package), and where the dataset is here
        `milliseconds` per item and the metric that keep-best follows, under its name; for `after`
        also `difference`, the mean change of pictures from the same seeds, in 0 … 255.
    """
    report = {
        name: {"bytes": float(len(zlib.compress(weight_bytes(model))))}
        for name, model in (("before", before), ("after", after))
    }
    if project is None or dataset_of(project, before) is None:
        return report
    data = data_of(project, before, job)
    both = (("before", before), ("after", after))
    if not _judged_by_samples(before):
        for name, model in both:
            report[name] |= _on_held_out(model, data)
        return report
    made: list[npt.NDArray[np.float32]] = []
    for name, model in both:
        figures, media = _of_samples(model, data, job)
        report[name] |= figures
        made.append(np.array([e.pixels for e in media if isinstance(e, Image)], np.float32))
    if made[0].size:
        report["after"]["difference"] = float(np.abs(made[0] - made[1]).mean())
    return report


def _judged_by_samples(model: LoadedModel) -> bool:
    """Tell whether samples say how good a model is; of texts the surprise by unseen ones does."""
    info = model.family.info
    foresees = info.modality is not Modality.IMAGE and info.best.startswith("val_")
    return Task.GENERATE in info.tasks and not foresees


def _on_held_out(model: LoadedModel, data: PreparedData) -> dict[str, float]:
    """Return time and quality of a model on items that it never saw."""
    device = model.family.compute.device
    feed = Feed(data, _COMPARED, 0, device)
    try:
        batches = list(feed.held_out(_COMPARED, _COMPARED)) or [next(feed.learned(1, 1))]
    finally:
        feed.close()
    started = time.perf_counter()
    metrics = validation_metrics(model.family, batches)
    synchronize(device)
    found = {"milliseconds": 1000 * (time.perf_counter() - started) / sum(map(len, batches))}
    best = model.family.info.best
    return found | ({best: metrics[best]} if best in metrics else {})


def _of_samples(
    model: LoadedModel, data: PreparedData, job: JobContext
) -> tuple[dict[str, float], list[Media]]:
    """Return time and quality of samples, and the samples."""
    request = new_samples(model.family, data, _COMPARED)
    started = time.perf_counter()
    media = samples(model, request, job)
    synchronize(model.family.compute.device)
    seconds = time.perf_counter() - started
    measures = import_module(f"studio.evaluate.{model.spec.modality}")
    quality = measures.sample_statistics(media, measures.real_items(data, data.train, _COMPARED))
    figures = {"milliseconds": 1000 * seconds / _COMPARED}
    return figures | {name: quality[name] for name in _QUALITY if name in quality}, media
