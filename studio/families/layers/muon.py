"""The optimisers of Transformers: Muon for their matrices, AdamW for all the rest."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

#: Muon's learning rate for each unit of AdamW's: its steps have a length of their own.
_MUON_RATE = 7.0


def transformer_optimisers(
    modules: Iterable[nn.Module], rate: float, *, weight_decay: float = 0.1
) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Return (Muon for the matrices inside, AdamW for embeddings, norms and biases).

    Muon makes the step of a matrix orthogonal (Jordan et al. 2024): no direction is learned much
    faster than another. On small texts it takes a third of the steps that AdamW takes.

    Args:
        modules: The networks to correct; weights of `nn.Embedding` and vectors go to AdamW.
        rate: AdamW's learning rate, of which Muon's is a fixed multiple.
    """
    modules = list(modules)
    embeddings = {
        id(layer.weight)
        for module in modules
        for layer in module.modules()
        if isinstance(layer, nn.Embedding)
    }
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for module in modules:
        for parameter in module.parameters():
            inside = parameter.dim() == 2 and id(parameter) not in embeddings
            (matrices if inside else others).append(parameter)
    muon = torch.optim.Muon(
        matrices,
        lr=_MUON_RATE * rate,
        weight_decay=weight_decay,
        momentum=0.95,
        nesterov=True,
        adjust_lr_fn="original",
    )
    # fused: one pass over memory for each parameter
    adamw = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    return muon, adamw


def set_rate(optimisers: Iterable[torch.optim.Optimizer], share: float) -> None:
    """Bring every learning rate to a share of what it was when the optimiser was made."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group.setdefault("full_lr", group["lr"])
            group["lr"] = share * group["full_lr"]


def warm_then_down(step: int, steps: int, *, warm_up: float = 0.03) -> float:
    """Return the share of the learning rate at a step: up in a line, then down in a line to 0."""
    warm = max(1.0, warm_up * steps)
    if step < warm:
        return (step + 1) / warm
    return max(0.0, (steps - step) / max(1.0, steps - warm))
