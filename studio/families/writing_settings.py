"""Settings that families of writers share: how they learn, how large they are, how they choose."""

from __future__ import annotations

from studio.core.errors import StudioError
from studio.core.options import FamilyRecipe, SampleSettings, option
from studio.families.layers.choosing import Manner
from studio.families.layers.recurrent import Cell


class WriterRecipe(FamilyRecipe):
    """Settings of every model that writes token by token."""

    batch_size: int = option(
        32,
        title="Batch",
        help="Passages that the model looks at in one step. More is steadier, needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )
    learning_rate: float = option(
        3e-3,
        title="Learning rate",
        help="How large each correction is. Too large shakes, too small crawls.",
        group="Learning",
        term="peak learning rate of AdamW; Muon's is a multiple of it",
        gt=0,
        le=0.1,
    )
    warm_up: float = option(
        0.03,
        title="Warm-up",
        help="Share of the run over which the learning rate rises before it falls.",
        group="Learning",
        term="linear warm-up, then linear decay to 0",
        ge=0,
        le=0.5,
    )
    weight_decay: float = option(
        0.1,
        title="Pull to zero",
        help="How strongly large weights are pulled back, which keeps a model plain.",
        group="Stability",
        term="decoupled weight decay",
        ge=0,
        le=1,
    )
    clip: float = option(
        1.0,
        title="Longest correction",
        help="A step is cut to this length, so that one odd passage cannot upset the model.",
        group="Stability",
        term="gradient-norm clipping",
        gt=0,
        le=100,
    )
    dropout: float = option(
        0.0,
        title="Forgetting",
        help="Share of the inner numbers that is dropped at random. Raise it when a small"
        " collection is learned by heart.",
        group="Stability",
        term="dropout",
        ge=0,
        le=0.8,
    )


class TransformerRecipe(WriterRecipe):
    """Settings of every Transformer that writes token by token."""

    width: int = option(
        128,
        title="Width",
        help="Numbers by which the model thinks of each token. Wider knows more and is slower.",
        group="Size",
        term="embedding dimension",
        main=True,
        ge=16,
        le=4096,
        multiple_of=16,
    )
    depth: int = option(
        4,
        title="Depth",
        help="Layers of attention. Deeper models connect more.",
        group="Size",
        term="Transformer blocks",
        main=True,
        ge=1,
        le=48,
    )
    heads: int = option(
        4,
        title="Heads",
        help="In how many ways each layer looks; the width must be a multiple of twice this.",
        group="Size",
        term="attention heads",
        ge=1,
        le=64,
    )

    def check_heads(self) -> None:
        """Raise StudioError when the heads cannot share the width out in pairs of numbers."""
        if self.width % (2 * self.heads):
            raise StudioError(
                "The heads do not fit the width",
                f"A width of {self.width} cannot be shared out evenly among {self.heads} heads"
                " of pairs of numbers.",
                f"Choose a width that is a multiple of {2 * self.heads}, or fewer heads.",
            )


class RecurrentRecipe(WriterRecipe):
    """Settings of every recurrent writer."""

    cell: Cell = option(
        "lstm",
        title="Memory",
        help="LSTM remembers longest, GRU is a little lighter, the plain one forgets soonest.",
        group="Size",
        term="recurrent cell",
        main=True,
        choices={"rnn": "Plain (RNN)", "lstm": "LSTM", "gru": "GRU"},
    )
    width: int = option(
        256,
        title="Width",
        help="Numbers that the model remembers. Wider knows more and is slower.",
        group="Size",
        term="hidden units",
        main=True,
        ge=16,
        le=4096,
    )
    depth: int = option(
        2,
        title="Depth",
        help="Layers of memory, one upon the other.",
        group="Size",
        term="recurrent layers",
        ge=1,
        le=8,
    )


class ChoiceSettings(SampleSettings):
    """How the next token is chosen from what may follow."""

    temperature: float = option(
        0.9,
        title="Temperature",
        help="Lower keeps to what is likely, higher dares more; 0 always takes the likeliest.",
        group="Sampling",
        term="softmax temperature",
        main=True,
        ge=0,
        le=3,
    )
    top_k: int = option(
        0,
        title="Best choices",
        help="Only this many of the likeliest come into question; 0 means all.",
        group="Sampling",
        term="top-k",
        ge=0,
        le=10_000,
    )
    top_p: float = option(
        0.95,
        title="Share of chances",
        help="Only the likeliest that together reach this share come into question.",
        group="Sampling",
        term="top-p (nucleus)",
        gt=0,
        le=1,
    )
    min_p: float = option(
        0.0,
        title="Smallest chance",
        help="Only what is at least this share as likely as the likeliest comes into question.",
        group="Sampling",
        term="min-p",
        ge=0,
        le=1,
    )
    repetition: float = option(
        1.0,
        title="Against repetition",
        help="Above 1 makes what was just written less likely to come again.",
        group="Sampling",
        term="repetition penalty",
        ge=1,
        le=3,
    )

    def manner(self, variety: float = 1.0) -> Manner:
        """Return how tokens are chosen; variety 0 … 2 is half … half as much again as warm."""
        return Manner(
            temperature=self.temperature * (1 + variety) / 2,
            top_k=self.top_k,
            top_p=self.top_p,
            min_p=self.min_p,
            repetition=self.repetition,
        )
