"""What the window and the docs say of style transfer."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality

INFO = FamilyInfo(
    id="style_transfer",
    title="Style transfer",
    modality=Modality.IMAGE,
    tasks=(Task.STYLIZE,),
    summary="Repaints your pictures with the colours and strokes of one or several style pictures.",
    needs="A few hundred pictures of what you want to repaint, and 1 to 64 style pictures.",
    partner="styles",
    partner_needs="style pictures to imitate",
    caution="Closer to the style means further from the picture: the two pull at each other. Judge"
    " the samples.",
    typical_time="Quick: 3 minutes on a processor. Best: an hour on a graphics card.",
    papers=(
        Paper(
            title="Image Style Transfer Using Convolutional Neural Networks",
            authors="Gatys, Ecker, Bethge",
            year=2016,
            url="https://doi.org/10.1109/CVPR.2016.265",
        ),
        Paper(
            title="Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
            authors="Johnson, Alahi, Fei-Fei",
            year=2016,
            url="https://arxiv.org/abs/1603.08155",
        ),
        Paper(
            title="A Learned Representation for Artistic Style",
            authors="Dumoulin, Shlens, Kudlur",
            year=2017,
            url="https://arxiv.org/abs/1610.07629",
        ),
        Paper(
            title="Very Deep Convolutional Networks for Large-Scale Image Recognition",
            authors="Simonyan, Zisserman",
            year=2015,
            url="https://arxiv.org/abs/1409.1556",
        ),
        Paper(
            title="Weight Standardization",
            authors="Qiao et al.",
            year=2019,
            url="https://arxiv.org/abs/1903.10520",
        ),
    ),
    explains="learn/style_transfer.md",
    metrics={
        "loss": Metric(
            title="Loss",
            help="Distance from the style and from the picture together, weighted as set.",
            better="lower",
        ),
        "style": Metric(
            title="Distance from the style",
            help="0 has the style's colours and strokes; 1 has nothing of it.",
            better="lower",
        ),
        "content": Metric(
            title="Distance from the picture",
            help="0 shows the same as the picture; 1 shows nothing of it.",
        ),
        "drawn": Metric(
            title="Learning to see",
            help="How far pictures are from their copies, drawn from what texture mode sees."
            " It learns this for the first third of the run.",
            better="lower",
        ),
        "val_loss": Metric(
            title="Loss, unseen",
            help="The loss at full strength, on pictures kept for checking; measured once texture"
            " mode has learned to see.",
            better="lower",
        ),
        "val_style": Metric(
            title="Distance from the style, unseen",
            help="The same on pictures kept for checking. The picture itself is shown as 1.",
            better="lower",
        ),
        "val_content": Metric(
            title="Distance from the picture, unseen",
            help="The same on pictures kept for checking.",
        ),
    },
    best="val_loss",
    figures=("val_style", "val_content"),
    place=80,
)
