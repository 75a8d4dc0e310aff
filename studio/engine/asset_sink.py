"""Where generated media go: files with their recipe inside, entered into the project's gallery."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from studio import __version__
from studio.core.assets import SEARCHED, NewAsset
from studio.core.blobs import BlobWriter, Span
from studio.core.errors import StudioError
from studio.core.media import Clip, Film, Media, Modality, Text
from studio.core.places import Place
from studio.core.project import Project
from studio.core.protocol import AssetMade, GenerateRequest
from studio.data.modality import ModalityData, modality_data
from studio.data.video.clips import save_clip
from studio.data.video.pictures import Spread, strip
from studio.engine.job import JobContext
from studio.engine.models import LoadedModel

MAKING = "Making"  # what a job says that it is doing while a model makes media
_TITLE = 60  # characters of a prompt that stand under a thumbnail
_FLUSH_ITEMS = 64  # assets that are entered into the library at once


class AssetSink:
    """Writes media to files and enters them into the library.

    Attributes:
        paths, assets: What was written so far.
        total: How many media will come, as far as that is known.
    """

    def __init__(
        self,
        project: Project | None,
        out: str,
        model: LoadedModel,
        request: GenerateRequest,
        job: JobContext,
        *,
        folder: Path | None = None,
    ) -> None:
        """Make the folder for the files: `out`, else one of this job in the project.

        Args:
            folder: The folder in the project, where it is another than that of this job.

        Raises:
            StudioError: There is neither.
        """
        self._project = project if not out else None
        if out:
            self._folder = Path(out)
        elif folder is not None:
            self._folder = folder
        elif project is not None:
            day = time.strftime("%Y-%m-%d")
            self._folder = project.assets / day / (job.job_id or "batch")
        else:
            raise StudioError(
                "Nowhere to write to",
                "Neither a project nor a folder was given.",
                "Open a project, or name a folder for the files.",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._model = model
        self._request = request
        self._job = job
        self._kind: ModalityData = modality_data(model.spec.modality)
        self._waiting: list[tuple[NewAsset, Path]] = []
        self._thumbnails: BlobWriter | None = None
        self._sources: dict[str, str] = {}  # where the project keeps the user's own files
        self.paths: list[str] = []
        self.assets: list[int] = []
        self.total = 0

    def __enter__(self) -> Self:
        if self._project is not None:
            self._thumbnails = BlobWriter(self._project.thumbnails)
        return self

    def __exit__(self, *_error: object) -> None:
        self._enter_waiting()  # also after a stop: what was made is kept
        if self._thumbnails is not None:
            self._thumbnails.close()

    def write(self, media: Media, name: str) -> None:
        """Write one medium and announce it."""
        path = self._folder / (name + self.suffix(media))
        recipe = self._recipe(media)
        thumbnail = b""
        if isinstance(media, Film):
            thumbnail = self._film(media, path, recipe)
        else:
            self._kind_of(media).save(media, path, recipe)
        self.paths.append(str(path))
        if self._project is None:
            self._announce(0, path)
            return
        thumbnail = thumbnail or self._kind_of(media).thumbnail(media)
        self._waiting.append((self._asset(media, path, recipe, thumbnail), path))
        # the first ones at once, so that the page fills while the rest is made
        if len(self._waiting) >= _FLUSH_ITEMS or len(self.paths) <= _FLUSH_ITEMS:
            self._enter_waiting()

    def suffix(self, media: Media) -> str:
        """Return the ending of a medium's file."""
        form = self._request.form
        if isinstance(media, Clip) and form != "strip":
            return f".{form}"
        return self._kind_of(media).asset_suffix

    def _kind_of(self, media: Media) -> ModalityData:
        """Return what knows a medium: models of pictures make clips too."""
        return modality_data(Modality.VIDEO) if isinstance(media, Clip | Film) else self._kind

    def _film(self, film: Film, path: Path, recipe: dict[str, Any]) -> bytes:
        """Write a film while it is made, as the user may stop it; returns its thumbnail.

        How far it is, is said by what makes it, or where that says nothing by the frames.
        """
        few = Spread()
        watched = replace(film, frames=lambda: few.passing(film.frames()))

        def tick(done: int) -> None:
            # two counts that take turns would each begin their time anew
            if self._job.stage == MAKING:
                self._job.gate()
            else:
                self._job.progress("Writing frames", done, max(film.count, done), "frames")

        save_clip(watched, path, recipe, tick=tick)
        return strip(few.frames())

    def _recipe(self, media: Media) -> dict[str, Any]:
        return {
            "studio": __version__,
            "request": self._request.model_dump(mode="json")
            | {
                "model": self._model.reference,
                "inputs": [*map(_name, self._request.inputs)],
                "masks": [*map(_name, self._request.masks)],
            },
            "model": {
                "title": self._model.title,
                "family": self._model.recipe.family,
                "dataset": self._model.recipe.dataset.name,
                "step": self._model.step,
            },
            "facts": media.facts | self._origin(media),
        }

    def _origin(self, media: Media) -> dict[str, str]:
        """Return where the project keeps the file that a medium started from, and its mask."""
        place = media.facts.get("input")
        if self._project is None or place is None:
            return {}
        files = {"source": self._request.inputs[place]}
        if masks := self._request.masks:
            files["mask"] = masks[place % len(masks)]
        for file in files.values():
            if file not in self._sources:
                self._sources[file] = self._project.keep_input(Path(file))
        return {name: self._sources[file] for name, file in files.items()}

    def _asset(
        self, media: Media, path: Path, recipe: dict[str, Any], thumbnail: bytes
    ) -> NewAsset:
        if self._project is None or self._thumbnails is None:
            raise RuntimeError("assets belong to a project")
        thumb: Span = self._thumbnails.add(thumbnail)
        label = str(media.facts.get("label", ""))
        kind = self._kind_of(media)
        width, height = kind.extent(media)
        seed = int(media.facts.get("seed", self._seed_of_place(media)))
        title = label or _short(self._request.prompt) or self._model.recipe.dataset.name
        return NewAsset(
            path=self._project.relative(path),
            modality=kind.modality,
            title=f"{title} · seed {seed}" if "seed" in media.facts else path.stem,
            model=self._model.reference,
            model_title=self._model.title,
            run=self._model.run,
            step=self._model.step,
            seed=seed,
            label=label,
            width=width,
            height=height,
            recipe=recipe,
            thumb=thumb,
            said=media.text[:SEARCHED] if isinstance(media, Text) else "",
        )

    def _seed_of_place(self, media: Media) -> int:
        """Return the seed that weighs most in a medium's place, else that of the request."""
        place = media.facts.get("place")
        heaviest = Place.model_validate(place).heaviest if place else None
        return self._request.seed if heaviest is None else heaviest

    def _enter_waiting(self) -> None:
        if not self._waiting or self._project is None or self._thumbnails is None:
            return
        self._thumbnails.flush()
        ids = self._project.library.assets.add([asset for asset, _path in self._waiting])
        for asset_id, (_asset, path) in zip(ids, self._waiting, strict=True):
            self._announce(asset_id, path)
        self.assets.extend(ids)
        self._waiting = []

    def _announce(self, asset: int, path: Path) -> None:
        self._job.emit(
            AssetMade(
                job_id=self._job.job_id,
                asset=asset,
                path=str(path),
                index=len(self.paths) - 1,
                total=self.total,
            )
        )


def _short(prompt: str) -> str:
    """Return a prompt on one line, its beginning where it is long."""
    line = " ".join(prompt[: 8 * _TITLE].split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"


def _name(file: str) -> str:
    """Return a file's bare name: a shared picture must not tell its maker's folders."""
    return Path(file).name
