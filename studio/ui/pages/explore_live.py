"""The explorer's line to the engine: one look in flight, and the newest place wins."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QPixmap

from studio.core.places import Place
from studio.core.protocol import Explore, GenerateRequest, JobFinished, Outcome, Progress
from studio.ui.context import Studio

#: What the pictures beside the preview may take of the engine's time at once, in seconds: a
#: drag that begins meanwhile waits no longer.
_AT_ONCE = 0.03
_MOST_AT_ONCE = 32


class Known(NamedTuple):
    """What the engine says of a latent space.

    Attributes:
        model: Names exactly the weights.
        layers: Layers whose styles can be mixed; 0 when there are none.
        directions: How many principal directions were found.
    """

    model: str
    layers: int
    directions: int


@dataclass
class _Flight:
    """A job in the engine: the places that it shows, for the preview or for pictures by a key."""

    places: list[Place]
    key: Hashable = None
    start: int = 0
    find: bool = False
    model: str = ""


class Live(QObject):
    """Asks the maker to show places.

    Signals:
        shown: (Place, QPixmap, label) of the preview.
        pictured: (key, number of the first, pictures) of places asked for by `picture`.
        known: Known, whenever it is another than before.
        finding: Share 0 … 1 of a search for directions, None while it is not known; -1 when it
            has ended.
        failed: Why nothing can be shown, for people.
    """

    shown = Signal(object, object, str)
    pictured = Signal(object, int, object)
    known = Signal(object)
    finding = Signal(object)
    failed = Signal(str)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._model = ""
        self._place: Place | None = None
        self._batches: dict[Hashable, _Flight] = {}
        self._find = False
        self._flight: _Flight | None = None
        self._job_id = ""
        self._known: Known | None = None
        self._seconds = _AT_ONCE  # that one picture takes; small after the first
        studio.maker.job_finished.connect(self._on_finished)
        studio.maker.progress.connect(self._on_progress)

    def set_model(self, model: str) -> None:
        """Show places of another model; what was asked of the one before is forgotten."""
        if model == self._model:
            return
        self._model, self._known = model, None
        self._place, self._batches = None, {}
        self._seconds = _AT_ONCE

    @property
    def seconds_each(self) -> float:
        """How long one picture took the last time."""
        return self._seconds

    def show(self, place: Place) -> None:
        """Show a place as soon as may be; one that still waits is left out."""
        self._place = place
        self._next()

    def picture(self, key: Hashable, places: Sequence[Place]) -> None:
        """Picture places when nothing else is to be shown; a newer list of the same key wins."""
        self._batches[key] = _Flight(list(places), key)
        self._next()

    def find(self) -> None:
        """Find the model's principal directions."""
        self._find = True
        self.finding.emit(None)
        self._next()

    def end_find(self) -> None:
        """Give the search up."""
        self._find = False
        if self._flight is not None and self._flight.find:
            self._studio.maker.stop(self._job_id, save=False)
        else:
            self.finding.emit(-1)

    def _next(self) -> None:
        if self._flight is not None or not self._model:
            return
        if self._place is not None:
            flight = _Flight([self._place])
            self._place = None
        elif self._find:
            flight = _Flight([], find=True)
            self._find = False
        else:
            waiting = next((each for each in self._batches.values() if each.places), None)
            if waiting is None:
                return
            count = max(1, min(_MOST_AT_ONCE, int(_AT_ONCE / self._seconds)))
            flight = _Flight(waiting.places[:count], waiting.key, waiting.start)
            waiting.places, waiting.start = waiting.places[count:], waiting.start + count
        flight.model = self._model
        self._flight = flight
        request = GenerateRequest(model=self._model, places=flight.places)
        folder = str(self._studio.project.folder)
        job = Explore(project=folder, request=request, find=flight.find)
        self._job_id = self._studio.submit_quietly(job)

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id != self._job_id or self._flight is None:
            return
        flight, self._flight = self._flight, None
        if flight.find:
            self.finding.emit(-1)
        if flight.model == self._model:  # nobody waits for what the model before makes
            self._take(flight, event)
        self._next()

    def _take(self, flight: _Flight, event: JobFinished) -> None:
        if event.outcome is Outcome.FAILED and event.error is not None:
            self._batches = {}
            self.failed.emit(f"{event.error.title}. {event.error.message} {event.error.hint}")
        if event.outcome is not Outcome.DONE:
            return
        result = event.result
        if flight.places:
            self._seconds = max(1e-4, event.seconds / len(flight.places))
        known = Known(str(result["model"]), int(result["layers"]), int(result["directions"]))
        if known != self._known:
            self._known = known
            self.known.emit(known)
        pictures = _cut(QPixmap(str(result["path"])), int(result["count"]))
        if flight.key is not None:
            self.pictured.emit(flight.key, flight.start, pictures)
        elif pictures:
            self.shown.emit(flight.places[0], pictures[0], str(result["labels"][0]))

    @Slot(object)
    def _on_progress(self, event: Progress) -> None:
        searching = self._flight is not None and self._flight.find
        if searching and event.job_id == self._job_id and event.total:
            self.finding.emit(event.done / event.total)


def _cut(picture: QPixmap, count: int) -> list[QPixmap]:
    """Return the pictures that stand below each other in one."""
    height = picture.height() // max(1, count)
    return [picture.copy(0, row * height, picture.width(), height) for row in range(count)]
