"""VAE-GAN: copies get closer, the gates hold back who is ahead, labels are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.vaegan import VAEGAN

SIZE = 28


def halves(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return pictures that are bright at the left (0) or the right (1), more or less."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    level = torch.rand(count, 1, 1, 1, generator=generator) * 0.8 + 0.2
    items = -torch.ones(count, 1, SIZE, SIZE)
    left = torch.arange(SIZE) < SIZE // 2
    bright = torch.where(labels[:, None] == 0, left, ~left)[:, None, None, :]
    return torch.where(bright, level, items), labels


def made(**options: Any) -> VAEGAN:
    small = {"steps": 120, "width": 8, "code": 8, "batch_size": 32, "learning_rate": 2e-3}
    family = VAEGAN(VAEGAN.recipe_type(**small | options), Compute())
    torch.manual_seed(0)
    spec = DataSpec(
        modality=Modality.IMAGE, shape=(1, SIZE, SIZE), labels=("left", "right"), count=256
    )
    family.setup(spec)
    return family


def trained(family: VAEGAN, steps: int) -> VAEGAN:
    items, labels = halves(256, 0)
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(256, (32,))
        family.train_step(Batch(items[chosen], labels[chosen]))
    for network in family.networks().values():
        network.eval()
    return family


def test_copies_get_closer_and_labels_are_found() -> None:
    torch.set_num_threads(1)
    items, labels = halves(32, 1)
    family = made()
    before = float(family.validate(Batch(items, labels))["val_pixels"])
    family = trained(family, 120)
    after = float(family.validate(Batch(items, labels))["val_pixels"])
    assert after < 0.15 * before
    assert (family.guess_labels(items) == labels).float().mean() > 0.9
    files = ((items[:4] + 1) * 127.5).round().numpy().astype(np.uint8)
    request = SampleRequest(task=Task.RECONSTRUCT, inputs=files)
    copies = list(family.sample(request, lambda _done, _total: None))
    for copy, label in zip(copies, labels[:4].tolist(), strict=True):
        assert isinstance(copy, Image)
        left = copy.pixels[:, : SIZE // 2].mean() > copy.pixels[:, SIZE // 2 :].mean()
        assert left == (label == 0)


def test_the_mixture_is_fitted_to_the_codes() -> None:
    family = trained(made(mixture_parts=2), 5)
    items, labels = halves(256, 0)
    family.finish(iter([Batch(items, labels)]))
    assert family.mixture.is_fitted
    plain = made(mixture_parts=0)
    plain.finish(iter([Batch(items, labels)]))
    assert not plain.mixture.is_fitted


def test_who_is_ahead_waits() -> None:
    """With a balance that no score can leave the right way, one of the two gets no correction."""
    items, labels = halves(32, 0)
    family = made(equilibrium=2.0, margin=0.0)  # the critic's score is below: it is ahead
    family.train_step(Batch(items, labels))
    assert all(float(p.grad.abs().sum()) == 0 for p in family.critic.parameters())
    family = made(equilibrium=0.1, margin=0.0)  # above: the critic learns
    family.train_step(Batch(items, labels))
    assert any(float(p.grad.abs().sum()) > 0 for p in family.critic.parameters())
