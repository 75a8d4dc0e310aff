"""Every network that leaves for other programs gives the numbers that PyTorch gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from tiny_data import tiny, tiny_recipe

from studio.core.errors import StudioError
from studio.core.media import Modality
from studio.engine.onnx_files import PARITY, _export
from studio.engine.registry import families
from studio.engine.variants import prune, soup
from studio.families.base import Family
from studio.families.compute import Compute

#: Families whose networks other programs can use; the others say that they cannot leave.
LEAVING = [name for name, kind in families().items() if kind.exported is not Family.exported]
STAYING = [name for name in families() if name not in LEAVING]


def untrained(family_id: str) -> Family[Any]:
    kind = families()[family_id]
    family = kind(tiny_recipe(kind), Compute())
    spec = tiny(kind.info).spec
    if kind.info.partner:
        spec = spec.model_copy(update={"partner_shape": spec.shape, "partner_count": 3})
    torch.manual_seed(0)
    family.setup(spec)
    for network in family.networks().values():
        network.eval()
    return family


def test_all_that_draw_with_networks_leave() -> None:
    pictures = {name for name, kind in families().items() if kind.info.modality is Modality.IMAGE}
    assert pictures - {"procedural"} <= set(LEAVING)


@pytest.mark.parametrize("family_id", LEAVING)
def test_every_network_leaves_with_its_numbers(family_id: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    for name, network in untrained(family_id).exported().items():
        path = tmp_path / f"{name}.onnx"
        _export(network, path)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        known = {each.name for each in session.get_inputs()}
        for count in (1, 5):
            inputs = network.draw(count, count)
            with torch.inference_mode():
                wanted = network.module(*inputs).numpy()
            pairs = zip(network.inputs, inputs, strict=True)
            fed = {key: tensor.numpy() for key, tensor in pairs if key in known}
            (found,) = session.run(None, fed)
            assert found.shape == wanted.shape
            assert np.abs(found - wanted).max() <= PARITY


@pytest.mark.parametrize("family_id", STAYING)
def test_what_stays_in_the_studio_says_so(family_id: str) -> None:
    kind = families()[family_id]
    with pytest.raises(StudioError, match="could do nothing"):
        kind(kind.recipe_type(**kind.presets[0].options), Compute()).exported()


def test_a_soup_is_the_mean_and_keeps_counters() -> None:
    one = {"a": torch.tensor([1.0, 2.0]), "n": torch.tensor(3)}
    two = {"a": torch.tensor([3.0, 6.0]), "n": torch.tensor(9)}
    mean = soup([one, two])
    assert mean["a"].tolist() == [2.0, 4.0]
    assert mean["n"].item() == 9
    assert mean["a"].dtype == torch.float32


def test_the_smallest_weights_of_all_layers_go_and_biases_stay() -> None:
    small, large = torch.nn.Linear(4, 2), torch.nn.Conv2d(1, 2, 2)
    with torch.no_grad():
        small.weight.copy_(torch.arange(8).view(2, 4) / 100)
        large.weight.copy_(torch.arange(8).view(2, 1, 2, 2) + 1.0)
        small.bias.fill_(1e-6)
    prune([small, large], 0.5)
    assert not small.weight.any()
    assert large.weight.all()
    assert small.bias.all()
    prune([small, large], 0.75)
    assert int((large.weight == 0).sum()) == 4
