"""What the middles of music and of sound share: a batch that fills, the chosen one large."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.core.assets import Asset, AssetFilter
from studio.core.protocol import AssetMade, GenerateRequest, JobFinished, Outcome
from studio.ui.asset_source import AssetSource
from studio.ui.pages.generate_batch import BatchList
from studio.ui.pages.generate_middle import Around, Middle
from studio.ui.pages.generate_tasks import PATHS
from studio.ui.sound import player
from studio.ui.widgets.buttons import QuietButton
from studio.ui.widgets.cards import Card, EmptyState
from studio.ui.widgets.labels import Pill

_GATHER_MS = 60
#: Steps from one place of a path to the next, as the words of `generate_tasks` say.
_STEPS = 4


class PlayedMiddle(Middle):
    """A batch of things that are played. Who extends it makes `batch` first, then calls `build`.

    Attributes:
        batch: The list.
    """

    usual_count = 4
    batch: BatchList

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self._source = AssetSource(self._studio.project)
        self._total = 0
        self._made: list[int] = []
        self._pill = Pill()
        self._pill.setVisible(False)
        self._compare = QuietButton(self.tr("Compare"), self._on_compare, icon="compare")
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(_GATHER_MS)
        self._gather.timeout.connect(self._show_made)
        self._stack = QStackedWidget()

    def build(self, parts: QWidget, empty: str) -> None:
        """Put the parts together; `empty` is said while nothing was made yet."""
        nothing = Card()
        nothing.body.addWidget(EmptyState("generate", empty))
        self._stack.addWidget(nothing)
        self._stack.addWidget(parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        batch = self.batch
        batch.starred.connect(lambda asset, stars: self._actions.rate([asset], stars))
        batch.opened.connect(lambda place: self._actions.enlarge(self._source.ids, place))
        batch.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        self._actions.add_keys(batch, lambda: [asset.id for asset in batch.chosen()])
        self._studio.library_changed.connect(self._on_library)
        self._studio.closing.connect(player().pause)
        self._on_selection()

    def batch_card(self) -> Card:
        """Return the card that the batch stands in."""
        card = Card(self.tr("This batch"))
        card.header.addWidget(self._pill)
        card.header.addWidget(self._compare)
        card.body.addWidget(self.batch, 1)
        return card

    # ------------------------------------------------------------------------ the page's words

    def complete(self, request: GenerateRequest) -> GenerateRequest:
        """Go in few steps from one place to the next: each lasts as long as a recording."""
        return request.model_copy(update={"frames": _STEPS} if request.task in PATHS else {})

    def begin(self, request: GenerateRequest, total: int) -> None:
        """Make room for a new batch; what plays goes on until the first of it is there."""
        self._total, self._made = total, []
        self._source.show([])
        self.batch.show_rows()
        self._say(self.tr("starting…"))

    def asset_made(self, event: AssetMade, asset: Asset | None) -> None:
        """Add a thing to the batch."""
        self._total = event.total or self._total
        self._made.append(event.asset)
        self._say(self._so_far(event.index + 1))
        if not self._gather.isActive():
            self._gather.start()

    def finished(self, event: JobFinished) -> None:
        """Say how many there are, and how long it took."""
        self._show_made()
        made = len(self._source.ids)
        if event.outcome is Outcome.FAILED:
            self._say(self.tr("failed"))
        elif made < self._total:
            self._say(self.tr("{words} · stopped").format(words=self._so_far(made)))
        else:
            words = self.tr("{words} · {seconds} s")
            self._say(words.format(words=self._so_far(made), seconds=f"{event.seconds:.1f}"))

    def showEvent(self, event: QShowEvent) -> None:
        """Load what the first sound needs, so that it comes at once."""
        super().showEvent(event)
        player().warm()

    # ---------------------------------------------------------------------------------- events

    @Slot()
    def _show_made(self) -> None:
        self._gather.stop()
        made, self._made = self._made, []
        if made:
            self._source.show([*self._source.ids, *made])
            self.batch.show_rows()
            self._stack.setCurrentIndex(1)

    @Slot(str)
    def _on_library(self, what: str) -> None:
        """Follow edits: stars change, what went to the trash goes from here too."""
        if what == "marks":
            self._source.forget()
            self.batch.viewport().update()
        if what == "assets" and self._source.ids:
            there = set(self._studio.project.library.assets.ids(AssetFilter()))
            left = [asset for asset in self._source.ids if asset in there]
            if left != self._source.ids:
                self._source.show(left)
                self.batch.show_rows()
        self._on_selection()

    @Slot()
    def _on_selection(self) -> None:
        self._compare.setEnabled(self._actions.can_compare(self.batch.chosen()))

    def _on_compare(self) -> None:
        player().pause()
        self._actions.compare(self.batch.chosen())

    def _say(self, words: str) -> None:
        self._pill.setText(words)
        self._pill.setVisible(bool(words))

    def _so_far(self, done: int) -> str:
        words = self.tr("{done} of {total}")
        return words.format(done=f"{done:,}", total=f"{self._total:,}")
