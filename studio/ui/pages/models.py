"""The Models page."""

from __future__ import annotations

from studio.ui.context import Studio
from studio.ui.widgets.page import Page


class ModelsPage(Page):
    """Choose what learns from them."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Models"), self.tr("Choose what learns from them"))
        self._studio = studio
        self.body.addStretch(1)
