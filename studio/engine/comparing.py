"""The job *compare_runs*: what several runs had made and measured at the same point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.core.catalogue import catalogue
from studio.core.errors import StudioError
from studio.core.files import replacing
from studio.core.media import Clip
from studio.core.project import Project
from studio.core.protocol import CompareRuns
from studio.core.recipe import differing_settings
from studio.core.runs import Run
from studio.core.side_by_side import (
    Side,
    Track,
    aligned,
    best_place,
    compared_metrics,
)
from studio.data.image.grid import titled_row
from studio.data.image.modality import as_pillow
from studio.data.image.picture import encode_png
from studio.data.video.clips import FORMATS, open_film, save_clip
from studio.engine.job import JobContext
from studio.engine.sheets import CLIPS, sheet_pixels


def compare_runs(command: CompareRuns, job: JobContext) -> dict[str, Any]:
    """Return where each run stood and its metrics; with a path, write their sheets there.

    Returns:
        `runs` (run, name, step, seconds, measured, judge, values), `metrics` (those that tell
        which run is better, each with its values in the order of the runs and the best run's id),
        `settings` (those that differ) and the picture's `path`.

    Raises:
        StudioError: There is no such run, or a run of which a picture is wanted has no sheet.
    """
    project = Project.open(Path(command.project))
    project.close()
    tracks = [Track.read(Run.find(project.runs, name)) for name in dict.fromkeys(command.runs)]
    if len(tracks) < 2:
        raise StudioError(
            "That is one run", "A run is not compared with itself.", "Name two runs or more."
        )
    job.started("compare_runs", ", ".join(track.recipe.name for track in tracks))
    sides = aligned(tracks, command.clock, command.point)
    families = [track.recipe.family for track in tracks]
    infos = [catalogue().family(family).info for family in families]
    metrics = {}
    for name, metric in compared_metrics(sides, infos).items():
        best = best_place(name, metric, sides, families)
        metrics[name] = {
            "values": [side.values.get(name) for side in sides],
            "better": metric.better,
            "best": sides[best].run if best >= 0 else "",
        }
    if command.path:
        _write_sheets(sides, Path(command.path))
    return {
        "runs": [_facts(side) for side in sides],
        "metrics": metrics,
        "settings": differing_settings([track.recipe for track in tracks]),
        "path": command.path,
    }


def _facts(side: Side) -> dict[str, Any]:
    names = ("run", "name", "step", "seconds", "measured", "judge", "values")
    return {name: getattr(side, name) for name in names}


def _write_sheets(sides: list[Side], path: Path) -> None:
    """Write the sheets of all runs beside each other: as a picture, or playing, as a clip."""
    sheets, titles = [], []
    for side in sides:
        if side.sheet is None:
            raise StudioError(
                "No samples yet",
                f"The run {side.run} has not drawn a sample sheet.",
                "Press Now on the Train page, or wait for its first one.",
            )
        sheets.append(side.sheet)
        minutes = side.seconds / 60
        titles.append(f"{side.name} · step {side.step:,} · {minutes:.1f} min")
    if path.suffix.lower() in FORMATS and path.suffix.lower() != ".png":
        save_clip(_playing(sheets, titles), path)
        return
    picture = as_pillow(titled_row([sheet_pixels(sheet) for sheet in sheets], titles))
    with replacing(path) as scratch:
        scratch.write_bytes(encode_png(picture))


def _playing(sheets: list[Path], titles: list[str]) -> Clip:
    """Return sheets that move as one clip; of those that are over sooner the last frame stays."""
    films = [open_film(sheet) if sheet.suffix in CLIPS else None for sheet in sheets]
    frames = [
        [sheet_pixels(sheet)] if film is None else list(film.frames())
        for sheet, film in zip(sheets, films, strict=True)
    ]
    rates = [film.fps if film is not None else 1.0 for film in films]
    rate = max(rates)
    longest = max(len(own) / fps for own, fps in zip(frames, rates, strict=True))
    moments = []
    for number in range(max(1, round(longest * rate))):
        seen = [
            own[min(int(number / rate * fps), len(own) - 1)]
            for own, fps in zip(frames, rates, strict=True)
        ]
        moments.append(titled_row(seen, titles).pixels)
    return Clip(np.stack(moments), rate)
