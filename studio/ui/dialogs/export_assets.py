"""The dialog in which chosen things are written out in a format."""

from __future__ import annotations

from collections.abc import Iterable
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

from studio.core.catalogue import catalogue
from studio.core.files import slug
from studio.core.media import Modality
from studio.core.project import Project
from studio.core.protocol import ExportAssets
from studio.ui import settings
from studio.ui.dialogs.export_film import FilmChoices, FilmSettings
from studio.ui.theme import GAP, MARGIN_PAGE
from studio.ui.widgets.buttons import Button, PrimaryButton
from studio.ui.widgets.labels import label

_MOVING = frozenset({"mp4", "webm", "av1", "gif", "webp"})


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


def formats(kinds: Iterable[Modality]) -> list[ExportFormat]:
    """Return the formats that fit everything of these kinds, in the order of the offer."""
    wanted = set(kinds) or {Modality.IMAGE}
    pictures = wanted <= {Modality.IMAGE, Modality.VIDEO}
    offered = [_written(wanted, suffix) for suffix in _common(wanted)]
    if pictures and Modality.IMAGE in wanted:
        offered += [
            ExportFormat(
                "gif", _tr("Animated GIF"), _tr("All in one clip, one after the other."), ".gif"
            ),
            ExportFormat("mp4", "MP4", _tr("All in one film, four a second."), ".mp4"),
        ]
    if pictures:
        offered.append(
            ExportFormat(
                "sheet", _tr("Contact sheet"), _tr("All side by side in one picture."), ".png"
            )
        )
    zipped = _tr("The files as they are, in one archive.")
    return [*offered, ExportFormat("zip", "Zip", zipped, ".zip")]


def _common(kinds: set[Modality]) -> list[str]:
    """Return the suffixes of the formats in which each of these kinds can be written."""
    known = catalogue().modalities
    # a clip stays a clip among pictures that are written in a format of theirs
    deciding = kinds - {Modality.VIDEO} if Modality.IMAGE in kinds else kinds
    written = [known[kind].formats for kind in deciding if kind in known] or [
        known[Modality.IMAGE].formats
    ]
    return [suffix for suffix in written[0] if all(suffix in other for other in written)]


def _written(kinds: set[Modality], suffix: str) -> ExportFormat:
    """Return a format that makes one file of each thing."""
    keys = {".jpg": "jpeg", ".av1.webm": "av1", ".24.wav": "wav24", ".float.wav": "wavfloat"}
    key = keys.get(suffix, suffix[1:])
    if kinds == {Modality.MUSIC} and suffix == ".png":
        return ExportFormat(key, _tr("Picture"), _tr("One picture each, of its notes."))
    if kinds == {Modality.VIDEO}:
        films = {
            ".mp4": ("MP4", _tr("One film each, for every player (H.264).")),
            ".webm": ("WebM", _tr("One film each, small, for web pages (VP9).")),
            ".av1.webm": ("AV1", _tr("One film each, the smallest, for newer players.")),
            ".gif": ("GIF", _tr("One animation each, in 256 colours, for messages.")),
            ".webp": ("WebP", _tr("One animation each, in all colours, for web pages.")),
            ".png": (_tr("PNG frames"), _tr("A folder of pictures each, every detail kept.")),
        }
        title, sentence = films.get(suffix, (suffix[1:].upper(), _tr("One file each.")))
        return ExportFormat(key, title, sentence)
    words = {
        ".png": ("PNG", _tr("One file each, every detail kept.")),
        ".jpg": ("JPEG", _tr("One file each, small, for photographs.")),
        ".webp": ("WebP", _tr("One file each, the smallest, for web pages.")),
        ".tiff": ("TIFF", _tr("One file each, for printing and image editors.")),
        ".txt": (_tr("Plain text"), _tr("One file each, for every program.")),
        ".md": ("Markdown", _tr("One file each, for notes and web sites.")),
        ".html": (_tr("Web page"), _tr("One file each, to open in a browser (HTML).")),
        ".docx": ("Word", _tr("One document each, for word processors (docx).")),
        ".mid": ("MIDI", _tr("One file each, for music programs.")),
        ".wav": ("WAV", _tr("One recording each, every detail kept.")),
        ".24.wav": (_tr("WAV, 24 bits"), _tr("One recording each, for studios that ask for it.")),
        ".float.wav": (_tr("WAV, float"), _tr("One recording each, for further work on it.")),
        ".flac": ("FLAC", _tr("One recording each, every detail kept in less room.")),
        ".ogg": ("OGG", _tr("One recording each, small.")),
        ".mp3": ("MP3", _tr("One recording each, small, for every player.")),
        ".musicxml": ("MusicXML", _tr("One score each, for notation programs.")),
    }
    title, sentence = words.get(suffix, (suffix[1:].upper(), _tr("One file each.")))
    return ExportFormat(key, title, sentence)


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
        self._kinds = project.library.assets.kinds(assets)
        self._formats = formats(self._kinds)
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
        self._film = FilmChoices()
        self._buttons.idToggled.connect(self._show_film)
        column.addWidget(self._film)
        column.addLayout(self._place())
        column.addLayout(self._ends())
        wanted = form or settings.text(self._remembered(), "")
        first = self._formats[0].key
        self.choose(wanted if wanted in {each.key for each in self._formats} else first)

    def choose(self, key: str) -> None:
        """Pick a format."""
        for number, each in enumerate(self._formats):
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
        return self._formats[self._buttons.checkedId()]

    def command(self) -> ExportAssets:
        """Return the job that was asked for."""
        film = self._film.values() if self._is_film() else FilmSettings()
        return ExportAssets(
            project=str(self._project.folder),
            assets=self._assets,
            format=self.format().key,
            path=self._path.text().strip(),
            embed_recipe=self._embed.isChecked(),
            fps=film.fps,
            quality=film.quality,
        )

    def accept(self) -> None:
        """Remember what was chosen, for the next time."""
        settings.store(self._remembered(), self.format().key)
        settings.store("export/embed", self._embed.isChecked())
        path = Path(self._path.text().strip())
        settings.store("export/folder", str(path.parent if self.format().suffix else path))
        super().accept()

    def _remembered(self) -> str:
        """Return under which name the last format is kept: one for each kind of things."""
        kind = min(self._kinds, default=Modality.IMAGE)
        return "export/format" if kind is Modality.IMAGE else f"export/format-{kind}"

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for number, each in enumerate(self._formats):
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

    def _is_film(self) -> bool:
        """Tell whether what is written moves."""
        clips = Modality.VIDEO in self._kinds and self.format().key in _MOVING | {"png"}
        return clips or bool(self.format().suffix and self.format().key in _MOVING)

    @Slot()
    def _show_film(self) -> None:
        if self._buttons.checkedId() >= 0:
            self._film.setVisible(self._is_film())
            self._film.set_quality_wanted(self.format().key != "png")

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
