"""A rule for models that write in a vocabulary of tiles."""

from __future__ import annotations

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Rule

_FEW = 0.1  # of the codebook


def _few_tiles(history: History) -> str | None:
    use = history.now["codebook_use"]
    if history.share < 0.1 or use >= _FEW:
        return None
    return f"The tiles in use count as much as {use:.1%} of the codebook would."


CODEBOOK_RULES: tuple[Rule, ...] = (
    Rule(
        id="few-tiles",
        title="Only a few tiles of its vocabulary are used",
        sentence="The rest is dead, and {items} lose the detail that it could have kept. Moving"
        " dead tiles to where they are needed brings them back.",
        check=_few_tiles,
        needs=("codebook_use",),
        changes=lambda _options: {"restart": True},
        action="Go back and wake the dead tiles",
    ),
)
