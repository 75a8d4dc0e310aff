"""What can be done with chosen assets, the same on every page that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, Qt, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from studio.core.assets import Asset
from studio.core.media import Modality
from studio.core.protocol import AttachSound, JobFinished, Outcome, Severity
from studio.ui import asset_edits
from studio.ui.asset_source import asset_title
from studio.ui.context import Studio
from studio.ui.dialogs.add_sound import AddSoundDialog
from studio.ui.dialogs.compare_films import CompareFilmsDialog
from studio.ui.dialogs.compare_music import CompareMusicDialog
from studio.ui.dialogs.compare_sounds import CompareSoundsDialog
from studio.ui.dialogs.export_assets import ExportAssetsDialog
from studio.ui.dialogs.look_closer import MOST_COMPARED, CompareDialog, LargeView
from studio.ui.dialogs.text_diff import TextDiffDialog
from studio.ui.widgets.buttons import Button

#: Adds a sound to the clip that is chosen.
SOUND_KEY = "A"


class _Compared(NamedTuple):
    """How things of one kind are compared: in a dialog of paths, names and parent, and how many."""

    dialog: Callable[[list[Path], list[str], QWidget], QDialog]
    most: int


_COMPARED = {
    Modality.IMAGE: _Compared(CompareDialog, MOST_COMPARED),
    Modality.TEXT: _Compared(TextDiffDialog, 2),
    Modality.MUSIC: _Compared(CompareMusicDialog, 2),
    Modality.AUDIO: _Compared(CompareSoundsDialog, 2),
    Modality.VIDEO: _Compared(CompareFilmsDialog, 2),
}


class AssetActions(QObject):
    """Rates, deletes, compares, enlarges and exports; `page` is where dialogs belong."""

    def __init__(self, studio: Studio, page: QWidget) -> None:
        super().__init__(page)
        self._studio = studio
        self._page = page
        self._exports: dict[str, Path] = {}
        self._sounds: set[str] = set()  # jobs that make clips with sound
        studio.maker.job_finished.connect(self._on_finished)

    def add_keys(self, target: QWidget, chosen: Callable[[], list[int]]) -> None:
        """Let keys do what is done most to what is chosen while `target` has the keyboard.

        0 to 5 rate, A adds a sound to a clip, Delete moves to the trash.
        """
        for stars in range(6):
            action = QAction(self.tr("Give {stars} stars").format(stars=stars), target)
            action.setShortcut(QKeySequence(str(stars)))
            action.triggered.connect(lambda _checked, stars=stars: self.rate(chosen(), stars))
            _only_here(target, action)
        sound = QAction(self.tr("Add a sound to the clip"), target)
        sound.setShortcut(QKeySequence(SOUND_KEY))
        sound.triggered.connect(lambda _checked: self._add_sound_to(chosen()))
        _only_here(target, sound)
        delete = QAction(self.tr("Move to the trash"), target)
        delete.setShortcut(QKeySequence.StandardKey.Delete)
        delete.triggered.connect(lambda _checked: self.trash(chosen()))
        _only_here(target, delete)

    def rate(self, ids: Sequence[int], stars: int) -> None:
        """Give stars."""
        asset_edits.rate(self._studio, ids, stars)

    def trash(self, ids: Sequence[int]) -> None:
        """Move to the trash, with a notice that takes it back."""
        if not ids:
            return
        asset_edits.trash(self._studio, ids)
        words = (
            self.tr("One thing is in the trash")
            if len(ids) == 1
            else self.tr("{count} things are in the trash")
        )
        index = self._studio.undo.index()
        back = (self.tr("Undo"), lambda: self._take_back(list(ids), index))
        self._studio.notify(Severity.INFO, words.format(count=f"{len(ids):,}"), action=back)

    def _take_back(self, ids: list[int], index: int) -> None:
        """Undo a deletion; when other edits followed it, bring just these back."""
        if self._studio.undo.index() == index:
            self._studio.undo.undo()
        else:
            asset_edits.restore(self._studio, ids)

    def can_compare(self, assets: Sequence[Asset]) -> bool:
        """Tell whether these can stand beside each other."""
        kinds = {asset.modality for asset in assets}
        way = _COMPARED.get(kinds.pop()) if len(kinds) == 1 else None
        return way is not None and 2 <= len(assets) <= way.most

    def compare(self, assets: Sequence[Asset]) -> None:
        """Show things of one kind beside each other."""
        folder = self._studio.project.folder
        paths = [folder / asset.path for asset in assets]
        dialog = _COMPARED[assets[0].modality].dialog
        self._open(dialog(paths, [asset_title(asset) for asset in assets], self._page))

    def enlarge(self, ids: list[int], place: int) -> None:
        """Show one large, the others by the arrow keys."""
        if not 0 <= place < len(ids):
            return
        view = LargeView(self._studio.project, ids, place, self._page)
        view.rated.connect(lambda asset, stars: self.rate([asset], stars))
        self._open(view)

    def export(self, ids: list[int], form: str = "") -> None:
        """Ask for format and place, then write them in the background."""
        if not ids:
            return
        dialog = ExportAssetsDialog(self._studio.project, ids, self._page, form=form)
        dialog.accepted.connect(lambda: self._start_export(dialog))
        self._open(dialog)

    def add_sound(self, asset: Asset) -> None:
        """Ask for a sound, and make a new clip of a clip with it."""
        dialog = AddSoundDialog(self._studio.project, self._page)
        dialog.accepted.connect(lambda: self._start_sound(asset, dialog.sound()))
        self._open(dialog)

    def _add_sound_to(self, ids: Sequence[int]) -> None:
        assets = self._studio.project.library.assets.get(ids) if len(ids) == 1 else []
        if assets and assets[0].modality is Modality.VIDEO:
            self.add_sound(assets[0])

    def _start_sound(self, asset: Asset, sound: str) -> None:
        folder = str(self._studio.project.folder)
        command = AttachSound(project=folder, video=str(asset.id), sound=sound)
        self._sounds.add(self._studio.maker.submit(command))

    def use_settings(self, asset: Asset) -> None:
        """Open the Generate page with the settings that made an asset."""
        request = settings_of(asset.recipe, self._studio.project.folder)
        self._studio.open_page("generate", request=request)

    def show_run(self, asset: Asset) -> None:
        """Open the Train page with the run whose model made an asset."""
        self._studio.select_run(asset.run)
        self._studio.open_page("train", run=asset.run)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _start_export(self, dialog: ExportAssetsDialog) -> None:
        command = dialog.command()
        self._exports[self._studio.maker.submit(command)] = Path(command.path)

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id in self._sounds:
            self._sounds.remove(event.job_id)
            if event.outcome is Outcome.DONE:
                self._studio.library_changed.emit("assets")
                (asset,) = event.result["assets"]
                self._studio.notify(
                    Severity.INFO,
                    self.tr("The clip with sound is in the gallery"),
                    action=(
                        self.tr("Show it"),
                        lambda: self._studio.open_page("gallery", asset=asset),
                    ),
                )
            return
        place = self._exports.pop(event.job_id, None)
        if place is None or event.outcome is not Outcome.DONE:
            return
        written = [Path(path) for path in event.result.get("paths", [])]
        folder = written[0].parent if written else place
        title = self.tr("Exported {name}").format(name=written[0].name)
        if len(written) > 1:
            title = self.tr("Exported {count} files").format(count=f"{len(written):,}")
        self._studio.notify(
            Severity.INFO,
            title,
            str(folder),
            action=(self.tr("Open the folder"), lambda: show_folder(folder)),
        )


def sound_button(on_click: Callable[[], object]) -> Button:
    """Return the button that gives the clip beside it a sound."""
    tip = QCoreApplication.translate(
        "AssetActions", "Makes a new clip of this one with a tune or a recording ({key})"
    )
    words = QCoreApplication.translate("AssetActions", "Add sound…")
    return Button(words, on_click, icon="sound", tip=tip.format(key=SOUND_KEY))


def settings_of(recipe: dict[str, object], folder: Path) -> dict[str, object]:
    """Return the request that makes one thing again, from the recipe inside it.

    The seed is the thing's own, so that it comes out first; so are its place in the latent space,
    the file that it started from and its mask, where the project in `folder` keeps them.
    """
    request = recipe.get("request")
    facts = recipe.get("facts")
    found = dict(request) if isinstance(request, dict) else {}
    if not isinstance(facts, dict):
        return found
    if "seed" in facts:
        found["seed"] = facts["seed"]
    if "place" in facts:
        found["places"] = [facts["place"]]
    kept = ((facts.get("source"), "inputs"), (facts.get("mask"), "masks"))
    for file, name in kept:
        found[name] = [str(folder / file)] if isinstance(file, str) else []
    return found


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _only_here(target: QWidget, action: QAction) -> None:
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    target.addAction(action)
