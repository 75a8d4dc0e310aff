"""WaveGAN: a generator that learns to draw whole sounds which a critic takes for real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from studio.core.family_info import FamilyInfo, Metric, Paper, Preset, Task
from studio.core.media import Modality
from studio.core.options import option
from studio.core.recipe import DataSpec
from studio.families.adversarial import AdversarialFamily, AdversarialRecipe, judged
from studio.families.adversarial_losses import WASSERSTEIN, gradient_penalty
from studio.families.audio.sample_metrics import SAMPLE_METRICS
from studio.families.audio.wavegan_networks import SHUFFLE, WaveCritic, WaveGenerator
from studio.families.base import Losses, noise
from studio.families.batch import Batch


class WaveGANRecipe(AdversarialRecipe):
    """Settings of a WaveGAN."""

    batch_size: int = option(
        16,
        title="Batch",
        help="Sounds that the model hears in one step. Larger is steadier and needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    width: int = option(
        8,
        title="Width",
        help="Channels of the finest stage. Wider networks make richer sound and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=2,
        le=256,
    )
    growing: Literal["transposed", "resize"] = option(
        "transposed",
        title="Growing",
        help="How few numbers become many samples: repeated and smoothed, which whistles less, or"
        " spread by kernels as in the paper.",
        group="Size",
        term="nearest-neighbour upsampling and convolution, or transposed convolution",
        choices={"transposed": "Spread (transposed)", "resize": "Repeat and smooth"},
    )
    gradient_penalty: float = option(
        10.0,
        title="Slope penalty",
        help="Keeps the critic from growing too steep. The game needs it; 10 suits nearly always.",
        group="Stability",
        term="gradient penalty weight λ of WGAN-GP",
        gt=0,
        le=1000,
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled"
        " recordings.",
        group="Labels",
        term="class-conditional model (projection critic)",
    )


class WaveGAN(AdversarialFamily[WaveGANRecipe]):
    """WGAN-GP on waves; samples come from the generator's averaged weights."""

    info = FamilyInfo(
        id="wavegan",
        title="WaveGAN",
        modality=Modality.AUDIO,
        tasks=(Task.GENERATE, Task.INTERPOLATE),
        summary="Two networks play: one draws whole sounds at once, the other, the critic, judges"
        " them. Drums, calls and short words in an instant.",
        needs="Some hundred short recordings of one kind, such as drum hits.",
        caution="The losses of a GAN are a game's score, not a progress bar. Listen to the"
        " samples.",
        typical_time="Quick: 3 minutes on a processor, for a first outline. Best: hours on a"
        " graphics card.",
        papers=(
            Paper(
                title="Adversarial Audio Synthesis",
                authors="Donahue, McAuley, Puckette",
                year=2019,
                url="https://arxiv.org/abs/1802.04208",
            ),
            Paper(
                title="Improved Training of Wasserstein GANs",
                authors="Gulrajani et al.",
                year=2017,
                url="https://arxiv.org/abs/1704.00028",
            ),
        ),
        explains="learn/wavegan.md",
        metrics={
            "loss_generator": Metric(
                title="Generator's score",
                help="Falls when the critic takes made sounds for real ones. It never settles in a"
                " healthy game.",
            ),
            "loss_critic": Metric(
                title="Critic's score",
                help="How far apart the critic holds made and real sounds, with a minus sign.",
            ),
            "critic_real": Metric(
                title="Real ones recognised",
                help="Share of real sounds above the middle between real and made ones.",
                percent=True,
            ),
            "critic_fake": Metric(
                title="Made ones recognised",
                help="Share of made sounds below the middle between real and made ones.",
                percent=True,
            ),
            "gradient_generator": Metric(
                title="Generator's correction",
                help="How strongly the generator is being corrected (the norm of its gradient).",
            ),
            "penalty": Metric(
                title="Penalty",
                help="How far the critic's slope is from 1, before its weight. Above 10 for long,"
                " the game is out of hand.",
            ),
            "val_critic_gap": Metric(
                title="Gap to unseen recordings",
                help="By how much the critic likes unseen recordings better than made ones.",
            ),
        }
        | SAMPLE_METRICS,
        variety=True,
        place=40,
        best="sample_distance",
        figures=("sample_distance",),
    )
    recipe_type = WaveGANRecipe
    presets = (
        Preset(
            id="quick",
            title="Quick",
            summary="A first outline of your sounds within 3 minutes on an ordinary processor.",
            options={
                "steps": 1500,
                "minutes": 2.8,
                "code": 64,
                "learning_rate": 1e-3,
                "critic_steps": 2,
            },
        ),
        Preset(
            id="balanced",
            title="Balanced",
            summary="Fuller sound: an hour on a graphics card.",
            options={
                "steps": 30_000,
                "batch_size": 64,
                "width": 32,
                "critic_steps": 5,
                "learning_rate": 2e-4,
            },
        ),
        Preset(
            id="best",
            title="Best",
            summary="The size of the paper; hours on a graphics card.",
            options={
                "steps": 150_000,
                "batch_size": 64,
                "width": 64,
                "critic_steps": 5,
                "learning_rate": 1e-4,
            },
        ),
    )

    def build(self, spec: DataSpec) -> None:
        """Make generator, critic and their optimisers for sounds of `spec.shape`."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        self.generator = WaveGenerator(
            recipe.code, spec.shape, recipe.width, labels, resize=recipe.growing == "resize"
        )
        self.critic = WaveCritic(spec.shape, recipe.width, labels)
        self.add_optimisers(beta2=0.9)  # as Gulrajani et al. 2017, algorithm 1

    def draws(self, batch: Batch) -> dict[str, Tensor]:
        """Return what mixes real with fake for the penalty, and how the critic is moved."""
        count, device = len(batch), batch.items.device
        return {
            "mix": torch.rand(count, device=device),
            "shifts": torch.randint(-SHUFFLE, SHUFFLE + 1, (count, 4), device=device),
        }

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the critic tells real from made sound, and its penalty."""
        shifts = batch.draws["shifts"]
        with torch.no_grad():
            fake = self.generator(batch.draws["code"], batch.labels).float()
        real_score = self.critic(batch.items, batch.labels, shifts).float()
        fake_score = self.critic(fake, batch.labels, shifts).float()
        loss = WASSERSTEIN.critic(real_score, fake_score)
        shown = {"loss_critic": loss} | judged(real_score, fake_score, WASSERSTEIN.boundary)

        def moved(items: Tensor, labels: Tensor | None) -> Tensor:
            score: Tensor = self.critic(items, labels, shifts)
            return score

        # second derivatives need fp32: in bf16 they drown in rounding
        with self.compute.full_precision():
            real, mix = batch.items.float(), batch.draws["mix"]
            penalty = gradient_penalty(moved, real, fake, mix, batch.labels)
        shown["penalty"] = penalty
        return loss + self.recipe.gradient_penalty * penalty, shown

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly the generator passes for real."""
        made = self.generator(batch.draws["code"], batch.labels).float()
        score = self.critic(made, batch.labels, batch.draws["shifts"]).float()
        loss = WASSERSTEIN.generator(score)
        return loss, {"loss_generator": loss}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure by how much the critic likes unseen sounds better than made ones."""
        drawn = self.with_draws(batch)
        real = self.critic(batch.items, drawn.labels).float()
        made = self.generator(drawn.draws["code"], drawn.labels).float()
        return {"val_critic_gap": real.mean() - self.critic(made, drawn.labels).float().mean()}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from N(0, variety²)."""
        return variety * noise(seeds, (self.recipe.code,), self.compute.device)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return sounds (N, C, L) in -1 … 1."""
        self.generator.eval()
        made: Tensor = self.generator(codes, labels)
        return made.float()
