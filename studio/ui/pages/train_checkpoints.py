"""The saved checkpoints of a run: preview, metric, best, star, and what can be made of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from studio.core.recipe import RunRecipe
from studio.core.runs import CheckpointInfo, Run, read_checkpoint
from studio.core.thumbnails import read_preview, thumbnail_text
from studio.ui.context import Studio
from studio.ui.icons import set_icon
from studio.ui.pages.train_edits import StarCheckpoint
from studio.ui.pages.train_words import family_info, retention_words
from studio.ui.theme import theme, ui_font
from studio.ui.widgets.buttons import IconButton, QuietButton
from studio.ui.widgets.grid_source import decode
from studio.ui.widgets.labels import ElidedLabel, Pill, label
from studio.ui.words import value_words

_STRIP, _PAGE = QSize(96, 24), QSize(96, 44)  # a row of pictures, the first lines of a text
_MOST_ROWS = 12


@dataclass(frozen=True)
class Saved:
    """One checkpoint as a row shows it."""

    step: int
    folder: Path
    words: str
    best: bool
    starred: bool


class CheckpointRow(QWidget):
    """Preview, step and metric, best, star, and a menu.

    Signals:
        star_wanted: Star it (True) or take the star away.
        menu_wanted: Show its menu at this place of the screen.
    """

    star_wanted = Signal(bool)
    menu_wanted = Signal(object)

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.saved = saved
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 3)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        step = label(self.tr("step {step}").format(step=f"{saved.step:,}"))
        step.setFont(ui_font(13, 500, tabular=True))
        words.addWidget(step)
        if saved.words:
            words.addWidget(ElidedLabel(saved.words, "caption"))
        row.addWidget(self._preview())
        row.addLayout(words, 1)
        if saved.best:
            row.addWidget(Pill(self.tr("best"), "good"))
        self.star = IconButton("star", self._star_name(), self._on_star, 26)
        if saved.starred:
            set_icon(self.star, "star-filled", "warn")
        self.more = IconButton("more", self.tr("More"), self._open_menu, 26)
        row.addWidget(self.star)
        row.addWidget(self.more)
        self.setAccessibleName(f"{step.text()} {saved.words}")

    def _preview(self) -> QLabel:
        self._picture = made = QLabel()
        self._thumbnail = read_preview(self.saved.folder)
        made.setFixedSize(_STRIP if thumbnail_text(self._thumbnail) is None else _PAGE)
        theme().changed.connect(self._draw)
        self._draw()
        return made

    @Slot()
    def _draw(self) -> None:
        picture = decode(
            self._thumbnail, self._picture.size(), self.devicePixelRatioF(), crop=False
        )
        self._picture.setPixmap(picture)

    def _star_name(self) -> str:
        return self.tr("Take the star away") if self.saved.starred else self.tr("Star: keep it")

    def _on_star(self) -> None:
        self.star_wanted.emit(not self.saved.starred)

    def _open_menu(self) -> None:
        self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height())))


class CheckpointList(QWidget):
    """The checkpoints of one run, newest first.

    Attributes:
        rule: The sentence of the retention rule; the page puts it where it stays in sight.

    Signals:
        fork_wanted, generate_wanted, export_wanted, evaluate_wanted: Of the checkpoint at a step.
        evaluate_all_wanted: All checkpoints are to be measured.
    """

    fork_wanted = Signal(int)
    generate_wanted = Signal(int)
    export_wanted = Signal(int)
    evaluate_wanted = Signal(int)
    evaluate_all_wanted = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._recipe: RunRecipe | None = None
        self._infos: dict[tuple[Path, int], CheckpointInfo] = {}
        self._all = False
        self._shown: list[Saved] = []
        self.rule = label("", "caption", wrap=True)
        self._more = QuietButton("", self._show_all)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._rows)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def rows(self) -> list[CheckpointRow]:
        """Return the rows in their order."""
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, CheckpointRow)]

    def show_run(self, run: Run, recipe: RunRecipe) -> None:
        """Show a run's checkpoints, read from its folder."""
        if self._run is None or run.folder != self._run.folder:
            self._all = False
            self._infos.clear()
        self._run, self._recipe = run, recipe
        starred = self._studio.project.library.stars.of_run(run.id)
        paths = run.checkpoint_paths()
        best = run.best_step()
        saved = [self._saved(path, best, starred) for _step, path in sorted(paths.items())][::-1]
        if saved != self._shown:
            self._shown = saved
            self._fill()
        keep = int(recipe.options["keep_checkpoints"])
        self.rule.setText(retention_words(list(paths), keep, best, starred))

    @Slot()
    def refresh(self) -> None:
        """Read the folder again."""
        if self._run is not None and self._recipe is not None:
            self.show_run(self._run, self._recipe)

    def menu(self, step: int) -> QMenu:
        """Return the menu of a checkpoint."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        actions: list[tuple[str, Callable[[int], object]]] = [
            (self.tr("Open in Generate"), self.generate_wanted.emit),
            (self.tr("Fork from here…"), self.fork_wanted.emit),
            (self.tr("Measure on unseen data"), self.evaluate_wanted.emit),
            (self.tr("Export package…"), self.export_wanted.emit),
        ]
        for text, act in actions:
            menu.addAction(text).triggered.connect(lambda _checked, act=act: act(step))
        if len(self._shown) > 1:
            menu.addSeparator()
            every = menu.addAction(self.tr("Measure all checkpoints"))
            every.triggered.connect(lambda _checked: self.evaluate_all_wanted.emit())
        return menu

    def _saved(self, folder: Path, best: int | None, starred: set[int]) -> Saved:
        info = self._info(folder)
        assert self._recipe is not None
        family = family_info(self._recipe)
        value = info.metrics.get(family.best)
        words = ""
        if value is not None:
            words = value_words(family.metric(family.best), value)
        return Saved(info.step, folder, words, info.step == best, info.step in starred)

    def _info(self, folder: Path) -> CheckpointInfo:
        key = (folder, folder.stat().st_mtime_ns)
        if key not in self._infos:
            self._infos[key] = read_checkpoint(folder)
        return self._infos[key]

    def _fill(self) -> None:
        for row in self.rows():
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        newest = self._shown if self._all else self._shown[:_MOST_ROWS]
        shown = [each for each in self._shown if each in newest or each.best or each.starred]
        for saved in shown:
            row = CheckpointRow(saved)
            row.star_wanted.connect(lambda star, step=saved.step: self._star(step, starred=star))
            row.menu_wanted.connect(lambda at, step=saved.step: self.menu(step).popup(at))
            self._rows.addWidget(row)
        hidden = len(self._shown) - len(shown)
        self._more.setVisible(hidden > 0)
        self._more.setText(self.tr("Show {count} more").format(count=hidden))

    def _show_all(self) -> None:
        self._all = True
        self._fill()

    def _star(self, step: int, *, starred: bool) -> None:
        if self._run is not None:
            command = StarCheckpoint(
                self._studio, self._run.id, step, starred=starred, then=self.refresh
            )
            self._studio.undo.push(command)
