"""What the window and the docs say of motion by rule."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.video.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="motion",
    title="Motion by rule",
    modality=Modality.VIDEO,
    tasks=(Task.GENERATE,),
    summary="Draws moving graphics by rules in the colours of your clips. No network, ready in"
    " seconds, any size and length, seamless loops.",
    needs="Any clips; only their colours are learned.",
    caution="This is the baseline: rules that know nothing of your clips but their colours. A"
    " trained model has to beat its distance to your clips.",
    typical_time="Seconds.",
    papers=(
        Paper(
            title="Principles of Traditional Animation Applied to 3D Computer Animation",
            authors="Lasseter",
            year=1987,
            url="https://doi.org/10.1145/37402.37407",
        ),
        Paper(
            title="Particle Systems: A Technique for Modeling a Class of Fuzzy Objects",
            authors="Reeves",
            year=1983,
            url="https://doi.org/10.1145/357318.357320",
        ),
        Paper(
            title="k-means++: The Advantages of Careful Seeding",
            authors="Arthur, Vassilvitskii",
            year=2007,
            url="https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf",
        ),
    ),
    explains="learn/motion.md",
    metrics={
        "palette_error": Metric(
            title="Colour error",
            help="How far the clips' colours are from the nearest colour of the palette, where"
            " black and white are 100 apart and 2 can just be seen.",
            better="lower",
        ),
        "colours_used": Metric(
            title="Colours in use",
            help="How many colours of the palette the clips share out evenly (the exponential of"
            " the entropy of their shares).",
            unit="colours",
        ),
        "val_palette_error": Metric(
            title="Colour error, unseen",
            help="The same on clips that were kept for checking.",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    place=200,
    best="val_palette_error",
    figures=("palette_error", "sample_distance", "diversity"),
)
