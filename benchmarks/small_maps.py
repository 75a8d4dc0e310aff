"""How long the gradient of a convolution's weights takes: torch's own way and ours.

    python -m benchmarks.small_maps

bf16 on the processor, channels-last, batch 64; the best of twelve, in milliseconds. It shows from
which size of map on `studio/families/layers/conv.py` leaves the work to torch.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from studio.families.layers.conv import SMALL_MAP, weight_gradient

BATCH = 64
KERNELS = ((4, 2, 1), (3, 1, 1))  # size, stride, padding
MAPS = (
    (64, 128, 16),
    (24, 48, 8),
    (128, 256, 8),
    (24, 48, 7),
    (128, 256, 7),
    (48, 96, 4),
    (256, 512, 4),
    (256, 256, 2),
)


def _milliseconds(work: Callable[[], object]) -> float:
    work()
    best = float("inf")
    for _ in range(12):
        before = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - before)
    return 1000 * best


def main() -> None:
    """Time every kernel on every map."""
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'kernel':>8}{'channels':>12}{'map':>8}{'torch':>9}{'product':>9}{'ratio':>7}")
    for size, stride, padding in KERNELS:
        for channels, features, side in MAPS:
            _compare(size, stride, padding, channels, features, side)


def _compare(size: int, stride: int, padding: int, channels: int, features: int, side: int) -> None:
    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape).bfloat16().contiguous(memory_format=torch.channels_last)

    large = drawn(BATCH, channels, side * stride, side * stride)
    small = drawn(BATCH, features, side, side)
    weight = drawn(features, channels, size, size)
    how = ((stride, stride), (padding, padding))

    def of_torch() -> torch.Tensor:
        found: torch.Tensor = torch.ops.aten.convolution_backward(
            small, large, weight, None, *how, (1, 1), False, (0, 0), 1, (False, True, False)
        )[1]
        return found

    def of_product() -> torch.Tensor:
        return weight_gradient(large, small, (size, size), *how)

    torch.testing.assert_close(of_torch(), of_product(), rtol=0.02, atol=1.0)
    before, after = _milliseconds(of_torch), _milliseconds(of_product)
    used = "" if side * side <= SMALL_MAP else "  (left to torch)"
    print(
        f"{f'{size}×{size}/{stride}':>8}{f'{channels}→{features}':>12}{f'{side}²':>8}"
        f"{before:9.2f}{after:9.2f}{before / after:7.1f}{used}"
    )


if __name__ == "__main__":
    main()
