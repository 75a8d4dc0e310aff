"""How fast a training step is, against the textbook loop and against peers, with the same nets.

    python -m benchmarks.step_speed [--json FILE] [--rounds 5] [--steps 20]

Every contestant has networks of the same make and start, is fed from the same tensor in memory,
and takes turns with the others round by round. Times are medians over rounds; a ratio is the
median over rounds of the ratio within a round, so that a machine that slows down slows all.

The textbook loop is the one of PyTorch's DCGAN tutorial: eager, fp32, contiguous layout, Adam,
one pass through the generator for both turns. *Tuned* is the same loop with this studio's
precision and layout. torchgan and pythae do their own step (`train_ops`, `VAE.forward`) on our
networks. Run it alone on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.gan import GAN
from studio.families.image.gan_recipe import GANRecipe
from studio.families.image.vae import VAE
from studio.families.image.vae_recipe import VAERecipe

Step = Callable[[Tensor], None]

BATCH = 64
GAN_SHAPE = (3, 64, 64)
VAE_SHAPE = (1, 28, 28)
GAN_OPTIONS = GANRecipe(
    backbone="dcgan",
    width=64,
    code=100,
    critic_norm="batch",
    r1=0.0,
    augment="off",
    conditional=False,
    learning_rate=2e-4,
    batch_size=BATCH,
)
VAE_OPTIONS = VAERecipe(backbone="conv", batch_size=BATCH, input_noise=0.0, warm_up=0.0)

FP32 = Compute()
BF16 = Compute(autocast=torch.bfloat16, channels_last=True)


def _gan(compute: Compute) -> GAN:
    torch.manual_seed(0)
    family = GAN(GAN_OPTIONS, compute)
    family.setup(DataSpec(modality=Modality.IMAGE, shape=GAN_SHAPE, count=50_000))
    return family


def _vae(compute: Compute) -> VAE:
    torch.manual_seed(0)
    family = VAE(VAE_OPTIONS, compute)
    family.setup(DataSpec(modality=Modality.IMAGE, shape=VAE_SHAPE, count=50_000))
    return family


def _adam(network: nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999))


# --------------------------------------------------------------------------------- contestants


def studio_gan(compute: Compute) -> Step:
    """Return this studio's step of a GAN."""
    family = _gan(compute)

    def step(items: Tensor) -> None:
        family.train_step(Batch(items))

    return step


def textbook_gan(compute: Compute) -> Step:
    """Return the step of PyTorch's DCGAN tutorial."""
    family = _gan(compute)
    generator, critic = family.generator.train(), family.critic.train()
    generator_optimiser, critic_optimiser = _adam(generator), _adam(critic)
    criterion = nn.BCEWithLogitsLoss()

    def step(items: Tensor) -> None:
        real, fake_label = torch.ones(len(items)), torch.zeros(len(items))
        with compute.precision():
            critic.zero_grad()
            error_real = criterion(critic(items).float(), real)
        error_real.backward()
        with compute.precision():
            fake = generator(torch.randn(len(items), 100))
            error_fake = criterion(critic(fake.detach()).float(), fake_label)
        error_fake.backward()
        critic_optimiser.step()
        generator.zero_grad()
        with compute.precision():
            error = criterion(critic(fake).float(), real)
        error.backward()
        generator_optimiser.step()
        # the tutorial prints these
        error_real.item(), error_fake.item(), error.item()

    return step


def torchgan_gan() -> Step:
    """Return torchgan's own steps of critic and generator, on our networks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchgan.losses import MinimaxDiscriminatorLoss, MinimaxGeneratorLoss

    family = _gan(FP32)
    generator, critic = family.generator.train(), family.critic.train()
    for network in (generator, critic):
        network.label_type = "none"
        network.encoding_dims = 100
    generator_optimiser, critic_optimiser = _adam(generator), _adam(critic)
    generator_loss, critic_loss = MinimaxGeneratorLoss(), MinimaxDiscriminatorLoss()
    device = torch.device("cpu")

    def step(items: Tensor) -> None:
        critic_loss.train_ops(generator, critic, critic_optimiser, items, device)
        generator_loss.train_ops(generator, critic, generator_optimiser, device, len(items))

    return step


def studio_vae(compute: Compute) -> Step:
    """Return this studio's step of a VAE."""
    family = _vae(compute)

    def step(items: Tensor) -> None:
        family.train_step(Batch(items))

    return step


def pythae_vae() -> Step:
    """Return the step of pythae's trainer on its VAE, with our networks in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pythae.models import VAE as PythaeVAE  # noqa: N811 - its name is ours too
        from pythae.models import VAEConfig
        from pythae.models.base.base_utils import ModelOutput
        from pythae.models.nn import BaseDecoder, BaseEncoder

    family = _vae(FP32)

    class Encoder(BaseEncoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = family.encoder

        def forward(self, items: Tensor) -> Any:
            mean, log_variance = self.network(2 * items - 1)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    class Decoder(BaseDecoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = family.decoder

        def forward(self, code: Tensor) -> Any:
            return ModelOutput(reconstruction=torch.sigmoid(self.network(code)))

    config = VAEConfig(input_dim=VAE_SHAPE, latent_dim=VAE_OPTIONS.code, reconstruction_loss="bce")
    model = PythaeVAE(config, Encoder(), Decoder()).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(items: Tensor) -> None:
        output = model({"data": (items + 1) / 2})
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        output.loss.item()  # its trainer sums losses so

    return step


# --------------------------------------------------------------------------------------- timing


def check_same_start() -> None:
    """Stop when two contestants would not begin from the same critic's loss."""
    items = torch.rand(BATCH, *GAN_SHAPE) * 2 - 1
    ours, other = _gan(FP32), _gan(FP32)
    torch.manual_seed(1)
    loss = ours.train_step(Batch(items))["loss_critic"].item()
    torch.manual_seed(1)
    generator, critic = other.generator.train(), other.critic.train()
    criterion = nn.BCEWithLogitsLoss()
    with torch.no_grad():
        fake = generator(torch.randn(BATCH, 100))
        expected = criterion(critic(items), torch.ones(BATCH)) + criterion(
            critic(fake), torch.zeros(BATCH)
        )
    if abs(loss - expected.item()) > 1e-4:
        sys.exit(f"The losses differ at the start: {loss} and {expected.item()}.")


def measure(
    contestants: dict[str, Step], shape: tuple[int, ...], rounds: int, steps: int
) -> dict[str, list[float]]:
    """Return seconds per step of each contestant, one number per round, rounds interleaved."""
    torch.manual_seed(2)
    items = torch.rand(BATCH, *shape) * 2 - 1
    for step in contestants.values():
        for _ in range(3):
            step(items)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, step in contestants.items():
            before = time.perf_counter()
            for _ in range(steps):
                step(items)
            times[name].append((time.perf_counter() - before) / steps)
    return times


def report(title: str, times: dict[str, list[float]], baseline: str) -> dict[str, Any]:
    """Print a table and return it as data."""
    print(f"\n{title} (batch {BATCH})")
    print(
        f"{'':34}{'ms/step':>10}{'pictures/s':>12}{'× ' + baseline.split(',', maxsplit=1)[0]:>14}"
    )
    rows = {}
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        ratio = statistics.median(
            base / own for base, own in zip(times[baseline], seconds, strict=True)
        )
        print(f"{name:34}{1000 * middle:10.1f}{BATCH / middle:12.0f}{ratio:14.2f}")
        rows[name] = {"seconds": middle, "rounds": seconds, "ratio": ratio}
    return rows


def main() -> None:
    """Run all contests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="steps per round")
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    check_same_start()
    gans = {
        "textbook, fp32": textbook_gan(FP32),
        "textbook tuned, bf16": textbook_gan(BF16),
        "torchgan, fp32": torchgan_gan(),
        "studio, fp32": studio_gan(FP32),
        "studio, bf16 channels-last": studio_gan(BF16),
    }
    vaes = {
        "pythae, fp32": pythae_vae(),
        "studio, fp32": studio_vae(FP32),
        "studio, bf16 channels-last": studio_vae(BF16),
    }
    capability = torch.backends.cpu.get_cpu_capability()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {capability}")
    results = {
        "gan": report(
            "DCGAN 64², width 64",
            measure(gans, GAN_SHAPE, arguments.rounds, arguments.steps),
            "textbook, fp32",
        ),
        "vae": report(
            "convolutional VAE 28²",
            measure(vaes, VAE_SHAPE, arguments.rounds, 3 * arguments.steps),
            "pythae, fp32",
        ),
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
