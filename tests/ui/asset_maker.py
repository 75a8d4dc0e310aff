"""Assets, and a model package without any real weights, for tests of the pages that show them."""

from __future__ import annotations

import io
import json
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from studio.core.assets import NewAsset
from studio.core.blobs import BlobWriter, Span
from studio.core.catalogue import catalogue
from studio.core.media import Clip, Modality, Text
from studio.core.packages import Manifest, ModelPackage
from studio.core.project import Project
from studio.core.recipe import DatasetRef, DataSpec, RunRecipe
from studio.core.thumbnails import text_thumbnail
from studio.data.image import files as picture_files
from studio.data.text import files as text_files
from studio.data.video.clips import save_clip

RUN = "digits-1a2b"


def recipe_of(seed: int, label: str = "") -> dict[str, Any]:
    """Return what the engine embeds in a picture of one seed."""
    request = {
        "model": f"{RUN}@40",
        "task": "generate",
        "count": 16,
        "seed": 100,
        "label": label,
        "variety": 1.2,
        "inputs": [],
        "seeds": [],
        "frames": 24,
        "options": {},
    }
    model = {"title": "Digits", "family": "gan", "dataset": "digits", "step": 40}
    return {"studio": "0", "request": request, "model": model, "facts": {"seed": seed}}


def add_pictures(project: Project, count: int, **changes: Any) -> list[int]:
    """Write pictures with their recipe and enter them; returns their ids."""
    assets = []
    with BlobWriter(project.thumbnails) as pack:
        for index in range(count):
            label = str(changes.get("label", ""))
            seed = 100 + index
            recipe = recipe_of(seed, label)
            picture = Pillow.new("RGB", (32, 32), (40 + index * 5 % 200, 90, 160))
            path = project.assets / f"{label or 'any'}-{seed}-{time.monotonic_ns()}.png"
            picture_files.save(picture, path, recipe)
            fields = {
                "path": project.relative(path),
                "modality": Modality.IMAGE,
                "title": f"digits · seed {seed}",
                "model": f"{RUN}@40",
                "model_title": "Digits",
                "run": RUN,
                "step": 40,
                "seed": seed,
                "label": label,
                "width": 32,
                "height": 32,
                "recipe": recipe,
                "thumb": pack.add(_jpeg(picture)),
            }
            assets.append(NewAsset(**(fields | changes)))
    return project.library.assets.add(assets)


def add_clip(project: Project, suffix: str = ".gif", frames: int = 6) -> int:
    """Write a clip of plain colours and enter it; returns its id."""
    path = project.assets / f"clip{suffix}"
    pixels = np.zeros((frames, 16, 16, 3), np.uint8)
    pixels[:, :, :, 0] = np.linspace(0, 250, frames, dtype=np.uint8)[:, None, None]
    save_clip(Clip(pixels, 25.0), path, {})
    (made,) = add_pictures(
        project, 1, path=project.relative(path), modality=Modality.VIDEO, title="clip"
    )
    return made


def add_many(project: Project, count: int) -> None:
    """Enter many assets quickly, as a collection of years would be; they share thumbnails."""
    rng = np.random.default_rng(0)
    with BlobWriter(project.thumbnails) as pack:
        noise = [rng.integers(0, 255, (96, 96, 3), np.uint8) for _ in range(64)]
        spans: list[Span] = [pack.add(_jpeg(Pillow.fromarray(pixels))) for pixels in noise]
    recipe = json.dumps(recipe_of(1))
    now = time.time()
    with project.library.transaction() as connection:
        connection.executemany(
            "INSERT INTO assets(id, path, modality, created, title, model, model_title, run, step,"
            " seed, label, width, height, recipe, thumb_offset, thumb_length)"
            " VALUES (?, ?, 'image', ?, ?, 'm', 'Digits', ?, 40, ?, '7', 32, 32, ?, ?, ?)",
            (
                (i, f"assets/{i}.png", now - i, f"seed {i}", RUN, i, recipe, *spans[i % 64])
                for i in range(1, count + 1)
            ),
        )
        connection.executemany(
            "INSERT INTO assets_text(rowid, words) VALUES (?, ?)",
            ((i, f"Digits 7 {i}") for i in range(1, count + 1)),
        )


def write_package(
    path: Path,
    *,
    title: str = "Digits",
    family: str = "vae",
    labels: tuple[str, ...] = ("a", "b"),
    labelled: bool = False,
) -> Path:
    """Write a package that is good to look at; its weights are of no network."""
    options = catalogue().family(family).values("quick") | {"conditional": bool(labels)}
    recipe = RunRecipe(
        name=title,
        family=family,
        modality=Modality.IMAGE,
        dataset=DatasetRef(id="digits", name="digits"),
        options=options,
    )
    spec = DataSpec(modality=Modality.IMAGE, shape=(1, 28, 28), labels=labels)
    manifest = Manifest(
        title=title, recipe=recipe, spec=spec, step=40, created=time.time(), labelled=labelled
    )
    weights = struct.pack("<Q", 2) + b"{}"
    ModelPackage.write(path, manifest, weights, _jpeg(Pillow.new("L", (8, 8))), "# Digits")
    return path


def _jpeg(picture: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg")
    return buffer.getvalue()


def add_texts(project: Project, texts: list[str]) -> list[int]:
    """Write texts with their recipe and enter them; returns their ids."""
    assets = []
    with BlobWriter(project.thumbnails) as pack:
        for number, words in enumerate(texts):
            recipe = recipe_of(number)
            recipe["request"] |= {"prompt": "Once"}
            path = project.assets / f"text-{number}-{time.monotonic_ns()}.txt"
            path.parent.mkdir(exist_ok=True)
            text_files.save(Text(words), path, recipe)
            assets.append(
                NewAsset(
                    path=project.relative(path),
                    modality=Modality.TEXT,
                    title=f"Once · seed {number}",
                    model=f"{RUN}@40",
                    model_title="Writer",
                    run=RUN,
                    step=40,
                    seed=number,
                    label="",
                    width=len(words),
                    height=words.count("\n") + 1,
                    recipe=recipe,
                    thumb=pack.add(text_thumbnail(words)),
                    said=words,
                )
            )
    return project.library.assets.add(assets)
