"""Telling in which encoding a text was saved, and reading it without losing a letter."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from studio.data.modality import Rejected
from studio.data.text.alphabets import likely_encoding

_MARKS = (  # UTF-32's mark begins with UTF-16's, so it is looked for first
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 32 << 10  # bytes that show the encoding
_LOOKED_AT = 4096  # characters that show whether a text is one
_DAMAGED = 0.01  # share of characters that may be unreadable
_PLAUSIBLE = 0.55  # share of usual characters from which on a multi-byte encoding is believed

_SINGLE = (
    *("cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "mac_roman"),
    *("cp437", "cp850", "iso8859_15"),
)

#: First bytes of files that people take for texts.
_BINARY = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x7fELF", b"MZ\x90", b"\x1f\x8b")


class Decoded(NamedTuple):
    """A text as it was read.

    Attributes:
        encoding: Its usual name in small letters, such as `gb18030`.
        damaged: Characters that could not be read and are marked as such.
    """

    text: str
    encoding: str
    damaged: int = 0


def decode(raw: bytes, declared: str = "") -> Decoded:
    """Return the text that bytes hold, with line ends as one line feed.

    Args:
        declared: The encoding that the file itself claims; tried first where there is no mark.

    Raises:
        Rejected: It is no text.
    """
    if raw.startswith(_BINARY):
        raise no_text()
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _lenient(raw, encoding)
    if declared and (found := _declared(raw, declared)):
        return found
    if b"\0" in raw:
        return _wide(raw)
    if _controls(raw) > _DAMAGED:
        raise no_text()
    # Japanese and Korean mail is written in ASCII alone
    mail = ["iso2022_jp_2", "iso2022_kr"] if b"\x1b$" in raw[: 1 << 20] else []
    if found := _first(raw, [*mail, "utf-8"]):
        return found
    sample = _telling(raw)
    if _nearly_utf8(sample):
        return _lenient(raw, "utf-8")
    likely = _likely(sample)
    return _first(raw, likely) or _lenient(raw, likely[0])


def no_text() -> Rejected:
    """Return the rejection of what is no text."""
    return Rejected(
        "not-text",
        "This is no text, whatever its name says.",
        "Leave it out, or save it as text in UTF-8.",
    )


# ------------------------------------------------------------------------------- one encoding


def _strict(raw: bytes, encoding: str) -> Decoded | None:
    try:
        return _finished(raw.decode(encoding), encoding)
    except UnicodeError:
        return None


def _first(raw: bytes, encodings: Sequence[str]) -> Decoded | None:
    """Return a text in the first encoding that it can be in."""
    return next((found for each in encodings if (found := _strict(raw, each))), None)


def _lenient(raw: bytes, encoding: str) -> Decoded:
    """Return a text of which a little may be unreadable; raises Rejected when it is too much."""
    found = _strict(raw, encoding)
    if found is not None:
        return found
    text = raw.decode(encoding, "replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    if damaged > max(1, _DAMAGED * len(text)):
        raise no_text()
    return _finished(text, encoding)._replace(damaged=damaged)


def _declared(raw: bytes, declared: str) -> Decoded | None:
    """Return a text in the encoding that its file claims, if that is true.

    What pages call Latin-1 or GB 2312 is their larger sibling in fact, as browsers know.
    """
    name = re.sub(r"[^a-z0-9]", "", declared.lower())
    siblings = {"iso88591": "cp1252", "latin1": "cp1252", "usascii": "cp1252", "ascii": "cp1252"}
    siblings |= dict.fromkeys(("gb2312", "gbk", "xgbk"), "gb18030")
    siblings |= {"shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "euckr": "cp949"}
    encoding = siblings.get(name, declared)
    try:
        codecs.lookup(encoding)
        text = raw.decode(encoding)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return None
    return _finished(text, encoding) if isinstance(text, str) else None


def _finished(text: str, encoding: str) -> Decoded:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\0", "").replace("\x1e", " ")  # the latter stands between pairs here
    name = {"utf-8-sig": "utf-8", "cp932": "shift-jis", "cp949": "euc-kr", "euc_jp": "euc-jp"}
    name |= {"iso2022_jp_2": "iso-2022-jp", "iso2022_kr": "iso-2022-kr", "cp1252": "windows-1252"}
    plain = name.get(encoding, encoding.lower().replace("_", "-"))
    plain = re.sub(r"^cp(125\d|874)$", r"windows-\1", plain).replace("iso8859-", "iso-8859-")
    return Decoded(text, plain)


# ------------------------------------------------------------------------------------- doubt


def _controls(raw: bytes) -> float:
    """Return the share of bytes that no text has."""
    sample = raw[: 4 * _SAMPLE]
    kept = sample.translate(None, bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f")
    return 1 - len(kept) / max(1, len(sample))


def _wide(raw: bytes) -> Decoded:
    """Return a text in UTF-16 or UTF-32 without a mark, told by how little of it is nonsense."""
    found = []
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        # the right order of bytes has plain letters where the wrong one has multiples of 256
        width = 4 if "32" in encoding else 2
        head = raw[: width * _LOOKED_AT]
        try:
            # a whole text must fit; of a very long one the beginning says enough
            sample = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeError:
            continue
        if len(raw) % width == 0 and sample:
            plain = sum((ord(each) < 256) - (ord(each) % 256 == 0) for each in sample)
            found.append((_nonsense(sample) - plain / len(sample), _nonsense(sample), encoding))
    if found:
        _score, nonsense, encoding = min(found)
        if nonsense <= _DAMAGED:
            return _lenient(raw, encoding)
    without = raw.replace(b"\0", b"")
    if len(raw) - len(without) <= _DAMAGED * len(raw) / 10:  # a stray zero in a good text
        return decode(without)
    raise no_text()


def _nonsense(text: str) -> float:
    """Return the share of characters that are controls, unassigned or for private use."""
    bad = sum(
        unicodedata.category(each) in ("Cc", "Cn", "Co", "Cs") and each not in "\t\n\r\f\ufeff"
        for each in text
    )
    # a text that uses hundreds of scripts at once is none
    blocks = {ord(each) >> 8 for each in text}
    return bad / len(text) + (len(blocks) > 100 and len(blocks) > len(text) / 8)


def _telling(raw: bytes) -> bytes:
    """Return those lines of a text that are not plain ASCII, up to a bound."""
    parts: list[bytes] = []
    size = 0
    for found in re.finditer(rb"[\x80-\xff][^\n]{0,4096}\n?", raw):
        start = raw.rfind(b"\n", max(0, found.start() - 256), found.start()) + 1
        start = start or max(0, found.start() - 256)
        ascii_before = raw[start : found.start()]
        if any(byte > 127 for byte in ascii_before):
            ascii_before = b""
        parts.append(ascii_before + found.group())
        size += len(parts[-1])
        if size > _SAMPLE:
            break
    return b"".join(parts)[:_SAMPLE]


def _nearly_utf8(sample: bytes) -> bool:
    """Tell whether nearly all that is not ASCII is good UTF-8: a text with a few bad letters."""
    text = sample.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    good = sum(each > "\x7f" for each in text) - bad
    return good > 20 * bad


def _likely(sample: bytes) -> list[str]:
    """Return encodings that a sample may be in, the likeliest first."""
    from charset_normalizer import from_bytes  # loaded where there is doubt

    scores = {name: _usual(sample, name, rate) for name, rate in _MULTI.items()}
    if _is_thai(sample):
        return ["cp874"]
    best = sorted(scores, key=lambda name: -scores[name])
    found = [name for name in best if scores[name] >= _PLAUSIBLE]
    if usual := likely_encoding(sample):
        found.append(usual)
    guess = from_bytes(sample, cp_isolation=list(_SINGLE)).best()
    if guess is not None:
        found.append(guess.encoding)
    return [*found, "cp1252", "latin_1"]


def _is_thai(sample: bytes) -> bool:
    """Tell whether bytes are Thai, which has no spaces and could be read as Chinese.

    Its vowels and tone marks come all the time, and it uses little of what lies behind them.
    """
    high = [byte for byte in sample if byte > 0x7F]
    marks = sum(byte in (0xE8, 0xE9) for byte in high)
    behind = sum(byte in range(0xEE, 0x100) or byte in range(0xDB, 0xDF) for byte in high)
    return len(high) >= 24 and marks > 0.02 * len(high) and behind <= 0.01 * len(high)


def _usual(sample: bytes, encoding: str, rate: Callable[[int, int], float]) -> float:
    """Return the share of usual characters among those that are not ASCII; 0 if it cannot be.

    Args:
        rate: Returns from 0 to 1 how usual a character of two bytes is.
    """
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeError:
        return 0.0
    total = rated = together = 0.0
    for before, character in pairwise(f" {text}"):
        if character <= "\x7f":
            continue
        together += before > "\x7f"
        try:
            code = character.encode(encoding)
        except UnicodeEncodeError:
            return 0.0
        total += 1
        if len(code) == 2:
            rated += rate(*code)
    # letters of these scripts stand together, accents of others stand between plain letters
    return rated / total if together > total / 2 else 0.0


# How usual a character of two bytes is, by the blocks in which each standard has its common
# characters, its rare ones and its signs.


def _chinese(lead: int, trail: int) -> float:
    """GB 2312: level 1 is B0…D7, level 2 up to F7; letters of other scripts lie in A4…A9."""
    if trail < 0xA1:
        return 0.0
    if lead <= 0xA3:
        return 0.8
    return 1.0 if 0xB0 <= lead <= 0xD7 else 0.2


def _traditional(lead: int, trail: int) -> float:
    """Big5: level 1 is A4…C6, level 2 C9…F9."""
    if lead <= 0xA3:
        return 0.8
    return 1.0 if lead <= 0xC6 else 0.2


def _korean(lead: int, trail: int) -> float:
    """KS X 1001: Hangul is B0…C8, Hanja CA…FD."""
    if trail < 0xA1:
        return 0.0
    if lead <= 0xA3:
        return 0.8
    return 1.1 if 0xB0 <= lead <= 0xC8 else 0.0


def _japanese_euc(lead: int, trail: int) -> float:
    """JIS X 0208 in EUC: kana A4 and A5, Kanji of level 1 B0…CF."""
    if lead in (0xA4, 0xA5):
        return 1.1
    if lead <= 0xA3:
        return 0.8
    return 0.8 if 0xB0 <= lead <= 0xCF else 0.0


def _japanese_shifted(lead: int, trail: int) -> float:
    """JIS X 0208 shifted: kana from 829F and 8340, Kanji of level 1 889F…9872."""
    if (lead == 0x82 and trail >= 0x9F) or (lead == 0x83 and trail <= 0x96):
        return 1.1
    if lead in (0x81, 0x82):
        return 0.8
    return 0.8 if 0x88 <= lead <= 0x98 else 0.0


_MULTI: dict[str, Callable[[int, int], float]] = {
    "gb18030": _chinese,
    "big5": _traditional,
    "cp949": _korean,
    "euc_jp": _japanese_euc,
    "cp932": _japanese_shifted,
}
