"""The data doctor's words as cards, each with a button that puts it right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.protocol import Severity
from studio.data.findings import Finding
from studio.ui.icons import IconLabel
from studio.ui.theme import GAP, Colour
from studio.ui.widgets.buttons import Button, Disclosure, QuietButton
from studio.ui.widgets.cards import Card, InnerCard
from studio.ui.widgets.flow import FlowLayout
from studio.ui.widgets.labels import Pill, label

_SIGNS: dict[Severity, tuple[str, Colour]] = {
    Severity.ERROR: ("bad", "bad"),
    Severity.WARNING: ("warning", "warn"),
    Severity.INFO: ("info", "accent"),
}

_SHOWN = 3  # notes in sight before the user asks for the others


class DoctorCard(Card):
    """What will hurt a training, the worst first; or that nothing will.

    Signals:
        repair_wanted: Repair, the user pressed its button.
        show_wanted: Finding, the user wants to see what it is about.
    """

    repair_wanted = Signal(object)
    show_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("DoctorCard", "Data doctor"))
        self._notes = Pill()
        self.header.addWidget(self._notes)
        self._cards: list[QWidget] = []
        self.show_looking()

    def show_looking(self) -> None:
        """Say that the dataset is being looked at."""
        self._notes.setVisible(False)
        self._replace([label(self.tr("Looking at your data …"), "muted")])

    def show_findings(self, findings: Sequence[Finding], labels: int) -> None:
        """Show what was found.

        Args:
            labels: How many labels the dataset has, for the good news about them.
        """
        count = len(findings)
        self._notes.setVisible(count > 0)
        self._notes.setText(self.tr("1 note") if count == 1 else f"{count} " + self.tr("notes"))
        serious = any(finding.severity is not Severity.INFO for finding in findings)
        self._notes.set_tone("warn" if serious else "")
        cards: list[QWidget] = [self._card(finding) for finding in findings]
        if count > _SHOWN + 1:
            cards = [*cards[:_SHOWN], *self._folded(cards[_SHOWN:])]
        rules = {finding.rule for finding in findings}
        if not findings:
            cards.append(_good(self.tr("Nothing here will hurt a training")))
        if labels > 1 and not rules & {"imbalance", "labels-missing"}:
            cards.append(_good(self.tr("Labels are balanced")))
        self._replace(cards)

    def _folded(self, cards: list[QWidget]) -> list[QWidget]:
        """Return a line that shows these cards, and them below it."""
        line = Disclosure(self.tr("{count} more notes").format(count=len(cards)))
        for card in cards:
            card.setVisible(False)
            line.toggled.connect(card.setVisible)
        return [line, *cards]

    def _card(self, finding: Finding) -> QWidget:
        card = InnerCard()
        card.setAccessibleName(f"{finding.title}. {finding.evidence} {finding.why}")
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(IconLabel(*_sign(finding.severity)), 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(label(finding.title, wrap=True), 1)
        card.body.addLayout(top)
        card.body.addWidget(label(f"{finding.evidence} {finding.why}", "caption", wrap=True))
        buttons = FlowLayout(spacing=GAP)  # long words of a repair leave no room beside them
        repair = finding.repair
        if repair is not None:
            buttons.addWidget(Button(repair.title, lambda: self.repair_wanted.emit(repair)))
        if finding.items or finding.rule == "rejected":
            show = QuietButton(self.tr("Show"), lambda: self.show_wanted.emit(finding))
            show.setAccessibleName(f"{self.tr('Show')}: {finding.title}")
            buttons.addWidget(show)
        card.body.addLayout(buttons)
        return card

    def _replace(self, cards: Sequence[QWidget]) -> None:
        for old in self._cards:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._cards = list(cards)
        for card in cards:
            self.body.addWidget(card)


def _sign(severity: Severity) -> tuple[str, int, Colour]:
    name, colour = _SIGNS[severity]
    return name, 16, colour


def _good(text: str) -> InnerCard:
    card = InnerCard()
    row = QHBoxLayout()
    row.setSpacing(GAP)
    row.addWidget(IconLabel("good", 16, "good"))
    row.addWidget(label(text, wrap=True), 1)
    card.body.addLayout(row)
    return card
