"""VAE-GAN: copies get closer, who is moved by what, labels are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from studio.core.family_info import Task
from studio.core.media import Image, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.image.vaegan import VAEGAN

SIZE = 28
STEPS = 50


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
    small = {"steps": STEPS, "width": 4, "code": 8, "batch_size": 8, "learning_rate": 6e-3}
    family = VAEGAN(VAEGAN.recipe_type(**small | options), Compute())
    torch.manual_seed(0)
    spec = DataSpec(
        modality=Modality.IMAGE, shape=(1, SIZE, SIZE), labels=("left", "right"), count=256
    )
    family.setup(spec)
    return family


@pytest.fixture(scope="module")
def trained() -> VAEGAN:
    torch.set_num_threads(1)
    family = made()
    items, labels = halves(256, 0)
    for step in range(STEPS):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(256, (8,))
        family.train_step(Batch(items[chosen], labels[chosen]))
    for network in family.networks().values():
        network.eval()
    return family


def test_copies_get_closer_and_labels_are_found(trained: VAEGAN) -> None:
    items, labels = halves(32, 1)
    before = float(made().validate(Batch(items, labels))["val_pixels"])
    after = float(trained.validate(Batch(items, labels))["val_pixels"])
    assert after < 0.15 * before
    assert (trained.guess_labels(items) == labels).float().mean() > 0.9
    files = ((items[:4] + 1) * 127.5).round().numpy().astype(np.uint8)
    request = SampleRequest(task=Task.RECONSTRUCT, inputs=files)
    copies = list(trained.sample(request, lambda _done, _total: None))
    for copy, label in zip(copies, labels[:4].tolist(), strict=True):
        assert isinstance(copy, Image)
        left = copy.pixels[:, : SIZE // 2].mean() > copy.pixels[:, SIZE // 2 :].mean()
        assert left == (label == 0)


def test_the_critic_and_the_copies_take_turns() -> None:
    """The critic's turn moves the critic alone; the other turn encoder and decoder."""
    items, labels = halves(32, 0)
    family = made()
    family.step = 1  # without a penalty
    turn = family._with_draws(Batch(items, labels))
    family.minimise(family.critic_optimiser, family._critic_loss, turn)
    moved = {name: _moved(network) for name, network in family.networks().items()}
    assert moved == {"encoder": False, "decoder": False, "critic": True}
    family = made()
    family.minimise(family.copy_optimiser, family._copy_loss, family._with_wanted(turn))
    moved = {name: _moved(network) for name, network in family.networks().items()}
    assert moved == {"encoder": True, "decoder": True, "critic": False}


def test_new_pictures_do_not_move_the_encoder() -> None:
    """L_GAN is of new pictures alone: without the other terms the encoder stays."""
    items, labels = halves(32, 0)
    family = made(likeness=1e-9, pixels=0, beta=0)
    turn = family._with_wanted(family._with_draws(Batch(items, labels)))
    family.minimise(family.copy_optimiser, family._copy_loss, turn)
    largest = max(float(p.grad.abs().max()) for p in family.encoder.parameters())
    drawn = max(float(p.grad.abs().max()) for p in family.decoder.parameters())
    assert largest < 1e-6 * drawn


def test_a_code_has_one_copy_and_a_shorter_one_is_more_usual(trained: VAEGAN) -> None:
    labels = torch.zeros(8, dtype=torch.int64)
    usual, far = (trained.draw(range(8), variety, labels) for variety in (0.1, 2.0))
    with torch.no_grad():
        assert torch.equal(trained.decode(usual, labels), trained.decode(usual, labels))
        spread = [trained.decode(codes, labels).std(0).mean() for codes in (usual, far)]
    assert spread[0] < 0.5 * spread[1]


def _moved(network: torch.nn.Module) -> bool:
    grads = [p.grad for p in network.parameters() if p.grad is not None]
    return any(float(grad.abs().sum()) > 0 for grad in grads)
