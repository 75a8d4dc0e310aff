"""How fast a WaveNet and a video GAN learn, against textbook loops of the same networks, in turns.

    python -m benchmarks.av_step [--seconds 60] [--only wavenet videogan] [--json FILE]

The textbook WaveNet is the one of the paper as tutorials write it: `nn.Conv1d` with dilation, a
filter and a gate of their own, 1 × 1 convolutions for the way around and for the end, eager fp32
with Adam. It has the same widths, dilations and number of foreseen samples as ours. The textbook
video GAN is MoCoGAN as published (`textbook_mocogan.py`), with the widths of ours, on as many clips
and frames; nothing of it is ours.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.textbook_mocogan import textbook_step
from benchmarks.turns import (
    BF16,
    FP32,
    Step,
    asked,
    described,
    fastest,
    machine,
    report,
    take_turns,
    write,
)
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.engine.runtime import prepare_process
from studio.families.audio.wavenet import WaveNetFamily
from studio.families.audio.wavenet_recipe import WaveNetRecipe
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.video.videogan import JUDGED, VideoGAN
from studio.families.video.videogan_networks import channels_of
from studio.families.video.videogan_recipe import VideoGANRecipe

SOUND = WaveNetRecipe()
SAMPLES = 5120  # of a row: 0.64 s at 8 kHz
CLIP = (3, 12, 32, 32)
GAME = VideoGANRecipe(faithful=0.0, conditional=False)


# ------------------------------------------------------------------------------------- WaveNet


class TextbookLayer(nn.Module):
    """Filter, gate, residual and skip of van den Oord et al. 2016, figure 4."""

    def __init__(self, width: int, skip: int, dilation: int) -> None:
        super().__init__()
        self.filter = nn.Conv1d(width, width, 2, dilation=dilation)
        self.gate = nn.Conv1d(width, width, 2, dilation=dilation)
        self.residual = nn.Conv1d(width, width, 1)
        self.skip = nn.Conv1d(width, skip, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        gated = torch.tanh(self.filter(x)) * torch.sigmoid(self.gate(x))
        return x[:, :, -gated.shape[2] :] + self.residual(gated), self.skip(gated)


class TextbookWaveNet(nn.Module):
    """Codes (B, reach + T) become logits (B, 256, T)."""

    def __init__(self, width: int, skip: int, dilations: list[int]) -> None:
        super().__init__()
        self.first = nn.Embedding(256, width)
        self.layers = nn.ModuleList(TextbookLayer(width, skip, each) for each in dilations)
        self.inner = nn.Conv1d(skip, 2 * skip, 1)
        self.last = nn.Conv1d(2 * skip, 256, 1)

    def forward(self, codes: Tensor, length: int) -> Tensor:
        x = self.first(codes).transpose(1, 2)
        total: Tensor | float = 0.0
        for layer in self.layers:
            x, skipped = layer(x)
            total = total + skipped[:, :, -length:]
        made: Tensor = self.last(functional.relu(self.inner(functional.relu(total))))
        return made


def textbook_wavenet() -> Step:
    """Return a step of the textbook loop."""
    dilations = [2**layer for _ in range(SOUND.stacks) for layer in range(SOUND.layers)]
    network = TextbookWaveNet(SOUND.width, SOUND.skip, dilations)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    codes = torch.randint(256, (SOUND.batch_size, sum(dilations) + SOUND.crop + 1))

    def step() -> None:
        optimiser.zero_grad()
        logits = network(codes[:, :-1], SOUND.crop)
        functional.cross_entropy(logits, codes[:, -SOUND.crop :]).backward()
        optimiser.step()

    return step


def studio_wavenet(compute: Compute) -> Step:
    """Return a step of the family."""
    family = WaveNetFamily(SOUND, compute)
    family.setup(
        DataSpec(
            modality=Modality.AUDIO,
            shape=(1, SAMPLES),
            count=64,
            statistics={"rate": 8000.0},
            resources={"rate": "8000"},
        )
    )
    batch = Batch(torch.rand(SOUND.batch_size, 1, SAMPLES) * 2 - 1)
    return lambda: family.train_step(batch)


# ----------------------------------------------------------------------------------- video GAN


def video_spec() -> DataSpec:
    """Return what clips look like."""
    return DataSpec(modality=Modality.VIDEO, shape=CLIP, count=64, resources={"fps": "12"})


def studio_videogan(compute: Compute) -> Step:
    """Return a step of the family."""
    family = VideoGAN(GAME, compute)
    family.setup(video_spec())
    batch = Batch(torch.rand(GAME.batch_size, *CLIP) * 2 - 1)
    return lambda: family.train_step(batch)


def textbook_videogan() -> Step:
    """Return a step of the textbook loop, with the widths and as many frames and clips as ours."""
    return textbook_step(
        CLIP,
        channels_of(GAME.width, halvings=3),
        GAME.code,
        GAME.motion,
        clips=GAME.batch_size,
        frames=JUDGED * GAME.batch_size,
    )


def main() -> None:
    """Run the contests."""
    arguments = asked(__doc__, ["wavenet", "videogan"])
    prepare_process()
    print(machine())
    results: dict[str, object] = {"machine": machine()}
    contests = {
        "wavenet": (textbook_wavenet, studio_wavenet, SOUND.batch_size * SOUND.crop, "samples"),
        "videogan": (textbook_videogan, studio_videogan, GAME.batch_size, "clips"),
    }
    for name in arguments.only:
        textbook, ours, count, unit = contests[name]
        shipped = fastest(ours, FP32 + BF16)
        contestants = {
            "textbook: eager fp32": textbook(),
            "studio, fp32": ours(Compute()),
            f"studio, as shipped: {described(shipped)}": ours(shipped),
        }
        first, second, third = contestants
        compared = {"fp32": (first, second), "as shipped": (first, third)}
        times = take_turns(contestants, arguments.seconds)
        results[name] = report(name, times, compared, count, unit)
    write(arguments.json, results)


if __name__ == "__main__":
    main()
