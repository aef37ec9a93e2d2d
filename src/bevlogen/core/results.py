"""The records that rooms hand on. Each is frozen, knows its terms (``tidy``) and its model (``glance``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bevlogen.core.glossary import COLUMNS

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Design = Literal["cross-sectional", "within", "lagged", "experiment"]
OVER_TIME: tuple[Design, ...] = ("within", "lagged")
Verdict = Literal["supported", "contradicted", "no meaningful effect", "undetermined"]
SimilarBy = Literal["", "service", "group", "all"]
Rule = Literal["threshold", "complement", "all-equal", "response", "unknown-n"]
Basis = Literal["own past", "peers", "norm"]
EffectMethod = Literal["staggered", "synthetic", "interrupted", "none"]
EffectVerdict = Literal["worked", "backfired", "no meaningful effect", "too early", "undetermined"]


def table(columns: Mapping[str, Sequence[object] | FloatArray | IntArray]) -> pa.Table:
    """Build an Arrow table whose column names all stand in the glossary; NaN becomes null."""
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise KeyError(f"Columns {unknown} are not in core/glossary.py. Add them there with unit and meaning.")
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from: version of the software, fingerprint of the data, seed, and the formula used."""

    version: str
    fingerprint: str
    seed: int
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95% limits; limits are NaN where they cannot be had."""

    estimate: float
    low: float = float("nan")
    high: float = float("nan")


def html_table(data: pa.Table) -> str:
    """Render a small Arrow table for a notebook."""
    from html import escape

    def cell(value: Any) -> str:
        return "" if value is None else f"{value:.3g}" if isinstance(value, float) else escape(str(value))

    head = "".join(f"<th>{escape(name)}</th>" for name in data.column_names)
    body = "".join("<tr>" + "".join(f"<td>{cell(v)}</td>" for v in row.values()) + "</tr>" for row in data.to_pylist())
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
