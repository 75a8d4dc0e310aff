"""Rules for what samples look like and for the code that they are drawn from."""

from __future__ import annotations

from typing import Any

from studio.engine.coach.history import History
from studio.engine.coach.rules.rule import Options, Rule, half_rate, percent


def _checkerboard(history: History) -> str | None:
    ratio = history.now["checkerboard"]
    if history.share < 0.4 or ratio < 3:
        return None
    return (
        f"The finest grids are {ratio:.1f} times as strong as in real {history.items}; 3 is too"
        " much."
    )


def _no_grid(options: Options) -> dict[str, Any]:
    if options.get("backbone") == "dcgan":
        return {"backbone": "resnet"}
    return half_rate(options)


def _code_ignored(history: History) -> str | None:
    kl, active = history.now["kl"], history.now["active_units"]
    warm = max(history.options.get("warm_up", 0.0), 0.1)
    if history.share < warm + 0.05 or (kl >= 1 and active >= 0.05):
        return None
    return f"The code carries {kl:.2f} nats and {percent(active)} of it is in use."


def _use_code(options: Options) -> dict[str, Any]:
    return {"beta": min(options.get("beta", 1.0), 1.0), "warm_up": 0.3, "free_bits": 0.25}


def _blurry(history: History) -> str | None:
    sharpness = history.now["sharpness"]
    # a sound VAE of small greys has about a quarter: it averages what the code leaves open
    if history.share < 0.3 or sharpness >= 0.1:
        return None
    return (
        f"Samples have {sharpness:.2f} of the fine contrast of real {history.items}; 0.1 is too"
        " little."
    )


def _sharper(options: Options) -> dict[str, Any]:
    return {"beta": options.get("beta", 1.0) / 2}


def _copies(history: History) -> str | None:
    newness, copies = history.now["novelty"], history.now["copies"]
    # blurred pictures lie near to everything, which is no copying
    near = newness < 0.7 and history.now["sharpness"] > 0.5
    if history.share < 0.1 or (copies <= 0.05 and not near):
        return None
    return (
        f"{percent(copies)} of the samples are hardly anything else than something that it learned;"
        f" the usual sample is {newness:.2f} as far from the nearest as real new {history.items}"
        " are."
    )


def _less_by_heart(options: Options) -> dict[str, Any]:
    dropout = options.get("dropout", 0.0)
    return {"dropout": min(max(2 * dropout, 0.1), 0.5), "augment": "on"}


SAMPLE_RULES: tuple[Rule, ...] = (
    Rule(
        id="checkerboard",
        title="A grid pattern is baked in",
        sentence="Samples show fine squares that real {items} do not have. A network that enlarges"
        " evenly avoids them; it starts to learn anew.",
        check=_checkerboard,
        needs=("checkerboard",),
        changes=_no_grid,
        action="Try without the pattern",
    ),
    Rule(
        id="code-ignored",
        title="The code is ignored",
        sentence="The decoder draws the same average {item} whatever the code says. Asking for"
        " order later and leaving some information free usually helps.",
        check=_code_ignored,
        needs=("kl", "active_units"),
        changes=_use_code,
        action="Go back and free the code",
    ),
    Rule(
        id="blurry",
        title="Samples are blurry",
        sentence="Fine detail is averaged away. A looser code keeps more of it, at the price of"
        " less tidy new {items}.",
        check=_blurry,
        needs=("sharpness", "kl"),
        shows=("sharpness", "reconstruction"),
        changes=_sharper,
        action="Go back with a looser code",
    ),
    Rule(
        id="copies",
        title="It is copying your {items}",
        sentence="Samples repeat {items} that it learned from, which matters for rights as well."
        " More {items}, stopping earlier, or making it forget some of what it sees help.",
        check=_copies,
        needs=("novelty", "copies", "sharpness"),
        changes=_less_by_heart,
        action="Go back and learn less by heart",
        patience=2,
    ),
)
