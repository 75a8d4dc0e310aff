"""Small runs of models that write, which learn for real while the coach watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch

from studio.core.media import Media, Modality
from studio.core.options import Preparation
from studio.core.protocol import Advice
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.data.text.token_counts import unigram_entropy
from studio.engine.averaging import Averaging
from studio.engine.coach.coach import Coach
from studio.families.base import Family, SampleRequest
from studio.families.batch import Batch
from studio.families.compute import Compute


class Corpus:
    """Items as rows to learn from and rows that are kept for checking, with their spec."""

    def __init__(
        self,
        modality: Modality,
        stored: Sequence[bytes],
        unseen: Sequence[bytes],
        preparation: Preparation,
    ) -> None:
        self.data = modality_data(modality)
        self.preparation = preparation
        resources = self.data.learn([*stored, *unseen], preparation)

        def rows(items: Sequence[bytes], learned: bool) -> np.ndarray[Any, Any]:
            found = [
                self.data.prepare_item(raw, preparation, resources, learned=learned)
                for raw in items
            ]
            return np.concatenate(found)

        self.learned, self.unseen = rows(stored, True), rows(unseen, False)
        vocabulary = self.data.vocabulary(resources)
        statistics = self.data.statistics(self.learned, resources)
        if vocabulary:
            statistics["nats_unigram"] = unigram_entropy(self.learned, vocabulary)
        self.spec = DataSpec(
            modality=modality,
            shape=self.data.seen_shape(preparation),
            count=len(self.learned),
            vocabulary=vocabulary,
            statistics=statistics,
            resources=resources,
        )

    def media(self, rows: np.ndarray[Any, Any]) -> list[Media]:
        """Return rows as media."""
        return self.data.as_prepared(rows, self.spec)

    def tensor(self, rows: np.ndarray[Any, Any], *, augment: bool = False) -> torch.Tensor:
        """Return rows as networks see them."""
        return self.data.to_tensor(torch.from_numpy(rows), self.preparation, augment=augment)


def coached(
    kind: type[Family[Any]],
    options: dict[str, Any],
    corpus: Corpus,
    *,
    steps: int,
    every: int = 20,
    samples: int = 8,
    newness: Any = None,
    before_step: Callable[[Family[Any], int], None] = lambda _family, _step: None,
    request: SampleRequest | None = None,
) -> list[Advice]:
    """Train for real and return all that the coach said, in order.

    Args:
        every: Steps from one measurement of samples and unseen items to the next.
        samples: How many are measured; 0 for none.
        newness: Tells how new samples are; None leaves that out.
        request: How samples are asked for, where not in the usual way.
    """
    measures = import_module(f"studio.evaluate.{corpus.spec.modality}")
    recipe = kind.recipe_type(**{"steps": steps, "batch_size": 16} | options)
    family = kind(recipe, Compute())
    torch.manual_seed(0)
    family.setup(corpus.spec)
    real = corpus.media(corpus.learned[:200])
    unseen = corpus.tensor(corpus.unseen[:64])
    coach = Coach(recipe.model_dump(), family.info, (), corpus.spec)
    averaging = Averaging(family, recipe.ema)
    said: list[Advice] = []
    for step in range(steps):
        torch.manual_seed(step)
        family.step = step
        before_step(family, step)
        count = recipe.batch_size * family.batches_per_step
        chosen = torch.randint(0, len(corpus.learned), (count,)).numpy()
        items = corpus.tensor(corpus.learned[chosen], augment=True)
        values = {k: float(v) for k, v in family.train_step(Batch(items)).items()}
        averaging.update(step + 1)
        if (step + 1) % every == 0:
            with averaging.applied():
                values |= {k: float(v) for k, v in family.validate(Batch(unseen)).items()}
                if samples:
                    asked = request or SampleRequest(seeds=range(samples))
                    made = list(family.sample(asked, lambda _done, _of: None))
                    values |= measures.sample_statistics(made, real)
                    values |= newness.of(made) if newness is not None else {}
        said += coach.observe(step + 1, values)
    return said
