"""Video diffusion: it learns how things move, follows what is asked and keeps what is given.

What it shares with diffusion of pictures is tested in `test_diffusion.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from studio.core.errors import StopRequested, StudioError
from studio.core.family_info import Task
from studio.core.media import Clip, Film, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.video.video_diffusion import VideoDiffusion
from studio.families.video.video_diffusion_networks import (
    GIVEN,
    FineFilter,
    TimeAttention,
    TimeMixing,
)
from studio.families.video.video_diffusion_recipe import (
    VideoDiffusionRecipe,
    VideoDiffusionSampling,
)

SIZE, FRAMES = 8, 6
PACE, WIDE = 2, 3  # pixels from frame to frame, pixels of a bar
TINY = {"width": 16, "given": 0.5, "patch": 1, "batch_size": 16, "learning_rate": 6e-3}


def bars(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return clips of a bright bar that moves to the left (0) or to the right (1), all around.

    No frame by itself tells where it goes.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    start = torch.randint(SIZE // PACE, (count,), generator=generator) * PACE
    moved = (2 * labels - 1)[:, None] * PACE * torch.arange(FRAMES)  # (N, T)
    column = torch.arange(SIZE) - (start[:, None] + moved)[:, :, None]  # (N, T, W)
    row = torch.where(column % SIZE < WIDE, 1.0, -1.0)
    return row[:, None, :, None].expand(-1, 1, -1, SIZE, -1).contiguous(), labels


def made(steps: int = 160, shape: tuple[int, ...] = (1, FRAMES, SIZE, SIZE), **options: Any) -> Any:
    items, _ = bars(64, 0)
    family = VideoDiffusion(VideoDiffusionRecipe(**TINY | {"steps": steps} | options), Compute())
    torch.manual_seed(0)
    family.setup(
        DataSpec(
            modality=Modality.VIDEO,
            shape=shape,
            labels=("left", "right"),
            count=256,
            statistics={"mean": float(items.mean()), "std": float(items.std())},
            resources={"fps": "8.0"},
        )
    )
    return family


@pytest.fixture(scope="module")
def learned() -> VideoDiffusion:
    torch.set_num_threads(1)
    family: VideoDiffusion = made()
    items, labels = bars(256, 0)
    for step in range(family.recipe.steps):
        torch.manual_seed(step)
        family.step = step
        chosen = torch.randint(len(items), (16,))
        family.train_step(Batch(items[chosen], labels[chosen]))
    family.denoiser.eval()
    return family


def test_the_fine_filter_learns_at_once_what_grain_is() -> None:
    torch.manual_seed(0)
    filtering = FineFilter(1, 2, 8)
    optimiser = torch.optim.Adam(filtering.parameters(), lr=1e-2)
    condition = torch.zeros(4 * 3, 8)
    errors = []
    for _ in range(60):
        still = torch.rand(4, 1, 1, 1, 1).expand(4, 1, 3, 7, 9)
        grain = torch.randn(4, 1, 3, 7, 9)  # no whole number of squares
        errors.append((filtering(still + grain, condition) - grain).square().mean())
        optimiser.zero_grad()
        torch.autograd.backward(errors[-1])
        optimiser.step()
    assert 0.8 < float(errors[0].detach()) < 1.2  # it said nothing
    assert float(errors[-1].detach()) < 0.2


def _no_tick(_done: int, _total: int) -> None:
    pass


def frames_of(family: VideoDiffusion, request: SampleRequest) -> npt.NDArray[np.float64]:
    """Return what a request makes, (N, T, H, W) in 0 … 255."""
    found = [each for each in family.sample(request, _no_tick) if isinstance(each, Clip)]
    frames = np.stack([each.frames[..., 0] for each in found])
    return frames.astype(np.float64)


def goes_right(frames: npt.NDArray[np.float64]) -> bool:
    """Tell whether what a clip (T, H, W) shows is found to the right in the frame after."""

    def missed(by: int) -> float:
        return float(np.abs(np.roll(frames[:-1], by, axis=2) - frames[1:]).mean())

    return missed(PACE) < missed(-PACE)


def film(frames: npt.NDArray[np.uint8]) -> Film:
    return Film(lambda: iter(frames), SIZE, SIZE, 8.0, len(frames))


# ------------------------------------------------------------------------------------- layers


def test_at_first_no_frame_knows_of_another() -> None:
    """Layers along time begin at zero; once they say something, every frame counts for all."""
    family = made()
    unet = family.denoiser.unet
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if ".along." not in name and not parameter.any():
                parameter.normal_(std=0.1)
    clips, condition = bars(2, 1)[0], torch.randn(2 * FRAMES, family.denoiser.size)
    changed = clips.clone()
    changed[0, :, 2] = 0

    def seen() -> Tensor:
        with torch.no_grad():
            difference: Tensor = unet(clips, condition) - unet(changed, condition)
        return difference.abs().amax((1, 3, 4))  # (B, T)

    alone = seen()
    assert alone[0, 2] > 1e-3
    alone[0, 2] = 0
    assert alone.max() < 1e-5
    awake(unet)
    together = seen()
    assert together[0].min() > 1e-5
    assert together[1].max() < 1e-5  # another clip


def awake(network: nn.Module) -> None:
    """Let all layers say something."""
    with torch.no_grad():
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)


def test_attention_along_time_looks_at_one_place_and_knows_the_moments() -> None:
    torch.manual_seed(0)
    layer = TimeAttention(32, 5)
    awake(layer)
    layer.norm = nn.Identity()  # type: ignore[assignment]  # which mixes places
    maps = torch.randn(10, 32, 3, 4)  # two clips
    changed = maps.clone()
    changed[1, :, 2, 3] += 1
    with torch.no_grad():
        difference = (layer(maps) - layer(changed)).abs().amax(1)  # (B · T, H, W)
        swapped = layer(maps[[1, 0, 2, 3, 4]])[[1, 0, 2, 3, 4]]
        plain = layer(maps[:5])
    assert difference[:5, 2, 3].min() > 0
    difference[:5, 2, 3] = 0
    assert difference.max() < 1e-6
    assert (swapped - plain).abs().max() > 1e-3


# ------------------------------------------------------------------------------------ learning


def test_learns_and_needs_time_for_it(learned: VideoDiffusion) -> None:
    items, labels = bars(32, 7)
    batch = Batch(items, labels)
    before = float(made().validate(batch)["val_loss"])
    found = float(learned.validate(batch)["val_loss"])
    assert found < 0.35 * before
    frozen = made()
    frozen.denoiser.load_state_dict(learned.denoiser.state_dict())
    with torch.no_grad():
        for module in frozen.denoiser.modules():
            if isinstance(module, TimeMixing):
                module.conv.conv.weight.zero_()
            if isinstance(module, TimeAttention):
                module.attention.out.weight.zero_()
    frozen.denoiser.eval()
    assert float(frozen.validate(batch)["val_loss"]) > 1.3 * found


def test_the_beginning_of_some_clips_is_shown_without_noise() -> None:
    family = made(given=0.5)
    items, labels = bars(400, 0)
    torch.manual_seed(0)
    batch = family._with_draws(Batch(items, labels))
    given = batch.draws["given"]
    shown = given.any(1)
    assert float(shown.float().mean()) == pytest.approx(0.5, abs=0.08)
    assert torch.equal(given[shown].float().mean(0), torch.tensor([1.0] * 3 + [0.0] * 3))
    # what is shown says by itself, in most clips, what the label would say
    assert (
        (batch.labels == 2)[shown].float().mean() > 0.6 > (batch.labels == 2)[~shown].float().mean()
    )
    levels = family._levels(batch)
    assert (levels[given] == GIVEN).all()
    assert (levels[~given] > GIVEN).all()
    assert (levels[:, 3:] == levels[:, -1:]).all()
    # and it is no part of the error
    errors = torch.where(given[:, None, :, None, None], 100.0, 2.0).expand_as(items)
    assert torch.equal(family._per_item(errors, batch), torch.full((400,), 2.0))
    assert not made(given=0.0)._with_draws(Batch(items, labels)).draws["given"].any()


def test_new_clips_move_as_asked_and_look_like_the_data(learned: VideoDiffusion) -> None:
    labels = [0, 1] * 8
    found = frames_of(learned, SampleRequest(seeds=range(16), labels=labels))
    real = ((bars(64, 9)[0][:, 0] + 1) * 127.5).numpy()
    assert found.shape == (16, FRAMES, SIZE, SIZE)
    right = [goes_right(clip) == bool(label) for clip, label in zip(found, labels, strict=True)]
    assert sum(right) >= 14
    moves = [float(np.abs(np.diff(clips, axis=1)).mean()) for clips in (found, real)]
    assert 0.6 < moves[0] / moves[1] < 1.4
    assert abs(found.mean() - real.mean()) < 20
    # most is clearly bright or dark, as bars are: of even noise it would be 47 %
    assert ((found < 60) | (found > 195)).mean() > 0.75


def test_a_seed_is_a_clip(learned: VideoDiffusion) -> None:
    settings = VideoDiffusionSampling(steps=4)

    def clips(seeds: list[int]) -> npt.NDArray[np.float64]:
        labels = [seed % 2 for seed in seeds]
        return frames_of(learned, SampleRequest(seeds=seeds, labels=labels, settings=settings))

    many = clips(list(range(18)))  # more than are made at once
    few = clips([17, 3])
    assert np.abs(many[[17, 3]] - few).max() <= 1
    assert np.array_equal(few, clips([17, 3]))
    assert not np.array_equal(few[0], few[1])


# -------------------------------------------------------------------------- from one's own clips


def test_strength_says_how_far_variations_go(learned: VideoDiffusion) -> None:
    items, _ = bars(3, 4)
    files = ((items + 1) * 127.5).to(torch.uint8).permute(0, 2, 3, 4, 1).numpy()

    def away(strength: float) -> float:
        settings = VideoDiffusionSampling(strength=strength, steps=8)
        request = SampleRequest(Task.VARY, seeds=[1, 2, 3], inputs=files, settings=settings)
        return float(np.abs(frames_of(learned, request) - files[..., 0]).mean())

    near, middle, far = (away(strength) for strength in (0.05, 0.5, 1.0))
    assert near < 10
    assert near < middle < far


def continued(family: VideoDiffusion, source: Film, **settings: Any) -> npt.NDArray[np.uint8]:
    request = SampleRequest(
        task=Task.CONTINUE, seeds=[1], media=[source], settings=VideoDiffusionSampling(**settings)
    )
    (found,) = family.sample(request, _no_tick)
    assert isinstance(found, Film)
    assert found.count == source.count + settings["more"]
    return np.stack(list(found.frames()))


def test_a_film_goes_on_as_it_began(learned: VideoDiffusion) -> None:
    """Without a label, the direction can be seen in the given frames alone; they stay."""
    items, labels = bars(8, 21)
    right = 0
    for item, label in zip(items, labels, strict=True):
        frames = ((item[0, :3, :, :, None] + 1) * 127.5).to(torch.uint8).expand(-1, -1, -1, 3)
        given = frames.numpy()
        whole = continued(learned, film(given), more=3, steps=10)
        assert np.array_equal(whole[:3], given)
        assert len(whole) == FRAMES
        right += goes_right(whole[2:, ..., 0].astype(float)) == bool(label)
    assert right >= 7


def test_given_frames_hold_at_every_level_of_noise() -> None:
    """What a stretch of frames is filled up to begins with them, to the last bit."""
    family = made()
    awake(family.denoiser)
    past = torch.rand(1, 1, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 2 - 1
    settings = VideoDiffusionSampling(steps=3)
    clip = family._filled(past, 5, None, SampleRequest(), settings, lambda: None)
    assert torch.equal(clip[:, :, :3], past)
    assert (clip[:, :, 3:] - past[:, :, -1:]).abs().mean() > 0.1


def test_it_goes_on_for_long_and_can_be_stopped() -> None:
    family = made()
    generator = np.random.default_rng(0)
    source = film(generator.integers(0, 256, (4, SIZE, SIZE, 3), dtype=np.uint8))
    whole = continued(family, source, more=7, steps=2)
    assert len(whole) == 11
    assert np.array_equal(whole, continued(family, source, more=7, steps=2))
    # each stretch begins with noise of its own
    assert not np.array_equal(whole[4:7], whole[7:10])

    def stop(done: int, total: int) -> None:
        assert total == 7
        if done == 3:
            raise StopRequested(save=False)

    request = SampleRequest(
        task=Task.CONTINUE,
        seeds=[1],
        media=[source],
        settings=VideoDiffusionSampling(more=7, steps=2),
    )
    (found,) = family.sample(request, stop)
    assert isinstance(found, Film)
    with pytest.raises(StopRequested):
        list(found.frames())


def test_single_frames_are_refused() -> None:
    with pytest.raises(StudioError, match="single frame"):
        made(shape=(1, 1, SIZE, SIZE))
