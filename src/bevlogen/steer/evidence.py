"""What is published of a link, and what that says together with the own data."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from scipy import special

from bevlogen.core.chain import parent_construct
from bevlogen.core.judged import Combined, Published
from bevlogen.core.linked import Estimate, LinkEstimate
from bevlogen.core.results import Design
from bevlogen.models import meta

Use = Literal["number", "sign", "contrast", "vendor duplicate", "low confidence", "other unit"]

# Chance, before looking, that the literature applies here; the rest is a vague N(0, 0.5²). Usual are 0.5 to 0.8; why
# less: see ``combine``.
PRIOR_WEIGHT = 0.2
VAGUE_SD = 0.5
_Z975 = float(special.ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Effect:
    """A published figure. ``estimate`` is NaN where the row carries a direction only; ``use`` says what it is good for.

    ``cause`` and ``outcome`` are the study's words, ``cause_key`` and ``outcome_key`` our constructs or "".
    """

    id: str
    cause: str
    outcome: str
    cause_key: str
    outcome_key: str
    use: str
    measure: str
    estimate: float
    low: float | None
    high: float | None
    level: str
    study: str
    year: str
    doi: str
    verified: bool
    note: str


@dataclass(frozen=True, slots=True)
class Prior:
    """What to expect of a link before any own data, on the latent scale, in the theory's direction of counting."""

    mean: float
    tau: float
    sources: tuple[str, ...]
    basis: str


@cache
def effects() -> dict[str, Effect]:
    """Return every published figure by its id."""
    return {
        r["id"]: Effect(
            r["id"],
            r["cause"],
            r["outcome"],
            r["cause_key"],
            r["outcome_key"],
            r["use"],
            r["measure"],
            _number(r["estimate"]) if r["use"] != "sign" else math.nan,
            float(r["ci_low"]) if r["ci_low"] else None,
            float(r["ci_high"]) if r["ci_high"] else None,
            r["level"],
            r["study"],
            r["year"],
            r["doi"],
            r["verified"] == "yes",
            r["note"],
        )
        for r in _rows("effects.csv")
    }


def interventions() -> dict[str, Effect]:
    """Return what is published of interventions on engagement, by id: figures that may be used as numbers."""
    return {
        key: effect
        for key, effect in effects().items()
        if effect.use == "number" and "intervention" in effect.cause and effect.outcome == "work engagement"
    }


@cache
def priors(kind: Literal["cross-sectional", "causal"]) -> dict[tuple[str, str], Prior]:
    """Return the prior of each link (cause, outcome) for which there is one of this kind."""
    prefix = "cross" if kind == "cross-sectional" else "causal"
    return {
        (r["cause"], r["outcome"]): Prior(
            float(r[f"{prefix}_mean"]), float(r[f"{prefix}_tau"]), tuple(r[f"{prefix}_sources"].split()), r["basis"]
        )
        for r in _rows("priors.csv")
        if r[f"{prefix}_mean"]
    }


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("bevlogen.evidence").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _number(text: str) -> float:
    return float(text) if text else math.nan


def published(link: LinkEstimate, design: Design) -> Published | None:
    """What does the literature say of this link, on the scale of the own estimate? None where it says nothing usable.

    Parameters
    ----------
    link : the link with its own estimates; gives the direction of counting and the reliabilities.
    design : of the own estimate that is set beside it. ``cross-sectional`` meets the prior of correlations between
        units; ``within``, ``lagged`` and ``experiment`` meet the causal prior: effects on later change at a constant
        baseline, about a year on. A lagged estimate is just that, at the organisation's own lag. A within estimate is
        compared with it because both take out what differs between units for good, which is most of a correlation
        between units; it still holds what comes back from the outcome and what strikes both at once, so it may well
        lie above that prior.

    Notes
    -----
    Priors are correlations of true scores and own estimates are corrected for unreliability, so no conversion is
    needed. Where both reliabilities are known and the estimate between units was left uncorrected (it equals
    ``uncorrected``), the prior is brought to the observed scale, ``rho sqrt(rel_x rel_y)``. Where a reliability is
    unknown it cannot be; the verdict's reason then says so. The sign is turned where a measure counts the other way.

    References
    ----------
    Hunter & Schmidt (2004), Methods of Meta-Analysis, ch. 3 (attenuation).
    Riketta (2008), doi 10.1037/0021-9010.93.2.472 (lagged against cross-sectional).
    """
    kind: Literal["cross-sectional", "causal"] = "cross-sectional" if design == "cross-sectional" else "causal"
    prior = priors(kind).get((link.link.cause, link.link.outcome)) or _of_parent(link, kind)
    if prior is None:
        return None
    scale = _attenuation(link) if kind == "cross-sectional" else 1.0
    mean, tau = prior.mean * scale * link.sign * link.link.sign, prior.tau * scale
    return Published(mean, tau, mean - _Z975 * tau, mean + _Z975 * tau, kind, prior.basis, prior.sources)


def _of_parent(link: LinkEstimate, kind: Literal["cross-sectional", "causal"]) -> Prior | None:
    """A job resource borrows the prior of employership, which rests on resources; a demand (turned sign) has none."""
    if link.sign != link.link.sign:
        return None
    return priors(kind).get((parent_construct(link.link.cause), link.link.outcome))


def reliability_known(link: LinkEstimate) -> bool:
    """Whether the own estimate could be corrected on both sides."""
    return not (math.isnan(link.reliability_cause) or math.isnan(link.reliability_outcome))


def _attenuation(link: LinkEstimate) -> float:
    own = link.by("cross-sectional")
    if own is None or not reliability_known(link) or own.estimate != own.uncorrected:
        return 1.0
    return math.sqrt(max(link.reliability_cause, 0.0) * max(link.reliability_outcome, 0.0)) or 1.0


def combine(literature: Published | None, estimate: Estimate) -> Combined | None:
    """What do own data and literature say together? None without literature or without a standard error.

    Parameters
    ----------
    literature : prior for the true effect in a new organisation; its spread is ``tau``.
    estimate : own estimate on the same scale.

    Notes
    -----
    Robust MAP: 0.2 N(mean, tau²) + 0.8 N(0, 0.5²). The likelihood is normal with the standard error that gives the own
    95% interval its width, so that few degrees of freedom count as the loss that they are. ``effective_units`` is the
    expected local information ratio of the prior times the information of one own unit: for a single normal prior it is
    n_units * own variance / prior variance.

    The weight is low because literature that is wrong by two to four tau is seen late. With a normal estimate, own
    standard errors of 0.04 to 0.7 SD, tau 0.1 and literature off by up to 0.6: at 0.8 (Schmidli et al.) the root mean
    squared error is up to 1.46 times that of own data and the interval covers down to .73; at 0.5 1.23 and .88; at 0.2
    1.08 and .93, while literature that is right still takes a third off the error at a standard error of 0.3. Neither a
    t prior nor a self-adapting mixture (Yang et al. 2023; at best 1.07 and .91) did better. In simulated organisations:
    docs/calibration.md, with other rules that were tried. None can be better than own data where the literature is
    right and worse nowhere (the mean is admissible: Hodges & Lehmann 1951).

    References
    ----------
    Schmidli et al. (2014), doi 10.1111/biom.12242. Neuenschwander et al. (2020), doi 10.1111/biom.13252. Yang et al.
    (2023), doi 10.1111/biom.13927.
    """
    se = (estimate.high - estimate.low) / (2 * _Z975)
    if literature is None or not (math.isfinite(se) and se > 0):
        return None
    out = meta.robust_map(
        estimate.estimate,
        se,
        literature.mean,
        literature.tau,
        weight=PRIOR_WEIGHT,
        vague_sd=VAGUE_SD,
        n=estimate.n_units,
    )
    return Combined(out.mean, out.sd, out.low, out.high, out.conflict, out.weight, out.effective_n)
