"""Rules for critics that are shown changed pictures so that they do not learn them by heart."""

from __future__ import annotations

from typing import Any

from studio.core.protocol import Severity
from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, percent

#: Share of changed pictures from which on the changes begin to show in what is made (Karras et
#: al. 2020-ADA, §2.2), and share of recognised real ones that is r_t = 0.6, the target.
_LEAKING, _TARGET = 0.8, 0.8


def _help_is_not_enough(history: History) -> str | None:
    helped, real = history.now["augment_share"], history.now["critic_real"]
    most = history.options.get("augment_limit", 1.0)
    if helped < min(_LEAKING, 0.95 * most) or real <= _TARGET + 0.05:
        return None
    return (
        f"It is shown {percent(helped)} of the {history.items} changed in each way and still takes"
        f" {percent(real)} of the real ones for real; {percent(_TARGET)} is what the help aims at."
    )


def _gentler(options: Options) -> dict[str, Any]:
    changes: dict[str, Any] = {"learning_rate": options.get("learning_rate", 0.0) / 2}
    if "r1" in options:
        changes["r1"] = min(max(4 * options["r1"], 1.0), 1000.0)
    return changes


def _help_may_show(history: History) -> str | None:
    helped = history.now["augment_share"]
    if helped <= _LEAKING:
        return None
    return (
        f"Each change is made to {percent(helped)} of the {history.items} that the critic sees;"
        f" above {percent(_LEAKING)} the generator hardly knows any more how unchanged ones look."
    )


def _fewer_changes(options: Options) -> dict[str, Any]:
    fewer = {"all": "geometry", "geometry": "moves"}
    kinds = options.get("augment_kinds")
    return {"augment_limit": 0.6, "augment_kinds": fewer.get(str(kinds), kinds)}


ADA_RULES: tuple[Rule, ...] = (
    Rule(
        id="help-not-enough",
        title="The critic learns your {items} by heart in spite of all help",
        sentence="There are too few {items} for so long a run. More {items} help most, or a model"
        " of similar {items} to start from. Learning more gently puts it off.",
        check=_help_is_not_enough,
        needs=("augment_share", "critic_real"),
        changes=_gentler,
        action="Go back and learn more gently",
    ),
    Rule(
        id="help-may-show",
        title="What the critic is shown may show up in the {items}",
        sentence="Nearly all {items} that the critic sees are changed. Look for turned or"
        " recoloured samples; with fewer kinds of change they cannot come.",
        check=_help_may_show,
        needs=("augment_share",),
        severity=Severity.INFO,
        changes=_fewer_changes,
        action="Go back with fewer changes",
    ),
)
