"""Bevlogen: what do I steer on, the customer or the employee?

>>> import bevlogen as bv
>>> sorted(name for name in bv.__all__ if name.islower())  # doctest: +NORMALIZE_WHITESPACE
['audit', 'check', 'comments', 'documents', 'figures', 'instruments', 'interventions',
 'models', 'new', 'open', 'pages', 'reopen', 'simulate', 'thresholds']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bevlogen import models as models
    from bevlogen.core import thresholds as thresholds
    from bevlogen.core.chain import CONSTRUCTS as CONSTRUCTS
    from bevlogen.core.chain import FACETS as FACETS
    from bevlogen.core.judged import Chain as Chain
    from bevlogen.core.measured import Measurement as Measurement
    from bevlogen.core.planned import Cost as Cost
    from bevlogen.core.planned import Limits as Limits
    from bevlogen.core.planned import Plan as Plan
    from bevlogen.core.released import Inference as Inference
    from bevlogen.core.shown import Release as Release
    from bevlogen.disclose import comments as comments
    from bevlogen.disclose import reopen as reopen
    from bevlogen.errors import BevlogenError as BevlogenError
    from bevlogen.errors import Fault as Fault
    from bevlogen.errors import WorkspaceError as WorkspaceError
    from bevlogen.show import documents as documents
    from bevlogen.show import pages as pages
    from bevlogen.show import specs as figures
    from bevlogen.sources import check as check
    from bevlogen.sources import questionnaires as instruments
    from bevlogen.sources import simulate as simulate
    from bevlogen.sources import write_template as new
    from bevlogen.steer.evidence import interventions as interventions
    from bevlogen.study import Study as Study
    from bevlogen.study import audit as audit
    from bevlogen.study import open_study as open  # noqa: A004 - public as bv.open

__version__ = "0.1.0"

# Public name -> where it lives. Loaded on first use, so that the command line starts at once.
_HOMES = {
    "audit": ("bevlogen.study", "audit"),
    "open": ("bevlogen.study", "open_study"),
    "check": ("bevlogen.sources", "check"),
    "new": ("bevlogen.sources", "write_template"),
    "simulate": ("bevlogen.sources", "simulate"),
    "instruments": ("bevlogen.sources", "questionnaires"),
    "interventions": ("bevlogen.steer.evidence", "interventions"),
    "CONSTRUCTS": ("bevlogen.core.chain", "CONSTRUCTS"),
    "FACETS": ("bevlogen.core.chain", "FACETS"),
    "Study": ("bevlogen.study", "Study"),
    "Cost": ("bevlogen.core.planned", "Cost"),
    "Limits": ("bevlogen.core.planned", "Limits"),
    "Measurement": ("bevlogen.core.measured", "Measurement"),
    "Inference": ("bevlogen.core.released", "Inference"),
    "Chain": ("bevlogen.core.judged", "Chain"),
    "Plan": ("bevlogen.core.planned", "Plan"),
    "Release": ("bevlogen.core.shown", "Release"),
    "BevlogenError": ("bevlogen.errors", "BevlogenError"),
    "WorkspaceError": ("bevlogen.errors", "WorkspaceError"),
    "Fault": ("bevlogen.errors", "Fault"),
    "models": ("bevlogen.models", ""),
    "comments": ("bevlogen.disclose.comments", ""),
    "documents": ("bevlogen.show.documents", ""),
    "figures": ("bevlogen.show.specs", ""),
    "pages": ("bevlogen.show.pages", ""),
    "reopen": ("bevlogen.disclose", "reopen"),
    "thresholds": ("bevlogen.core.thresholds", ""),
}

__all__ = [
    "CONSTRUCTS",
    "FACETS",
    "BevlogenError",
    "Chain",
    "Cost",
    "Fault",
    "Inference",
    "Limits",
    "Measurement",
    "Plan",
    "Release",
    "Study",
    "WorkspaceError",
    "audit",
    "check",
    "comments",
    "documents",
    "figures",
    "instruments",
    "interventions",
    "models",
    "new",
    "open",
    "pages",
    "reopen",
    "simulate",
    "thresholds",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'bevlogen has no "{name}". Public names: {", ".join(__all__)}.')
    module, attribute = _HOMES[name]
    loaded = importlib.import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
