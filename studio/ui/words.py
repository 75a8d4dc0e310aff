"""Numbers, settings and places in words for people: durations, sizes, counts, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from studio.core.family_info import Metric
from studio.core.places import Place


def duration(seconds: float) -> str:
    """Return a duration as people say it: `45 s`, `1 min 09 s`, `2 h 05 min`, `3 days`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} days"


def percent(share: float) -> str:
    """Return a share between 0 and 1 as people write it: `62 %`."""
    return f"{share * 100:.0f} %"


def size(count: float) -> str:
    """Return a number of bytes as people say it: `38 MB`, `2.1 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return (
                f"{count:.0f} {unit}"
                if unit in {"bytes", "kB"} or count >= 10
                else f"{count:.1f} {unit}"
            )
        count /= 1000
    return f"{count:.1f} TB"


def amount(count: float) -> str:
    """Return a count as people say it: `950`, `12,400`, `1.9 M`, `2.4 B`."""
    if count < 1_000_000:
        return f"{count:,.0f}"
    if count < 1_000_000_000:
        return f"{count / 1e6:.1f} M"
    return f"{count / 1e9:.1f} B"


def choice(value: Any, field: Mapping[str, Any]) -> str:
    """Return the words that a setting's schema has for one of its values; empty when it has none.

    A number may have words too, such as *Automatic* for 0.
    """
    key = f"{value:g}" if isinstance(value, float) else str(value)
    return str(field.get("choices", {}).get(key, ""))


def setting(value: Any, field: Mapping[str, Any]) -> str:
    """Return a setting's value as people read it: `Automatic`, `on`, `64 px`, `2,000`."""
    if value is None or value == "":
        return "–"
    if words := choice(value, field):
        return words
    if isinstance(value, bool):
        return _tr("on") if value else _tr("off")
    if isinstance(value, int | float):
        text = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    else:
        text = str(value).replace("_", " ")
    unit = field.get("unit", "")
    return f"{text} {unit}" if unit else text


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)


def place_words(place: Place) -> str:
    """Return a few words for a place: its seeds, heaviest first, or that it is a picture's own."""
    if place.code:
        words = _tr("own picture")
    else:
        weights = place.weights or (1.0,) * len(place.seeds)
        order = sorted(zip(weights, place.seeds, strict=True), key=lambda each: -each[0])
        words = " + ".join(str(seed) for _weight, seed in order[:3])
        words += " …" if len(order) > 3 else ""
    if place.style_seed is not None:
        words = _tr("{place}, style of {seed}").format(place=words, seed=place.style_seed)
    return words


def value_words(metric: Metric, value: float) -> str:
    """Return a metric's value as people read it: `71 %`, `104.2 nats`, `0.96`."""
    text = number_words(metric, value)
    return f"{text} {metric.unit}" if metric.unit and not metric.percent else text


def number_words(metric: Metric, value: float) -> str:
    """Return a metric's value without its unit, where room is short: `71 %`, `104.2`."""
    if metric.percent:
        return f"{value:.0%}".replace("%", " %")
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 0.01 else 4
    return f"{value:,.{digits}f}".replace("-", "−")
