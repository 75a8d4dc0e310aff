"""What the window remembers between two starts: a QSettings file beside the logs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from studio.core.paths import state_dir

_MAX_RECENT = 8


def settings() -> QSettings:
    """Return the window's settings; several QSettings on one file share their content."""
    return QSettings(str(state_dir() / "window.ini"), QSettings.Format.IniFormat)


def text(key: str, default: str = "") -> str:
    """Return a stored text."""
    return str(settings().value(key, default))


def flag(key: str, *, default: bool = False) -> bool:
    """Return a stored yes or no; the file stores words."""
    return text(key, "true" if default else "false") == "true"


def number(key: str, default: int) -> int:
    """Return a stored whole number."""
    stored = text(key)
    return int(stored) if stored.lstrip("-").isdecimal() else default


def store(key: str, value: str | bool | int) -> None:
    """Store a text, a whole number, or a yes or no."""
    written = ("true" if value else "false") if isinstance(value, bool) else str(value)
    settings().setValue(key, written)


def recent_projects() -> list[Path]:
    """Return the projects opened last that still exist, newest first."""
    lines = text("recent").split("\n")
    return [path for path in map(Path, filter(None, lines)) if path.exists()]


def remember_project(folder: Path) -> None:
    """Put a project at the head of the recent ones."""
    others = [path for path in recent_projects() if path != folder]
    store("recent", "\n".join(str(path) for path in [folder, *others][:_MAX_RECENT]))
