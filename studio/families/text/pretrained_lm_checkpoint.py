"""Checkpoints in Hugging Face's format that the user has on disk: checked, then read.

Nothing is fetched, and no code of a checkpoint ever runs: weights come from safetensors files
alone, and only for networks that the library itself knows.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn

from studio.core.errors import StudioError

#: Kinds of networks, by the `model_type` of a checkpoint, and whether they read from left to right.
KINDS = {"gpt2": True, "bert": False, "distilbert": False, "roberta": False}
_LARGEST_CONFIG = 1 << 20  # bytes
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def require_transformers() -> None:
    """Raise StudioError where the library for such checkpoints is not installed."""
    if find_spec("transformers") is None:
        raise StudioError(
            "A part of the studio is not installed",
            "Checkpoints of GPT-2 and BERT are read with the library transformers, which is not"
            " here.",
            "Install it into the studio's environment: python -m pip install 'transformers>=5'.",
        )
    from transformers.utils import logging

    disable: Any = logging.disable_progress_bar  # the library leaves it without types
    disable()  # the studio shows how far it is


def read_config(folder: str) -> dict[str, Any]:
    """Return what a checkpoint's folder says of its network.

    Raises:
        StudioError: There is no checkpoint that can be used, with what to do about it.
    """
    if not folder.strip():
        raise StudioError(
            "No checkpoint is chosen",
            "This kind of model goes on from one that was trained before.",
            "Give the folder of a checkpoint of the GPT-2 or BERT kind, in Hugging Face's format.",
        )
    place = Path(folder).expanduser()
    path = place / "config.json"
    if not path.is_file() or path.stat().st_size > _LARGEST_CONFIG:
        raise _unusable(place, "It has no config.json that can be read.")
    try:
        config = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise _unusable(place, f"Its config.json cannot be read: {error}.") from error
    if not isinstance(config, dict) or config.get("model_type") not in KINDS:
        kind = config.get("model_type") if isinstance(config, dict) else None
        raise _unusable(place, f"It is of the kind {kind!r}; known are {', '.join(KINDS)}.")
    if not any((place / name).is_file() for name in _WEIGHTS):
        if any((place / name).is_file() for name in _PICKLED):
            raise StudioError(
                "The weights are in a format that could run code",
                f"{place.name} holds pytorch_model.bin, a pickle, which is never opened here.",
                "Save it again as safetensors: model.save_pretrained(folder,"
                " safe_serialization=True), on a machine where you trust the file.",
            )
        raise _unusable(place, "It has no model.safetensors.")
    return config


def empty_model(config: dict[str, Any]) -> nn.Module:
    """Return a network by its config, with random weights."""
    require_transformers()
    import transformers

    kind = str(config["model_type"])
    known = transformers.AutoConfig.for_model(**_plain(config))
    model: nn.Module = _class_of(kind).from_config(
        known, trust_remote_code=False, dtype=torch.float32
    )
    return model


def _class_of(kind: str) -> Any:
    """Return the library's class for networks of a kind."""
    import transformers

    return transformers.AutoModelForCausalLM if KINDS[kind] else transformers.AutoModelForMaskedLM


def read_model(folder: str, config: dict[str, Any]) -> nn.Module:
    """Return the network of a checkpoint with its weights, in fp32.

    Raises:
        StudioError: The weights cannot be read, or some are missing.
    """
    require_transformers()
    import transformers

    place = Path(folder).expanduser()
    try:
        model, told = _class_of(str(config["model_type"])).from_pretrained(
            str(place),
            config=transformers.AutoConfig.for_model(**_plain(config)),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # the library raises whatever its parts raise
        raise _unusable(place, f"Its weights cannot be read: {error}") from error
    if missing := sorted(told.get("missing_keys", ())):
        raise _unusable(place, f"Weights are missing, such as {missing[0]}.")
    assert isinstance(model, nn.Module)
    return model


def longest_row(config: dict[str, Any]) -> int:
    """Return how many tokens a network can read at once."""
    longest = int(config.get("max_position_embeddings", config.get("n_positions", 512)))
    # RoBERTa numbers its places from after the one of its padding
    return longest - 2 if config["model_type"] == "roberta" else longest


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config without what points to code of its own, and without its maker's paths."""
    return {key: value for key, value in config.items() if key not in _LEFT_OUT}


_LEFT_OUT = frozenset(
    {"auto_map", "_name_or_path", "transformers_version", "architectures", "torch_dtype", "dtype"}
)


def kept_config(config: dict[str, Any]) -> str:
    """Return what must be known to build the network again, as text to be kept with a model."""
    return json.dumps(_plain(config), sort_keys=True)


def _unusable(place: Path, reason: str) -> StudioError:
    return StudioError(
        "That checkpoint cannot be used",
        f"{place.name}: {reason}",
        "Choose a folder with config.json, model.safetensors and tokenizer.json, of the GPT-2 or"
        " BERT kind.",
    )
