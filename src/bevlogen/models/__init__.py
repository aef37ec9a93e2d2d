"""The estimators alone: arrays in, frozen records out. One module per question."""

from bevlogen.models import agreement, anova, lmm, meta, panel, reliability

__all__ = ["agreement", "anova", "lmm", "meta", "panel", "reliability"]
