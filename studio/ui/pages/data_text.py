"""Cards for texts on the Data page: how a sentence is cut, and what cleaning takes out."""

from __future__ import annotations

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from studio.core.datasets import Dataset
from studio.core.errors import StudioError
from studio.data.modality import Rejected
from studio.data.text.preparation import TextPreparation
from studio.ui.context import Studio
from studio.ui.pages.data_bench import DataBench
from studio.ui.pages.data_text_reader import Asked, Cleaning, Cut, TextReader
from studio.ui.theme import GAP_CARDS, MARGIN_CARD
from studio.ui.views.text_pieces import PiecesView
from studio.ui.views.text_reader import ReadingPage
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.cards import Card
from studio.ui.widgets.labels import label

_REST_MS = 250
_MOST = 400  # characters of a sentence


class TextBench(DataBench):
    """Both cards, and the thread that reads for them.

    Attributes:
        sentence: What is cut.
        pieces: How.
        removed: What cleaning takes out, in words.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._dataset: Dataset | None = None
        self._cleaning: Cleaning | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self._reader = TextReader(studio.project.folder)
        self._reader.cut.connect(self._on_cut)
        self._reader.cleaned.connect(self._on_cleaned)
        self._reader.failed.connect(self._on_failed)
        self.sentence = QLineEdit()
        self.sentence.setMaxLength(_MOST)
        self.sentence.setText(self.tr("The quick brown fox jumps over the lazy dog."))
        self.sentence.setCursorPosition(0)
        self.sentence.setAccessibleName(self.tr("A sentence to cut into tokens"))
        self.sentence.setToolTip(self.tr("Type any sentence to see how it is cut (tokenisation)"))
        self.sentence.textChanged.connect(lambda _text: self._rest.start())
        self.pieces = PiecesView()
        self._count = label("", "caption", wrap=True)
        cut = Card(self.tr("How a sentence is cut"))
        for widget in (self.sentence, self.pieces, self._count):
            cut.body.addWidget(widget)
        self.removed = label("", "muted", wrap=True)
        self._show = Button(self.tr("Show what goes…"), self._on_show)
        self._clean = Card(self.tr("What cleaning takes out"))
        self._clean.body.addWidget(self.removed)
        self._clean.body.addWidget(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_CARDS)
        column.addWidget(cut)
        column.addWidget(self._clean)
        self._on_cleaned(None)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show how a dataset is cut by its settings."""
        if self._dataset is None or dataset.id != self._dataset.id:
            self.pieces.show_pieces([])
            self._count.setText(self.tr("Reading the texts…"))
            self._on_cleaned(None)
        self._dataset = dataset
        self._rest.start()

    def end(self) -> None:
        """End the thread."""
        self._rest.stop()
        self._reader.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what was not asked while nobody looked."""
        super().showEvent(event)
        self._rest.start()

    @Slot()
    def _ask(self) -> None:
        if self._dataset is None or not self.isVisible():
            return
        try:
            preparation = TextPreparation.model_validate(self._dataset.preparation)
        except ValidationError:
            return  # the form above says what is wrong
        self._reader.ask(Asked(self._dataset.id, preparation, self.sentence.text()))

    @Slot(object)
    def _on_cut(self, cut: Cut) -> None:
        self.pieces.show_pieces(cut.pieces)
        kinds = {
            "bytes": self.tr("bytes"),
            "characters": self.tr("characters"),
            "bpe": self.tr("word parts"),
            "file": self.tr("a checkpoint's tokens"),
        }
        words = self.tr("{count} tokens for {letters} characters · {kind}, {all} different ones")
        self._count.setText(
            words.format(
                count=f"{len(cut.pieces):,}",
                letters=f"{len(cut.sentence):,}",
                kind=kinds.get(cut.kind, cut.kind),
                all=f"{cut.vocabulary:,}",
            )
        )

    @Slot(object)
    def _on_cleaned(self, cleaning: Cleaning | None) -> None:
        self._cleaning = cleaning
        self._show.setVisible(cleaning is not None and bool(cleaning.parts))
        if cleaning is None:
            self.removed.setText(self.tr("Reading the texts…"))
            return
        if not cleaning.counts:
            self.removed.setText(self.tr("Nothing with these settings."))
            return
        parts = [f"{_kind(kind)}: {count:,}" for kind, count in cleaning.counts.items()]
        words = " · ".join(parts)
        if not cleaning.all_read:
            words += "\n" + self.tr("In the part that was looked at.")
        self.removed.setText(words)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        known = isinstance(error, StudioError | Rejected)
        self._count.setText(getattr(error, "message", str(error)) if known else str(error))
        self.pieces.show_pieces([])

    def _on_show(self) -> None:
        if self._cleaning is not None:
            dialog = RemovedDialog(self._cleaning, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()


class RemovedDialog(QDialog):
    """What cleaning takes out, to read."""

    def __init__(self, cleaning: Cleaning, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What cleaning takes out"))
        self.resize(640, 560)
        self.page = ReadingPage(self.windowTitle())
        parts = [f"{_kind(part.kind)}\n{part.text}" for part in cleaning.parts]
        self.page.show_text("\n\n———\n\n".join(parts))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_CARD, MARGIN_CARD, MARGIN_CARD, MARGIN_CARD)
        column.addWidget(self.page, 1)
        column.addWidget(close)


def _kind(kind: str) -> str:
    words = {
        "licence": _tr("Licences"),
        "page-number": _tr("Page numbers"),
        "heading": _tr("Headings on every page"),
        "repeated": _tr("Repeated paragraphs"),
        "line-break": _tr("Broken lines joined"),
    }
    return words.get(kind, kind)


def _tr(text: str) -> str:
    return QCoreApplication.translate("TextBench", text)
