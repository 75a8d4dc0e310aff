"""The dialog for a new dataset: the user's own files, a sample set, or a public one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.media import Modality
from studio.data.downloads import PUBLIC_DATASETS
from studio.data.samples import SAMPLES
from studio.ui import nouns
from studio.ui.theme import GAP, GAP_CARDS, MARGIN_PAGE
from studio.ui.widgets.buttons import Button
from studio.ui.widgets.cards import InnerCard
from studio.ui.widgets.labels import label
from studio.ui.widgets.panes import scrolled


class NewDatasetDialog(QDialog):
    """Where the data comes from.

    Signals:
        files_wanted, folder_wanted: The user wants to choose files or a folder.
        sample_wanted: Id of a sample set.
        download_wanted: Id of a public dataset.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    sample_wanted = Signal(str)
    download_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New dataset"))
        self.resize(560, 600)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(GAP)
        self._add_own()
        self._heading(self.tr("Sample sets, here already"))
        order = list(Modality)
        for sample in sorted(SAMPLES.values(), key=lambda each: order.index(each.modality)):
            self._way(
                sample.title,
                sample.summary,
                f"{nouns.kind(sample.modality)} · {sample.source} · {sample.licence}",
                self.tr("Use"),
                partial(self.sample_wanted.emit, sample.id),
            )
        self._heading(self.tr("Public datasets, from the internet"))
        for public in PUBLIC_DATASETS.values():
            self._way(
                public.title,
                public.summary,
                f"{public.source} · {public.licence}",
                self.tr("Fetch {size} MB").format(size=public.megabytes),
                partial(self.download_wanted.emit, public.id),
                icon="download",
            )
        self._column.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(MARGIN_PAGE, MARGIN_PAGE, MARGIN_PAGE - 8, MARGIN_PAGE)
        outer.setSpacing(GAP_CARDS)
        outer.addWidget(label(self.tr("New dataset"), "title"))
        outer.addWidget(scrolled(content), 1)
        outer.addWidget(close)

    def _add_own(self) -> None:
        card = InnerCard()
        words = self.tr(
            "Sub-folders become labels. Zip and tar archives, MNIST-style IDX files, tables of"
            " file, label and caption, and caption files beside the items are understood."
        )
        card.body.addWidget(label(self.tr("Your own files")))
        card.body.addWidget(label(words, "caption", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(GAP)
        folder = Button(
            self.tr("A folder…"), self._and_close(self.folder_wanted.emit), icon="folder"
        )
        files = Button(
            self.tr("Files or archives…"), self._and_close(self.files_wanted.emit), icon="file"
        )
        row.addWidget(folder)
        row.addWidget(files)
        row.addWidget(label(self.tr("or drop them on the page"), "caption"))
        row.addStretch(1)
        card.body.addLayout(row)
        self._column.addWidget(card)

    def _heading(self, text: str) -> None:
        heading = label(text, "heading")
        heading.setContentsMargins(0, 10, 0, 0)
        self._column.addWidget(heading)

    def _way(
        self,
        title: str,
        summary: str,
        terms: str,
        action: str,
        on_click: Callable[[], object],
        icon: str = "",
    ) -> None:
        card = InnerCard()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title))
        words.addWidget(label(summary, "muted", wrap=True))
        words.addWidget(label(terms, "caption", wrap=True))
        button = Button(action, self._and_close(on_click), icon=icon)
        button.setAccessibleName(f"{title}: {action}")
        row = QHBoxLayout()
        row.setSpacing(GAP_CARDS)
        row.addLayout(words, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        card.body.addLayout(row)
        self._column.addWidget(card)

    def _and_close(self, run: Callable[[], object]) -> Callable[[], None]:
        def both() -> None:
            self.accept()
            run()

        return both
