"""The path that was made: a strip in rows, or a clip that plays."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.core.assets import Asset
from studio.core.media import Modality
from studio.core.project import Project
from studio.ui.dialogs.look_closer import AssetStage
from studio.ui.theme import GAP
from studio.ui.views.image import ImageView
from studio.ui.widgets.labels import label


class PathResult(QWidget):
    """Shows the newest path.

    Attributes:
        stage: Where clips play.
    """

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.stage = AssetStage(project)
        self.stage.setMinimumSize(QSize(120, 120))
        self.stage.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._strip = ImageView()
        self._strip.setVisible(False)
        self._below = label("", "caption", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.stage, 1)
        column.addWidget(self._strip, 1)
        column.addWidget(self._below)

    def show_path(self, asset: Asset) -> None:
        """Show a strip, or play a clip, that was just made."""
        strip = asset.modality is Modality.IMAGE
        self.stage.setVisible(not strip)
        self._strip.setVisible(strip)
        if not strip:
            self.stage.show_asset(asset)
            self._below.setText(self.tr("The clip is in the gallery. Drag it out of the results."))
        else:
            frames = int(asset.recipe.get("facts", {}).get("frames", 1))
            picture = QPixmap(str(self._project.folder / asset.path))
            self._strip.show_picture(wrapped(picture, frames))
            self._below.setText(self.tr("The strip is in the gallery. Drag it out of the results."))


def wrapped(strip: QPixmap, frames: int) -> QPixmap:
    """Return a strip of `frames` pictures in rows, about as wide as high, to look at it."""
    columns = math.ceil(math.sqrt(frames))
    width, height = strip.width() // max(1, frames), strip.height()
    sheet = QPixmap(columns * width, math.ceil(frames / columns) * height)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    for place in range(frames):
        row, column = divmod(place, columns)
        painter.drawPixmap(column * width, row * height, strip, place * width, 0, width, height)
    painter.end()
    return sheet
