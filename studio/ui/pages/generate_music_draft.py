"""A piece on the Generate page: as the model wrote it, and as the user changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from studio import __version__
from studio.core.assets import Asset, NewAsset
from studio.core.blobs import BlobWriter, Span
from studio.core.files import unused
from studio.core.media import Music
from studio.core.project import Project
from studio.ui.sound_thread import Piece
from studio.ui.views.music_editing import Edited
from studio.ui.views.music_notes import Chosen, NoteTable


class State(NamedTuple):
    """What an edit changes: the notes, which are chosen, and what was done so far."""

    table: NoteTable
    chosen: Chosen | None
    edits: tuple[str, ...]


class Draft:
    """An asset's notes, which can be changed without touching its file.

    Attributes:
        asset: Where it began.
        title: What it is called on the page.
        piece: What the player plays.
        saved: The edits that are in a file already.
    """

    def __init__(self, asset: Asset, title: str, table: NoteTable) -> None:
        self.asset, self.title = asset, title
        self.state = State(table, None, ())
        self.piece = Piece(table.music)
        self.saved: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there are edits that no file holds."""
        return self.state.edits != self.saved

    def swap(self, state: State) -> State:
        """Take another state and return the one before; the player is told by whoever calls."""
        before, self.state = self.state, state
        return before

    def after(self, edit: str, edited: Edited) -> State:
        """Return the state that an edit leads to."""
        return State(edited.table, edited.chosen, (*self.state.edits, edit))


class Written(NamedTuple):
    """A file that was written, and what the library is told of it."""

    path: Path
    recipe: dict[str, Any]
    thumbnail: bytes
    extent: tuple[int, int]


def write_draft(folder: Path, asset: Asset, music: Music, edits: tuple[str, ...]) -> Written:
    """Write an edited piece beside the file that it began as; work for a thread.

    The recipe says what made the original, and what was done to it by hand.
    """
    from studio.data.modality import modality_data

    kind = modality_data(asset.modality)
    original = folder / asset.path
    path = unused(original.with_name(f"{original.stem}-edited{original.suffix}"))
    facts = dict(asset.recipe.get("facts", {})) | {"original": asset.path, "edits": list(edits)}
    recipe = {"studio": __version__} | asset.recipe | {"facts": facts}
    path.parent.mkdir(parents=True, exist_ok=True)
    kind.save(music, path, recipe)
    return Written(path, recipe, kind.thumbnail(music), kind.extent(music))


def enter(project: Project, asset: Asset, written: Written, title: str) -> int:
    """Enter a written piece into the library; returns its id.

    The pack of thumbnails has one writer at a time: call this while the maker rests.
    """
    with BlobWriter(project.thumbnails) as pack:
        thumb: Span = pack.add(written.thumbnail)
    new = NewAsset(
        path=project.relative(written.path),
        modality=asset.modality,
        title=title,
        model=asset.model,
        model_title=asset.model_title,
        run=asset.run,
        step=asset.step,
        seed=asset.seed,
        label=asset.label,
        width=written.extent[0],
        height=written.extent[1],
        recipe=written.recipe,
        thumb=thumb,
    )
    return project.library.assets.add([new])[0]
