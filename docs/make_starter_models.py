"""Train the model packages in `models/` and the pictures on the Models page's cards.

    python docs/make_starter_models.py [--out models] [--only NAME]

Uses the built-in sample sets alone; all of them take some hours on two processor cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from studio.core import protocol
from studio.core.packages import ModelPackage
from studio.core.paths import resource
from studio.core.protocol import Message, Outcome
from studio.core.thumbnails import preview_content, preview_name
from studio.headless import ensure_project, recipe, run_with


class Starter(NamedTuple):
    """A package: its file, its title, what it learns from, and what differs from *Quick*.

    `card` tells whether its samples stand on the card of its family.
    """

    file: str
    title: str
    sample: str
    family: str
    settings: tuple[str, ...] = ()
    partner: str = ""
    card: bool = True


STARTERS = (
    Starter("digits-gan", "Digits · GAN", "digits", "gan", card=False),
    Starter("shapes-gan", "Shapes · GAN", "shapes", "gan", ("steps=8000",)),
    Starter("digits-vae", "Digits · VAE", "digits", "vae", ("width=12",)),
    Starter("digits-stylegan", "Digits · StyleGAN", "digits", "stylegan"),
    Starter(
        "digits-diffusion",
        "Digits · Diffusion",
        "digits",
        "diffusion",
        ("width=48", "steps=1500", "captioned=false"),
    ),
    Starter("digits-vaegan", "Digits · VAE-GAN", "digits", "vaegan"),
    Starter("digits-vqvae", "Digits · VQ-VAE", "digits", "vqvae", ("width=48",)),
    Starter("patterns-repair", "Patterns · Repair", "patterns", "restore"),
    Starter(
        "digits-cyclegan",
        "Digits in orange on blue",
        "digits",
        "cyclegan",
        ("size=32", "identity=0"),
        "blue-digits",
    ),
    Starter("shapes-pix2pix", "Shapes to outlines", "shapes", "pix2pix", (), "outlines"),
    Starter("patterns-styles", "Six styles", "patterns", "style_transfer", (), "styles"),
    Starter("patterns-rules", "Patterns by rule", "patterns", "procedural"),
    Starter("tales-gpt", "Fairy tales · GPT", "fairy-tales", "gpt"),
    Starter("tales-lstm", "Fairy tales · LSTM", "fairy-tales", "rnn_lm"),
    Starter("english-german", "English to German", "english-german", "seq2seq"),
    Starter("tales-blanks", "Fairy tales · Blanks", "fairy-tales", "infill"),
    Starter("tales-chains", "Fairy tales · Chains", "fairy-tales", "grammar"),
    Starter("tunes-transformer", "Tunes · Transformer", "tunes", "music_transformer"),
    Starter("chorales-lstm", "Chorales · LSTM", "chorales", "music_rnn"),
    Starter("tunes-gan", "Tunes · GAN", "tunes", "music_gan"),
    Starter("tunes-vae", "Tunes · VAE", "tunes", "music_vae"),
    Starter("tunes-composer", "Tunes by rule", "tunes", "composer"),
    Starter("effects-rules", "Effects by rule", "game-sounds", "synth"),
    Starter(
        "effects-vae", "Effects · VAE", "game-sounds", "spectrogram", ("width=96", "steps=800")
    ),
    Starter("syllables-speech", "Syllables · Speech", "syllables", "tts", ("steps=800",)),
    Starter("effects-gan", "Effects · WaveGAN", "game-sounds", "wavegan"),
    Starter("syllables-wavenet", "Syllables · WaveNet", "syllables", "wavenet"),
    Starter("motion-rules", "Motion by rule", "moving-shapes", "motion"),
    Starter(
        "moving-shapes-gan", "Moving shapes · GAN", "moving-shapes", "videogan", ("steps=1500",)
    ),
    Starter(
        "moving-shapes-cyclegan",
        "Moving shapes in orange on blue",
        "moving-shapes",
        "video_cyclegan",
        ("size=32", "identity=0", "steps=400"),
        "blue-moving-shapes",
    ),
    Starter("moving-larger", "Moving shapes, twice as large", "moving-shapes", "video_restore"),
    Starter(
        "moving-shapes-transformer",
        "Moving shapes · Transformer",
        "moving-shapes",
        "video_transformer",
        ("steps=4000", "vocabulary=512", "settle=0.4", "dropout=0.1"),
    ),
    Starter(
        "moving-shapes-diffusion",
        "Moving shapes · Diffusion",
        "moving-shapes",
        "video_diffusion",
        ("steps=5000", "learning_rate=0.001"),
    ),
    Starter(
        "moving-foreseen",
        "Moving shapes foreseen",
        "moving-shapes",
        "frame_predictor",
        ("steps=900",),
    ),
)


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
    parser.add_argument("--only", action="append", help="file name of a package")
    arguments = parser.parse_args()
    arguments.out.mkdir(exist_ok=True)
    cards = resource("cards")
    cards.mkdir(exist_ok=True)
    wanted = [each for each in STARTERS if not arguments.only or each.file in arguments.only]
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "starters.studio"
        ensure_project(project)
        for sample in sorted({name for each in wanted for name in (each.sample, each.partner)}):
            if sample:
                do(protocol.ImportSample(project=str(project), sample=sample, name=sample))
        for each in wanted:
            settings = ["minutes=0", *each.settings]
            made = recipe(
                project, each.sample, each.family, "quick", settings, 0, each.title, each.partner
            )
            run = str(do(protocol.Train(project=str(project), recipe=made))["run"])
            path = arguments.out / f"{each.file}.studiomodel"
            do(protocol.ExportModel(project=str(project), model=run, path=str(path)))
            if each.card:
                preview = ModelPackage(path).preview()
                suffix = Path(preview_name(preview)).suffix
                (cards / f"{each.family}{suffix}").write_bytes(preview_content(preview))
            print(path, path.stat().st_size, "bytes", flush=True)


if __name__ == "__main__":
    main()
