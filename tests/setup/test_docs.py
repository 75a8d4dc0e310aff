"""The documentation is true: its example family trains and samples, its links lead somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_example_family_learns_and_samples() -> None:
    import torch

    from studio.core.media import Modality
    from studio.core.recipe import DataSpec
    from studio.families.base import SampleRequest
    from studio.families.batch import Batch
    from studio.families.compute import Compute

    text = (ROOT / "docs" / "add-a-family.md").read_text("utf-8")
    source = text.split("```python\n")[1].split("```")[0]
    module = ModuleType("example_family")
    sys.modules[module.__name__] = module  # pydantic looks the annotations up there
    try:
        exec(source, module.__dict__)
        family = module.Autoencoder(module.AutoencoderRecipe(), Compute())
        family.setup(DataSpec(modality=Modality.IMAGE, shape=(1, 8, 8)))
    finally:
        del sys.modules[module.__name__]
    batch = Batch(torch.rand(16, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    errors = [float(family.train_step(batch)["error"]) for _ in range(30)]
    assert errors[-1] < errors[0]
    made = list(family.sample(SampleRequest(seeds=[1, 2, 1]), lambda _done, _total: None))
    assert [each.pixels.shape for each in made] == [(8, 8, 1)] * 3
    assert (made[0].pixels == made[2].pixels).all()
    assert (made[0].pixels != made[1].pixels).any()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
