"""Jobs that write media for others: chosen assets, the time-lapse of a run."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from studio.core.assets import Asset
from studio.core.errors import StudioError
from studio.core.files import replacing, unused
from studio.core.media import NOUNS, Clip, Film, Image, Modality
from studio.core.project import Project
from studio.core.protocol import ExportAssets, ExportTimelapse
from studio.core.runs import Run
from studio.data.image.files import save, sheet
from studio.data.modality import modality_data
from studio.data.video.clips import first_frame, open_film, save_clip
from studio.engine.job import JobContext
from studio.engine.sheets import CLIPS, sheet_pixels

#: Of formats that are not called by their suffix.
_PICTURES_A_SECOND = 4.0
_LONGEST = 60.0  # seconds of a time-lapse of sheets that move
_SUFFIXES = {"jpeg": ".jpg", "av1": ".av1.webm", "wav24": ".24.wav", "wavfloat": ".float.wav"}


def export_timelapse(command: ExportTimelapse, job: JobContext) -> dict[str, Any]:
    """Write a run's sample sheets, one after the other, as a clip; those that move play once."""
    project = Project.open(Path(command.project))
    project.close()
    run = Run.find(project.runs, command.run)
    job.started("export_timelapse", run.recipe().name)
    paths = list(run.sample_paths().values())
    if not paths:
        raise StudioError(
            "No samples yet",
            "This run has not drawn a sample sheet.",
            "Press Now on the Train page, or wait for the first one.",
        )
    if all(path.suffix in CLIPS for path in paths):
        return _played(paths, Path(command.path), job)
    frames = []
    for index, path in enumerate(paths):
        job.progress("Reading sheets", index, len(paths), "sheets")
        frames.append(sheet_pixels(path))
    # the last sheet stays in sight for a second
    frames.extend([frames[-1]] * max(1, round(command.fps)))
    save_clip(Clip(np.stack(frames), command.fps), Path(command.path))
    return {"path": command.path, "frames": len(paths)}


def _played(paths: list[Path], target: Path, job: JobContext) -> dict[str, Any]:
    """Write sheets that move, each played once; of very many those that lie evenly apart."""
    last = open_film(paths[-1])
    most = max(2, round(_LONGEST / max(1.0, last.count / last.fps)))
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), most)).round().astype(int))

    def frames() -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
        for number, place in enumerate(chosen):
            job.progress("Writing sheets", number, len(chosen), "sheets")
            for frame in open_film(paths[place]).frames():
                if frame.shape == (last.height, last.width, 3):
                    yield frame
                else:  # clips that were made at another size
                    size = (last.width, last.height)
                    yield np.asarray(PillowImage.fromarray(frame).resize(size))

    save_clip(Film(frames, last.width, last.height, last.fps), target)
    return {"path": str(target), "frames": len(chosen)}


# --------------------------------------------------------------------------------------- assets


def export_assets(command: ExportAssets, job: JobContext) -> dict[str, Any]:
    """Write chosen assets in a format: one file each, or one clip, sheet or zip of all."""
    job.started("export_assets", f"{len(command.assets)} as {command.format}")
    writers: dict[str, Callable[[_Chosen, Path], list[Path]]] = {
        "gif": _as_clip,
        "mp4": _as_clip,
        "sheet": _as_sheet,
        "zip": _as_zip,
    }
    write = writers.get(command.format, _as_files)
    project = Project.open(Path(command.project))
    try:
        assets = project.library.assets.get(command.assets)
        if not assets:
            raise StudioError(
                "Nothing is chosen", "No asset was chosen to export.", "Click one or more first."
            )
        if write is _as_clip and all(asset.modality is Modality.VIDEO for asset in assets):
            write = _as_files
        chosen = _Chosen(project, assets, command, job)
        paths = write(chosen, Path(command.path))
    finally:
        project.close()
    return {"paths": [str(path) for path in paths]}


class _Chosen:
    """The assets of an export, read one by one."""

    def __init__(
        self, project: Project, assets: list[Asset], command: ExportAssets, job: JobContext
    ) -> None:
        self._project = project
        self.assets = assets
        self.form = command.format
        self.embed = command.embed_recipe
        self.fps, self.quality = command.fps, command.quality
        self._job = job

    def path(self, asset: Asset) -> Path:
        """Return the file of an asset.

        Raises:
            StudioError: It is gone.
        """
        path = self._project.folder / asset.path
        if not path.exists():
            raise StudioError(
                "A file is gone",
                f"{asset.path} was moved or removed outside the studio.",
                "Put it back, or leave it out of the export.",
            )
        return path

    def progress(self, done: int) -> None:
        """Say how far the export is."""
        self._job.progress("Exporting", done, len(self.assets), "files")

    def film(self, source: Path, target: Path, recipe: dict[str, Any] | None) -> Path:
        """Write a clip in the format of the target's suffix; returns what was written."""
        film = open_film(source)

        def tick(done: int) -> None:
            self._job.progress("Writing frames", done, max(film.count, done), "frames")

        return save_clip(film, target, recipe, fps=self.fps, quality=self.quality, tick=tick)

    def pictures(self) -> list[Image]:
        """Return the pictures and the first frames of the clips, RGB.

        Raises:
            StudioError: Something else is among them.
        """
        seen = {Modality.IMAGE, Modality.VIDEO}
        if others := {asset.modality for asset in self.assets} - seen:
            raise StudioError(
                "Only pictures go onto a sheet or into a clip",
                f"{', '.join(sorted(NOUNS[each].many for each in others))} were chosen too.",
                "Choose pictures alone, or another format.",
            )
        found = []
        for index, asset in enumerate(self.assets):
            self.progress(index)
            found.append(Image(_first_frame(self.path(asset))))
        return found


def _as_files(chosen: _Chosen, folder: Path) -> list[Path]:
    suffix = _SUFFIXES.get(chosen.form, f".{chosen.form}")
    kinds = {asset.modality for asset in chosen.assets}
    alone = kinds == {Modality.VIDEO}
    for modality in kinds if alone else kinds - {Modality.VIDEO}:
        known = modality_data(modality).formats
        if suffix not in known:
            raise StudioError(
                "Not a format for these",
                f"{chosen.form!r} is not one of {', '.join(each[1:] for each in known)}.",
                "Choose another format, or fewer things.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for index, asset in enumerate(chosen.assets):
        chosen.progress(index)
        source = chosen.path(asset)
        recipe = asset.recipe if chosen.embed else None
        if asset.modality is not Modality.VIDEO:
            target = unused(folder / (source.stem + suffix), suffix)
            modality_data(asset.modality).export(source, target, recipe)
        elif alone or suffix == source.suffix:
            ending = suffix if alone else source.suffix
            target = _unused_clip(folder / (source.stem + ending), ending)
            if suffix == source.suffix and chosen.embed and not chosen.fps:
                shutil.copyfile(source, target)
            else:
                target = chosen.film(source, target, recipe)
        else:
            target = unused(folder / source.name)  # among pictures a clip stays a clip
            shutil.copyfile(source, target)
        written.append(target)
    return written


def _unused_clip(path: Path, suffix: str) -> Path:
    """Return a path that does not exist yet; PNGs go to a folder that is named without suffix."""
    if path.suffix != ".png":
        return unused(path, suffix)
    return unused(path.with_suffix("")).with_suffix(".png")


def _as_clip(chosen: _Chosen, path: Path) -> list[Path]:
    frames = [picture.pixels for picture in _same_size(chosen.pictures())]
    recipe = {"assets": [asset.recipe for asset in chosen.assets]} if chosen.embed else None
    target = path.with_suffix(f".{chosen.form}")
    clip = Clip(np.stack(frames), chosen.fps or _PICTURES_A_SECOND)
    save_clip(clip, target, recipe, quality=chosen.quality)
    return [target]


def _as_sheet(chosen: _Chosen, path: Path) -> list[Path]:
    pictures = [picture.pixels for picture in _same_size(chosen.pictures())]
    recipe = {"assets": [asset.recipe for asset in chosen.assets]} if chosen.embed else None
    target = path.with_suffix(".png")
    save(PillowImage.fromarray(sheet(pictures, 0).pixels), target, recipe)
    return [target]


def _as_zip(chosen: _Chosen, path: Path) -> list[Path]:
    target = path.with_suffix(".zip")
    names: set[str] = set()
    with replacing(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for index, asset in enumerate(chosen.assets):
            chosen.progress(index)
            source = chosen.path(asset)
            name = source.name if source.name not in names else f"{asset.id}-{source.name}"
            names.add(name)
            archive.writestr(
                name, source.read_bytes() if chosen.embed else _stripped(asset, source)
            )
    return [target]


def _stripped(asset: Asset, source: Path) -> bytes:
    """Return a file's content without the recipe in it."""
    with TemporaryDirectory() as folder:
        plain = Path(folder) / source.name
        modality_data(asset.modality).export(source, plain, None)
        return plain.read_bytes()


def _first_frame(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if path.suffix in CLIPS:
        return first_frame(path)
    with PillowImage.open(path) as picture:
        mode = "L" if picture.mode == "L" else "RGB"
        array = np.asarray(picture.convert(mode), dtype=np.uint8)
    return array[:, :, None] if array.ndim == 2 else array


def _same_size(pictures: list[Image]) -> list[Image]:
    """Return pictures fitted into the largest one's frame, RGB."""
    height = max(picture.pixels.shape[0] for picture in pictures)
    width = max(picture.pixels.shape[1] for picture in pictures)
    fitted = []
    for picture in pictures:
        whole = PillowImage.fromarray(picture.pixels.squeeze()).convert("RGB")
        whole.thumbnail((width, height))
        canvas = PillowImage.new("RGB", (width, height))
        canvas.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
        fitted.append(Image(np.asarray(canvas, dtype=np.uint8)))
    return fitted
