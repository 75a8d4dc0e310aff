"""The FID itself, where the user has the weights of the Inception network that defines it.

The network is the one of Heusel et al. 2017, TensorFlow's release of 2015-12-05, as torch-fidelity
computes it: with the resizing and the padding that the published numbers were made with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from studio.core.errors import StudioError
from studio.core.work import Work
from studio.data.weights import WEIGHTS, find_weights
from studio.evaluate.distance import frechet_distance

_ID = "inception"
_BATCH = 32


def inception_distance(
    made: Iterator[Tensor], real: Iterator[Tensor], total: int, work: Work
) -> float | None:
    """Return the FID of made pictures; None where the weights are not.

    Args:
        made: Pictures one by one, (C, H, W) in −1 … 1, grey or in colour.
        real: The same of real pictures.
        total: How many both are together.

    Raises:
        StudioError: The file of weights is damaged or another one.
    """
    path = find_weights(_ID)
    if path is None:
        return None
    network = _network(path)
    done = [0]

    def looked(pictures: Iterator[Tensor]) -> Tensor:
        found = []
        while batch := [picture for _, picture in zip(range(_BATCH), pictures, strict=False)]:
            levels = torch.stack(batch).add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
            with torch.inference_mode():
                found.append(network(levels.expand(-1, 3, -1, -1))[0])
            done[0] += len(batch)
            work.progress("Looking with Inception", done[0], total, "pictures")
        return torch.cat(found)

    return frechet_distance(looked(made), looked(real))


def _network(path: Path) -> FeatureExtractorInceptionV3:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if not found.startswith(WEIGHTS[_ID].sha256):
        raise StudioError(
            "The file does not hold Inception's weights",
            f"{path} is damaged or another file than torch-fidelity's"
            f" {WEIGHTS[_ID].file}, so no FID can be measured.",
            "Put the right file in its place, or delete it to measure without FID.",
        )
    # the library would run whatever is pickled in a file: it gets one of tensors alone
    with TemporaryDirectory(prefix="studio-") as folder:
        safe = Path(folder) / path.name
        torch.save(torch.load(path, map_location="cpu", weights_only=True), safe)
        return FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(safe)
        ).eval()
