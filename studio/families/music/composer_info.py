"""What the window and the docs say of the composer."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality
from studio.families.music.sample_metrics import SAMPLE_METRICS


def _surprise(of: str, help_text: str) -> dict[str, Metric]:
    """Return a measure of the pieces learned from, and the same of unseen ones."""
    return {
        f"{of}_surprise": Metric(
            title=f"Surprise of {of}", help=help_text, unit="nats", better="lower"
        ),
        f"val_{of}_surprise": Metric(
            title=f"Surprise of {of}, unseen",
            help="The same on pieces that were kept for checking.",
            unit="nats",
            better="lower",
        ),
    }


INFO = FamilyInfo(
    id="composer",
    title="Composer by rule",
    modality=Modality.MUSIC,
    tasks=(Task.GENERATE, Task.CONTINUE),
    summary="Composes by the rules of harmony, voice leading and form, in the manner of your"
    " pieces. No network, ready in seconds.",
    needs="Any pieces; their keys, chords, rhythms and steps of melody are counted.",
    caution="This is the baseline: rules that know of your pieces no more than what can be"
    " counted. A trained model has to sound more like your music.",
    typical_time="Seconds.",
    papers=(
        Paper(
            title="Finite-Length Markov Processes with Constraints",
            authors="Pachet, Roy, Barbieri",
            year=2011,
            url="https://www.ijcai.org/Proceedings/11/Papers/113.pdf",
        ),
        Paper(
            title="Towards a generative syntax of tonal harmony",
            authors="Rohrmeier",
            year=2011,
            url="https://doi.org/10.1080/17459737.2011.573676",
        ),
        Paper(
            title="The Euclidean Algorithm Generates Traditional Musical Rhythms",
            authors="Toussaint",
            year=2005,
            url="https://archive.bridgesmathart.org/2005/bridges2005-47.html",
        ),
        Paper(
            title="Cognitive Foundations of Musical Pitch",
            authors="Krumhansl",
            year=1990,
            url="https://doi.org/10.1093/acprof:oso/9780195148367.001.0001",
        ),
    ),
    explains="learn/composer.md",
    metrics=_surprise(
        "melody", "How unexpected each step of a melody is, by what was counted so far."
    )
    | _surprise("rhythm", "How unexpected the rhythm of each beat is.")
    | _surprise("chord", "How unexpected each chord is after the one before.")
    | SAMPLE_METRICS,
    best="val_melody_surprise",
    figures=("melody_surprise", "rhythm_surprise", "chord_surprise"),
    variety=True,
    place=200,
)
