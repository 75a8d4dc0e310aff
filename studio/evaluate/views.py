"""How judges look at items of each modality: pictures, spectrograms, and clips as they move."""

from __future__ import annotations

from studio.core.media import Modality
from studio.evaluate.clip_net import ClipView
from studio.evaluate.feature_net import View
from studio.evaluate.sound_view import SoundView

_VIEWS: dict[Modality, View] = {
    Modality.IMAGE: View(),
    Modality.AUDIO: SoundView(),
    Modality.VIDEO: ClipView(),
}


def view_of(modality: Modality) -> View:
    """Return how the judge of a modality looks at its items."""
    return _VIEWS[modality]
