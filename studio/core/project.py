"""A project: one folder `NAME.studio` that holds datasets, runs, models, assets and the library."""

from __future__ import annotations

import hashlib
import logging
import shutil
import uuid
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.files import replacing, slug
from studio.core.library import Library

_log = logging.getLogger(__name__)

SUFFIX = ".studio"


class Project:
    """The places inside a project folder, and its library.

    The library is opened on first use, one connection per Project object; use each object in
    one thread.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._library: Library | None = None

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> Project:
        """Open a project folder; with `create`, make it when it does not exist.

        Raises:
            StudioError: There is no project, or a newer program made it.
        """
        if folder.suffix != SUFFIX and not (folder / Library.FILE).exists():
            folder = folder.with_name(folder.name + SUFFIX)
        project = cls(folder)
        if not (folder / Library.FILE).exists():
            if not create:
                raise StudioError(
                    "No project there",
                    f"{folder} is not a studio project.",
                    "Choose a folder whose name ends in .studio, or make a new project.",
                )
            folder.mkdir(parents=True, exist_ok=True)
        _ = project.library  # checks the schema, so that a newer project is refused untouched
        return project

    @property
    def name(self) -> str:
        """The folder's name without the suffix."""
        return self.folder.stem

    @property
    def library(self) -> Library:
        """The project's database."""
        if self._library is None:
            self._library = Library(self.folder / Library.FILE)
        return self._library

    @property
    def runs(self) -> Path:
        """Folder of runs, one folder each."""
        return self.folder / "runs"

    @property
    def prepared(self) -> Path:
        """Folder of prepared data, one folder per key; can be made again."""
        return self.folder / "prepared"

    @property
    def models(self) -> Path:
        """Folder of the project's own model packages."""
        return self.folder / "models"

    @property
    def assets(self) -> Path:
        """Folder of generated media."""
        return self.folder / "assets"

    @property
    def inputs(self) -> Path:
        """Folder of the user's own files that generated media started from, and their masks."""
        return self.folder / "inputs"

    def keep_input(self, path: Path) -> str:
        """Keep a copy of a file that media start from, once; returns its path as stored.

        The original may move or change; what was made from it is to be made again all the same.
        """
        content = path.read_bytes()
        kept = self.inputs / f"{hashlib.sha256(content).hexdigest()[:24]}{path.suffix.lower()}"
        if not kept.exists():
            self.inputs.mkdir(exist_ok=True)
            with replacing(kept) as temporary:
                temporary.write_bytes(content)
        return self.relative(kept)

    @property
    def thumbnails(self) -> Path:
        """Pack of the assets' thumbnails; can be made again."""
        return self.folder / "thumbnails.pack"

    @property
    def directions(self) -> Path:
        """Folder of the principal directions that were found in models."""
        return self.folder / "directions"

    @property
    def scratch(self) -> Path:
        """Folder of pictures that are looked at once; emptied when the project is closed."""
        return self.folder / "scratch"

    def dataset(self, dataset_id: str) -> Path:
        """Return the folder of a dataset."""
        return self.folder / "datasets" / dataset_id

    def relative(self, path: Path) -> str:
        """Return a path as stored in the library: relative to the project, with slashes."""
        return path.resolve().relative_to(self.folder).as_posix()

    def delete_trashed_datasets(self) -> None:
        """Delete the removed datasets for good; a folder that is in use stays for the next time."""
        for dataset_id in self.library.datasets.trashed():
            try:
                shutil.rmtree(self.dataset(dataset_id))
            except FileNotFoundError:
                _log.debug("%s had no folder", dataset_id)
            except OSError as error:
                _log.warning("%s is not deleted yet: %s", dataset_id, error)
                continue
            self.library.datasets.remove(dataset_id)

    def close(self) -> None:
        """Close the library."""
        if self._library is not None:
            self._library.close()
            self._library = None


def new_id(name: str) -> str:
    """Return a readable, unique id: a slug of `name` and four random characters."""
    return f"{slug(name)[:40]}-{uuid.uuid4().hex[:4]}"
