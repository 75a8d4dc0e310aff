"""What the window and the docs say of CycleGAN for films."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.cyclegan_info import INFO as OF_PICTURES

INFO = FamilyInfo(
    id="video_cyclegan",
    title="Film CycleGAN",
    modality=Modality.VIDEO,
    tasks=(Task.TRANSLATE,),
    summary="Turns films of one kind into another kind and back, such as day into night, without"
    " flicker; the sound stays. Learns from two piles of clips that need not belong together.",
    needs="Two datasets, some dozen clips each, that show alike things in two ways.",
    partner="unpaired",
    partner_needs="clips of the other kind",
    caution="The critics' and generators' scores are a game's and do not fall as films get"
    " better. Judge the samples, the distance to the other kind and the flicker.",
    typical_time="Quick: 3 minutes on a processor. Best: many hours on a graphics card.",
    papers=(
        *OF_PICTURES.papers,
        Paper(
            title="Learning Blind Video Temporal Consistency",
            authors="Lai et al.",
            year=2018,
            url="https://arxiv.org/abs/1808.00449",
        ),
    ),
    explains="learn/video_cyclegan.md",
    metrics=OF_PICTURES.metrics
    | {
        "temporal": Metric(
            title="Trembling",
            help="How much more results change from frame to frame than the clips that they were"
            " made of, where those stand still; both ways together.",
            better="lower",
        ),
        "val_flicker_ratio": Metric(
            title="Flicker",
            help="How restless translated clips are beside those that they were made of, on clips"
            " kept for checking. 1 is as restless; far above, results flicker.",
            better="lower",
        ),
        "val_overall": Metric(
            title="Distance and loss together",
            help="The distance to the other kind and what is lost on the way back, added up. The"
            " best checkpoint follows it.",
            better="lower",
        ),
    },
    place=40,
    best="val_overall",
    figures=("val_distance", "val_flicker_ratio", "val_cycle_psnr"),
)
