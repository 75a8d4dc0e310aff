"""How fast the training steps of VQ-VAE and VAE-GAN are, against pythae with the same networks.

    python -m benchmarks.autoencoder_step [--seconds 60] [--json FILE] [--only vqvae vaegan]

Both sides learn from the same pictures in memory with our Quick networks and Adam, in turns within
one process. pythae's side is the step of its trainers: `BaseTrainer` around its `VQVAE` with
`QuantizerEMA`, and `CoupledOptimizerAdversarialTrainer` around its `VAEGAN`.

*fp32* is eager in full precision. *As shipped* is what the library does when nobody says anything:
fp32 there, here the fastest precision and layout as measured at the start of a run. *Tuned* is
pythae's step with the same choice made for it, and with the fused optimiser. Our steps hold what
belongs to them in a run: the average of the weights after each.

Two things differ by nature. Our VQ-VAE's step also trains the Transformer that writes new pictures,
which pythae has not: the tiles' part is compared, the whole step shown beside it. And in a VAE-GAN
theirs shows copies to the critic as well as new pictures and corrects encoder and decoder one after
the other, ours corrects them together and adds the R1 penalty to every sixteenth step.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.turns import MakeStep, MakeTheirs, Step, asked, contest, machine, write
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.engine.averaging import Averaging
from studio.engine.runtime import prepare_process
from studio.families.base import Family
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.vaegan import LOOKED_AT, VAEGAN
from studio.families.image.vaegan_recipe import VAEGANRecipe
from studio.families.image.vqvae import VQVAE
from studio.families.image.vqvae_recipe import VQVAERecipe

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pythae.models import VAEGAN as PythaeVAEGAN  # noqa: N811 - its name is ours too
    from pythae.models import VQVAE as PythaeVQVAE  # noqa: N811
    from pythae.models import VAEGANConfig, VQVAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseDiscriminator, BaseEncoder
    from pythae.trainers import BaseTrainer, CoupledOptimizerAdversarialTrainer

BATCH = 64
SHAPE = (3, 32, 32)
VQVAE_RECIPE = VQVAERecipe(batch_size=BATCH, conditional=False)
VAEGAN_RECIPE = VAEGANRecipe(batch_size=BATCH, conditional=False)


def _items() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(BATCH, *SHAPE, generator=generator) * 2 - 1


def _set_up(family: Family[Any]) -> None:
    family.setup(DataSpec(modality=Modality.IMAGE, shape=SHAPE, count=50_000))


def _vqvae(compute: Compute) -> VQVAE:
    torch.manual_seed(0)
    family = VQVAE(VQVAE_RECIPE, compute)
    _set_up(family)
    return family


def _vaegan(compute: Compute) -> VAEGAN:
    torch.manual_seed(0)
    family = VAEGAN(VAEGAN_RECIPE, compute)
    _set_up(family)
    return family


def _averaged(family: Family[Any], learn: Callable[[Batch], object]) -> Step:
    averaging = Averaging(family, family.recipe.ema)
    batch = Batch(_items())

    def step() -> None:
        family.step += 1
        learn(batch)
        averaging.update(family.step)

    return step


def _adam(network: nn.Module, fused: bool) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=4e-4, fused=True if fused else None)


# --------------------------------------------------------------------- networks as pythae wants


class Encoder(BaseEncoder):  # type: ignore[misc]
    """One of our encoders; what it returns gets pythae's names."""

    def __init__(self, network: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.network, self.names = network, names

    def forward(self, items: Tensor) -> Any:
        made = self.network(items)
        parts = made if isinstance(made, tuple) else (made,)
        return ModelOutput(
            **{name: part.float() for name, part in zip(self.names, parts, strict=True)}
        )


class Decoder(BaseDecoder):  # type: ignore[misc]
    """One of our decoders."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, codes: Tensor) -> Any:
        return ModelOutput(reconstruction=self.network(codes).float())


class Critic(BaseDiscriminator):  # type: ignore[misc]
    """Our critic: a chance of being real, or the features of its layer that copies are judged by.

    Args:
        looked_at: Blocks up to that layer.
    """

    def __init__(self, network: nn.Module, looked_at: int) -> None:
        super().__init__()
        self.network, self.looked_at, self.depth = network, looked_at, 1

    def forward(self, items: Tensor, output_layer_levels: list[int] | None = None) -> Any:
        if output_layer_levels is not None:
            features = self.network.look(items, self.looked_at)
            return ModelOutput(embedding_layer_1=features.float())
        return ModelOutput(embedding=torch.sigmoid(self.network(items).float()))


# --------------------------------------------------------------------------------- contestants


def studio_vqvae(compute: Compute) -> Step:
    """Return our step of encoder, codebook and decoder."""
    family = _vqvae(compute)
    return _averaged(family, lambda batch: family._learn_tiles(family._with_draws(batch)))


def studio_vqvae_whole(compute: Compute) -> Step:
    """Return our step with the Transformer in it."""
    family = _vqvae(compute)
    return _averaged(family, family.train_step)


def pythae_vqvae(compute: Compute, fused: bool = True) -> Step:
    """Return the step of pythae's trainer on its VQ-VAE."""
    family = _vqvae(compute)
    recipe = VQVAE_RECIPE
    config = VQVAEConfig(
        input_dim=SHAPE,
        latent_dim=recipe.code * math.prod(family.grid),
        num_embeddings=recipe.vocabulary,
        commitment_loss_factor=recipe.commitment,
        use_ema=True,
    )
    model = PythaeVQVAE(config, Encoder(family.encoder, ["embedding"]), Decoder(family.decoder))
    compute.place(model.train())
    trainer = SimpleNamespace(optimizer=_adam(model, fused))
    items = _items()

    def step() -> None:
        with compute.precision():
            output = model({"data": items})
        BaseTrainer._optimizers_step(trainer, output)
        output.loss.item()  # its trainer sums losses so

    return step


def studio_vaegan(compute: Compute) -> Step:
    """Return our step of encoder, decoder and critic."""
    family = _vaegan(compute)
    return _averaged(family, family.train_step)


def pythae_vaegan(compute: Compute, fused: bool = True) -> Step:
    """Return the step of pythae's trainer on its VAE-GAN."""
    family = _vaegan(compute)
    config = VAEGANConfig(
        input_dim=SHAPE, latent_dim=VAEGAN_RECIPE.code, reconstruction_layer=1, margin=1e9
    )
    model = PythaeVAEGAN(
        config,
        Encoder(family.encoder, ["embedding", "log_covariance"]),
        Decoder(family.decoder),
        Critic(family.critic, LOOKED_AT),
    )
    compute.place(model.train())
    trainer = SimpleNamespace(
        encoder_optimizer=_adam(model.encoder, fused),
        decoder_optimizer=_adam(model.decoder, fused),
        discriminator_optimizer=_adam(model.discriminator, fused),
    )
    items = _items()

    def step() -> None:
        with compute.precision():
            output = model({"data": items})
        CoupledOptimizerAdversarialTrainer._optimizers_step(trainer, output)
        # its trainer sums losses so
        output.encoder_loss.item(), output.decoder_loss.item(), output.discriminator_loss.item()

    return step


CONTESTS: dict[str, tuple[str, MakeTheirs, MakeStep, dict[str, MakeStep]]] = {
    "vqvae": (
        "VQ-VAE with pythae's and our step",
        pythae_vqvae,
        studio_vqvae,
        {"studio, with the Transformer": studio_vqvae_whole},
    ),
    "vaegan": ("VAE-GAN with pythae's and our step", pythae_vaegan, studio_vaegan, {}),
}


def main() -> None:
    """Run the contests."""
    arguments = asked(__doc__, list(CONTESTS))
    prepare_process()
    print(f"{machine()}; {SHAPE[1]}² pixels, batch {BATCH}")
    results: dict[str, object] = {"machine": machine()}
    for name in arguments.only:
        title, theirs, ours, beside = CONTESTS[name]
        results[name] = contest(title, "pythae", theirs, ours, arguments.seconds, BATCH, beside)
    write(arguments.json, results)


if __name__ == "__main__":
    main()
