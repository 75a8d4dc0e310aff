"""Style transfer: repaints pictures with the colours and strokes of style pictures.

This file is how the painter learns and paints. Its network is in `style_networks.py`, what it is
judged by in `style_features.py` and `style_transfer_losses.py`, the settings in
`style_transfer_recipe.py`, how mixtures are written in `style_mix.py`, and the texts in
`style_transfer_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.media import Media
from studio.core.options import SampleSettings
from studio.core.recipe import DataSpec
from studio.core.style_mix import mixture
from studio.data.modality import modality_data
from studio.data.weights import find_weights
from studio.families.base import Losses, Tick
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.style_features import Features, OwnFeatures, Teacher, load_vgg19
from studio.families.image.style_networks import StyleBook, Styliser
from studio.families.image.style_transfer_info import INFO
from studio.families.image.style_transfer_losses import (
    beyond,
    content_distance,
    moments,
    roughness,
    style_distance,
)
from studio.families.image.style_transfer_recipe import (
    PRESETS,
    StyleTransferRecipe,
    StyleTransferSettings,
)
from studio.families.layers.colour import coloured
from studio.families.translation import (
    TranslationFamily,
    TranslationSettings,
    both,
    decay_late,
    partner_shape,
    side_by_side,
)

_FEATURE_WIDTH = 16
_FEATURE_RATE = 2e-3
#: Share of a run in which texture mode learns to see.
SEEING = 0.3
_SLOWEST = 0.02  # of the painter's learning rate, while it learns to see
_FULL = 0.5  # share of the pictures that are painted at full strength while it learns
_REWORK_RATE = 0.02


class StyleTransfer(TranslationFamily[StyleTransferRecipe]):
    """A painter for several styles, and what it sees with in texture mode."""

    info = INFO
    recipe_type = StyleTransferRecipe
    presets = PRESETS
    sampling_type = StyleTransferSettings
    averaged = ("styliser", "book", "own")

    def build(self, spec: DataSpec) -> None:
        """Make the painter, and what texture mode sees with."""
        recipe = self.recipe
        _, height, width = partner_shape(spec)
        self.styliser = Styliser(spec.partner_count, recipe.width, recipe.blocks)
        self.book = StyleBook(spec.partner_count, height, width)
        self.optimiser = torch.optim.Adam(
            self.styliser.parameters(), lr=recipe.learning_rate, fused=True
        )
        self.own = nn.Module()
        if recipe.features == "own":
            self.own = OwnFeatures(_FEATURE_WIDTH)
            self.teacher = Teacher(_FEATURE_WIDTH)
            self.feature_optimiser = torch.optim.Adam(
                [*self.own.parameters(), *self.teacher.parameters()], lr=_FEATURE_RATE, fused=True
            )

    def published(self, settings: SampleSettings | None) -> tuple[str, ...]:
        """Return VGG-19's id where it is what the painter sees with."""
        thorough = isinstance(settings, StyleTransferSettings) and settings.thorough
        wanted = settings is None or thorough
        return ("vgg19",) if wanted and self.recipe.features == "vgg19" else ()

    @property
    def features(self) -> Features:
        """What style and content are measured by."""
        if isinstance(self.own, OwnFeatures):
            return self.own
        path = find_weights("vgg19")
        if path is None:
            raise StudioError(
                "VGG-19 is not here",
                "This model sees with VGG-19, and its file of 548 MB was not found.",
                "It is fetched when a training begins or a picture is reworked: connect to the"
                " internet then, or choose texture mode.",
            )
        return load_vgg19(path, self.compute.device)

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Learn to see, early in texture mode, and paint a batch of pictures."""
        recipe = self.recipe
        # slowly at first: what texture mode sees with is not what it will be
        rate = recipe.learning_rate * max(self._seeing, _SLOWEST)
        decay_late(self.optimiser, rate, self.step / recipe.steps)
        batch = _in_colour(batch)
        pictures, styles = both(batch)
        assert batch.partner_index is not None
        self.book.note(styles, batch.partner_index)
        shown: Losses = {}
        if self._seeing < 1:
            for group in self.feature_optimiser.param_groups:
                group["lr"] = _FEATURE_RATE * (1 - self._seeing)
            shown |= self.minimise(self.feature_optimiser, self._seeing_loss, batch)
        # full strength for some, any strength for the others
        drawn = torch.rand(2, len(pictures), device=pictures.device)
        strength = torch.where(drawn[0] < _FULL, 1.0, drawn[1])
        batch = replace(batch, draws={"strength": strength})
        return shown | self.minimise(self.optimiser, self._loss, batch, clip=10.0)

    @property
    def _seeing(self) -> float:
        """How much of the time to learn to see is over, 1 when all of it is."""
        if self.recipe.features != "own":
            return 1.0
        return min(1.0, self.step / max(1.0, SEEING * self.recipe.steps))

    def _seeing_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        assert isinstance(self.own, OwnFeatures)
        pictures = torch.cat(both(batch))
        drawn = self.teacher(self.own(pictures))
        loss = functional.l1_loss(drawn.float(), pictures)
        return loss, {"drawn": loss}

    def _loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        pictures, styles = both(batch)
        strength = batch.draws["strength"]
        assert batch.partner_index is not None
        chosen = functional.one_hot(batch.partner_index, self.styliser.styles).float()
        made = self.styliser(pictures, chosen * strength[:, None]).float()
        features = self.features
        with torch.no_grad():
            content = features(pictures)
            style = [moments(found) for found in features(styles)]
        found = features(made)
        far = style_distance([moments(each) for each in found], style)
        moved = content_distance(found, content)
        loss = self._weighed(made, pictures, far, moved, strength)
        return loss, {"loss": loss, "style": far.mean(), "content": moved.mean()}

    def _weighed(
        self, made: Tensor, pictures: Tensor, far: Tensor, moved: Tensor, strength: Tensor
    ) -> Tensor:
        """Return one loss of pictures: content + style + what keeps them smooth and in range.

        L = E[c + α s d + (1 − s) |x̂ − x|] + β TV + overshoot   (Johnson et al. 2016, equation 5),
        with content c, style distance d and strength s; the third term is ours, for the strengths
        between nothing and full.
        """
        apart = (made - pictures).abs().mean((1, 2, 3))
        asked = moved + self.recipe.style * strength * far + (1 - strength).clamp_min(0) * apart
        rough = self.recipe.smooth * roughness(made) + beyond(made)
        return (asked + rough).mean()

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure pictures at full strength, once texture mode has learned to see."""
        if self._seeing < 1:
            return {}
        batch = _in_colour(batch)
        full = torch.ones(len(batch), device=batch.items.device)
        loss, shown = self._loss(replace(batch, draws={"strength": full}))
        return {f"val_{name}": value for name, value in (shown | {"loss": loss}).items()}

    # ------------------------------------------------------------------------------ painting

    def way(self, settings: TranslationSettings) -> tuple[nn.Module, int]:
        """Return the painter with its mixture of styles."""
        asked = settings if isinstance(settings, StyleTransferSettings) else self.sampling_type()
        names = self.spec.partner_names
        mix = torch.tensor([mixture(asked.styles, names)], device=self.compute.device)
        return _Painter(self.styliser, mix * asked.strength), 3

    def made(
        self, network: nn.Module, picture: Tensor, settings: TranslationSettings, tick: Tick
    ) -> Tensor:
        """Return a picture (1, 3, H, W) painted, and reworked where that is asked for."""
        painted = super().made(network, picture, settings, tick)
        steps = settings.thorough if isinstance(settings, StyleTransferSettings) else 0
        if not steps or not isinstance(network, _Painter):
            return painted
        # outside of the inference mode that sampling runs in: this needs gradients
        with torch.inference_mode(False), torch.enable_grad(), self.compute.full_precision():
            return self._reworked(painted.clone(), picture.clone(), network.mix, steps, tick)

    def _reworked(
        self, start: Tensor, picture: Tensor, mix: Tensor, steps: int, tick: Tick
    ) -> Tensor:
        """Correct pixels by gradient descent (Gatys et al. 2016), from a painted picture on."""
        features, mix = self.features, mix.clone()
        strength = mix.sum(1)
        shares = (mix / strength.clamp_min(1e-6))[0]
        with torch.no_grad():
            content = features(picture)
            styles = [moments(found) for found in features(self.book.pictures.clone())]
        pixels = start.detach().requires_grad_()
        optimiser = torch.optim.Adam([pixels], lr=_REWORK_RATE)
        for step in range(steps):
            optimiser.zero_grad(set_to_none=True)
            found = features(pixels)
            each = [moments(maps).expanded(len(shares)) for maps in found]
            far = (shares * style_distance(each, styles)).sum()[None]
            moved = content_distance(found, content)
            loss = self._weighed(pixels, picture, far, moved, strength)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            tick(step + 1, steps)
        return pixels.detach()

    @torch.inference_mode()
    def show(self, batch: Batch) -> Iterator[Media]:
        """Show pictures beside a style and what it makes of them."""
        batch = _in_colour(batch)
        pictures, styles = both(batch)
        assert batch.partner_index is not None
        chosen = functional.one_hot(batch.partner_index, self.styliser.styles).float()
        with self.compute.precision():
            made = self.styliser(pictures, chosen)
        rows = side_by_side(pictures, styles, made)
        data = modality_data(self.spec.modality)
        yield from data.to_media(rows, [{"input": index} for index in range(len(rows))], self.spec)

    def exported(self) -> dict[str, Exportable]:
        """Return the painter, whose mixture of styles is an input."""
        side, count = self.spec.shape[-1], self.styliser.styles

        def draw(rows: int, seed: int) -> tuple[Tensor, ...]:
            generator = torch.Generator().manual_seed(seed)
            pictures = torch.rand(rows, 3, side, side, generator=generator) * 2 - 1
            mix = torch.rand(rows, count, generator=generator).softmax(1)
            return pictures.to(self.compute.device), mix.to(self.compute.device)

        names = ", ".join(self.spec.partner_names)
        return {
            "painter": Exportable(
                module=self.styliser,
                inputs=("picture", "mix"),
                output="painted",
                draw=draw,
                about=f"Repaints pictures (3, {side}, {side}) in −1 … 1; mix holds how much of each"
                f" style there is to be, together the strength: {names}.",
            )
        }


class _Painter(nn.Module):
    """The painter with a mixture (1, styles)."""

    def __init__(self, styliser: Styliser, mix: Tensor) -> None:
        super().__init__()
        self.styliser, self.mix = styliser, mix

    def forward(self, pictures: Tensor) -> Tensor:
        made: Tensor = self.styliser(pictures, self.mix.expand(len(pictures), -1))
        return made


def _in_colour(batch: Batch) -> Batch:
    """Return a batch whose pictures and styles have three colours."""
    pictures, styles = both(batch)
    return replace(batch, items=coloured(pictures, 3), partner=coloured(styles, 3))
