"""A pool of pictures made before: what a critic saw once, it shall not forget."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

#: Pictures that are kept (Zhu et al. 2017, §4).
CAPACITY = 50


class PicturePool(nn.Module):
    """Hands out older pictures for about half of the new ones (Shrivastava et al. 2017, §2.3).

    Attributes:
        pictures: (capacity, C, H, W), the kept ones, of several frames those of all in C; a buffer,
            so that it is saved with the run.
        count: How many are kept, on the device, so that nothing waits for it.
    """

    pictures: Tensor
    count: Tensor

    def __init__(self, shape: tuple[int, ...], batch: int) -> None:
        super().__init__()
        # with no more than four dimensions it can stand in every memory layout
        kept = (math.prod(shape[:-2]), *shape[-2:])
        self.register_buffer("pictures", torch.zeros(max(CAPACITY, batch), *kept))
        self.register_buffer("count", torch.tensor(0))

    @torch.no_grad()
    def exchange(self, made: Tensor) -> Tensor:
        """Take in new pictures (B, *shape) and return as many, new and old.

        Until the pool is full, the new are kept and returned. Then each is returned with chance
        ½, or else kept in the place of an old one, which is returned.
        """
        capacity, batch, device = len(self.pictures), len(made), made.device
        shape = made.shape
        made = made.reshape(batch, *self.pictures.shape[1:])
        following = (self.count + torch.arange(batch, device=device)) % capacity
        anywhere = torch.randperm(capacity, device=device)[:batch]
        places = torch.where(self.count < capacity, following, anywhere)
        old = self.pictures[places]
        is_free = places >= self.count
        is_swapped = ~is_free & (torch.rand(batch, device=device) < 0.5)

        def chosen(condition: Tensor, one: Tensor, other: Tensor) -> Tensor:
            return torch.where(condition.view(-1, *[1] * (made.dim() - 1)), one, other)

        self.pictures[places] = chosen(is_free | is_swapped, made, old)
        self.count.add_(batch).clamp_(max=capacity)
        return chosen(is_swapped, old, made).reshape(shape)
