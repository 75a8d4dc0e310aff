"""How a kind of model works, in plain words, with its sources."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QTextBrowser, QVBoxLayout, QWidget

from studio.core.family_info import FamilyInfo
from studio.core.paths import resource
from studio.ui.theme import GAP_CARDS, MARGIN_PAGE, theme


class LearnDialog(QDialog):
    """The explanation of a family."""

    def __init__(self, info: FamilyInfo, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("How {model} works").format(model=info.title))
        self.resize(640, 620)
        text = QTextBrowser()
        text.setAccessibleName(self.windowTitle())
        text.setOpenExternalLinks(True)
        text.setFrameShape(QFrame.Shape.NoFrame)
        text.document().setDocumentMargin(4)
        text.document().setDefaultStyleSheet(f"a {{ color: {theme().tokens.accent}; }}")
        text.setMarkdown(self._words(info))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PAGE, MARGIN_PAGE, MARGIN_PAGE, MARGIN_PAGE)
        column.setSpacing(GAP_CARDS)
        column.addWidget(text, 1)
        column.addWidget(close)

    def _words(self, info: FamilyInfo) -> str:
        path = resource(*info.explains.split("/")) if info.explains else None
        if path is not None and path.exists():
            words = path.read_text(encoding="utf-8")
        else:
            words = f"# {info.title}\n\n{info.summary}\n\n{info.needs}\n"
        lines = [
            f"- [{paper.title}]({paper.url}), {paper.authors}, {paper.year}"
            for paper in info.papers
        ]
        if lines:
            words += f"\n\n## {self.tr('Where it comes from')}\n\n" + "\n".join(lines) + "\n"
        return words
