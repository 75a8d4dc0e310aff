"""What the data tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.project import Project


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Project]:
    """Return an empty project, open."""
    project = Project.open(tmp_path / "Überblick.studio", create=True)
    yield project
    project.close()
