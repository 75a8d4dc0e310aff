"""The one table that says what stands in the middle of the Generate page for each modality."""

from __future__ import annotations

from studio.core.media import Modality
from studio.ui.pages.generate_audio import AudioMiddle
from studio.ui.pages.generate_middle import Middle
from studio.ui.pages.generate_music import MusicMiddle
from studio.ui.pages.generate_pictures import PicturesMiddle
from studio.ui.pages.generate_text import TextMiddle
from studio.ui.pages.generate_video import VideoMiddle

#: Modalities with a middle of their own; all others have the results and the explorer.
MIDDLES: dict[Modality, type[Middle]] = {
    Modality.TEXT: TextMiddle,
    Modality.MUSIC: MusicMiddle,
    Modality.AUDIO: AudioMiddle,
    Modality.VIDEO: VideoMiddle,
}


def middle_of(modality: Modality) -> type[Middle]:
    """Return what stands in the middle for a modality."""
    return MIDDLES.get(modality, PicturesMiddle)
