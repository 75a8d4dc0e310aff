"""How fast a WaveNet and a video GAN learn, against textbook loops of the same networks, in turns.

    python -m benchmarks.av_step [--seconds 60] [--only wavenet videogan] [--json FILE]

The textbook WaveNet is the one of the paper as tutorials write it: `nn.Conv1d` with dilation, a
filter and a gate of their own, 1 × 1 convolutions for the way around and for the end, eager fp32
with Adam. It has the same widths, dilations and number of foreseen samples as ours. The textbook
video GAN has 3-D convolutions in the critic of clips where ours has them over space and over time
in turn (Tran et al. 2018); all else is our network, in eager fp32 with Adam.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

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
from studio.families.video.videogan import VideoGAN
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


class TextbookClipCritic(nn.Module):
    """3-D convolutions that halve space and, from the second on, time (as Vondrick et al. 2016)."""

    def __init__(self, channels: list[int], features: int) -> None:
        super().__init__()
        pairs = list(pairwise(channels))
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv3d(a, b, (3, 4, 4), stride=(2 if stage else 1, 2, 2), padding=1))
            for stage, (a, b) in enumerate(pairs)
        )
        self.verdict = spectral_norm(nn.Linear(features, 1))

    def forward(self, clips: Tensor, _labels: Tensor | None = None) -> Tensor:
        x = clips
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
        score: Tensor = self.verdict(x.mean(2).flatten(1)).squeeze(1)
        return score


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
    """Return a step of the textbook loop: critic, then generator, each from codes of its own."""
    family = VideoGAN(GAME, Compute())
    family.setup(video_spec())
    generator, of_frames = family.generator, family.critic.of_frames
    channels = [CLIP[0], *(each.conv.out_channels for each in family.critic.of_clips.in_time)]
    of_clips = TextbookClipCritic(channels, channels[-1] * 4**2)
    critic = nn.ModuleList([of_frames, of_clips])
    first = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    second = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.999))
    real, count = torch.rand(GAME.batch_size, *CLIP) * 2 - 1, GAME.batch_size
    rows = torch.arange(count)[:, None]

    def codes() -> Tensor:
        return torch.randn(count, GAME.code + CLIP[1] * GAME.motion)

    def scores(clips: Tensor) -> Tensor:
        places = torch.rand(count, CLIP[1]).argsort(1)[:, :2]
        frames = clips.transpose(1, 2)[rows, places].flatten(0, 1)
        return torch.cat([of_frames(frames, None), of_clips(clips)])

    def step() -> None:
        second.zero_grad()
        with torch.no_grad():
            fake = generator(codes())
        loss = functional.relu(1 - scores(real)).mean() + functional.relu(1 + scores(fake)).mean()
        loss.backward()
        second.step()
        first.zero_grad()
        (-scores(generator(codes())).mean()).backward()
        first.step()

    return step


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
