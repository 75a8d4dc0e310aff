"""The dialog in which chosen things are written out in a format."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.files import slug
from studio.core.project import Project
from studio.core.protocol import ExportAssets
from studio.ui import settings
from studio.ui.theme import GAP, MARGIN_PAGE
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.labels import label


class ExportFormat(NamedTuple):
    """A format that things can be written in.

    Attributes:
        key: Its name in the protocol.
        suffix: Ending of the one file that holds everything; empty for one file each.
    """

    key: str
    title: str
    sentence: str
    suffix: str = ""


def formats() -> list[ExportFormat]:
    """Return the formats in the order in which they are offered."""
    tr = _tr
    return [
        ExportFormat("png", "PNG", tr("One file each, every detail kept.")),
        ExportFormat("jpeg", "JPEG", tr("One file each, small, for photographs.")),
        ExportFormat("webp", "WebP", tr("One file each, the smallest, for web pages.")),
        ExportFormat("tiff", "TIFF", tr("One file each, for printing and image editors.")),
        ExportFormat(
            "gif", tr("Animated GIF"), tr("All in one clip, one after the other."), ".gif"
        ),
        ExportFormat("mp4", "MP4", tr("All in one film, four a second."), ".mp4"),
        ExportFormat("sheet", tr("Contact sheet"), tr("All side by side in one picture."), ".png"),
        ExportFormat("zip", "Zip", tr("The files as they are, in one archive."), ".zip"),
    ]


class ExportAssetsDialog(QDialog):
    """Asks for format, place and whether the recipe goes along; `command` says what was chosen."""

    def __init__(
        self, project: Project, assets: list[int], parent: QWidget, *, form: str = ""
    ) -> None:
        """Make the dialog.

        Args:
            assets: Ids of what is exported.
            form: Format that is offered first; left out, the last one used.
        """
        super().__init__(parent)
        self._project = project
        self._assets = assets
        self._name = slug(project.name)
        self.setWindowTitle(self.tr("Export"))
        self.setMinimumWidth(500)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PAGE, 18, MARGIN_PAGE, 18)
        column.setSpacing(14)
        heading = (
            self.tr("Export one thing") if len(assets) == 1 else self.tr("Export {count} things")
        )
        column.addWidget(label(heading.format(count=f"{len(assets):,}"), "heading"))
        self._buttons = QButtonGroup(self)
        column.addLayout(self._choices())
        self._embed = QCheckBox(self.tr("Put the recipe inside"))
        self._embed.setChecked(settings.flag("export/embed", default=True))
        column.addWidget(self._embed)
        column.addWidget(
            label(
                self.tr(
                    "With it the studio can make the same again. Without it a file says nothing"
                    " of model, seed and settings."
                ),
                "caption",
                wrap=True,
            )
        )
        column.addLayout(self._place())
        column.addLayout(self._ends())
        wanted = form or settings.text("export/format", "png")
        self.choose(wanted if wanted in {each.key for each in formats()} else "png")

    def choose(self, key: str) -> None:
        """Pick a format."""
        for number, each in enumerate(formats()):
            if each.key == key:
                self._buttons.button(number).setChecked(True)
        self._propose_place()

    def set_embed(self, embed: bool) -> None:
        """Let the recipe go along or not."""
        self._embed.setChecked(embed)

    def set_place(self, path: Path) -> None:
        """Write to this folder or file."""
        self._path.setText(str(path))

    def format(self) -> ExportFormat:
        """Return the format that is picked."""
        return formats()[self._buttons.checkedId()]

    def command(self) -> ExportAssets:
        """Return the job that was asked for."""
        return ExportAssets(
            project=str(self._project.folder),
            assets=self._assets,
            format=self.format().key,
            path=self._path.text().strip(),
            embed_recipe=self._embed.isChecked(),
        )

    def accept(self) -> None:
        """Remember what was chosen, for the next time."""
        settings.store("export/format", self.format().key)
        settings.store("export/embed", self._embed.isChecked())
        path = Path(self._path.text().strip())
        settings.store("export/folder", str(path.parent if self.format().suffix else path))
        super().accept()

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for number, each in enumerate(formats()):
            button = QRadioButton(each.title)
            button.setAccessibleDescription(each.sentence)
            self._buttons.addButton(button, number)
            grid.addWidget(button, number, 0)
            grid.addWidget(label(each.sentence, "muted"), number, 1)
        self._buttons.idClicked.connect(self._propose_place)
        return grid

    def _place(self) -> QHBoxLayout:
        self._path = QLineEdit()
        self._path.setAccessibleName(self.tr("Where to write"))
        self._path.textChanged.connect(self._check)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._path, 1)
        row.addWidget(Button(self.tr("Browse…"), self._browse))
        return row

    def _ends(self) -> QHBoxLayout:
        self._export = PrimaryButton(self.tr("Export"), self.accept)
        self._export.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addStretch(1)
        row.addWidget(Button(self.tr("Cancel"), self.reject))
        row.addWidget(self._export)
        return row

    @Slot()
    def _propose_place(self) -> None:
        """Name a folder for formats with one file each, else a file in it."""
        folder = Path(settings.text("export/folder", str(Path.home() / self.tr("Studio exports"))))
        suffix = self.format().suffix
        self.set_place(folder / f"{self._name}{suffix}" if suffix else folder)

    @Slot()
    def _browse(self) -> None:
        suffix = self.format().suffix
        if suffix:
            kinds = f"{self.format().title} (*{suffix})"
            name, _ = QFileDialog.getSaveFileName(
                self, self.tr("Export to"), self._path.text(), kinds
            )
        else:
            name = QFileDialog.getExistingDirectory(
                self, self.tr("Export to this folder"), self._path.text()
            )
        if name:
            self.set_place(Path(name))

    @Slot()
    def _check(self) -> None:
        self._export.setEnabled(bool(self._path.text().strip()))


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExportAssetsDialog", text)
