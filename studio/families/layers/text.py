"""A small Transformer that reads captions, trained with the model that follows them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_HEADS = 4


class TextEncoder(nn.Module):
    """Rows of tokens to one vector per token and one for the whole.

    Every row begins with a place of its own, which stands for the whole. So an empty caption can
    be read too: it means that nothing was said.

    Args:
        vocabulary: How many tokens there are, padding (0) included.
        length: Tokens in a row.
        width: Numbers per vector.
        layers: Blocks of attention and plain layers.
    """

    def __init__(self, vocabulary: int, length: int, width: int, layers: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.empty(1 + length, width))
        block = nn.TransformerEncoderLayer(
            width, _HEADS, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(
            block, layers, nn.LayerNorm(width), enable_nested_tensor=False
        )
        for weight in (self.tokens.weight, self.places):
            nn.init.normal_(weight, 0.0, 0.02)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return vectors (B, 1 + L, width), the first for the whole, and which of them count.

        Args:
            tokens: (B, L) int64 with L up to `length`, 0 where the caption has ended.

        Returns:
            The vectors, and (B, 1 + L) bool.
        """
        written = self.tokens(tokens)  # (B, L, width)
        whole = written.new_zeros(tokens.shape[0], 1, written.shape[2])
        x = torch.cat([whole, written], dim=1) + self.places[: 1 + tokens.shape[1]]
        seen = torch.cat([tokens.new_ones(tokens.shape[0], 1), tokens], dim=1) != 0
        vectors: Tensor = self.blocks(x, src_key_padding_mask=~seen)
        return vectors, seen
