"""The Gallery page."""

from __future__ import annotations

from studio.ui.context import Studio
from studio.ui.widgets.page import Page


class GalleryPage(Page):
    """All that was made."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(self.tr("Gallery"), self.tr("All that was made"))
        self._studio = studio
        self.body.addStretch(1)
