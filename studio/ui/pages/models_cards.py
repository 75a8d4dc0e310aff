"""The kinds of models as cards: real samples, one plain sentence, what it needs, its time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo
from studio.core.packages import ModelPackage
from studio.core.paths import resource, starter_models
from studio.core.project import Project
from studio.core.runs import Run
from studio.core.thumbnails import (
    preview_thumbnail,
    read_preview,
    strip_frames,
    text_thumbnail,
    thumbnail_text,
)
from studio.ui.icons import pixmap
from studio.ui.theme import RADIUS_INNER, theme
from studio.ui.widgets.cards import ChoiceCard
from studio.ui.widgets.labels import label
from studio.ui.widgets.text_page import draw_text_page

_SHAPE = 0.37  # height to width of the picture on a card: three rows of a sheet of eight by eight
_FIRST = 2000  # characters of a sheet of texts


class FamilyCard(ChoiceCard):
    """A kind of model that can be chosen."""

    def __init__(self, info: FamilyInfo, samples: bytes) -> None:
        super().__init__(f"{info.title}. {info.summary}")
        picture = SamplePicture(self.tr("Samples of {model}").format(model=info.title))
        picture.set_samples(samples)
        self.body.addWidget(picture)
        self.body.addWidget(label(info.title, "heading"))
        self.body.addWidget(label(info.summary, "muted", wrap=True))
        self.body.addStretch(1)
        for words in (info.needs, info.typical_time):
            if words:
                self.body.addWidget(label(words, "caption", wrap=True))


class SamplePicture(QWidget):
    """The upper part of a sheet of samples, as wide as there is room; a sign when there is none.

    Texts are shown as a page with their first lines. Clips play as the pointer moves along them.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._picture = QPixmap()
        self._moments, self._moment = 1, 0  # that stand side by side in it; the one that is shown
        self._text: str | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def set_samples(self, samples: bytes) -> None:
        """Show another sheet, a thumbnail as `core/thumbnails.py` says; empty shows the sign."""
        self._text = thumbnail_text(samples)
        self._picture = QPixmap()
        if self._text is None:
            self._picture.loadFromData(samples)
        self._moments, self._moment = strip_frames(samples), 0
        self.setMouseTracking(self._moments > 1)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Keep one shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that goes with a width."""
        return round(width * _SHAPE)

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(230, self.heightForWidth(230))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the moment that belongs to the pointer's place."""
        share = event.position().x() / max(1, self.width())
        self._show_moment(min(self._moments - 1, max(0, int(share * self._moments))))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Show the first moment again."""
        self._show_moment(0)
        super().leaveEvent(event)

    def _show_moment(self, moment: int) -> None:
        if moment != self._moment:
            self._moment = moment
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits of the sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), RADIUS_INNER - 2, RADIUS_INNER - 2)
        painter.setClipPath(shape)
        if self._text is not None:
            draw_text_page(painter, self.rect(), self._text)
            return
        if self._picture.isNull():
            painter.fillRect(self.rect(), theme().colour("raised"))
            sign = pixmap("models", 32, "faint", self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 32) // 2, (self.height() - 32) // 2, sign)
            return
        whole = QSize(self._picture.width() // self._moments, self._picture.height())
        part = QRect(QPoint(), self.size().scaled(whole, Qt.AspectRatioMode.KeepAspectRatio))
        part.moveLeft(self._moment * whole.width())
        painter.drawPixmap(self.rect(), self._picture, part)


def family_samples(family: str, project: Project) -> bytes:
    """Return real samples of a family: the card's own, a ready model's, or the longest run's.

    They are a thumbnail as `core/thumbnails.py` says; empty when there are none.
    """
    for suffix in (".png", ".jpg", ".txt"):
        card = resource("cards", f"{family}{suffix}")
        if card.exists():
            return preview_thumbnail(f"preview{suffix}", card.read_bytes())
    for path in starter_models():
        if samples := package_samples(path, family):
            return samples
    runs = [run for run in Run.all(project.runs) if run.recipe().family == family]
    longest = max(runs, key=lambda run: max(run.sample_paths(), default=-1), default=None)
    return run_samples(longest) if longest is not None else b""


def package_samples(path: Path, family: str = "") -> bytes:
    """Return a package's preview; empty for another family or when it is refused."""
    try:
        package = ModelPackage(path)
    except StudioError:
        return b""  # it is refused with its reason where it is brought in
    if family and package.manifest.recipe.family != family:
        return b""
    return package.preview()


def run_samples(run: Run) -> bytes:
    """Return a run's newest sheet of samples as a thumbnail; empty before the first."""
    sheets = run.sample_paths()
    newest = sheets[max(sheets)] if sheets else None
    if newest is not None and newest.suffix == ".txt":
        with newest.open(encoding="utf-8", errors="replace") as file:
            return text_thumbnail(file.read(_FIRST))
    if newest is not None and newest.suffix == ".png":
        return newest.read_bytes()
    saved = run.checkpoint_paths()  # sheets of other kinds have a preview beside the weights
    return read_preview(saved[max(saved)]) if saved else b""
