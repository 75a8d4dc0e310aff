"""What families with a latent space share: labels of the user's own files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo, Task
from studio.core.media import Modality
from studio.core.options import FamilyRecipe
from studio.core.recipe import DataSpec
from studio.families.base import Batch, Compute, Losses, SampleRequest, noise
from studio.families.latent import LatentFamily

SHAPE = (1, 8, 8)


class Mirror(LatentFamily[FamilyRecipe]):
    """A labelled family whose codes are the pictures, and that guesses no labels."""

    info = FamilyInfo(
        id="mirror",
        title="Mirror",
        modality=Modality.IMAGE,
        tasks=(Task.GENERATE, Task.RECONSTRUCT),
        summary="",
        needs="",
    )
    averaged = ("network",)

    def build(self, spec: DataSpec) -> None:
        self.network = nn.Identity()
        self.label_slots(wanted=True)

    def train_step(self, batch: Batch) -> Losses:
        return {}

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        return noise(seeds, SHAPE, self.compute.device)

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        return items

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        return codes


def test_a_family_that_guesses_no_labels_asks_for_one() -> None:
    family = Mirror(FamilyRecipe(), Compute())
    family.setup(DataSpec(modality=Modality.IMAGE, shape=SHAPE, labels=("cat", "dog")))
    files = np.zeros((1, *SHAPE), np.uint8)
    asked = SampleRequest(task=Task.RECONSTRUCT, inputs=files, labels=[1])
    assert len(list(family.sample(asked, lambda _done, _total: None))) == 1
    with pytest.raises(StudioError, match="cannot tell which one") as error:
        list(
            family.sample(
                SampleRequest(task=Task.RECONSTRUCT, inputs=files), lambda _done, _total: None
            )
        )
    assert "Choose the label" in error.value.hint
