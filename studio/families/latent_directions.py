"""A latent space's principal directions: along which a decoder changes its items most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.families.base import Tick

#: Directions that are found, at most.
COUNT = 12
#: Codes that a decoder's slope is averaged over, and decoded items that this takes, at most.
_CODES, _DECODED = 32, 4096
#: Width of a forward difference, in units of the code.
_STEP = 0.05


@dataclass(frozen=True)
class Directions:
    """Directions in a latent space, the one that changes most first.

    Attributes:
        vectors: (K, …) of length 1 and at right angles to each other; of the shape of a code, or
            (K, D) for codes (L, D) whose rows all move alike.
        spreads: (K,) standard deviation of drawn codes along each.
    """

    vectors: Tensor
    spreads: Tensor

    def __len__(self) -> int:
        return len(self.vectors)

    def step(self, number: int, deviations: float) -> Tensor:
        """Return what is added to a code to go so many standard deviations along a direction."""
        return deviations * self.spreads[number] * self.vectors[number]


def steepest(decode: Callable[[Tensor, int], Tensor], codes: Tensor, tick: Tick) -> Tensor:
    """Return the directions (K, *codes.shape[1:]) in which decoded items change most.

    They are the leading right-singular vectors of the decoder's slopes J at many codes z, which
    are the eigenvectors of the averaged metric E[J(z)ᵀ J(z)] (Wang & Ponce 2021).

    Args:
        decode: Decodes codes (N, …), variations of the code of that number, to items (N, …).
        codes: (M, …) where slopes are taken; fewer of them when codes are long.
        tick: Called after each code.
    """
    shape, size = codes.shape[1:], codes[0].numel()
    count = min(len(codes), _CODES, max(4, _DECODED // size))
    moves = _STEP * torch.eye(size, device=codes.device).view(size, *shape)
    metric = torch.zeros(size, size, dtype=torch.float64)
    for index in range(count):
        code = codes[index : index + 1]
        items = torch.cat(
            [decode(part, index) for part in torch.split(torch.cat([code, code + moves]), 64)]
        )
        # column j of J:  (G(z + h eⱼ) − G(z)) / h
        slope = (items[1:] - items[:1]).flatten(1) / _STEP  # (D, values), J transposed
        metric += (slope @ slope.T).double().cpu()
        tick(index + 1, count)
    _, vectors = torch.linalg.eigh(metric / count)  # smallest eigenvalue first
    return _signed(vectors.T.flip(0)[:COUNT]).view(-1, *shape).to(codes)


def principal(codes: Tensor) -> Tensor:
    """Return the principal components (K, D) of codes (N, D), the widest first.

    That is how GANSpace finds directions in StyleGAN's space of styles (Härkönen et al. 2020).
    """
    centred = (codes - codes.mean(0)).double().cpu()
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    return _signed(vectors.T.flip(0)[:COUNT]).to(codes)


def measured(vectors: Tensor, codes: Tensor) -> Directions:
    """Return directions (K, …) with the standard deviations of codes (N, …) along them."""
    along = codes.flatten(1) @ vectors.flatten(1).T  # (N, K)
    return Directions(vectors, along.std(0))


def _signed(vectors: Tensor) -> Tensor:
    """Turn each vector so that its largest number is positive: its sign means nothing by itself."""
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    return vectors * largest.sign()
