"""Whether CycleGAN finds a way between two kinds of pictures whose pairs it never sees.

    python -m benchmarks.hidden_pairs [--kind digits] [--set name=value] [--minutes 2.8]

The built-in digits or coloured shapes are one kind, their negatives the other. The two datasets
are made of different pictures, so no pair is in both; 100 pairs that are in neither are measured.
The negative is exact, so the PSNR needs no judge. For digits nothing else looks like the other
kind; of the shapes' colours some could change places without anybody seeing it in two piles.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from studio.core.family_info import Task
from studio.core.protocol import Generate, GenerateRequest, ImportFiles, Outcome, Train
from studio.data.samples import SAMPLES
from studio.headless import ensure_project, recipe, run_with

_SIDE = 32
_LEARNED = 450  # pictures of each kind
_PAIRS = 100


def picture(kind: str, index: int, *, negative: bool) -> Image.Image:
    """Return a digit or a shape, or its negative."""
    with Image.open(io.BytesIO(pictures(kind)[index])) as image:
        pixels = np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))
    return Image.fromarray(255 - pixels if negative else pixels)


@cache
def pictures(kind: str) -> list[bytes]:
    """Return the first pictures of a built-in set, in an order of chance."""
    entries = [entry.load() for entry in SAMPLES[kind].entries()]
    order = np.random.default_rng(0).permutation(len(entries))
    return [entries[place] for place in order[: 2 * _LEARNED + _PAIRS]]


def psnr(made: Path, wanted: Image.Image) -> float:
    """Return the peak signal-to-noise ratio of a file in dB, of 255 levels, all colours alike."""
    with Image.open(made) as image:
        error = np.asarray(image.convert(wanted.mode), float) - np.asarray(wanted, float)
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-9)))


def main() -> None:
    """Draw, train, translate and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("digits", "shapes"), default="digits")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--minutes", type=float, default=2.8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-pairs-") as scratch:
        folder = Path(scratch)
        project = folder / "pairs.studio"
        ensure_project(project)
        for name, first, negative in (
            ("Pictures", _PAIRS, False),
            ("Negatives", _PAIRS + _LEARNED, True),
        ):
            (folder / name).mkdir()
            for index in range(first, first + _LEARNED):
                picture(arguments.kind, index, negative=negative).save(
                    folder / name / f"{index}.png"
                )
            paths = [str(folder / name)]
            job = ImportFiles(project=str(project), name=name, paths=paths)
            assert run_with(job, None).outcome == Outcome.DONE
        # the kinds differ by colour, so a picture of the wanted kind need not stay as it is
        settings = [
            f"minutes={arguments.minutes}",
            f"size={_SIDE}",
            "identity=0",
            *arguments.settings,
        ]
        made = recipe(project, "Pictures", "cyclegan", "quick", settings, 0, "Pairs", "Negatives")
        trained = run_with(Train(project=str(project), recipe=made), None)
        assert trained.outcome == Outcome.DONE, trained.error
        for direction in ("forward", "back"):
            inputs, wanted = [], []
            for index in range(_PAIRS):
                path = folder / f"{direction}-{index:03d}.png"
                picture(arguments.kind, index, negative=direction == "back").save(path)
                inputs.append(str(path))
                wanted.append(picture(arguments.kind, index, negative=direction == "forward"))
            request = GenerateRequest(
                model=trained.result["run"],
                task=Task.TRANSLATE,
                inputs=inputs,
                options={"direction": direction},
            )
            job = Generate(project=str(project), request=request, out=str(folder / direction))
            assert run_with(job, None).outcome == Outcome.DONE
            results = sorted((folder / direction).iterdir())
            values = [psnr(path, target) for path, target in zip(results, wanted, strict=True)]
            unchanged = [psnr(Path(p), target) for p, target in zip(inputs, wanted, strict=True)]
            print(
                f"{direction}: {np.mean(values):.1f} dB on {_PAIRS} held-out hidden pairs"
                f" (worst {min(values):.1f}; the input itself {np.mean(unchanged):.1f})"
            )
        print(f"steps: {trained.result['step']}")


if __name__ == "__main__":
    main()
