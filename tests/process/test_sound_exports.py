"""Chosen recordings written out in each format, as the dialog and other programs ask for it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.core.assets import NewAsset
from studio.core.blobs import Span
from studio.core.media import Modality, Sound
from studio.core.project import Project
from studio.core.protocol import ExportAssets
from studio.data.modality import modality_data
from studio.engine.control import Control
from studio.engine.exporting import export_assets
from studio.engine.job import JobContext
from studio.ui.dialogs.export_assets import formats
from studio.ui.dropped_recipes import modality_of, recipe_in

DATA = modality_data(Modality.AUDIO)
RECIPE = {"family": "wavenet", "seed": 5, "options": "x" * 9000}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with two recordings in its gallery."""
    folder = tmp_path / "a.studio"
    opened = Project.open(folder, create=True)
    for number in range(2):
        wave = 0.5 * np.sin(np.arange(4000) * (0.1 + 0.1 * number)).astype(np.float32)
        DATA.save(Sound(wave[:, None], 8000), folder / "assets" / f"{number}.wav", RECIPE)
        asset = NewAsset(
            f"assets/{number}.wav",
            Modality.AUDIO,
            f"Sound {number}",
            "run@1",
            "WaveNet",
            "run",
            1,
            number,
            "",
            500,
            8000,
            RECIPE,
            Span(0, 0),
        )
        opened.library.assets.add([asset])
    opened.close()
    return folder


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("form", [each.key for each in formats({Modality.AUDIO})])
def test_recordings_leave_in_every_format(
    project: Path, tmp_path: Path, form: str, embed: bool
) -> None:
    command = ExportAssets(
        project=str(project),
        assets=[1, 2],
        format=form,
        path=str(tmp_path / "out"),
        embed_recipe=embed,
    )
    found = export_assets(command, JobContext("job", Control(), lambda _event: None))
    paths = [Path(path) for path in found["paths"]]
    if form == "zip":
        with zipfile.ZipFile(paths[0]) as archive:
            archive.extractall(tmp_path / "unpacked")
        paths = sorted((tmp_path / "unpacked").iterdir())
    assert len(paths) == 2
    subtypes = {"wav24": "PCM_24", "wavfloat": "FLOAT", "ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}
    for path in paths:
        assert soundfile.info(path).subtype == subtypes.get(form, "PCM_16")
        assert modality_of(path) is Modality.AUDIO
        assert recipe_in(path) == (RECIPE if embed else None)


def test_each_format_has_a_name_and_a_sentence() -> None:
    offered = formats({Modality.AUDIO})
    assert [each.key for each in offered] == [
        *("wav", "wav24", "wavfloat", "flac", "ogg", "mp3", "zip")
    ]
    assert len({each.title for each in offered}) == len({each.sentence for each in offered}) == 7
