"""What a headless job says on the terminal: a progress bar, lines of JSON, results, errors."""

from __future__ import annotations

import sys
from typing import Any, Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from studio.core import protocol
from studio.core.protocol import JobFinished, Message


class Sink:
    """Where events of a headless job go. The last result is kept."""

    result: dict[str, Any]

    def __call__(self, event: Message) -> None:
        """Take an event."""


class JsonSink(Sink):
    """Prints each event as one line of JSON on standard output."""

    def __call__(self, event: Message) -> None:
        """Print an event."""
        sys.stdout.write(protocol.encode(event))
        sys.stdout.flush()


class QuietSink(Sink):
    """Says nothing but failures; for commands whose only output is their result."""

    def __call__(self, event: Message) -> None:
        """Say a failure."""
        if isinstance(event, JobFinished) and event.error is not None:
            say_error(event.error)


class BarSink(Sink):
    """Draws a progress bar on the terminal's error stream."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self._console,
            transient=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._stage = ""
        self._values = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def __call__(self, event: Message) -> None:
        """Show an event."""
        if isinstance(event, protocol.Progress):
            self._show(event)
        elif isinstance(event, protocol.Metrics):
            shown = list(event.values.items())[:3]
            self._values = "  ".join(f"{name} {value:.3g}" for name, value in shown)
        elif isinstance(event, protocol.Notice):
            self._progress.print(f"[bold]{event.title}.[/bold] {event.message} {event.hint}")
        elif isinstance(event, protocol.CoachAdvised) and not event.advice.resolved:
            advice = event.advice
            self._progress.print(f"[bold]{advice.title}.[/bold] {advice.sentence}")
        elif isinstance(event, JobFinished) and event.error is not None:
            say_error(event.error)

    def _show(self, event: protocol.Progress) -> None:
        if event.stage != self._stage or self._task is None:
            self._task = self._progress.add_task(event.stage, total=None, detail="")
            self._stage = event.stage
        counts = "  ".join(f"{count:,} {name}" for name, count in event.counts.items())
        amount = f"{event.done:,}" + (f" of {event.total:,}" if event.total else "")
        self._progress.update(
            self._task,
            completed=event.done,
            total=event.total or None,
            detail=f"{amount} {event.unit}  {counts or self._values}",
        )


def say_result(result: dict[str, Any], *, whole: bool = False) -> None:
    """Say what a job has found; long lists as their length unless `whole`."""
    table = Table(show_header=False, box=None)
    for name, value in result.items():
        if isinstance(value, list) and not whole:
            value = f"{len(value):,}"  # noqa: PLW2901 - a long list is said by its length
        if isinstance(value, dict):
            for inner, number in value.items():
                text = f"{number:.4g}" if isinstance(number, float) else str(number)
                table.add_row(f"{name}.{inner}", text)
        else:
            table.add_row(name, f"{value:.6g}" if isinstance(value, float) else str(value))
    Console().print(table)


def say_whole(result: dict[str, Any]) -> None:
    """Say what a job has found, long lists too."""
    say_result(result, whole=True)


def say_comparison(result: dict[str, Any]) -> None:
    """Say what *compare_runs* has found: a column per run, the better value bold."""
    runs = result["runs"]
    table = Table("", *(run["name"] for run in runs), box=box.SIMPLE_HEAD)
    table.add_row("run", *(run["run"] for run in runs))
    table.add_row("step", *(f"{run['step']:,}" for run in runs))
    table.add_row("minutes", *(f"{run['seconds'] / 60:.1f}" for run in runs))
    measured = [run["measured"] for run in runs]
    table.add_row("measured at", *("–" if at is None else f"{at:,}" for at in measured))
    table.add_section()
    for name, found in result["metrics"].items():
        cells = []
        for run, value in zip(runs, found["values"], strict=True):
            text = "–" if value is None else f"{value:.4g}"
            cells.append(f"[bold]{text}[/bold]" if run["run"] == found["best"] else text)
        table.add_row(name, *cells)
    table.add_section()
    for name, values in result["settings"].items():
        table.add_row(name, *("–" if value is None else str(value) for value in values))
    console = Console()
    console.print(table)
    if len({run["judge"] for run in runs if run["judge"]}) > 1:
        console.print("Measured by different judges: do not compare those numbers.")
    if result["path"]:
        console.print(f"wrote {result['path']}", highlight=False)


def say_error(error: protocol.ErrorReport) -> None:
    """Say an error on the terminal: what happened, what it means, what to do."""
    console = Console(stderr=True)
    console.print(f"[bold]{error.title}.[/bold] {error.message}", highlight=False)
    if error.hint:
        console.print(error.hint, highlight=False)
