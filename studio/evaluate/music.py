"""How pieces that a model made compare with those that it learned from.

Whatever is measured of samples is measured of real pieces as well. What one piece has is
measured by `data/music_statistics.py`; here stand the means, distances and copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.core.media import Media, Modality, Music
from studio.core.work import Work
from studio.data.modality import modality_data
from studio.data.music import measures as measure
from studio.data.music.timing import bars_of
from studio.data.split import random_part
from studio.data.store import PreparedData
from studio.evaluate.music_tunes import Tunes
from studio.evaluate.result import Quality

__all__ = ["SAMPLES", "Newness", "newness", "quality", "real_items", "sample_statistics"]

#: Samples that `evaluate` takes where nobody says how many.
SAMPLES = 200

_REAL = 64  # real pieces that samples are compared with, at least
_LEARNED = 2_000  # rows among which copies are looked for while a run trains
_SEARCHED = 10_000  # the same of a measurement
_UNSEEN = 300  # rows that were not learned, which show how much any tune shares with others
_FEWEST_UNSEEN = 20
_PART = 100  # rows that are in memory at once
_SHOWN = 5  # copies that are shown
_BARS, _STEPS = 8, 16  # bars that are compared note by note, and places in each
_TWIN = 0.2  # distance of two pieces that are hardly more than one

Floats = npt.NDArray[np.float64]


def sample_statistics(samples: Sequence[Media], real: Sequence[Media]) -> dict[str, float]:
    """Return how samples differ from real pieces, by the names in `music/sample_metrics.py`.

    Args:
        samples: Pieces that a model made, two at least; `facts["token_errors"]` is the share of
            tokens that may not stand where they were written, of models that write tokens.
        real: Pieces of the dataset.
    """
    made, genuine = _pieces(samples), _pieces(real)
    if len(made) < 2 or len(genuine) < 2:
        return {}
    ours, theirs = _numbers(made), _numbers(genuine)
    distances = {name: _distance(made, genuine, name) for name in _SHAPES}
    # how far two halves of the data are from each other: nearer is luck
    halves = {name: _distance(genuine[::2], genuine[1::2], name) for name in _SHAPES}
    return {
        **ours,
        **distances,
        **{f"data_{name}": value for name, value in (theirs | halves).items()},
        "sample_distance": _overall(ours, theirs, distances),
        **_variety(made, genuine),
    }


def _pieces(media: Sequence[Media]) -> list[Music]:
    return [each for each in media if isinstance(each, Music)]


def _numbers(pieces: Sequence[Music]) -> dict[str, float]:
    """Return the means of what each piece has."""
    density = np.array([measure.notes_per_bar(each) for each in pieces])
    used = [np.count_nonzero(measure.pitch_classes(each)) for each in pieces]
    found = {
        "in_scale_rate": _mean(measure.in_scale_rate(each) for each in pieces),
        "empty_bar_rate": _mean(measure.empty_bar_rate(each) for each in pieces),
        "notes_per_bar": float(density.mean()),
        "notes_per_bar_spread": float(density.std()),
        "pitch_class_entropy": _mean(measure.pitch_class_entropy(each) for each in pieces),
        "pitch_classes": float(np.mean(used)),
        "polyphony": _mean(measure.polyphony(each) for each in pieces),
        "groove_consistency": _mean(measure.groove_consistency(each) for each in pieces),
    }
    errors = [each.facts["token_errors"] for each in pieces if "token_errors" in each.facts]
    return found | ({"token_error_rate": float(np.mean(errors))} if errors else {})


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


# ---------------------------------------------------------------------------------- distances


def _from_tonic(music: Music) -> Floats:
    """Return the share of each step of the scale, from the tonic on: alike in every key."""
    return np.roll(measure.pitch_classes(music), -measure.key_of(music).tonic)


#: What is compared as a whole: histograms over all pieces.
_SHAPES = {
    "pitch_class_distance": _from_tonic,
    "interval_distance": measure.intervals,
    "rhythm_distance": measure.groove,
}


def _distance(made: Sequence[Music], real: Sequence[Music], name: str) -> float:
    """Return the Jensen-Shannon distance of two histograms, 0 alike … 1 nothing in common."""
    first, second = (np.sum([_SHAPES[name](each) for each in part], 0) for part in (made, real))
    if not first.sum() or not second.sum():
        return 1.0
    first, second = first / first.sum(), second / second.sum()
    # √(H((p + q) / 2) − (H(p) + H(q)) / 2) in bits   (Lin 1991)
    gap = _entropy((first + second) / 2) - (_entropy(first) + _entropy(second)) / 2
    return float(np.sqrt(max(gap, 0.0)))


def _entropy(shares: Floats) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum())


_RATES = ("in_scale_rate", "empty_bar_rate", "groove_consistency")
_COUNTS = ("notes_per_bar", "pitch_class_entropy", "polyphony")


def _overall(made: dict[str, float], real: dict[str, float], distances: dict[str, float]) -> float:
    """Return the mean of all differences: of rates, of counts as a share, and of histograms."""
    gaps = [abs(made[name] - real[name]) for name in _RATES]
    gaps += [min(1.0, abs(made[name] - real[name]) / max(real[name], 1e-6)) for name in _COUNTS]
    return float(np.mean([*gaps, *distances.values()]))


def _variety(made: Sequence[Music], real: Sequence[Music]) -> dict[str, float]:
    """Return how different pieces are from each other beside real ones, and how many are twins."""
    ours, theirs = _apart(made), _apart(real)
    usual = _mean_apart(theirs)
    return {
        "diversity": _mean_apart(ours) / max(usual, 1e-6),
        "twins": max(0.0, _twins(ours) - _twins(theirs)),
    }


def _apart(pieces: Sequence[Music]) -> Floats:
    """Return the Jaccard distance between the notes of any two pieces, (N, N)."""
    rolls = np.stack([_roll(each) for each in pieces]).astype(np.float32)  # (N, places)
    common = rolls @ rolls.T
    counts = rolls.sum(1)
    either = counts[:, None] + counts[None] - common
    found: Floats = 1.0 - np.where(either > 0, common / np.maximum(either, 1), 1.0)
    return found


def _roll(music: Music) -> npt.NDArray[np.bool_]:
    """Return at which sixteenths of the first bars which of the 128 pitches begin, flat."""
    found = np.zeros((_BARS, _STEPS, 128), bool)
    notes = measure.notes_of(music, drums=True)
    bars = bars_of(music)
    bar = bars.at(notes[:, 0])
    place = (notes[:, 0] - bars.starts[bar]) * _STEPS // np.maximum(1, bars.lengths[bar])
    first = bar < _BARS
    found[bar[first], np.clip(place[first], 0, _STEPS - 1), notes[first, 2]] = True
    return found.reshape(-1)


def _mean_apart(apart: Floats) -> float:
    count = len(apart)
    return float(apart.sum() / (count * (count - 1)))


def _twins(apart: Floats) -> float:
    """Return the share of pieces of which another one is hardly more than a copy."""
    others = apart + 2 * np.eye(len(apart))
    return float((others.min(1) < _TWIN).mean())


# --------------------------------------------------------------------------- beside prepared data


class Newness:
    """How new the tunes of samples are beside those that were learned, which are read once.

    Args:
        learned: Pieces that the model learned from, in parts.
        unseen: Pieces that it did not, in parts, which show how much any tune shares.
    """

    def __init__(
        self, learned: Iterable[Sequence[Media]], unseen: Iterable[Sequence[Media]]
    ) -> None:
        self._tunes = Tunes(piece for part in learned for piece in _pieces(part))
        others = [piece for part in unseen for piece in _pieces(part)]
        self._beside = self._tunes.measured(others)

    def of(self, samples: Sequence[Media]) -> dict[str, float]:
        """Return `longest_copy` and `copied` of samples, and of unseen pieces, `data_…`."""
        found = self._tunes.measured(_pieces(samples))
        return found | {f"data_{name}": value for name, value in self._beside.items()}

    def copies(self, samples: Sequence[Media]) -> list[str]:
        """Return the notes of the longest runs that were learned."""
        return self._tunes.copies(_pieces(samples), _SHOWN)


def real_items(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> list[Media]:
    """Return prepared pieces to compare samples with, `count` or more where there are."""
    rows = data.items[random_part(places, max(count, _REAL))]
    media = modality_data(Modality.MUSIC).as_prepared(rows, data.spec)
    if rows.ndim > 2:  # a grid, which is not written in tokens
        return media
    from studio.data.music.tokens import tokeniser_of

    tokeniser = tokeniser_of(data.spec.resources)
    return [
        replace(each, facts=each.facts | {"token_errors": tokeniser.errors(row.tolist())})
        for each, row in zip(media, rows, strict=True)
    ]


def newness(data: PreparedData) -> Newness | None:
    """Return how new samples of a run are; None where nothing was kept to compare with."""
    return _newness(data, _LEARNED)


def _newness(data: PreparedData, rows: int) -> Newness | None:
    if len(data.validation) < _FEWEST_UNSEEN:
        return None
    learned = _in_their_keys(data) if data.items.ndim == 2 else data.train
    return Newness(_parts(data, learned, rows), _parts(data, data.validation, _UNSEEN))


def _in_their_keys(data: PreparedData) -> npt.NDArray[np.int64]:
    """Return the rows of learned pieces without their copies in other keys, which come last.

    Copies that would leave the range are not there, so of some pieces a few rows are missing.
    """
    copies = 2 * getattr(data.preparation, "transpose", 0) + 1
    _ids, start, count = np.unique(data.ids[data.train], return_index=True, return_counts=True)
    place = np.arange(len(data.train)) - np.repeat(start, count)
    kept: npt.NDArray[np.int64] = data.train[place < np.repeat(-(-count // copies), count)]
    return kept


def _parts(data: PreparedData, places: npt.NDArray[np.int64], count: int) -> Iterable[list[Media]]:
    """Yield so many of these rows as pieces, a part at a time."""
    kind = modality_data(Modality.MUSIC)
    chosen = random_part(places, count)
    for start in range(0, len(chosen), _PART):
        yield kind.as_prepared(data.items[chosen[start : start + _PART]], data.spec)


def quality(samples: Sequence[Media], data: PreparedData, work: Work) -> Quality:
    """Look for tunes in samples that the model knows by heart.

    Args:
        samples: Pieces that a model made.
        data: The model's own data.
        work: Hears how far it is.
    """
    work.progress("Comparing samples with the data", 0)
    known = _newness(data, _SEARCHED)
    if known is None:
        return Quality({}, count=len(samples))
    copies = "\n\n".join(known.copies(samples))
    return Quality(known.of(samples), count=len(samples), copies=copies or None)
