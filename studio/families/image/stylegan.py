"""StyleGAN: a GAN whose generator draws in styles, from coarse to fine.

This file is how generator and critic learn and how samples are made. Its settings are in
`stylegan_recipe.py`, its networks in `stylegan_networks.py` and `stylegan_critic.py`, what it adds
to the GAN's losses in `stylegan_losses.py`, and its texts in `stylegan_info.py`. Formulas are from
Karras et al. 2019 (arXiv:1812.04948), 2020 (arXiv:1912.04958) and 2020-ADA (arXiv:2006.06676).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from studio.core.recipe import DataSpec
from studio.families.adversarial_losses import NON_SATURATING, R1_EVERY, r1_penalty, r1_weight
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.stylegan_critic import Critic
from studio.families.image.stylegan_info import INFO
from studio.families.image.stylegan_losses import NEWEST, path_lengths, path_penalty
from studio.families.image.stylegan_networks import NOISE_NUMBERS, Coding, Generator
from studio.families.image.stylegan_recipe import OFTEN, PRESETS, StyleGANRecipe
from studio.families.latent import LatentFamily
from studio.families.layers.ada import NUMBERS, AdaptiveAugmentation

#: Steps between two path penalties; each then weighs this much more (2020, appendix B).
PATH_EVERY = 8

_MEAN_OF = 4096  # codes whose styles make w̄ at the end of a run


class StyleGAN(LatentFamily[StyleGANRecipe]):
    """Generator and critic in turns; samples come from the generator's averaged weights.

    A code that `draw` returns and `decode` takes has one row per synthesis layer: the layer's
    style w and a few numbers for its noise.
    """

    info = INFO
    recipe_type = StyleGANRecipe
    presets = PRESETS
    averaged = ("generator",)

    def build(self, spec: DataSpec) -> None:
        """Make generator, critic, augmentation and optimisers for pictures of `spec.shape`."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        self.generator = Generator(
            recipe.code, spec.shape, recipe.width, recipe.mapping_layers, labels
        )
        self.critic = Critic(spec.shape, recipe.width, labels)
        shown = recipe.steps * recipe.batch_size
        often = 0 < spec.count < shown / OFTEN
        self.augmented = recipe.augment == "on" or (recipe.augment == "auto" and often)
        self.augmentation = AdaptiveAugmentation(
            recipe.augment_kinds, 1000 * recipe.augment_speed, recipe.augment_limit
        )
        self.gamma = r1_weight(recipe.r1, spec.shape, recipe.batch_size)
        betas = (0.0, 0.99)
        self.generator_optimiser = torch.optim.Adam(
            self.generator.parameters(), lr=recipe.learning_rate, betas=betas, fused=True
        )
        self.critic_optimiser = torch.optim.Adam(
            self.critic.parameters(),
            lr=recipe.learning_rate * recipe.critic_rate,
            betas=betas,
            fused=True,
        )

    # ------------------------------------------------------------------------------- learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic once, then the generator once."""
        self.generator.train()
        self.critic.train()
        turn = self._with_draws(batch)
        shown = self.minimise(self.critic_optimiser, self._critic_loss, turn)
        sign = shown.pop("sign")
        if self.augmented:
            self.augmentation.steer(sign, self.step, len(batch))
            shown["augment_share"] = self.augmentation.probability.clone()
        again = self._with_draws(batch)
        shown |= self.minimise(self.generator_optimiser, self._generator_loss, again)
        self._keep_means(again, shown)
        gradients = [p.grad for p in self.generator.parameters() if p.grad is not None]
        shown["gradient_generator"] = nn.utils.get_total_norm(gradients)
        return shown

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a turn for the whole batch, so that parts see the same."""
        count, device, code = len(batch), batch.items.device, self.recipe.code
        draws = {
            "code": torch.randn(count, code, device=device),
            "noise": torch.randn(count, self.generator.synthesis.places, device=device),
        }
        if self.recipe.style_mixing:
            draws["other"] = torch.randn(count, code, device=device)
            draws["mix"] = torch.rand(count, 2, device=device)
        if self.augmented:
            draws["augment"] = torch.rand(count, 2 * NUMBERS, device=device)
        if self._path_due:
            draws["path"] = torch.randn(batch.items.shape, device=device)
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        with torch.no_grad():
            fake = self._pictures(self._styles(batch), batch)
        real = self._seen(batch.items, batch, 0)
        fake = self._seen(fake, batch, 1)
        real_score = self.critic(real, batch.labels)
        fake_score = self.critic(fake, batch.labels)
        loss = NON_SATURATING.critic(real_score, fake_score)
        shown = {
            "loss_critic": loss,
            "critic_real": (real_score > 0).float().mean(),
            "critic_fake": (fake_score < 0).float().mean(),
            "sign": real_score.sign().mean(),
        }
        if self.gamma and self.step % R1_EVERY == 0:
            # second derivatives need fp32: in bf16 they drown in rounding
            with self.compute.full_precision():
                penalty = self.gamma * r1_penalty(self.critic, real, batch.labels)
            loss = loss + R1_EVERY * penalty
            shown["penalty"] = penalty
        return loss, shown

    def _generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        styles = self._styles(batch)
        fake = self._seen(self._pictures(styles, batch), batch, 0)
        loss = NON_SATURATING.generator(self.critic(fake, batch.labels))
        shown = {"loss_generator": loss}
        if self._path_due:
            with self.compute.full_precision():
                lengths = path_lengths(self._pictures(styles, batch), styles, batch.draws["path"])
                penalty = path_penalty(lengths, self.generator.path_length)
            loss = loss + self.recipe.path_length * PATH_EVERY * penalty
            shown["path_length"] = lengths.mean()
        return loss, shown

    @property
    def _path_due(self) -> bool:
        return self.recipe.path_length > 0 and self.step % PATH_EVERY == 0

    def _styles(self, batch: Batch) -> Tensor:
        """Return styles (B, L, D); where it was drawn so, fine layers have those of another code.

        Style mixing (2019, §3.1) keeps layers from relying on the style of their neighbours.
        """
        layers = self.generator.synthesis.layers
        mapping = self.generator.mapping
        styles: Tensor = mapping(batch.draws["code"], batch.labels)
        rows = styles[:, None].expand(-1, layers, -1)
        if not self.recipe.style_mixing:
            return rows
        chance, place = batch.draws["mix"].unbind(1)
        first = 1 + (place * (layers - 1)).floor()  # 1 … L − 1, of the layers with the other one
        first = torch.where(chance < self.recipe.style_mixing, first, layers)
        own = torch.arange(layers, device=rows.device) < first[:, None]  # (B, L)
        other: Tensor = mapping(batch.draws["other"], batch.labels)
        return torch.where(own[:, :, None], rows, other[:, None])

    def _pictures(self, styles: Tensor, batch: Batch) -> Tensor:
        made: Tensor = self.generator.synthesis(styles, batch.draws["noise"])
        return made

    def _seen(self, pictures: Tensor, batch: Batch, which: int) -> Tensor:
        """Return what the critic sees of pictures, changed by the first or second numbers."""
        if not self.augmented:
            return pictures
        changed: Tensor = self.augmentation(pictures, batch.draws["augment"].chunk(2, 1)[which])
        return changed

    @torch.no_grad()
    def _keep_means(self, batch: Batch, shown: Losses) -> None:
        """Take what the generator made into its running means, after parts were put together."""
        mapping = self.generator.mapping
        mapping.track(mapping(batch.draws["code"], batch.labels), batch.labels)
        if "path_length" in shown:
            self.generator.path_length.lerp_(shown["path_length"], NEWEST)

    @torch.no_grad()
    def finish(self, batches: Iterator[Batch]) -> None:
        """Replace the running mean of w by the mean over many codes."""
        mapping, device = self.generator.mapping, self.compute.device
        codes = noise(range(_MEAN_OF), (self.recipe.code,), device)
        for label in range(len(mapping.mean)):
            labels = torch.full((_MEAN_OF,), label, device=device)
            mapping.track(mapping(codes, labels), labels, newest=1.0)

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how many real pictures that it never saw the critic takes for real."""
        self.critic.eval()
        with self.compute.precision():
            score = self.critic(batch.items, self.labels_of(batch))
        return {"val_critic_real": (score > 0).float().mean()}

    # ------------------------------------------------------------------------------- sampling

    @torch.no_grad()
    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, L, D + NOISE_NUMBERS), moved to the mean style for a variety < 1."""
        codes: Tensor = self.generator.coded(self._numbers(seeds), labels, variety)
        return codes

    def _numbers(self, seeds: Sequence[int]) -> Tensor:
        """Return what a seed stands for, (N, D + NOISE_NUMBERS): the code z, then noise numbers."""
        return noise(seeds, (self.recipe.code + NOISE_NUMBERS,), self.compute.device)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W), about −1 … 1; labels are in the styles already."""
        self.generator.eval()
        made: Tensor = self.generator(codes)
        return made

    # -------------------------------------------------------------------- for other programs

    def exported(self) -> dict[str, Exportable]:
        """Return the decoder, and the way from random numbers to its codes."""
        decoder = super().exported()["decoder"]

        def numbers(count: int, seed: int) -> tuple[Tensor, ...]:
            given = self._numbers(range(seed, seed + count))
            return (given, *decoder.draw(count, seed)[1:])  # with labels where it has them

        label = " and the number of a label" if self.labelled else ""
        return {
            "mapping": Exportable(
                module=Coding(self.generator),
                inputs=("numbers", *decoder.inputs[1:]),
                output="code",
                draw=numbers,
                about=f"Turns {self.recipe.code + NOISE_NUMBERS} normal random numbers{label} into"
                " a code.",
            ),
            # styles know their label already
            "decoder": replace(
                decoder,
                inputs=("code",),
                draw=lambda count, seed: decoder.draw(count, seed)[:1],
                about=f"Turns a code into an image {tuple(self.spec.shape)} in −1 … 1.",
            ),
        }
