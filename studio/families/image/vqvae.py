"""VQ-VAE: pictures as texts of tiles, and a Transformer that writes new ones.

An auto-encoder cuts pictures into tiles of a vocabulary that it learns; a Transformer learns
which tile follows on which, after a label or a caption. This file is how both learn and how
pictures are made. The settings are in `vqvae_recipe.py`, the auto-encoder's networks in
`vqvae_networks.py`, the rows of tokens in `vqvae_writing.py`, and the texts in `vqvae_info.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.base import Family, Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.exportable import Exportable
from studio.families.image.vqvae_export import exportable
from studio.families.image.vqvae_info import INFO
from studio.families.image.vqvae_networks import Decoder, Encoder
from studio.families.image.vqvae_recipe import HEAD, PRESETS, VQVAERecipe, VQVAESampling
from studio.families.image.vqvae_writing import Script, write
from studio.families.layers.choosing import Manner, uniform
from studio.families.layers.quantiser import Quantiser
from studio.families.layers.transformer import Transformer

#: Share of the items whose label is hidden while learning, and again of those whose caption is,
#: so that the Transformer can also write without (Ho & Salimans 2022).
HIDDEN = 0.1
#: With captions every other label is hidden: the words alone must be enough.
HIDDEN_BESIDE_CAPTION = 0.5
#: Part of a batch that the Transformer learns from while the tiles still change.
WHILE_UNSETTLED = 0.25
#: Share of the run over which the Transformer's learning rate rises.
_WARM_UP = 0.03
#: Ways in which a hole is filled, of which the one stays that the rest follows best.
FILLINGS = 8


class VQVAE(Family[VQVAERecipe]):
    """Encoder, codebook and decoder; and a Transformer over the codes."""

    info = INFO
    recipe_type = VQVAERecipe
    presets = PRESETS
    sampling_type = VQVAESampling
    measured_samples = 128
    averaged = ("encoder", "quantiser", "decoder", "writer")
    #: Items that are written at once.
    at_once: ClassVar[int] = 128

    def build(self, spec: DataSpec) -> None:
        """Make the networks and their optimisers; raises StudioError for sizes that do not fit."""
        recipe = self.recipe
        self.encoder, self.decoder, self.grid = self.cutter(spec)
        self.labelled = recipe.conditional and len(spec.labels) > 1
        self.prompted = recipe.captioned and spec.caption_length > 0
        self.script = Script(
            tiles=recipe.vocabulary,
            length=math.prod(self.grid),
            labels=len(spec.labels) if self.labelled else 0,
            caption=spec.caption_length if self.prompted else 0,
            words=spec.caption_vocabulary if self.prompted else 0,
        )
        #: Mean square by which pixels differ from their mean: the unit of errors.
        self.variance = max(spec.statistics.get("std", 1.0), 0.01) ** 2
        self.quantiser = Quantiser(recipe.vocabulary, recipe.code, restart=recipe.restart)
        self.writer = Transformer(
            self.script.vocabulary,
            recipe.writer_width,
            recipe.writer_depth,
            recipe.writer_width // HEAD,
            self.script.prompt + self.script.length - 1,
            outputs=self.script.tiles,
            positions="learned",
            dropout=recipe.dropout,
        )
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.tiles_optimiser = torch.optim.Adam(parameters, lr=recipe.learning_rate, fused=True)
        self.writer_optimiser = torch.optim.AdamW(
            self.writer.parameters(),
            lr=recipe.learning_rate,
            betas=(0.9, 0.95),
            weight_decay=0.01,
            fused=True,
        )

    def cutter(self, spec: DataSpec) -> tuple[nn.Module, nn.Module, tuple[int, int]]:
        """Return what cuts items into a map of vectors, what draws them, and the map's sides.

        Raises:
            StudioError: Tiles of this size do not fit the items.
        """
        recipe = self.recipe
        colours, *sides = spec.shape
        halvings, width, code = recipe.halvings, recipe.width, recipe.code
        grid = tiles_in(sides, halvings)
        encoder = Encoder(colours, width, code, halvings, recipe.blocks)
        return encoder, Decoder(code, width, colours, halvings, recipe.blocks), grid

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the tiles until they are settled, and the Transformer all along.

        While tiles change, the Transformer learns from a part of the batch only: enough to write
        something at any time, and no more work than that is worth.
        """
        drawn = self._with_draws(batch)
        shown: Losses = {}
        if self.step < self._settled:
            shown |= self._learn_tiles(drawn)
            drawn = _first(drawn, max(1, int(len(drawn) * WHILE_UNSETTLED)))
        _set_rate(self.writer_optimiser, self.recipe.learning_rate * self._writer_rate())
        shown |= self.minimise(self.writer_optimiser, self._writer_loss, drawn, clip=1.0)
        shown["codebook_use"] = self.quantiser.use()
        return shown

    @property
    def _settled(self) -> float:
        """The step from which the tiles stay as they are."""
        return max(self.recipe.settle * self.recipe.steps, 1)

    def _writer_rate(self) -> float:
        """Return 0 … 1: a rise, then half a cosine (Loshchilov & Hutter 2017) down to a tenth."""
        done = min((self.step + 1) / self.recipe.steps, 1)
        cosine = 0.5 * (1 + math.cos(math.pi * done))
        return min(1.0, done / _WARM_UP) * (0.1 + 0.9 * cosine)

    def _with_draws(self, batch: Batch) -> Batch:
        """Draw what is random in a step for the whole batch, so that parts see the same."""
        count, device = len(batch), batch.items.device
        tiles = (count, self.script.length)
        labels, captions = batch.labels, batch.captions
        hidden = torch.rand(count, 2, device=device)
        if labels is not None:
            share = HIDDEN_BESIDE_CAPTION if self.prompted else HIDDEN
            labels = torch.where(hidden[:, 0] < share, -1, labels)
        if captions is not None:
            captions = torch.where(hidden[:, 1:] < HIDDEN, 0, captions)
        draws = {
            "prompt": self.script.prompts(count, labels, captions, device),
            "wrong": torch.rand(tiles, device=device) < self.recipe.input_noise,
            "instead": torch.randint(self.script.tiles, tiles, device=device),
        }
        return replace(batch, draws=draws)

    def _learn_tiles(self, batch: Batch) -> Losses:
        """Correct encoder and decoder once, and let the codebook follow."""
        rate = 0.5 * (1 + math.cos(math.pi * self.step / self._settled))
        _set_rate(self.tiles_optimiser, self.recipe.learning_rate * rate)
        anew = torch.rand(self.script.tiles, device=batch.items.device)
        vectors: list[Tensor] = []
        codes: list[Tensor] = []

        def loss_of(part: Batch) -> tuple[Tensor, Losses]:
            found = self.encoder(part.items)
            quantised = self.quantiser(found)
            vectors.append(found.detach())
            codes.append(quantised.codes)
            error = self._error(self.decoder(quantised.vectors), part.items)
            # ‖x − D(e)‖² / Var x + β ‖E(x) − sg(e)‖²   (van den Oord et al. 2017, equation 3; the
            # codebook's own term is done by the running means)
            loss = error + self.recipe.commitment * quantised.commitment
            return loss, {"reconstruction": error, "commitment": quantised.commitment}

        shown = self.minimise(self.tiles_optimiser, loss_of, batch)
        self.quantiser.follow(torch.cat(vectors), torch.cat(codes), anew)
        return shown

    def _error(self, drawn: Tensor, items: Tensor) -> Tensor:
        """Return the mean square difference to the items, as a share of what they vary."""
        return functional.mse_loss(drawn.float(), items.float()) / self.variance

    def _writer_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return −log p of a tile given the prompt and the tiles before it, the mean, in nats."""
        with torch.no_grad():
            codes = self.quantiser(self.encoder(batch.items)).codes.flatten(1)  # (B, T)
        read = torch.where(batch.draws["wrong"], batch.draws["instead"], codes)[:, :-1]
        cost = self._cost(batch.draws["prompt"], read, codes)
        return cost, {"writing": cost / math.log(2)}

    def _cost(self, prompt: Tensor, read: Tensor, codes: Tensor) -> Tensor:
        tokens = torch.cat([prompt, read], dim=1)
        scores = self.writer(tokens, skip=self.script.prompt - 1)  # (B, T, tiles)
        return functional.cross_entropy(scores.float().flatten(0, 1), codes.flatten())

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen pictures are copied, and how well their tiles are foreseen."""
        quantised = self.quantiser(self.encoder(batch.items))
        drawn = self.decoder(quantised.vectors).clamp(-1, 1)
        codes = quantised.codes.flatten(1)
        prompt = self.script.prompts(len(batch), batch.labels, batch.captions, batch.items.device)
        return {
            "val_reconstruction": self._error(drawn, batch.items),
            "val_writing": self._cost(prompt, codes[:, :-1], codes) / math.log(2),
        }

    def exported(self) -> dict[str, Exportable]:
        """Return the writer and the drawer."""
        return exportable(self.writer, self.quantiser, self.decoder, self.script, self.grid)

    # -------------------------------------------------------------------------------- making

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make media for the tasks generate, reconstruct and inpaint."""
        self.refuse_other_tasks(request)
        if request.task == Task.GENERATE:
            yield from self._new(request, tick)
        elif request.inputs is None or not len(request.inputs):
            raise StudioError(
                "Nothing to start from",
                "This task starts from your own files and none were given.",
                "Drop one or more files on the Make panel.",
            )
        elif request.task == Task.RECONSTRUCT:
            yield from self._copied(self._read(request.inputs), tick)
        else:
            yield from self._filled(request, self._read(request.inputs), tick)

    def _new(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        prompts, facts = self._asked(request, len(request.seeds))
        for fact, seed in zip(facts, request.seeds, strict=True):
            fact["seed"] = seed
        total = len(request.seeds)
        for start in range(0, total, self.at_once):
            seeds = request.seeds[start : start + self.at_once]
            part = slice(start, start + len(seeds))
            draws = uniform(seeds, self.script.length, self.compute.device)
            said = self._teller(tick, start, len(seeds), total)
            with self.compute.precision():
                codes, _ = write(
                    self.writer,
                    self.script,
                    prompts[part],
                    draws,
                    self._manner(request),
                    said,
                    guidance=self._settings(request).guidance,
                )
                items = self._drawn(codes)
            yield from self._media(items, facts[part])

    def _copied(self, items: Tensor, tick: Tick) -> Iterator[Media]:
        for start in range(0, len(items), self.at_once):
            part = items[start : start + self.at_once]
            with self.compute.precision():
                drawn = self.decoder(self.quantiser(self.encoder(part)).vectors)
            tick(start + len(part), len(items))
            yield from self._media(drawn, [{"input": start + i} for i in range(len(part))])

    def _filled(self, request: SampleRequest, items: Tensor, tick: Tick) -> Iterator[Media]:
        """Write the tiles under a mask anew, `FILLINGS` times, and keep what fits best.

        Tiles are written line by line, so those after a hole cannot lead what is written into it.
        They choose instead: the filling stays after which the rest is likeliest.
        """
        if len(request.masks) != len(items):
            raise StudioError(
                "Nothing is marked",
                "A mask says which part of a picture is to be made anew.",
                "Paint over that part, then try again.",
            )
        masks = torch.from_numpy(np.stack(request.masks)).float()[:, None].to(items.device)
        prompts, facts = self._asked(request, len(items))
        seeds = request.seeds
        for index in range(len(items)):
            one, mask = items[index : index + 1], masks[index : index + 1]
            known = self._known(one, mask).expand(FILLINGS, -1)
            numbers = uniform([seeds[index]], FILLINGS * self.script.length, items.device)
            said = self._teller(tick, index, 1, len(items))
            with self.compute.precision():
                codes, fit = write(
                    self.writer,
                    self.script,
                    prompts[index : index + 1].expand(FILLINGS, -1),
                    numbers.view(FILLINGS, -1),
                    self._manner(request),
                    said,
                    known,
                    guidance=self._settings(request).guidance,
                )
                drawn = self._drawn(codes[fit.argmax()][None])
            whole = torch.lerp(one, drawn.float(), mask)
            yield from self._media(whole, [facts[index] | {"input": index, "seed": seeds[index]}])

    def _known(self, items: Tensor, masks: Tensor) -> Tensor:
        """Return the tiles of pictures, −1 where the mask touches one, (N, T)."""
        codes = self.quantiser(self.encoder(items)).codes
        touched = functional.adaptive_max_pool2d(masks, self.grid)[:, 0] > 0
        return torch.where(touched, -1, codes).flatten(1)

    def _drawn(self, codes: Tensor) -> Tensor:
        """Return the pictures (N, C, H, W) of tiles (N, T)."""
        pictures: Tensor = self.decoder(self.quantiser.vectors_of(codes.view(-1, *self.grid)))
        return pictures

    def _media(self, items: Tensor, facts: Sequence[dict[str, Any]]) -> list[Media]:
        data = modality_data(self.spec.modality)
        return data.to_media(items.float().clamp(-1, 1), facts, self.spec)

    def _read(self, inputs: np.ndarray[Any, Any]) -> Tensor:
        data = modality_data(self.spec.modality)
        tensor = torch.from_numpy(inputs).to(self.compute.device)
        return data.to_tensor(tensor, data.preparation(), augment=False)

    def _asked(self, request: SampleRequest, count: int) -> tuple[Tensor, list[dict[str, Any]]]:
        """Return the prompts (N, prompt) of a request, and what each file says of its item.

        New items of a model that knows labels have one that follows from the seed where neither
        label nor words are asked for.
        """
        device = self.compute.device
        labels = list(request.labels) if self.labelled and request.labels is not None else None
        words = request.captions if self.prompted else None
        if self.labelled and labels is None and words is None and request.inputs is None:
            labels = [seed % len(self.spec.labels) for seed in request.seeds]
        prompts = self.script.prompts(
            count,
            torch.tensor(labels, device=device) if labels is not None else None,
            torch.from_numpy(words).to(device) if words is not None else None,
            device,
        )
        if labels is None:
            return prompts, [{} for _ in range(count)]
        return prompts, [{"label": self.spec.labels[label]} for label in labels]

    def _settings(self, request: SampleRequest) -> VQVAESampling:
        settings = request.settings
        return settings if isinstance(settings, VQVAESampling) else VQVAESampling()

    def _manner(self, request: SampleRequest) -> Manner:
        settings = self._settings(request)
        # variety 0 … 2 is half the temperature … half as much again
        temperature = settings.temperature * (1 + request.variety) / 2
        return Manner(temperature, settings.top_k, settings.top_p)

    def _teller(self, tick: Tick, start: int, count: int, total: int) -> Any:
        """Return what tells how many items are done, counting the tiles of those in hand."""
        length = self.script.length
        return lambda written: tick(start + count * written // length, total)


def tiles_in(sides: Sequence[int], halvings: int) -> tuple[int, int]:
    """Return how many tiles a picture has down and across."""
    tile = 2**halvings
    height, width = sides
    if height % tile or width % tile or min(height, width) < 2 * tile:
        raise StudioError(
            "These tiles do not fit the pictures",
            f"Tiles of {tile} × {tile} pixels cannot fill pictures of {width} × {height} pixels.",
            f"Choose a smaller tile size, or pictures whose sides are a multiple of {tile} pixels.",
        )
    return height // tile, width // tile


def _first(batch: Batch, count: int) -> Batch:
    """Return the first items of a batch."""
    return Batch(
        batch.items[:count], draws={name: drawn[:count] for name, drawn in batch.draws.items()}
    )


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
