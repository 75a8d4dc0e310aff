"""What a user sets for restoration: what is to be repaired, how it learns, and the presets."""

from __future__ import annotations

from typing import Literal

from studio.core.family_info import Preset
from studio.core.options import FamilyRecipe, SampleSettings, option


class RestoreRecipe(FamilyRecipe):
    """Settings of restoration."""

    damage: Literal["noise", "blur", "jpeg", "holes", "upscale2", "upscale4"] = option(
        "noise",
        title="Repairs",
        help="What it learns to undo. It spoils your clean pictures in this way itself, so any"
        " sharp and clean pictures will do.",
        group="Preparation",
        term="degradation model: denoising, deblurring, JPEG artefact removal, inpainting,"
        " super-resolution",
        main=True,
        choices={
            "noise": "Noise",
            "blur": "Blur",
            "jpeg": "JPEG blocks",
            "holes": "Holes",
            "upscale2": "Twice as large",
            "upscale4": "Four times as large",
        },
    )
    noise: float = option(
        25.0,
        title="Noise up to",
        help="The strongest noise that it learns to remove: 5 is hardly seen, 25 is a dark room,"
        " 50 hides detail. For *Noise* only.",
        group="Preparation",
        term="standard deviation σ of white Gaussian noise",
        unit="of 255",
        main=True,
        gt=0,
        le=100,
    )
    blur: float = option(
        1.5,
        title="Blur up to",
        help="The strongest blur that it learns to undo, as the radius of the smear. For *Blur*"
        " only.",
        group="Preparation",
        term="standard deviation σ of a Gaussian kernel",
        unit="px",
        main=True,
        ge=0.2,
        le=8,
    )
    quality: int = option(
        20,
        title="JPEG quality from",
        help="The worst quality that it learns to clean up: 10 is all blocks, 50 is visible, 90 is"
        " hardly seen. For *JPEG blocks* only.",
        group="Preparation",
        term="libjpeg quality factor",
        main=True,
        ge=1,
        le=95,
    )
    holes: int = option(
        25,
        title="Holes up to",
        help="The largest part that it learns to fill in. For *Holes* only.",
        group="Preparation",
        term="mask ratio",
        unit="%",
        main=True,
        ge=1,
        le=70,
    )
    vary: bool = option(
        True,
        title="Mild to strong",
        help="Spoils each one by another amount, from a fifth of the strength above to all of"
        " it. Off, always by all of it: better there, worse on milder cases.",
        group="Preparation",
        term="blind restoration",
    )
    turn: bool = option(
        True,
        title="Turned copies",
        help="Shows everything mirrored and turned by quarter circles as well: eight out of one."
        " Fine detail looks alike in all directions.",
        group="Augmentation",
        term="geometric augmentation ×8",
    )
    crop: int = option(
        64,
        title="Piece size",
        help="Larger ones are learned from in random pieces of this size.",
        group="Size",
        term="patch size",
        unit="px",
        ge=16,
        le=512,
    )
    network: Literal["auto", "edsr", "nafnet"] = option(
        "auto",
        title="Network",
        help="Plain blocks are quick and look at what is near. Gates and attention look further"
        " and take longer. Automatic takes them for blur and holes.",
        group="Size",
        term="EDSR or NAFNet",
        main=True,
        choices={"auto": "Automatic", "edsr": "Plain blocks", "nafnet": "Gates and attention"},
    )
    width: int = option(
        32,
        title="Width",
        help="Channels of the network. Wider ones repair finer detail and take longer.",
        group="Size",
        term="base channels",
        main=True,
        ge=8,
        le=256,
    )
    blocks: int = option(
        6,
        title="Depth",
        help="Blocks in a row. Deeper networks look further around each pixel.",
        group="Size",
        term="residual blocks",
        ge=1,
        le=64,
    )
    learning_rate: float = option(
        1e-3,
        title="Learning rate",
        help="How large each correction is at first; it falls to zero over the run.",
        group="Learning",
        term="peak learning rate of AdamW, cosine decay",
        gt=0,
        le=0.1,
    )
    loss: Literal["charbonnier", "l1", "l2"] = option(
        "charbonnier",
        title="Error counts",
        help="How a wrong pixel counts. Squared, large errors count most, and it learns to play"
        " safe: soft results.",
        group="Learning",
        term="Charbonnier, L1 or L2 loss",
        choices={"charbonnier": "Evenly, smooth", "l1": "Evenly", "l2": "Squared"},
    )
    critic: float = option(
        0.0,
        title="Invented detail",
        help="How much a critic demands detail that looks real. It makes results crisper and"
        " takes them further from the truth; 0 is off, 0.01 is plenty.",
        group="Learning",
        term="weight of the adversarial loss (PatchGAN)",
        choices={"0": "Off"},
        ge=0,
        le=1,
    )


class RestoreSettings(SampleSettings):
    """How pictures are restored."""

    strength: float = option(
        1.0,
        title="How much",
        help="1 is the repaired result, 0 your own as it is, and between them both mixed.",
        group="Sampling",
        term="blend of output and input",
        main=True,
        ge=0,
        le=1,
    )
    noise: float = option(
        0.0,
        title="Strength of the noise",
        help="How strong you take the noise to be; more smooths more. Automatic leaves it to the"
        " model. For models that remove noise.",
        group="Sampling",
        term="assumed σ of the noise",
        unit="of 255",
        main=True,
        choices={"0": "Automatic"},
        ge=0,
        le=100,
    )
    tile: int = option(
        256,
        title="Piece size",
        help="Large pictures are worked on in overlapping pieces of this size, without seams."
        " Smaller takes less memory and more time.",
        group="Machine",
        term="tile size",
        unit="px",
        ge=32,
        le=4096,
    )


PRESETS = (
    Preset(
        id="quick",
        title="Quick",
        summary="A visible repair within 3 minutes on an ordinary processor.",
        options={"steps": 1500, "batch_size": 32, "minutes": 2.8, "crop": 48},
    ),
    Preset(
        id="balanced",
        title="Balanced",
        summary="Finer repairs from pieces of 128-pixel pictures: hours on a processor, minutes on"
        " a card.",
        options={"steps": 20_000, "batch_size": 16, "width": 48, "blocks": 12},
        preparation={"size": 128},
    ),
    Preset(
        id="best",
        title="Best",
        summary="The networks of the papers on pieces of large pictures; meant for a graphics"
        " card.",
        options={
            "steps": 100_000,
            "batch_size": 16,
            "crop": 96,
            "width": 64,
            "blocks": 16,
            "learning_rate": 4e-4,
        },
        preparation={"size": 256},
    ),
)
