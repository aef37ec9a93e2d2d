"""Where each unit stands: distinctive service by distinctive employership, against peers, own past and norms."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.chain import parent_construct
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Position
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation, PeriodGrain
from bevlogen.steer.levels import Levels, levels

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SERVICE = ("interaction_quality", "service_quality", "loyalty", "conduct", "craftsmanship")
_FEWEST_PERIODS = 3
_Z975 = float(special.ndtri(0.975))
_NOTHING = Interval(float("nan"))


def positions(measurement: Measurement, organisation: Organisation) -> tuple[Position, ...]:
    """Where does each unit stand? One position per leaf unit with a score on either axis, in the order of the panel.

    Notes
    -----
    *Service* is the mean of the standardised levels on interaction quality, service quality, loyalty, conduct and
    craftsmanship, those present; *employership* that on employership, else on its facets, else on engagement. A level
    is the shrunken mean less the mean level of the peers in that period, over the SD of true unit scores (within period
    and service), turned so that higher is better. Each axis stands at the last period in which the unit has it;
    ``period`` is the later of the two.

    The 95% interval takes the errors of the parts as fully dependent: the SD of the index is the mean of the SDs of
    its parts. That is never too narrow, whatever the same respondents shared. Peers' own uncertainty is left out: it
    moves all peers alike.

    The trend is the least-squares slope per year of the unit's plain (not shrunken) index over the periods that have
    the same parts as the last, at least 3. Its standard error takes the larger of the residual variance (T - 2 df)
    and the mean sampling variance; t limits on T - 2 df.
    """
    block = levels(measurement, organisation)
    axes = (
        _columns(block, SERVICE),
        _columns(block, _employer_side(block)),
    )
    years = np.array([years_of(p, organisation.grain) for p in block.periods])
    centres = _peer_centres(block)
    found = (_position(block, j, axes, years, centres, organisation) for j in range(len(block.units)))
    return tuple(p for p in found if p is not None)


def _employer_side(block: Levels) -> tuple[str, ...]:
    if block.has("employership"):
        return ("employership",)
    facets = tuple(c for c in block.constructs if "." in c and parent_construct(c) == "employership")
    return facets or ("engagement",)


def _columns(block: Levels, names: tuple[str, ...]) -> IntArray:
    return np.array([block.constructs.index(n) for n in names if block.has(n)], dtype=np.int64)


def _peer_centres(block: Levels) -> dict[str, FloatArray]:
    """Return by peer group the (T, C) mean level; NaN where nobody has one."""
    out = {}
    for group in set(block.peers):
        rows = block.level[block.of_group(group)]
        there = np.isfinite(rows)
        count = there.sum(axis=0)
        total = np.where(there, rows, 0).sum(axis=0)
        out[group] = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return out


def _position(
    block: Levels,
    unit: int,
    axes: tuple[IntArray, IntArray],
    years: FloatArray,
    centres: dict[str, FloatArray],
    organisation: Organisation,
) -> Position | None:
    centre = centres[block.peers[unit]]
    last = [_last_period(block, unit, columns) for columns in axes]
    if max(last) < 0:
        return None
    parts = [
        (columns[np.isfinite(block.level[unit, t, columns])] if t >= 0 else columns[:0], t)
        for columns, t in zip(axes, last, strict=True)
    ]
    service, employership = (_index(block, unit, columns, t, centre) for columns, t in parts)
    trends = [_trend(block, unit, columns, years) for columns, _ in parts]
    return Position(
        unit=block.units[unit],
        period=block.periods[max(last)],
        peers=block.peers[unit],
        service=service,
        employership=employership,
        trend_service=trends[0],
        trend_employership=trends[1],
        against_norm=_share_above_norm(block, unit, parts, organisation),
        n=_fewest(block, unit, parts),
    )


def _last_period(block: Levels, unit: int, columns: IntArray) -> int:
    there = np.isfinite(block.level[unit][:, columns]).any(axis=1) if len(columns) else np.zeros(0, dtype=bool)
    return int(np.flatnonzero(there)[-1]) if there.any() else -1


def _index(block: Levels, unit: int, columns: IntArray, period: int, centre: FloatArray) -> Interval:
    if not len(columns):
        return _NOTHING
    scale = block.wanted[columns] / block.spread[columns]
    score = float(np.mean((block.level[unit, period, columns] - centre[period, columns]) * scale))
    half = _Z975 * float(np.mean(block.error[unit, period, columns] * np.abs(scale)))
    return Interval(score, score - half, score + half)


def _trend(block: Levels, unit: int, columns: IntArray, years: FloatArray) -> Interval:
    if not len(columns):
        return _NOTHING
    scale = block.wanted[columns] / block.spread[columns]
    index = (block.observed[unit][:, columns] * scale).mean(axis=1)
    # Fully dependent errors again: the SD of the index is the mean of the SDs; an unknown one counts as 0.
    noise = (np.sqrt(np.nan_to_num(block.sampling[unit][:, columns])) * np.abs(scale)).mean(axis=1) ** 2
    there = np.isfinite(index)
    if there.sum() < _FEWEST_PERIODS:
        return _NOTHING
    return slope(years[there], index[there], float(noise[there].mean()))


def slope(x: FloatArray, y: FloatArray, noise: float) -> Interval:
    """Return the least-squares slope of y on x (m >= 3) with 95% limits; residual variance at least ``noise``."""
    centred = x - x.mean()
    sxx = float(centred @ centred)
    estimate = float(centred @ y) / sxx
    residual = y - y.mean() - estimate * centred
    df = len(x) - 2
    variance = max(float(residual @ residual) / df, noise)
    half = float(special.stdtrit(df, 0.975)) * float(np.sqrt(variance / sxx))
    return Interval(estimate, estimate - half, estimate + half)


def _share_above_norm(block: Levels, unit: int, parts: list[tuple[IntArray, int]], organisation: Organisation) -> float:
    """Share of the constructs with a norm band that lie beyond it on the wanted side; NaN without any."""
    above = []
    for columns, period in parts:
        for c in columns:
            band = organisation.norms.get(block.constructs[c])
            if band is not None:
                value = float(block.level[unit, period, c])
                above.append(value > band[1] if block.wanted[c] > 0 else value < band[0])
    return float(np.mean(above)) if above else float("nan")


def _fewest(block: Levels, unit: int, parts: list[tuple[IntArray, int]]) -> float:
    """Fewest respondents behind any part, trends included; NaN where one of them is unknown."""
    counts = [block.n[unit][:, columns][np.isfinite(block.level[unit][:, columns])] for columns, _ in parts]
    return float(np.min(np.concatenate(counts)))


def years_of(period: str, grain: PeriodGrain) -> float:
    """Return the middle of a period in years: 2024-03-31, 2024-03, 2024-Q1 or 2024."""
    year = int(period[:4])
    if grain == "year":
        return float(year)
    if grain == "quarter":
        return year + (int(period[-1]) - 0.5) / 4
    if grain == "month":
        return year + (int(period[5:7]) - 0.5) / 12
    return date.fromisoformat(period).toordinal() / 365.2425
