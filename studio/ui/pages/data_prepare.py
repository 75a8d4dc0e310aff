"""How items are brought to training size, with a look at what the model will see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.catalogue import defaults
from studio.core.datasets import Dataset
from studio.core.media import Modality
from studio.core.protocol import JobFinished, Outcome, PreviewPreparation, PreviewReady
from studio.ui.context import Studio
from studio.ui.forms import NO_SETTINGS, SchemaForm
from studio.ui.theme import theme
from studio.ui.views.base import MediaView
from studio.ui.views.registry import make_view
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label

_REST_MS = 350  # after the last change before a preview is asked for
_SHOWN = 12
_VIEW = 200  # pixels, the height of a sheet that is no picture


class PrepareCard(Card):
    """The form of a dataset's preparation and examples that follow it.

    Signals:
        edited: (name of the setting, all values) the user changed one.
    """

    edited = Signal(str, dict)

    def __init__(self, studio: Studio) -> None:
        super().__init__(QCoreApplication.translate("PrepareCard", "Prepare"))
        self._studio = studio
        self._dataset: Dataset | None = None
        self._schema = NO_SETTINGS
        self._job_id = ""
        self._seed = 0
        self._again = IconButton("refresh", self.tr("Show other examples"), self._other_examples)
        self.header.addWidget(self._again)
        self.form = SchemaForm(NO_SETTINGS)
        self._sheet = _Sheet()
        self._view: MediaView | None = None  # for sheets that are no pictures
        self._viewed: Modality | None = None
        self._usual_words = self.tr("How the model will see them")
        self._words = label(self._usual_words, "caption", wrap=True)
        for widget in (self.form, self._sheet, self._words):
            self.body.addWidget(widget)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        studio.maker.preview_ready.connect(self._on_ready)
        studio.maker.job_finished.connect(self._on_finished)

    def show_dataset(self, dataset: Dataset | None) -> None:
        """Show the settings of a dataset, and examples when some time has passed."""
        if dataset is None or self._dataset is None or dataset.id != self._dataset.id:
            self._show_sheet(None)
        self._dataset = dataset
        if dataset is not None:
            self._show_form(self._studio.catalogue.modalities[dataset.modality].preparation)
            self.form.set_values(defaults(self._schema) | dataset.preparation)

    def title_of(self, name: str) -> str:
        """Return what a setting is called."""
        return str(self._schema["properties"][name].get("title", name))

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the examples that were not drawn while nobody looked."""
        self._rest.start()

    def _show_form(self, schema: dict[str, Any]) -> None:
        """Show the settings of the dataset's modality; the form stays as long as that does."""
        if schema is self._schema:
            return
        self._schema, old = schema, self.form
        self.form = SchemaForm(schema)
        self.form.edited.connect(self._on_edited)
        self.form.changed.connect(self._rest.start)
        self.body.replaceWidget(old, self.form)
        old.hide()
        old.deleteLater()

    def _other_examples(self) -> None:
        self._seed += 1
        self._ask()

    @Slot(str, object, object)
    def _on_edited(self, name: str, _before: object, _after: object) -> None:
        if not self.form.problems():
            self.edited.emit(name, self.form.values())

    @Slot()
    def _ask(self) -> None:
        """Ask for examples; what was asked before is not wanted any more."""
        self._rest.stop()
        if self._dataset is None or self.form.problems() or not self.isVisible():
            return
        if self._job_id:
            self._studio.maker.stop(self._job_id, save=False)
        self._job_id = self._studio.submit_quietly(
            PreviewPreparation(
                project=str(self._studio.project.folder),
                dataset_id=self._dataset.id,
                preparation=self.form.values(),
                count=_SHOWN,
                seed=self._seed,
            )
        )

    @Slot(object)
    def _on_ready(self, event: PreviewReady) -> None:
        if event.job_id == self._job_id:
            self._show_sheet(Path(event.path))

    @Slot(object)
    def _on_finished(self, event: JobFinished) -> None:
        if event.job_id == self._job_id:
            self._job_id = ""
            failed = event.error if event.outcome is Outcome.FAILED else None
            if failed is not None:
                self._show_sheet(None)
            self._words.setText(failed.message if failed is not None else self._usual_words)

    def _show_sheet(self, path: Path | None) -> None:
        """Show a sheet: a picture as it is, any other with the view of its modality."""
        picture = path is None or path.suffix == ".png"
        self._sheet.set_picture(QPixmap(str(path)) if picture and path is not None else QPixmap())
        modality = self._dataset.modality if self._dataset is not None else None
        if path is not None and not picture and modality is not None:
            if self._view is None or modality is not self._viewed:
                self._make_view(modality)
            assert self._view is not None
            self._view.show_media(path)
        self._sheet.setVisible(picture)
        if self._view is not None:
            self._view.setVisible(not picture)

    def _make_view(self, modality: Modality) -> None:
        if self._view is not None:
            self.body.removeWidget(self._view)
            self._view.hide()
            self._view.deleteLater()
        self._view, self._viewed = make_view(modality), modality
        self._view.setAccessibleName(self.tr("Examples as the model will see them"))
        self._view.setFixedHeight(_VIEW)
        self.body.insertWidget(self.body.indexOf(self._words), self._view)


class _Sheet(QWidget):
    """The sheet of examples, as wide as the card, pixels kept hard when enlarged."""

    _EMPTY = 64  # height before the first sheet

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self.setAccessibleName(self.tr("Examples as the model will see them"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def set_picture(self, picture: QPixmap) -> None:
        """Show another sheet."""
        self._picture = picture
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Keep the sheet's shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at which the sheet fills the width."""
        if self._picture.isNull():
            return self._EMPTY
        return round(width * self._picture.height() / self._picture.width())

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(280, self.heightForWidth(280))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, or a quiet box before the first."""
        painter = QPainter(self)
        if self._picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(self.rect(), 6, 6)
            return
        shrinks = self._picture.width() > self.width() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
        painter.drawPixmap(self.rect(), self._picture)
