"""How usual the letters of a text are in an encoding: what tells apart encodings of one byte.

The same bytes are letters in most of these encodings, but only in the right one are they the
letters that a language uses often.
"""

from __future__ import annotations

from itertools import pairwise

#: What languages write beyond a … z, the most frequent letters first, by encoding. Where the
#: same language stands twice, the first one wins a tie.
_LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "western",
        (
            "äüöß",  # German
            "éèàêçùâîûôœëï",  # French
            "áíóéñúü¿¡ºª",  # Spanish
            "ãçáéíóõêúâàôª",  # Portuguese
            "èàòùìé",  # Italian
            "åäöæøéü",  # Nordic
            "ðþáíóéúýæö",  # Icelandic
            "éïëöáó",  # Dutch
        ),
    ),
    (
        "central",
        (
            "ąęłóśżćźń",  # Polish
            "íáěéřčžýšůúťňďó",  # Czech, Slovak
            "áíčéžšýúťľňďôäóŕĺ",
            "éáőóöüíúű",  # Hungarian
            "ăîâşţșț",  # Romanian
            "čšžćđ",  # Croatian, Slovene
        ),
    ),
    ("turkish", ("ıişğçüöâî",)),
    ("baltic", ("āīēšņūļžķģč", "ėšžųįąčęū", "äõöüšž")),
    ("vietnamese", ("đàưáôạếảơấ",)),
    (
        "cyrillic",
        (
            "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфъё",  # Russian
            "оаинвіерткслмудпязьгйбчхжцїюєшщфґ",  # Ukrainian
            "аиоентрсвлкдпмзубгячъйцжшщфьхю",  # Bulgarian
            "аиоенртсјувкдмлпгзбцшњхчжљћђфџ",  # Serbian
        ),
    ),
    ("greek", ("αοιετσνηυρπκμλςωγδθήίάόέύχφβώζξψϊϋΐΰ",)),
    ("hebrew", ("יוהלארמתבשנםעדחקפכטןגזסצץךף",)),
    ("arabic", ("اليمنورتبةعدفسهكقحأجشطصىخإذزءغضئظثآؤ",)),
    ("thai", ("านรอกเงม\u0e35ลว่ดท\u0e34สตะป\u0e31บคห้แจพชขใไยำผโื\u0e36\u0e39ุึธูๆ์ณ็ศษ",)),
)

_ENCODINGS: dict[str, tuple[str, ...]] = {
    "western": ("cp1252", "iso8859_15", "mac_roman", "cp850", "cp437"),
    "central": ("cp1250", "iso8859_2", "cp852"),
    "turkish": ("cp1254",),
    "baltic": ("cp1257",),
    "vietnamese": ("cp1258",),
    "cyrillic": ("cp1251", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"),
    "greek": ("cp1253", "iso8859_7"),
    "hebrew": ("cp1255",),
    "arabic": ("cp1256", "iso8859_6"),
    "thai": ("cp874",),
}

_SIGNS = frozenset("„“”‚‘’–—…«»‹›°§€£©®™·•\xa0´\xad№،؛؟׳״־")
_ENOUGH = 0.5  # a mean score from which on letters are believed to be a language's


def likely_encoding(sample: bytes) -> str:
    """Return the encoding of one byte in which a sample's letters are most usual; "" for none."""
    best, chosen = _ENOUGH, ""
    for script, alphabets in _LANGUAGES:
        for encoding in _ENCODINGS[script]:
            try:
                text = sample.decode(encoding)
            except UnicodeDecodeError:
                continue
            score = max(_score(text, alphabet, script) for alphabet in alphabets)
            if score > best + 1e-9:
                best, chosen = score, encoding
    return chosen


def _score(text: str, alphabet: str, script: str) -> float:
    """Return from -1 to 1 how usual what is not ASCII in a text is in a language."""
    rank = {letter: index / len(alphabet) for index, letter in enumerate(alphabet)}
    total, count = 0.0, 0
    for before, letter in pairwise(" " + text):
        if letter <= "\x7f":
            continue
        count += 1
        small = letter.lower()
        if letter in _SIGNS:
            total += 0.5
        elif small in rank:
            total += 1 - 0.6 * rank[small]
            # a capital after a small letter is what a wrong encoding makes
            total -= 0.8 * (letter != small and before.islower())
            # as are letters of two scripts in one word
            mixed = script not in _LATIN and before.isascii() and before.isalpha()
            total -= 0.5 * mixed
        else:
            total -= 1
    return total / max(1, count)


_LATIN = ("western", "central", "turkish", "baltic", "vietnamese")
