"""GAN: a generator that learns to make pictures which a critic cannot tell from real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import cached

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo, Metric, Paper, Preset, Task
from studio.core.media import Modality
from studio.core.options import FamilyRecipe, option
from studio.core.recipe import DataSpec
from studio.families.base import Batch, Losses, noise
from studio.families.image.gan_losses import GAMES, gradient_penalty, r1_penalty
from studio.families.image.gan_networks import BACKBONES
from studio.families.image.sample_metrics import SAMPLE_METRICS
from studio.families.latent import LatentFamily
from studio.families.layers.diffaugment import NUMBERS, diffaugment

#: Steps between two R1 penalties; each then weighs this much more (Karras et al. 2020).
R1_EVERY = 16

#: Sets with fewer pictures than this are augmented when the user leaves it to the studio.
SMALL_SET = 5000


class GANRecipe(FamilyRecipe):
    """Settings of a GAN."""

    backbone: Literal["mlp", "dcgan", "resnet"] = option(
        "dcgan",
        title="Network",
        help="Plain layers (small and fast), convolutions (the classic), or residual blocks"
        " (slower, steadier, better on photos).",
        group="Size",
        term="backbone",
        main=True,
        choices={"mlp": "Plain layers", "dcgan": "DCGAN", "resnet": "ResNet"},
    )
    width: int = option(
        24,
        title="Width",
        help="Channels of the finest stage. Wider networks draw richer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=4,
        le=256,
    )
    code: int = option(
        128,
        title="Code length",
        help="Random numbers from which one picture is made.",
        group="Size",
        term="latent dimension",
        ge=2,
        le=1024,
    )
    loss: Literal["non-saturating", "least-squares", "wasserstein", "hinge"] = option(
        "non-saturating",
        title="Game",
        help="How critic and generator keep score. Wasserstein and hinge are steadier.",
        group="Learning",
        term="adversarial loss",
        main=True,
        choices={
            "non-saturating": "Classic",
            "least-squares": "Least squares",
            "wasserstein": "Wasserstein",
            "hinge": "Hinge",
        },
    )
    learning_rate: float = option(
        5e-4,
        title="Learning rate",
        help="How large each correction of the generator is. Too large shakes, too small crawls.",
        group="Learning",
        term="learning rate of Adam",
        gt=0,
        le=0.1,
    )
    critic_rate: float = option(
        1.0,
        title="Critic's rate",
        help="The critic's learning rate as a multiple of the generator's.",
        group="Learning",
        term="learning-rate ratio (two time-scale update rule)",
        gt=0,
        le=20,
    )
    critic_steps: int = option(
        1,
        title="Critic's turns",
        help="Corrections of the critic per correction of the generator.",
        group="Learning",
        term="n_dis",
        ge=1,
        le=20,
    )
    beta1: float = option(
        0.5,
        title="Momentum",
        help="How much of the last corrections carries on. 0 is calmest for a strong critic.",
        group="Learning",
        term="Adam β₁",
        ge=0,
        lt=1,
    )
    critic_norm: Literal["spectral", "batch", "none"] = option(
        "none",
        title="Critic's brake",
        help="Spectral keeps the critic from growing too sharp; batch is the classic of 2016.",
        group="Stability",
        term="spectral normalisation or batch normalisation of the critic",
        choices={"spectral": "Spectral", "batch": "Batch", "none": "None"},
    )
    r1: float = option(
        0.5,
        title="R1 penalty",
        help="Keeps the critic flat around real pictures; 0 switches it off, 0.1 to 10 is usual.",
        group="Stability",
        term="R1 regularisation weight γ",
        ge=0,
        le=1000,
    )
    gradient_penalty: float = option(
        10.0,
        title="Slope penalty",
        help="Weight of the Wasserstein game's own penalty; other games do not use it.",
        group="Stability",
        term="gradient penalty weight λ of WGAN-GP",
        ge=0,
        le=1000,
    )
    augment: Literal["auto", "on", "off"] = option(
        "auto",
        title="Help for small sets",
        help="Shows the critic shifted, recoloured and cut pictures so that it cannot learn a"
        f" small set by heart. Automatic switches it on below {SMALL_SET:,} pictures.",
        group="Stability",
        term="differentiable augmentation (DiffAugment)",
        choices={"auto": "Automatic", "on": "On", "off": "Off"},
    )
    conditional: bool = option(
        True,
        title="Use labels",
        help="Learns each label on its own, so that you can ask for one. Needs labelled pictures.",
        group="Labels",
        term="class-conditional model (projection critic, conditional batch norm)",
    )


class GAN(LatentFamily[GANRecipe]):
    """Generator and critic in turns; samples come from the generator's averaged weights."""

    recipe_type = GANRecipe
    averaged = ("generator",)
    info = FamilyInfo(
        id="gan",
        title="GAN",
        modality=Modality.IMAGE,
        tasks=(Task.GENERATE, Task.INTERPOLATE),
        summary="Two networks play: one makes pictures, the other, the critic, judges them."
        " Sharp pictures, quick to sample.",
        needs="A few hundred pictures of one kind at least; some thousands are better.",
        caution="The losses of a GAN are a game's score, not a progress bar: they do not fall as"
        " the pictures get better. Judge the samples, their variety and their distance to the"
        " real ones.",
        typical_time="Quick: 3 minutes on a processor. Best: an hour or more on a graphics card.",
        papers=(
            Paper(
                title="Generative Adversarial Nets",
                authors="Goodfellow et al.",
                year=2014,
                url="https://arxiv.org/abs/1406.2661",
            ),
            Paper(
                title="Unsupervised Representation Learning with Deep Convolutional GANs",
                authors="Radford, Metz, Chintala",
                year=2016,
                url="https://arxiv.org/abs/1511.06434",
            ),
            Paper(
                title="Spectral Normalization for Generative Adversarial Networks",
                authors="Miyato et al.",
                year=2018,
                url="https://arxiv.org/abs/1802.05957",
            ),
            Paper(
                title="cGANs with Projection Discriminator",
                authors="Miyato, Koyama",
                year=2018,
                url="https://arxiv.org/abs/1802.05637",
            ),
            Paper(
                title="Improved Training of Wasserstein GANs",
                authors="Gulrajani et al.",
                year=2017,
                url="https://arxiv.org/abs/1704.00028",
            ),
            Paper(
                title="Differentiable Augmentation for Data-Efficient GAN Training",
                authors="Zhao et al.",
                year=2020,
                url="https://arxiv.org/abs/2006.10738",
            ),
        ),
        explains="learn/gan.md",
        metrics={
            "loss_generator": Metric(
                title="Generator's score",
                help="Falls when the critic takes made pictures for real ones. It never settles"
                " in a healthy game.",
            ),
            "loss_critic": Metric(
                title="Critic's score",
                help="Falls when the critic (also called discriminator) tells real from made. Near"
                " zero for long, it leaves the generator nothing to learn from.",
            ),
            "critic_real": Metric(
                title="Real ones recognised",
                help="Share of real pictures that the critic takes for real. 55 to 90 % is"
                " healthy.",
                percent=True,
            ),
            "critic_fake": Metric(
                title="Made ones recognised",
                help="Share of made pictures that the critic sees through. 55 to 90 % is healthy.",
                percent=True,
            ),
            "gradient_generator": Metric(
                title="Generator's correction",
                help="How strongly the generator is being corrected (the norm of its gradient)."
                " Close to zero means that it has stopped learning.",
            ),
            "penalty": Metric(
                title="Penalty",
                help="How steep the critic is where it should be gentle, before its weight.",
            ),
            "val_critic_real": Metric(
                title="Unseen ones recognised",
                help="Share of real pictures kept for checking that the critic takes for real. Far"
                " below *Real ones recognised*, the critic has learned the training set by heart.",
                percent=True,
            ),
        }
        | SAMPLE_METRICS,
        best="sample_distance",
        figures=("sample_distance", "diversity"),
    )
    presets = (
        Preset(
            id="quick",
            title="Quick",
            summary="First recognisable pictures within 3 minutes on an ordinary processor.",
            options={"steps": 2000, "minutes": 2.9},
            preparation={"size": 32},
        ),
        Preset(
            id="balanced",
            title="Balanced",
            summary="Clearer pictures of 64 pixels: an evening on a processor, minutes on a card.",
            options={"steps": 20_000, "width": 64, "learning_rate": 2e-4, "r1": 1.0},
            preparation={"size": 64},
        ),
        Preset(
            id="best",
            title="Best",
            summary="Residual networks and a steady game; meant for a graphics card.",
            options={
                "steps": 60_000,
                "backbone": "resnet",
                "width": 64,
                "loss": "hinge",
                "learning_rate": 2e-4,
                "critic_steps": 2,
                "beta1": 0.0,
                "critic_norm": "spectral",
                "r1": 0.0,
            },
            preparation={"size": 64},
        ),
    )

    def build(self, spec: DataSpec) -> None:
        """Make generator, critic and their optimisers for square pictures of `spec.shape`."""
        recipe = self.recipe
        self.augmented = recipe.augment == "on" or (
            recipe.augment == "auto" and 0 < spec.count < SMALL_SET
        )
        penalised = recipe.loss == "wasserstein" or recipe.r1 > 0
        if penalised and recipe.critic_norm == "batch":
            raise StudioError(
                "These settings do not go together",
                "A penalty on the critic's slope looks at each picture alone, but batch"
                " normalisation mixes the pictures of a batch.",
                "Set the critic's brake to spectral or none, or switch the penalty off.",
            )
        labels = self.label_slots(recipe.conditional)
        generator, critic = BACKBONES[recipe.backbone]
        self.generator = generator(recipe.code, spec.shape, recipe.width, labels)
        self.critic = critic(spec.shape, recipe.width, labels, recipe.critic_norm)
        betas = (recipe.beta1, 0.999 if recipe.beta1 else 0.9)
        self.generator_optimiser = torch.optim.Adam(
            self.generator.parameters(), lr=recipe.learning_rate, betas=betas, fused=True
        )
        self.critic_optimiser = torch.optim.Adam(
            self.critic.parameters(),
            lr=recipe.learning_rate * recipe.critic_rate,
            betas=betas,
            fused=True,
        )
        self.game = GAMES[recipe.loss]

    @property
    def batches_per_step(self) -> int:
        """One batch for each of the critic's turns; the generator's turn uses the last one."""
        return self.recipe.critic_steps

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic `critic_steps` times, then the generator once."""
        self.generator.train()
        self.critic.train()
        shown: Losses = {}
        turns = [self._with_draws(part) for part in batch.split(self.recipe.critic_steps)]
        for turn in turns:
            shown |= self.minimise(self.critic_optimiser, self._critic_loss, turn)
        again = self._with_draws(turns[-1])
        shown |= self.minimise(self.generator_optimiser, self._generator_loss, again)
        gradients = [p.grad for p in self.generator.parameters() if p.grad is not None]
        shown["gradient_generator"] = nn.utils.get_total_norm(gradients)
        return shown

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a turn for the whole batch, so that parts see the same."""
        count, device = len(batch), batch.items.device
        draws = {
            "code": torch.randn(count, self.recipe.code, device=device),
            "mix": torch.rand(count, device=device),
            "augment": torch.rand(count, 2 * NUMBERS, device=device),
        }
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        with torch.no_grad():
            fake = self.generator(batch.draws["code"], batch.labels)
        real_numbers, fake_numbers = batch.draws["augment"].chunk(2, dim=1)
        real = self._seen(batch.items, real_numbers)
        fake = self._seen(fake, fake_numbers)
        with cached():  # spectral normalisation once for both
            real_score = self.critic(real, batch.labels).float()
            fake_score = self.critic(fake, batch.labels).float()
        loss = self.game.critic(real_score, fake_score)
        boundary = self.game.boundary
        middle = (real_score.mean() + fake_score.mean()) / 2 if boundary is None else boundary
        shown = {
            "loss_critic": loss,
            "critic_real": (real_score > middle).float().mean(),
            "critic_fake": (fake_score < middle).float().mean(),
        }
        # second derivatives need fp32: in bf16 they drown in rounding
        with self.compute.full_precision():
            if self.recipe.loss == "wasserstein" and self.recipe.gradient_penalty:
                mix = batch.draws["mix"]
                penalty = gradient_penalty(self.critic, real, fake.float(), mix, batch.labels)
                loss = loss + self.recipe.gradient_penalty * penalty
                shown["penalty"] = penalty
            elif self.recipe.r1 and self.step % R1_EVERY == 0:
                penalty = r1_penalty(self.critic, real, batch.labels)
                loss = loss + self.recipe.r1 * R1_EVERY * penalty
                shown["penalty"] = penalty
        return loss, shown

    def _generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        fake = self.generator(batch.draws["code"], batch.labels)
        fake = self._seen(fake, batch.draws["augment"][:, :NUMBERS])
        loss = self.game.generator(self.critic(fake, batch.labels).float())
        return loss, {"loss_generator": loss}

    def _seen(self, pictures: Tensor, numbers: Tensor) -> Tensor:
        return diffaugment(pictures, numbers) if self.augmented else pictures

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how many real pictures that it never saw the critic takes for real."""
        if self.game.boundary is None:
            return {}
        self.critic.eval()
        with self.compute.precision():
            score = self.critic(batch.items, self.labels_of(batch))
        return {"val_critic_real": (score > self.game.boundary).float().mean()}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code): normal noise, cut to |z| ≤ v/(1−v) for a variety v < 1.

        The truncation trick (Brock et al. 2019), as a smooth map of the noise instead of drawing
        again, so that a seed keeps its character: z' = Φ⁻¹(Φ(−t) + (Φ(t) − Φ(−t)) Φ(z)).
        """
        code = noise(seeds, (self.recipe.code,), self.compute.device)
        if variety >= 1:
            return code * variety
        limit = variety / (1 - variety)
        inside = math.erf(limit / math.sqrt(2))  # Φ(t) − Φ(−t)
        # with erf: Φ(z) = ½(1 + erf(z/√2)), so z' = √2 · erf⁻¹(inside · erf(z/√2))
        return math.sqrt(2) * torch.erfinv(inside * torch.erf(code / math.sqrt(2)))

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W) in −1 … 1."""
        self.generator.eval()
        made: Tensor = self.generator(codes, labels)
        return made
