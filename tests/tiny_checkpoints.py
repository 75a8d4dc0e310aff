"""Checkpoints in Hugging Face's format, tiny and random, for tests."""

from __future__ import annotations

import atexit
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

CONTEXT = 64
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def shared_checkpoint() -> Path:
    """Return the folder of a checkpoint of GPT-2's kind that all tests may read."""
    folder = TemporaryDirectory(prefix="studio-tests-")
    atexit.register(folder.cleanup)
    return tiny_checkpoint(Path(folder.name), "gpt2")


def tiny_checkpoint(folder: Path, kind: str, **config: Any) -> Path:
    """Write a checkpoint of a kind (gpt2, bert, distilbert, roberta) and return its folder."""
    import transformers

    transformers.utils.logging.disable_progress_bar()  # a bar leaves a thread behind
    folder.mkdir(parents=True, exist_ok=True)
    count = _write_tokenizer(folder, kind)
    small: dict[str, Any]
    if kind == "gpt2":
        small = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": CONTEXT}
        small |= {"bos_token_id": 0, "eos_token_id": 0}
        # without chance, so that a step in parts equals one as a whole
        small |= {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
    elif kind == "distilbert":
        small = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
        small |= {"max_position_embeddings": CONTEXT}
    else:
        small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
        small |= {"intermediate_size": 64, "max_position_embeddings": CONTEXT}
    torch.manual_seed(0)
    known = transformers.AutoConfig.for_model(kind, vocab_size=count, **(small | config))
    auto = (
        transformers.AutoModelForCausalLM if kind == "gpt2" else transformers.AutoModelForMaskedLM
    )
    auto.from_config(known).save_pretrained(folder)
    return folder


def _write_tokenizer(folder: Path, kind: str) -> int:
    """Write a tokenizer of letters, and return how many tokens it has."""
    if kind in ("gpt2", "roberta"):
        special = ["<|endoftext|>"] if kind == "gpt2" else ["<s>", "<pad>", "</s>", "<mask>"]
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        vocabulary = {word: number for number, word in enumerate([*special, *alphabet])}
        tokenizer = Tokenizer(models.BPE(vocabulary, []))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        roles = {"eos_token": special[0]}
        if kind == "roberta":
            roles = {"eos_token": "</s>", "pad_token": "<pad>", "mask_token": "<mask>"}
    else:
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        words = [*special, *_LETTERS, *(f"##{letter}" for letter in _LETTERS), ".", ","]
        vocabulary = {word: number for number, word in enumerate(words)}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        roles = {"sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]"}
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(roles))
    return len(vocabulary)
