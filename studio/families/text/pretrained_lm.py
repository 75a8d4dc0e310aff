"""Fine-tuned model: a checkpoint that the user has, brought to the user's texts.

What a model of the GPT-2 kind learns and writes follows from `text_writer.py`, and what one of the
BERT kind guesses from `guessing.py` and `filling.py`. Checkpoints are read in
`pretrained_lm_checkpoint.py`, LoRA is in `pretrained_lm_lora.py`, the networks as the studio uses
them in `pretrained_lm_networks.py`, and settings and texts in `pretrained_lm_recipe.py` and
`pretrained_lm_info.py`.

A model keeps all weights and, among the resources of its DataSpec, the network's config and the
tokeniser. So it samples, and travels as a package, without the folder that it came from; only
learning on wants that folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.text.tokenisers import RESOURCE as TOKENISER
from studio.data.text.tokenisers import tokeniser_of
from studio.families.base import Losses, SampleRequest, Tick
from studio.families.batch import Batch
from studio.families.layers.muon import set_rate, warm_then_down
from studio.families.text.filling import Filler
from studio.families.text.filling_settings import FillSettings
from studio.families.text.guessing import Guessing
from studio.families.text.masking import Frequencies
from studio.families.text.pretrained_lm_checkpoint import (
    KINDS,
    empty_model,
    kept_config,
    longest_row,
    read_config,
    read_model,
)
from studio.families.text.pretrained_lm_info import FILLS, INFO, WRITES
from studio.families.text.pretrained_lm_lora import add_lora
from studio.families.text.pretrained_lm_networks import (
    BothSides,
    LeftToRight,
    store_ties_once,
)
from studio.families.text.pretrained_lm_recipe import (
    PRESETS,
    PretrainedRecipe,
    PretrainedSettings,
)
from studio.families.text.text_writer import TextWriter

#: Name of a network's config among the resources of a DataSpec.
RESOURCE = "pretrained"
_IGNORED = -100  # what cross entropy leaves out
#: Tokens that checkpoints put before and after a text, the first that is known counts.
_BEFORE, _AFTER = ("[CLS]", "<s>"), ("[SEP]", "</s>")


class PretrainedLM(TextWriter[PretrainedRecipe]):
    """A checkpoint's network, corrected as a whole or by small matrices beside its layers."""

    info = INFO
    recipe_type = PretrainedRecipe
    presets = PRESETS
    sampling_type = PretrainedSettings

    def build(self, spec: DataSpec) -> None:
        """Read the checkpoint, or only its network's shape where weights will be loaded."""
        self._kept = json.loads(spec.resources[RESOURCE]) if RESOURCE in spec.resources else None
        self._config = self._kept or read_config(self.recipe.checkpoint)
        self._causal = KINDS[str(self._config["model_type"])]
        # what this very model can do: its kind is known only now
        vars(self)["info"] = WRITES if self._causal else FILLS
        tokens = tokeniser_of(spec.resources)
        room = int(self._config.get("vocab_size", 0))
        if tokens.kind != "file" or tokens.vocabulary > room:
            raise StudioError(
                "The texts are cut into other tokens",
                f"The checkpoint knows {room:,} tokens of its own, and the texts were prepared with"
                f" {tokens.vocabulary:,} others.",
                "Set the preparation's tokens to the same folder.",
            )
        self.spec = spec.model_copy(
            update={"resources": {**spec.resources, RESOURCE: kept_config(self._config)}}
        )
        super().build(self.spec)
        if not self._causal:
            self.frequencies = Frequencies(spec.vocabulary)
            vars(self)["averaged"] = ("writer", "frequencies")

    def network(self, spec: DataSpec, context: int) -> nn.Module:
        """Return the network, with what is to be corrected."""
        recipe = self.recipe
        frame = _frame(spec) if not self._causal else ([], [])
        framed = spec.shape[0] + len(frame[0]) + len(frame[1])
        longest = longest_row(self._config)
        if (context if self._causal else framed) > longest:
            raise StudioError(
                "Passages are too long for the checkpoint",
                f"Its network reads {longest:,} tokens at once; the passages have {context:,}.",
                f"Set the length in the preparation to {longest - 4:,} or less.",
            )
        if self._kept is not None:
            model = empty_model(self._config)
        else:
            model = read_model(recipe.checkpoint, self._config)
        if recipe.way == "lora":
            add_lora(model, recipe.rank, recipe.alpha, recipe.dropout)
        store_ties_once(model)
        if self._causal:
            return LeftToRight(model, spec.vocabulary, longest)
        return BothSides(model, spec.vocabulary, self.tokeniser.pad, frame)

    def add_optimisers(self) -> None:
        """Make AdamW for what is corrected."""
        parameters = [each for each in self.writer.parameters() if each.requires_grad]
        matrices = [each for each in parameters if each.dim() > 1]
        others = [each for each in parameters if each.dim() < 2]
        groups = [{"params": matrices, "weight_decay": self.recipe.weight_decay}]
        if others:
            groups.append({"params": others, "weight_decay": 0.0})
        self.adamw = torch.optim.AdamW(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.99))

    # ------------------------------------------------------------------------------ learning

    def train_step(self, batch: Batch) -> Losses:
        """Correct the network once."""
        if self._causal:
            return super().train_step(batch)
        share = warm_then_down(self.step, self.recipe.steps, warm_up=self.recipe.warm_up)
        set_rate([self.adamw], share)
        guessing = self._guessing
        self.frequencies.count(batch.items, guessing.counting(batch.items))
        drawn = replace(batch, draws=guessing.draws(batch.items))
        return self.minimise(self.adamw, self._guessing_loss, drawn, clip=self.recipe.clip)

    def _guessing_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        loss = self._guessing.loss(batch.items, batch.draws)
        return loss, {"masked_nats": loss}

    @property
    def _guessing(self) -> Guessing:
        # whole words of the checkpoint's are long enough one by one
        return Guessing(self.writer, self.tokeniser, self.spec, self.recipe.share, 1, True, 0)

    def cost(self, rows: Tensor, following: Tensor) -> Tensor:
        """Return −log p of the following tokens, the mean over those that count, in nats.

        Many checkpoints fill up with the token that ends a text: then its first one counts.
        """
        filling = following == self.pad
        if self.pad == self.tokeniser.end:
            filling &= rows == self.pad
        scores = self.writer(rows).float()  # (B, T, V)
        wanted = following.masked_fill(filling, _IGNORED)
        return functional.cross_entropy(
            scores.flatten(0, 1), wanted.flatten(), ignore_index=_IGNORED
        )

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how well unseen text is foreseen, or its hidden tokens guessed."""
        if self._causal:
            return super().validate(batch)
        return self._guessing.measured(batch.items, self.frequencies)

    def derived(self, measured: dict[str, float]) -> dict[str, float]:
        """Return bits per byte and choices per token of models that write."""
        return super().derived(measured) if self._causal else {}

    # -------------------------------------------------------------------------------- making

    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Write texts on, or fill the blanks of the prompt."""
        if self._causal or request.task not in self.info.tasks:
            yield from super().sample(request, tick)
            return
        asked = request.settings
        settings = asked if isinstance(asked, PretrainedSettings) else PretrainedSettings()
        filling = FillSettings(
            length=settings.blank_length,
            **settings.model_dump(include=set(FillSettings.model_fields) - {"length"}),
        )
        longest = longest_row(self._config) - sum(map(len, _frame(self.spec)))
        filler = Filler(self.writer, self.tokeniser, longest, 1, ((), ()), self.compute.device)
        with torch.inference_mode(), self.compute.precision():
            yield from filler.fill(
                request.prompt, request.seeds, filling, tick, request.listen, request.variety
            )

    def show(self, batch: Batch) -> Iterator[Media]:
        """Show held-out texts with blanks, as they were filled, and as they were."""
        yield from self._guessing.sheet(batch.items)


def _frame(spec: DataSpec) -> tuple[list[int], list[int]]:
    """Return the tokens that a checkpoint's network knows before and after a text."""
    described: dict[str, Any] = json.loads(json.loads(spec.resources[TOKENISER])["tokenizer"])
    known = {each["content"]: each["id"] for each in described.get("added_tokens", ())}
    before, after = ([known[w] for w in words if w in known][:1] for words in (_BEFORE, _AFTER))
    return before, after
