"""The estimators alone: arrays in, frozen records out. One module per question."""

from bevlogen.models import (
    agreement,
    anova,
    ceiling,
    crossed,
    dpm,
    lmm,
    mediation,
    meta,
    micromacro,
    panel,
    reliability,
    riclpm,
    sem,
    shapley,
)

__all__ = [
    "agreement",
    "anova",
    "ceiling",
    "crossed",
    "dpm",
    "lmm",
    "mediation",
    "meta",
    "micromacro",
    "panel",
    "reliability",
    "riclpm",
    "sem",
    "shapley",
]
