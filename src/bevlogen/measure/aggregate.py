"""The one scan: per row table one grouped query for counts, sums and cross-products. Nothing else touches rows.

The query runs where the rows are. It takes four projections (answers centred and turned, scores, parents of facets,
gaps filled with 0), each computed once per row, and then plain sums, so the same expressions run on every engine.
(PostgreSQL turns a truth into a double only by way of a 32-bit integer.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bevlogen.core.chain import parent_construct
from bevlogen.core.moment_store import with_part
from bevlogen.core.moments import Moments, Scan
from bevlogen.core.progress import part_of
from bevlogen.core.tables import Instrument, RowTable, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Ends of the scale that a construct's scores stand on; ``facets`` are the scores it is the mean of, if any."""

    construct: str
    low: float
    high: float
    facets: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """Middle of the scale, subtracted before summing."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """What one row table is asked for: its instruments and the scales of its scores, parents of facets last."""

    rows: RowTable
    instruments: tuple[Instrument, ...]
    scales: tuple[Scale, ...]


def scan(workspace: Workspace) -> tuple[Scan, ...]:
    """Ask every row table once for its counts, sums and cross-products per unit and period.

    Parameters
    ----------
    workspace : a checked workspace; its rows are not changed and not copied.

    Returns
    -------
    tuple of Scan
        One per row table that carries an instrument, in the workspace's order. Unit codes index ``workspace.units``,
        period codes ``workspace.periods``; cells in that order. Rows of units or periods that the workspace does not
        name are left out (``sources`` has reported them).

    Notes
    -----
    The score of a row is the mean of the items answered, reverse-keyed items turned (``low + high - answer``); it is
    missing where fewer than ``min_answered`` are. A construct with facets and no instrument of its own scores the mean
    of the facet scores present, those of which less is better turned, on the range of its first facet. Scores are
    centred at the middle of their scale, items likewise. Item moments cover the rows with all items answered.
    """
    return tuple(_scan(layout, _cells(layout, workspace), workspace) for layout in layouts(workspace))


def _cells(layout: Layout, workspace: Workspace) -> pa.Table:
    """Return a row per unit and period with every sum: of one query, or of a query per part that is not known yet."""
    rows = layout.rows
    if rows.store is None:
        return rows.fetch(query(layout, workspace))
    keys = [part.key for part in rows.parts]
    done, cells = rows.store.summed(rows.name, keys)
    for place, part in enumerate(rows.parts[done:]):
        with part_of(place, len(rows.parts) - done):
            own = rows.store.cells(part.key)
            if own is None:
                own = rows.fetch(query(replace(layout, rows=replace(rows, relation=part.relation)), workspace))
                rows.store.keep(part.key, part.facts, own)
            cells = with_part(cells, own, replaces=part.replaces)
    rows.store.keep_sum(rows.name, keys, cells)
    return cells


def layouts(workspace: Workspace) -> tuple[Layout, ...]:
    """Return what each row table is asked for; a construct that an earlier table or instrument scores is left to it."""
    named = {i.construct for i in workspace.organisation.instruments}
    taken: set[str] = set()
    out = []
    for rows in workspace.rows:
        mine = []
        for instrument in workspace.organisation.instruments:
            if instrument.table == rows.name and instrument.construct not in taken:
                taken.add(instrument.construct)
                mine.append(instrument)
        scales = [Scale(i.construct, i.low, i.high) for i in mine]
        facets: dict[str, list[Scale]] = {}
        for scale in scales:
            parent = parent_construct(scale.construct)
            if parent not in named | taken:
                facets.setdefault(parent, []).append(scale)
        scales += [Scale(p, f[0].low, f[0].high, tuple(s.construct for s in f)) for p, f in facets.items()]
        taken |= set(facets)
        if mine:
            out.append(Layout(rows, tuple(mine), tuple(scales)))
    return tuple(out)


def query(layout: Layout, workspace: Workspace) -> ibis.Table:
    """Return the grouped query of a row table, one row per unit and period, not yet sent."""
    instruments, scales = layout.instruments, layout.scales
    filled = _filled(score_rows(layout, workspace), instruments, scales)
    p = range(len(scales))
    sums = {"rows": filled.count()}
    for i in p:
        for j in p:
            if i <= j:
                sums[f"n_{i}_{j}"] = (filled[f"p{i}"] * filled[f"p{j}"]).sum()
                sums[f"q_{i}_{j}"] = (filled[f"z{i}"] * filled[f"z{j}"]).sum()
            sums[f"s_{i}_{j}"] = filled[f"z{i}"].sum() if i == j else (filled[f"z{i}"] * filled[f"p{j}"]).sum()
    for c, instrument in enumerate(instruments):
        if len(instrument.items) > 1:
            sums |= _item_sums(filled, c, len(instrument.items))
    return filled.group_by(["unit", "period"]).aggregate(**sums)


def score_rows(layout: Layout, workspace: Workspace, keep: Sequence[str] = ()) -> ibis.Table:
    """Return the rows of a table with their scores, not yet sent: ``v0``, ``v1``, … in the order of ``layout.scales``.

    Scores are centred at the middle of their scale, NULL where missing; columns in ``keep`` stay beside them.
    """
    items = _centred_items(layout.rows.relation, layout.instruments, keep)
    return _parents(_scores(items, layout.instruments), layout, workspace)


def _centred_items(relation: ibis.Table, instruments: Sequence[Instrument], keep: Sequence[str]) -> ibis.Table:
    """Centre every answer at the middle of its scale and turn the reverse-keyed ones."""
    out = {name: relation[name] for name in ("unit", "period", *keep)}
    for c, instrument in enumerate(instruments):
        middle = (instrument.low + instrument.high) / 2
        for k, item in enumerate(instrument.items):
            answer = relation[item].cast("float64")
            out[f"x{c}_{k}"] = middle - answer if item in instrument.reverse else answer - middle
    return relation.select(**out)


def _scores(items: ibis.Table, instruments: Sequence[Instrument]) -> ibis.Table:
    """Count the items answered (``a``), sum them (``t``), and make the score (``v``, NULL where missing)."""
    counted, scored = {}, {}
    for c, instrument in enumerate(instruments):
        columns = [items[f"x{c}_{k}"] for k in range(len(instrument.items))]
        counted[f"a{c}"] = sum((x.notnull().cast("int32") for x in columns[1:]), columns[0].notnull().cast("int32"))
        counted[f"t{c}"] = sum((x.coalesce(0.0) for x in columns[1:]), columns[0].coalesce(0.0))
    table = items.mutate(**counted)
    for c, instrument in enumerate(instruments):
        enough = table[f"a{c}"] >= max(instrument.min_answered, 1)
        scored[f"v{c}"] = ibis.ifelse(enough, table[f"t{c}"] / table[f"a{c}"].cast("float64"), ibis.null("float64"))
    return table.mutate(**scored)


def _parents(scored: ibis.Table, layout: Layout, workspace: Workspace) -> ibis.Table:
    """Add the score of each construct that only has facets."""
    place = {i.construct: c for c, i in enumerate(layout.instruments)}
    by_name = {s.construct: s for s in layout.scales}
    out = {}
    for i, scale in enumerate(layout.scales):
        if not scale.facets:
            continue
        parts, present = [], []
        for facet in scale.facets:
            better = workspace.organisation.construct(facet).higher_is_better
            stretch = (scale.high - scale.low) / (by_name[facet].high - by_name[facet].low)
            value = scored[f"v{place[facet]}"]
            parts.append((value * (stretch if better else -stretch)).coalesce(0.0))
            present.append(value.notnull().cast("int32"))
        answered = sum(present[1:], present[0])
        out[f"v{i}"] = sum(parts[1:], parts[0]) / answered.nullif(0).cast("float64")
    return scored.mutate(**out) if out else scored


def _filled(scored: ibis.Table, instruments: Sequence[Instrument], scales: Sequence[Scale]) -> ibis.Table:
    """Fill gaps with 0 and keep their presence apart: ``z`` and ``p`` of scores, ``f`` and ``y`` of complete items."""
    out = {"unit": scored["unit"], "period": scored["period"]}
    for i in range(len(scales)):
        out[f"z{i}"] = scored[f"v{i}"].coalesce(0.0)
        out[f"p{i}"] = scored[f"v{i}"].notnull().cast("int32").cast("float64")
    for c, instrument in enumerate(instruments):
        n_items = len(instrument.items)
        if n_items > 1:
            complete = scored[f"a{c}"] == n_items
            out[f"f{c}"] = complete.cast("int32").cast("float64")
            for k in range(n_items):
                out[f"y{c}_{k}"] = ibis.ifelse(complete, scored[f"x{c}_{k}"], 0.0)
    return scored.select(**out)


def _item_sums(filled: ibis.Table, c: int, n_items: int) -> dict[str, ibis.Value]:
    """Sums over the rows with all items of instrument ``c`` answered."""
    out = {f"f_{c}": filled[f"f{c}"].sum()}
    for k in range(n_items):
        out[f"t_{c}_{k}"] = filled[f"y{c}_{k}"].sum()
        for m in range(k, n_items):
            out[f"u_{c}_{k}_{m}"] = (filled[f"y{c}_{k}"] * filled[f"y{c}_{m}"]).sum()
    return out


def _scan(layout: Layout, cells: pa.Table, workspace: Workspace) -> Scan:
    """Put the answer of the query into arrays, cells ordered by unit and period."""
    scales = layout.scales
    unit = places(cells["unit"], [u.key for u in workspace.units])
    period = places(cells["period"], list(workspace.periods))
    known = np.flatnonzero((unit >= 0) & (period >= 0))
    order = known[np.lexsort((period[known], unit[known]))]
    unit, period = unit[order], period[order]

    def column(key: str) -> FloatArray:
        return _floats(cells[key])[order]

    p, m = len(scales), len(order)
    n, s, q = (np.empty((m, p, p)) for _ in range(3))
    for i in range(p):
        for j in range(p):
            low, high = min(i, j), max(i, j)
            n[:, i, j], q[:, i, j] = column(f"n_{low}_{high}"), column(f"q_{low}_{high}")
            s[:, i, j] = column(f"s_{i}_{j}")
    rows = column("rows")
    centre = np.array([scale.middle for scale in scales])
    scores = Moments(tuple(x.construct for x in scales), centre, unit, period, rows, n, s, q)
    items = {}
    for c, instrument in enumerate(layout.instruments):
        if len(instrument.items) == 1:
            items[instrument.construct] = _one_item(scores, c, instrument)
        else:
            items[instrument.construct] = _items(scores, c, instrument, column)
    return Scan(layout.rows.name, scores, items)


def _items(scores: Moments, c: int, instrument: Instrument, column: Callable[[str], FloatArray]) -> Moments:
    """Item moments of the rows with every item of instrument ``c`` answered."""
    k = len(instrument.items)
    q = np.empty((len(scores.unit), k, k))
    for a in range(k):
        for b in range(a, k):
            q[:, a, b] = q[:, b, a] = column(f"u_{c}_{a}_{b}")
    n = np.broadcast_to(column(f"f_{c}")[:, None, None], q.shape)
    s = np.broadcast_to(np.stack([column(f"t_{c}_{a}") for a in range(k)], axis=1)[:, :, None], q.shape)
    middle = np.full(k, scores.centre[c])
    return Moments(instrument.items, middle, scores.unit, scores.period, scores.rows, n, s, q)


def _one_item(scores: Moments, c: int, instrument: Instrument) -> Moments:
    """Item moments of a single item are those of its score."""
    n, s, q = (a[:, c : c + 1, c : c + 1] for a in (scores.n, scores.s, scores.q))
    return Moments(instrument.items, scores.centre[c : c + 1], scores.unit, scores.period, scores.rows, n, s, q)


def places(column: pa.ChunkedArray, labels: Sequence[str]) -> IntArray:
    """Return the place of each value among ``labels``, -1 where it is not there."""
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(list(labels), pa.string()))
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def _floats(column: pa.ChunkedArray) -> FloatArray:
    return np.asarray(column.to_numpy(), dtype=np.float64)
