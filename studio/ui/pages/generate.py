"""The Generate page."""

from __future__ import annotations

from studio.ui.context import Studio
from studio.ui.widgets.page import Page


class GeneratePage(Page):
    """Make new things."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Generate"), self.tr("Make new things"))
        self._studio = studio
        self.body.addStretch(1)
