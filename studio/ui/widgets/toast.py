"""Notices that do not interrupt: small bars in the corner, with an action and a close button."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.core.protocol import Severity
from studio.ui.icons import IconLabel
from studio.ui.theme import Colour
from studio.ui.widgets.buttons import Button, IconButton
from studio.ui.widgets.labels import label

_SIGNS: dict[Severity, tuple[str, Colour]] = {
    Severity.INFO: ("info", "accent"),
    Severity.WARNING: ("warning", "warn"),
    Severity.ERROR: ("bad", "bad"),
}
_WIDTH = 400
_SHOWN_MS = 7000
_MOST = 4


class NoticeAction(NamedTuple):
    """The one button of a notice."""

    text: str
    run: Callable[[], object]


class Toast(QFrame):
    """One notice. Those that are only information go away by themselves; the others stay."""

    def __init__(
        self,
        severity: Severity,
        title: str,
        message: str = "",
        hint: str = "",
        action: NoticeAction | None = None,
    ) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(
            " ".join(f"{part.rstrip('.')}." for part in (title, message, hint) if part)
        )
        icon, colour = _SIGNS[severity]
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 10)
        row.setSpacing(10)
        row.addWidget(IconLabel(icon, 18, colour), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(title, "body", wrap=True))
        for text in (message, hint):
            if text and text != title:
                words.addWidget(label(text, "muted", wrap=True))
        if action is not None:
            button = Button(action.text, self.dismiss)
            button.clicked.connect(lambda _checked: action.run())
            words.addSpacing(4)
            words.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(words, 1)
        close = IconButton("close", self.tr("Close this notice"), self.dismiss, 24)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        if severity is Severity.INFO:
            QTimer.singleShot(_SHOWN_MS, self, self._leave_unless_read)

    @Slot()
    def _leave_unless_read(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            QTimer.singleShot(_SHOWN_MS, self, self._leave_unless_read)
        else:
            self.dismiss()

    def dismiss(self) -> None:
        """Take the notice away."""
        self.hide()
        self.deleteLater()


class NoticeStack(QWidget):
    """Notices above the lower right corner of `host`, the newest at the bottom."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._bottom = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        host.installEventFilter(self)
        self.hide()

    def set_bottom(self, pixels: int) -> None:
        """Keep this far from the lower edge, so that the job bar stays in sight."""
        self._bottom = pixels
        self._place()

    def show_notice(
        self,
        severity: Severity,
        title: str,
        message: str = "",
        hint: str = "",
        action: NoticeAction | None = None,
    ) -> Toast:
        """Show a notice and read it to screen readers."""
        toast = Toast(severity, title, message, hint, action)
        toast.destroyed.connect(self._place)
        shown = self.notices()
        for old in shown[: max(0, len(shown) - _MOST + 1)]:
            old.dismiss()
        self._column.addWidget(toast)
        toast.show()
        self._place()
        QAccessible.updateAccessibility(
            QAccessibleAnnouncementEvent(self._host, toast.accessibleName())
        )
        return toast

    def notices(self) -> list[Toast]:
        """Return the notices in sight, oldest first."""
        found = self.findChildren(Toast, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [toast for toast in found if not toast.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the host's size."""
        if watched is self._host and event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _place(self) -> None:
        toasts = self.notices()
        self.setVisible(bool(toasts))
        if not toasts:
            return
        self._column.activate()
        height = sum(
            max(toast.sizeHint().height(), toast.heightForWidth(_WIDTH)) for toast in toasts
        )
        height += self._column.spacing() * (len(toasts) - 1)
        left = self._host.width() - _WIDTH - 22
        top = self._host.height() - self._bottom - height
        self.setGeometry(left, max(0, top), _WIDTH, height)
        self.raise_()
