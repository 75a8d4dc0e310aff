"""Fine-tuned models: checkpoints are checked and read, LoRA corrects little, both kinds work."""

from __future__ import annotations

import copy
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from tiny_checkpoints import CONTEXT, shared_checkpoint, tiny_checkpoint
from torch import nn

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Modality, Text
from studio.core.recipe import DataSpec
from studio.data.text.tokeniser_files import read_file_tokeniser
from studio.data.text.tokenisers import RESOURCE as TOKENISER
from studio.data.text.tokenisers import CharacterTokeniser
from studio.engine.checkpoint import load_weights
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.text import pretrained_lm_checkpoint
from studio.families.text.pretrained_lm import RESOURCE, PretrainedLM
from studio.families.text.pretrained_lm_lora import Lora, add_lora
from studio.families.text.pretrained_lm_recipe import PretrainedRecipe, PretrainedSettings

SIZE = 32
TALE = "the cat sat on the mat. the dog ran to the log. the fox saw the box. " * 30


def _spec(folder: Path, size: int = SIZE) -> DataSpec:
    tokens = read_file_tokeniser(folder)
    return DataSpec(
        modality=Modality.TEXT,
        shape=(size + 1,),
        vocabulary=tokens.vocabulary,
        resources={TOKENISER: tokens.to_json()},
        statistics={"bytes_per_token": 1.0, "characters_per_token": 1.0},
    )


def _family(folder: Path, **options: Any) -> PretrainedLM:
    small = {"checkpoint": str(folder), "steps": 40, "batch_size": 8, "learning_rate": 5e-3}
    torch.manual_seed(0)
    family = PretrainedLM(PretrainedRecipe(**(small | options)), Compute())
    family.setup(_spec(folder))
    return family


def _rows(folder: Path) -> torch.Tensor:
    ids = read_file_tokeniser(folder).encode(TALE)
    count = len(ids) // (SIZE + 1)
    return torch.from_numpy(ids[: count * (SIZE + 1)].reshape(count, -1))


def _train(family: PretrainedLM, rows: torch.Tensor, steps: int, start: int = 0) -> None:
    for network in family.networks().values():
        network.train()
    for step in range(start, start + steps):
        family.step = step
        torch.manual_seed(step)
        family.train_step(Batch(rows[torch.randint(len(rows), (8,))]))


def _measure(family: PretrainedLM, rows: torch.Tensor) -> float:
    family.writer.eval()
    return float(family.validate(Batch(rows[:16]))[family.info.best])


@pytest.fixture(scope="module")
def gpt2() -> Path:
    return shared_checkpoint()


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("bert"), "bert")


# -------------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("way", ["lora", "full"])
@pytest.mark.parametrize("kind", ["gpt2", "bert"])
def test_fine_tuning_lowers_the_surprise(
    kind: str, way: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(kind)
    family, rows = _family(folder, way=way), _rows(folder)
    before = {name: tensor.clone() for name, tensor in family.writer.state_dict().items()}
    surprise = _measure(family, rows)
    _train(family, rows, 40)
    assert _measure(family, rows) < surprise - (0.05 if way == "lora" else 0.5)
    after = family.writer.state_dict()
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    lora = {name for name in after if name.endswith((".up", ".down"))}
    assert changed == (lora if way == "lora" else set(after))
    assert (set(dict(family.writer.named_parameters())) == lora) == (way == "lora")


@pytest.mark.parametrize("kind", ["distilbert", "roberta"])
def test_relatives_of_bert_can_be_fine_tuned_too(kind: str, tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path / kind, kind)
    family, rows = _family(folder), _rows(folder)
    surprise = _measure(family, rows)
    _train(family, rows, 30)
    assert _measure(family, rows) < surprise
    (made,) = family.sample(
        SampleRequest(task=Task.FILL, seeds=[1], prompt="the c[…]t sat"), lambda _a, _b: None
    )
    assert isinstance(made, Text)
    assert made.text.endswith("t sat")


def test_lora_begins_as_the_layer_was_and_keeps_ties() -> None:
    layers = nn.ModuleDict({"blocks": nn.ModuleList([nn.Linear(5, 7)]), "head": nn.Linear(7, 5)})
    layers["tied"] = nn.Linear(7, 5, bias=False)
    layers["tied"].weight = layers["head"].weight  # type: ignore[assignment]
    before = copy.deepcopy(layers)
    assert add_lora(layers, 2, 4.0, 0.0) == 1
    changed = layers["blocks"][0]  # type: ignore[index]
    assert isinstance(changed, Lora)
    x = torch.randn(3, 5)
    assert torch.equal(changed(x), before["blocks"][0](x))  # type: ignore[index]
    assert {name for name, _ in layers.named_parameters()} == {"blocks.0.down", "blocks.0.up"}
    assert layers["tied"].weight is layers["head"].weight
    nn.init.ones_(changed.up)
    wanted = before["blocks"][0](x) + 2 * (x @ changed.down.T).sum(1, keepdim=True)  # type: ignore[index]
    torch.testing.assert_close(changed(x), wanted)


def test_goes_on_without_the_folder_from_what_was_kept(gpt2: Path, tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    shutil.copytree(gpt2, folder)
    family, rows = _family(folder), _rows(folder)
    _train(family, rows, 5)
    family.writer.eval()
    shutil.rmtree(folder)
    # what a package holds: the recipe, the spec, and the averaged networks
    spec = DataSpec.model_validate_json(family.spec.model_dump_json())
    assert str(tmp_path) not in spec.resources[RESOURCE]
    again = PretrainedLM(family.recipe, Compute())
    again.setup(spec)
    weights = {f"writer.{name}": t for name, t in family.writer.state_dict().items()}
    # a tensor that stands in two places is stored once, and safetensors takes no other
    weights = load(save(weights))
    assert not any("lm_head" in name for name in weights)
    load_weights(again, weights, again.averaged)
    again.writer.eval()
    tokens = rows[:2, :20]
    assert torch.equal(again.writer(tokens), family.writer(tokens))
    made = [
        next(each.sample(SampleRequest(seeds=[3], prompt="the cat"), lambda _a, _b: None))
        for each in (family, again)
    ]
    assert made[0] == made[1]


# --------------------------------------------------------------------------------------- writing


def test_writing_with_memory_equals_the_library_at_once(gpt2: Path) -> None:
    import transformers

    family = _family(gpt2)
    family.writer.eval()
    library = transformers.GPT2LMHeadModel.from_pretrained(gpt2).eval()
    tokens = _rows(gpt2)[:2, :20]
    with torch.no_grad():
        wanted = library(input_ids=tokens).logits
        cache = family.writer.empty_cache(2)  # type: ignore[operator]
        first = family.writer(tokens[:, :12], cache, skip=11)
        rest = [family.writer(tokens[:, place : place + 1], cache) for place in range(12, 20)]
    assert cache.length == 20
    torch.testing.assert_close(torch.cat([first, *rest], 1), wanted[:, 11:], rtol=1e-4, atol=1e-5)


def test_writes_beyond_what_the_network_can_look_back(gpt2: Path) -> None:
    family = _family(gpt2)
    family.writer.eval()
    settings = PretrainedSettings(length=2 * CONTEXT)
    (made,) = family.sample(SampleRequest(seeds=[1], settings=settings), lambda _a, _b: None)
    assert isinstance(made, Text)
    assert len(made.tokens) > CONTEXT or made.facts["ended"]


def test_each_kind_does_what_it_can(gpt2: Path, bert: Path) -> None:
    writes, fills = _family(gpt2), _family(bert)
    assert writes.info.tasks == (Task.GENERATE,)
    assert fills.info.tasks == (Task.FILL,)
    assert PretrainedLM.info.tasks == (Task.GENERATE, Task.FILL)
    for family, task in ((writes, Task.FILL), (fills, Task.GENERATE)):
        request = SampleRequest(task=task, seeds=[1], prompt="the […] sat")
        with pytest.raises(StudioError, match="does not offer"):
            list(family.sample(request, lambda _a, _b: None))
    request = SampleRequest(task=Task.FILL, seeds=[1, 2], prompt="the […] sat")
    made = list(fills.sample(request, lambda _a, _b: None))
    assert all(isinstance(each, Text) and each.text.endswith(" sat") for each in made)
    assert len(list(fills.show(Batch(_rows(bert)[:3])))) == 3


def test_the_token_that_ends_a_text_is_learned_though_it_fills_up_too(gpt2: Path) -> None:
    family = _family(gpt2)
    family.writer.eval()
    end = family.tokeniser.end
    assert family.pad == end
    read = torch.tensor([[end, 5, 6, 7, end, end]])
    with torch.no_grad():
        cost = family.cost(read[:, :-1], read[:, 1:])
        short = family.cost(read[:, :4], read[:, 1:5])
    torch.testing.assert_close(cost, short)


# -------------------------------------------------------------------------- what is not accepted


def _refused(folder: Path) -> str:
    with pytest.raises(StudioError) as caught:
        _family(folder)
    return f"{caught.value.title} {caught.value.message} {caught.value.hint}"


def test_folders_that_cannot_be_used_say_why(gpt2: Path, tmp_path: Path) -> None:
    def changed(name: str, **config: Any) -> Path:
        folder = tmp_path / name
        shutil.copytree(gpt2, folder)
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | config))
        return folder

    assert "llama" in _refused(changed("other", model_type="llama"))
    broken = changed("broken")
    (broken / "config.json").write_text("{")
    assert "cannot be read" in _refused(broken)
    empty = changed("empty")
    (empty / "model.safetensors").unlink()
    assert "no model.safetensors" in _refused(empty)
    (empty / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert "safe_serialization" in _refused(empty)
    cut = changed("cut")
    raw = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(raw[: len(raw) // 2])
    assert "weights cannot be read" in _refused(cut)
    assert "missing" in _refused(changed("lacks", n_layer=3))


def test_code_of_a_checkpoint_never_runs(gpt2: Path, tmp_path: Path) -> None:
    folder = tmp_path / "coded"
    shutil.copytree(gpt2, folder)
    path = folder / "config.json"
    own = {"auto_map": {"AutoModelForCausalLM": "own.Own", "AutoConfig": "own.Config"}}
    path.write_text(json.dumps(json.loads(path.read_text()) | own))
    marker = tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    family = _family(folder)
    assert type(family.writer.model).__name__ == "GPT2LMHeadModel"
    assert not marker.exists()


def test_texts_in_other_tokens_are_not_learned(gpt2: Path) -> None:
    family = PretrainedLM(PretrainedRecipe(checkpoint=str(gpt2)), Compute())
    tokens = CharacterTokeniser("abc")
    spec = _spec(gpt2).model_copy(
        update={"resources": {TOKENISER: tokens.to_json()}, "vocabulary": tokens.vocabulary}
    )
    with pytest.raises(StudioError, match="others"):
        family.setup(spec)
    with pytest.raises(StudioError, match="at once"):
        PretrainedLM(PretrainedRecipe(checkpoint=str(gpt2)), Compute()).setup(_spec(gpt2, 200))
    with pytest.raises(StudioError, match="trained before"):
        PretrainedLM(PretrainedRecipe(), Compute()).setup(_spec(gpt2))


def test_a_missing_library_is_named(gpt2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained_lm_checkpoint, "find_spec", lambda _name: None)
    assert "pip install 'transformers" in _refused(gpt2)


def test_the_recipe_brings_its_tokens_along(gpt2: Path) -> None:
    recipe = PretrainedRecipe(checkpoint=str(gpt2))
    assert recipe.prepares() == {"tokeniser": "file", "tokeniser_file": str(gpt2)}
    assert PretrainedRecipe().prepares() == {}


def test_the_library_is_loaded_by_nobody_else() -> None:
    source = Path(pretrained_lm_checkpoint.__file__).read_text("utf-8")
    top = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert not any("transformers" in line for line in top)
    assert "studio.families.text.pretrained_lm" in sys.modules
