"""Turning the user's own pictures into another kind: whole pictures, at their own size.

A model that learned from small pictures knows things at that scale: how large an eye or a leaf
is in pixels. So a picture is brought to about that scale, translated, and enlarged again, its
edges and its fine detail taken from the user's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.core.media import Image, Media
from studio.core.options import SampleSettings, option
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.base import Family, R, SampleRequest, Tick, part_of
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.layers.colour import coloured
from studio.families.layers.guided import enlarged_with_detail, resized


class TranslationSettings(SampleSettings):
    """How pictures are translated."""

    side: int = option(
        0,
        title="Works at",
        help="Shorter side at which the model sees your original. Automatic takes the size that it"
        " learned at, where it knows best how large things are. More keeps finer detail and"
        " changes colours and textures rather than shapes. Never more than your original has.",
        group="Size",
        term="inference resolution",
        unit="px",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=8192,
    )
    detail: bool = option(
        True,
        title="Keep own detail",
        help="Takes edges and fine detail from your original when the result is enlarged to its"
        " size. Off, the result is enlarged as it is, and soft.",
        group="Size",
        term="guided upsampling",
        main=True,
    )
    limit: int = option(
        4096,
        title="Size limit",
        help="Longer side of a result at most; larger ones come out smaller.",
        group="Size",
        unit="px",
        ge=64,
        le=16_384,
    )


def partner_shape(spec: DataSpec) -> tuple[int, ...]:
    """Return the shape of the second dataset's items, which may have other colours, no other size.

    Raises:
        StudioError: There is no second dataset, or its pictures have another size.
    """
    if not spec.partner_shape:
        raise StudioError(
            "A second dataset is needed",
            "This model learns to turn pictures of one kind into another, and only one was given.",
            "Choose the dataset of the other kind beside the first.",
        )
    if spec.partner_shape[1:] != spec.shape[1:]:
        (height, width), (other_height, other_width) = spec.shape[-2:], spec.partner_shape[-2:]
        raise StudioError(
            "The two datasets differ in size",
            f"Pictures of {width} × {height} pixels cannot be turned into"
            f" {other_width} × {other_height} pixels.",
            "Prepare both datasets at the same size.",
        )
    return spec.partner_shape


def both(batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the items of the first and of the second dataset."""
    if batch.partner is None:
        raise ValueError("a translation learns from batches with a partner")
    return batch.items, batch.partner


def decay_late(optimiser: torch.optim.Optimizer, rate: float, done: float) -> None:
    """Set the learning rate: `rate` for the first half, then down to 0 in a straight line.

    Args:
        done: Share of the steps that are done.
    """
    for group in optimiser.param_groups:
        group["lr"] = rate * min(1.0, 2 * max(1 - done, 0.0))


class TranslationFamily(Family[R]):
    """A family whose networks turn pictures into others; sampling follows from `way`."""

    sampling_type: ClassVar[type[TranslationSettings]] = TranslationSettings

    @abstractmethod
    def way(self, settings: TranslationSettings) -> tuple[nn.Module, int]:
        """Return the network that translates as asked for, and the colours that it wants."""

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Translate pictures one after the other, each at its own size."""
        self.refuse_other_tasks(request)
        pictures = [medium for medium in request.media if isinstance(medium, Image)]
        if not pictures:
            raise StudioError(
                "Nothing to translate",
                "This task starts from your own pictures and none were given.",
                "Drop one or more pictures on the Make panel.",
            )
        settings = self.settings_of(request)
        network, channels = self.way(settings)
        network.eval()
        data = modality_data(self.spec.modality)
        for index, picture in enumerate(pictures):
            part = part_of(tick, index, len(pictures))
            made = self.translated(network, tensor_of(picture, channels), settings, part)
            yield from data.to_media(made, [{"input": index}], self.spec)

    def made(
        self, network: nn.Module, picture: Tensor, settings: TranslationSettings, tick: Tick
    ) -> Tensor:
        """Return what a network of `way` makes of a picture (1, C, H, W) on the device."""
        with self.compute.precision():
            translated: Tensor = network(picture)
        tick(1, 1)
        return translated.float()

    def settings_of(self, request: SampleRequest) -> TranslationSettings:
        """Return how a request wants its media translated."""
        asked = request.settings
        return asked if isinstance(asked, TranslationSettings) else self.sampling_type()

    def translated(
        self, network: nn.Module, picture: Tensor, settings: TranslationSettings, tick: Tick
    ) -> Tensor:
        """Return a picture (1, C, H, W) on the CPU translated, at its size or at the limit."""
        own = (picture.shape[2], picture.shape[3])
        final = final_size(own, settings)
        whole = resized(picture, final)
        small = resized(picture, self._seen_size(own, settings.side))
        made = self.made(network, small.to(self.compute.device), settings, tick).cpu()
        if settings.detail and made.shape[2] < whole.shape[2]:
            return enlarged_with_detail(made, small, whole)
        return resized(made, final)

    def _seen_size(self, own: tuple[int, int], side: int) -> tuple[int, int]:
        """Return the size at which the network sees a picture of a size (H, W)."""
        if side:
            return scaled(own, min(1.0, side / min(own)))
        learned: int = self.spec.shape[-1]
        return scaled(own, learned / min(own))


def translator(network: nn.Module, shape: tuple[int, ...], words: str) -> Exportable:
    """Return a network that turns pictures of a shape into others, as it leaves.

    Args:
        words: What it turns into what.
    """
    channels, side = shape[0], shape[-1]

    def draw(count: int, seed: int) -> tuple[Tensor, ...]:
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.rand(count, channels, side, side, generator=generator) * 2 - 1
        return (drawn.to(next(network.parameters()).device),)

    return Exportable(
        module=network,
        inputs=("picture",),
        output="translated",
        draw=draw,
        about=f"Turns pictures ({channels}, {side}, {side}) in −1 … 1 of {words}.",
    )


def final_size(own: tuple[int, int], settings: TranslationSettings) -> tuple[int, int]:
    """Return the size (H, W) of what is made of a picture of a size."""
    return scaled(own, min(1.0, settings.limit / max(own)))


def scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """Return a size (H, W) times a factor, in whole pixels."""
    height, width = (max(1, round(side * factor)) for side in size)
    return height, width


def tensor_of(picture: Image, channels: int) -> Tensor:
    """Return a picture (1, channels, H, W) in −1 … 1 on the CPU."""
    pixels = torch.from_numpy(np.array(picture.pixels))  # (H, W, C), a copy of our own
    return coloured(pixels.permute(2, 0, 1)[None].float() / 127.5 - 1, channels)


def side_by_side(*pictures: Tensor) -> Tensor:
    """Return pictures (B, C, H, W) next to each other, (B, C, H, n W), in colour where one is."""
    channels = max(each.shape[1] for each in pictures)
    return torch.cat([coloured(each.float(), channels) for each in pictures], dim=3)
