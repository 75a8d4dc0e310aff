"""A run's losses as a PNG, drawn with Pillow: for runs without a window."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from studio.core.files import replacing
from studio.core.runs import Run

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 960, 540, 70, 40, 40
_COLOURS = ("#4f5bd5", "#c8641b", "#13855f", "#b8336a", "#7a6a00")


def write_loss_plot(run: Run, path: Path) -> None:
    """Write curves of every loss of a run (metrics whose name starts with `loss` or `val_`)."""
    rows = run.metrics()
    names = sorted(
        {name for row in rows for name in row["values"] if name.startswith(("loss", "val_"))}
        or {name for row in rows for name in row["values"] if name == "neg_elbo"}
    )
    curves = {
        name: [(row["step"], row["values"][name]) for row in rows if name in row["values"]]
        for name in names
    }
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), "#ffffff")
    draw = ImageDraw.Draw(picture)
    values = sorted(value for curve in curves.values() for _step, value in curve)
    last = max((row["step"] for row in rows), default=1)
    low, high = (values[0], values[int(len(values) * 0.99)]) if values else (0.0, 1.0)
    high = high if high > low else low + 1.0
    for part in range(5):
        value = low + (high - low) * part / 4
        y = _y(value, low, high)
        draw.line([(_LEFT, y), (_WIDTH - 20, y)], fill="#dfe3e9")
        draw.text((8, y - 6), f"{value:.3g}", fill="#5c6572")
        step = last * part // 4
        draw.text((_x(step, last) - 10, _HEIGHT - 28), f"{step:,}", fill="#5c6572")
    for place, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        points = [(_x(step, last), _y(min(value, high), low, high)) for step, value in curve]
        if len(points) > 1:
            draw.line(points, fill=colour, width=2)
        draw.text((_LEFT + 170 * place, 14), f"— {name}", fill=colour)
    with replacing(path) as temporary:
        picture.save(temporary, "png")


def _x(step: int, last: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 20) * step / max(last, 1)


def _y(value: float, low: float, high: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * (value - low) / (high - low)
