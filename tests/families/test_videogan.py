"""The video GAN: shapes, what content and motion each do, and that it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from studio.core.family_info import Task
from studio.core.media import Clip, Modality
from studio.core.recipe import DataSpec
from studio.families.base import SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.video.space_time import TimeConv, as_clips, as_frames
from studio.families.video.videogan import VideoGAN, _chosen, _unlike_drawn
from studio.families.video.videogan_networks import ClipCritic, HalvingConv
from studio.families.video.videogan_recipe import VideoGANRecipe, VideoGANSampling

SHAPE = (1, 6, 16, 16)


def _family(labels: int = 0, **options: Any) -> VideoGAN:
    small = {"steps": 200, "batch_size": 16, "width": 8, "code": 8, "motion": 4} | options
    family = VideoGAN(VideoGANRecipe(**small), Compute())
    torch.manual_seed(0)
    family.setup(
        DataSpec(
            modality=Modality.VIDEO,
            shape=SHAPE,
            labels=tuple(map(str, range(labels))),
            count=64,
            resources={"fps": "8"},
        )
    )
    return family


def _moving(count: int) -> Tensor:
    """Return clips of a bright bar that moves down, wide or narrow, from one of four rows on."""
    clips = torch.full((count, *SHAPE), -1.0)
    for index in range(count):
        width, start = (4, 12)[index % 2], index // 2 % 4
        for frame in range(SHAPE[1]):
            row = (start + frame) % 14
            clips[index, 0, frame, row : row + 2, 2 : 2 + width] = 1
    return clips


def _no_tick(_done: int, _total: int) -> None:
    pass


def test_frames_and_clips_are_the_same_pictures() -> None:
    clips = torch.rand(2, 3, 5, 4, 4)
    frames = as_frames(clips)
    assert torch.equal(frames[6], clips[1, :, 1])
    assert torch.equal(as_clips(frames, 5), clips)


def test_a_convolution_along_time_is_torch_s_own() -> None:
    layer = TimeConv(3, 4, 3, stride=2)
    clips = torch.rand(2, 3, 7, 4, 5)
    weight = layer.conv.weight[..., None]  # (4, 3, 3, 1, 1)
    wanted = functional.conv3d(clips, weight, layer.conv.bias, stride=(2, 1, 1), padding=(1, 0, 0))
    assert torch.allclose(layer(clips), wanted, atol=1e-6)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("in_time", [True, False])
def test_a_halving_convolution_is_torch_s_own(in_time: bool, layout: torch.memory_format) -> None:
    layer = HalvingConv(3, 5, in_time).to(memory_format=layout)
    clips = torch.rand(2, 3, 7, 8, 8)
    weight = layer.weight.contiguous().view(5, 3, -1, 4, 4)
    along, beyond = (2, 1) if in_time else (1, 0)
    wanted = functional.conv3d(clips, weight, layer.bias, (along, 2, 2), (beyond, 1, 1))
    assert torch.allclose(layer(clips), wanted, atol=1e-6)
    assert wanted.shape == (2, 5, 3 if in_time else 7, 4, 4)


@pytest.mark.parametrize("length", [1, 2, 5, 24])
def test_the_critic_of_clips_sees_every_frame(length: int) -> None:
    critic = ClipCritic((1, length, 16, 16), 4, 0)
    clips = torch.rand(2, 1, length, 16, 16, requires_grad=True)
    critic(clips).sum().backward()
    assert clips.grad is not None
    assert clips.grad.abs().amax((0, 1, 3, 4)).min() > 0


def test_frames_are_chosen_by_clip() -> None:
    clips = torch.rand(2, 3, 5, 4, 4)
    chosen = _chosen(clips, torch.tensor([[0, 4], [2, 1]]))
    assert torch.equal(chosen[1, :, 0], clips[1, :, 2])
    assert torch.equal(chosen[0, :, 1], clips[0, :, 4])


def test_a_clip_that_does_not_walk_stands_still() -> None:
    generator = _family().generator.eval()
    motion = torch.rand(2, 1, 4).expand(-1, SHAPE[1], -1)
    clips = generator.drawn(torch.randn(2, 8), motion, None)
    assert clips.shape == (2, *SHAPE)
    assert torch.allclose(clips, clips[:, :, :1].expand_as(clips), atol=1e-5)


@pytest.mark.parametrize("labels", [0, 3])
def test_own_clips_are_animated_anew_and_drawn_again(labels: int) -> None:
    family = _family(labels)
    own = ((_moving(2) + 1) * 127.5).byte().permute(0, 2, 3, 4, 1).numpy()
    inputs = np.repeat(own, 2, axis=0)
    settings = VideoGANSampling(frames=11)
    request = SampleRequest(task=Task.VARY, seeds=(3, 4, 3, 4), inputs=inputs, settings=settings)
    made = [each for each in family.sample(request, _no_tick) if isinstance(each, Clip)]
    assert [each.frames.shape for each in made] == [(11, 16, 16, 1)] * 4
    assert [each.facts["seed"] for each in made] == [3, 4, 3, 4]
    assert not np.array_equal(made[0].frames, made[1].frames)
    request = SampleRequest(task=Task.RECONSTRUCT, inputs=own)
    drawn = [each for each in family.sample(request, _no_tick) if isinstance(each, Clip)]
    assert [each.frames.shape for each in drawn] == [(6, 16, 16, 1)] * 2


def test_what_clips_show_is_to_lie_where_codes_are_drawn() -> None:
    codes = torch.randn(4000, 8, generator=torch.Generator().manual_seed(0))
    assert _unlike_drawn(codes) < 0.01
    assert _unlike_drawn(codes + 1) > 0.9
    assert _unlike_drawn(0.1 * codes) > 0.7


def test_it_learns_to_draw_what_moves() -> None:
    torch.manual_seed(0)
    family = _family(learning_rate=3e-3)
    clips = _moving(64)
    still = (clips - clips.mean((0, 2), keepdim=True)).abs().mean()  # by the mean picture alone
    generator = torch.Generator().manual_seed(1)
    for step in range(240):
        family.step = step
        chosen = torch.randint(0, 64, (16,), generator=generator)
        shown = family.train_step(Batch(clips[chosen]))
    assert all(value.isfinite() for value in shown.values())
    assert family.validate(Batch(clips[:16]))["val_redrawn"] < 0.5 * still
    made = family.decode(family.draw(range(16), 1.0, None), None).detach()
    moves = [each.diff(dim=2).abs().mean() for each in (made, clips)]
    assert 0.3 < moves[0] / moves[1] < 3
    # light where the bars are, dark where they never are
    assert made[..., 14:].mean() < made[..., 2:6].mean() - 0.1
