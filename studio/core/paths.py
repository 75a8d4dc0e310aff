"""Where things lie: the program's own resources and the user's settings, cache and logs."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

APP_NAME = "AIGC Studio"
_DIRS = platformdirs.PlatformDirs("aigc-studio", appauthor=False)


def program_dir() -> Path:
    """Return the folder of `resources/` and `models/`: the checkout or the frozen bundle."""
    bundle = getattr(sys, "_MEIPASS", None)
    return Path(bundle) if bundle else Path(__file__).resolve().parents[2]


def resource(*parts: str) -> Path:
    """Return the path of a file in `resources/`."""
    return program_dir().joinpath("resources", *parts)


def starter_models() -> list[Path]:
    """Return the model packages that ship with the program, by name."""
    return sorted(program_dir().joinpath("models").glob("*.studiomodel"))


def cache_dir() -> Path:
    """Return the folder for what can be made again (benchmarks of this machine, downloads)."""
    return _made(Path(_DIRS.user_cache_dir))


def state_dir() -> Path:
    """Return the folder for logs and the state of the window."""
    return _made(Path(_DIRS.user_state_dir))


def default_projects_dir() -> Path:
    """Return the folder in which new projects are proposed."""
    return Path(_DIRS.user_documents_dir) / APP_NAME


def _made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
