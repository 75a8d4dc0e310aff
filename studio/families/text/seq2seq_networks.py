"""Encoder and decoder: one reads a text whole, the other writes what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.attention import attend
from studio.families.layers.rotary import Rotary, turned

_SPREAD = 0.02  # of the weights at the start


@dataclass
class Written:
    """What the decoder keeps of a text that was read and of what it has written so far.

    Attributes:
        keys, values: (depth, B, heads, longest, head) of the answer; the first `length` are filled.
        read: Keys and values (depth, B, heads, S, head) of the text that was read.
        seen: (B, 1, 1, S) bool, the places of that text that hold a token.
        length: Tokens written.
    """

    keys: Tensor
    values: Tensor
    read: tuple[Tensor, Tensor]
    seen: Tensor
    length: int = 0

    def select(self, rows: Tensor) -> Written:
        """Return the memory of other rows, (N,) of the present ones: how beams are kept."""
        keys, values = self.keys.index_select(1, rows), self.values.index_select(1, rows)
        read = self.read[0].index_select(1, rows), self.read[1].index_select(1, rows)
        return Written(keys, values, read, self.seen.index_select(0, rows), self.length)


class EncoderDecoder(nn.Module):
    """The Transformer of Vaswani et al. 2017 with normalisation before each part.

    Rotary positions (Su et al. 2021) within each text; attention from one text to the other knows
    no positions but those that the vectors carry. One matrix reads tokens, is read from for the
    scores, and serves both sides (Press & Wolf 2017).

    Args:
        vocabulary: How many tokens there are.
        width: Numbers per token inside; a multiple of `heads`.
        depth: Blocks of the encoder, and again of the decoder.
        longest: Tokens that a text has at most, on either side.
        pad: The token that fills texts up.
        dropout: Share of the numbers that is set to 0 while learning.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        depth: int,
        heads: int,
        longest: int,
        *,
        pad: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.pad = pad
        self.depth, self.heads, self.head, self.longest = depth, heads, width // heads, longest
        self.embedding = nn.Embedding(vocabulary, width)
        self.positions = Rotary(width // heads, longest)
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.ModuleList(_Reading(width, heads, dropout) for _ in range(depth))
        self.decoder = nn.ModuleList(_Writing(width, heads, dropout) for _ in range(depth))
        self.read_norm = nn.LayerNorm(width, bias=False)
        self.norm = nn.LayerNorm(width, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                # each block adds to the stream; this keeps the sum's size the same at any depth
                adds = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, 0.0, _SPREAD / (3 * depth) ** 0.5 if adds else _SPREAD)

    def forward(self, source: Tensor, answer: Tensor) -> Tensor:
        """Return the scores (B, T, vocabulary) of what follows each token of an answer.

        Args:
            source: (B, S) int64 tokens, PAD where the text has ended.
            answer: (B, T) int64 tokens of the answer so far.
        """
        read, seen = self.read(source)
        turn = self.positions(0, answer.shape[1])
        x = self.drop(self.embedding(answer))
        for block in self._writing():
            x = block(x, turn, block.offered(read), seen)
        return self.scores(x)

    def read(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Return a text's vectors (B, S, width), and which hold a token (B, 1, 1, S)."""
        seen = source != self.pad
        seen[:, 0] = True  # of a text without any token its filling is seen
        seen = seen[:, None, None]
        turn = self.positions(0, source.shape[1])
        x = self.drop(self.embedding(source))
        for block in self.encoder:
            x = block(x, turn, seen)
        vectors: Tensor = self.read_norm(x)
        return vectors, seen

    def begin(self, source: Tensor) -> Written:
        """Return the memory with which answers to these texts (B, S) are written."""
        read, seen = self.read(source)
        offered = [block.offered(read) for block in self._writing()]
        shape = (self.depth, len(source), self.heads, self.longest, self.head)
        keys, values = (read.new_zeros(shape) for _ in range(2))
        read_keys, read_values = (torch.stack(each) for each in zip(*offered, strict=True))
        return Written(keys, values, (read_keys, read_values), seen)

    def write(self, tokens: Tensor, memory: Written) -> Tensor:
        """Return the scores (B, vocabulary) of what follows the tokens (B,) just written."""
        turn = self.positions(memory.length, 1)
        x = self.embedding(tokens)[:, None]
        for index, block in enumerate(self.decoder):
            store = (memory.keys[index], memory.values[index])
            offered = (memory.read[0][index], memory.read[1][index])
            x = block(x, turn, offered, memory.seen, store, memory.length)
        memory.length += 1
        return self.scores(x)[:, 0]

    def _writing(self) -> list[_Writing]:
        return [block for block in self.decoder if isinstance(block, _Writing)]

    def scores(self, x: Tensor) -> Tensor:
        """Return the scores (…, vocabulary) of vectors (…, width)."""
        scores: Tensor = functional.linear(self.norm(x), self.embedding.weight)
        return scores


class _Plain(nn.Module):
    """Two layers with squared ReLU between (So et al. 2021), each token by itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.down(functional.relu(self.up(self.norm(x))).square())
        return found


class _Own(nn.Module):
    """Attention of a text to itself, in several heads."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm = nn.LayerNorm(width, bias=False)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(
        self,
        x: Tensor,
        turn: Tensor,
        mask: Tensor | None,
        store: tuple[Tensor, Tensor] | None = None,
        done: int = 0,
    ) -> Tensor:
        """Return what each token found; without a mask each sees those before it."""
        batch, length, width = x.shape
        qkv = self.qkv(self.norm(x)).view(batch, length, 3, self.heads, -1)
        q, k = turned(qkv[:, :, :2], turn).permute(2, 0, 3, 1, 4)  # each (B, heads, T, head)
        v = qkv[:, :, 2].transpose(1, 2)
        causal = mask is None and store is None
        if store is not None:
            for kept, new in zip(store, (k, v), strict=True):
                kept[:, :, done : done + length] = new
            k, v = (kept[:, :, : done + length].to(q.dtype) for kept in store)
        dropout = self.dropout if self.training else 0.0
        found = attend(q, k, v, mask, dropout=dropout, causal=causal)
        mixed: Tensor = self.out(found.transpose(1, 2).reshape(batch, length, width))
        return mixed


class _Other(nn.Module):
    """Attention of a text to another one that was read."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm = nn.LayerNorm(width, bias=False)
        self.ask = nn.Linear(width, width, bias=False)
        self.offer = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def offered(self, read: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values (B, heads, S, head) of a text that was read."""
        batch, length, _ = read.shape
        both = self.offer(read).view(batch, length, 2, self.heads, -1)
        key, value = both.permute(2, 0, 3, 1, 4)
        return key, value

    def forward(self, x: Tensor, offered: tuple[Tensor, Tensor], seen: Tensor) -> Tensor:
        batch, length, width = x.shape
        q = self.ask(self.norm(x)).view(batch, length, self.heads, -1).transpose(1, 2)
        dropout = self.dropout if self.training else 0.0
        found = attend(q, *offered, seen, dropout=dropout)
        mixed: Tensor = self.out(found.transpose(1, 2).reshape(batch, length, width))
        return mixed


class _Reading(nn.Module):
    """A block of the encoder."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.own, self.plain = _Own(width, heads, dropout), _Plain(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, turn: Tensor, seen: Tensor) -> Tensor:
        x = x + self.drop(self.own(x, turn, seen))
        total: Tensor = x + self.drop(self.plain(x))
        return total


class _Writing(nn.Module):
    """A block of the decoder: the answer so far, then the text that was read."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.own, self.other = _Own(width, heads, dropout), _Other(width, heads, dropout)
        self.plain = _Plain(width)
        self.drop = nn.Dropout(dropout)

    def offered(self, read: Tensor) -> tuple[Tensor, Tensor]:
        """Return what a text that was read holds for this block."""
        return self.other.offered(read)

    def forward(
        self,
        x: Tensor,
        turn: Tensor,
        offered: tuple[Tensor, Tensor],
        seen: Tensor,
        store: tuple[Tensor, Tensor] | None = None,
        done: int = 0,
    ) -> Tensor:
        x = x + self.drop(self.own(x, turn, None, store, done))
        x = x + self.drop(self.other(x, offered, seen))
        total: Tensor = x + self.drop(self.plain(x))
        return total
