"""What the importer notes of a film, and what the data doctor says of films."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from studio.core.items import Item
from studio.core.protocol import Severity
from studio.data.findings import Finding, Repair
from studio.data.video.preparation import VideoPreparation

#: Notes that hold a number: `frames=32`.
_FRAMES, _FPS = "frames=", "fps="

_MANY = 0.05  # share of the films from which on a finding is worth a line
_SHAPES = 1.2  # shapes that differ by more than this factor are said to be mixed
_RATES = 1.1  # frame rates too
_ENLARGED = 0.75  # a film below this share of the training size becomes visibly soft


def measured(frames: int, fps: float) -> tuple[str, ...]:
    """Return the notes that hold how long a film is and how fast it runs."""
    return (f"{_FRAMES}{frames}", f"{_FPS}{fps:.6g}")


def frames_in(item: Item) -> int:
    """Return how many frames a film has; 0 where that was not noted."""
    return int(_number(item, _FRAMES))


def fps_in(item: Item) -> float:
    """Return a film's frames a second; 0 where that was not noted."""
    return _number(item, _FPS)


def seconds_in(item: Item) -> float:
    """Return how long a film is; 0 where that was not noted."""
    fps = fps_in(item)
    return frames_in(item) / fps if fps else 0.0


def common_fps(items: Sequence[Item]) -> float:
    """Return the frame rate that most films have, the higher of two; 0 where none was noted."""
    counts = Counter(rate for item in items if (rate := fps_in(item)))
    return max(counts, key=lambda rate: (counts[rate], rate), default=0.0)


def frames_at(item: Item, fps: float) -> int:
    """Return how many frames a film has at a frame rate."""
    own = fps_in(item)
    return round(frames_in(item) * fps / own) if own and fps else frames_in(item)


def examine(items: Sequence[Item], settled: VideoPreparation, fit: str) -> Iterator[Finding]:
    """Return what is wrong with lengths, rates, sizes and motion.

    Args:
        items: The included films.
        settled: The settings, decided.
        fit: How frames become squares.
    """
    if not items:
        return
    yield from _too_short(items, settled)
    yield from _static(items)
    yield from _rates(items, settled)
    yield from _small(items, settled)
    yield from _shapes(items, fit)
    yield from _times(items)
    yield from _borders(items)


def _number(item: Item, name: str) -> float:
    for note in item.notes:
        if note.startswith(name):
            return float(note[len(name) :])
    return 0.0


def _noted(items: Sequence[Item], *notes: str) -> list[Item]:
    return [item for item in items if not set(notes).isdisjoint(item.notes)]


def _too_short(items: Sequence[Item], settled: VideoPreparation) -> Iterator[Finding]:
    wanted = settled.frames
    lengths = {item.id: frames_at(item, settled.fps) for item in items if frames_in(item)}
    short = [key for key, length in lengths.items() if length < wanted]
    if not short:
        return
    every = len(short) == len(items)
    fitting = sorted(lengths.values())[len(lengths) // 10]
    if every or len(short) > len(items) / 4:
        shorter = max(2, max(lengths.values()) if every and fitting < 2 else fitting)
        repair = Repair(f"Learn clips of {shorter} frames", preparation={"frames": shorter})
    else:
        repair = Repair(f"Leave out {len(short):,} short films", dict.fromkeys(short, True))
    yield Finding(
        rule="too-short",
        severity=Severity.ERROR if every else Severity.WARNING,
        title="Films shorter than a clip",
        why="Nothing is learned from them: a model sees so many frames at once.",
        evidence=f"{len(short):,} of {len(items):,} have fewer than {wanted} frames at"
        f" {settled.fps:g} a second.",
        items=tuple(short),
        repair=repair,
    )


def _static(items: Sequence[Item]) -> Iterator[Finding]:
    found = [item.id for item in _noted(items, "static")]
    if found:
        yield Finding(
            rule="static",
            severity=Severity.WARNING if len(found) >= _MANY * len(items) else Severity.INFO,
            title="Films in which nothing moves",
            why="A model that sees many of them learns to make clips that stand still.",
            evidence=f"{len(found):,} of {len(items):,} show one picture all the time.",
            items=tuple(found),
            repair=Repair(f"Leave out {len(found):,} still films", dict.fromkeys(found, True)),
        )


def _rates(items: Sequence[Item], settled: VideoPreparation) -> Iterator[Finding]:
    rates = Counter(rate for item in items if (rate := fps_in(item)))
    if rates and max(rates) > _RATES * min(rates):
        usual = settled.fps
        others = [item.id for item in items if fps_in(item) and fps_in(item) != usual]
        yield Finding(
            rule="mixed-rates",
            severity=Severity.INFO,
            title="Different frame rates",
            why=f"All are brought to {usual:g} frames a second: frames are left out or repeated,"
            " so that everything moves as fast as it did.",
            evidence=f"From {min(rates):g} to {max(rates):g} frames a second.",
            items=tuple(others),
        )


def _small(items: Sequence[Item], settled: VideoPreparation) -> Iterator[Finding]:
    small = [item for item in items if min(item.width, item.height) < _ENLARGED * settled.size]
    if len(small) < _MANY * len(items):
        return
    sides = sorted(min(item.width, item.height) for item in items)
    fitting = max(16, sides[len(sides) // 4] // 8 * 8)
    yield Finding(
        rule="too-small",
        severity=Severity.WARNING,
        title="Films smaller than the training size",
        why="They are enlarged, and the model learns to draw blur.",
        evidence=f"{len(small):,} of {len(items):,} are below {_ENLARGED:.0%} of"
        f" {settled.size} pixels.",
        items=tuple(item.id for item in small),
        repair=Repair(f"Train at {fitting} pixels", preparation={"size": fitting}),
    )


def _shapes(items: Sequence[Item], fit: str) -> Iterator[Finding]:
    shapes = [item.width / item.height for item in items]
    if max(shapes) <= _SHAPES * min(shapes) or fit != "crop":
        return
    yield Finding(
        rule="mixed-shapes",
        severity=Severity.INFO,
        title="Tall and wide films are mixed",
        why="Cropping to a square cuts off what lies at their ends. Padding keeps all of it.",
        evidence=f"Width to height runs from {min(shapes):.2f} to {max(shapes):.2f}.",
        repair=Repair("Pad instead of cropping", preparation={"fit": "pad"}),
    )


def _times(items: Sequence[Item]) -> Iterator[Finding]:
    found = _noted(items, "variable-rate", "time-stamps", "odd-rate", "glitches", "sizes-change")
    if found:
        uneven = len(_noted(items, "variable-rate"))
        yield Finding(
            rule="uneven",
            severity=Severity.INFO,
            title="Films that were not in order",
            why="Frames were put in their places by their time stamps, or evenly where those made"
            " no sense; frames of other sizes were brought to that of the first.",
            evidence=f"{len(found):,} of {len(items):,}; {uneven:,} with a variable frame rate.",
            items=tuple(item.id for item in found),
        )


def _borders(items: Sequence[Item]) -> Iterator[Finding]:
    found = [item.id for item in _noted(items, "black-borders")]
    if found and len(found) < len(items):
        yield Finding(
            rule="black-borders",
            severity=Severity.INFO,
            title="Black bars around some films",
            why="The model learns the bars too, and makes some clips with them.",
            evidence=f"{len(found):,} of {len(items):,} have bars.",
            items=tuple(found),
            repair=Repair(f"Leave out {len(found):,} with bars", dict.fromkeys(found, True)),
        )
