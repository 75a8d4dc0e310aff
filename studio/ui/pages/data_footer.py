"""The line below the items: how to choose, or what can be done with what is chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.items import Item
from studio.ui.pages.data_facts import Facts
from studio.ui.theme import GAP
from studio.ui.widgets.buttons import Button, QuietButton
from studio.ui.widgets.labels import ElidedLabel


class Footer(QWidget):
    """How to choose; once something is chosen, its facts and what can be done with it.

    Signals:
        label_wanted: Give what is chosen a label.
        leave_out_wanted: Leave what is chosen out (True) or take it in again (False).
        rejects_wanted: Show the files that were not taken.
    """

    label_wanted = Signal()
    leave_out_wanted = Signal(bool)
    rejects_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = ElidedLabel("", "caption")
        self._label = Button(
            self.tr("Label…"), self.label_wanted.emit, icon="tag", tip=self.tr("Label (L)")
        )
        self._leave = Button(
            self.tr("Leave out"),
            lambda: self.leave_out_wanted.emit(True),
            tip=self.tr("The model will not see them (Delete)"),
        )
        self._take = Button(
            self.tr("Take in"),
            lambda: self.leave_out_wanted.emit(False),
            tip=self.tr("The model will see them again (Insert)"),
        )
        self._rejects = QuietButton("", self.rejects_wanted.emit)
        self._rejects.setToolTip(self.tr("Files that were not taken, and why"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._words, 1)
        for button in (self._label, self._leave, self._take, self._rejects):
            row.addWidget(button)
        self.setFixedHeight(self._leave.sizeHint().height())
        self.show_dataset(None)

    def show_dataset(self, facts: Facts | None, *, choosing: bool = True) -> None:
        """Show what there is; nothing is chosen.

        Args:
            choosing: Whether there are items to choose from.
        """
        some = choosing and facts is not None and facts.count > 0
        hint = self.tr("Click, Shift and Ctrl choose. L gives a label, Delete leaves out.")
        self._words.setText(hint if some else "")
        rejects = facts.rejects if facts is not None else 0
        self._rejects.setVisible(rejects > 0)
        words = self.tr("1 file not taken") if rejects == 1 else self.tr("{count} files not taken")
        self._rejects.setText(words.format(count=f"{rejects:,}"))
        self._rejects.setAccessibleName(self._rejects.text())
        for button in (self._label, self._leave, self._take):
            button.setVisible(False)

    def show_chosen(self, count: int, item: Item | None, words: str = "") -> None:
        """Show what is chosen.

        Args:
            count: How many items are.
            item: The one that is, when it is one.
            words: What is said of that one.
        """
        self._words.setText(words or self.tr("{count} chosen").format(count=f"{count:,}"))
        self._rejects.setVisible(False)
        self._label.setVisible(True)
        self._leave.setVisible(item is None or not item.excluded)
        self._take.setVisible(item is None or item.excluded)
