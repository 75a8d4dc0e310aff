"""The style sheet: how each role of a widget looks, in terms of the palette's tokens.

Widgets say what they are with the dynamic property `role` (`QFrame[role="card"]`); no page has a
style sheet of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from studio.core.paths import resource

_SHEET = Template("""
QWidget { color: $text; selection-background-color: $accent; selection-color: $on_accent; }
QMainWindow, QDialog, QWidget[role="page"] { background: $bg; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 6px 8px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="figure"] { font-size: 18px; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="caption"] { color: $muted; font-size: 11px; }
QLabel[role="good"] { color: $good; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="error"] { color: $bad; font-size: 11px; }
QLabel[role="pill"] {
    background: $raised; color: $muted; border-radius: 9px; padding: 2px 9px; font-size: 11px;
}
QLabel[role="pill"][tone="good"] { color: $good; }
QLabel[role="pill"][tone="warn"] { color: $warn; }
QLabel[role="pill"][tone="bad"] { color: $bad; }

QLabel[role="bubble"], QLabel[role="bubble-own"] {
    background: $raised; border-radius: 10px; padding: 7px 11px;
}
QLabel[role="bubble-own"] { background: $selection; }

QFrame[role="card"] {
    background: $panel; border: 1px solid $line; border-radius: 10px; padding: 1px;
}
QFrame[role="card"][chosen="true"] { border: 2px solid $accent; padding: 0; }
QFrame[role="card"]:focus { border-color: $accent; }
QFrame[role="inner"] { background: $raised; border: 1px solid $raised; border-radius: 8px; }
QFrame[role="inner"][chosen="true"] { background: $selection; border-color: $selection; }
QFrame[role="inner"]:focus { border-color: $accent; }
QFrame[role="rail"] { background: $panel; border: none; border-right: 1px solid $line; }
QFrame[role="notice"] { background: $raised; border: 1px solid $line; border-radius: 8px; }
QFrame[role="rule"] { background: $line; border: none; max-height: 1px; }

QPushButton, QToolButton {
    background: $raised; border: 1px solid $line; border-radius: 7px; padding: 5px 12px;
    min-height: 18px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $selection; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $panel; }
QPushButton[role="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
    padding: 5px 15px;
}
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled {
    background: $raised; color: $faint; border-color: $line;
}
QPushButton[role="quiet"], QToolButton[role="quiet"] {
    background: transparent; border: 1px solid transparent; color: $muted; padding: 5px 8px;
}
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover {
    background: $hover; color: $text;
}
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="quiet"]:disabled, QToolButton[role="quiet"]:disabled { color: $faint; }
QPushButton[role="chip"] {
    background: transparent; color: $muted; border: 1px solid $line; border-radius: 13px;
    padding: 3px 12px; min-height: 18px;
}
QPushButton[role="chip"]:hover { color: $text; background: $hover; }
QPushButton[role="chip"]:checked { background: $selection; color: $text; border-color: $accent; }
QPushButton[role="chip"]:focus { border-color: $accent; }
QPushButton[role="disclosure"] {
    background: transparent; border: 1px solid transparent; color: $muted; padding: 5px 8px;
}
QPushButton[role="disclosure"]:hover { color: $text; }
QPushButton[role="disclosure"]:focus { border-color: $accent; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[role="rail"] {
    background: transparent; border: 1px solid transparent; border-radius: 8px; color: $muted;
    font-size: 11px; font-weight: 500; padding: 7px 0 5px 0; min-height: 44px;
}
QToolButton[role="rail"]:hover { background: $hover; color: $text; }
QToolButton[role="rail"]:checked { background: $selection; color: $text; }
QToolButton[role="rail"]:focus { border-color: $accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: $raised; border: 1px solid $line; border-radius: 7px; padding: 5px 9px;
}
QPlainTextEdit[role="reading"] {
    background: $panel; border: none; border-radius: 0; padding: 0;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 28px; padding: 0 9px; }
QAbstractSpinBox { padding: 0 20px 0 0; }
QLineEdit QToolButton {
    background: transparent; border: none; padding: 0; min-height: 0;
}
QLineEdit[role="inline"] {
    background: transparent; border-color: transparent; min-height: 18px; padding: 0;
    font-size: 11px; color: $muted;
}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"] {
    border-color: $bad;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: 20px; border: none; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url("$icons/spin-up-$tone.svg"); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url("$icons/spin-down-$tone.svg"); width: 9px; height: 9px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/spin-down-$tone.svg"); width: 10px; height: 10px; }
QComboBox QAbstractItemView {
    background: $raised; border: 1px solid $line; padding: 4px; outline: none;
    selection-background-color: $selection; selection-color: $text;
}
QCheckBox, QRadioButton { background: transparent; spacing: 7px; }
QCheckBox::indicator, QRadioButton::indicator, QListWidget::indicator {
    width: 15px; height: 15px; background: $raised; border: 1px solid $faint;
}
QCheckBox::indicator, QListWidget::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $text; }
QCheckBox::indicator:checked, QListWidget::indicator:checked {
    background: $accent; border-color: $accent; image: url("$icons/check-$tone.svg");
}
QRadioButton::indicator:checked {
    background: $accent; border-color: $accent; image: url("$icons/dot-$tone.svg");
}
QCheckBox:focus, QRadioButton:focus { color: $text; }

QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider[role="centred"]::sub-page:horizontal { background: $line; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $text;
}
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $faint; }

QScrollArea, QAbstractScrollArea[role="bare"] { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; }
QListView, QTreeView, QTableView {
    background: transparent; border: none; outline: none; alternate-background-color: $raised;
    selection-background-color: $selection; selection-color: $text;
}
QTreeView::item, QTableView::item { padding: 5px 6px; }
QListWidget::item { padding: 3px 4px; border-radius: 5px; }
QListWidget::item:selected { background: $selection; color: $text; }
QHeaderView::section {
    background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: 5px 8px;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }

QMenu { background: $raised; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 5px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenuBar { background: $panel; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 4px 9px; background: transparent; }
QMenuBar::item:selected { background: $selection; border-radius: 5px; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px; border: none; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabWidget::pane { border: none; }
""")


def stylesheet(tokens: Mapping[str, Any], tone: str) -> str:
    """Return the application's style sheet.

    Args:
        tokens: The palette's fields by name.
        tone: `light` or `dark`; style sheets take their arrows and ticks from files.
    """
    return _SHEET.substitute(tokens, icons=resource("icons", "qss").as_posix(), tone=tone)
