"""The one place where a Release is made."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Construct, Text
from bevlogen.core.judged import Chain, LinkVerdict
from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.numerals import period
from bevlogen.core.planned import Plan
from bevlogen.core.released import Released
from bevlogen.core.room import memory_of_machine
from bevlogen.core.shown import Release, ShownUnit
from bevlogen.core.tables import Organisation, Unit, Workspace
from bevlogen.disclose import cells
from bevlogen.disclose.actions import Estimate, guard_effects
from bevlogen.disclose.ledger import Ledger, check_rules, rules_of
from bevlogen.disclose.policy import check, is_public_score
from bevlogen.disclose.scales import answer_scales
from bevlogen.disclose.seen import as_shown
from bevlogen.disclose.settled import settled
from bevlogen.disclose.similar import WAYS, with_similar
from bevlogen.disclose.steering import Steer, guard_plan
from bevlogen.disclose.verdicts import guard_claim, guard_link
from bevlogen.disclose.whatif import Forecast, Warn, guard_outlooks
from bevlogen.errors import BevlogenError

IntArray = NDArray[np.int64]

_BYTES = 700  # of memory that each figure takes while a release is made, as measured (docs/scaling.md)

_PUBLIC = {
    "scores": Text(
        "The scores that came in aggregated are public already; no threshold applies to them.",
        "De scores die al samengevat binnenkwamen, zijn al openbaar; daarvoor geldt geen ondergrens.",
    ),
    "results": Text(
        "The figures of record are public already; no threshold applies to them.",
        "De vastgelegde resultaten zijn al openbaar; daarvoor geldt geen ondergrens.",
    ),
}

_STAYS = Text(
    "Some figures on health changed since they were shown. They stay as they were: what changed is about so few people "
    "that it would tell on them.",
    "Sommige cijfers over gezondheid zijn veranderd sinds ze zijn getoond. Ze blijven zoals ze waren: wat veranderde, "
    "gaat over zo weinig mensen dat het over hen zou vertellen.",
)

_SETTLED = Text(
    "These periods were told several times already, so scores stay as they were told: {periods}. They are made anew "
    "when half as many people again have answered, and when the period is over. Who watched every small change could "
    "work back single answers.",
    "Deze perioden zijn al een paar keer getoond, dus scores blijven zoals ze waren: {periods}. Ze worden opnieuw "
    "gemaakt als anderhalf keer zoveel mensen hebben geantwoord, en als de periode voorbij is. Wie elke kleine "
    "verandering zou volgen, kan losse antwoorden terugrekenen.",
)

_FEW = Text(
    "Links of few figures are made of figures as they are shown: from exact ones what was answered could be worked "
    "back. They are less sure for it.",
    "Verbanden van weinig cijfers zijn gemaakt met de cijfers zoals ze worden getoond: uit precieze cijfers is terug "
    "te rekenen wat er is geantwoord. Ze zijn daardoor minder zeker.",
)


def release(
    workspace: Workspace,
    measurement: Measurement,
    chain: Chain,
    plan: Plan,
    *,
    ledger: Ledger | None = None,
    steer: Steer | None = None,
    effects: Estimate | None = None,
    forecast: Forecast | None = None,
    warn: Warn | None = None,
    of_shown: bool = False,
) -> Release:
    """What may be shown: everything that was measured, judged and planned, less what could tell of a person.

    Parameters
    ----------
    workspace : organisation, policy and unit tree.
    measurement, chain, plan : what the rooms before this one found; they stay unchanged.
    ledger : everything released before, and its key; None where nothing was and nothing will be.
    steer : makes a plan from a measurement, so that places and moves are made of shown figures alone; None tells none.
    effects : estimates what actions did from a measurement, so that it is made of shown figures alone; None tells none.
    forecast : says where right to exist goes from a measurement, for the same reason; None leaves it out.
    warn : warns of units from a measurement; it gets the figures as they are shown.
    of_shown : links were made of figures as they are shown (``are_few``), which the release then says.

    Returns
    -------
    The release: figures rounded as they are shown everywhere; what is hidden, with its rule and without a number.
    ``root`` is "" where the tree has several tops; then there is no figure for the organisation as a whole.

    Raises
    ------
    PolicyError
        If the policy is weaker than the product's floor.
    LedgerError
        If it is weaker than at an earlier release.
    BevlogenError
        If this machine has no memory for so many figures.

    Notes
    -----
    Threshold and complement first, period by period. Then an attack on all waves together, with everything released
    before: what still tells too much of somebody is shown coarser, or hidden. All else that is told of a unit is made
    from its rounded figures.

    References
    ----------
    METHODS §3.11.
    """
    organisation = workspace.organisation
    policy = check(organisation.policy)
    earlier = ledger or Ledger()
    check_rules(earlier, rules_of(policy))
    _check_room(len(measurement.scores.n) + len(measurement.figures.value))
    passed = cells.judge(workspace, measurement, earlier)
    seen = as_shown(passed, measurement) if steer or plan.effects or forecast or warn else measurement
    remade = steer(seen) if steer else replace(plan, positions=(), moves=())
    shown_plan = guard_plan(remade, passed, workspace.periods, policy.k)
    tops = [unit.key for unit in workspace.units if unit.parent is None]
    own = ((_STAYS, passed.stays), (_told_often(passed.settled), bool(passed.settled)), (_FEW, of_shown))
    notes = (*workspace.notes, *_notes(workspace), *(note for note, holds in own if holds))
    return replace(
        _blank(workspace, measurement, chain, plan),
        units=_units(workspace.units),
        scores=passed.scores,
        results=passed.results,
        suppressed=with_similar(passed.suppressed, passed.scores, workspace.units),
        scales=passed.scales,
        claims=tuple(guard_claim(claim, measurement.panel, policy.k) for claim in chain.claims),
        picture=tuple(guard_link(link, measurement.panel, policy.k) for link in chain.picture),
        positions=shown_plan.positions,
        moves=shown_plan.moves,
        moves_reason=shown_plan.reason,
        moves_reason_nl=shown_plan.reason_nl,
        certainty=shown_plan.certainty,
        root=tops[0] if len(tops) == 1 else "",
        notes=notes,
        ways={rule: text for rule, text in WAYS.items() if any(gone.rule == rule for gone in passed.suppressed)},
        effects=guard_effects(plan.effects, effects(seen), passed.public) if effects and plan.effects else (),
        outlooks=guard_outlooks(forecast(seen)) if forecast else (),
        warnings=warn(seen) if warn else (),
        norms=dict(organisation.norms),
    )


def release_link(workspace: Workspace, measurement: Measurement, verdict: LinkVerdict, panel: Panel) -> Release:
    """What may be shown of one link that was asked for by itself: a release without figures of any unit.

    Parameters
    ----------
    workspace, measurement : organisation and policy; names of what was measured.
    verdict : as it was found; withheld as any link is.
    panel : the units it rests on.

    Raises
    ------
    PolicyError
        If the policy is weaker than the product's floor.
    """
    policy = check(workspace.organisation.policy)
    asked = Chain((), (verdict,), measurement.provenance)
    nothing = Plan((), (), math.nan, "", "", measurement.provenance)
    blank = _blank(workspace, measurement, asked, nothing)
    return replace(blank, picture=(guard_link(verdict, panel, policy.k),))


def _blank(workspace: Workspace, measurement: Measurement, chain: Chain, plan: Plan) -> Release:
    """Return a release that tells no figure: names, settings and thresholds alone."""
    organisation = workspace.organisation
    return Release(
        title=organisation.name,
        language=organisation.language,
        note=organisation.note,
        simulated=organisation.simulated,
        periods=workspace.periods,
        units=(),
        constructs=_constructs(organisation, measurement, chain, plan),
        measures_share=frozenset(key for key, measure in organisation.measures.items() if measure.is_share),
        unit_of_measure={key: m.unit_of_measure for key, m in organisation.measures.items() if m.unit_of_measure},
        scores=(),
        results=(),
        suppressed=(),
        scales=(),
        claims=(),
        picture=(),
        positions=(),
        moves=(),
        moves_reason="",
        moves_reason_nl="",
        certainty=math.nan,
        smallest_effect=organisation.smallest_effect,
        k=organisation.policy.k,
        k_comments=organisation.policy.k_comments,
        root="",
        provenance=measurement.provenance,
    )


def _check_room(figures: int) -> None:
    needed, there = figures * _BYTES, memory_of_machine()
    if needed > there:
        raise BevlogenError(
            f"A release of {figures:,} figures needs some {needed / 1e9:,.0f} GB of memory, and this machine has "
            f"{there / 1e9:,.0f}. Release constructs apart: give each folder an organisation.toml with some of the "
            "[[instruments]], and all of them the same --ledger."
        )


def told(
    workspace: Workspace, measurement: Measurement, release: Release, name: str, earlier: Sequence[Released] = ()
) -> Released:
    """Return what a release told, counts of hidden groups too, as the ledger keeps it.

    Parameters
    ----------
    workspace, measurement, earlier : what it was made from, and what was released before.
    release : what was shown.
    name : the moment it was made, ISO 8601 with time zone.
    """
    scores = settled(workspace, measurement, earlier).scores
    scales = {key: of[0] for key, of in answer_scales(workspace.organisation, measurement.scales).items()}
    open_to_all = [is_public_score(v, workspace) for v in scores.constructs]
    kept = [c for c, v in enumerate(scores.constructs) if v in scales and not open_to_all[c]]
    rows = np.flatnonzero(np.isin(scores.construct, kept) & np.isfinite(scores.mean))
    shown = {(s.unit, s.period, s.construct): (s.mean, s.step) for s in release.scores}
    names = zip(scores.unit[rows].tolist(), scores.period[rows].tolist(), scores.construct[rows].tolist(), strict=True)
    nothing = math.nan, math.nan
    figures = [shown.get((scores.units[u], scores.periods[t], scores.constructs[c]), nothing) for u, t, c in names]
    mean, step = np.array(figures, dtype=np.float64).reshape(-1, 2).T
    parents = {unit.key: unit.parent or "" for unit in workspace.units}
    record = _records(workspace, measurement, release)
    units = tuple(dict.fromkeys((*scores.units, *record.units)))
    periods = tuple(dict.fromkeys((*scores.periods, *record.periods)))
    return Released(
        name=name,
        units=units,
        parents=tuple(parents[key] for key in units),
        periods=periods,
        constructs=(*(scores.constructs[c] for c in kept), *(record.kept_as + name for name in record.variables)),
        unit=np.concatenate([scores.unit[rows], _moved(record.unit, record.units, units)]),
        period=np.concatenate([scores.period[rows], _moved(record.period, record.periods, periods)]),
        construct=np.concatenate(
            [_moved(scores.construct[rows], range(len(scores.constructs)), kept), len(kept) + record.variable]
        ),
        n=np.concatenate([scores.n[rows], record.n]),
        mean=np.concatenate([mean, record.mean]),
        step=np.concatenate([step, np.where(np.isfinite(record.mean), 0.0, np.nan)]),
        scales={scores.constructs[c]: scales[scores.constructs[c]] for c in kept},
        exposure=np.concatenate([np.full(len(rows), np.nan), record.exposure]),
    )


def _records(workspace: Workspace, measurement: Measurement, release: Release) -> cells.Cells:
    """Figures of record that are not public, as a release tells them: the mean is what was shown, NaN where hidden."""
    found = cells.figure_cells(workspace, measurement)
    rows = np.flatnonzero(~found.public[found.variable] & np.isfinite(found.mean))
    shown = {(r.unit, r.period, r.measure): r.value for r in release.results}
    mean = np.array([shown.get(found.key(row), math.nan) for row in rows.tolist()], dtype=np.float64)
    part = {name: getattr(found, name)[rows] for name in ("unit", "period", "variable", "n", "exposure")}
    return replace(found, **part, mean=mean)


def _moved(codes: IntArray, old: Sequence[Hashable], new: Sequence[Hashable]) -> IntArray:
    """Codes of labels in another list of them; of those that are not there, 0."""
    place = {label: at for at, label in enumerate(new)}
    return np.array([place.get(label, 0) for label in old], dtype=np.int64)[codes]


def _notes(workspace: Workspace) -> tuple[Text, ...]:
    present = {"scores": workspace.scores is not None, "results": workspace.results is not None}
    organisation = workspace.organisation
    return tuple(text for name, text in _PUBLIC.items() if present[name] and name in organisation.policy.already_public)


def _told_often(periods: Sequence[str]) -> Text:
    en, nl = (", ".join(period(label, language) for label in periods) for language in ("en", "nl"))
    return Text(_SETTLED.en.format(periods=en), _SETTLED.nl.format(periods=nl))


def _units(units: tuple[Unit, ...]) -> tuple[ShownUnit, ...]:
    parent = {unit.key: unit.parent for unit in units}

    def level(key: str) -> int:
        depth, above = 0, parent[key]
        while above is not None:
            depth, above = depth + 1, parent[above]
        return depth

    return tuple(ShownUnit(u.key, u.name, u.parent, u.service, u.co_creation, level(u.key)) for u in units)


def _constructs(organisation: Organisation, measurement: Measurement, chain: Chain, plan: Plan) -> dict[str, Construct]:
    links = [*chain.picture, *(link for claim in chain.claims for link in claim.links)]
    variables = dict.fromkeys(
        (
            *measurement.scores.constructs,
            *measurement.figures.measures,
            *measurement.panel.variables,
            *(scale.construct for scale in measurement.scales),
            *(end for link in links for end in (link.estimate.link.cause, link.estimate.link.outcome)),
            *(end for claim in chain.claims for arrow in claim.claim.links for end in (arrow.cause, arrow.outcome)),
            *(end for move in plan.moves for end in (move.lever, move.outcome)),
            *(action.lever for action in plan.effects),
        )
    )
    return {variable: organisation.construct(variable) for variable in variables}
