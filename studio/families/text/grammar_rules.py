"""A small notation for grammars: rules by which texts are put together.

    start: {greeting}, {name}! | The {adjective?} {thing} waits.
    greeting: Hello | Good {time}
    time: morning | night

A rule has a name, a colon and what may stand for it, parted by `|` (a context-free grammar,
Chomsky 1956). `{name}` is replaced by one of the alternatives of the rule `name`; `{name?}` is left
out half of the time. Rules stand on lines of their own, or are parted by `;`. `\\` before a sign
takes it as it is, and `\\n` breaks the line. What slots can name beside rules is handed in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.core.errors import StudioError

#: Told a slot's name, what stands after its colon, and the text so far; returns what goes in.
Fill = Callable[[str, str, str], str]

_RULE = re.compile(r"\s*([A-Za-z_][\w-]*)\s*:(.*)", re.DOTALL)
_SLOT = re.compile(r"([A-Za-z_][\w-]*)(?::(.*))?", re.DOTALL)
_DEEP = 30  # slots within slots from which on the shortest way out is taken
_MOST = 5_000  # slots of a text
_LONGEST = 50_000  # characters of a text
_MOST_RULES = 500


@dataclass(frozen=True)
class Slot:
    """A place in a text that is filled in.

    Attributes:
        name: Of a rule, or of something that is handed in.
        asked: What stands after the name's colon.
        maybe: Whether it is left out half of the time.
    """

    name: str
    asked: str = ""
    maybe: bool = False


#: What may stand for a rule: texts and slots, one after the other.
Way = tuple[str | Slot, ...]


class Rules:
    """A grammar that was read and found sound.

    Attributes:
        ways: The alternatives of each rule, by its name.
        start: The rule that a text begins with: `start`, or the first.
    """

    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        """Read a grammar.

        Args:
            text: The rules.
            known: What slots can name beside rules, with a word on each for people.

        Raises:
            StudioError: It is no grammar, names what is not there, or has rules without an end.
        """
        self.ways: dict[str, list[Way]] = {}
        for line in _lines(text):
            found = _RULE.fullmatch(line)
            if found is None:
                raise _wrong(f"{line.strip()[:60]!r} is no rule: a name and a colon are missing.")
            name, body = found.groups()
            self.ways.setdefault(name, []).extend(_ways(body))
        if not self.ways:
            raise _wrong("There is no rule in it.")
        if len(self.ways) > _MOST_RULES:
            raise _wrong(f"There are more than {_MOST_RULES} rules in it.")
        self.start = "start" if "start" in self.ways else next(iter(self.ways))
        for slot in self._slots():
            if slot.name not in self.ways and slot.name not in known:
                names = ", ".join([*self.ways, *known])
                raise _wrong(f"There is no rule {slot.name!r}. There are: {names}.")
        self._heights = self._measured()

    def _slots(self) -> list[Slot]:
        return [
            part
            for ways in self.ways.values()
            for way in ways
            for part in way
            if isinstance(part, Slot)
        ]

    def _measured(self) -> dict[str, int]:
        """Return how many rules deep each rule is at least."""
        heights: dict[str, int] = {}
        for _ in self.ways:
            for name, ways in self.ways.items():
                known = [height for way in ways if (height := self._height(way, heights)) >= 0]
                if known:
                    heights[name] = min(known) + 1
        if endless := [name for name in self.ways if name not in heights]:
            raise _wrong(f"The rule {endless[0]!r} never comes to an end.")
        return heights

    def _height(self, way: Way, heights: Mapping[str, int]) -> int:
        """Return how deep a way is at least, −1 where that is not known yet."""
        needed = [part for part in way if isinstance(part, Slot) and not part.maybe]
        inner = [heights.get(slot.name, -1) for slot in needed if slot.name in self.ways]
        return -1 if -1 in inner else max(inner, default=0)

    def write(self, chance: random.Random, fill: Fill) -> str:
        """Return a text that follows the rules.

        Args:
            chance: Chooses between alternatives.
            fill: Fills what is no rule.

        Raises:
            StudioError: The text grew beyond all bounds.
        """
        text, used = "", 0
        rest: list[tuple[str | Slot, int]] = [(Slot(self.start), 0)]  # the next part is the last
        while rest:
            part, deep = rest.pop()
            if isinstance(part, str):
                text += part
            elif part.maybe and (deep > _DEEP or chance.random() < 0.5):
                continue
            elif part.name in self.ways:
                used += 1
                way = self._chosen(part.name, chance, short=deep > _DEEP or used > _MOST // 2)
                rest += [(each, deep + 1) for each in reversed(way)]
            else:
                used += 1
                text += fill(part.name, part.asked, text)
            if used > _MOST or len(text) > _LONGEST:
                raise _wrong("Texts grow without end by these rules.")
        return text

    def _chosen(self, name: str, chance: random.Random, *, short: bool) -> Way:
        ways = self.ways[name]
        if short:
            least = min(self._height(way, self._heights) for way in ways)
            ways = [way for way in ways if self._height(way, self._heights) == least]
        return chance.choice(ways)


def _lines(text: str) -> list[str]:
    """Return the rules of a grammar: lines, and what `;` parts; comments begin with `#`."""
    found: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        for number, part in enumerate(_parted(line, ";")):
            if part.lstrip().startswith("|") and found and not number:
                found[-1] += part  # further alternatives of the rule above
            elif part.strip():
                found.append(part)
    return found


def _parted(text: str, sign: str) -> list[str]:
    """Return what stands between signs that are neither escaped nor within a slot."""
    parts, now, inside = [], "", False
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            now += letter + next(letters, "")
            continue
        inside = letter == "{" or (inside and letter != "}")
        if letter == sign and not inside:
            parts.append(now)
            now = ""
        else:
            now += letter
    return [*parts, now]


def _ways(body: str) -> list[Way]:
    return [_way(part.strip()) for part in _parted(body, "|")]


def _way(text: str) -> Way:
    """Return one alternative as texts and slots."""
    parts: list[str | Slot] = []
    now, slot = "", ""
    inside = False
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            sign = next(letters, "\\")
            sign = "\n" if sign == "n" and not inside else sign
            now, slot = (now, slot + sign) if inside else (now + sign, slot)
        elif letter == "{" and not inside:
            inside, slot = True, ""
        elif letter == "}" and inside:
            inside = False
            parts += [now, _slot(slot)]
            now = ""
        elif inside:
            slot += letter
        else:
            now += letter
    if inside:
        raise _wrong(f"A bracket is not closed: {{{slot[:40]}")
    return tuple(part for part in [*parts, now] if part != "")


def _slot(text: str) -> Slot:
    maybe = text.endswith("?") and ":" not in text
    found = _SLOT.fullmatch(text.removesuffix("?") if maybe else text)
    if found is None:
        raise _wrong(f"{{{text[:40]}}} names nothing.")
    return Slot(found[1], found[2] or "", maybe)


def _wrong(message: str) -> StudioError:
    return StudioError(
        "These rules cannot be followed",
        message,
        "A rule is a name, a colon and what may stand for it: start: The {word} is {mood}.",
    )
