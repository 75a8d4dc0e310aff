"""The model packages that come with the program: each opens, says what it is and makes media."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from studio.core.catalogue import catalogue
from studio.core.family_info import PROMPT_TASKS, SEVERAL_TASKS, WHOLE_TASKS, Task
from studio.core.media import Clip, Film, Image, Modality, Music, Sound, Text
from studio.core.packages import ModelPackage
from studio.core.paths import resource, starter_models
from studio.core.protocol import GenerateRequest
from studio.data.video.clips import save_clip
from studio.engine.control import Control
from studio.engine.job import JobContext
from studio.engine.models import load_model
from studio.engine.requests import sample_request, samples
from studio.terminal import Sink

_MEGABYTE = 1 << 20
#: What goes on from a checkpoint that the user brings.
NOT_SHIPPED = {"pretrained_lm"}


@pytest.mark.parametrize("path", starter_models(), ids=lambda path: path.stem)
def test_a_starter_model_makes_media(path: Path, tmp_path: Path) -> None:
    model = load_model(None, str(path))
    info = model.family.info
    inputs: list[str] = []
    task = Task.GENERATE
    if task not in info.tasks:
        task = next(each for each in info.tasks if each in WHOLE_TASKS | PROMPT_TASKS)
    if task in WHOLE_TASKS:
        slope = np.linspace(0, 255, 40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
        own = tmp_path / ("own.mp4" if info.modality is Modality.VIDEO else "own.png")
        if info.modality is Modality.VIDEO:
            save_clip(Clip(np.stack([np.roll(slope, 2 * place, 1) for place in range(12)])), own)
        else:
            PillowImage.fromarray(slope).save(own)
        inputs = [str(own)]
    prompt = {Task.ANSWER: "The cat sees the dog.", Task.FILL: "Once there was a […] king."}
    brief = {"seconds": 0.4} if "seconds" in model.family.sampling_type.model_fields else {}
    asked = GenerateRequest(
        model=str(path),
        task=task,
        count=2,
        inputs=inputs,
        prompt=prompt.get(task, ""),
        options=brief,
    )
    made = list(
        samples(model, sample_request(model, asked), JobContext("starter", Control(), Sink()))
    )
    assert len(made) == (1 if inputs and task not in SEVERAL_TASKS else 2)
    for media in made:
        if isinstance(media, Image):
            assert media.pixels.std() > 5, "a plain surface"
        elif isinstance(media, Text):
            assert len(media.text.split()) >= 3
        elif isinstance(media, Sound):
            level = float(np.sqrt(np.square(media.samples).mean()))
            assert 0.01 < level < 0.5, "hardly to be heard, or nothing but noise"
        elif isinstance(media, Clip | Film):
            frames = media.frames if isinstance(media, Clip) else np.stack(list(media.frames()))
            assert len(frames) >= 8
            assert frames.std() > 5, "a plain surface"
            assert np.abs(np.diff(frames.astype(int), axis=0)).mean() > 0.2, "it stands still"
        else:
            assert isinstance(media, Music)
            assert sum(len(track.notes) for track in media.tracks) >= 8
    assert len(ModelPackage(path).preview()) > 500
    assert path.stat().st_size < 8 * _MEGABYTE


def test_every_family_has_a_starter_model_and_a_card() -> None:
    families = {ModelPackage(path).manifest.recipe.family for path in starter_models()}
    assert families == set(catalogue().families) - NOT_SHIPPED
    for family in families:
        cards = [resource("cards", f"{family}{suffix}") for suffix in (".png", ".jpg", ".txt")]
        assert any(card.exists() for card in cards), family
