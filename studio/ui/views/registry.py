"""The one table that maps a modality to the widget that shows it."""

from __future__ import annotations

from studio.core.media import Modality
from studio.ui.views.base import MediaView
from studio.ui.views.image import ImageView
from studio.ui.views.video import ClipView

#: A modality is added to the window by its view and one line here.
VIEWS: dict[Modality, type[MediaView]] = {
    Modality.IMAGE: ImageView,
    Modality.VIDEO: ClipView,
}


def make_view(modality: Modality) -> MediaView:
    """Return a new widget that shows media of that kind; raises KeyError when there is none."""
    return VIEWS[modality]()
