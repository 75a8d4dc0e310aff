"""The coach: watches a run's metrics, says in plain words what goes wrong, and what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.core.family_info import FamilyInfo
from studio.core.media import NOUNS
from studio.core.protocol import Advice
from studio.core.recipe import DataSpec
from studio.engine.coach.history import History
from studio.engine.coach.rules import RULES, Rule
from studio.engine.coach.rules.rule import nothing


class Coach:
    """Holds every rule against the history of one run.

    A rule speaks when its sign held in `Rule.patience` windows one after the other, and takes its
    word back when the sign was away for as many. Windows in which a metric that it needs was not
    measured say nothing, neither way.

    Args:
        options: Every option of the recipe with its value.
        info: The family's, for the meaning of its metrics.
        earlier: What was said before the run was resumed.
        spec: What is known of the data.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        info: FamilyInfo,
        earlier: Sequence[Advice] = (),
        spec: DataSpec | None = None,
    ) -> None:
        facts = spec.statistics | {"vocabulary": float(spec.vocabulary)} if spec else {}
        self._history = History(options, info, facts)
        self._said = {advice.rule: advice for advice in earlier if not advice.resolved}
        self._streaks: dict[str, int] = {}  # windows with (> 0) or without (< 0) the sign
        self._since: dict[str, int] = {}

    def observe(self, step: int, values: Mapping[str, float]) -> list[Advice]:
        """Take in measured values; returns what is new to say or to take back.

        Args:
            step: The step after which they were measured.
            values: Metrics by name, those that were measured; numbers that are none included.
        """
        closed = self._history.add(step, values)
        news = []
        for rule in RULES:
            if not (rule.at_once or (closed and self._measured(rule))):
                continue
            evidence = rule.check(self._history)
            news += self._judge(rule, step, evidence)
        return news

    def _measured(self, rule: Rule) -> bool:
        return all(name in self._history.now for name in rule.needs)

    def _judge(self, rule: Rule, step: int, evidence: str | None) -> list[Advice]:
        streak = self._streaks.get(rule.id, 0)
        if evidence is None:
            streak = min(streak, 0) - 1
        else:
            if streak <= 0:
                self._since[rule.id] = step if rule.at_once else self._history.now.start
            streak = max(streak, 0) + 1
        self._streaks[rule.id] = streak
        if evidence is not None and streak >= rule.patience and rule.id not in self._said:
            self._said[rule.id] = self._advice(rule, evidence)
            return [self._said[rule.id]]
        if -streak >= rule.patience and rule.id in self._said and not rule.at_once:
            return [self._said.pop(rule.id).model_copy(update={"resolved": True})]
        return []

    def _advice(self, rule: Rule, evidence: str) -> Advice:
        options = self._history.options
        changes = {
            name: value
            for name, value in rule.changes(options).items()
            if name in options and options[name] != value
        }
        return Advice(
            rule=rule.id,
            severity=rule.severity,
            title=self._named(rule.title),
            sentence=self._named(rule.sentence),
            evidence=evidence,
            since=self._since[rule.id],
            metrics=list(rule.shows or rule.needs),
            changes=changes,
            # what a family cannot change is no button: one without changes stops the run
            action=rule.action if changes or rule.changes is nothing else "",
        )

    def _named(self, words: str) -> str:
        """Return a rule's words with the name of what the run learns from in them."""
        nouns = NOUNS[self._history.info.modality]
        return words.replace("{items}", nouns.many).replace("{item}", nouns.one)
