"""Does the whole chain hold? What passes from employership to the right to exist, each step a period later."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import special

from bevlogen.core.chain import Link, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Panel
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.link.driver import expected_sign, is_measured, label, pair_of, same_source
from bevlogen.models import mediation
from bevlogen.models import panel as models

STAGES = ("employership", "engagement", "interaction_quality", "loyalty")
ENDS = ("retention", "return", "acquisition")  # the right to exist, in the order of trust in the figure
SHORT = ("employership", "engagement", "loyalty")
LEAST_WAVES = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain: the lagged slope, in SD, turned to the direction that the theory expects."""

    cause: str
    outcome: str
    sign: int
    slope: models.Slope

    @property
    def limits(self) -> Interval:
        """Estimate with its limits at 95%."""
        ends = sorted(self.sign * v for v in self.slope.limits(float(special.stdtrit(self.slope.df, 0.975))))
        return Interval(self.sign * self.slope.estimate, ends[0], ends[1])


def whole_chain(panel: Panel, organisation: Organisation, rng: np.random.Generator) -> Finding:
    """Does employership lead to engagement, to better interactions, to loyal customers, to the right to exist?

    Parameters
    ----------
    panel : unit means and figures per period, with their sampling errors.
    organisation : how measures count, and which to hold constant.
    rng : source of the Monte Carlo draws.

    Returns
    -------
    Finding
        ``estimate`` is the product of the four steps: SDs of the end, four periods later, per SD of employership; the
        claim says that it is above 0. The end is the first of retention, return and acquisition that is measured.
        ``margin`` is the smallest effect that matters to the power of the number of steps less one, as a product of
        slopes below 1 is small by nature (at 0.10: 0.001, that of four steps of 0.18 each). NaN where a step cannot
        be estimated.

    Notes
    -----
    Each step is a slope one period later that holds constant the outcome's own earlier level, all earlier variables of
    the chain at that moment, and period, service and adjusters (``models.panel.lagged``), pooled over all adjacent
    periods: so with three waves or more every step is in order of time, and the product assumes that steps are the same
    in each period. Earlier variables held constant count as exact. The joint distribution of the steps is that of the
    jackknife over units; limits are quantiles of products of t draws. In ``figures``: the steps, the way through
    engagement alone, and for each step after the first the correlation of unmeasured causes of its two ends that would
    bring it to nothing.

    References
    ----------
    Preacher & Selig (2012), doi 10.1080/19312458.2012.679848. Taylor, MacKinnon & Tein (2008),
    doi 10.1177/1094428107300344. Imai, Keele & Yamamoto (2010), doi 10.1214/10-STS321.
    """
    finding = _blank(organisation)
    missing = [v for v in STAGES if not is_measured(v, panel)]
    ends = [v for v in ENDS if is_measured(v, panel)]
    if missing or not ends:
        return replace(finding, reason=_not_measured(missing, organisation, has_end=bool(ends)))
    if len(panel.periods) < LEAST_WAVES:
        return replace(finding, reason=_waves(len(panel.periods)))
    stages = (*STAGES, ends[0])
    found = _steps(stages, panel, organisation)
    if isinstance(found, Text):
        return replace(finding, reason=found)
    seed = int(rng.integers(2**32))
    wide, narrow = (_product(found, level, seed) for level in (0.95, 0.90))
    short = _steps(SHORT, panel, organisation)
    through = () if isinstance(short, Text) else (_through(short, seed, organisation),)
    shared = [step for step in found if same_source(Link(step.cause, step.outcome), organisation)]
    return replace(
        finding,
        scale=_scale(stages, organisation),
        estimate=wide.estimate,
        low=wide.low,
        high=wide.high,
        low90=narrow.low,
        high90=narrow.high,
        margin=organisation.smallest_effect ** (len(found) - 1),
        p_value=wide.p_value,
        figures=(*(_step_figure(s, organisation) for s in found), *through, *_sensitivity(found, organisation)),
        n_obs=min(s.slope.n_obs for s in found),
        n_units=min(s.slope.n_units for s in found),
        n_waves=min(s.slope.n_waves for s in found) + 1,
        same_source=bool(shared),
        reason=_weakest(found, organisation),
        notes=(*(_shared(s, organisation) for s in shared), _IGNORABLE),
    )


def _steps(stages: tuple[str, ...], panel: Panel, organisation: Organisation) -> tuple[Step, ...] | Text:
    """Estimate each step given all earlier stages; the reason why not for the first that cannot be had."""
    steps = []
    for i, (cause, outcome) in enumerate(pairwise(stages)):
        link = Link(cause, outcome)
        pair = pair_of(link, panel, organisation)
        earlier = [panel.column(v) for v in stages[:i]]
        if earlier:
            pair = replace(pair, covariates=np.concatenate([pair.covariates, np.stack(earlier, axis=2)], axis=2))
        try:
            slope = models.lagged(pair)
        except NotEstimableError:
            slope = None
        # Without an end to its limits a step has no standard error that a product could be drawn from.
        if slope is None or not all(map(math.isfinite, slope.limits(float(special.stdtrit(slope.df, 0.975))))):
            return _not_estimable(link, organisation)
        steps.append(Step(cause, outcome, expected_sign(link, organisation), slope))
    return tuple(steps)


def _product(steps: tuple[Step, ...], level: float, seed: int) -> mediation.Indirect:
    """Multiply the steps; their covariance is that of the jackknife, without it (many units) they count as separate."""
    paths = [s.sign * s.slope.estimate for s in steps]
    vcov = np.diag([s.slope.std_error**2 for s in steps])
    if all(s.slope.influence.size for s in steps):
        influence = np.stack([s.sign * s.slope.influence for s in steps])
        vcov = influence @ influence.T
    df = [s.slope.df for s in steps]
    return mediation.monte_carlo(paths, vcov, df=df, level=level, rng=np.random.default_rng(seed))


def _through(steps: tuple[Step, ...], seed: int, organisation: Organisation) -> Figure:
    indirect = _product(steps, 0.95, seed)
    return Figure(_scale((steps[0].cause, *(s.outcome for s in steps)), organisation), _interval(indirect))


def _interval(indirect: mediation.Indirect) -> Interval:
    return Interval(indirect.estimate, indirect.low, indirect.high)


def _step_figure(step: Step, organisation: Organisation) -> Figure:
    cause, outcome = label(step.cause, organisation), label(step.outcome, organisation)
    name = Text(f"step {cause.en} → {outcome.en}, SD", f"stap {cause.nl} → {outcome.nl}, SD")
    return Figure(name, step.limits)


def _sensitivity(steps: tuple[Step, ...], organisation: Organisation) -> tuple[Figure, ...]:
    """For each step after the first, how strong a hidden cause of both ends must be to explain all of it."""
    out = []
    for step in steps[1:]:
        if not math.isfinite(step.slope.partial):
            continue
        cause, outcome = label(step.cause, organisation), label(step.outcome, organisation)
        name = Text(
            f"hidden cause that would undo {cause.en} → {outcome.en} (correlation of what is left)",
            f"verborgen oorzaak die {cause.nl} → {outcome.nl} teniet zou doen (samenhang van wat overblijft)",
        )
        out.append(Figure(name, Interval(abs(step.slope.partial))))
    return tuple(out)


def _weakest(steps: tuple[Step, ...], organisation: Organisation) -> Text:
    """Say which steps are sure, and which is the weakest link."""
    sure = sum(s.limits.low > 0 for s in steps)
    weakest = min(steps, key=lambda s: s.sign * s.slope.estimate / s.slope.std_error)
    cause, outcome = label(weakest.cause, organisation), label(weakest.outcome, organisation)
    return Text(
        f"Of the {len(steps)} steps {sure} are sure; the least sure is {cause.en} → {outcome.en}.",
        f"Van de {len(steps)} stappen zijn er {sure} zeker; het minst zeker is {cause.nl} → {outcome.nl}.",
    )


def _scale(stages: tuple[str, ...], organisation: Organisation) -> Text:
    names = [label(v, organisation) for v in stages]
    en, nl = " → ".join(t.en for t in names), " → ".join(t.nl for t in names)
    return Text(f"what passes through {en}, in SD", f"wat doorwerkt langs {nl}, in SD")


def _blank(organisation: Organisation) -> Finding:
    nothing = math.nan
    margin = organisation.smallest_effect ** (len(STAGES) - 1)
    return Finding(
        "whole-chain", nothing, nothing, nothing, nothing, nothing, "above", 0.0, margin, nothing,
        _scale((*STAGES, ENDS[0]), organisation), (), "lagged", False, 0, 0, 0, Text("", ""),
    )  # fmt: skip


_IGNORABLE = Text(
    "This is a chain of causes only if nothing unmeasured moves two of its links at once.",
    "Dit is alleen een keten van oorzaken als niets anders twee schakels tegelijk beweegt.",
)


def _shared(step: Step, organisation: Organisation) -> Text:
    cause, outcome = label(step.cause, organisation), label(step.outcome, organisation)
    return Text(
        f"Same source: the same people answered on {cause.en} and, a period later, on {outcome.en}.",
        f"Zelfde bron: dezelfde mensen vulden {cause.nl} in en, een periode later, {outcome.nl}.",
    )


def _not_measured(missing: list[str], organisation: Organisation, *, has_end: bool) -> Text:
    names = [label(v, organisation) for v in missing]
    en, nl = [t.en for t in names], [t.nl for t in names]
    if not has_end:
        ends = [label(v, organisation) for v in ENDS]
        en.append(" or ".join(t.en for t in ends))
        nl.append(" of ".join(t.nl for t in ends))
    return Text(
        f"The whole chain also needs figures of {', and of '.join(en)} for the same units.",
        f"Voor de hele keten zijn ook cijfers nodig over {', en over '.join(nl)} van dezelfde onderdelen.",
    )


def _waves(found: int) -> Text:
    return Text(
        f"A chain has an order in time: at least {LEAST_WAVES} waves are needed. Found: {found}.",
        f"Een keten heeft een volgorde in de tijd: minstens {LEAST_WAVES} metingen zijn nodig. Gevonden: {found}.",
    )


def _not_estimable(link: Link, organisation: Organisation) -> Text:
    cause, outcome = label(link.cause, organisation), label(link.outcome, organisation)
    return Text(
        f"The step {cause.en} → {outcome.en} cannot be estimated: too few units have both in adjacent periods, or they "
        "differ no more than by chance.",
        f"De stap {cause.nl} → {outcome.nl} is niet te schatten: te weinig onderdelen hebben beide in opeenvolgende "
        "perioden, of de verschillen zijn niet groter dan toeval.",
    )
