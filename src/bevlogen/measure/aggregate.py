"""The one scan: per row table one grouped query for counts, sums and squares. Nothing else touches rows.

Products are asked for within a scale, whose items are pooled over cells at once, and of pairs of constructs: all of few
constructs, of many those that a claim links. More sums than memory should hold come in blocks of periods.

The query runs where the rows are. It takes four projections (answers centred and turned, scores, parents of facets,
gaps filled with 0), each computed once per row, and then plain sums, so the same expressions run on every engine.
(PostgreSQL turns a truth into a double only by way of a 32-bit integer.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bevlogen.core.chain import linked, parent_construct
from bevlogen.core.moment_store import MomentStore, with_part
from bevlogen.core.moments import ItemMoments, Moments, Pair, Scan
from bevlogen.core.progress import part_of
from bevlogen.core.room import room
from bevlogen.core.tables import Instrument, RowTable, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

# Of so few constructs all pairs are asked for: that costs little, and any two can be compared without another scan.
_FEW = 12
# Sums that come back at once: with what an engine needs to make them, about a gigabyte.
MOST_SUMS = 2**25


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
    """What one row table is asked for: its instruments and the scales of its scores, parents of facets last.

    ``pairs`` are the places (i, j), i < j, of scales of which products are asked for.
    """

    rows: RowTable
    instruments: tuple[Instrument, ...]
    scales: tuple[Scale, ...]
    pairs: tuple[tuple[int, int], ...]


def scan(workspace: Workspace) -> tuple[Scan, ...]:
    """Ask every row table for its counts, sums, squares and products per unit and period.

    Parameters
    ----------
    workspace : a checked workspace; its rows are not changed and not copied.

    Returns
    -------
    tuple of Scan
        One per row table that carries an instrument, in the workspace's order. Unit codes index ``workspace.units``,
        period codes ``workspace.periods``; cells in that order, within a block of periods if there are several. Rows
        of units or periods that the workspace does not name are left out (``sources`` has reported them).

    Notes
    -----
    The score of a row is the mean of the items answered, reverse-keyed items turned (``low + high - answer``); it is
    missing where fewer than ``min_answered`` are. A construct with facets and no instrument of its own scores the mean
    of the facet scores present, those of which less is better turned, on the range of its first facet. Scores are
    centred at the middle of their scale, items likewise. Item moments cover the rows with all items answered.
    """
    return tuple(_scan(layout, workspace) for layout in layouts(workspace))


def _blocks(layout: Layout, workspace: Workspace) -> Iterator[pa.Table]:
    """Give the answers to the query, a row per unit and period: at once, or for so many periods at a time as fit."""
    rows, periods = layout.rows, workspace.periods
    if rows.store is not None:
        yield _kept(layout, workspace, rows.store)
        return
    at_once = max(1, MOST_SUMS // (len(columns_of(layout)) * max(1, len(workspace.units))))
    if at_once >= len(periods):
        yield rows.fetch(query(layout, workspace))
        return
    starts = range(0, len(periods), at_once)
    for place, first in enumerate(starts):
        with part_of(place, len(starts)):
            some = rows.relation["period"].isin(periods[first : first + at_once])
            yield rows.fetch(query(_over(layout, rows.relation.filter(some)), workspace))


def _over(layout: Layout, relation: ibis.Table) -> Layout:
    return replace(layout, rows=replace(layout.rows, relation=relation))


def _kept(layout: Layout, workspace: Workspace, store: MomentStore) -> pa.Table:
    """Return a row per unit and period with every sum, of a query per part that is not known yet."""
    rows = layout.rows
    wanted = columns_of(layout)
    keys = [part.key for part in rows.parts]
    done, cells = store.summed(rows.name, keys)
    if cells is not None and not wanted <= set(cells.column_names):
        done, cells = 0, None
    for place, part in enumerate(rows.parts[done:]):
        with part_of(place, len(rows.parts) - done):
            own = store.cells(part.key)
            if own is None or not wanted <= set(own.column_names):
                own = rows.fetch(query(_over(layout, part.relation), workspace))
                store.keep(part.key, part.facts, own)
            cells = with_part(cells, own, replaces=part.replaces)
    store.keep_sum(rows.name, keys, cells)
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
            out.append(Layout(rows, tuple(mine), tuple(scales), _pairs([s.construct for s in scales])))
    return tuple(out)


def _pairs(constructs: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Choose the pairs of constructs of which products are asked for."""
    places = range(len(constructs))
    every = len(constructs) <= _FEW
    return tuple((i, j) for j in places for i in range(j) if every or linked(constructs[i], constructs[j]))


def columns_of(layout: Layout) -> frozenset[str]:
    """Names of what comes back: their number grows with constructs and pairs, not with the square of constructs."""
    names = {"unit", "period", "rows", *(f"{kind}_{i}_{i}" for i in range(len(layout.scales)) for kind in "nsq")}
    for i, j in layout.pairs:
        names |= {f"n_{i}_{j}", f"s_{i}_{j}", f"s_{j}_{i}", f"q_{i}_{j}"}
    for c, instrument in enumerate(layout.instruments):
        k = range(len(instrument.items))
        if len(k) > 1:
            names |= {f"f_{c}", *(f"t_{c}_{a}" for a in k), *(f"u_{c}_{a}_{b}" for a in k for b in k if a <= b)}
    return frozenset(names)


def query(layout: Layout, workspace: Workspace) -> ibis.Table:
    """Return the grouped query of a row table, one row per unit and period, not yet sent."""
    instruments, scales = layout.instruments, layout.scales
    filled = _filled(score_rows(layout, workspace), instruments, scales)
    sums = {"rows": filled.count()}
    for i in range(len(scales)):
        sums[f"n_{i}_{i}"] = filled[f"p{i}"].sum()
        sums[f"s_{i}_{i}"] = filled[f"z{i}"].sum()
        sums[f"q_{i}_{i}"] = (filled[f"z{i}"] * filled[f"z{i}"]).sum()
    for i, j in layout.pairs:
        sums |= _pair_sums(filled, i, j)
    for c, instrument in enumerate(instruments):
        if len(instrument.items) > 1:
            sums |= _item_sums(filled, c, len(instrument.items))
    return filled.group_by(["unit", "period"]).aggregate(**sums)


def _pair_sums(filled: ibis.Table, i: int, j: int) -> dict[str, ibis.Value]:
    """Sums over the rows with both scores."""
    return {
        f"n_{i}_{j}": (filled[f"p{i}"] * filled[f"p{j}"]).sum(),
        f"s_{i}_{j}": (filled[f"z{i}"] * filled[f"p{j}"]).sum(),
        f"s_{j}_{i}": (filled[f"z{j}"] * filled[f"p{i}"]).sum(),
        f"q_{i}_{j}": (filled[f"z{i}"] * filled[f"z{j}"]).sum(),
    }


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


def _scan(layout: Layout, workspace: Workspace) -> Scan:
    """Put the answers of the query into arrays, block by block; cells of a block are ordered by unit and period."""
    gathered: _Gathered | None = None
    for cells in _blocks(layout, workspace):
        if gathered is None:
            whole = len(workspace.units) * len(workspace.periods)
            gathered = _Gathered(layout, whole)
        gathered.add(cells, workspace)
    return (gathered or _Gathered(layout, 0)).scan()


class _Gathered:
    """The arrays of a scan while its blocks come in; a column of them is one piece, so that it is read fast."""

    def __init__(self, layout: Layout, most: int) -> None:
        self.layout, self.cells = layout, 0
        self.unit, self.period = room((most,), np.int64), room((most,), np.int64)
        self.rows = room((most,))
        self.scores = room((3, len(layout.scales), most))  # n, s and q
        self.both = room((len(layout.pairs), most))
        self.products = np.zeros((len(layout.pairs), 2))  # of each pair: sum of products about cell means, and of n - 1
        self.items = {
            c: _GatheredItems(room((1 + 2 * len(instrument.items), most)), np.zeros((len(instrument.items),) * 2))
            for c, instrument in enumerate(layout.instruments)
            if len(instrument.items) > 1
        }

    def add(self, cells: pa.Table, workspace: Workspace) -> None:
        """Put a block after those before it; cells of no known unit or period are left out."""
        unit = places(cells["unit"], [u.key for u in workspace.units])
        period = places(cells["period"], list(workspace.periods))
        known = np.flatnonzero((unit >= 0) & (period >= 0))
        order = known[np.lexsort((period[known], unit[known]))]
        here = slice(self.cells, self.cells + len(order))
        self.cells += len(order)

        def column(key: str) -> FloatArray:
            return _floats(cells[key])[order]

        self.unit[here], self.period[here], self.rows[here] = unit[order], period[order], column("rows")
        for i in range(len(self.layout.scales)):
            for place, name in enumerate("nsq"):
                self.scores[place, i, here] = column(f"{name}_{i}_{i}")
        for place, (i, j) in enumerate(self.layout.pairs):
            n = self.both[place, here] = column(f"n_{i}_{j}")
            correction = np.zeros(len(n))
            np.divide(column(f"s_{i}_{j}") * column(f"s_{j}_{i}"), n, out=correction, where=n > 0)
            self.products[place] += (column(f"q_{i}_{j}") - correction).sum(), np.clip(n - 1, 0, None).sum()
        for c, found in self.items.items():
            k = len(found.total)
            found.sums[0, here] = column(f"f_{c}")
            for a in range(k):
                found.sums[1 + a, here], found.sums[1 + k + a, here] = column(f"t_{c}_{a}"), column(f"u_{c}_{a}_{a}")
                for b in range(a, k):
                    found.total[a, b] += column(f"u_{c}_{a}_{b}").sum()

    def scan(self) -> Scan:
        """Return what was gathered."""
        layout, m = self.layout, self.cells
        n, s, q = (block[:, :m].T for block in self.scores)
        pairs = {
            pair: Pair(both[:m], float(product / df) if df > 0 else float("nan"))
            for pair, both, (product, df) in zip(layout.pairs, self.both, self.products, strict=True)
        }
        constructs = tuple(scale.construct for scale in layout.scales)
        centre = np.array([scale.middle for scale in layout.scales])
        scores = Moments(constructs, centre, self.unit[:m], self.period[:m], self.rows[:m], n, s, q, pairs)
        items = {}
        for c, instrument in enumerate(layout.instruments):
            one = slice(c, c + 1)
            own = ItemMoments(
                n[:, c], s[:, one], q[:, one], q[:, one].sum(axis=0)[:, None]
            )  # an item that is the score
            items[instrument.construct] = self.items[c].whole(m) if c in self.items else own
        return Scan(layout.rows.name, scores, items)


@dataclass(frozen=True, slots=True)
class _GatheredItems:
    """Of one scale with k items: ``sums`` (1 + 2 k, m) rows, sums and squares per cell, ``total`` (k, k) above it."""

    sums: FloatArray
    total: FloatArray

    def whole(self, m: int) -> ItemMoments:
        k = len(self.total)
        sums = self.sums[:, :m]
        upper = np.triu(self.total, 1)
        return ItemMoments(sums[0], sums[1 : k + 1].T, sums[k + 1 :].T, self.total + upper.T)


def pair_there(layout: Layout, workspace: Workspace, found: Moments, a: str, b: str) -> Pair:
    """Ask the rows once more, for what two constructs have in common; cells in the order of ``found``."""
    places_ = [scale.construct for scale in layout.scales]
    i, j = sorted((places_.index(a), places_.index(b)))
    filled = _filled(score_rows(layout, workspace), (), layout.scales)
    gathered = _Gathered(replace(layout, scales=(), instruments=(), pairs=((i, j),)), len(found.unit))
    sums = {"rows": filled.count(), **_pair_sums(filled, i, j)}
    gathered.add(layout.rows.fetch(filled.group_by(["unit", "period"]).aggregate(**sums)), workspace)
    ((pair,),) = (gathered.scan().scores.pairs.values(),)
    n_periods = len(workspace.periods)
    cells = gathered.unit[: gathered.cells] * n_periods + gathered.period[: gathered.cells]
    at = np.searchsorted(cells, found.unit * n_periods + found.period)
    return replace(pair, n=pair.n[at])


def places(column: pa.ChunkedArray, labels: Sequence[str]) -> IntArray:
    """Return the place of each value among ``labels``, -1 where it is not there."""
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(list(labels), pa.string()))
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def _floats(column: pa.ChunkedArray) -> FloatArray:
    return np.asarray(column.to_numpy(), dtype=np.float64)
