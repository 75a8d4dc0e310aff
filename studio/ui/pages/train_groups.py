"""Which curves belong together: losses first, then shares, samples, machine, the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.core.family_info import GENERAL_METRICS, FamilyInfo
from studio.ui.pages.train_series import Series
from studio.ui.pages.train_words import tr

_SAME_SCALE = 12.0  # ratio up to which curves can be read on one axis


def group_titles() -> dict[str, str]:
    """Return the groups in their order, with their titles."""
    return {
        "losses": tr("Losses"),
        "shares": tr("Shares"),
        "samples": tr("Samples"),
        "machine": tr("Machine"),
        "others": tr("Others"),
    }


def groups(names: Iterable[str], info: FamilyInfo) -> dict[str, list[str]]:
    """Return the measured metrics by group, in the order in which the family names them."""
    measured = set(names)
    known = [name for name in (*info.metrics, *GENERAL_METRICS) if name in measured]
    known += sorted(measured - set(known))
    has_losses = any(name.startswith("loss") for name in known)
    found: dict[str, list[str]] = {group: [] for group in group_titles()}
    for name in known:
        found[_group(name, info, has_losses=has_losses)].append(name)
    return {group: members for group, members in found.items() if members}


def merged(parts: Iterable[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    """Return the groups of several runs as one, those of the first run first."""
    several = list(parts)
    members = {
        group: list(dict.fromkeys(name for part in several for name in part.get(group, [])))
        for group in group_titles()
    }
    return {group: names for group, names in members.items() if names}


def on_one_axis(members: list[str], series: Mapping[str, Series], info: FamilyInfo) -> list[str]:
    """Return the members that can be read on one axis with the family's best metric.

    They have its unit, and their newer values are about as large. Where it is not among them, the
    first one leads.
    """
    sizes = {name: _size(series[name]) for name in members if len(series[name])}
    if not sizes:
        return members[:1]
    leads = info.best if info.best in sizes else next(iter(sizes))
    unit, size_of_it = info.metric(leads).unit, sizes[leads] or 1.0
    return [
        name
        for name, size in sizes.items()
        if info.metric(name).unit == unit
        and (size == 0 or 1 / _SAME_SCALE <= size / size_of_it <= _SAME_SCALE)
    ]


def _group(name: str, info: FamilyInfo, *, has_losses: bool) -> str:
    metric = info.metric(name)
    if metric.about != "model":
        return metric.about
    if metric.percent:
        return "shares"
    if name in info.metrics and (name.startswith("loss") or not has_losses):
        return "losses"
    return "others"


def _size(series: Series) -> float:
    """Return about how large the newer values are."""
    newer = series.values[len(series) // 2 :]
    return float(abs(newer).mean())
