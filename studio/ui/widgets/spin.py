"""Numbers and choices: spin boxes and combo boxes over which a page can be scrolled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)

_MARGIN = 7  # style sheets do not reach the text of a spin box
_TEXT_MARGIN = 4  # that the style leaves beside the text of a combo box


class SpinBox(QSpinBox):
    """A spin box that a page can be scrolled over."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only when it has the keyboard; else the page scrolls."""
        _wheel_if_focused(self, event, super().wheelEvent)


class ComboBox(QComboBox):
    """A combo box that a page can be scrolled over; of a long choice the end is left out (…)."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def shown_text(self) -> str:
        """Return as much of the choice as there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
        width = room.width() - _TEXT_MARGIN
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box; style sheets would cut a long choice off in the middle of a letter."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        """Say a choice that is cut short in a tooltip, where there is no other."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            whole = self.currentText()
            if not self.toolTip() and self.shown_text() != whole:
                QToolTip.showText(event.globalPos(), whole, self)
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only when it has the keyboard; else the page scrolls."""
        _wheel_if_focused(self, event, super().wheelEvent)


class RealSpinBox(QDoubleSpinBox):
    """A spin box that shows numbers without trailing zeros and can step 1, 2, 5, 10 …"""

    _DIGITS = 10

    def __init__(self, *, by_factors: bool) -> None:
        super().__init__()
        self._by_factors = by_factors
        self.setDecimals(self._DIGITS)
        self.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def textFromValue(self, value: float) -> str:
        """Write a number as people do: 0.0002, 0.5, 1e-05."""
        return f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        """Read a number, with its unit or without."""
        return float(self._number(text))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what reads as a number between the bounds, 1e-4 too."""
        number = self._number(text)
        try:
            value = float(number)
        except ValueError:
            unfinished = all(letter in "0123456789.,eE+-" for letter in number)
            state = QValidator.State.Intermediate if unfinished else QValidator.State.Invalid
            return state, text, position
        inside = self.minimum() <= value <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position

    def stepBy(self, steps: int) -> None:
        """Step by a fixed amount, or along 1, 2, 5, 10 …"""
        if not self._by_factors:
            super().stepBy(steps)
            return
        value = self.value()
        for _ in range(abs(steps)):
            value = _next_round(value) if steps > 0 else _last_round(value)
        self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only when it has the keyboard; else the page scrolls."""
        _wheel_if_focused(self, event, super().wheelEvent)

    def _number(self, text: str) -> str:
        return text.removesuffix(self.suffix()).strip().replace(",", ".")


_ROUND = [mantissa * 10.0**power for power in range(-8, 7) for mantissa in (1, 2, 5)]


def _next_round(value: float) -> float:
    return next((each for each in _ROUND if each > value * 1.0001), value)


def _last_round(value: float) -> float:
    return next((each for each in reversed(_ROUND) if each < value * 0.9999), 0.0)


def _wheel_if_focused(
    widget: QWidget, event: QWheelEvent, turn: Callable[[QWheelEvent], None]
) -> None:
    if widget.hasFocus():
        turn(event)
    else:
        event.ignore()
