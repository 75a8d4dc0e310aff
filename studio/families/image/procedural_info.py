"""What the window and the docs say of rule-based pictures."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.image.sample_metrics import SAMPLE_METRICS

INFO = FamilyInfo(
    id="procedural",
    title="Patterns by rule",
    modality=Modality.IMAGE,
    tasks=(Task.GENERATE, Task.INTERPOLATE),
    summary="Draws patterns by rules in the colours of your pictures. No network, ready in"
    " seconds, any size.",
    needs="Any pictures; only their colours are learned.",
    caution="This is the baseline: rules that know nothing of your pictures but their colours. A"
    " trained model has to beat its distance to real pictures.",
    typical_time="Seconds.",
    papers=(
        Paper(
            title="An Image Synthesizer",
            authors="Perlin",
            year=1985,
            url="https://doi.org/10.1145/325165.325247",
        ),
        Paper(
            title="A Cellular Texture Basis Function",
            authors="Worley",
            year=1996,
            url="https://doi.org/10.1145/237170.237267",
        ),
        Paper(
            title="The Tiling Patterns of Sebastien Truchet and the Topology of Structural"
            " Hierarchy",
            authors="Smith",
            year=1987,
            url="https://doi.org/10.2307/1578535",
        ),
        Paper(
            title="Statistical Mechanics of Cellular Automata",
            authors="Wolfram",
            year=1983,
            url="https://doi.org/10.1103/RevModPhys.55.601",
        ),
        Paper(
            title="Convergence Properties of the K-Means Algorithms",
            authors="Bottou, Bengio",
            year=1995,
            url="https://papers.nips.cc/paper/1994/hash/"
            "a1140a3d0df1c81e24ae954d935e8926-Abstract.html",
        ),
        Paper(
            title="k-means++: The Advantages of Careful Seeding",
            authors="Arthur, Vassilvitskii",
            year=2007,
            url="https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf",
        ),
    ),
    explains="learn/procedural.md",
    metrics={
        "palette_error": Metric(
            title="Colour error",
            help="How far the pictures' colours are from the nearest colour of the palette, where"
            " black and white are 100 apart and 2 can just be seen.",
            better="lower",
        ),
        "colours_used": Metric(
            title="Colours in use",
            help="How many colours of the palette the pictures share out evenly (the exponential"
            " of the entropy of their shares).",
            unit="colours",
        ),
        "val_palette_error": Metric(
            title="Colour error, unseen",
            help="The same on pictures that were kept for checking.",
            better="lower",
        ),
    }
    | SAMPLE_METRICS,
    best="val_palette_error",
    figures=("palette_error", "sample_distance", "diversity"),
)
