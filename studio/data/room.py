"""Room for what an item becomes: in memory, or in a temporary file where that is too much."""

from __future__ import annotations

import math
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

#: Bytes that are kept in memory of one item; more goes to a temporary file.
IN_MEMORY = 192 << 20


def room(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an array of zeros; a large one lies in a temporary file that goes when it does."""
    if math.prod(shape) * np.dtype(dtype).itemsize <= IN_MEMORY:
        return np.zeros(shape, dtype)
    with TemporaryFile() as file:  # the array keeps it
        return np.memmap(file, dtype, "w+", shape=shape)
