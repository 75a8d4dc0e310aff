"""The end of a critic: a score, and what keeps its layers from growing too steep."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


def braked(layer: nn.Module, norm: str) -> nn.Module:
    """Return a critic's layer, its largest singular value held at 1 when asked for.

    W̄ = W / σ(W), σ by power iteration (Miyato et al. 2018, algorithm 1).
    """
    return spectral_norm(layer) if norm == "spectral" else layer


class Verdict(nn.Module):
    """The last layer of a critic: D(x, y) = ψ(h) + ⟨v_y, h⟩ (Miyato & Koyama 2018, equation 3)."""

    def __init__(self, features: int, labels: int, norm: str) -> None:
        super().__init__()
        self.score = braked(nn.Linear(features, 1), norm)
        self.label: nn.Module | None = None
        if labels:
            directions = nn.Embedding(labels, features)
            # torch starts embeddings at N(0, 1), which would drown the score
            nn.init.normal_(directions.weight, 0.0, 0.02)
            self.label = braked(directions, norm)

    def forward(self, features: Tensor, labels: Tensor | None) -> Tensor:
        score: Tensor = self.score(features).squeeze(1)
        if self.label is not None:
            score = score + (self.label(labels) * features).sum(1)
        return score
