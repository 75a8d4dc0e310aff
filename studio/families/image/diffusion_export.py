"""The network of a diffusion model for other programs: one look at noisy pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.core.recipe import DataSpec
from studio.families.exportable import Exportable
from studio.families.image.diffusion_networks import Denoiser


class Look(nn.Module):
    """D(x; σ) with what is to be shown as plain inputs.

    Args:
        labelled, prompted: Whether labels, captions or both follow the noise levels.
    """

    def __init__(self, denoiser: Denoiser, *, labelled: bool, prompted: bool) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.labelled, self.prompted = labelled, prompted

    def forward(
        self,
        noisy: Tensor,
        sigma: Tensor,
        first: Tensor | None = None,
        second: Tensor | None = None,
    ) -> Tensor:
        labels = first if self.labelled else None
        captions = (second if self.labelled else first) if self.prompted else None
        condition = self.denoiser.condition(noisy.shape[0], labels, captions)
        made: Tensor = self.denoiser(noisy, sigma, condition)
        return made


def exportable(
    denoiser: Denoiser, spec: DataSpec, *, labelled: bool, prompted: bool
) -> dict[str, Exportable]:
    """Return the denoiser; a sampler, a dozen lines in any language, asks it again and again."""

    def draw(count: int, seed: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        device = next(denoiser.parameters()).device
        sigma = torch.rand(count, generator=generator).mul(6).sub(4).exp()
        noisy = denoiser.beside(sigma) * torch.randn(count, *spec.shape, generator=generator)
        inputs = [noisy, sigma]
        if labelled:
            inputs.append(torch.arange(count) % (len(spec.labels) + 1))
        if prompted:
            size = (count, spec.caption_length)
            inputs.append(torch.randint(spec.caption_vocabulary, size, generator=generator))
        return tuple(each.to(device) for each in inputs)

    names = ["noisy", "sigma"]
    said = "Returns what noisy pictures x = x₀ + σ·noise show without their noise, x₀ in −1 … 1."
    if labelled:
        names.append("label")
        said += f" Label {len(spec.labels)} stands for any."
    if prompted:
        names.append("caption")
        said += " A caption is a row of tokens, all 0 for any."
    return {
        "denoiser": Exportable(
            module=Look(denoiser, labelled=labelled, prompted=prompted),
            inputs=tuple(names),
            output="clean",
            draw=draw,
            about=said,
        )
    }
