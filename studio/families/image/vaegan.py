"""VAE-GAN: an auto-encoder whose copies are judged by what a critic looks at.

This file is how the three networks learn and how samples are made. The encoder is the VAE's, the
decoder and the critic are the GAN's; the settings are in `vaegan_recipe.py`, the texts in
`vaegan_info.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.parametrize import cached

from studio.core.recipe import DataSpec
from studio.families.base import Losses, noise
from studio.families.batch import Batch
from studio.families.image.gan_losses import NON_SATURATING
from studio.families.image.gan_networks import DCGANCritic, DCGANGenerator
from studio.families.image.vae import ACTIVE_VARIANCE, drawn_codes
from studio.families.image.vae_losses import kl_divergence
from studio.families.image.vae_networks import ConvEncoder
from studio.families.image.vaegan_info import INFO
from studio.families.image.vaegan_recipe import PRESETS, VAEGANRecipe
from studio.families.latent import LatentFamily
from studio.families.layers.mixture import GaussianMixture


class VAEGAN(LatentFamily[VAEGANRecipe]):
    """Encoder, decoder and critic (Larsen et al. 2016, algorithm 1)."""

    info = INFO
    recipe_type = VAEGANRecipe
    presets = PRESETS
    averaged = ("encoder", "decoder", "mixture")

    def build(self, spec: DataSpec) -> None:
        """Make the networks, their optimisers and an unfitted mixture."""
        recipe, labels = self.recipe, self.label_slots(self.recipe.conditional)
        self.encoder = ConvEncoder(spec.shape, recipe.width, recipe.code, labels)
        self.decoder = DCGANGenerator(recipe.code, spec.shape, recipe.width, labels)
        self.critic = DCGANCritic(spec.shape, recipe.width, labels, "spectral")
        self.mixture = GaussianMixture(max(recipe.mixture_parts, 1), recipe.code)
        # the layer before the last halving: deeper ones forget where things are
        self.looked_at = max(2, len(self.critic.features) - 2)

        def adam(network: torch.nn.Module, beta: float) -> torch.optim.Adam:
            rate = recipe.learning_rate
            return torch.optim.Adam(network.parameters(), rate, (beta, 0.999), fused=True)

        self.encoder_optimiser = adam(self.encoder, 0.9)
        self.decoder_optimiser = adam(self.decoder, 0.5)
        self.critic_optimiser = adam(self.critic, 0.5)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct critic, decoder and encoder once each; who is too far ahead waits."""
        for network in (self.encoder, self.decoder, self.critic):
            network.train()
        turn = self._with_draws(batch)
        turn = self._with(turn, code=self._in_parts(lambda part: self._code(part)[0], turn))
        shown = self.minimise(self.critic_optimiser, self._critic_loss, turn)
        turn = self._with(turn, score=shown["loss_critic"].expand(len(turn)))
        with cached():  # the critic stays as it is for the rest of the step
            turn = self._with(
                turn, wanted=self._in_parts(lambda part: self._seen(part.items), turn)
            )
            shown |= self.minimise(self.decoder_optimiser, self._decoder_loss, turn)
            shown |= self.minimise(self.encoder_optimiser, self._encoder_loss, turn, clip=10.0)
        return shown

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a step for the whole batch, so that parts see the same."""
        size, device = (len(batch), self.recipe.code), batch.items.device
        draws = {
            "noise": torch.randn(size, device=device),
            "new": torch.randn(size, device=device),
        }
        return replace(batch, labels=self.labels_of(batch), draws=draws)

    @staticmethod
    def _with(batch: Batch, **rows: Tensor) -> Batch:
        """Put what several turns need beside the draws, one row per item."""
        return replace(batch, draws=batch.draws | rows)

    @torch.no_grad()
    def _in_parts(self, rows_of: Callable[[Batch], Tensor], batch: Batch) -> Tensor:
        """Return a row per item, worked out in the parts in which a batch goes through."""
        with self.compute.precision():
            parts = batch.split(min(self.compute.micro_batches, len(batch)))
            return torch.cat([rows_of(part) for part in parts])

    def _code(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return codes z = μ + σ ε, their means and log variances, (B, code) each."""
        mean, log_variance = (each.float() for each in self.encoder(batch.items, batch.labels))
        return mean + (0.5 * log_variance).exp() * batch.draws["noise"], mean, log_variance

    def _seen(self, items: Tensor) -> Tensor:
        """Return what the critic's layer that copies are judged by says of pictures."""
        layer: torch.nn.Sequential = self.critic.features[: self.looked_at]
        features: Tensor = layer(items)
        return features

    def _score(self, seen: Tensor, labels: Tensor | None) -> Tensor:
        """Return the critic's scores (B,) from what that layer says."""
        rest: torch.nn.Sequential = self.critic.features[self.looked_at :]
        score: Tensor = self.critic.verdict(rest(seen).flatten(1), labels)
        return score.float()

    def _critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        with torch.no_grad():
            copied = self.decoder(batch.draws["code"], batch.labels)
            new = self.decoder(batch.draws["new"], batch.labels)
        with cached():  # spectral normalisation once for all
            real_score, copied_score, new_score = (
                self.critic(items, batch.labels).float() for items in (batch.items, copied, new)
            )
        made_score = torch.cat([copied_score, new_score])
        loss = NON_SATURATING.critic(real_score, made_score) / 2  # the mean over both kinds
        shown = {
            "loss_critic": loss,
            "critic_real": (real_score > 0).float().mean(),
            "critic_fake": (made_score < 0).float().mean(),
        }
        # it waits while it is far ahead of the decoder
        behind = loss.detach() > self.recipe.equilibrium - self.recipe.margin
        return loss * behind, shown

    def _decoder_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        copied = self.decoder(batch.draws["code"], batch.labels)
        new = self.decoder(batch.draws["new"], batch.labels)
        seen = self._seen(copied)
        scores = [self._score(each, batch.labels) for each in (seen, self._seen(new))]
        fooled = NON_SATURATING.generator(torch.cat(scores))
        # and it waits while the critic is far behind
        in_reach = batch.draws["score"].mean() < self.recipe.equilibrium + self.recipe.margin
        pixels = functional.mse_loss(copied.float(), batch.items)
        unlike = _unlike(seen, batch.draws["wanted"])
        loss = self.recipe.likeness * unlike + self.recipe.pixels * pixels + fooled * in_reach
        return loss, {"loss_generator": fooled}

    def _encoder_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        codes, mean, log_variance = self._code(batch)
        copied = self.decoder(codes, batch.labels)
        unlike = _unlike(self._seen(copied), batch.draws["wanted"])
        pixels = functional.mse_loss(copied.float(), batch.items)
        kl = kl_divergence(mean, log_variance).sum(1).mean()
        # per number of the code, so that its weight means the same for long codes and short
        loss = unlike + self.recipe.pixels * pixels + self.recipe.beta * kl / self.recipe.code
        active = mean.detach().var(0, correction=0) > ACTIVE_VARIANCE
        shown = {"likeness": unlike, "pixels": pixels, "kl": kl}
        return loss, shown | {"active_units": active.float().mean()}

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how close copies of unseen pictures come."""
        labels = self.labels_of(batch)
        copied = self.decoder(self.encode(batch.items, labels).float(), labels)
        return {"val_pixels": functional.mse_loss(copied.float(), batch.items)}

    @torch.no_grad()
    def finish(self, batches: Iterator[Batch]) -> None:
        """Fit the mixture to the codes of the training pictures."""
        if not self.recipe.mixture_parts:
            return
        coded = (self.encoder(batch.items, self.labels_of(batch)) for batch in batches)
        codes = drawn_codes(coded)
        if codes is not None:
            self.mixture.fit(codes)

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, code) from the mixture when it is fitted, else from N(0, variety²)."""
        normal = noise(seeds, (1 + self.recipe.code,), self.compute.device)
        choice, code = normal[:, 0], normal[:, 1:] * variety
        return self.mixture.place(choice, code) if self.mixture.is_fitted else code

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
        """Return pictures (N, C, H, W) in −1 … 1."""
        self.decoder.eval()
        made: Tensor = self.decoder(codes, labels)
        return made


def _unlike(seen: Tensor, wanted: Tensor) -> Tensor:
    """Return E ‖Dis_l(x̃) − Dis_l(x)‖², in shares of what the critic's layer varies.

    Larsen et al. 2016, equation 7, with the layer's own scale taken out: as the critic learns,
    its features grow, and the weight of the other terms should not fade.

    Args:
        seen: What the layer says of copies, Dis_l(x̃).
        wanted: What it says of their pictures, Dis_l(x).
    """
    wanted = wanted.float()
    unlike: Tensor = functional.mse_loss(seen.float(), wanted) / wanted.var().clamp_min(1e-4)
    return unlike
