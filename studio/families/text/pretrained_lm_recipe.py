"""What a user sets to go on from a checkpoint, and the presets."""

from __future__ import annotations

from typing import Any, Literal

from studio.core.family_info import Preset, Task
from studio.core.options import option
from studio.families.text.text_writer import TextSampling
from studio.families.writing_settings import WriterRecipe

_WRITES = (Task.GENERATE,)
_FILLS = (Task.FILL,)


class PretrainedRecipe(WriterRecipe):
    """Settings of fine-tuning."""

    checkpoint: str = option(
        "",
        title="Checkpoint",
        help="Folder of a model of the GPT-2 or BERT kind in Hugging Face's format, with"
        " config.json, model.safetensors and tokenizer.json. Your texts are cut into its tokens.",
        group="Size",
        term="pretrained checkpoint",
        main=True,
    )
    way: Literal["lora", "full"] = option(
        "lora",
        title="What is corrected",
        help="Small matrices beside the layers, which needs little memory and forgets little, or"
        " all of the network.",
        group="Learning",
        term="LoRA or full fine-tuning",
        main=True,
        choices={"lora": "Small matrices beside", "full": "Everything"},
    )
    rank: int = option(
        8,
        title="Rank",
        help="Size of the small matrices. More can learn more.",
        group="Learning",
        term="LoRA rank r",
        ge=1,
        le=512,
    )
    alpha: float = option(
        16.0,
        title="Strength",
        help="How strongly the small matrices count beside the layers, twice the rank as a rule.",
        group="Learning",
        term="LoRA α",
        gt=0,
        le=1024,
    )
    steps: int = option(
        150,
        title="Steps",
        help="How many times the model is corrected. Few are enough: it can write already.",
        group="Duration",
        term="optimiser steps",
        main=True,
        ge=1,
        le=10_000_000,
    )
    batch_size: int = option(
        4,
        title="Batch",
        help="Passages that the model looks at in one step. More is steadier, needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    learning_rate: float = option(
        5e-4,
        title="Learning rate",
        help="How large each correction is. Take a tenth of it when everything is corrected.",
        group="Learning",
        term="peak learning rate of AdamW",
        gt=0,
        le=0.1,
    )
    weight_decay: float = option(
        0.01,
        title="Pull to zero",
        help="How strongly large weights are pulled back.",
        group="Stability",
        term="decoupled weight decay",
        ge=0,
        le=1,
    )
    dropout: float = option(
        0.0,
        title="Forgetting",
        help="Share of the numbers that the small matrices see nothing of, at random.",
        group="Stability",
        term="LoRA dropout",
        ge=0,
        le=0.8,
    )
    share: float = option(
        0.15,
        title="Hidden",
        help="For models of the BERT kind: share of the tokens that are hidden and guessed.",
        group="Learning",
        term="masking rate",
        gt=0,
        le=0.6,
    )

    def prepares(self) -> dict[str, Any]:
        """Return that texts are cut into the checkpoint's own tokens."""
        if not self.checkpoint:
            return {}
        return {"tokeniser": "file", "tokeniser_file": self.checkpoint}


class PretrainedSettings(TextSampling):
    """What a fine-tuned model can be told, when it writes and when it fills blanks."""

    length: int = option(
        120,
        title="Length",
        help="How many tokens are written at most; the text may end by itself before.",
        group="Sampling",
        term="new tokens",
        unit="tokens",
        main=True,
        tasks=_WRITES,
        ge=1,
        le=20_000,
    )
    blank_length: int = option(
        0,
        title="Length of a blank",
        help="Tokens in each blank; Automatic tries several lengths and takes the one that fits"
        " best.",
        group="Sampling",
        term="masked tokens per blank",
        unit="tokens",
        main=True,
        choices={"0": "Automatic"},
        tasks=_FILLS,
        ge=0,
        le=256,
    )
    longest: int = option(
        5,
        title="Longest blank",
        help="Tokens that Automatic tries at most.",
        group="Sampling",
        unit="tokens",
        tasks=_FILLS,
        ge=1,
        le=32,
    )
    rounds: int = option(
        2,
        title="Second thoughts",
        help="How often the least certain tokens are taken out again and guessed anew.",
        group="Sampling",
        term="mask-predict iterations",
        tasks=_FILLS,
        ge=0,
        le=16,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="The manner of your texts within 3 minutes on a processor, from a small"
        " checkpoint.",
        options={"steps": 150, "minutes": 2.7},
        preparation={"size": 64, "tokeniser": "file"},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="About an hour on a graphics card.",
        options={"steps": 3000, "batch_size": 16, "rank": 16, "alpha": 32.0, "dropout": 0.05},
        preparation={"size": 256, "tokeniser": "file"},
    ),
    Preset(
        id="best",
        title="Best",
        summary="All of the network is corrected, for some megabytes of text.",
        options={
            "steps": 6000,
            "batch_size": 16,
            "way": "full",
            "learning_rate": 5e-5,
        },
        preparation={"size": 500, "tokeniser": "file"},
    ),
)
