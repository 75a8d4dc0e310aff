"""What a user sets for a frame predictor, and the presets."""

from __future__ import annotations

from typing import Any, Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, option


class FramePredictorRecipe(FamilyRecipe):
    """Settings of a frame predictor."""

    seen: int = option(
        10,
        title="Frames it sees",
        help="How many frames it looks at before it says what follows.",
        group="Preparation",
        term="input horizon",
        unit="frames",
        main=True,
        ge=1,
        le=64,
    )
    foreseen: int = option(
        10,
        title="Frames it foresees",
        help="How many frames it says at once. To go further it looks at its own and goes on.",
        group="Preparation",
        term="prediction horizon",
        unit="frames",
        main=True,
        ge=1,
        le=64,
    )
    width: int = option(
        16,
        title="Width",
        help="Channels with which it looks at one frame. Wider keeps finer detail.",
        group="Size",
        term="spatial channels",
        main=True,
        ge=4,
        le=256,
    )
    hidden: int = option(
        128,
        title="Width over time",
        help="Channels with which it thinks of all frames together. Wider follows more and more"
        " difficult motion, and takes longer.",
        group="Size",
        term="hidden channels of the translator",
        main=True,
        ge=16,
        le=1024,
        multiple_of=8,
    )
    blocks: int = option(
        3,
        title="Depth",
        help="Blocks that think of all frames together.",
        group="Size",
        term="translator blocks",
        ge=1,
        le=24,
    )
    halvings: int = option(
        3,
        title="Coarseness",
        help="How often frames are halved before motion is thought about. More is quicker and sees"
        " further, less keeps small things apart.",
        group="Size",
        term="spatial downsampling stages, factor 2ⁿ",
        ge=1,
        le=5,
    )
    translator: Literal["pyramid", "inception", "gated"] = option(
        "pyramid",
        title="How it thinks",
        help="Coarse and fine is quickest on processors. Side by side looks at several widths at"
        " once. Gates look furthest; they want a graphics card.",
        group="Size",
        term="U-Net, Inception (SimVP) or gated spatiotemporal attention (SimVPv2)",
        choices={
            "pyramid": "Coarse and fine",
            "inception": "Side by side",
            "gated": "Gates and wide looks",
        },
    )
    learning_rate: float = option(
        2e-3,
        title="Learning rate",
        help="How large each correction is at most; it rises at first and then falls to zero.",
        group="Learning",
        term="peak learning rate of AdamW, one cycle",
        gt=0,
        le=0.1,
    )
    loss: Literal["l2", "l1"] = option(
        "l2",
        title="Error counts",
        help="How a wrong pixel counts. Squared, it hits the mean of what may come: closest in"
        " numbers, soft where the future is open. Evenly, it decides sooner: sharper.",
        group="Learning",
        term="L2 or L1 loss",
        choices={"l2": "Squared", "l1": "Evenly"},
    )
    batch_size: int = option(
        8,
        title="Batch",
        help="Clips that the model looks at in one step. Larger is steadier and needs more memory.",
        group="Learning",
        term="batch size",
        main=True,
        ge=1,
        le=65_536,
    )

    def prepares(self) -> dict[str, Any]:
        """Cut clips of as many frames as are seen and foreseen."""
        return {"frames": self.seen + self.foreseen}


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="Foresees simple motion after 5 minutes on an ordinary processor.",
        options={"steps": 1500, "minutes": 4.3},
        preparation={"size": 64},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="A wider and deeper look: an hour on a processor, minutes on a graphics card.",
        options={
            "steps": 20_000,
            "width": 32,
            "hidden": 256,
            "blocks": 4,
            "halvings": 2,
            "learning_rate": 1e-3,
        },
        preparation={"size": 64},
    ),
    Preset(
        id="best",
        title="Best",
        summary="Gates that look far, on frames of 128 pixels; meant for a graphics card.",
        options={
            "steps": 60_000,
            "width": 64,
            "hidden": 512,
            "blocks": 8,
            "halvings": 2,
            "translator": "gated",
            "learning_rate": 1e-3,
        },
        preparation={"size": 128},
    ),
)
