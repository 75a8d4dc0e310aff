"""Networks of checkpoints, as the studio's writers and fillers use them."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn


@dataclass
class Held:
    """What a network keeps of the tokens that it read, and how many those are."""

    kept: Any
    length: int = 0


def store_ties_once(model: nn.Module) -> None:
    """Keep tensors that stand in several places, as tied embeddings do, once in stored weights."""
    first: dict[int, str] = {}
    again: dict[str, str] = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if first.setdefault(id(tensor), name) != name:
            again[name] = first[id(tensor)]

    def left_out(_model: nn.Module, state: dict[str, Any], prefix: str, _about: Any) -> None:
        for name in again:
            state.pop(prefix + name, None)

    def put_back(_model: nn.Module, state: dict[str, Any], prefix: str, *_about: Any) -> None:
        for name, known in again.items():
            if prefix + known in state:
                state[prefix + name] = state[prefix + known]

    hooks: Any = model  # torch leaves these two without types
    hooks.register_state_dict_post_hook(left_out)
    hooks.register_load_state_dict_pre_hook(put_back)


class LeftToRight(nn.Module):
    """A causal network: reads tokens and says what may follow each.

    Args:
        model: The library's network.
        vocabulary: Tokens that the tokeniser knows; a network may have room for more.
        context: Tokens that it can look back over.
    """

    def __init__(self, model: nn.Module, vocabulary: int, context: int) -> None:
        super().__init__()
        self.model, self.vocabulary, self.context = model, vocabulary, context
        # newer versions of the library have another name for what is kept
        known = signature(model.forward).parameters
        self._kept = "cache" if "cache" in known else "past_key_values"

    def forward(self, tokens: Tensor, cache: Held | None = None, *, skip: int = 0) -> Tensor:
        """Return the scores (B, T − skip, V) of what follows each token but the first `skip`."""
        kept: dict[str, Any] = {} if cache is None else {self._kept: cache.kept}
        found = self.model(
            input_ids=tokens,
            use_cache=cache is not None,
            logits_to_keep=tokens.shape[1] - skip,
            **kept,
        )
        if cache is not None:  # what is kept has taken the tokens in by itself
            cache.length += tokens.shape[1]
        scores: Tensor = found.logits[:, :, : self.vocabulary]
        return scores

    def empty_cache(self, rows: int) -> Held:
        """Return what is kept before anything is read."""
        from transformers import DynamicCache

        return Held(DynamicCache())


class BothSides(nn.Module):
    """A network that reads both sides of each token and says what may stand there.

    Args:
        model: The library's network.
        vocabulary: Tokens that the tokeniser knows.
        pad: The token that fills rows up.
        frame: Tokens that the network knows before and after a text, such as [CLS] and [SEP].
    """

    before: Tensor
    after: Tensor

    def __init__(
        self, model: nn.Module, vocabulary: int, pad: int, frame: tuple[list[int], list[int]]
    ) -> None:
        super().__init__()
        self.model, self.vocabulary, self.pad = model, vocabulary, pad
        for name, tokens in zip(("before", "after"), frame, strict=True):
            self.register_buffer(name, torch.tensor(tokens, dtype=torch.int64), persistent=False)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the scores (B, T, V) of what may stand at each place of rows (B, T)."""
        count, length = rows.shape
        before, after = (each.expand(count, -1) for each in (self.before, self.after))
        whole = torch.cat([before, rows, after], dim=1)
        found = self.model(input_ids=whole, attention_mask=(whole != self.pad).long())
        start = len(self.before)
        scores: Tensor = found.logits[:, start : start + length, : self.vocabulary]
        return scores
