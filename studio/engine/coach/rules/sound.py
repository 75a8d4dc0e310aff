"""Rules for what recordings sound like: silence, noise, crackling, whistling."""

from __future__ import annotations

from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import (
    Options,
    Rule,
    forget_more,
    half_rate,
    lessens,
    longer,
    percent,
)

_SILENT = -50.0  # dB of the mean level
_SOFTER = 20.0  # dB below the data
_NOISE = 7.5  # of the 8 bits that 256 levels can have
_EVENER = 0.2  # bits more than the data
_STRANGE = 10.0  # dB of the distance of spectra; sound data have one or two between halves
_CRACKLES = 0.01  # share of values, beyond that of the data
_WHISTLE = 10.0  # dB that a line stands out of what is beside it
_LOUDER = 6.0  # dB more than in the data


def _silent(history: History) -> str | None:
    level, usual = history.now["level"], history.now["data_level"]
    if history.share < 0.2 or level >= min(_SILENT, usual - _SOFTER):
        return None
    if lessens(history, "level", level, usual):
        return None
    return f"Samples have a level of {level:.0f} dB; your recordings have {usual:.0f} dB."


def _noise(history: History) -> str | None:
    entropy, apart = history.now["value_entropy"], history.now["spectrum_distance"]
    usual = history.now["data_value_entropy"]
    # loud recordings use their levels evenly too: noise does so more, and has another spectrum
    if history.share < 0.3 or entropy <= max(_NOISE, usual + _EVENER) or apart <= _STRANGE:
        return None
    if lessens(history, "spectrum_distance", apart, 0.0):
        return None
    return (
        f"Its values are as even as {entropy:.1f} of 8 bits, where plain noise has 8 and your"
        f" recordings {usual:.1f}; its spectra are {apart:.0f} dB away."
    )


def _crackles(history: History) -> str | None:
    clipped, usual = history.now["clipped"], history.now["data_clipped"]
    if history.share < 0.3 or clipped <= usual + _CRACKLES:
        return None
    if lessens(history, "clipped", clipped, usual):
        return None
    return (
        f"{clipped:.1%} of the values are as loud as can be; in your recordings it is {usual:.1%}."
    )


def _whistles(history: History) -> str | None:
    buzz, usual = history.now["tonal_buzz"], history.now["data_tonal_buzz"]
    if history.share < 0.4 or buzz <= max(_WHISTLE, usual + _LOUDER):
        return None
    if lessens(history, "tonal_buzz", buzz, usual):
        return None
    return (
        f"At a fraction of the sample rate a line stands out by {buzz:.0f} dB; in your recordings"
        f" the strongest does by {usual:.0f} dB."
    )


def _no_steps(options: Options) -> dict[str, Any]:
    if options.get("growing") == "transposed":
        return {"growing": "resize"}
    return half_rate(options)


def _copies(history: History) -> str | None:
    copies, newness = history.now["copies"], history.now["novelty"]
    # the spectrum of a clean tone is near to many: only what is hardly anything else counts
    if history.share < 0.1 or copies <= 0.05:
        return None
    return (
        f"{percent(copies)} of the samples are hardly anything else than a recording that it"
        f" learned; the usual sample is {newness:.2f} as far from the nearest as real new ones are."
    )


SOUND_RULES: tuple[Rule, ...] = (
    Rule(
        id="silent-samples",
        title="It makes no sound",
        sentence="Samples are all but silent. Recordings with long pauses teach that: cut the"
        " silence off when you prepare them. A higher temperature and more time to learn help too.",
        check=_silent,
        needs=("level", "data_level"),
        changes=longer,
        action="Go back and learn for longer",
        patience=2,
    ),
    Rule(
        id="plain-noise",
        title="It makes plain noise",
        sentence="Samples hiss as if every value came by chance. Mostly it has not learned enough"
        " yet; a lower temperature makes less noise.",
        check=_noise,
        needs=("value_entropy", "data_value_entropy", "spectrum_distance"),
        changes=longer,
        action="Go back and learn for longer",
        patience=2,
    ),
    Rule(
        id="crackles",
        title="Its samples crackle",
        sentence="Many values are at the very end of the scale, as in a recording that is too"
        " loud. It overdoes what it does: learning more slowly helps.",
        check=_crackles,
        needs=("clipped", "data_clipped", "value_entropy"),
        shows=("clipped", "data_clipped"),
        changes=half_rate,
        action="Go back and learn more slowly",
        patience=2,
    ),
    Rule(
        id="whistles",
        title="A whistle is baked in",
        sentence="Samples have a constant tone that your recordings do not have, as networks that"
        " enlarge in steps make it. One that repeats samples and smooths them whistles less; it"
        " starts to learn anew.",
        check=_whistles,
        needs=("tonal_buzz", "data_tonal_buzz"),
        changes=_no_steps,
        action="Try without the steps",
        patience=2,
    ),
    Rule(
        id="copies-recordings",
        title="It is copying your recordings",
        sentence="Samples repeat recordings that it learned from, which matters for rights as"
        " well. More recordings, stopping earlier, or making it forget some of what it hears help.",
        check=_copies,
        needs=("novelty", "copies", "value_entropy"),
        shows=("novelty", "copies"),
        changes=forget_more,
        action="Go back and forget more",
        patience=2,
    ),
)
