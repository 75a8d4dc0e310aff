"""The tokeniser of a checkpoint in Hugging Face's format that the user has on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
)

from studio.core.errors import StudioError
from studio.core.files import read_json
from studio.data.text.tokeniser_bpe import word_bytes
from studio.data.text.tokenisers import LARGEST, Ids, Tokeniser, parts_of

_LARGEST_FILE = 64 << 20  # bytes

# Where checkpoints say which tokens are special, the first that knows counts.
_ROLES = {
    "end": ("eos_token", "sep_token", "bos_token", "cls_token"),
    "pad": ("pad_token",),
    "answer": ("sep_token",),
    "mask": ("mask_token",),
}
_USUAL = {
    "end": ("<|endoftext|>", "</s>", "[SEP]"),
    "pad": ("[PAD]", "<pad>", "<|pad|>"),
    "answer": ("[SEP]",),
    "mask": ("[MASK]", "<mask>"),
}
_BYTE_LEVEL = '"ByteLevel"'  # the decoder of vocabularies whose letters stand for bytes
_GOES_ON = "##"  # marks a WordPiece that goes on with a word
_SPACE = "▁"  # stands for a space in SentencePiece's vocabularies


class FileTokeniser(Tokeniser):
    """A checkpoint's own tokeniser, with the very numbers that the checkpoint was trained on.

    Its special tokens are its own. Where it has none for filling, or before an answer, the one
    that ends a text stands there.
    """

    kind = "file"

    def __init__(self, text: str, special: Mapping[str, int]) -> None:
        """Take what `read_file_tokeniser` returned.

        Args:
            text: The library's own description.
            special: Ids by role: pad, end, answer, mask; -1 for none.
        """
        self._text = text
        self._special = dict(special)
        self._tokenizer = Tokenizer.from_str(text)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # what a text says is never read as a special token
        self._tokenizer.encode_special_tokens = True
        self.end = special["end"]
        self.pad = special["pad"]
        self.answer = special["answer"]
        self.mask = special["mask"]
        words = self._tokenizer.get_vocab(with_added_tokens=True)
        added = set(self._tokenizer.get_added_tokens_decoder())
        ordinary = {word: number for word, number in words.items() if number not in added}
        self._bytes = _BYTE_LEVEL in json.dumps(json.loads(text)["decoder"])
        pieces = any(word.startswith(_GOES_ON) for word in ordinary)
        bytes_of = [b""] * (max(words.values()) + 1)
        for word, number in ordinary.items():
            bytes_of[number] = word_bytes(word) if self._bytes else _plain(word, pieces)
        for number, token in self._tokenizer.get_added_tokens_decoder().items():
            bytes_of[number] = b"" if token.special else token.content.encode()
        super().__init__(bytes_of)

    def encode(self, text: str) -> Ids:
        """Return the text's tokens."""
        found = [
            np.array(encoding.ids, np.int64)
            for encoding in self._tokenizer.encode_batch(
                list(parts_of(text)), add_special_tokens=False
            )
        ]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that tokens stand for, joined in the tokeniser's own way."""
        if self._bytes:
            return super().decode(ids)
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def stepper(self) -> tuple[Callable[[int], str], Callable[[], str]]:
        """Return what decodes token by token, and what returns the rest at the end."""
        if self._bytes:
            return super().stepper()
        stream = decoders.DecodeStream(skip_special_tokens=True)
        return (lambda token: stream.step(self._tokenizer, token) or "", lambda: "")

    def to_json(self) -> str:
        """Return its kind, special tokens and the library's own description."""
        return json.dumps({"kind": self.kind, "special": self._special, "tokenizer": self._text})


def read_file_tokeniser(place: Path) -> FileTokeniser:
    """Return the tokeniser in a checkpoint's folder, or in a `tokenizer.json`.

    A folder without that file may hold `vocab.json` and `merges.txt`, as GPT-2 does, or
    `vocab.txt`, as BERT does.

    Raises:
        StudioError: There is none, it cannot be read, or it has too many tokens.
    """
    folder = place if place.is_dir() else place.parent
    try:
        tokenizer = _read(place if place.is_file() else folder / "tokenizer.json")
        special = _special(folder, tokenizer)
    except StudioError:
        raise
    except Exception as error:  # the library raises plain Exceptions
        raise _unreadable(place, f"It cannot be read: {error}") from error
    size = tokenizer.get_vocab_size(with_added_tokens=True)
    if size > LARGEST:
        raise StudioError(
            "The tokeniser is too large",
            f"{place.name} has {size:,} tokens; at most {LARGEST:,} are used here.",
            "Choose a checkpoint of the GPT-2 or BERT kind.",
        )
    return FileTokeniser(str(tokenizer.to_str()), special)


def _read(file: Path) -> Tokenizer:
    folder = file.parent
    words = [folder / name for name in ("vocab.json", "merges.txt", "vocab.txt")]
    if any(each.exists() and each.stat().st_size > _LARGEST_FILE for each in (file, *words)):
        raise _unreadable(file, "The file is far larger than a tokeniser is.")
    if file.exists():
        return Tokenizer.from_file(str(file))
    if words[0].exists() and words[1].exists():
        tokenizer = Tokenizer(models.BPE.from_file(str(words[0]), str(words[1])))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer
    if words[2].exists():
        tokenizer = Tokenizer(models.WordPiece.from_file(str(words[2])))
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        settings = _settings(folder, "tokenizer_config.json")
        lower = bool(settings.get("do_lower_case", True))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower)
        tokenizer.decoder = decoders.WordPiece()
        return tokenizer
    raise _unreadable(file, "There is no tokenizer.json, vocab.json or vocab.txt.")


def _special(folder: Path, tokenizer: Tokenizer) -> dict[str, int]:
    """Return the ids of the special tokens by role, and tell the tokenizer that they are."""
    said = _settings(folder, "tokenizer_config.json") | _settings(folder, "special_tokens_map.json")
    added = {each.content for each in tokenizer.get_added_tokens_decoder().values()}
    known = added | {"[PAD]", "[SEP]", "[CLS]", "[MASK]", "[UNK]", "<|endoftext|>", "</s>", "<s>"}
    found = {}
    for role, names in _ROLES.items():
        words = [_content(said.get(name)) for name in names]
        words += [word for word in _USUAL[role] if word in known]
        ids = [tokenizer.token_to_id(word) for word in words if word]
        found[role] = next((each for each in ids if each is not None), -1)
    if found["end"] < 0:
        raise _unreadable(folder, "It has no token that ends a text.")
    present = [word for word in known if tokenizer.token_to_id(word) is not None]
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in sorted(present)])
    for role in ("pad", "answer"):
        if found[role] < 0:
            found[role] = found["end"]
    return found


def _settings(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    if not path.exists() or path.stat().st_size > _LARGEST_FILE:
        return {}
    values = read_json(path)
    return values if isinstance(values, dict) else {}


def _content(value: Any) -> str:
    """Return a special token's text, which stands alone or among its settings."""
    text = value.get("content") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _plain(word: str, pieces: bool) -> bytes:
    """Return the text that a word stands for inside a text, in a vocabulary of whole words."""
    if word.startswith(_GOES_ON):
        return word.removeprefix(_GOES_ON).encode()
    return (f" {word}" if pieces else word.replace(_SPACE, " ")).encode()


def _unreadable(place: Path, what: str) -> StudioError:
    return StudioError(
        "This tokeniser cannot be used",
        f"{place.name}: {what}",
        "Choose the folder of a checkpoint in Hugging Face's format, with a tokenizer.json.",
    )
