"""Contestants that take turns in one process: a machine that slows down slows all alike."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import torch

from studio.families.compute import Compute

#: One training step; what it returns is left alone.
Step = Callable[[], object]

#: Makes a contestant that computes in a given way.
MakeStep = Callable[[Compute], Step]


class MakeTheirs(Protocol):
    """Makes a peer's step, with the fused optimiser or the one that torch takes by itself."""

    def __call__(self, compute: Compute, fused: bool = True) -> Step: ...


_BLOCK_SECONDS = 0.5
_FEWEST_ROUNDS = 5
_TRIAL_ROUNDS = 2  # of each way to compute, before the contest

FP32 = (Compute(), Compute(channels_last=True))
BF16 = tuple(Compute(autocast=torch.bfloat16, channels_last=last) for last in (False, True))


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one contestant is as another.

    Attributes:
        middle: Ratio of the medians of their times.
        low, high: Quartiles of the ratio within a round.
    """

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} × ({self.low:.2f} … {self.high:.2f})"


def take_turns(
    contestants: dict[str, Step], seconds: float, fewest: int = _FEWEST_ROUNDS
) -> dict[str, list[float]]:
    """Return the seconds that a step of each contestant takes, one number per round.

    In each round every contestant takes a block of steps of about half a second, in this order
    and then in the other, until the time is over.

    Args:
        contestants: Their steps, by name.
        seconds: How long the contest lasts, after every contestant has warmed up.
        fewest: Rounds that are made however long they take.
    """
    blocks = {name: _steps_in_block(step) for name, step in contestants.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    started = time.perf_counter()
    rounds = 0
    while rounds < fewest or time.perf_counter() - started < seconds:
        for name in list(contestants) if rounds % 2 == 0 else reversed(contestants):
            times[name].append(_seconds_per_step(contestants[name], blocks[name]))
        rounds += 1
    return times


def fastest(make: MakeStep, ways: tuple[Compute, ...]) -> Compute:
    """Return the way to compute in which a step is fastest, as the engine chooses it for a run."""
    steps = {str(number): make(way) for number, way in enumerate(ways)}
    times = take_turns(steps, 0, _TRIAL_ROUNDS)
    best = min(times, key=lambda name: min(times[name]))
    return ways[int(best)]


def contest(
    title: str,
    peer: str,
    theirs: MakeTheirs,
    ours: MakeStep,
    seconds: float,
    batch: int,
    beside: dict[str, MakeStep] | None = None,
) -> dict[str, object]:
    """Let a peer's step and ours learn the same, and report how they compare.

    Args:
        peer: Its name.
        batch: Pictures in a step.
        beside: Steps that are timed as well, as ours is when shipped.
    """
    full, shipped, tuned = (
        fastest(ours, FP32),
        fastest(ours, FP32 + BF16),
        fastest(theirs, FP32 + BF16),
    )
    one, two = f"{peer}, as shipped: fp32", f"{peer}, tuned: {described(tuned)}"
    three, four = f"studio, {described(full)}", f"studio, as shipped: {described(shipped)}"
    contestants = {
        one: theirs(FP32[0], fused=False),
        two: theirs(tuned),
        three: ours(full),
        four: ours(shipped),
    }
    contestants |= {name: make(shipped) for name, make in (beside or {}).items()}
    compared = {"both fp32": (one, three), "both tuned": (two, four), "as shipped": (one, four)}
    return report(title, take_turns(contestants, seconds), compared, batch)


def described(compute: Compute) -> str:
    """Return a way to compute in words."""
    precision = "bf16" if compute.autocast is torch.bfloat16 else "fp32"
    return f"{precision} channels-last" if compute.channels_last else precision


def ratio(times: dict[str, list[float]], slow: str, fast: str) -> Ratio:
    """Return how many times as fast `fast` is as `slow`."""
    within = [a / b for a, b in zip(times[slow], times[fast], strict=True)]
    low, _, high = statistics.quantiles(within, n=4)
    middle = statistics.median(times[slow]) / statistics.median(times[fast])
    return Ratio(middle, low, high)


def report(
    title: str,
    times: dict[str, list[float]],
    compared: dict[str, tuple[str, str]],
    batch: int,
    unit: str = "pictures",
) -> dict[str, object]:
    """Print what a contest came to, and return it as data.

    Args:
        compared: What each comparison is called, and the two contestants: slow, fast.
        batch: Items in a step.
        unit: What they are called.
    """
    rounds = len(next(iter(times.values())))
    print(f"\n{title}: {rounds} rounds in turns")
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"  {name:44}{1000 * middle:9.1f} ms/step{batch / middle:9.0f} {unit}/s")
    found = {}
    for name, (slow, fast) in compared.items():
        found[name] = ratio(times, slow, fast)
        print(f"  {name:44}{found[name]}")
    return {
        "seconds": times,
        "ratios": {name: asdict(each) for name, each in found.items()},
    }


def asked(doc: str, contests: Sequence[str]) -> argparse.Namespace:
    """Return what the command line asks for: `seconds`, `only` (of the contests) and `json`."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="of each contest")
    parser.add_argument("--only", nargs="+", choices=contests, default=contests)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    return parser.parse_args()


def write(path: Path | None, results: dict[str, object]) -> None:
    """Write results to a file as JSON, where one was asked for."""
    if path is not None:
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")


def machine() -> str:
    """Return what the numbers hold for."""
    capability = torch.backends.cpu.get_cpu_capability()
    return f"torch {torch.__version__}, {torch.get_num_threads()} threads, {capability}"


def _steps_in_block(step: Step) -> int:
    """Warm a contestant up, and return how many of its steps make a block."""
    for _ in range(2):
        step()
    return max(1, round(_BLOCK_SECONDS / _seconds_per_step(step, 1)))


def _seconds_per_step(step: Step, steps: int) -> float:
    before = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - before) / steps
