"""The Data page."""

from __future__ import annotations

from studio.ui.context import Studio
from studio.ui.widgets.page import Page


class DataPage(Page):
    """Bring in pictures to learn from."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Data"), self.tr("Bring in pictures to learn from"))
        self._studio = studio
        self.body.addStretch(1)
