"""A causal Transformer: reads a row of tokens and says at each what may come next.

For families that write pictures, texts or music one token after the other. Trained on whole rows
at once, it then writes with a cache: what it worked out for earlier tokens is kept, so that each
new one costs the same however long the row has grown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.families.layers.attention import attend
from studio.families.layers.rotary import Rotary, turned

_SPREAD = 0.02  # of the weights at the start, as GPT-2's


#: Takes one token of each row through a block: the stream (B, width), the turn of their place and
#: the number of tokens before become the stream after the block.
Step = Callable[[Tensor, Tensor | None, int], Tensor]


@dataclass
class Cache:
    """What attention keeps of the tokens read so far.

    Attributes:
        store: (depth, B, 2, heads, context, head), keys and values; the first `length` places of
            the context are filled.
        length: Tokens read.
        steps: What takes one more token through each block; made when the first one comes.
    """

    store: Tensor
    length: int = 0
    steps: Sequence[Step] = ()

    def repeated(self, times: int) -> Cache:
        """Return a cache in which each row stands `times` times, one after the other."""
        return Cache(self.store.repeat_interleave(times, 1), self.length)


class Transformer(nn.Module):
    """Decoder-only Transformer with normalisation before each part and a tied head.

    Vaswani et al. 2017 as in GPT-2 (Radford et al. 2019), without biases, with squared ReLU (So et
    al. 2021), and with rotary (Su et al. 2021) or learned positions. The matrix that turns tokens
    into vectors also turns vectors into the scores of tokens (Press & Wolf 2017).

    Args:
        vocabulary: How many tokens can be read.
        width: Numbers per token inside; a multiple of `heads`.
        depth: Blocks of attention and plain layers.
        context: Tokens that it can look back over, its longest row.
        outputs: How many tokens, the first ones, can be written; 0 means all. The others, such
            as those of a prompt, are only read.
        positions: `rotary` sees how far tokens are apart; `learned` knows each place, which suits
            rows of one length such as pictures.
        dropout: Share of the numbers that is set to 0 while learning.
        causal: Whether a token sees itself and those before it alone; else it sees all, to fill
            gaps rather than write on.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int,
        depth: int,
        heads: int,
        context: int,
        *,
        outputs: int = 0,
        positions: Literal["rotary", "learned"] = "rotary",
        dropout: float = 0.0,
        causal: bool = True,
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{width} numbers cannot be shared out among {heads} heads")
        self.context, self.depth, self.causal = context, depth, causal
        self.heads, self.head = heads, width // heads
        self.outputs = outputs or vocabulary
        self.embedding = nn.Embedding(vocabulary, width)
        self.positions: nn.Module
        if positions == "rotary":
            self.positions = Rotary(width // heads, context)
        else:
            self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(_Block(width, heads, dropout) for _ in range(depth))
        self.norm = _norm(width)
        self._initialise()

    def _initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                continue
            # each block adds twice to the stream; this keeps the sum's size the same at any depth
            adds = name.endswith(("out.weight", "down.weight"))
            spread = _SPREAD / (2 * len(self.blocks)) ** 0.5 if adds else _SPREAD
            nn.init.normal_(parameter, 0.0, spread)

    def forward(self, tokens: Tensor, cache: Cache | None = None, *, skip: int = 0) -> Tensor:
        """Return the scores (B, T − skip, outputs) of what follows each token but the first `skip`.

        Args:
            tokens: (B, T) int64; those after the ones that the cache holds, when there is one.
            cache: Takes these tokens in.

        Raises:
            ValueError: The row becomes longer than the context.
        """
        done = cache.length if cache is not None else 0
        length = tokens.shape[1]
        if cache is not None and length == 1 and done < self.context and not self.training:
            return self._next(tokens, cache)
        if done + length > self.context:
            raise ValueError(f"a row of {done + length} tokens in a context of {self.context}")
        x = self.embedding(tokens)  # (B, T, width)
        turn: Tensor | None = None
        if isinstance(self.positions, Rotary):
            turn = self.positions(done, length)
        else:
            places = torch.arange(done, done + length, device=tokens.device)
            x = x + self.positions(places)
        x = self.drop(x)
        seen = _seen(done, length, tokens.device) if self.causal else _Seen(None, causal=False)
        for index, block in enumerate(self.blocks):
            store = None if cache is None else cache.store[index]
            x = block(x, turn, seen, store, done)
        if cache is not None:
            cache.length += length
        scores: Tensor = functional.linear(
            self.norm(x[:, skip:]), self.embedding.weight[: self.outputs]
        )
        return scores

    def _next(self, tokens: Tensor, cache: Cache) -> Tensor:
        """Return the scores (B, 1, outputs) of what follows one more token (B, 1) of each row.

        The same equations as for many tokens, on rows (B, width), with the weights looked up once
        for all tokens: on so little work that Python's share is half of the time.
        """
        done = cache.length
        x = functional.embedding(tokens[:, 0], self.embedding.weight)
        turn: Tensor | None = None
        if isinstance(self.positions, Rotary):
            turn = self.positions.of_token(done)
        elif isinstance(self.positions, nn.Embedding):
            x = x + self.positions.weight[done]
        if not cache.steps:
            blocks = (block for block in self.blocks if isinstance(block, _Block))
            cache.steps = [block.step(cache.store[index]) for index, block in enumerate(blocks)]
        for step in cache.steps:
            x = step(x, turn, done)
        cache.length += 1
        x = functional.layer_norm(x, x.shape[1:], self.norm.weight)
        return functional.linear(x, self.embedding.weight[: self.outputs])[:, None]

    def empty_cache(self, rows: int) -> Cache:
        """Return a cache for writing `rows` rows at once."""
        shape = (self.depth, rows, 2, self.heads, self.context, self.head)
        device, dtype = self.embedding.weight.device, self.embedding.weight.dtype
        # never read before it is written: memory that a short row does not reach costs nothing
        return Cache(torch.empty(shape, device=device, dtype=dtype))


class _Seen(NamedTuple):
    """What each token sees: a mask (T, all tokens so far), or torch's own causal attention."""

    mask: Tensor | None
    causal: bool


def _seen(done: int, length: int, device: torch.device) -> _Seen:
    """Return that each new token sees itself and those before it.

    From nothing, torch's own causal attention does that, and a single new token sees all.
    """
    if done == 0 or length == 1:
        return _Seen(None, causal=length > 1)
    whole = torch.ones(length, done + length, dtype=torch.bool, device=device)
    return _Seen(whole.tril(diagonal=done), causal=False)


def _norm(width: int) -> nn.LayerNorm:
    # torch has fused kernels for it on every device; RMSNorm takes a dozen passes on processors
    return nn.LayerNorm(width, bias=False)


class _Block(nn.Module):
    """x + attention(norm(x)), then x + plain(norm(x)); the stream x stays in full precision."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before_attention = _norm(width)
        self.attention = _Attention(width, heads, dropout)
        self.before_plain = _norm(width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        turn: Tensor | None,
        seen: _Seen,
        store: Tensor | None,
        done: int,
    ) -> Tensor:
        found = self.attention(self.before_attention(x), turn, seen, store, done)
        x = x + (self.drop(found) if self.training else found)  # a call less for each token
        # squared ReLU costs a third of GELU's time on processors and learns as well
        hidden = functional.relu(self.up(self.before_plain(x))).square()
        found = self.down(hidden)
        total: Tensor = x + (self.drop(found) if self.training else found)
        return total

    def step(self, store: Tensor) -> Step:
        """Return what takes one token of each row through this block."""
        first, second = self.before_attention.weight, self.before_plain.weight
        up, down = self.up.weight, self.down.weight
        attention, width = self.attention.step(store), first.shape

        def step(x: Tensor, turn: Tensor | None, done: int) -> Tensor:
            x = x + attention(functional.layer_norm(x, width, first), turn, done)
            hidden = functional.linear(functional.layer_norm(x, width, second), up).relu_()
            return x + functional.linear(hidden * hidden, down)

        return step


class _Attention(nn.Module):
    """softmax(q kᵀ / √head) v over the tokens that are seen, in several heads."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(
        self,
        x: Tensor,
        turn: Tensor | None,
        seen: _Seen,
        store: Tensor | None,
        done: int,
    ) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, self.head)
        queries_keys, v = qkv[:, :, :2], qkv[:, :, 2].transpose(1, 2)
        if turn is not None:
            queries_keys = turned(queries_keys, turn)
        q, k = queries_keys.permute(2, 0, 3, 1, 4)  # each (B, heads, T, head)
        if store is not None:
            k, v = kept_with(store, done, torch.stack([k, v], dim=1)).to(q.dtype).unbind(1)
        dropout = self.dropout if self.training else 0.0
        found = attend(q, k, v, seen.mask, dropout=dropout, causal=seen.causal)
        mixed: Tensor = self.out(found.transpose(1, 2).reshape(batch, length, width))
        return mixed

    def step(self, store: Tensor) -> Step:
        """Return what says what one token of each row found, (B, width)."""
        into, out = self.qkv.weight, self.out.weight
        shape = (-1, 3, self.heads, self.head)

        def step(x: Tensor, turn: Tensor | None, done: int) -> Tensor:
            qkv = functional.linear(x, into).view(shape)
            if turn is not None:
                qkv = turned(qkv, turn)
            qkv = qkv.unsqueeze(3)  # (B, 3, heads, 1, head)
            k, v = kept_with(store, done, qkv[:, 1:]).to(qkv.dtype).unbind(1)
            return functional.linear(attend(qkv[:, 0], k, v).reshape(x.shape), out)

        return step


def kept_with(store: Tensor, done: int, new: Tensor) -> Tensor:
    """Return all keys and values so far, (B, 2, heads, done + T, head), and keep the new ones.

    Args:
        store: (B, 2, heads, context, head), of which `done` places are filled.
        new: (B, 2, heads, T, head), those of the tokens that come next.
    """
    until = done + new.shape[3]
    store[:, :, :, done:until] = new
    return store[:, :, :, :until]
