"""How frequent tokens or loudnesses are: what a model foresees that knows nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studio.data.text.tokenisers import PAD


def unigram_entropy(items: npt.NDArray[Any], vocabulary: int) -> float:
    """Return the entropy of the tokens' frequencies in prepared rows, in nats; 0 without any.

    It is the surprise at each token of who knows the frequencies alone. What fills rows up counts
    as nothing.
    """
    counts = np.bincount(items.reshape(-1), minlength=vocabulary).astype(np.float64)
    counts[PAD] = 0
    return _entropy(counts)


def loudness_entropy(items: npt.NDArray[np.int16]) -> float:
    """Return the entropy of the 256 µ-law steps in prepared recordings (N, C, L), in nats.

    The steps are those of `families/audio/companding.py`. What fills recordings up, silence at the
    end that is exactly 0, counts as nothing.
    """
    counts = np.zeros(1 << 16, np.int64)
    for row in items:
        heard = np.flatnonzero(row.any(0))
        if len(heard):
            own = row[:, : heard[-1] + 1].astype(np.int64).ravel()
            counts += np.bincount(own + 32768, minlength=1 << 16)
    values = np.arange(-32768, 32768) / 32768
    # f(x) = sgn(x) ln(1 + 255 |x|) / ln 256   (ITU-T G.711)
    steps = np.round(127.5 * np.sign(values) * np.log1p(255 * np.abs(values)) / np.log(256)) + 128
    return _entropy(np.bincount(steps.astype(np.int64).clip(0, 255), weights=counts))


def _entropy(counts: npt.NDArray[Any]) -> float:
    """Return H = −Σ p ln p of what was counted (Shannon 1948), in nats; 0 without any."""
    shares = counts[counts > 0] / max(counts.sum(), 1.0)
    return float(-(shares * np.log(shares)).sum())
