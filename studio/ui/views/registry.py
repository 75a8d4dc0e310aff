"""The one table that maps a modality to the widgets that show it."""

from __future__ import annotations

from typing import NamedTuple

from studio.core.media import Modality
from studio.ui.views.audio import AudioView
from studio.ui.views.audio_dataset import AudioDatasetView
from studio.ui.views.base import DatasetView, MediaView
from studio.ui.views.image import ImageView
from studio.ui.views.image_dataset import ImageDatasetView
from studio.ui.views.music import MusicView
from studio.ui.views.music_dataset import MusicDatasetView
from studio.ui.views.text import TextView
from studio.ui.views.text_dataset import TextDatasetView
from studio.ui.views.video import ClipView
from studio.ui.views.video_dataset import VideoDatasetView


class Views(NamedTuple):
    """The widgets of one modality: for one medium, and for what a dataset holds."""

    media: type[MediaView]
    dataset: type[DatasetView] = DatasetView


#: A modality is added to the window by its views and one line here.
VIEWS: dict[Modality, Views] = {
    Modality.IMAGE: Views(ImageView, ImageDatasetView),
    Modality.TEXT: Views(TextView, TextDatasetView),
    Modality.MUSIC: Views(MusicView, MusicDatasetView),
    Modality.AUDIO: Views(AudioView, AudioDatasetView),
    Modality.VIDEO: Views(ClipView, VideoDatasetView),
}


def make_view(modality: Modality) -> MediaView:
    """Return a new widget that shows media of that kind; raises KeyError when there is none."""
    return VIEWS[modality].media()
