"""The datasets of a project: choosing, making, filling, renaming and removing them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from studio.core.datasets import Dataset
from studio.core.protocol import Severity
from studio.ui.context import Studio
from studio.ui.pages.data_edits import DatasetEdits, RemoveDataset
from studio.ui.pages.data_import import Imports
from studio.ui.pages.data_new import NewDatasetDialog

_NAME_WIDTH = 320  # widest name in a menu, in logical pixels


class DatasetsMenu(QObject):
    """Menus and questions about datasets; they stand over `page`."""

    def __init__(self, studio: Studio, imports: Imports, page: QWidget) -> None:
        super().__init__(page)
        self._studio = studio
        self._imports = imports
        self._page = page
        self._table = studio.project.library.datasets
        self._dataset: Dataset | None = None
        self._edits: DatasetEdits | None = None

    def show_dataset(self, dataset: Dataset | None, edits: DatasetEdits | None) -> None:
        """Speak of another dataset."""
        self._dataset, self._edits = dataset, edits

    # ---------------------------------------------------------------------------------- menus

    def open_menu(self, button: QWidget) -> None:
        """Open the menu of datasets below a button."""
        _popup(self.menu(), button)

    def menu(self) -> QMenu:
        """Return the menu of datasets."""
        menu = QMenu(self._page)
        menu.setToolTipsVisible(True)
        for dataset in self._table.all():
            action = menu.addAction(self._short(dataset.name))
            action.setToolTip(dataset.name)
            action.setCheckable(True)
            action.setChecked(self._dataset is not None and dataset.id == self._dataset.id)
            action.triggered.connect(
                lambda _checked, chosen=dataset.id: self._studio.select_dataset(chosen)
            )
        menu.addSeparator()
        menu.addAction(self.tr("New dataset…")).triggered.connect(self.new_dataset)
        if self._dataset is not None:
            name = self._short(self._dataset.name)
            rename = menu.addAction(self.tr("Rename {name}…").format(name=name))
            rename.triggered.connect(self.ask_rename)
            remove = menu.addAction(self.tr("Remove {name}").format(name=name))
            remove.triggered.connect(self.remove)
        return menu

    def open_add_menu(self, button: QWidget) -> None:
        """Ask what to add to the dataset in hand: system dialogs choose files or folders."""
        menu = QMenu(self._page)
        files = menu.addAction(self.tr("Files or archives…"))
        files.triggered.connect(lambda _checked: self._choose_files(self._dataset))
        folder = menu.addAction(self.tr("A folder…"))
        folder.triggered.connect(lambda _checked: self._choose_folder(self._dataset))
        _popup(menu, button)

    # ---------------------------------------------------------------------------------- edits

    @Slot()
    def ask_rename(self) -> None:
        """Ask for another name for the dataset."""
        if self._dataset is None or self._edits is None:
            return
        before = self._dataset.name
        name, given = QInputDialog.getText(
            self._page, self.tr("Rename dataset"), self.tr("New name:"), text=before
        )
        name = name.strip()
        if not given or not name or name == before:
            return
        other = self._table.find(name)
        if other is not None and other.id != self._dataset.id:
            self._studio.notify(
                Severity.WARNING,
                self.tr("That name is taken"),
                self.tr("There is another dataset called {name}.").format(name=name),
            )
            return
        text = self.tr("renaming {before} to {after}").format(before=before, after=name)
        self._edits.rename(text, name)

    @Slot()
    def remove(self) -> None:
        """Remove the dataset; undo brings it back whole until the project is closed."""
        dataset = self._dataset
        if dataset is None:
            return
        stack = self._studio.undo
        stack.push(RemoveDataset(self._studio, dataset))
        place = stack.index()

        def take_back() -> None:
            if stack.index() == place:  # else other things were done or undone since
                stack.undo()

        self._studio.notify(
            Severity.INFO,
            self.tr("{name} is removed").format(name=dataset.name),
            self.tr(
                "What the project holds of it is deleted when the project is closed."
                " Your own files and trained models stay."
            ),
            action=(self.tr("Undo"), take_back),
        )

    # ------------------------------------------------------------------------------- bringing in

    @Slot()
    def new_dataset(self) -> None:
        """Ask where a new dataset comes from."""
        dialog = NewDatasetDialog(self._page)
        dialog.files_wanted.connect(partial(self._choose_files, None))
        dialog.folder_wanted.connect(partial(self._choose_folder, None))
        dialog.sample_wanted.connect(self._imports.add_sample)
        dialog.download_wanted.connect(self._imports.download)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def import_paths(self, paths: list[Path], into: Dataset | None) -> None:
        """Bring files, folders and archives into a dataset, or a new one named after them."""
        name = into.name if into is not None else self._unused_name(paths[0].stem)
        self._imports.add_files(name, paths)

    def _short(self, name: str) -> str:
        """Return a name as it fits into a menu; & would underline the letter after it."""
        elide = Qt.TextElideMode.ElideRight
        return self._page.fontMetrics().elidedText(name, elide, _NAME_WIDTH).replace("&", "&&")

    def _choose_files(self, into: Dataset | None) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self._page, self.tr("Files and archives to bring in")
        )
        if names:
            self.import_paths([Path(name) for name in names], into)

    def _choose_folder(self, into: Dataset | None) -> None:
        name = QFileDialog.getExistingDirectory(self._page, self.tr("Folder to bring in"))
        if name:
            self.import_paths([Path(name)], into)

    def _unused_name(self, wanted: str) -> str:
        wanted = wanted.strip() or self.tr("Dataset")
        name, number = wanted, 2
        while self._table.find(name) is not None:
            name, number = f"{wanted} {number}", number + 1
        return name


def _popup(menu: QMenu, button: QWidget) -> None:
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
