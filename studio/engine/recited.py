"""Which passages of a new text stand word for word in the data that its model learned from."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import chain
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.media import Text
from studio.core.project import Project
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel, data_of, dataset_of
from studio.evaluate.text_rows import texts_of
from studio.evaluate.verbatim import Verbatim

log = logging.getLogger(__name__)

_CHARACTERS = 50_000_000  # of the data, at most: more takes minutes and gigabytes

#: The texts of the dataset that was asked for last, by the folder of its prepared data.
_known: dict[Path, Verbatim] = {}


class Recited:
    """Marks what a model wrote word for word from its own data, `facts["verbatim"]`.

    Where the data is not in the project, or cannot be read any more, nothing is marked: a text is
    made all the same.
    """

    def __init__(self, project: Project | None, model: LoadedModel, job: JobContext) -> None:
        self._verbatim: Verbatim | None = None
        if project is not None and dataset_of(project, model) is not None:
            self._verbatim = _of_model(project, model, job)

    def marked(self, text: Text, prompt: str) -> Text:
        """Return a text with [start, end] of each passage; the prompt is nobody's copy."""
        if self._verbatim is None:
            return text
        begin = len(prompt) if text.text.startswith(prompt) else 0
        spans = self._verbatim.spans(text.text[begin:])
        found = [[begin + start, begin + end] for start, end in spans]
        return replace(text, facts=text.facts | {"verbatim": found})


def _of_model(project: Project, model: LoadedModel, job: JobContext) -> Verbatim | None:
    try:
        data = data_of(project, model, job)
    except StudioError as error:
        log.warning("no passages are marked: %s: %s", error.title, error)
        return None
    if data.folder not in _known:
        job.progress("Reading what it learned from", 0)
        _known.clear()
        parts = (texts_of(data, each, _CHARACTERS) for each in (data.train, data.validation))
        _known[data.folder] = Verbatim(chain.from_iterable(parts))
    return _known[data.folder]
