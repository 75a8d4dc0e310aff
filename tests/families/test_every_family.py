"""What every family must do, whatever it is: this test finds families by itself."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from tiny_data import COUNT, LABELS, tiny, tiny_recipe
from torch import nn

from studio.core.family_info import WHOLE_TASKS, Task
from studio.core.media import Clip, Film, Image, Media, Modality, Music, Text
from studio.core.paths import resource
from studio.data.modality import modality_data
from studio.data.music import midi
from studio.engine.registry import families
from studio.families import latent_projection
from studio.families.base import Family, SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute

#: What is said in tasks that work on the user's own words.
PROMPTS = {Task.ANSWER: "the small red hen", Task.FILL: "the small […] hen ran up"}


@pytest.fixture(scope="module", params=families())
def family_id(request: pytest.FixtureRequest) -> str:
    """Return each family in turn: all tests of one come together."""
    found: str = request.param
    return found


def _make(family_id: str, compute: Compute | None = None, **changes: Any) -> Family[Any]:
    kind = families()[family_id]
    recipe = tiny_recipe(kind, **{"steps": 4, "batch_size": COUNT} | changes)
    family = kind(recipe, compute or Compute())
    torch.manual_seed(1)
    spec = tiny(kind.info).spec
    if kind.info.partner:
        names = tuple(f"number {place}" for place in range(COUNT))
        partner = {"partner_shape": spec.shape, "partner_count": COUNT, "partner_names": names}
        spec = spec.model_copy(update=partner)
    family.setup(spec)
    return family


def _batch(family: Family[Any]) -> Batch:
    spec, items = tiny(family.info)[:2]
    times = family.batches_per_step
    items = items.repeat(times, *[1] * (items.dim() - 1))
    places = torch.arange(COUNT).repeat(times)
    words = None
    if spec.caption_length:
        words = torch.arange(COUNT * spec.caption_length).view(COUNT, -1) % spec.caption_vocabulary
    two = bool(family.info.partner)
    return Batch(
        items,
        labels=places % len(LABELS),
        captions=words[places] if words is not None else None,
        partner=-items if two else None,
        partner_index=places if two else None,
    )


def _step(family: Family[Any], step: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(100 + step)
    family.step = step
    return family.train_step(_batch(family))


@pytest.fixture(scope="module")
def stepped(family_id: str) -> Family[Any]:
    """Return a family that learned one step, for tests that leave it as it is."""
    family = _make(family_id)
    _step(family, 0)
    return family


def _parameters(family: Family[Any]) -> dict[str, nn.Parameter]:
    return {
        f"{name}.{key}": parameter
        for name, network in family.networks().items()
        for key, parameter in network.named_parameters()
    }


def test_describes_itself(family_id: str) -> None:
    kind = families()[family_id]
    info = kind.info
    assert info.id == family_id
    assert info.papers
    assert resource(info.explains).read_text("utf-8").count("\n") > 10
    assert info.best in info.metrics
    assert info.metrics[info.best].better
    assert set(info.figures) <= set(info.metrics)
    assert [preset.id for preset in kind.presets] == ["quick", "balanced", "best"]
    for preset in kind.presets:
        kind.recipe_type(**preset.options)
        modality_data(info.modality).preparation(**preset.preparation)


def test_two_steps_stay_finite_and_reach_every_parameter(family_id: str) -> None:
    family = _make(family_id)
    for step in range(2):
        losses = _step(family, step)
        assert losses
        assert set(losses) <= set(family.info.metrics)
        for name, value in losses.items():
            assert value.numel() == 1, name
            assert not value.requires_grad, name
            assert torch.isfinite(value), name
        for name, parameter in _parameters(family).items():
            assert parameter.grad is not None, f"{name} gets no gradient"
            assert parameter.grad.isfinite().all(), name


def test_held_out_metrics_are_described(stepped: Family[Any]) -> None:
    measured = stepped.validate(_batch(stepped))
    assert all(name.startswith("val_") and name in stepped.info.metrics for name in measured)
    assert all(torch.isfinite(value) for value in measured.values())


def test_what_is_measured_on_its_samples_is_described(stepped: Family[Any]) -> None:
    if Task.GENERATE not in stepped.info.tasks:
        pytest.skip("it makes nothing from seeds")
    seeds = range(3 if stepped.info.modality is Modality.IMAGE else 24)  # a few words say nothing
    made = list(stepped.sample(SampleRequest(seeds=seeds), lambda _done, _total: None))
    measures = import_module(f"studio.evaluate.{stepped.info.modality}")
    measured = measures.sample_statistics(made, made)
    assert measured
    for name in measured:
        assert stepped.info.metrics[name].about == "samples", name


def test_goes_on_exactly_after_save_and_load(family_id: str) -> None:
    first = _make(family_id)
    _step(first, 0)
    stored = io.BytesIO()
    parts = first.networks() | first.optimisers()
    torch.save({name: part.state_dict() for name, part in parts.items()}, stored)
    stored.seek(0)
    second = _make(family_id)
    _step(second, 3)  # another way, so that loading has something to undo
    states = torch.load(stored, weights_only=True)
    for name, part in (second.networks() | second.optimisers()).items():
        part.load_state_dict(states[name])
    losses, again = _step(first, 1), _step(second, 1)
    assert {k: v.item() for k, v in losses.items()} == {k: v.item() for k, v in again.items()}
    for (name, a), b in zip(_parameters(first).items(), _parameters(second).values(), strict=True):
        assert torch.equal(a, b), name


def test_a_seed_always_makes_the_same_item(stepped: Family[Any]) -> None:
    if Task.GENERATE not in stepped.info.tasks:
        pytest.skip("it makes nothing from seeds")
    media_class = tiny(stepped.info).media
    ticks: list[tuple[int, int]] = []

    def make(seeds: list[int]) -> list[Media]:
        request = SampleRequest(seeds=seeds, labels=[seed % len(LABELS) for seed in seeds])
        return list(stepped.sample(request, lambda done, total: ticks.append((done, total))))

    alone, among = make([7]), make([3, 7, 11])
    assert len(among) == 3
    assert all(isinstance(media, media_class) for media in among)
    assert ticks[-1][0] == ticks[-1][1] > 0
    pixels = [media.pixels for media in (*alone, *among) if isinstance(media, Image)]
    if pixels:
        channels, height, width = stepped.spec.shape
        assert all(p.shape == (height, width, channels) for p in pixels)
        assert all(p.dtype == np.uint8 for p in pixels)
        # another batch size may change the order of sums, so the last step of grey
        assert np.abs(pixels[0].astype(int) - pixels[2].astype(int)).max() <= 1
        assert np.array_equal(pixels[0], make([7])[0].pixels)  # type: ignore[attr-defined]
        assert not np.array_equal(pixels[1], pixels[2])
    clips = [media.frames for media in (*alone, *among) if isinstance(media, Clip)]
    if clips:
        channels, _, height, width = stepped.spec.shape
        assert all(frames.shape[1:] == (height, width, channels) for frames in clips)
        assert all(frames.dtype == np.uint8 for frames in clips)
        assert np.abs(clips[0].astype(int) - clips[2].astype(int)).max() <= 1
        assert not np.array_equal(clips[1], clips[2])
    if media_class is Text:
        texts = [each.text for each in (*alone, *among) if isinstance(each, Text)]
        assert texts[0] == texts[2]
        assert len(set(texts)) > 1
    if media_class is Music:
        tunes = [midi.write(each) for each in (*alone, *among) if isinstance(each, Music)]
        assert tunes[0] == tunes[2]


def test_what_starts_from_items_shows_what_it_does(stepped: Family[Any]) -> None:
    if Task.GENERATE in stepped.info.tasks:
        pytest.skip("its samples come from seeds")
    batch = _batch(stepped)
    with torch.inference_mode():
        shown, again = list(stepped.show(batch)), list(stepped.show(batch))
    assert len(shown) == len(again) == len(batch)
    for first, second in zip(shown, again, strict=True):
        assert isinstance(first, tiny(stepped.info).media)
        if isinstance(first, Image) and isinstance(second, Image):
            assert np.array_equal(first.pixels, second.pixels)
        if isinstance(first, Clip) and isinstance(second, Clip):
            assert np.array_equal(first.frames, second.frames)


def test_every_task_makes_something(stepped: Family[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_projection, "STEPS", 3)  # that it arrives is another test's work
    data = tiny(stepped.info)
    files, whole = data.rows, data.whole
    mask = np.zeros(stepped.spec.shape[1:], np.float32)
    if mask.ndim:
        mask[: len(mask) // 2] = 1
    expected = {Task.INTERPOLATE: 5, Task.MORPH: 5}
    from_seeds = (Task.GENERATE, Task.INTERPOLATE)
    for task in stepped.info.tasks:
        masked = [np.zeros((side, side + 7), np.float32) + 1 for side in (33, 48)]
        request = SampleRequest(
            task=task,
            seeds=[1, 2],
            inputs=files if task not in WHOLE_TASKS.union(from_seeds) else None,
            media=whole if task in WHOLE_TASKS else (),
            masks=masked if task is Task.RESTORE else [mask, mask] if task is Task.INPAINT else (),
            frames=4,
            prompt=PROMPTS.get(task, ""),
        )
        media = list(stepped.sample(request, lambda _done, _total: None))
        assert len(media) == expected.get(task, 2), task
        assert all(each.facts for each in media), task
        for each in media:
            if isinstance(each, Film):
                _play(each)


def _play(film: Film) -> None:
    """Read a film that a model makes while it is read."""
    frames = list(film.frames())
    assert frames
    assert len(frames) == film.count or not film.count
    for frame in frames:
        assert frame.shape == (film.height, film.width, 3)
        assert frame.dtype == np.uint8


def test_parts_of_a_batch_add_up_to_the_whole(family_id: str) -> None:
    """Where no layer looks across the batch, a step in three parts corrects as one in one."""
    whole, parts = _make(family_id), _make(family_id, Compute(micro_batches=3))
    if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in _modules(whole)):
        pytest.skip("batch normalisation looks across the batch")
    first, second = _step(whole, 0), _step(parts, 0)
    for (name, a), b in zip(_parameters(whole).items(), _parameters(parts).values(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        # as vectors: before a normalisation single numbers are little else than rounding
        assert (a.grad - b.grad).norm() <= 2e-3 * a.grad.norm() + 1e-4, name
    for name in ("neg_elbo", "loss"):
        if name in first:
            torch.testing.assert_close(first[name], second[name], rtol=1e-4, atol=1e-3)


def _modules(family: Family[Any]) -> list[nn.Module]:
    return [module for network in family.networks().values() for module in network.modules()]
