"""LoRA: small matrices beside those of a large network, which stays as it is (Hu et al. 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Lora(nn.Module):
    """A layer y = W x + b that is frozen, with a correction of low rank beside it.

    y = W x + b + (α/r) · B A x   (Hu et al. 2022, equation 3), with A drawn and B zero at first, so
    that it begins as it was.

    Args:
        layer: Plain layer; transformers' `Conv1D` keeps its weight the other way round.
        rank: Numbers that the correction passes through.
        alpha: How strongly it counts.
        dropout: Share of its input that is set to 0 while learning.
    """

    def __init__(self, layer: nn.Module, rank: int, alpha: float, dropout: float) -> None:
        super().__init__()
        weight = layer.weight
        assert isinstance(weight, Tensor)
        outputs, inputs = weight.shape if isinstance(layer, nn.Linear) else weight.shape[::-1]
        self.layer, self.scale = layer, alpha / rank
        self.drop = nn.Dropout(dropout)
        self.down = nn.Parameter(torch.empty(rank, inputs))
        self.up = nn.Parameter(torch.zeros(outputs, rank))
        nn.init.normal_(self.down, 0.0, inputs**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.linear(self.drop(x), self.down)
        corrected: Tensor = self.layer(x) + self.scale * functional.linear(inner, self.up)
        return corrected


def add_lora(model: nn.Module, rank: int, alpha: float, dropout: float) -> int:
    """Freeze a network and put corrections beside the plain layers of its blocks.

    Those are the layers for queries, keys, values, outputs and in between, all within a numbered
    list; embeddings and heads are left alone. Returns how many layers got one.
    """
    plain = [
        (name, layer)
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear) or type(layer).__name__ == "Conv1D"
        if any(part.isdigit() for part in name.split("."))
    ]
    freeze(model)
    for name, layer in plain:
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, Lora(layer, rank, alpha, dropout))
    return len(plain)


def freeze(model: nn.Module) -> None:
    """Turn all parameters into buffers: stored with the model, and never corrected.

    A tensor that stands in two places, as tied embeddings do, still does afterwards.
    """
    tensors: dict[int, Tensor] = {}
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            tensor = tensors.setdefault(id(parameter), parameter.detach())
            delattr(module, name)
            module.register_buffer(name, tensor)
