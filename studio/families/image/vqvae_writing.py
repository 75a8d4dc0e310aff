"""How a Transformer writes pictures: label, caption and tiles as one row of tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.families.layers.choosing import Manner, choose
from studio.families.layers.transformer import Transformer


@dataclass(frozen=True)
class Script:
    """Which number stands for what: the tiles first, since only they are written.

    A row is the label, the caption, then the tiles line by line (as in DALL-E, Ramesh et al.
    2021). An item without a label has the label after the last.

    Attributes:
        tiles: Different tiles.
        length: Tiles of a picture.
        labels: Labels that are told apart, 0 for none.
        caption: Tokens of a caption, 0 for none.
        words: Different tokens of captions, padding included.
    """

    tiles: int
    length: int
    labels: int = 0
    caption: int = 0
    words: int = 0

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return self.tiles + self.words + self.labels + 1

    @property
    def prompt(self) -> int:
        """How many tokens stand before the tiles."""
        return 1 + self.caption

    def prompts(
        self, count: int, labels: Tensor | None, captions: Tensor | None, device: torch.device
    ) -> Tensor:
        """Return what stands before the tiles, (count, prompt).

        Args:
            labels: (count,), −1 for no label; None for none at all.
            captions: (count, caption), rows of 0 for no caption; None for none at all.
        """
        if labels is None or not self.labels:
            labels = torch.full((count,), -1, device=device)
        row = [labels.remainder(self.labels + 1)[:, None] + self.tiles + self.words]
        if self.caption:
            if captions is None:
                captions = torch.zeros(count, self.caption, dtype=torch.int64, device=device)
            row.append(captions + self.tiles)
        return torch.cat(row, dim=1)


def write(
    writer: Transformer,
    script: Script,
    prompts: Tensor,
    draws: Tensor,
    manner: Manner,
    said: Callable[[int], None],
    known: Tensor | None = None,
    *,
    guidance: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Write the tiles of pictures, each row from its own random numbers.

    Args:
        prompts: (N, script.prompt) tokens.
        draws: (N, script.length) uniform in 0 … 1, one for each tile.
        said: Called with the number of tiles written, after each.
        known: (N, script.length) tiles that are given, −1 where one is to be written.
        guidance: How closely the prompt is kept to; 1 as learned.

    Returns:
        The tiles (N, script.length), and how well the given ones follow, (N,): the sum of
        log p(tile | those before) over them.
    """
    nothing = script.prompts(len(prompts), None, None, prompts.device)
    # without a prompt there is nothing to keep to
    guided = guidance != 1 and not torch.equal(prompts, nothing)
    tokens = torch.cat([prompts, nothing]) if guided else prompts
    cache = writer.empty_cache(len(tokens))
    fit = torch.zeros(len(prompts), device=prompts.device)
    written: list[Tensor] = []
    for place in range(script.length):
        skip = tokens.shape[1] - 1
        scores = writer(tokens, cache, skip=skip)[:, 0].float()  # (N or 2N, tiles)
        if guided:
            with_prompt, without = scores.chunk(2)
            # classifier-free guidance (Ho & Salimans 2022, equation 6), on log-probabilities
            scores = without + guidance * (with_prompt - without)
        tile = choose(scores, draws[:, place], manner)
        if known is not None:
            given = known[:, place]
            chance = functional.log_softmax(scores, dim=1).gather(1, given.clamp_min(0)[:, None])
            fit = fit + torch.where(given >= 0, chance.squeeze(1), 0.0)
            tile = torch.where(given >= 0, given, tile)
        written.append(tile)
        tokens = tile.repeat(2 if guided else 1)[:, None]
        said(place + 1)
    return torch.stack(written, dim=1), fit
