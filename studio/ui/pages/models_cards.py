"""The kinds of models as cards: real samples, one plain sentence, what it needs, its time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.errors import StudioError
from studio.core.family_info import FamilyInfo
from studio.core.packages import ModelPackage
from studio.core.paths import resource, starter_models
from studio.core.project import Project
from studio.core.runs import Run
from studio.ui.icons import pixmap
from studio.ui.theme import RADIUS_INNER, theme
from studio.ui.widgets.cards import ChoiceCard
from studio.ui.widgets.labels import label

_SHAPE = 0.37  # height to width of the picture on a card: three rows of a sheet of eight by eight


class FamilyCard(ChoiceCard):
    """A kind of model that can be chosen."""

    def __init__(self, info: FamilyInfo, samples: QImage) -> None:
        super().__init__(f"{info.title}. {info.summary}")
        picture = SamplePicture(self.tr("Samples of {model}").format(model=info.title))
        picture.set_image(samples)
        self.body.addWidget(picture)
        self.body.addWidget(label(info.title, "heading"))
        self.body.addWidget(label(info.summary, "muted", wrap=True))
        self.body.addStretch(1)
        for words in (info.needs, info.typical_time):
            if words:
                self.body.addWidget(label(words, "caption", wrap=True))


class SamplePicture(QWidget):
    """The upper part of a sheet of samples, as wide as there is room; a sign when there is none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._picture = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def set_image(self, image: QImage) -> None:
        """Show another sheet; an empty one shows the sign."""
        self._picture = QPixmap.fromImage(image)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits of the sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), RADIUS_INNER - 2, RADIUS_INNER - 2)
        painter.setClipPath(shape)
        if self._picture.isNull():
            painter.fillRect(self.rect(), theme().colour("raised"))
            sign = pixmap("models", 32, "faint", self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 32) // 2, (self.height() - 32) // 2, sign)
            return
        whole = self._picture.size()
        part = self.size().scaled(whole, Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawPixmap(self.rect(), self._picture, QRect(0, 0, part.width(), part.height()))


def family_samples(family: str, project: Project) -> QImage:
    """Return real samples of a family: the card's own, a ready model's, or the longest run's."""
    card = resource("cards", f"{family}.png")
    if card.exists():
        return QImage(str(card))
    for path in starter_models():
        image = package_samples(path, family)
        if not image.isNull():
            return image
    runs = [run for run in Run.all(project.runs) if run.recipe().family == family]
    longest = max(runs, key=lambda run: max(run.sample_paths(), default=-1), default=None)
    return run_samples(longest) if longest is not None else QImage()


def package_samples(path: Path, family: str = "") -> QImage:
    """Return a package's preview; an empty one for another family or when it is refused."""
    try:
        package = ModelPackage(path)
    except StudioError:
        return QImage()  # it is refused with its reason where it is brought in
    if family and package.manifest.recipe.family != family:
        return QImage()
    return QImage.fromData(package.preview())


def run_samples(run: Run) -> QImage:
    """Return a run's newest sheet of samples; an empty one before the first."""
    sheets = run.sample_paths()
    return QImage(str(sheets[max(sheets)])) if sheets else QImage()
