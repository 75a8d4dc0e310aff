"""Whether CycleGAN finds a way between two kinds of pictures whose pairs it never sees.

    python -m benchmarks.hidden_pairs [--other negatives] [--set name=value] [--minutes 2.8]

The built-in digits or coloured shapes are one kind. The other kind is made from other pictures of
the set by an exact rule, so no pair is in both datasets, and 100 pairs that are in neither are
measured; the rule is exact, so the PSNR needs no judge. `colours` turns digits from white on
black into orange on blue. `negatives` are harder: nothing in two piles says that the inside of a
ring must not become the ink, and of the shapes' colours some could change places unseen.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.family_info import Task
from studio.core.protocol import Generate, GenerateRequest, ImportFiles, Outcome, Train
from studio.data.image.pattern_colours import orange_on_blue
from studio.data.samples import SAMPLES
from studio.headless import ensure_project, recipe, run_with

_SIDE = 32
_LEARNED = 450  # pictures of each kind
_PAIRS = 100


def picture(kind: str, index: int, rule: str = "") -> Image.Image:
    """Return a digit or a shape, or what a rule makes of it."""
    with Image.open(io.BytesIO(pictures(kind)[index])) as image:
        pixels = np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))
    return Image.fromarray(RULES[rule](pixels) if rule else pixels)


def negative(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the negative of pixels."""
    return 255 - pixels


def coloured(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pixels in shades of two colours."""
    return orange_on_blue(pixels if pixels.ndim == 2 else pixels.mean(2).astype(np.uint8))


RULES = {"colours": coloured, "negatives": negative}


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
    parser.add_argument("--other", choices=sorted(RULES), default="colours")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--minutes", type=float, default=2.8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="studio-pairs-") as scratch:
        folder = Path(scratch)
        project = folder / "pairs.studio"
        ensure_project(project)
        for name, first, rule in (
            ("Pictures", _PAIRS, ""),
            ("Others", _PAIRS + _LEARNED, arguments.other),
        ):
            (folder / name).mkdir()
            for index in range(first, first + _LEARNED):
                picture(arguments.kind, index, rule).save(folder / name / f"{index}.png")
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
        made = recipe(project, "Pictures", "cyclegan", "quick", settings, 0, "Pairs", "Others")
        trained = run_with(Train(project=str(project), recipe=made), None)
        assert trained.outcome == Outcome.DONE, trained.error
        for direction in ("forward", "back"):
            inputs, wanted = [], []
            given, asked = (
                ("", arguments.other) if direction == "forward" else (arguments.other, "")
            )
            for index in range(_PAIRS):
                path = folder / f"{direction}-{index:03d}.png"
                picture(arguments.kind, index, given).save(path)
                inputs.append(str(path))
                wanted.append(picture(arguments.kind, index, asked))
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
