"""What if a lever were moved? The chain carries it on, period by period, with all its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import SCALE_CONSTRUCTS, Text, parent_construct
from bevlogen.core.foreseen import Fan, WhatIf
from bevlogen.core.measured import Measurement
from bevlogen.core.periods import in_words
from bevlogen.core.tables import Organisation, Workspace
from bevlogen.errors import BevlogenError
from bevlogen.steer import calendar
from bevlogen.steer.reasons import number
from bevlogen.steer.response import Basis, Response, lever_of, respond

FloatArray = NDArray[np.float64]

QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
MOST_PERIODS = 40
_FEWEST = 5
# Share of capacity above which more customers cost quality (queueing: waiting grows steeply from there).
BUSY = 0.85
# SD of the interaction that full use costs beyond it: own assumption, half-normal, as nothing usable is published.
_CUT_SD = 0.20
# Standards follow what was delivered: fast down, hardly up (Oliva & Sterman 2001); per year, own assumption.
_DOWN, _UP = 0.8, 0.1


@dataclass(frozen=True, slots=True)
class _Room:
    """How far each node can still go, up and down, in SD in the wanted direction."""

    up: FloatArray
    down: FloatArray

    def held(self, change: FloatArray, node: int) -> FloatArray:
        """Return the changes of a node bent so that they never pass the end of the scale."""
        room = np.where(change >= 0, self.up[node], self.down[node])
        bounded = np.where(np.isfinite(room), room, 1.0)
        bent = np.where(
            np.isfinite(room), bounded * -np.expm1(-np.abs(change) / np.where(bounded > 0, bounded, 1)), np.abs(change)
        )
        return np.sign(change) * np.where(room > 0, bent, 0.0)


def what_if(
    measurement: Measurement,
    workspace: Workspace,
    lever: str,
    by: float,
    *,
    units: Sequence[str] = (),
    periods: int = 8,
    basis: Basis = "combined",
    response: Response | None = None,
) -> WhatIf:
    """What would moving a lever bring, compared with doing nothing?

    Parameters
    ----------
    measurement, workspace : levels now, and the organisation.
    lever : variable to move, as ``employership.autonomy`` or ``autonomy``.
    by : how far, in points of its own scale; below 0 lowers it. It stays moved.
    units : keys of the units where it is moved; none means all.
    periods : how far to look, 1 to 40.
    basis : own data, published effects, or both.
    response : as ``respond`` gave it for this lever; made here otherwise. Keep it to answer many questions fast.

    Returns
    -------
    WhatIf
        Per construct a fan of the mean change in those units, and whether it is about the same as doing nothing.

    Raises
    ------
    BevlogenError
        Unknown lever or units, a move of 0 or beyond the end of the scale, or periods out of range.
    NotEstimableError
        If units do not differ in the lever, or nothing that it could move is measured.

    Notes
    -----
    1,000 draws of the effects, shared by all periods. In each: ``x_t = carry x_(t-1) + now x_t + lagged x_(t-1)``
    node by node along the chain, customers back on engagement one period later. *Saturation*: a change bends
    towards the end of its scale (``room (1 - exp(-x / room))``). *Erosion*: where use is measured as a share of
    capacity, more customers raise use; above 85% quality is cut by up to |N(0, 0.2²)| SD at full use, and the
    standard follows what is delivered, fast down and hardly up (Oliva & Sterman 2001). The fan is that of the
    effect; what else will happen is left out, as it happens with and without the move.

    References
    ----------
    Oliva & Sterman (2001), doi 10.1287/mnsc.47.7.894.9807. METHODS §2. The size of the erosion is our own assumption.
    """
    organisation = workspace.organisation
    key = lever_of(lever, measurement.panel)
    chosen = _chosen(units, measurement)
    if not 1 <= periods <= MOST_PERIODS:
        raise BevlogenError(f"Found {periods} periods. Look 1 to {MOST_PERIODS} periods ahead.")
    model = response or respond(measurement, organisation, key, basis=basis, seed=measurement.provenance.seed)
    level = _levels(measurement, model, chosen)
    ends = _ends(measurement, workspace, model)
    _check_move(by, level[0], ends[0], key)
    room = _room(level, ends, model)
    step = by * model.turn[0] / model.spread[0]
    paths = _carried(
        model, step, periods, room, _use_now(model, level, workspace), calendar.PER_YEAR[organisation.grain]
    )
    last = measurement.panel.periods[-1]
    labels = tuple(calendar.later(last, organisation.grain, t + 1) for t in range(periods))
    fans = tuple(_fan(model, paths, i, organisation, labels[-1]) for i in range(1, len(model.nodes)))
    return WhatIf(
        key,
        by,
        tuple(measurement.panel.units[j] for j in chosen),
        labels,
        fans,
        model.basis,
        model.own,
        model.n_units,
        _notes(model),
        measurement.provenance,
    )


def _chosen(units: Sequence[str], measurement: Measurement) -> NDArray[np.int64]:
    known = {u: j for j, u in enumerate(measurement.panel.units)}
    missing = [u for u in units if u not in known]
    if missing:
        raise BevlogenError(f"No figures of these units: {', '.join(missing)}. Name units with data of their own.")
    return np.array([known[u] for u in dict.fromkeys(units)] or range(len(known)), dtype=np.int64)


def _levels(measurement: Measurement, model: Response, chosen: NDArray[np.int64]) -> FloatArray:
    """Mean level now of each node (p,), on its own scale; NaN where nobody has one.

    Of the chosen units if they are five or more, else of all: the bend of an answer must not tell the level of a few.
    """
    if len(chosen) < _FEWEST:
        chosen = np.arange(len(measurement.panel.units))
    out = []
    for v in model.nodes:
        value = measurement.panel.column(v)[chosen]
        place = np.where(np.isfinite(value), np.arange(value.shape[1]), -1).max(axis=1)
        last = value[np.arange(len(value)), place][place >= 0]
        out.append(float(last.mean()) if len(last) else math.nan)
    return np.array(out)


def _ends(measurement: Measurement, workspace: Workspace, model: Response) -> FloatArray:
    """Ends of each node's scale (p, 2); infinite where it has none."""
    scales = {s.construct: (s.scale_low, s.scale_high) for s in measurement.scales}
    out = []
    for v in model.nodes:
        low, high = scales.get(v, (math.nan, math.nan))
        measure = workspace.organisation.measures.get(v)
        if parent_construct(v) not in SCALE_CONSTRUCTS and measure is not None and measure.is_share and v != "return":
            low, high = 0.0, 1.0
        out.append((low if math.isfinite(low) else -math.inf, high if math.isfinite(high) else math.inf))
    return np.array(out)


def _check_move(by: float, level: float, ends: FloatArray, lever: str) -> None:
    if by == 0 or not math.isfinite(by):
        raise BevlogenError(
            f"Found a move of {by:g}. Give how far the lever moves, in points of its scale, such as 0.3."
        )
    if not ends[0] <= level + by <= ends[1]:
        raise BevlogenError(
            f'Moving "{lever}" by {by:g} passes the end of its scale, {ends[0]:g} to {ends[1]:g}. Give a smaller move.'
        )


def _room(level: FloatArray, ends: FloatArray, model: Response) -> _Room:
    above, below = (ends[:, 1] - level) / model.spread, (level - ends[:, 0]) / model.spread
    up, down = np.where(model.turn > 0, above, below), np.where(model.turn > 0, below, above)
    return _Room(*(np.where(np.isnan(r), np.inf, np.maximum(r, 0.0)) for r in (up, down)))


def _use_now(model: Response, level: FloatArray, workspace: Workspace) -> float:
    """Share of capacity used now; NaN where it is not measured as a share, and then nothing erodes."""
    measure = workspace.organisation.measures.get("use")
    if "use" not in model.nodes or measure is None or not measure.is_share or "interaction_quality" not in model.nodes:
        return math.nan
    return float(level[model.nodes.index("use")])


def _carried(model: Response, step: float, periods: int, room: _Room, use_now: float, per_year: int) -> FloatArray:
    """Return (draws, periods, p) changes against doing nothing, in SD in the wanted direction."""
    draws, p = model.carry.shape
    out, before = np.zeros((draws, periods, p)), np.zeros((draws, p))
    rng = np.random.default_rng(1)
    cut = np.abs(_CUT_SD * rng.standard_normal(draws))
    eroded = np.zeros(draws)
    quality = model.nodes.index("interaction_quality") if "interaction_quality" in model.nodes else -1
    for t in range(periods):
        x = np.zeros((draws, p))
        x[:, 0] = step
        loss = np.zeros(draws)
        if math.isfinite(use_now):
            u = model.nodes.index("use")
            loss = cut * _pressure(use_now, before[:, u] * model.spread[u])
            rate = np.where(loss > eroded, _DOWN, _UP) / per_year
            eroded = eroded + np.minimum(rate, 1.0) * (loss - eroded)
        for i in range(1, p):
            x[:, i] = model.carry[:, i] * before[:, i]
            x[:, i] += np.einsum("dk,dk->d", model.lagged[:, i], before)
            x[:, i] += np.einsum("dk,dk->d", model.now[:, i], x)
            if i == quality:
                # Carry-over would count the standing loss again in each period.
                x[:, i] -= (loss + eroded) * (1 - model.carry[:, i])
            x[:, i] = room.held(x[:, i], i)
        out[:, t] = before = x
    return out


def _pressure(use_now: float, more: FloatArray) -> FloatArray:
    """How far use lies above what can be done well, beyond what it does already; 1 = from 85% to full."""
    full = 1 - BUSY
    new = np.clip(use_now + more, 0, 1)
    return np.asarray((np.maximum(new - BUSY, 0) - max(use_now - BUSY, 0.0)) / full)


def _fan(model: Response, paths: FloatArray, node: int, organisation: Organisation, label: str) -> Fan:
    x, smallest = paths[:, :, node], organisation.smallest_effect
    bands = np.quantile(x, QUANTILES, axis=0)
    end = x[:, -1]
    better, worse = float(np.mean(end > smallest)), float(np.mean(end < -smallest))
    same = max(better, worse) < 0.5
    return Fan(
        model.nodes[node],
        tuple(tuple(float(v) for v in band) for band in bands),
        float(model.spread[node] * model.turn[node]),
        better,
        worse,
        same,
        model.nodes[node] in model.own,
        _sentence(organisation.construct(model.nodes[node]).label, bands, label, same=same),
    )


def _notes(model: Response) -> tuple[Text, ...]:
    own, all_ = len(model.own), len(model.nodes) - 1
    out = []
    if model.basis != "published" and own < all_:
        out.append(
            Text(
                f"The own data tell how {own} of {all_} figures move; for the rest published effects stand in. More "
                "units and periods tell more.",
                f"De eigen gegevens zeggen van {own} van de {all_} cijfers hoe ze bewegen. Voor de rest gelden bekende "
                "effecten. Meer teams en perioden zeggen meer.",
            )
        )
    out.append(
        Text(
            "What moves together in the own data need not be a cause: this is an expectation, no promise.",
            "Wat in de eigen gegevens samen beweegt, hoeft geen oorzaak te zijn. Dit is een verwachting, geen belofte.",
        )
    )
    return tuple(out)


def _sentence(name: Text, bands: FloatArray, label: str, *, same: bool) -> Text:
    """Say what the move may bring to a construct by the last period."""
    if same:
        return Text(f"{name.en}: about the same as doing nothing.", f"{name.nl}: ongeveer hetzelfde als niets doen.")
    low, middle, high = (number(float(bands[i, -1])) for i in (0, 2, 4))
    last = in_words(label)
    return Text(
        f"{name.en}: {middle.en} SD better by {last.en}, 80% between {low.en} and {high.en}.",
        f"{name.nl}: {middle.nl} SD beter in {last.nl}, 80% tussen {low.nl} en {high.nl}.",
    )
