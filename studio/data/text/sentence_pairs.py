"""Short sentences in English and German from one grammar, with their endings right.

Both sides of a pair are written from the same choice of words: subject, verb, things, time. The
grammar knows the gender of German nouns, the endings of articles and adjectives by case (Durrell,
"Hammer's German Grammar and Usage"), the forms of its verbs, and that the verb comes second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

Gender = Literal["m", "f", "n"]
Case = Literal["nom", "acc", "dat"]
Article = Literal["the", "a", "my", "no"]
Pair = tuple[str, str]

COUNT = 3000
TOPICS = ("actions", "past", "questions", "wishes", "gifts", "places", "descriptions", "denials")


@dataclass(frozen=True)
class Noun:
    """A noun in both languages, and how it is in other cases, where German changes it."""

    english: str
    german: str
    gender: Gender
    oblique: str = ""


@dataclass(frozen=True)
class Verb:
    """A verb in both languages.

    Attributes:
        third, past: English: "reads", "read".
        du, er, participle: German: "liest", "liest", "gelesen".
        things: What it is done to.
    """

    english: str
    third: str
    past: str
    german: str
    du: str
    er: str
    participle: str
    things: tuple[Noun, ...]


_PEOPLE = (
    Noun("man", "Mann", "m"), Noun("woman", "Frau", "f"), Noun("child", "Kind", "n"),
    Noun("teacher", "Lehrer", "m"), Noun("girl", "Mädchen", "n"),
    Noun("neighbour", "Nachbar", "m", "Nachbarn"),
    Noun("boy", "Junge", "m", "Jungen"), Noun("sister", "Schwester", "f"),
    Noun("brother", "Bruder", "m"), Noun("grandmother", "Großmutter", "f"),
    Noun("friend", "Freund", "m"), Noun("doctor", "Ärztin", "f"),
)  # fmt: skip
#: People who are nobody's own.
_STRANGERS = tuple(noun for noun in _PEOPLE if noun.english in {"man", "woman", "girl", "boy"})
_FOOD = (
    Noun("apple", "Apfel", "m"), Noun("soup", "Suppe", "f"), Noun("bread", "Brot", "n"),
    Noun("cake", "Kuchen", "m"), Noun("pear", "Birne", "f"), Noun("egg", "Ei", "n"),
    Noun("cheese", "Käse", "m"),
)  # fmt: skip
_READING = (
    Noun("book", "Buch", "n"), Noun("letter", "Brief", "m"), Noun("newspaper", "Zeitung", "f"),
    Noun("poem", "Gedicht", "n"), Noun("story", "Geschichte", "f"),
)  # fmt: skip
_THINGS = (
    Noun("table", "Tisch", "m"), Noun("lamp", "Lampe", "f"), Noun("house", "Haus", "n"),
    Noun("car", "Auto", "n"), Noun("coat", "Mantel", "m"), Noun("clock", "Uhr", "f"),
    Noun("chair", "Stuhl", "m"), Noun("key", "Schlüssel", "m"), Noun("bag", "Tasche", "f"),
    Noun("bicycle", "Fahrrad", "n"), Noun("hat", "Hut", "m"), Noun("cup", "Tasse", "f"),
    Noun("picture", "Bild", "n"), Noun("flower", "Blume", "f"), Noun("shirt", "Hemd", "n"),
)  # fmt: skip
_ANIMALS = (
    Noun("dog", "Hund", "m"), Noun("cat", "Katze", "f"), Noun("horse", "Pferd", "n"),
    Noun("bird", "Vogel", "m"), Noun("mouse", "Maus", "f"), Noun("sheep", "Schaf", "n"),
)  # fmt: skip
#: Adjectives by what they speak of; colours are for things and animals alone.
_ADJECTIVES = {
    "age": (("new", "neu"), ("old", "alt")),
    "size": (("small", "klein"), ("big", "groß")),
    "worth": (("beautiful", "schön"), ("good", "gut")),
    "colour": (("red", "rot"), ("white", "weiß"), ("black", "schwarz"), ("blue", "blau")),
}
_WRITING = (*_READING[1:2], *_READING[3:], Noun("song", "Lied", "n"), Noun("card", "Karte", "f"))
_VERBS = (
    Verb("buy", "buys", "bought", "kaufen", "kaufst", "kauft", "gekauft", _THINGS + _FOOD),
    Verb("see", "sees", "saw", "sehen", "siehst", "sieht", "gesehen", _THINGS + _ANIMALS),
    Verb("read", "reads", "read", "lesen", "liest", "liest", "gelesen", _READING),
    Verb("eat", "eats", "ate", "essen", "isst", "isst", "gegessen", _FOOD),
    Verb("find", "finds", "found", "finden", "findest", "findet", "gefunden", _THINGS + _ANIMALS),
    Verb("look for", "looks for", "looked for", "suchen", "suchst", "sucht", "gesucht", _THINGS),
    Verb("love", "loves", "loved", "lieben", "liebst", "liebt", "geliebt", _ANIMALS + _FOOD),
    Verb("write", "writes", "wrote", "schreiben", "schreibst", "schreibt", "geschrieben",
         _WRITING),
    Verb("paint", "paints", "painted", "malen", "malst", "malt", "gemalt", _ANIMALS + _THINGS),
)  # fmt: skip
#: What can be wished, and done at one time.
_DEEDS = tuple(verb for verb in _VERBS if verb.english != "love")
#: Adverbs of time of the present and of the past.
_NOW = (
    ("today", "heute"), ("now", "jetzt"), ("often", "oft"), ("every day", "jeden Tag"),
    ("in the morning", "am Morgen"), ("in the evening", "am Abend"), ("on Monday", "am Montag"),
)  # fmt: skip
_THEN = (
    ("yesterday", "gestern"), ("last week", "letzte Woche"), ("last year", "letztes Jahr"),
    ("in the summer", "im Sommer"),
)  # fmt: skip
#: Places in the dative, which need no noun of their own.
_PLACES = (
    ("in the garden", "im Garten"), ("at the market", "auf dem Markt"), ("at home", "zu Hause"),
    ("in the kitchen", "in der Küche"), ("in the city", "in der Stadt"),
    ("by the sea", "am Meer"), ("in front of the house", "vor dem Haus"),
    ("under the tree", "unter dem Baum"), ("in the park", "im Park"),
)  # fmt: skip
_RESTS = (
    ("sleeps", "schläft"), ("works", "arbeitet"), ("waits", "wartet"), ("plays", "spielt"),
    ("sings", "singt"), ("dances", "tanzt"),
)  # fmt: skip
#: Pronouns with the forms of haben and wollen that they take.
_PRONOUNS = (
    ("I", "ich", "habe", "will"), ("you", "du", "hast", "willst"), ("he", "er", "hat", "will"),
    ("she", "sie", "hat", "will"), ("we", "wir", "haben", "wollen"),
    ("they", "sie", "haben", "wollen"),
)  # fmt: skip

_DEFINITE: dict[Case, dict[Gender, str]] = {
    "nom": {"m": "der", "f": "die", "n": "das"},
    "acc": {"m": "den", "f": "die", "n": "das"},
    "dat": {"m": "dem", "f": "der", "n": "dem"},
}
_ENDINGS: dict[Case, dict[Gender, str]] = {  # of ein, mein and kein
    "nom": {"m": "", "f": "e", "n": ""},
    "acc": {"m": "en", "f": "e", "n": ""},
    "dat": {"m": "em", "f": "er", "n": "em"},
}
_WEAK: dict[Case, dict[Gender, str]] = {  # of adjectives behind der, die, das
    "nom": {"m": "e", "f": "e", "n": "e"},
    "acc": {"m": "en", "f": "e", "n": "e"},
    "dat": {"m": "en", "f": "en", "n": "en"},
}
_MIXED: dict[Case, dict[Gender, str]] = {  # of adjectives behind ein, mein and kein
    "nom": {"m": "er", "f": "e", "n": "es"},
    "acc": {"m": "en", "f": "e", "n": "es"},
    "dat": {"m": "en", "f": "en", "n": "en"},
}
_STEMS = {"a": "ein", "my": "mein", "no": "kein"}


def phrase(noun: Noun, article: Article, case: Case, adjective: Pair | None = None) -> Pair:
    """Return a noun with article and adjective in both languages."""
    if article == "the":
        german = _DEFINITE[case][noun.gender]
        ending = _WEAK[case][noun.gender]
    else:
        german = _STEMS[article] + _ENDINGS[case][noun.gender]
        ending = _MIXED[case][noun.gender]
    name = noun.oblique if noun.oblique and case != "nom" else noun.german
    english = f"{adjective[0]} {noun.english}" if adjective else noun.english
    if article == "a" and english[0] in "aeiou":
        return f"an {english}", f"{german} {f'{adjective[1]}{ending} ' if adjective else ''}{name}"
    return (
        f"{article} {english}",
        f"{german} {f'{adjective[1]}{ending} ' if adjective else ''}{name}",
    )


def _sentence(english: str, german: str, end: str = ".") -> Pair:
    return english[0].upper() + english[1:] + end, german[0].upper() + german[1:] + end


class _Writer:
    """Writes pairs with the words that a draw chooses."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw

    def adjectives(self, noun: Noun) -> tuple[Pair, Pair]:
        """Return two adjectives that a thing can have at once."""
        groups = [name for name in _ADJECTIVES if name != "colour" or noun in _THINGS + _ANIMALS]
        first, second = self.draw.sample(groups, 2)
        return self.draw.choice(_ADJECTIVES[first]), self.draw.choice(_ADJECTIVES[second])

    def adjective(self, noun: Noun) -> Pair | None:
        """Return an adjective for half of the nouns."""
        return self.adjectives(noun)[0] if self.draw.random() < 0.5 else None

    def person(self, case: Case) -> Pair:
        """Return somebody."""
        return self.someone(self.draw.choice(_PEOPLE), case, "a")

    def someone(self, noun: Noun, case: Case, *more: Article) -> Pair:
        """Return somebody with the, my where people say so, or more articles."""
        several: tuple[Article, ...] = ("the", *more)
        if noun not in _STRANGERS:
            several = (*several, "my")
        return phrase(noun, self.draw.choice(several), case)

    def thing(self, verb: Verb) -> Pair:
        """Return something that a verb can be done to."""
        several: tuple[Article, ...] = ("the", "a", "my")
        noun = self.draw.choice(verb.things)
        return phrase(noun, self.draw.choice(several), "acc", self.adjective(noun))

    def actions(self) -> Pair:
        """The child reads a book. | Today the child reads a book."""
        verb = self.draw.choice(_VERBS)
        who, wer = self.person("nom")
        what, was = self.thing(verb)
        if self.draw.random() < 0.5:
            return _sentence(f"{who} {verb.third} {what}", f"{wer} {verb.er} {was}")
        when, wann = self.draw.choice(_NOW)
        # the verb stays second, so that the subject changes its place
        return _sentence(f"{when} {who} {verb.third} {what}", f"{wann} {verb.er} {wer} {was}")

    def past(self) -> Pair:
        """She bought a red hat yesterday."""
        verb = self.draw.choice(_DEEDS)
        who, wer, have, _ = self.draw.choice(_PRONOUNS)
        what, was = self.thing(verb)
        when, wann = self.draw.choice(_THEN)
        return _sentence(
            f"{who} {verb.past} {what} {when}", f"{wer} {have} {wann} {was} {verb.participle}"
        )

    def questions(self) -> Pair:
        """Where is the dog? | Do you see the dog?"""
        if self.draw.random() < 0.4:
            noun = self.draw.choice(_THINGS + _ANIMALS)
            what, was = phrase(noun, self.draw.choice(("the", "my")), "nom", self.adjective(noun))
            return _sentence(f"where is {what}", f"wo ist {was}", "?")
        verb = self.draw.choice(_VERBS)
        what, was = self.thing(verb)
        return _sentence(f"do you {verb.english} {what}", f"{verb.du} du {was}", "?")

    def wishes(self) -> Pair:
        """We want to eat the soup."""
        verb = self.draw.choice(_DEEDS)
        who, wer, _, want = self.draw.choice(_PRONOUNS)
        what, was = self.thing(verb)
        wants = "wants" if who in {"he", "she"} else "want"
        return _sentence(
            f"{who} {wants} to {verb.english} {what}", f"{wer} {want} {was} {verb.german}"
        )

    def gifts(self) -> Pair:
        """The girl gives the boy an apple."""
        giver, taker = self.draw.sample(_PEOPLE, 2)
        who, wer = self.someone(giver, "nom")
        whom, wem = self.someone(taker, "dat", "a")
        noun = self.draw.choice(_THINGS + _FOOD + _READING)
        what, was = phrase(noun, "a", "acc", self.adjective(noun))
        return _sentence(f"{who} gives {whom} {what}", f"{wer} gibt {wem} {was}")

    def places(self) -> Pair:
        """The cat sleeps under the tree."""
        third, er = self.draw.choice(_RESTS)
        where, wo = self.draw.choice(_PLACES)
        who, wer = self.person("nom")
        if self.draw.random() < 0.4:
            when, wann = self.draw.choice(_NOW)
            return _sentence(f"{when} {who} {third} {where}", f"{wann} {er} {wer} {wo}")
        return _sentence(f"{who} {third} {where}", f"{wer} {er} {wo}")

    def descriptions(self) -> Pair:
        """My new coat is blue."""
        noun = self.draw.choice(_THINGS + _ANIMALS)
        first, second = self.adjectives(noun)
        what, was = phrase(
            noun,
            self.draw.choice(("the", "my")),
            "nom",
            first if self.draw.random() < 0.6 else None,
        )
        very = self.draw.random() < 0.3
        return _sentence(
            f"{what} is {'very ' if very else ''}{second[0]}",
            f"{was} ist {'sehr ' if very else ''}{second[1]}",
        )

    def denials(self) -> Pair:
        """I have no key."""
        who, wer, have, _ = self.draw.choice(_PRONOUNS)
        noun = self.draw.choice(_THINGS + _ANIMALS + _FOOD)
        what, was = phrase(noun, "no", "acc", self.adjective(noun))
        has = "has" if who in {"he", "she"} else "have"
        return _sentence(f"{who} {has} {what}", f"{wer} {have} {was}")


def pairs() -> Iterator[tuple[str, Pair]]:
    """Yield `COUNT` different pairs of sentences with their topics."""
    writer = _Writer(Random("sentence pairs"))  # noqa: S311 - words, no secret
    kinds: dict[str, Callable[[], Pair]] = {topic: getattr(writer, topic) for topic in TOPICS}
    seen: set[str] = set()
    number = 0
    while len(seen) < COUNT:
        topic = TOPICS[number % len(TOPICS)]
        number += 1
        english, german = kinds[topic]()
        if english not in seen:
            seen.add(english)
            yield topic, (english, german)
