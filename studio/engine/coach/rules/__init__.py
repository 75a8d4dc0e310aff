"""What the coach looks for: one rule per way in which training goes wrong.

A rule applies where the metrics that it needs are measured, whatever the family. Thresholds were
tuned on runs that were broken on purpose; these stay as tests.
"""

from __future__ import annotations

from studio.engine.coach.rules.ada import ADA_RULES
from studio.engine.coach.rules.adversarial import ADVERSARIAL_RULES
from studio.engine.coach.rules.clips import CLIP_RULES
from studio.engine.coach.rules.codebook import CODEBOOK_RULES
from studio.engine.coach.rules.denoising import DENOISING_RULES
from studio.engine.coach.rules.foreseeing import FORESEEING_RULES
from studio.engine.coach.rules.general import GENERAL_RULES
from studio.engine.coach.rules.language import LANGUAGE_RULES
from studio.engine.coach.rules.music import MUSIC_RULES
from studio.engine.coach.rules.restoration import RESTORATION_RULES
from studio.engine.coach.rules.rule import Rule
from studio.engine.coach.rules.samples import SAMPLE_RULES
from studio.engine.coach.rules.sound import SOUND_RULES
from studio.engine.coach.rules.translation import TRANSLATION_RULES

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    *GENERAL_RULES,
    *ADVERSARIAL_RULES,
    *ADA_RULES,
    *SAMPLE_RULES,
    *RESTORATION_RULES,
    *TRANSLATION_RULES,
    *CODEBOOK_RULES,
    *DENOISING_RULES,
    *FORESEEING_RULES,
    *LANGUAGE_RULES,
    *MUSIC_RULES,
    *SOUND_RULES,
    *CLIP_RULES,
)
