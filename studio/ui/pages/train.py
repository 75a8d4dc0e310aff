"""The Train page."""

from __future__ import annotations

from studio.ui.context import Studio
from studio.ui.widgets.page import Page


class TrainPage(Page):
    """Watch it learn."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Train"), self.tr("Watch it learn"))
        self._studio = studio
        self.body.addStretch(1)
