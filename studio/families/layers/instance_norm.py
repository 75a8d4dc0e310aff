"""Instance normalisation: each picture by itself."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

_EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Brings each channel of each picture to mean 0 and deviation 1 (Ulyanov et al. 2016).

    y = (x − E[x]) / √(Var[x] + ε), over the places (H, W) of one picture. No gain and no shift:
    the convolution that follows has its own.
    """

    def forward(self, x: Tensor) -> Tensor:
        return functional.instance_norm(x, eps=_EPSILON)
