"""How frequent tokens are: what a model foresees that knows nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studio.data.tokenisers import PAD


def unigram_entropy(items: npt.NDArray[Any], vocabulary: int) -> float:
    """Return the entropy of the tokens' frequencies in prepared rows, in nats; 0 without any.

    H = −Σ p ln p (Shannon 1948): the surprise at each token of who knows the frequencies alone.
    What fills rows up counts as nothing.
    """
    counts = np.bincount(items.reshape(-1), minlength=vocabulary).astype(np.float64)
    counts[PAD] = 0
    shares = counts[counts > 0] / max(counts.sum(), 1.0)
    return float(-(shares * np.log(shares)).sum())
