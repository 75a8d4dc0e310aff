"""Runs the networks of this folder with ONNX Runtime alone: pip install onnxruntime numpy pillow

    python example.py             every network on the examples that came along
    python example.py PICTURE     the networks that take a picture, on your own one

Results are written beside this file as PNG pictures, or as .npy where they are no pictures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

FOLDER = Path(__file__).parent


def main(arguments: list[str]) -> None:
    about = json.loads((FOLDER / "model.json").read_text("utf-8"))
    for name, network in about["networks"].items():
        inputs = dict(np.load(FOLDER / f"{name}-examples.npz"))
        if arguments:
            taken = [key for key, shape in network["inputs"].items() if len(shape) == 3]
            if not taken:
                continue
            channels, height, width = network["inputs"][taken[0]]
            picture = read(Path(arguments[0]), channels, (height, width), network["sides"])
            inputs = {key: value[:1] for key, value in inputs.items()} | {taken[0]: picture}
        made = run(FOLDER / network["file"], inputs)
        print(f"{name}: {', '.join(map(str, made.shape))}")
        write(made, f"{name}-{network['output']}")


def run(path: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Return what a network makes of its inputs; constants may have swallowed some of them."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    known = {each.name for each in session.get_inputs()}
    return session.run(None, {key: value for key, value in inputs.items() if key in known})[0]


def read(path: Path, channels: int, size: tuple[int, int], sides: int) -> np.ndarray:
    """Return a picture as numbers (1, C, H, W) in -1 ... 1, at the size that the network takes."""
    image = Image.open(path).convert("L" if channels == 1 else "RGB")
    if sides:
        image = image.crop((0, 0, image.width // sides * sides, image.height // sides * sides))
    else:
        image = image.resize((size[1], size[0]))
    pixels = np.asarray(image, np.float32).reshape(image.height, image.width, channels)
    return (pixels / 127.5 - 1).transpose(2, 0, 1)[None]


def write(made: np.ndarray, name: str) -> None:
    """Write pictures side by side as PNG, anything else as numbers."""
    if made.ndim == 4 and made.shape[1] in (1, 3):
        row = np.concatenate(list(made), axis=2).transpose(1, 2, 0)
        pixels = np.clip(np.round((row + 1) * 127.5), 0, 255).astype(np.uint8)
        Image.fromarray(pixels.squeeze()).save(FOLDER / f"{name}.png")
    else:
        np.save(FOLDER / f"{name}.npy", made)


if __name__ == "__main__":
    main(sys.argv[1:])
