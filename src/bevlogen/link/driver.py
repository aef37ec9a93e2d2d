"""Estimate every arrow of the theory for which both ends are measured on the same units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.chain import CLAIMS, CONSTRUCTS, FACETS, PICTURE, Link, Text, parent_construct
from bevlogen.core.linked import Estimate, LinkEstimate, shares
from bevlogen.core.measured import Panel
from bevlogen.core.results import Design
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.models import panel as models

_POWER = 0.8


def estimate(panel: Panel, organisation: Organisation, hidden: Collection[str] = ()) -> tuple[LinkEstimate, ...]:
    """Estimate each distinct link of the claims and of the picture, and of each facet of employership that is measured.

    Parameters
    ----------
    panel : unit means and figures of record per unit and period, with their sampling errors.
    organisation : who answered what, which measures to hold constant, how measures count.
    hidden : variables of which no figure is in the panel because none is shown, though there are some.

    Returns
    -------
    One record per (cause, outcome), with up to three designs: between units (``cross-sectional``), within units over
    time (``within``) and one period later (``lagged``); or the reason why there is none.
    """
    links = _links(panel)
    reliability = _reliability(links, panel)
    found = (_one(link, panel, organisation, reliability) for link in links)
    return tuple(say_hidden(one, organisation, hidden, (one.link.cause, one.link.outcome)) for one in found)


def say_hidden(
    found: LinkEstimate, organisation: Organisation, hidden: Collection[str], needed: Collection[str]
) -> LinkEstimate:
    """Give no estimate where all figures of a variable that is needed are hidden, and say that there are some."""
    gone = [label(v, organisation) for v in dict.fromkeys(needed) if v in hidden]
    if not gone:
        return found
    reason = _HIDDEN.en.format(", ".join(name.en for name in gone))
    return replace(found, estimates=(), reason=reason, reason_nl=_HIDDEN.nl.format(", ".join(name.nl for name in gone)))


def estimate_one(link: Link, panel: Panel, organisation: Organisation, lag: int = 1) -> LinkEstimate:
    """Estimate a single link as ``estimate`` does; the lagged design looks ``lag`` periods ahead."""
    return _one(link, panel, organisation, _reliability([link], panel), lag)


def _reliability(links: list[Link], panel: Panel) -> dict[str, float]:
    services = _services(panel)
    return {
        v: models.unit_reliability(panel.column(v), panel.error_variance(v), services)
        for v in dict.fromkeys(v for link in links for v in (link.cause, link.outcome))
        if is_measured(v, panel)
    }


def _services(panel: Panel) -> NDArray[np.int64]:
    names = sorted(set(panel.services))
    return np.array([names.index(s) for s in panel.services], dtype=np.int64)


def _links(panel: Panel) -> list[Link]:
    """Every distinct arrow once, in the order of the theory; facets of employership after their parent."""
    wanted = [link for claim in CLAIMS.values() for link in claim.links] + list(PICTURE)
    facets = [v for v in panel.variables if parent_construct(v) == "employership" and v != "employership"]
    wanted += [Link(facet, "engagement") for facet in facets]
    return list({(link.cause, link.outcome): link for link in wanted}.values())


def _one(
    link: Link, panel: Panel, organisation: Organisation, reliability: Mapping[str, float], lag: int = 1
) -> LinkEstimate:
    blank = LinkEstimate(link, expected_sign(link, organisation), (), same_source(link, organisation), np.nan, np.nan)
    missing = [v for v in (link.cause, link.outcome) if not is_measured(v, panel)]
    if missing:
        return _because(blank, _not_measured(missing, organisation))
    if link.cause in organisation.adjust or link.outcome in organisation.adjust:
        return _because(blank, _ADJUSTED)
    pair = pair_of(link, panel, organisation)
    rel = [reliability[link.cause], reliability[link.outcome]]
    measured = replace(blank, reliability_cause=rel[0], reliability_outcome=rel[1])
    try:
        between, within = models.between_within(pair)
        lagged = models.lagged(pair, lag)
    except NotEstimableError as refused:
        return _because(measured, _refusal(refused, link, organisation))
    found: dict[Design, models.Slope | NotEstimableError | None] = {
        "cross-sectional": between,
        "within": within,
        "lagged": lagged,
    }
    slopes = {design: slope for design, slope in found.items() if isinstance(slope, models.Slope)}
    share = shares(slopes)
    estimates = tuple(_estimate(design, slope, rel, share[design]) for design, slope in slopes.items())
    if not estimates and isinstance(between, NotEstimableError):
        return _because(measured, _refusal(between, link, organisation))
    return replace(measured, estimates=estimates, lag=lag)


def is_measured(variable: str, panel: Panel) -> bool:
    """Tell whether the panel has any figure of a variable."""
    return variable in panel.variables and bool(np.isfinite(panel.column(variable)).any())


def pair_of(link: Link, panel: Panel, organisation: Organisation) -> models.Pair:
    """Take both ends of a link from the panel, with services and adjusters to hold constant."""
    covariates = [panel.column(v) for v in organisation.adjust if is_measured(v, panel)]
    return models.Pair(
        x=panel.column(link.cause),
        y=panel.column(link.outcome),
        x_error=panel.error_variance(link.cause),
        y_error=panel.error_variance(link.outcome),
        xy_error=panel.error_covariance(link.cause, link.outcome),
        group=_services(panel),
        covariates=_stacked(covariates, panel.value.shape[:2]),
        recurring="employees" in _respondents(link.cause, organisation) | _respondents(link.outcome, organisation),
    )


def _stacked(columns: list[NDArray[np.float64]], shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.stack(columns, axis=2) if columns else np.empty((*shape, 0))


def expected_sign(link: Link, organisation: Organisation) -> int:
    """Return the expected direction on this organisation's scales: turned for each end that counts the other way."""
    sign: int = link.sign
    for variable in (link.cause, link.outcome):
        if organisation.construct(variable).higher_is_better != usually_good(variable, organisation):
            sign = -sign
    return sign


def usually_good(variable: str, organisation: Organisation) -> bool:
    """Tell whether more of it is good as the theory has it; of an own measure as the organisation says."""
    known = CONSTRUCTS.get(parent_construct(variable))
    return known.higher_is_better if known is not None else organisation.construct(variable).higher_is_better


def same_source(link: Link, organisation: Organisation) -> bool:
    """Tell whether some of the same people answered about both ends."""
    return bool(_respondents(link.cause, organisation) & _respondents(link.outcome, organisation))


def _respondents(variable: str, organisation: Organisation) -> frozenset[str]:
    """Return who answered about a variable; about a construct made of facets: who answered any of them."""
    known = organisation.respondents
    if variable in known:
        return known[variable]
    related = [
        people for v, people in known.items() if parent_construct(v) == variable or v == parent_construct(variable)
    ]
    return frozenset().union(*related)


def _estimate(design: Design, slope: models.Slope, reliability: list[float], share: float) -> Estimate:
    """Dress up a slope that has this share of the 5%."""
    levels = 0.975, 0.95, 1 - 0.025 * share, _POWER
    wide, narrow, joint, power = (float(special.stdtrit(slope.df, p)) for p in levels)
    low, high = slope.limits(wide)
    low90, high90 = slope.limits(narrow)
    low_joint, high_joint = slope.limits(joint)
    raw_low, raw_high = slope.raw_limits(wide)
    return Estimate(
        design=design,
        estimate=slope.estimate,
        std_error=slope.std_error,
        df=slope.df,
        low=low,
        high=high,
        low90=low90,
        high90=high90,
        raw=slope.raw,
        raw_low=raw_low,
        raw_high=raw_high,
        uncorrected=slope.uncorrected,
        mde=(wide + power) * slope.std_error,
        p_value=2 * float(special.stdtr(slope.df, -abs(slope.t_value()))),
        n_obs=slope.n_obs,
        n_units=slope.n_units,
        n_waves=slope.n_waves,
        notes=_cautions(slope, reliability),
        low_joint=low_joint,
        high_joint=high_joint,
    )


def _cautions(slope: models.Slope, reliability: list[float]) -> tuple[Text, ...]:
    notes: list[Text] = []
    if np.isnan(slope.reliability):
        notes.append(
            Text(
                "the sampling error of the cause is unknown: not corrected, so the true slope is probably larger",
                "de steekproeffout van de oorzaak is onbekend en niet gecorrigeerd: het verband is vast sterker",
            )
        )
    elif slope.reliability < 0.5:
        share = f"{slope.reliability:.0%}"
        notes.append(
            Text(
                f"only {share} of the differences used for this slope are true differences",
                f"slechts {share} van de verschillen die hier zijn gebruikt, zijn echte verschillen",
            )
        )
    if np.isnan(reliability[1]):
        notes.append(
            Text(
                "the sampling error of the outcome is unknown: its SD is taken as observed",
                "de steekproeffout van de uitkomst is onbekend: de SD is genomen zoals hij is waargenomen",
            )
        )
    if slope.model_se > 0 and not 2 / 3 < slope.std_error / slope.model_se < 3 / 2:
        jackknife, model = f"{slope.std_error:.2f}", f"{slope.model_se:.2f}"
        notes.append(
            Text(
                f"the jackknife over units gives a standard error of {jackknife}, the mixed model {model}; "
                "the jackknife is used",
                f"de standaardfout is {jackknife.replace('.', ',')} door steeds een team weg te laten en "
                f"{model.replace('.', ',')} volgens het gemengde model; de eerste is gebruikt",
            )
        )
    return tuple(notes)


_HIDDEN = Text(
    "There are figures of {}, but each is hidden: too few people are behind it. More answers, larger teams or all "
    "services together would help.",
    "Er zijn cijfers over {}, maar ze zijn alle verborgen: er zitten te weinig mensen achter. Meer antwoorden, grotere "
    "teams of alle diensten samen zouden helpen.",
)
_ADJUSTED = Text(
    "One end of this link is held constant in every link ([link] adjust).",
    "Een kant van dit verband wordt in elk verband constant gehouden ([link] adjust).",
)


def _because(record: LinkEstimate, reason: Text) -> LinkEstimate:
    return replace(record, reason=reason.en, reason_nl=reason.nl)


def label(variable: str, organisation: Organisation) -> Text:
    """Return the name of a variable as this organisation calls it."""
    known = variable in CONSTRUCTS or variable in FACETS or variable in organisation.measures
    return organisation.construct(variable).label if known else Text(variable, variable)


def _not_measured(missing: list[str], organisation: Organisation) -> Text:
    labels = [label(v, organisation) for v in missing]
    return Text(
        f"Needs figures of {' and '.join(t.en for t in labels)}.",
        f"Nodig: cijfers over {' en '.join(t.nl for t in labels)}.",
    )


def _refusal(refused: NotEstimableError, link: Link, organisation: Organisation) -> Text:
    cause, outcome = label(link.cause, organisation), label(link.outcome, organisation)
    noise = "The differences between units in {} are no larger than chance. More answers per unit would help."
    ruis = "De verschillen tussen teams in {} zijn niet groter dan toeval. Meer antwoorden per team helpen."
    texts = {
        "noise-cause": Text(noise.format(cause.en), ruis.format(cause.nl)),
        "noise-outcome": Text(noise.format(outcome.en), ruis.format(outcome.nl)),
        "few-units": Text(
            f"Too few units have both {cause.en} and {outcome.en}. {refused}",
            f"Te weinig teams hebben zowel {cause.nl} als {outcome.nl}.",
        ),
    }
    fallback = Text(
        f"Units do not differ enough in {cause.en} or {outcome.en} to compare them. "
        "Where all answers are equal there is nothing to compare.",
        f"Teams verschillen te weinig in {cause.nl} of {outcome.nl} om ze te vergelijken. "
        "Waar alle antwoorden gelijk zijn, valt er niets te vergelijken.",
    )
    return texts.get(refused.why, fallback)
