"""The job *attach sound*: a clip with the sound of a recording or a tune, as one film."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from studio import __version__
from studio.core.assets import Asset, NewAsset
from studio.core.blobs import BlobWriter
from studio.core.errors import StudioError
from studio.core.files import slug, unused
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import AssetMade, AttachSound
from studio.data.modality import Rejected
from studio.data.music import midi
from studio.data.music.sound import write_sound
from studio.data.video.clips import open_film, with_sound
from studio.data.video.pictures import Spread, strip
from studio.engine.job import JobContext

_TUNES = (".mid", ".midi")


class _Source(NamedTuple):
    """A file that is used, and the asset that it belongs to."""

    path: Path
    asset: Asset | None

    @property
    def told(self) -> dict[str, Any]:
        """What a recipe says of it: never where it lay."""
        return self.asset.recipe if self.asset else {"file": self.path.name}


def attach_sound(command: AttachSound, job: JobContext) -> dict[str, Any]:
    """Write a clip with sound; returns its path, and the ids of new assets.

    Raises:
        StudioError: A file or asset is not there, or cannot be used.
    """
    project = Project.open(Path(command.project))
    try:
        video, sound = _source(project, command.video), _source(project, command.sound)
        job.started("attach_sound", f"{video.path.name} · {sound.path.name}")
        name = f"{slug(video.path.stem)}-{slug(sound.path.stem)}.mp4"
        folder = project.assets / time.strftime("%Y-%m-%d") / (job.job_id or "attached")
        target = Path(command.out) if command.out else unused(folder / name)
        recipe = {
            "studio": __version__,
            "attached": {"loop": command.loop, "fade": command.fade},
            "video": video.told,
            "sound": sound.told,
        }
        try:
            with _heard(sound.path) as heard:
                _write(video.path, heard, target, recipe, command, job)
        except Rejected as error:
            names = f"{video.path.name} and {sound.path.name}"
            raise StudioError(
                f"{names} do not go together", str(error), error.suggestion
            ) from error
        if command.out:
            return {"paths": [str(target)], "assets": []}
        asset = _enter(project, video, target, recipe)
        job.emit(AssetMade(job_id=job.job_id, asset=asset, path=str(target), index=0, total=1))
        return {"paths": [str(target)], "assets": [asset]}
    finally:
        project.close()


def _write(
    video: Path,
    sound: Path,
    target: Path,
    recipe: dict[str, Any],
    command: AttachSound,
    job: JobContext,
) -> None:
    total = open_film(video).count

    def tick(done: int) -> None:
        job.progress("Writing frames", done, max(total, done), "frames")

    with_sound(video, sound, target, recipe, loop=command.loop, fade=command.fade, tick=tick)


def _source(project: Project, named: str) -> _Source:
    """Return an asset by its number, or a file by its path."""
    if not named.isdigit():
        path = Path(named)
        if not path.is_file():
            raise StudioError("Nothing there", f"{path} is no file.", "Check the name.")
        return _Source(path, None)
    found = project.library.assets.get([int(named)])
    if not found:
        raise StudioError(
            "No such asset",
            f"There is no asset {named} in {project.name}.",
            "Look in the Gallery for what there is.",
        )
    return _Source(project.folder / found[0].path, found[0])


@contextmanager
def _heard(path: Path) -> Iterator[Path]:
    """Yield a file with sound: a tune is played into one."""
    if path.suffix.lower() not in _TUNES:
        yield path
        return
    with TemporaryDirectory() as folder:
        played = Path(folder) / "tune.wav"
        write_sound(midi.read(path.read_bytes()), played, None)
        yield played


def _enter(project: Project, video: _Source, target: Path, recipe: dict[str, Any]) -> int:
    """Enter the new film into the gallery, beside the clip that it was made of."""
    film = open_film(target)
    few = Spread()
    for _frame in few.passing(film.frames()):
        pass
    with BlobWriter(project.thumbnails) as thumbnails:
        thumb = thumbnails.add(strip(few.frames()))
    of = video.asset
    new = NewAsset(
        path=project.relative(target),
        modality=Modality.VIDEO,
        title=of.title if of else target.stem,
        model=of.model if of else "",
        model_title=of.model_title if of else "",
        run=of.run if of else "",
        step=of.step if of else 0,
        seed=of.seed if of else 0,
        label=of.label if of else "",
        width=film.width,
        height=film.height,
        recipe=recipe,
        thumb=thumb,
    )
    (asset,) = project.library.assets.add([new])
    return asset
