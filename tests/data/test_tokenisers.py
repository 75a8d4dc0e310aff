"""Tokenisers: every text comes back bit for bit, and pieces joined are the text."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from made_texts import LANGUAGES, prose
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from studio.core.errors import StudioError
from studio.data.text.tokeniser_bpe import learn_bpe, usual_vocabulary
from studio.data.text.tokeniser_files import read_file_tokeniser
from studio.data.text.tokenisers import (
    ANSWER,
    END,
    MASK,
    PAD,
    RESOURCE,
    SPECIALS,
    ByteTokeniser,
    CharacterTokeniser,
    Streaming,
    Tokeniser,
    parts_of,
    tokeniser_of,
)

TEXTS = [text for text, _encodings in LANGUAGES.values()]


def tokenisers() -> list[Tokeniser]:
    """Return one of each kind that the studio makes."""
    return [
        ByteTokeniser(),
        CharacterTokeniser("".join(sorted({*"".join(TEXTS), *"\t<|>"}))),
        learn_bpe([*TEXTS, prose(0)], 512),
    ]


@pytest.mark.parametrize("tokeniser", tokenisers(), ids=lambda each: each.kind)
def test_every_script_comes_back_bit_for_bit(tokeniser: Tokeniser) -> None:
    again = tokeniser_of({RESOURCE: tokeniser.to_json()})
    assert (again.pad, again.end, again.answer, again.mask) == (PAD, END, ANSWER, MASK)
    for text in [*TEXTS, "", " ", "\n\n\ta  b \n", "<|end|><|pad|>"]:
        ids = tokeniser.encode(text)
        assert ids.dtype == np.int64
        assert (ids >= SPECIALS).all()
        assert (ids < tokeniser.vocabulary).all()
        assert again.decode(ids) == text
        assert again.encode(text).tolist() == ids.tolist()
        pieces = again.pieces(ids.tolist())
        assert len(pieces) == len(ids)
        assert "".join(pieces) == text
        assert "\N{REPLACEMENT CHARACTER}" not in "".join(pieces)
        assert int(tokeniser.sizes[ids].sum()) == len(text.encode())


@pytest.mark.parametrize("tokeniser", tokenisers(), ids=lambda each: each.kind)
def test_special_tokens_leave_nothing(tokeniser: Tokeniser) -> None:
    ids = [END, *tokeniser.encode("één").tolist(), ANSWER, MASK, PAD]
    assert tokeniser.decode(ids) == "één"
    assert "".join(tokeniser.pieces(ids)) == "één"


def test_nothing_is_shown_of_half_a_character() -> None:
    stream = Streaming(ByteTokeniser())
    ids = ByteTokeniser().encode("a😀b").tolist()
    assert [stream.add(each) for each in ids] == ["a", "", "", "", "😀", "b"]
    assert stream.rest() == ""
    cut = Streaming(ByteTokeniser())
    assert [cut.add(each) for each in ids[:3]] == ["a", "", ""]
    assert cut.rest() == "\N{REPLACEMENT CHARACTER}"


def test_nonsense_of_a_model_can_be_shown() -> None:
    # bytes that are no text: pieces must still be what decode gives
    ids = (np.random.default_rng(0).integers(0, 256, 400) + SPECIALS).tolist()
    tokeniser = ByteTokeniser()
    assert "".join(tokeniser.pieces(ids)) == tokeniser.decode(ids)


def test_how_a_sentence_is_cut() -> None:
    tokeniser = learn_bpe(["the king and the queen and the king " * 50], 400)
    assert tokeniser.cut("the king 汉")[:2] == ["the", " king"]
    assert tokeniser.cut("汉") == ["‹e6›", "‹b1›", "‹89›"]
    assert CharacterTokeniser("abc").cut("abx") == ["a", "b", "\N{REPLACEMENT CHARACTER}"]


def test_byte_pairs_are_learned_the_same_every_time() -> None:
    texts = [prose(seed) for seed in range(8)]
    first, second = learn_bpe(texts, 600), learn_bpe(iter(texts), 600)
    assert first.to_json() == second.to_json()
    assert first.vocabulary <= 600
    # they are worth their while: a token stands for more than two bytes
    assert len(first.encode(texts[0])) < len(texts[0]) / 2


def test_the_vocabulary_follows_the_amount_of_text() -> None:
    sizes = [usual_vocabulary(size) for size in (10_000, 1_000_000, 1_999_999, 10 << 20, 49 << 20)]
    assert sizes == sorted(sizes)
    assert 512 <= sizes[0] <= sizes[2] <= 2048
    assert 4096 <= sizes[3] <= sizes[4] <= 8192


def test_long_texts_are_cut_where_nothing_changes() -> None:
    text = "\n\n".join(prose(seed, 400).replace(". ", ".\n") for seed in range(90))
    assert len(list(parts_of(text))) > 2
    assert "".join(parts_of(text)) == text
    tokeniser = learn_bpe([text[:20_000]], 400)
    whole = [
        id_ + SPECIALS for id_ in Tokenizer.from_str(json.loads(tokeniser.to_json())["tokenizer"])
        .encode(text).ids
    ]  # fmt: skip
    assert tokeniser.encode(text).tolist() == tokeniser.compact(text).tolist() == whole


def test_speed() -> None:
    text = "To be, or not to be: that is the question.\n" * 25_000
    tokeniser = CharacterTokeniser("".join(sorted(set(text))))
    started = time.perf_counter()
    tokeniser.encode(text)
    assert time.perf_counter() - started < 0.5  # 0.01 s on a quiet machine
    line = "x" * 300_000  # no place to cut at
    assert len(ByteTokeniser().encode(line)) == len(line)
    assert learn_bpe([line], 400).decode(learn_bpe([line], 400).encode(line)) == line


# ----------------------------------------------------------------- those of checkpoints


def word_pieces(folder: Path) -> Path:
    """Write a tokeniser as BERT has."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "king", "##s", ",", "sing"]
    made = Tokenizer(models.WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.normalizer = normalizers.BertNormalizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(words[:5])
    folder.mkdir()
    made.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "sep_token": "[SEP]", "mask_token": {"content": "[MASK]"}}
    (folder / "special_tokens_map.json").write_text(json.dumps(names))
    return folder


def test_a_tokeniser_as_bert_has(tmp_path: Path) -> None:
    found = read_file_tokeniser(word_pieces(tmp_path / "bert"))
    again = tokeniser_of({RESOURCE: found.to_json()})
    assert (again.pad, again.end, again.answer, again.mask) == (0, 3, 3, 4)
    ids = again.encode("The kings, [MASK] sing")
    assert ids.tolist()[:4] == [5, 6, 7, 8]  # no shift, nothing around it
    assert again.mask not in ids.tolist()  # what a text says is never a special token
    assert again.decode([3, 5, 6, 7, 4, 9, 0]) == "the kings sing"
    pieces = again.pieces([5, 6, 7, 9])
    assert pieces == ["the", " king", "s", " sing"]
    stream = Streaming(again)
    assert [stream.add(each) for each in (5, 6, 7)] == ["the", " king", "s"]


def test_a_tokeniser_as_gpt2_has(tmp_path: Path) -> None:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: n for n, letter in enumerate(letters)}
    vocabulary |= {"th": 256, "the": 257, "Ġthe": 258, "<|endoftext|>": 259}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nt h\nth e\nĠ the\n")
    found = read_file_tokeniser(tmp_path)
    assert (found.end, found.pad, found.answer, found.mask) == (259, 259, 259, -1)
    assert found.vocabulary == 260
    for text in TEXTS:
        assert found.decode(found.encode(text)) == text
        assert "".join(found.pieces(found.encode(text).tolist())) == text
    assert found.encode(" the").tolist() == [258]
    assert found.end not in found.encode("<|endoftext|>").tolist()


@pytest.mark.parametrize("content", [None, "{}", "no json", '{"model": 3}', "[" * 100_000])
def test_broken_tokenisers_are_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(StudioError) as caught:
        read_file_tokeniser(tmp_path)
    assert caught.value.hint
