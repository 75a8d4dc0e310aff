"""Looks into the pieces of a dataset: keys, tempos, metres, instruments. Runs in a thread."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from studio.core.blobs import BlobReader
from studio.core.datasets import ITEMS_PACK
from studio.core.project import Project
from studio.ui.views.music_colours import instrument_name

_MOST = 300  # pieces that are looked into; of larger datasets every second, third … one
_BREATH = 0.004  # seconds after each piece in which the window's thread has the interpreter


class Survey(NamedTuple):
    """What was found in the pieces of a dataset.

    Attributes:
        pieces: How many were looked into.
        keys, metres, instruments: In how many pieces each.
        tempos: The slowest, the median and the fastest, in quarter notes per minute.
        polyphony: Notes that sound at once, on average.
        pitch_classes: Share of each among all notes, C first.
        notes_per_bar: On average.
    """

    pieces: int
    keys: Counter[str]
    metres: Counter[str]
    instruments: Counter[str]
    tempos: tuple[int, int, int]
    polyphony: float
    pitch_classes: tuple[float, ...]
    notes_per_bar: float


def survey(project: Path, dataset_id: str) -> Survey:
    """Read the items of a dataset, as many as are needed for a fair picture."""
    from studio.data.modality import Rejected
    from studio.data.music import measures as music_statistics
    from studio.data.music import midi

    opened = Project(project)
    pack = BlobReader(opened.dataset(dataset_id) / ITEMS_PACK)
    summaries = []
    instruments: Counter[str] = Counter()
    try:
        table = opened.library.datasets
        ids = table.ids(dataset_id)
        items = table.items(ids[:: max(1, -(-len(ids) // _MOST))])
        for item in items:
            if item.excluded:
                continue
            try:
                music = midi.read(pack.get(item.item))
            except (Rejected, ValueError):
                continue  # of an older program; the importer reads more carefully now
            summaries.append(music_statistics.summary(music))
            instruments.update(sorted({instrument_name(track) for track in music.tracks}))
            time.sleep(_BREATH)
    finally:
        pack.close()
        opened.close()
    if not summaries:
        return Survey(0, Counter(), Counter(), Counter(), (0, 0, 0), 0.0, (0.0,) * 12, 0.0)
    keys: Counter[str] = Counter()
    metres: Counter[str] = Counter()
    for each in summaries:
        keys.update(each.keys)
        metres.update(each.metres)
    tempos = sorted(round(each.tempo) for each in summaries)
    notes = np.array([each.notes for each in summaries], np.float64)
    classes = np.array([each.pitch_classes for each in summaries])
    return Survey(
        pieces=len(summaries),
        keys=keys,
        metres=metres,
        instruments=instruments,
        tempos=(tempos[0], tempos[len(tempos) // 2], tempos[-1]),
        polyphony=float(np.mean([each.polyphony for each in summaries])),
        pitch_classes=tuple((notes[:, None] * classes).sum(0) / max(1.0, notes.sum())),
        notes_per_bar=float(np.mean([each.notes_per_bar for each in summaries])),
    )
