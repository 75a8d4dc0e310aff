"""Films on the Data page: how one is cut into scenes and clips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.blobs import BlobWriter
from studio.core.datasets import ITEMS_PACK
from studio.core.items import NewItem
from studio.core.media import Clip, Modality
from studio.core.project import Project
from studio.data.video.clips import save_clip
from studio.data.video.preparation import VideoPreparation
from studio.ui import settings
from studio.ui.context import Studio
from studio.ui.pages.data_video import VideoBench
from studio.ui.side_work import side_work
from studio.ui.views.video_cuts import cut_film

TOGETHER = 8000  # milliseconds of patience


@pytest.fixture
def studio(qapp: QApplication, fake_engine: list[str], tmp_path: Path) -> Iterator[Studio]:
    """Return a project with a film of two scenes, 30 and 20 frames."""
    settings.settings().clear()
    made = Studio(Project.open(tmp_path / "Filme.studio", create=True), fake_engine)
    rng = np.random.default_rng(0)
    scenes = [rng.integers(0, 255, (1, 16, 16, 3), np.uint8) // part for part in (1, 4)]
    pixels = np.concatenate([scenes[0].repeat(30, 0), scenes[1].repeat(20, 0)])
    path = tmp_path / "film.mp4"
    save_clip(Clip(pixels.repeat(4, 1).repeat(4, 2), 25.0), path)
    table = made.project.library.datasets
    table.add("films", "Films", Modality.VIDEO, source="films")
    with BlobWriter(made.project.dataset("films") / ITEMS_PACK) as pack:
        span = pack.add(path.read_bytes())
    item = NewItem(
        name="film.mp4",
        label="",
        caption="",
        width=64,
        height=64,
        notes=("frames=50", "fps=25"),
        sha256=b"1" * 32,
        perceptual=1,
        item=span,
        thumb=span._replace(length=0),
    )
    table.add_items("films", [item])
    yield made
    side_work().wait()
    made.close()
    made.deleteLater()


def test_a_film_is_cut_where_preparing_cuts_it(studio: Studio) -> None:
    preparation = VideoPreparation(frames=10, overlap=0, size=16)
    film = cut_film(studio.project.folder, "films", 0, preparation)
    assert film is not None
    assert (film.name, film.frames, film.cuts) == ("film.mp4", 50, [30])
    assert film.clips == [0, 10, 20, 30, 40] and film.unused == 0
    again = cut_film(studio.project.folder, "films", 7, preparation)
    assert again is not None and again.name == film.name, "past the last it begins again"
    whole = cut_film(
        studio.project.folder, "films", 0, preparation.model_copy(update={"cuts": False})
    )
    assert whole is not None and whole.cuts == []


def test_the_card_says_what_comes_of_a_film(studio: Studio, qtbot: QtBot) -> None:
    bench = VideoBench(studio)
    qtbot.addWidget(bench)
    bench.resize(300, 300)
    with qtbot.waitExposed(bench):
        bench.show()
    table = studio.project.library.datasets
    dataset = table.all()[0]
    wanted = {"frames": 15, "overlap": 0, "size": 16}
    bench.show_dataset(replace(dataset, preparation=wanted))
    words = "50 frames · 2 scenes · 4 clips of 15 frames"
    qtbot.waitUntil(lambda: bench.words.text() == words, timeout=TOGETHER)
    assert "2 scenes, 4 clips" in bench.line.accessibleName()
    image = bench.line.grab().toImage()
    assert len({image.pixel(x, 10) for x in range(0, image.width(), 3)}) > 3, "there are pictures"
    bench.end()
