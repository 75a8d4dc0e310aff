"""What the window and the docs say of sounds by rule."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.audio.sample_metrics import SAMPLE_METRICS


def _error(of: str, help_text: str) -> dict[str, Metric]:
    """Return a measure of the recordings listened to, and the same of unseen ones."""
    return {
        f"{of}_error": Metric(
            title=f"Spread of the {of}", help=help_text, unit="dB", better="lower"
        ),
        f"val_{of}_error": Metric(
            title=f"Spread of the {of}, unseen",
            help="The same on recordings that were kept for checking.",
            unit="dB",
            better="lower",
        ),
    }


INFO = FamilyInfo(
    id="synth",
    title="Sounds by rule",
    modality=Modality.AUDIO,
    tasks=(Task.GENERATE,),
    summary="Makes drums, effects of games, bells and pads by rules, in the colour of your"
    " recordings. No network, ready in seconds.",
    needs="Any recordings; only their balance of highs and lows and their course are learned.",
    caution="This is the baseline: rules that know nothing of your recordings but their average"
    " colour. A trained model has to beat its distance to real recordings.",
    typical_time="Seconds.",
    papers=(
        Paper(
            title="The Synthesis of Complex Audio Spectra by Means of Frequency Modulation",
            authors="Chowning",
            year=1973,
            url="https://www.aes.org/e-lib/browse.cfm?elib=1954",
        ),
        Paper(
            title="Digital Synthesis of Plucked-String and Drum Timbres",
            authors="Karplus, Strong",
            year=1983,
            url="https://doi.org/10.2307/3680062",
        ),
        Paper(
            title="Antialiasing Oscillators in Subtractive Synthesis",
            authors="Välimäki, Huovilainen",
            year=2007,
            url="https://doi.org/10.1109/MSP.2007.323276",
        ),
        Paper(
            title="The Euclidean Algorithm Generates Traditional Musical Rhythms",
            authors="Toussaint",
            year=2005,
            url="https://archive.bridgesmathart.org/2005/bridges2005-47.html",
        ),
    ),
    explains="learn/synth.md",
    metrics=_error(
        "colour",
        "How far the balance of highs and lows of a recording is from the mean of its label.",
    )
    | _error("course", "How far its course of loud and quiet is from the mean of its label.")
    | SAMPLE_METRICS,
    best="val_colour_error",
    figures=("colour_error", "course_error", "sample_distance"),
    variety=True,
    place=200,
)
