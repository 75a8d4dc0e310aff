"""Sizes that networks with halving and doubling stages can work on."""

from __future__ import annotations

from studio.core.errors import StudioError

SMALLEST, LARGEST = 28, 128


def stages(size: int, smallest: int = SMALLEST, largest: int = LARGEST) -> tuple[int, int]:
    """Return (base, n) with `size` = base · 2ⁿ and base in 4 … 7: 64 is 4 · 2⁴, 28 is 7 · 2².

    Raises:
        StudioError: There is no such pair, or the size is out of bounds.
    """
    fitting = [s for s in range(smallest, largest + 1) if _split(s)]
    if size not in fitting:
        nearest = sorted(sorted(fitting, key=lambda s: abs(s - size))[:2])
        raise StudioError(
            "This picture size does not fit the network",
            f"The network doubles its picture several times, starting from 4 to 7 pixels, and"
            f" works from {smallest} to {largest} pixels; {size} pixels cannot be reached.",
            f"Set the size of the pictures to {' or '.join(map(str, nearest))} pixels.",
        )
    found = _split(size)
    assert found
    return found


def square(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (colours, size) of square pictures (C, H, W); raises StudioError for others."""
    colours, height, width = shape
    if height != width:
        raise StudioError(
            "The pictures must be square",
            f"The network was asked for pictures of {width} × {height} pixels.",
            "Choose crop, pad or stretch in the preparation, so that the pictures become square.",
        )
    return colours, height


def _split(size: int) -> tuple[int, int] | None:
    halvings = 0
    while size > 7 and size % 2 == 0:
        size, halvings = size // 2, halvings + 1
    return (size, halvings) if 4 <= size <= 7 and halvings else None
