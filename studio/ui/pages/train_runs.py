"""The left column: every run and what waits in the queue, as cards that are kept up to date."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QSizePolicy

from studio.ui.context import Studio
from studio.ui.icons import IconLabel
from studio.ui.pages.train_book import Listed, RunBook
from studio.ui.pages.train_edits import RemoveEntry, ReorderQueue
from studio.ui.pages.train_queue import QueueColumn
from studio.ui.pages.train_recipes import copy_recipe
from studio.ui.theme import GAP, ui_font
from studio.ui.widgets.buttons import Button, IconButton, QuietButton
from studio.ui.widgets.cards import Card, ChoiceCard, InnerCard
from studio.ui.widgets.labels import ElidedLabel, label, set_property
from studio.ui.widgets.panes import scrolled
from studio.ui.widgets.progress import ProgressBar


class RunCard(ChoiceCard):
    """One run or queue entry: name, state in words, a thin bar, and what can be done with it.

    Signals:
        moved: Up (−1) or down (+1) in the queue: Alt with an arrow key.
        dragged: It waits, and the mouse carries it away.
        resume_wanted, retry_wanted: Go on with the run; try the failed entry again.
        menu_wanted: Show the menu at this place of the screen.
    """

    moved = Signal(int)
    dragged = Signal()
    resume_wanted = Signal()
    retry_wanted = Signal()
    menu_wanted = Signal(object)

    def __init__(self, listed: Listed) -> None:
        super().__init__(listed.title)
        self.setProperty("role", "inner")
        self.body.setContentsMargins(10, GAP, 6, 10)
        self.body.setSpacing(4)
        self.listed = listed
        self._pressed: QPointF | None = None
        self._grip = IconLabel("grip", 14, "muted")
        self._grip.setToolTip(self.tr("Drag to another place in the queue, or Alt+↑ and Alt+↓"))
        self._title = ElidedLabel(listed.title)
        self._words = label("", "caption", wrap=True)
        self._words.setFont(ui_font(11))  # in every tone
        self._error = label("", "error", wrap=True)
        self._bar = ProgressBar(self.tr("Progress"))
        self._more = IconButton("more", self.tr("More"), self._open_menu, 22)
        self._go_on = IconButton("play", self.tr("Resume"), self.resume_wanted.emit, 22)
        self._retry = Button(self.tr("Retry"), self.retry_wanted.emit)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self._grip)
        top.addWidget(self._title, 1)
        for button in (self._go_on, self._more):
            top.addWidget(button)
        self.body.addLayout(top)
        self.body.addWidget(self._words)
        self.body.addWidget(self._error)
        self.body.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignLeft)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 2, 4, 0)
        bar.addWidget(self._bar)
        self.body.addLayout(bar)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.mapToGlobal(at))
        )
        self.show_listed(listed)

    def show_listed(self, listed: Listed) -> None:
        """Bring the card up to date."""
        self.listed = listed
        self._title.setText(listed.title)
        self._words.setText(listed.words)
        self._words.setVisible(not listed.failed)
        self._error.setText(listed.words)
        self._error.setVisible(listed.failed)
        set_property(self._words, "role", listed.tone or "caption")
        self._bar.setVisible(listed.share is not None)
        self._bar.set_share(listed.share or 0.0)
        self._grip.setVisible(listed.waits)
        self._go_on.setVisible(listed.resumable and not listed.failed)
        self._retry.setVisible(listed.failed)
        self.setAccessibleName(f"{listed.title}, {listed.words}")

    def set_share(self, share: float) -> None:
        """Move the bar alone."""
        self._bar.set_share(share)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a drag may begin."""
        if event.button() is Qt.MouseButton.LeftButton and self.listed.waits:
            self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to carry the card once the mouse has gone some way."""
        if self._pressed is None:
            return
        way = (event.position() - self._pressed).manhattanLength()
        if way >= QApplication.startDragDistance():
            self._pressed = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Carry it no more; a click chooses."""
        self._pressed = None
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the queue with Alt and an arrow; else choose."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self.listed.waits and alt and event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _open_menu(self) -> None:
        self.menu_wanted.emit(self._more.mapToGlobal(QPoint(0, self._more.height())))


class RunsPanel(Card):
    """The list of runs and the queue.

    Signals:
        run_chosen: The user picked this run.
    """

    run_chosen = Signal(str)

    def __init__(self, studio: Studio, book: RunBook) -> None:
        super().__init__(self.tr("Runs"))
        self._studio = studio
        self._book = book
        self._cards: dict[str, RunCard] = {}
        self._chosen = ""
        self.header.addWidget(
            QuietButton(self.tr("New"), lambda: studio.open_page("models"), icon="plus")
        )
        self._held = InnerCard()
        self._held.body.addWidget(label(self.tr("The queue waits for you."), "muted", wrap=True))
        self._held.body.addWidget(
            Button(self.tr("Go on"), studio.queue.go_on), 0, Qt.AlignmentFlag.AlignLeft
        )
        self.body.addWidget(self._held)
        self._queue = QueueColumn()
        self._queue.dropped.connect(self._drop)
        self._column = self._queue.column
        area = scrolled(self._queue)
        area.setMinimumWidth(150)
        area.setAccessibleName(self.tr("Runs"))
        self.body.addWidget(area, 1)
        self.body.setContentsMargins(14, 14, 10, 10)

    @Slot()
    def refresh(self) -> None:
        """Show what there is now; cards that stay keep their widgets and the keyboard."""
        listed = self._book.listed()
        self._held.setVisible(self._studio.queue.held)
        gone = set(self._cards) - {each.key for each in listed}
        for key in gone:
            card = self._cards.pop(key)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, each in enumerate(listed):
            card = self._cards.get(each.key) or self._new_card(each)
            if card.listed != each:
                card.show_listed(each)
            if self._column.indexOf(card) != place:
                self._column.removeWidget(card)
                self._column.insertWidget(place, card)
            card.set_chosen(bool(each.run) and each.run == self._chosen)
        self._queue.set_waiting([self._cards[each.key] for each in listed if each.waits])

    def set_chosen(self, run_id: str) -> None:
        """Mark the run that the page shows."""
        self._chosen = run_id
        for card in self._cards.values():
            card.set_chosen(bool(card.listed.run) and card.listed.run == run_id)

    def set_progress(self, run_id: str, share: float) -> None:
        """Move the bar of the run in training."""
        card = self._cards.get(f"run/{run_id}")
        if card is not None:
            card.set_share(share)

    def cards(self) -> list[RunCard]:
        """Return the cards in their order."""
        found = (self._column.itemAt(place) for place in range(self._column.count()))
        widgets = (item.widget() for item in found if item is not None)
        return [widget for widget in widgets if isinstance(widget, RunCard)]

    def menu(self, card: RunCard) -> QMenu:
        """Return the menu of a card."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        listed, entry = card.listed, card.listed.entry
        actions: list[tuple[str, Callable[[], object], bool]] = [
            (self.tr("Resume"), lambda: self._resume(card), listed.resumable),
            (self.tr("Retry"), lambda: self._retry(card), listed.failed),
            (
                self.tr("Duplicate and tweak…"),
                lambda: self.tweak(card),
                entry is None or entry.batch is None,
            ),
            (self.tr("Earlier in the queue"), lambda: self._move(card, -1), listed.waits),
            (self.tr("Later in the queue"), lambda: self._move(card, 1), listed.waits),
            (self.tr("Remove from the queue"), lambda: self._remove(card), entry is not None),
        ]
        for text, act, shown in actions:
            if shown:
                menu.addAction(text).triggered.connect(lambda _checked, act=act: act())
        return menu

    def tweak(self, card: RunCard) -> None:
        """Open the Models page with the card's recipe, to start a changed copy."""
        recipe = card.listed.entry.recipe if card.listed.entry is not None else None
        known = self._book.run(card.listed.run)
        recipe = known[0] if known is not None else recipe
        if recipe is not None:
            self._studio.open_page("models", recipe=copy_recipe(recipe))

    def _new_card(self, listed: Listed) -> RunCard:
        card = RunCard(listed)
        self._cards[listed.key] = card
        card.chosen.connect(lambda: self._choose(card))
        card.moved.connect(lambda by: self._move(card, by))
        card.dragged.connect(lambda: self._drag(card))
        card.resume_wanted.connect(lambda: self._resume(card))
        card.retry_wanted.connect(lambda: self._retry(card))
        card.menu_wanted.connect(lambda at: self.menu(card).popup(at))
        return card

    def _choose(self, card: RunCard) -> None:
        if card.listed.run:
            self.run_chosen.emit(card.listed.run)

    def _resume(self, card: RunCard) -> None:
        self._book.go_on(card.listed.run)

    def _retry(self, card: RunCard) -> None:
        if card.listed.run:
            self._book.go_on(card.listed.run)
        elif card.listed.entry is not None:
            self._studio.queue.retry(card.listed.entry.id)

    def _remove(self, card: RunCard) -> None:
        entry = card.listed.entry
        if entry is None:
            return
        if card.listed.waits or card.listed.failed:
            self._studio.undo.push(RemoveEntry(self._studio, entry))
        else:
            self._studio.queue.remove(entry.id)  # stops and saves the run; Resume takes it back

    def _move(self, card: RunCard, by: int) -> None:
        """Swap a waiting entry with the one before or after it."""
        if card.listed.entry is not None:
            waiting = [entry.id for entry in self._studio.queue.entries_waiting()]
            place = waiting.index(card.listed.entry.id)
            self._drop(card.listed.entry.id, max(0, place - 1) if by < 0 else place + 2)

    def _drag(self, card: RunCard) -> None:
        if card.listed.entry is not None:
            self._queue.drag(card, card.listed.entry.id)

    @Slot(int, int)
    def _drop(self, entry: int, place: int) -> None:
        """Put a waiting entry before the one that waits at this place now."""
        waiting = [each.id for each in self._studio.queue.entries_waiting()]
        if entry not in waiting:
            return  # it began to train while it was carried
        first = [each for each in waiting[:place] if each != entry]
        last = [each for each in waiting[place:] if each != entry]
        turns = iter([*first, entry, *last])
        before = [each.id for each in self._studio.queue.entries()]
        after = [next(turns) if each in waiting else each for each in before]
        if after != before:
            self._studio.undo.push(ReorderQueue(self._studio, before, after))
