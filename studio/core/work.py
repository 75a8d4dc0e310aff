"""What a long piece of work says and hears: progress up, stop and pause down."""

from __future__ import annotations

from studio.core.protocol import Severity


class Work:
    """Handed to every long function of the library layers.

    This base says nothing and never stops, which suits tests and short calls; the engine's
    `JobContext` sends events and obeys the user.
    """

    def gate(self) -> None:
        """Call at every step: raises StopRequested, and blocks while the job is paused."""

    def progress(
        self,
        stage: str,
        done: int,
        total: int = 0,
        unit: str = "",
        counts: dict[str, int] | None = None,
    ) -> None:
        """Say how far the work is; cheap enough to call for every item. Includes `gate()`.

        Args:
            stage: What is being done, a few words: "Reading files".
            done: Units done so far.
            total: Units in all; 0 when the end is not known.
            unit: What is counted, plural: "files".
            counts: Live counts by kind: {"taken": 12, "rejected": 1}.
        """
        self.gate()

    def notice(self, severity: Severity, title: str, message: str, hint: str = "") -> None:
        """Tell the user something while the work goes on."""
