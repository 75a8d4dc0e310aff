"""A recurrent network over tokens: RNN, GRU or LSTM, with what it remembers as its cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Cell = Literal["rnn", "lstm", "gru"]

_CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@dataclass
class Memory:
    """What a recurrent network keeps of the tokens read so far.

    Attributes:
        state: As torch's cells take it; None before the first token.
        length: Tokens read.
    """

    state: Any = None
    length: int = 0


class Recurrent(nn.Module):
    """Token by token through RNN (Elman 1990), LSTM (Hochreiter & Schmidhuber 1997) or GRU cells.

    GRU: Cho et al. 2014. Layers are added to what they were given, so that deep ones learn too.
    The matrix that turns tokens into vectors also turns vectors into scores (Press & Wolf 2017).

    Args:
        vocabulary: How many tokens there are.
        width: Numbers per token and per layer.
        depth: Layers.
        dropout: Share of the numbers between layers that is set to 0 while learning.
    """

    context = 0  # it looks back as far as it remembers

    def __init__(
        self, vocabulary: int, width: int, depth: int, cell: Cell, *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, 0.0, 0.1)
        self.layers = nn.ModuleList(
            _CELLS[cell](width, width, batch_first=True) for _ in range(depth)
        )
        for layer in self.layers:
            _begin(layer, width)
        self.drop = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, cache: Memory | None = None, *, skip: int = 0) -> Tensor:
        """Return the scores (B, T − skip, vocabulary) of what follows each token but the first.

        Args:
            tokens: (B, T) int64; those after the ones that the cache holds, when there is one.
            cache: Takes these tokens in.
        """
        before = cache.state if cache is not None else None
        x = self.drop(self.embedding(tokens))  # (B, T, width)
        states = []
        for index, layer in enumerate(self.layers):
            out, state = layer(x, None if before is None else before[index])
            x = x + self.drop(out) if index else self.drop(out)
            states.append(state)
        if cache is not None:
            cache.state = states
            cache.length += tokens.shape[1]
        scores: Tensor = functional.linear(self.norm(x[:, skip:]), self.embedding.weight)
        return scores

    def empty_cache(self, rows: int) -> Memory:
        """Return the memory before anything was read."""
        return Memory()


def _begin(layer: nn.Module, width: int) -> None:
    """Begin with orthogonal memory; an LSTM begins by keeping it (Jozefowicz et al. 2015)."""
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_hh"):
            with torch.no_grad():
                for gate in torch.split(parameter, width):
                    nn.init.orthogonal_(gate)
        elif name.startswith("weight_ih"):
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
        if name.startswith("bias_ih") and isinstance(layer, nn.LSTM):
            with torch.no_grad():
                parameter[width : 2 * width].fill_(1.0)  # the gate that keeps
