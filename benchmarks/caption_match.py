"""Whether pictures show what the words ask for: shape and colour of the built-in captioned shapes.

    python -m benchmarks.caption_match --family diffusion [--set name=value] [--minutes 2.8]
    python -m benchmarks.caption_match --project P.studio --model RUN

Trains the Quick preset on the captioned shapes and asks for 200 captions that no training picture
has at its place in the held-out part. Two classifiers, one of shapes and one of colours, are
trained on the real pictures and say what the made ones show.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from studio.core.media import Image
from studio.core.project import Project
from studio.core.protocol import GenerateRequest, ImportSample, Outcome, Train
from studio.core.work import Work
from studio.data.image.shapes import COUNT, KINDS, shape
from studio.data.store import PreparedData
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, data_of, load_model
from studio.engine.requests import caption_rows, sample_request, samples
from studio.evaluate.feature_net import JudgeNet, taught
from studio.evaluate.judge import seen
from studio.headless import ensure_project, recipe, run_with
from studio.terminal import Sink

_PROMPTS = 200
_COLOURS = sorted({shape(index).colour for index in range(COUNT)})


def main() -> None:
    """Train where no model is given, make and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="diffusion")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--minutes", type=float, default=2.8)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--model", default="")
    parser.add_argument("--guidance", type=float, help="of a diffusion model's sampler")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-words-") as scratch:
        folder, model = arguments.project, arguments.model
        if not model:
            folder = Path(scratch) / "words.studio"
            ensure_project(folder)
            run_with(ImportSample(project=str(folder), sample="shapes", name="Shapes"), None)
            settings = [f"minutes={arguments.minutes}", *arguments.settings]
            made = recipe(folder, "Shapes", arguments.family, "quick", settings, 0, "Words")
            trained = run_with(Train(project=str(folder), recipe=made), None)
            assert trained.outcome == Outcome.DONE, trained.error
            model = trained.result["run"]
            print(f"{arguments.family}: {trained.result['step']} steps")
        project = Project.open(folder)
        loaded = load_model(project, model)
        data = data_of(project, loaded, Work())
        numbers = [entry.name for entry in project.library.datasets.items(data.ids.tolist())]
        project.close()
    options = {} if arguments.guidance is None else {"guidance": arguments.guidance}
    measure(loaded, data, [int(Path(name).stem) for name in numbers], options)


def measure(
    model: LoadedModel, data: PreparedData, numbers: list[int], options: dict[str, float]
) -> None:
    """Make the held-out captions' pictures and print how many show what was asked for.

    Args:
        numbers: Which shape each row of the data is.
        options: What the sampler is told.
    """
    every = np.arange(len(data.items))
    items = seen(data, every)
    kinds = torch.tensor([KINDS.index(shape(n).kind) for n in numbers])
    colours = torch.tensor([_COLOURS.index(shape(n).colour) for n in numbers])
    # arrays of their own: those of the data cannot be written to, which torch warns of
    learned, held_out = np.array(data.train), np.array(data.validation)
    asked = held_out[:_PROMPTS]
    prompts = [shape(numbers[place]).caption for place in asked]
    asking = GenerateRequest(model=model.reference, count=len(prompts), options=options)
    request = sample_request(model, asking)
    request = type(request)(
        seeds=request.seeds, captions=caption_rows(model, prompts), settings=request.settings
    )
    media = samples(model, request, JobContext("words", Control(), Sink()))
    arrays = np.stack([each.pixels for each in media if isinstance(each, Image)])
    made = torch.from_numpy(arrays).permute(0, 3, 1, 2).float() / 127.5 - 1
    right = []
    for name, labels, count in (("shape", kinds, len(KINDS)), ("colour", colours, len(_COLOURS))):
        network = taught(
            items[learned],
            labels[learned],
            count,
            learned="labels",
            device=torch.device("cpu"),
        )
        unseen = said(network, items[held_out])
        trusted = (unseen == labels[held_out]).float().mean()
        hits = said(network, made) == labels[asked]
        right.append(hits)
        print(f"{name} as asked: {hits.float().mean():.1%} (the judge is right in {trusted:.1%})")
    print(f"both: {(right[0] & right[1]).float().mean():.1%} of {len(prompts)} prompts")


def said(network: JudgeNet, items: Tensor) -> Tensor:
    """Return the labels that a network sees."""
    return network.chances(network.look(items)).argmax(1)


if __name__ == "__main__":
    main()
