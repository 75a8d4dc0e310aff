"""Questions with their answers from a grammar: sums in words, opposites, days, small talk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

Pair = tuple[str, str]

COUNT = 1500
TOPICS = ("sums", "shopping", "opposites", "calendar", "animals", "talk")

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_GOODS = ("apples", "pears", "pencils", "cups", "stamps", "eggs", "candles", "shells", "coins")
_NAMES = ("Anna", "Tom", "Mira", "Oskar", "Lena", "Jonas", "Ida", "Peter", "Clara", "Emil")
_OPPOSITES = (
    ("hot", "cold"), ("big", "small"), ("light", "dark"), ("old", "young"), ("fast", "slow"),
    ("happy", "sad"), ("wet", "dry"), ("early", "late"), ("full", "empty"), ("loud", "quiet"),
    ("strong", "weak"), ("near", "far"), ("open", "closed"), ("deep", "shallow"),
    ("rich", "poor"), ("soft", "hard"), ("sweet", "sour"), ("thick", "thin"),
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_ANIMALS = (
    ("dog", "barks", "four"), ("cat", "meows", "four"), ("cow", "moos", "four"),
    ("duck", "quacks", "two"), ("sheep", "bleats", "four"), ("owl", "hoots", "two"),
    ("horse", "neighs", "four"), ("frog", "croaks", "four"), ("lion", "roars", "four"),
    ("hen", "clucks", "two"),
)  # fmt: skip
_WEATHER = (
    ("raining", "an umbrella"), ("snowing", "warm gloves"), ("sunny", "a hat"),
    ("windy", "a scarf"), ("cold", "a coat"), ("foggy", "a lamp"),
)  # fmt: skip
_GREETINGS = ("Hello", "Good morning", "Good evening", "Hi")
_MOODS = (
    ("How are you?", "I am fine, thank you. And you?"),
    ("How are you today?", "Very well, thank you. How are you?"),
    ("Did you sleep well?", "Yes, I slept very well, thank you."),
    ("Nice to meet you.", "Nice to meet you, too."),
    ("How is your family?", "They are all well, thank you."),
    ("Do you have a minute?", "Of course. What can I do for you?"),
)


def number_words(number: int) -> str:
    """Return a number below 100 in words."""
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def _sums(draw: Random) -> Pair:
    kind = draw.choice(("plus", "minus", "times"))
    if kind == "times":
        first, second = draw.randint(2, 9), draw.randint(2, 9)
        result = first * second
    else:
        first, second = draw.randint(1, 40), draw.randint(1, 40)
        if kind == "minus":
            first, second = max(first, second), min(first, second)
        result = first + second if kind == "plus" else first - second
    sum_ = f"{number_words(first)} {kind} {number_words(second)}"
    return f"What is {sum_}?", f"{sum_.capitalize()} is {number_words(result)}."


def _shopping(draw: Random) -> Pair:
    name, goods = draw.choice(_NAMES), draw.choice(_GOODS)
    first, second = draw.randint(2, 12), draw.randint(2, 12)
    if draw.random() < 0.5:
        story = f"{name} has {number_words(first)} {goods} and buys {number_words(second)} more."
        left = first + second
    else:
        first, second = max(first, second) + 2, min(first, second)
        other = draw.choice([each for each in _NAMES if each != name])
        story = (
            f"{name} has {number_words(first)} {goods} and gives {number_words(second)} of them to"
            f" {other}."
        )
        left = first - second
    question = f"{story} How many {goods} does {name} have now?"
    return question, f"{name} has {number_words(left)} {goods} now."


def _opposites(draw: Random) -> Pair:
    one, other = draw.sample(draw.choice(_OPPOSITES), 2)
    ask = draw.choice((f"What is the opposite of {one}?", f"What is not {one} at all?"))
    return ask, f"The opposite of {one} is {other}."


def _calendar(draw: Random) -> Pair:
    several = draw.choice((_DAYS, _MONTHS))
    what = "day" if several is _DAYS else "month"
    place, step = draw.randrange(len(several)), draw.choice((1, -1))
    where = "after" if step == 1 else "before"
    found = several[(place + step) % len(several)]
    ask = draw.choice((f"Which {what} comes {where}", f"What {what} is {where}"))
    return f"{ask} {several[place]}?", f"{found} comes {where} {several[place]}."


def _animals(draw: Random) -> Pair:
    name, sound, legs = draw.choice(_ANIMALS)
    article = "An" if name[0] in "aeiou" else "A"
    if draw.random() < 0.5:
        return f"What does {article.lower()} {name} do?", f"{article} {name} {sound}."
    return f"How many legs has {article.lower()} {name}?", f"{article} {name} has {legs} legs."


def _talk(draw: Random) -> Pair:
    if draw.random() < 0.5:
        ask, answer = draw.choice(_MOODS)
        greeting, name = draw.choice(_GREETINGS), draw.choice(_NAMES)
        return f"{greeting}, {name}! {ask}", f"{greeting}! {answer}"
    weather, thing = draw.choice(_WEATHER)
    when = draw.choice(("today", "this morning", "outside", "in the mountains", "again"))
    return f"It is {weather} {when}. What shall I take?", f"Take {thing}, because it is {weather}."


_KINDS: dict[str, Callable[[Random], Pair]] = {
    "sums": _sums,
    "shopping": _shopping,
    "opposites": _opposites,
    "calendar": _calendar,
    "animals": _animals,
    "talk": _talk,
}
#: How many there are of each kind; some kinds have few different ones.
_SHARES = (30, 42, 4, 6, 2, 16)


def questions() -> Iterator[tuple[str, Pair]]:
    """Yield `COUNT` different questions and answers with their topics."""
    draw = Random("questions")  # noqa: S311 - words, no secret
    seen: set[str] = set()
    while len(seen) < COUNT:
        (topic,) = draw.choices(TOPICS, _SHARES)
        question, answer = _KINDS[topic](draw)
        if question not in seen:
            seen.add(question)
            yield topic, (question, answer)
