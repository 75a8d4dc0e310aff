"""Prepared data for families that learn from two datasets: pairs, two kinds, or styles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.core.project import Project
from studio.core.recipe import RunRecipe
from studio.core.work import Work
from studio.data.store import PreparedData, prepare

_NUMBER = re.compile(r"\d+")
_SHOWN = 3  # names in an error
MOST_STYLES = 64


def prepare_for(project: Project, recipe: RunRecipe, partner: str, work: Work) -> PreparedData:
    """Return the data that a run learns from, from the cache when it was compiled before.

    Args:
        partner: How its family uses a second dataset: `FamilyInfo.partner`.

    Raises:
        StudioError: A dataset is missing or empty, or its items do not form pairs.
    """
    first_id = recipe.dataset.id
    if not partner:
        return prepare(project, first_id, recipe.preparation, work)
    second_id = recipe.partner.id if recipe.partner is not None else ""
    if not second_id:
        raise StudioError(
            "A second dataset is needed",
            "This kind of model learns from two datasets and the recipe names one.",
            "Choose the second dataset beside the first on the Models page.",
        )
    halves = second_id == first_id
    if halves and partner != "paired":
        raise StudioError(
            "The two datasets are the same",
            "This kind of model learns the difference between two datasets.",
            "Choose another second dataset.",
        )
    parts = ({"part": "left"}, {"part": "right"}) if halves else ({}, {})
    first = prepare(project, first_id, recipe.preparation | parts[0], work)
    # both at one size: the first dataset's, where the settings leave it open
    size = first.spec.shape[-1]
    second = prepare(project, second_id, recipe.preparation | parts[1], work, size=size)
    spec = first.spec.model_copy(
        update={"partner_shape": second.spec.shape, "partner_count": len(second.items)}
    )
    if partner == "styles":  # each is one of those that are learned, none is held out
        if len(second.items) > MOST_STYLES:
            raise StudioError(
                "Too many style pictures",
                f"{recipe.partner.name if recipe.partner else second_id} holds"
                f" {len(second.items):,} pictures; a model learns {MOST_STYLES} styles at most.",
                "Choose a dataset of the few pictures whose style you want.",
            )
        every = np.arange(len(second.items))
        second = replace(second, train=every, validation=every)
        names = [PurePosixPath(name).stem for name in _names(project, second)]
        # two files of one name in two folders are told apart by their number alone
        spec = spec.model_copy(update={"partner_names": tuple(names)})
    if partner != "paired":
        return replace(first, spec=spec, partner=second)
    belongs = np.arange(len(first.items)) if halves else _matched(project, first, second)
    train = first.train[belongs[first.train] >= 0]
    return replace(
        first,
        train=train,
        validation=first.validation[belongs[first.validation] >= 0],
        spec=spec.model_copy(update={"count": len(train)}),
        partner=second,
        partner_of=belongs,
    )


def _matched(project: Project, first: PreparedData, second: PreparedData) -> npt.NDArray[np.int64]:
    """Return (N,) the row of the second data for each of the first by name, -1 for none."""
    names, others = (_names(project, data) for data in (first, second))
    matches = [_by(key, names, others) for key in _KEYS]
    best = max(matches, key=lambda found: int((found >= 0).sum()))
    if (best >= 0).sum() < 2:
        raise StudioError(
            "The two datasets hold no pairs",
            "A pair is two files of the same name, one in each dataset. The first holds"
            f" {', '.join(names[:_SHOWN])} …, the second {', '.join(others[:_SHOWN])} ….",
            "Give the two files of a pair the same name or number, then import them again.",
        )
    return best


def _names(project: Project, data: PreparedData) -> list[str]:
    items = project.library.datasets.items(data.ids.tolist())
    return [item.name for item in items]


def _path(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")).casefold()


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.casefold()


def _number(name: str) -> str:
    return ".".join(str(int(number)) for number in _NUMBER.findall(PurePosixPath(name).stem))


#: What two names may share, the strictest first; the one that finds most pairs is taken.
_KEYS: tuple[Callable[[str], str], ...] = (_path, _stem, _number)


def _by(
    key: Callable[[str], str], names: Sequence[str], others: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the match under a key; a key that several files of one side share counts for none."""
    once = [{k for k, n in Counter(map(key, side)).items() if n == 1} for side in (names, others)]
    shared = (once[0] & once[1]) - {""}
    row = {key(name): index for index, name in enumerate(others)}
    found = [row[key(name)] if key(name) in shared else -1 for name in names]
    return np.array(found, np.int64)
