"""The explorer in the middle of the Generate page: map or mixtures, preview, and a drawer below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QPixmap, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget

from studio.core.exploration import KeyFrame, Pin
from studio.core.media import Modality
from studio.core.places import Place
from studio.ui.context import Studio
from studio.ui.pages.explore_directions import DirectionsPanel
from studio.ui.pages.explore_live import Known, Live
from studio.ui.pages.explore_map import MapPane
from studio.ui.pages.explore_mix import MixPane
from studio.ui.pages.explore_own import OwnPanel
from studio.ui.pages.explore_pins import PinsPanel
from studio.ui.pages.explore_preview import PreviewPane
from studio.ui.pages.explore_state import Explorer, packed
from studio.ui.theme import GAP_CARDS
from studio.ui.widgets.cards import Card, rule
from studio.ui.widgets.chips import ChipChoice, ChipRow
from studio.ui.widgets.labels import Pill

_DRAWER = 190  # height of what lies below the map, in logical pixels


class ExploreView(Card):
    """Everything with which one moves in a latent space.

    Attributes:
        weights: `RUN@STEP` or the package whose places are shown; empty before the first picture.

    Signals:
        make_wanted: Places that are to be made for good.
        own_wanted: Own files whose places are to be found.
        end_wanted: The search for them is to end.
        pin_wanted: The pin that the user wants to go to.
    """

    make_wanted = Signal(object)
    own_wanted = Signal(object)
    end_wanted = Signal()
    pin_wanted = Signal(object)

    def __init__(self, studio: Studio, explorer: Explorer, live: Live) -> None:
        super().__init__(self.tr("Explorer"))
        self._explorer, self._live = explorer, live
        self.weights = ""
        self.map = MapPane(explorer, live)
        self.mix = MixPane(explorer, live)
        self.preview = PreviewPane()
        self.directions = DirectionsPanel()
        self.pins = PinsPanel()
        self.own = OwnPanel(studio)
        self._state = Pill()
        self._state.setVisible(False)
        self._ways = ChipRow(
            self.tr("How to move"),
            [ChipChoice("map", self.tr("Map")), ChipChoice("mix", self.tr("Mixing"))],
        )
        self.header.addWidget(self._state)
        self.header.addWidget(self._ways)
        self._way = QStackedWidget()
        self._way.addWidget(self.map)
        self._way.addWidget(self.mix)
        top = QHBoxLayout()
        top.setSpacing(GAP_CARDS)
        top.addWidget(self._way, 1)
        top.addWidget(self.preview, 1)
        self._tabs = ChipRow(self.tr("What to explore with"))
        self._drawer = QStackedWidget()
        self._drawer.setFixedHeight(_DRAWER)
        for panel in (self.directions, self.pins, self.own):
            self._drawer.addWidget(panel)
        self.body.addLayout(top, 1)
        self.body.addWidget(rule())
        self.body.addWidget(self._tabs)
        self.body.addWidget(self._drawer)
        self._connect()
        self._show_tabs()

    def set_modality(self, modality: Modality) -> None:
        """Speak of what the model makes."""
        self.own.set_modality(modality)

    def set_model(self, reference: str) -> None:
        """Explore a model: `RUN`, `RUN@STEP` or a package."""
        self._live.set_model(reference)
        self.weights = ""
        self.directions.set_count(0)
        self.preview.say(self.tr("Getting the model ready …"))
        if self.isVisible():
            self._look()

    def show_tab(self, name: str) -> None:
        """Open `directions`, `pins` or `own`."""
        self._tabs.set_key(name)
        self._on_tab(name)

    def show_way(self, name: str) -> None:
        """Move on the `map` or by `mix`tures."""
        self._ways.set_key(name)
        self._on_way(name)

    def say(self, words: str) -> None:
        """Say what became of something."""
        self._state.setText(words)
        self._state.setVisible(bool(words))

    def set_working(self, share: float | None, *, working: bool) -> None:
        """Show that something is made or looked for; until then the preview has to wait."""
        self.say(self.tr("making …") if working else "")
        self.own.set_working(share, working=working)
        self.preview.set_busy(working)

    def pin(self, place: Place, picture: QPixmap, title: str = "") -> None:
        """Keep a place with its picture."""
        number = len(self._explorer.kept.pins) + 1
        title = title or self.tr("Pin {number}").format(number=number)
        pin = Pin(title=title, model=self.weights, place=place, picture=packed(picture))
        self._explorer.add_pin(pin)

    def showEvent(self, event: QShowEvent) -> None:
        """Show where one is."""
        super().showEvent(event)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep where on the map one is."""
        super().hideEvent(event)
        self._explorer.keep_point()

    # --------------------------------------------------------------------------------- private

    def _connect(self) -> None:
        explorer, live = self._explorer, self._live
        explorer.moved.connect(self._on_moved)
        explorer.changed.connect(self._on_changed)
        live.shown.connect(self._on_shown)
        live.known.connect(self._on_known)
        live.finding.connect(self.directions.set_searching)
        live.failed.connect(self.preview.say)
        self._ways.chosen.connect(self._on_way)
        self._tabs.chosen.connect(self._on_tab)
        self.directions.moved.connect(explorer.move)
        self.directions.renamed.connect(explorer.rename_direction)
        self.directions.levelled.connect(explorer.stay_level)
        self.directions.find_wanted.connect(live.find)
        self.directions.end_wanted.connect(live.end_find)
        self.pins.wanted.connect(self.pin_wanted)
        self.pins.changed.connect(lambda pins, words: explorer.put("pins", pins, words))
        self.pins.path_wanted.connect(self._on_pins_to_path)
        self.preview.pin_wanted.connect(self._on_pin)
        self.preview.path_wanted.connect(self._on_to_path)
        self.preview.make_wanted.connect(self._on_make)
        self.mix.make_wanted.connect(self.make_wanted)
        self.own.wanted.connect(self.own_wanted)
        self.own.end_wanted.connect(self.end_wanted)
        keep = QAction(self.tr("Pin what the explorer shows"), self)
        keep.setShortcut(QKeySequence("Ctrl+D"))
        keep.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keep.triggered.connect(self._on_pin)
        self.addAction(keep)

    def _look(self) -> None:
        """Show the present place and picture the map or the grid."""
        if self._explorer.model:
            self._live.show(self._explorer.place())
            (self.map if self._way.currentWidget() is self.map else self.mix).refresh()

    @Slot()
    def _on_moved(self) -> None:
        self.directions.set_values(self._explorer.moves())
        if self._explorer.on_map:
            self.mix.grid.clear_choice()
        if self.isVisible() and self._explorer.model:
            self._live.show(self._explorer.place())

    @Slot(str)
    def _on_changed(self, field: str) -> None:
        if field == "pins":
            self.pins.set_pins(self._explorer.kept.pins)
            self._show_tabs()
        elif field == "names":
            self.directions.set_names(self._explorer.kept.names)

    @Slot(object)
    def _on_known(self, known: Known) -> None:
        self.weights = known.model
        self.mix.set_layers(known.layers)
        self.directions.set_count(known.directions)
        self.directions.set_names(self._explorer.kept.names)
        self.directions.set_values(self._explorer.moves())

    @Slot(object, object, str)
    def _on_shown(self, place: Place, picture: QPixmap, label: str) -> None:
        self.preview.show_place(place.model_copy(update={"label": label}), picture)

    def _show_tabs(self) -> None:
        pins = len(self._explorer.kept.pins)
        self._tabs.set_choices(
            [
                ChipChoice("directions", self.tr("Directions")),
                ChipChoice("pins", self.tr("Pins"), pins or None),
                ChipChoice("own", self.tr("My own")),
            ]
        )

    @Slot(object)
    def _on_way(self, way: object) -> None:
        pane = self.mix if way == "mix" else self.map
        self._way.setCurrentWidget(pane)
        pane.refresh()

    @Slot(object)
    def _on_tab(self, tab: object) -> None:
        panels = {"directions": self.directions, "pins": self.pins, "own": self.own}
        self._drawer.setCurrentWidget(panels[str(tab)])

    @Slot()
    def _on_pin(self) -> None:
        if self.preview.seen is not None:
            self.pin(self.preview.seen, self.preview.picture)
            self.show_tab("pins")

    @Slot()
    def _on_to_path(self) -> None:
        if self.preview.seen is not None:
            picture = packed(self.preview.picture)
            self._explorer.add_key_frames([KeyFrame(place=self.preview.seen, picture=picture)])

    @Slot(object)
    def _on_pins_to_path(self, pins: list[Pin]) -> None:
        frames = [KeyFrame(place=pin.place, picture=pin.picture) for pin in pins]
        self._explorer.add_key_frames(frames)

    @Slot()
    def _on_make(self) -> None:
        if self.preview.seen is not None:
            self.make_wanted.emit([self.preview.seen])
