"""Where one is in a model's latent space, and what is kept of exploring it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QObject, Qt, Signal
from PySide6.QtGui import QPixmap

from studio.core.exploration import Anchor, Exploration, KeyFrame, Pin, around, place_on_map
from studio.core.places import Place, seed_place
from studio.ui.context import Studio
from studio.ui.pages.generate_seed import random_seed
from studio.ui.undo import Swap

#: Seeds on a map that nobody has changed yet.
SEEDS = 6
#: Side of the pictures that are kept with pins and key-frames, in pixels.
_KEPT_SIDE = 96


class Explorer(QObject):
    """The present place, and pins, key-frames, map and names of the model in hand.

    Attributes:
        kept: What is kept of this model; changed by `put` alone.
        model: Run or package that it belongs to; empty without a model.
        on_map: Whether the present place is a point of the map.

    Signals:
        moved: The present place is another one.
        changed: A field of `kept` is another one; its name.
    """

    moved = Signal()
    changed = Signal(str)

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._table = studio.project.library.explorations
        self.model = ""
        self.kept = Exploration()
        self.on_map = True
        self._base = seed_place(0)
        self._moves: dict[int, float] = {}
        self._label, self._variety = "", 1.0

    # -------------------------------------------------------------------------- the present place

    def open(self, model: str) -> None:
        """Take up a model where it was left; one that is new gets a map of random seeds."""
        if model == self.model:
            return
        self.model = model
        self.kept = self._table.get(model) if model else Exploration()
        self._moves = {}
        if not self.kept.anchors:
            seeds = {random_seed() for _ in range(SEEDS)}
            self.kept = self.kept.model_copy(update={"anchors": around(sorted(seeds))})
        for field in Exploration.model_fields:
            self.changed.emit(field)
        self.go_on_map(*self.kept.point)

    def place(self) -> Place:
        """Return the present place, with nothing left open but the label of its heaviest seed."""
        moves = {number: round(value, 3) for number, value in self._moves.items() if value}
        return self._base.model_copy(
            update={"directions": moves, "label": self._label, "variety": self._variety}
        )

    def at(self, place: Place) -> Place:
        """Return another place with the moves, label and variety of the present one."""
        mine = self.place()
        return place.model_copy(
            update={
                "directions": mine.directions,
                "label": mine.label,
                "variety": mine.variety,
            }
        )

    def go_on_map(self, x: float, y: float) -> None:
        """Go to a point of the map."""
        self.kept = self.kept.model_copy(update={"point": (x, y)})
        self.on_map = True
        self._base = place_on_map(self.kept.anchors, x, y)
        self.moved.emit()

    def go_to(self, place: Place) -> None:
        """Go to a place that need not be on the map; label and variety are the caller's."""
        self.on_map = False
        self._base = place.model_copy(update={"directions": {}, "label": "", "variety": None})
        self._moves = dict(place.directions)
        self.moved.emit()

    def move(self, number: int, deviations: float) -> None:
        """Go so many standard deviations along a direction."""
        self._moves[number] = deviations
        self.moved.emit()

    def moves(self) -> dict[int, float]:
        """Return how far one has gone along each direction."""
        return dict(self._moves)

    def stay_level(self) -> None:
        """Take back what was gone along directions."""
        self._moves = {}
        self.moved.emit()

    def set_ground(self, label: str, variety: float) -> None:
        """Say with which label and variety things are made."""
        if (label, variety) != (self._label, self._variety):
            self._label, self._variety = label, variety
            self.moved.emit()

    def keep_point(self) -> None:
        """Keep where on the map one is, for the next time."""
        if self.model:
            self._table.set(self.model, self.kept)

    # ----------------------------------------------------------------------------- what is kept

    def put(self, field: str, value: object, words: str, *, merge: int = -1) -> None:
        """Keep another value of a field of `Exploration`.

        Args:
            words: What this does, as it follows the word Undo.
            merge: Edits in a row with the same number are undone together.
        """
        model = self.model

        def swap(new: Any) -> Any:
            return self._swap(model, field, new)

        self._studio.undo.push(Swap(words, swap, value, merge=merge))

    def add_pin(self, pin: Pin) -> None:
        """Keep a place."""
        self.put("pins", (*self.kept.pins, pin), _tr("pinning"))

    def add_key_frames(self, frames: Sequence[KeyFrame]) -> None:
        """Add places to the path."""
        self.put("key_frames", (*self.kept.key_frames, *frames), _tr("adding to the path"))

    def add_seed(self, seed: int, x: float | None = None, y: float | None = None) -> None:
        """Put a seed on the map, where there is most room unless a point is given."""
        anchors = self.kept.anchors
        if any(anchor.seed == seed for anchor in anchors):
            return
        if x is None or y is None:
            x, y = _roomiest(anchors)
        added = Anchor(seed=seed, x=x, y=y)
        self.put("anchors", (*anchors, added), _tr("adding a seed"))

    def remove_anchor(self, index: int) -> None:
        """Take a seed from the map; one always stays."""
        anchors = self.kept.anchors
        if len(anchors) > 1:
            left = (*anchors[:index], *anchors[index + 1 :])
            self.put("anchors", left, _tr("removing a seed"))

    def move_anchor(self, index: int, x: float, y: float) -> None:
        """Put a seed elsewhere on the map, while it is dragged."""
        anchors = list(self.kept.anchors)
        anchors[index] = anchors[index].model_copy(update={"x": x, "y": y})
        self.kept = self.kept.model_copy(update={"anchors": tuple(anchors)})
        self._anchors_moved()

    def new_map(self) -> None:
        """Put other seeds on the map."""
        seeds = {random_seed() for _ in range(max(2, len(self.kept.anchors)))}
        self.put("anchors", around(sorted(seeds)), _tr("another map"))

    def rename_direction(self, number: int, name: str) -> None:
        """Call a direction by a name of the user's; an empty one gives the number back."""
        names = {key: old for key, old in self.kept.names.items() if key != number}
        if name:
            names[number] = name
        if names != self.kept.names:
            self.put("names", names, _tr("renaming a direction"))

    def _swap(self, model: str, field: str, value: Any) -> Any:
        """Keep a value and return the one before; an undo may come when another model is open."""
        state = self.kept if model == self.model else self._table.get(model)
        before = getattr(state, field)
        state = state.model_copy(update={field: value})
        self._table.set(model, state)
        if model == self.model:
            self.kept = state
            if field == "anchors":
                self._anchors_moved()
            else:
                self.changed.emit(field)
        return before

    def _anchors_moved(self) -> None:
        """Let the map show its seeds, and go on from the same point of it."""
        self.changed.emit("anchors")
        if self.on_map:
            self.go_on_map(*self.kept.point)


def packed(picture: QPixmap) -> str:
    """Return a small copy of a picture as PNG in base64, to be kept."""
    small = picture
    if max(picture.width(), picture.height()) > _KEPT_SIDE:
        small = picture.scaled(
            _KEPT_SIDE,
            _KEPT_SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    room = QByteArray()
    buffer = QBuffer(room)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small.save(buffer, "PNG")
    return "" if picture.isNull() else base64.b64encode(room.data()).decode()


def unpacked(text: str) -> QPixmap:
    """Return a picture that was kept; an empty one when there is none."""
    picture = QPixmap()
    picture.loadFromData(base64.b64decode(text))
    return picture


def _roomiest(anchors: Sequence[Anchor]) -> tuple[float, float]:
    """Return the point of a coarse grid that lies furthest from all seeds and the rim."""
    steps = [0.1 * step for step in range(1, 10)]

    def room(point: tuple[float, float]) -> float:
        x, y = point
        return min((a.x - x) ** 2 + (a.y - y) ** 2 for a in anchors) if anchors else 0.0

    return max(((x, y) for x in steps for y in steps), key=room)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explorer", text)
