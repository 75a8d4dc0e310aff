"""VAE-GAN: a VAE whose copies are judged by what a critic sees in them, and which learns to pass.

Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric"
(arXiv:1512.09300); equations are numbered as there. Encoder and decoder are corrected together,
and the critic plays against new pictures (equation 5). The networks that draw and judge are those
of a StyleGAN, which learn several times as fast as the paper's: `vaegan_networks.py` and
`stylegan_critic.py`. The settings are in `vaegan_recipe.py`, the texts in `vaegan_info.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.recipe import DataSpec
from studio.families.adversarial_losses import NON_SATURATING, R1_EVERY, r1_penalty, r1_weight
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.image.stylegan_critic import Critic
from studio.families.image.vae_networks import ConvEncoder
from studio.families.image.vaegan_info import INFO
from studio.families.image.vaegan_networks import StyleDecoder
from studio.families.image.vaegan_recipe import PRESETS, VAEGANRecipe
from studio.families.latent import LatentFamily
from studio.families.variational import active_units, kl_divergence

#: Blocks of the critic up to the layer that copies are judged by: deeper ones forget where
#: things are.
LOOKED_AT = 1
_ENCODER_WIDTH = 2  # times the width
_ENCODER_RATE = 0.08  # of the learning rate, which is that of equalised layers


class VAEGAN(LatentFamily[VAEGANRecipe]):
    """Encoder, decoder and critic."""

    info = INFO
    recipe_type = VAEGANRecipe
    presets = PRESETS
    averaged = ("encoder", "decoder")

    def build(self, spec: DataSpec) -> None:
        """Make the networks and their optimisers."""
        recipe, labels = self.recipe, self.label_slots(self.recipe.conditional)
        self.encoder = ConvEncoder(spec.shape, _ENCODER_WIDTH * recipe.width, recipe.code, labels)
        self.decoder = StyleDecoder(recipe.code, spec.shape, recipe.width, labels)
        self.critic = Critic(spec.shape, recipe.width, labels)
        self.gamma = r1_weight(recipe.r1, spec.shape, recipe.batch_size)
        rate, betas = recipe.learning_rate, (0.0, 0.99)
        self.copy_optimiser = torch.optim.Adam(
            [
                {"params": list(self.decoder.parameters()), "lr": rate, "betas": betas},
                {"params": list(self.encoder.parameters()), "lr": _ENCODER_RATE * rate},
            ],
            fused=True,
        )
        self.critic_optimiser = torch.optim.Adam(
            self.critic.parameters(), lr=rate, betas=betas, fused=True
        )

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the critic once, then encoder and decoder together."""
        for network in (self.encoder, self.decoder, self.critic):
            network.train()
        shown = self.minimise(self.critic_optimiser, self._critic_loss, self._with_draws(batch))
        turn = self._with_wanted(self._with_draws(batch))
        return shown | self.minimise(self.copy_optimiser, self._copy_loss, turn)

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a turn for the whole batch, so that parts see the same."""
        size, device = (len(batch), self.recipe.code), batch.items.device
        draws = {
            "noise": torch.randn(size, device=device),
            "new": torch.randn(size, device=device),
        }
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    @torch.no_grad()
    def _with_wanted(self, batch: Batch) -> Batch:
        """Put Dis_l(x) beside the draws, and how much it varies over the whole batch."""
        with self.compute.precision():
            parts = batch.split(min(self.compute.micro_batches, len(batch)))
            wanted = torch.cat([self.critic.look(part.items, LOOKED_AT) for part in parts])
        varies = wanted.float().var().clamp_min(1e-4).expand(len(batch))
        return replace(batch, draws=batch.draws | {"wanted": wanted, "varies": varies})

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """−L_GAN = −log Dis(x) − log(1 − Dis(Dec(z_p)))   (equation 5), and R1 now and then."""
        with torch.no_grad():
            new = self.decoder(batch.draws["new"], batch.labels)
        real_score = self.critic(batch.items, batch.labels).float()
        new_score = self.critic(new, batch.labels).float()
        loss = NON_SATURATING.critic(real_score, new_score)
        shown = {
            "loss_critic": loss,
            "critic_real": (real_score > 0).float().mean(),
            "critic_fake": (new_score < 0).float().mean(),
        }
        if self.gamma and self.step % R1_EVERY == 0:
            # second derivatives need fp32: in bf16 they drown in rounding
            with self.compute.full_precision():
                penalty = self.gamma * r1_penalty(self.critic, batch.items, batch.labels)
            loss = loss + R1_EVERY * penalty
            shown["penalty"] = penalty
        return loss, shown

    def _copy_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """L_prior + γ L_llike + L_GAN (equation 8), and the pixels.

        L_GAN knows new pictures alone, so it does not move the encoder.
        """
        new = self.decoder(batch.draws["new"], batch.labels)
        fooled = NON_SATURATING.generator(self.critic(new, batch.labels).float())
        mean, log_variance = (each.float() for each in self.encoder(batch.items, batch.labels))
        codes = mean + (0.5 * log_variance).exp() * batch.draws["noise"]
        copied = self.decoder(codes, batch.labels)
        # E ‖Dis_l(x̃) − Dis_l(x)‖² (equation 7) in shares of what the layer varies: as the critic
        # learns, its features grow, and the weight of the other terms should not fade
        found = self.critic.look(copied, LOOKED_AT).float()
        distance = functional.mse_loss(found, batch.draws["wanted"].float())
        unlike = distance / batch.draws["varies"].mean()
        pixels = functional.mse_loss(copied.float(), batch.items)
        kl = kl_divergence(mean, log_variance).sum(1).mean()
        # per number of the code, so that its weight means the same for long codes and short
        prior = self.recipe.beta * kl / self.recipe.code
        loss = fooled + self.recipe.likeness * unlike + self.recipe.pixels * pixels + prior
        shown = {"loss_generator": fooled, "likeness": unlike, "pixels": pixels, "kl": kl}
        return loss, shown | {"active_units": active_units(mean)}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how close copies of unseen pictures come."""
        labels = self.labels_of(batch)
        copied = self.decoder(self.encode(batch.items, labels).float(), labels)
        return {"val_pixels": functional.mse_loss(copied.float(), batch.items)}

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from N(0, variety²)."""
        return noise(seeds, (self.recipe.code,), self.compute.device) * variety

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        """Return the codes' means (N, code)."""
        mean: Tensor = self.encoder(items, labels)[0]
        return mean

    def guess_labels(self, items: Tensor) -> Tensor:
        """Return the label under which each item's copy comes closest, (N,)."""
        errors = []
        for label in range(len(self.spec.labels)):
            labels = torch.full((len(items),), label, device=items.device)
            copied = self.decode(self.encode(items, labels), labels)
            errors.append((copied.float() - items).square().flatten(1).mean(1))
        return torch.stack(errors).argmin(0)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return pictures (N, C, H, W), about −1 … 1."""
        self.decoder.eval()
        made: Tensor = self.decoder(codes, labels)
        return made
