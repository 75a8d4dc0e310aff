"""What the data doctor says: findings in plain words, with repairs as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.core.protocol import Severity


@dataclass(frozen=True)
class Repair:
    """One click that puts a finding right; applying it returns the repair that undoes it.

    Attributes:
        title: Text of the button.
        excluded: Items to leave out (True) or take in again (False), by id.
        preparation: Preparation settings to change.
    """

    title: str
    excluded: dict[int, bool] = field(default_factory=dict)
    preparation: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something about a dataset that will hurt the training.

    Attributes:
        rule: Id of the rule.
        title: What is wrong, a few plain words.
        why: Why it hurts and what usually helps.
        evidence: The numbers behind it.
        items: Ids of the items concerned, as far as there are some.
        repair: What one click does about it; None when only the user can.
    """

    rule: str
    severity: Severity
    title: str
    why: str
    evidence: str
    items: tuple[int, ...] = ()
    repair: Repair | None = None
