"""Mixtures of styles in writing: "waves", "2 + 5", "waves: 2 + ink: 1"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from studio.core.errors import StudioError


def mixture(text: str, names: Sequence[str]) -> list[float]:
    """Return the share of each style, together 1; all alike for an empty text.

    Args:
        text: Names or numbers from 1, joined by `+`, each perhaps with `:` and a weight.
        names: Of the styles, in order.

    Raises:
        StudioError: A style is not among them, or a weight is no number above 0.
    """
    if not text.strip():
        return [1 / len(names)] * len(names)
    known = {name.strip().casefold(): place for place, name in enumerate(names)}
    weights = [0.0] * len(names)
    for term in text.split("+"):
        name, _, written = (part.strip() for part in term.partition(":"))
        place = known.get(name.casefold())
        if place is None and name.isdecimal() and 0 < int(name) <= len(names):
            place = int(name) - 1
        if place is None:
            shown = ", ".join(f"{number} {each}" for number, each in enumerate(names, start=1))
            raise StudioError(
                f"There is no style {name!r}",
                f"This model learned: {shown}.",
                'Write the names or numbers of styles, such as "1" or "1 + 2: 0.5".',
            )
        weights[place] += _weight(written)
    total = sum(weights)
    return [weight / total for weight in weights]


def written(weights: Sequence[float], names: Sequence[str]) -> str:
    """Return weights of styles as `mixture` reads them; empty when all are 0.

    A style goes by its number where its name could be taken for something else.
    """
    bare = [name.strip() for name in names]
    many = Counter(name.casefold() for name in bare)
    terms = []
    for number, (weight, name) in enumerate(zip(weights, bare, strict=True), start=1):
        plain = many[name.casefold()] == 1 and not set(name) & set("+:") and not name.isdecimal()
        if weight > 0:
            terms.append((name if plain else str(number), weight))
    if len(terms) == 1:
        return terms[0][0]
    return " + ".join(f"{name}: {weight:g}" for name, weight in terms)


def _weight(text: str) -> float:
    if not text:
        return 1.0
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < 1e6:
        raise StudioError(
            f"{text!r} is no weight",
            "A style's weight is a number above 0.",
            'Write it behind a colon, such as "waves: 2 + ink: 0.5".',
        )
    return weight
