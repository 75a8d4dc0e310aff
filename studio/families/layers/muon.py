"""The optimisers of Transformers: Muon for their matrices, AdamW for all the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

#: Muon's learning rate for each unit of AdamW's: its steps have a length of their own.
_MUON_RATE = 7.0


#: The polynomial that brings singular values near 1 within five rounds (Jordan et al. 2024).
_A, _B, _C = 3.4445, -4.7750, 2.0315
_ROUNDS = 5


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal (Jordan et al. 2024), for matrices.

    It does what `torch.optim.Muon` does with `adjust_lr_fn="original"`, for all matrices of one
    shape at once: a quarter of the time of doing it one by one.

    Args:
        parameters: Matrices.
        lr: Length of a step.
        weight_decay: Share of lr by which weights shrink at each step.
        momentum: How much of the last gradients carries on.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        *,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Take a step; a closure is not used."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in alike.items():
                self._correct(parameters, shape, group)

    def _correct(self, parameters: list[Tensor], shape: torch.Size, group: dict[str, Any]) -> None:
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        for parameter in parameters:
            if not self.state[parameter]:
                self.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
        carried = [self.state[parameter]["momentum_buffer"] for parameter in parameters]
        torch._foreach_lerp_(carried, grads, 1 - group["momentum"])
        # Nesterov: a look ahead along what is carried
        ahead = torch._foreach_lerp(grads, carried, group["momentum"])
        steps = orthogonal(torch.stack(ahead))  # (N, rows, columns)
        length = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(parameters, list(steps.to(parameters[0].dtype)), alpha=-length)


def orthogonal(matrices: Tensor) -> Tensor:
    """Return matrices (N, rows, columns) with all singular values near 1, in bf16.

    X ← aX + (bA + cA²)X with A = XXᵀ, a Newton–Schulz iteration (Jordan et al. 2024).
    """
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(_ROUNDS):
        a = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=_B, alpha=_C), x, beta=_A)
    return x.transpose(1, 2) if tall else x


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
    muon = Muon(matrices, lr=_MUON_RATE * rate, weight_decay=weight_decay)
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
