"""What the window and the docs say of the restoration of films."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Paper, Task
from studio.core.media import Modality
from studio.families.image.restore_info import INFO as OF_PICTURES

INFO = FamilyInfo(
    id="video_restore",
    title="Film restoration",
    modality=Modality.VIDEO,
    tasks=(Task.RESTORE,),
    summary="Repairs or enlarges whole films of your own, each frame with the help of its"
    " neighbours; the sound stays. Learns from clean clips alone.",
    needs="Some dozen clean, sharp clips of the kind that you want to repair. It spoils them"
    " itself.",
    caution="Gain is what counts: how much closer to the clean frame a repaired one is than the"
    " spoiled one, on clips that it never saw.",
    typical_time="Quick: 5 minutes on a processor. Best: hours on a graphics card.",
    papers=(
        Paper(
            title="Video Super-Resolution With Convolutional Neural Networks",
            authors="Kappeler et al.",
            year=2016,
            url="https://doi.org/10.1109/TCI.2016.2532323",
        ),
        *OF_PICTURES.papers,
    ),
    explains="learn/video_restore.md",
    metrics=OF_PICTURES.metrics,
    place=50,
    best="val_psnr",
    figures=("val_psnr_gain", "val_psnr", "val_ssim"),
)
