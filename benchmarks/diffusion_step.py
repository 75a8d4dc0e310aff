"""How fast a diffusion model's training step is, against diffusers and denoising-diffusion-pytorch.

    python -m benchmarks.diffusion_step [--seconds 60] [--json FILE] [--only same-diffusers …]

Three contests, each in turns within one process on the same pictures in memory, with the same
optimiser (Adam, gradients clipped at 1) and the same task (say the noise):

* `same-diffusers`: one network, diffusers' UNet2DModel, in the loop of diffusers' example
  (`train_unconditional.py`) and in this studio's step.
* `same-lucidrains`: the same with the U-Net of denoising-diffusion-pytorch, in the loop of its
  `Trainer` around its `GaussianDiffusion` and in this studio's step.
* `own`: each library with its own U-Net, of as many parameters as its settings let one choose.

*fp32* is eager in full precision on all sides. *As shipped* is what the library does when nobody
says anything: fp32 there, here the fastest precision and layout as measured at the start of a run.
*Tuned* is the peer's loop with the same choice made for it, and with the fused optimiser. Our steps
hold what belongs to them in a run: the average of the weights after each.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.turns import (
    BF16,
    FP32,
    MakeStep,
    MakeTheirs,
    Step,
    asked,
    contest,
    described,
    fastest,
    machine,
    report,
    take_turns,
    write,
)
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.engine.averaging import Averaging
from studio.engine.runtime import prepare_process
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.diffusion import Diffusion
from studio.families.image.diffusion_recipe import DiffusionRecipe

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from denoising_diffusion_pytorch import GaussianDiffusion
    from denoising_diffusion_pytorch import Unet as LucidrainsUnet
    from diffusers import DDPMScheduler, UNet2DModel
    from ema_pytorch import EMA

LUCIDRAINS = "denoising-diffusion-pytorch"
BATCH = 16
SIZE = 32
SHAPE = (3, SIZE, SIZE)
WIDTH, BLOCKS = 64, 2
RATE, BETAS = 1e-3, (0.9, 0.99)


def _items() -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(BATCH, *SHAPE, generator=generator) * 2 - 1


# ------------------------------------------------------------------------------------- networks


def diffusers_unet(**settings: object) -> nn.Module:
    """Return a UNet2DModel with the stages of our U-Net: three, attention at the coarsest."""
    torch.manual_seed(0)
    network: nn.Module = UNet2DModel(
        sample_size=SIZE,
        block_out_channels=(WIDTH, 2 * WIDTH, 2 * WIDTH),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        resnet_time_scale_shift="scale_shift",
        attention_head_dim=32,
        **settings,
    )
    return network


def lucidrains_unet() -> nn.Module:
    """Return a U-Net of denoising-diffusion-pytorch with the same stages."""
    torch.manual_seed(0)
    network: nn.Module = LucidrainsUnet(dim=WIDTH, dim_mults=(1, 2, 2))
    return network


class DiffusersInside(nn.Module):
    """diffusers' U-Net where ours stands: it is given our vector of the noise level instead."""

    def __init__(self) -> None:
        super().__init__()
        self.network = diffusers_unet(class_embed_type="identity")

    def forward(self, x: Tensor, vector: Tensor, _context: object, _seen: object) -> Tensor:
        found: Tensor = self.network(x, 0, class_labels=vector, return_dict=False)[0]
        return found


class LucidrainsInside(nn.Module):
    """The U-Net of denoising-diffusion-pytorch where ours stands, given our vector likewise."""

    def __init__(self) -> None:
        super().__init__()
        self.network = lucidrains_unet()
        # ours comes in where the network's own vector of the level, as long, would come out
        self.network.time_mlp = nn.Identity()

    def forward(self, x: Tensor, vector: Tensor, _context: object, _seen: object) -> Tensor:
        found: Tensor = self.network(x, vector)
        return found


# --------------------------------------------------------------------------------- contestants


def _family(compute: Compute, inside: Callable[[], nn.Module] | None, patch: int) -> Diffusion:
    torch.manual_seed(0)
    recipe = DiffusionRecipe(
        objective="epsilon",
        width=WIDTH,
        blocks=BLOCKS,
        patch=patch,
        batch_size=BATCH,
        learning_rate=RATE,
    )
    family = Diffusion(recipe, compute)
    family.setup(DataSpec(modality=Modality.IMAGE, shape=SHAPE, count=50_000))
    if inside is not None:
        family.denoiser.unet = inside()  # type: ignore[assignment]
        compute.place(family.denoiser)
        family.optimiser = torch.optim.Adam(
            family.denoiser.parameters(), lr=RATE, betas=BETAS, fused=True
        )
    return family


def studio(inside: Callable[[], nn.Module] | None = None, patch: int = 1) -> MakeStep:
    """Return what makes this studio's step, as a run takes it.

    Args:
        inside: Makes a network that takes the place of our U-Net.
        patch: Side of the squares of pixels that our U-Net takes as one place.
    """

    def make(compute: Compute) -> Step:
        family = _family(compute, inside, patch)
        averaging = Averaging(family, family.recipe.ema)
        batch = Batch(_items())

        def step() -> None:
            family.step += 1
            family.train_step(batch)
            averaging.update(family.step)

        return step

    return make


def diffusers(compute: Compute, fused: bool = True) -> Step:
    """Return the step of diffusers' example, `train_unconditional.py`, without its averages."""
    network = diffusers_unet().train()
    compute.place(network)
    optimiser = torch.optim.Adam(
        network.parameters(), lr=RATE, betas=BETAS, fused=True if fused else None
    )
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10_000)
    scheduler = DDPMScheduler(num_train_timesteps=1000)
    clean = _items()

    def step() -> None:
        noise = torch.randn(clean.shape)
        times = torch.randint(0, scheduler.config.num_train_timesteps, (len(clean),)).long()
        noisy = scheduler.add_noise(clean, noise, times)
        with compute.precision():
            found = network(noisy, times).sample
        loss = functional.mse_loss(found.float(), noise.float())
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        rates.step()
        optimiser.zero_grad()
        loss.detach().item()  # the example logs it

    return step


def lucidrains(compute: Compute, fused: bool = True) -> Step:
    """Return the step of denoising-diffusion-pytorch's `Trainer`."""
    model = GaussianDiffusion(lucidrains_unet(), image_size=SIZE, objective="pred_noise").train()
    compute.place(model)
    optimiser = torch.optim.Adam(
        model.parameters(), lr=RATE, betas=BETAS, fused=True if fused else None
    )
    average = EMA(model, beta=0.995, update_every=10)
    clean = (_items() + 1) / 2

    def step() -> None:
        with compute.precision():
            loss = model(clean)
        loss.item()  # the trainer shows it
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        average.update()

    return step


# ------------------------------------------------------------------------------------- contests


def own(seconds: float) -> dict[str, object]:
    """Let each library's own U-Net learn, of as many parameters as its settings allow."""
    whole, grains = studio(), studio(patch=2)
    full, shipped = fastest(whole, FP32), fastest(whole, FP32 + BF16)
    quick = fastest(grains, FP32 + BF16)
    peers: dict[str, MakeTheirs] = {
        "diffusers, fp32": diffusers,
        f"{LUCIDRAINS}, fp32": lucidrains,
    }
    one, two = f"studio, {described(full)}", f"studio, {described(shipped)}, tuned"
    three = f"studio, as shipped: grain 2, {described(quick)}"
    contestants: dict[str, Step] = {
        name: make(FP32[0], fused=False) for name, make in peers.items()
    }
    contestants |= {one: whole(full), two: whole(shipped), three: grains(quick)}
    compared = {}
    for name in peers:
        short = name.split(",", maxsplit=1)[0]
        compared[f"both fp32, against {short}"] = (name, one)
        compared[f"as shipped, every pixel, against {short}"] = (name, two)
        compared[f"as shipped, grain 2, against {short}"] = (name, three)
    return report("each library's own U-Net", take_turns(contestants, seconds), compared, BATCH)


def sizes() -> dict[str, dict[str, float]]:
    """Print the parameters and the multiplications of each network, and return them."""
    pictures, times = torch.randn(1, *SHAPE), torch.zeros(1, dtype=torch.long)
    vector = torch.randn(1, 4 * WIDTH)
    networks: dict[str, tuple[nn.Module, tuple[Tensor, Tensor]]] = {
        "diffusers, UNet2DModel": (diffusers_unet(), (pictures, times)),
        "denoising-diffusion-pytorch, Unet": (lucidrains_unet(), (pictures, times)),
    }
    for patch in (1, 2):
        unet = _family(FP32[0], None, patch).denoiser.unet
        networks[f"studio, UNet, grain {patch}"] = (unet, (pictures, vector))
    found = {}
    for name, (network, inputs) in networks.items():
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(*inputs)
        parameters = sum(p.numel() for p in network.parameters())
        macs = counter.get_total_flops() / 2
        print(f"  {name:44}{parameters / 1e6:8.2f} M parameters{macs / 1e6:10.0f} M MACs/picture")
        found[name] = {"parameters": parameters, "macs": macs}
    return found


CONTESTS: dict[str, Callable[[float], dict[str, object]]] = {
    "same-diffusers": lambda seconds: contest(
        "one U-Net, that of diffusers",
        "diffusers",
        diffusers,
        studio(DiffusersInside),
        seconds,
        BATCH,
    ),
    "same-lucidrains": lambda seconds: contest(
        "one U-Net, that of denoising-diffusion-pytorch",
        LUCIDRAINS,
        lucidrains,
        studio(LucidrainsInside),
        seconds,
        BATCH,
    ),
    "own": own,
}


def main() -> None:
    """Run the contests."""
    arguments = asked(__doc__, list(CONTESTS))
    prepare_process()
    print(f"{machine()}; {SIZE}² pixels, batch {BATCH}")
    results: dict[str, object] = {"machine": machine(), "networks": sizes()}
    for name in arguments.only:
        results[name] = CONTESTS[name](arguments.seconds)
    write(arguments.json, results)


if __name__ == "__main__":
    main()
