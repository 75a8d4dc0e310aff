"""The two networks of a VQ-VAE for other programs: one writes tiles, one draws them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.families.exportable import Exportable
from studio.families.image.vqvae_writing import Script
from studio.families.layers.quantiser import Quantiser
from studio.families.layers.transformer import Transformer


class Drawing(nn.Module):
    """Tiles (N, h, w) become pictures."""

    def __init__(self, quantiser: Quantiser, decoder: nn.Module) -> None:
        super().__init__()
        self.quantiser, self.decoder = quantiser, decoder

    def forward(self, tiles: Tensor) -> Tensor:
        pictures: Tensor = self.decoder(self.quantiser.vectors_of(tiles))
        return pictures.clamp(-1, 1)


class Writing(nn.Module):
    """A whole row of tokens becomes the scores of what follows each."""

    def __init__(self, writer: Transformer) -> None:
        super().__init__()
        self.writer = writer

    def forward(self, tokens: Tensor) -> Tensor:
        scores: Tensor = self.writer(tokens)
        return scores


def exportable(
    writer: Transformer,
    quantiser: Quantiser,
    decoder: nn.Module,
    script: Script,
    grid: tuple[int, int],
) -> dict[str, Exportable]:
    """Return the writer and the drawer."""
    device = quantiser.codebook.device

    def tokens(count: int, seed: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        size = (count, script.prompt + script.length - 1)
        return (torch.randint(script.tiles, size, generator=generator).to(device),)

    def tiles(count: int, seed: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        return (torch.randint(script.tiles, (count, *grid), generator=generator).to(device),)

    before = "a label" + (f" and {script.caption} words" if script.caption else "")
    return {
        "writer": Exportable(
            module=Writing(writer),
            inputs=("tokens",),
            output="scores",
            draw=tokens,
            about=f"Scores what follows each token of a row: {before}, then tiles line by line."
            f" Tiles are 0 … {script.tiles - 1}, words begin at {script.tiles}, labels at"
            f" {script.tiles + script.words}.",
        ),
        "drawer": Exportable(
            module=Drawing(quantiser, decoder),
            inputs=("tiles",),
            output="picture",
            draw=tiles,
            about=f"Draws {grid[0]} × {grid[1]} tiles as a picture in −1 … 1.",
        ),
    }
