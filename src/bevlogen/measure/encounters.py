"""The encounters one by one, for the few methods that need rows. They are handed to those methods and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bevlogen.core.measured import Encounters, Measurement, ScaleQuality
from bevlogen.measure.aggregate import Layout, layouts, places, score_rows
from bevlogen.measure.tree import tree_of

if TYPE_CHECKING:
    from bevlogen.core.tables import Workspace

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def _function(name: str) -> Any:
    """Name a function of the engine, of one argument."""

    def of(text: str) -> str:
        raise NotImplementedError  # Ibis sends the function of the engine

    signature = ((ibis.dtype("string"),), ibis.dtype("string"))
    return ibis.udf.scalar.builtin(of, name=name, signature=signature)


def _md5(text: ibis.Value, engine: str) -> ibis.Value:
    """Lower-case hexadecimal MD5: the same for a text on every engine, so the same customers are taken."""
    if engine == "clickhouse":
        return _function("hex")(_function("MD5")(text)).lower()
    if engine == "trino":
        return _function("to_hex")(_function("md5")(_function("to_utf8")(text))).lower()
    return _function("md5")(text)


_PEOPLE = ("employee", "customer", "service")
# Beyond this many rows a share of the customers stands for all: the methods that need rows gain nothing from more.
MOST_ROWS = 150_000


def encounters(workspace: Workspace, measurement: Measurement) -> Encounters | None:
    """Fetch the ratings of encounters, scored, with who met whom; None without an interactions table that is scored.

    Parameters
    ----------
    workspace : a checked workspace; its rows are asked for once and not changed.
    measurement : of the same workspace; its panel gives the unit codes, its scales the reliabilities.

    Returns
    -------
    Encounters or None
        Rows of units of the panel with at least one score. Above ``MOST_ROWS`` rows, all encounters of a fixed share of
        the customers (by a hash of the pseudonym, so always the same ones) or, without customers, every k-th
        encounter of each unit and period. Codes follow the alphabet of the pseudonyms, so they do
        not depend on the order of rows. Nothing of it is printed, logged or shown.

    Notes
    -----
    Scores by the same expressions as the one scan. A row's service is what its table says, else that of its unit; the
    co-creation of a service is the mean degree of its units. Reliability is omega, else alpha, over all rows, lowered
    for scores of which items are missing: with k items asked and a answered the error variance is k / a times as large
    (parallel items), averaged over the scores.
    """
    layout = next((x for x in layouts(workspace) if x.rows.name == "interactions"), None)
    if layout is None:
        return None
    panel = measurement.panel
    rows = _fetched(layout, workspace, _step(layout, measurement))
    unit, period = places(rows["unit"], panel.units), places(rows["period"], panel.periods)
    scores = np.column_stack([_floats(rows[f"v{i}"]) + scale.middle for i, scale in enumerate(layout.scales)])
    keep = np.flatnonzero((unit >= 0) & (period >= 0) & np.isfinite(scores).any(axis=1))
    unit = unit[keep]
    people = {name: _codes(rows[name].take(pa.array(keep))) for name in _PEOPLE if name in rows.column_names}
    nobody = np.full(len(keep), -1, dtype=np.int64)
    service, services = people.get("service", (nobody, ()))
    if "service" not in people:
        services = tuple(sorted({s for s in panel.services if s}))
        service = np.array([services.index(s) if s else -1 for s in panel.services], dtype=np.int64)[unit]
    quality = {scale.construct: scale for scale in measurement.scales}
    noise = [_noise(rows, layout, c) for c in range(len(layout.scales))]
    return Encounters(
        variables=tuple(s.construct for s in layout.scales),
        unit=unit,
        period=period[keep],
        employee=people["employee"][0] if "employee" in people else nobody,
        customer=people["customer"][0] if "customer" in people else nobody,
        service=service,
        scores=scores[keep],
        low=np.array([s.low for s in layout.scales]),
        high=np.array([s.high for s in layout.scales]),
        reliability=np.array(
            [_reliability(s.construct, quality, more) for s, more in zip(layout.scales, noise, strict=True)]
        ),
        services=services,
        co_creation=_co_creation(services, workspace),
    )


def _step(layout: Layout, measurement: Measurement) -> int:
    """Return k where one in k customers is enough; 1 for all."""
    construct = layout.scales[0].construct
    scans = [m for m in measurement.panel.scans if construct in m.variables]
    return max(1, int(np.ceil(sum(float(m.rows.sum()) for m in scans) / MOST_ROWS)))


def _fetched(layout: Layout, workspace: Workspace, step: int) -> pa.Table:
    """Send the one query: unit, period, who met whom, and the scores; of one in ``step`` customers."""
    people = [name for name in _PEOPLE if name in layout.rows.columns]
    table = score_rows(layout, workspace, people)
    if step > 1 and "customer" in people:
        digest = _md5(table["customer"], layout.rows.relation.get_backend().name)
        table = table.filter(digest.substr(0, 8) < f"{2**32 // step:08x}")
    elif step > 1:
        place = ibis.row_number().over(group_by=["unit", "period"], order_by=list(table.columns))
        table = table.mutate(place=place).filter(ibis._["place"] % step == 0)
    answered = {f"a{c}": table[f"a{c}"].cast("int8") for c in range(len(layout.instruments))}
    scores = [f"v{i}" for i in range(len(layout.scales))]
    return layout.rows.fetch(table.select("unit", "period", *people, *scores, **answered))


def _codes(column: pa.ChunkedArray) -> tuple[IntArray, tuple[str, ...]]:
    """Return codes in the order of the alphabet, -1 for unknown, and the labels."""
    labels = tuple(sorted(pc.unique(column.cast(pa.string())).drop_null().to_pylist()))
    return places(column, labels), labels


def _floats(column: pa.ChunkedArray) -> FloatArray:
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _reliability(construct: str, quality: Mapping[str, ScaleQuality], noise: float) -> float:
    """Reliability of the scores as they are, with ``noise`` times the error of a score of all items."""
    scale = quality.get(construct)
    if scale is None:
        return float("nan")
    whole = scale.alpha.estimate if np.isnan(scale.omega.estimate) else scale.omega.estimate
    return whole / (whole + noise * (1 - whole)) if whole > 0 else whole


def _noise(rows: pa.Table, layout: Layout, c: int) -> float:
    """Mean of items asked over items answered, over the scores of instrument ``c``; 1 for a mean of facets."""
    if c >= len(layout.instruments):
        return 1.0
    instrument = layout.instruments[c]
    size = np.bincount(np.asarray(rows[f"a{c}"].to_numpy(), dtype=np.int64), minlength=len(instrument.items) + 1)
    least = max(instrument.min_answered, 1)
    answered = np.arange(least, len(size))
    scored = size[least:].sum()
    return float(len(instrument.items) * (size[least:] / answered).sum() / scored) if scored else 1.0


def _co_creation(services: tuple[str, ...], workspace: Workspace) -> FloatArray:
    """Mean degree of the units of each service; NaN where none says."""
    named = tree_of(workspace.units).service
    out = np.full(len(services), np.nan)
    for i, service in enumerate(services):
        degrees = [
            u.co_creation
            for u, s in zip(workspace.units, named, strict=True)
            if s == service and u.co_creation is not None
        ]
        out[i] = np.mean(degrees) if degrees else np.nan
    return out
