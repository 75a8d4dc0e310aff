"""What the data doctor says of recordings."""

from __future__ import annotations

from typing import Any

import pytest
from made_sounds import item

from studio.core.items import Item
from studio.core.media import Modality
from studio.core.protocol import Severity
from studio.data.audio.preparation import AudioPreparation
from studio.data.audio.survey import NOTES
from studio.data.findings import Finding
from studio.data.modality import modality_data


def said(items: list[Item], **settings: Any) -> dict[str, Finding]:
    """Return the findings by their rules; nothing is wrong with the files' number."""
    found = modality_data(Modality.AUDIO).examine(items, AudioPreparation(**settings))
    return {finding.rule: finding for finding in found}


def many(count: int, milliseconds: int = 4000, rate: int = 16_000, *notes: str) -> list[Item]:
    """Return recordings of one kind."""
    return [item(milliseconds, rate, *notes, number=1000 + n) for n in range(count)]


def test_good_recordings_have_no_findings() -> None:
    assert said(many(100)) == {}
    assert said([]) == {}


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        ("clipped", "clipped"),
        ("noisy", "noisy"),
        ("quiet", "quiet"),
        ("short", "short-recordings"),
        ("cut-off", "cut-off"),
        ("repaired", "repaired"),
        ("offset", "offset"),
        ("8-bit", "coarse"),
        ("two-levels", "two-levels"),
        ("header", "wrong-headers"),
    ],
)
def test_what_was_noted_is_said(note: str, rule: str) -> None:
    assert note in NOTES
    marked = item(4000, 16_000, note, number=7)
    few = said([*many(100), marked])[rule]
    assert few.severity is Severity.INFO and few.items == (7,) and "1 of 101" in few.evidence
    if few.repair:
        assert few.repair.excluded == {7: True}
    half = said([*many(100), *many(100, 4000, 16_000, note)])[rule]
    mild = {"repaired", "offset", "coarse", "two-levels", "wrong-headers"}
    assert half.severity is (Severity.INFO if rule in mild else Severity.WARNING)
    everyone = said(many(100, 4000, 16_000, note))[rule]
    assert everyone.repair is None, "leaving everything out is no help"


def test_little_sound() -> None:
    finding = said(many(20, 1000))["little-sound"]
    assert finding.evidence.startswith("20 seconds")
    assert "little-sound" not in said(many(400, 1000))


def test_rates() -> None:
    mixed = [*many(60), *many(40, 4000, 8000)]
    finding = said(mixed)["mixed-rates"]
    assert "16,000 Hz 60" in finding.evidence and "8,000 Hz 40" in finding.evidence
    high = said(mixed, rate=44_100)["rate-too-high"]
    assert high.repair is not None and high.repair.preparation == {"rate": 16_000}
    assert "rate-too-high" not in said(mixed, rate=8000)


def test_lengths() -> None:
    few_long = [*many(100, 1000), *many(3, 900_000)]
    assert said(few_long)["long-recordings"].items == (1000, 1001, 1002)
    padded = said(many(400, 1000), seconds=10)["mostly-padding"]
    assert padded.repair is not None and padded.repair.preparation == {"seconds": 1.0}
    assert "mostly-padding" not in said(many(400, 1000), seconds=2)


def test_the_same_on_both_sides() -> None:
    same = many(100, 4000, 16_000, "same-sides")
    finding = said(same, channels="stereo")["same-sides"]
    assert finding.repair is not None and finding.repair.preparation == {"channels": "mono"}
    assert "same-sides" not in said(same)
