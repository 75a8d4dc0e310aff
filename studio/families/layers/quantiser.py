"""Vector quantisation: each vector is replaced by the nearest of a codebook's."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

#: A code that is used less than this share of the mean is dead and starts anew.
DEAD = 0.05


class Quantised(NamedTuple):
    """What became of a map of vectors.

    Attributes:
        vectors: (B, D, H, W), the codebook's, through which gradients pass as if nothing was done.
        codes: (B, H, W) int64, their numbers in the codebook.
        commitment: How far the vectors were from their codes, a mean square.
    """

    vectors: Tensor
    codes: Tensor
    commitment: Tensor


class Quantiser(nn.Module):
    """A codebook that follows the vectors by running means (van den Oord et al. 2017, app. A.1).

    Attributes:
        codebook: (K, D), the codes' vectors.
        counts: (K,), running mean of how many vectors of a step fell to each code.
        sums: (K, D), running mean of the sum of these vectors.
    """

    codebook: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(self, codes: int, size: int, *, decay: float = 0.99, restart: bool = True) -> None:
        """Make a codebook of `codes` vectors of `size` numbers around the origin.

        Args:
            decay: Share of the running means that stays at each step.
            restart: Whether a code that hardly any vector falls to is moved to where vectors are
                badly served (Dhariwal et al. 2020, "Jukebox", §3.1). Without it a code that is
                left out once may never be used again.
        """
        super().__init__()
        self.decay = decay
        self.restart = restart
        # the spread of the original: codes begin side by side, next to everything
        start = (2 * torch.rand(codes, size) - 1) / codes
        self.register_buffer("codebook", start)
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, size))

    def forward(self, vectors: Tensor) -> Quantised:
        """Replace each of the vectors (B, D, H, W) by the nearest of the codebook."""
        # in bf16 neighbouring codes would be mixed up
        with torch.autocast(vectors.device.type, enabled=False):
            x = vectors.float().permute(0, 2, 3, 1)  # (B, H, W, D)
            codes = self._nearest(x.detach().reshape(-1, x.shape[-1])).view(x.shape[:-1])
            nearest = functional.embedding(codes, self.codebook)
            commitment = (x - nearest).square().mean()
            # straight-through: the gradient of the code is handed to the vector as it is
            passed = x + (nearest - x).detach()
        return Quantised(passed.permute(0, 3, 1, 2), codes, commitment)

    def _nearest(self, x: Tensor) -> Tensor:
        """Return argminₖ ‖x − eₖ‖² = argmaxₖ 2 x·eₖ − ‖eₖ‖² for each x of (N, D)."""
        closeness = torch.addmm(-self.codebook.square().sum(1), x, self.codebook.T, alpha=2)
        return closeness.argmax(1)

    def vectors_of(self, codes: Tensor) -> Tensor:
        """Return the vectors (B, D, H, W) of codes (B, H, W)."""
        return functional.embedding(codes, self.codebook).permute(0, 3, 1, 2)

    @torch.no_grad()
    def follow(self, vectors: Tensor, codes: Tensor, draws: Tensor) -> None:
        """Move the codebook towards the vectors of a step.

        Under `torchrun` every process moves it by the vectors of all.

        Args:
            vectors: (B, D, H, W), all of the step.
            codes: (B, H, W), what they were replaced by.
            draws: (K,) uniform in 0 … 1; decide where codes that start anew go.
        """
        x = vectors.detach().float().permute(0, 2, 3, 1).reshape(-1, vectors.shape[1])
        chosen = codes.flatten()
        counts = torch.zeros_like(self.counts).index_add_(
            0, chosen, torch.ones_like(chosen, dtype=self.counts.dtype)
        )
        sums = torch.zeros_like(self.sums).index_add_(0, chosen, x)
        _add_up(counts, sums)
        # Nₖ ← γ Nₖ + (1 − γ) nₖ,   mₖ ← γ mₖ + (1 − γ) Σ x,   eₖ = mₖ / Nₖ
        self.counts.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(sums, 1 - self.decay)
        used = self.counts[:, None] > 1e-8
        self.codebook.copy_(torch.where(used, self.sums / self.counts[:, None], self.codebook))
        if self.restart:
            self._start_anew(x, chosen, draws)

    def _start_anew(self, x: Tensor, chosen: Tensor, draws: Tensor) -> None:
        """Move dead codes to vectors, chosen the likelier the worse their code fits.

        Choosing by the squared error is how k-means++ begins (Arthur & Vassilvitskii 2007): it
        finds what has no code of its own yet, however rare it is.
        """
        error = (x - functional.embedding(chosen, self.codebook)).square().sum(1)
        reached = error.double().cumsum(0)
        places = torch.searchsorted(reached, draws.double() * reached[-1], right=True)
        found = x[places.clamp_max(len(x) - 1)]
        _from_first(found)
        mean = self.counts.mean()
        dead = self.counts <= DEAD * mean
        self.counts.copy_(torch.where(dead, mean, self.counts))
        self.sums.copy_(torch.where(dead[:, None], found * mean, self.sums))
        self.codebook.copy_(torch.where(dead[:, None], found, self.codebook))

    def use(self) -> Tensor:
        """Return the share of the codebook in use: exp(−Σ p log p) / K, p the codes' frequencies.

        The perplexity is how many codes there would be if all were used alike.
        """
        chances = self.counts / self.counts.sum().clamp_min(1e-12)
        perplexity: Tensor = torch.special.entr(chances).sum().exp()
        return perplexity / len(chances)


def _add_up(*tensors: Tensor) -> None:
    """Add tensors up over the processes, in place; does nothing when there is one."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        for tensor in tensors:
            torch.distributed.all_reduce(tensor)


def _from_first(tensor: Tensor) -> None:
    """Take over a tensor from the first process, in place; does nothing when there is one."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.broadcast(tensor, src=0)
