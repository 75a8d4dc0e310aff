"""Train the model packages in `models/` and the pictures on the Models page's cards.

    python docs/make_starter_models.py [--out models]

Uses the built-in sample sets alone; takes about twenty minutes on two processor cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.core import protocol
from studio.core.packages import ModelPackage
from studio.core.paths import resource
from studio.core.protocol import Message, Outcome
from studio.headless import ensure_project, recipe, run_with

#: (file name, title, sample set, family, settings beside the Quick preset's)
MODELS = (
    ("digits-gan", "Digits · GAN", "digits", "gan", ["minutes=0"]),
    ("digits-vae", "Digits · VAE", "digits", "vae", ["width=12", "minutes=0"]),
    ("shapes-gan", "Shapes · GAN", "shapes", "gan", ["steps=8000", "minutes=0"]),
)
#: Whose samples stand on the card of a family.
CARDS = {"gan": "shapes-gan", "vae": "digits-vae"}


def do(command: Message) -> dict[str, object]:
    """Do a job or end the program with its error."""
    finished = run_with(command, None)
    if finished.outcome != Outcome.DONE:
        raise SystemExit(f"{finished.outcome}: {finished.error}")
    return finished.result


def main() -> None:
    """Write every package, and one card per family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=resource().parent / "models")
    arguments = parser.parse_args()
    arguments.out.mkdir(exist_ok=True)
    cards = resource("cards")
    cards.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "starters.studio"
        ensure_project(project)
        for sample in sorted({model[2] for model in MODELS}):
            name = sample.capitalize()
            do(protocol.ImportSample(project=str(project), sample=sample, name=name))
        for file, title, sample, family, settings in MODELS:
            made = recipe(project, sample.capitalize(), family, "quick", settings, 0, title)
            run = str(do(protocol.Train(project=str(project), recipe=made))["run"])
            path = arguments.out / f"{file}.studiomodel"
            do(protocol.ExportModel(project=str(project), model=run, path=str(path)))
            if CARDS[family] == file:
                (cards / f"{family}.png").write_bytes(ModelPackage(path).preview())
            print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
