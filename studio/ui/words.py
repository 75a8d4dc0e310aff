"""Numbers in words for people: durations, sizes, counts."""

from __future__ import annotations


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
