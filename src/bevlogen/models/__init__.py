"""The estimators alone: arrays in, frozen records out. One module per question, loaded when it is first asked for."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = [
    "agreement",
    "anova",
    "ceiling",
    "control",
    "crossed",
    "did",
    "dpm",
    "forewarning",
    "glmm",
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


def __getattr__(name: str) -> ModuleType:
    if name not in __all__:
        raise AttributeError(f'bevlogen.models has no "{name}". Its modules: {", ".join(__all__)}.')
    return importlib.import_module(f"bevlogen.models.{name}")
