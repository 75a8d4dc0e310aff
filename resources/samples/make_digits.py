"""Make `digits.npz` from scikit-learn's copy of the optical digits of the UCI repository."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
images = (digits.images * (255 / 16)).round().astype(np.uint8)  # the source counts 0 to 16
np.savez_compressed(
    Path(__file__).with_name("digits.npz"), images=images, labels=digits.target.astype(np.uint8)
)
