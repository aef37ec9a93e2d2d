"""Whose doing are the differences between encounters: the employee's, the customer's, or the encounter's own?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Encounters
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.link.rated import FEWEST_UNITS, Rated, blank, few_units, figure, rated, resting_on
from bevlogen.link.trend import resting_on_services, too_few, trend
from bevlogen.models import crossed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_EXACT_UP_TO = 100_000  # rows of a service; beyond it moments, whose cost is linear
_FEWEST_EMPLOYEES, _FEWEST_CUSTOMERS = 10, 20
_PAIRS_REPEAT = 0.5  # share of rows whose pair met more than once from which a pair is told from the encounter
_RATED = ("interaction_quality", "service_quality")

_SCALE = Text(
    "change in the customer's share of the differences, from no to full co-creation",
    "verandering van het aandeel van de klant in de verschillen, van geen tot volledige co-creatie",
)
_NO_SERVICE = Text(
    "In no service do enough customers meet more than once and enough employees more than one customer (needed are "
    "{employees} employees and {customers} customers who come back).",
    "In geen enkele dienst komen genoeg klanten terug bij genoeg medewerkers (nodig zijn {employees} medewerkers en "
    "{customers} klanten die terugkomen).",
)
_NOISE = Text(
    "What is left for the encounter holds the pair, the moment and chance in answering; the first cannot be told from "
    "the rest where few pairs meet again.",
    "Wat voor het contact overblijft, is het koppel, het moment en toeval in het antwoorden; waar weinig koppels "
    "elkaar opnieuw treffen, zijn die niet te scheiden.",
)
_MERGED = Text(
    "In {service} every customer has one employee: customer and pair cannot be told apart and count together.",
    "Bij {service} heeft elke klant één medewerker: klant en koppel zijn niet te scheiden en tellen samen.",
)
_APART = Text(
    "In {service} only {share} of the ratings hang together through shared employees and customers; the rest is "
    "compared by assumption.",
    "Bij {service} hangt maar {share} van de oordelen samen via gedeelde medewerkers en klanten; de rest is vergeleken "
    "op grond van een aanname.",
)
_ASSIGNED = Text(
    "Who meets whom was not drawn by lot: an employee who gets the hard cases seems to make a difference.",
    "Wie wie treft is niet geloot: een medewerker met de moeilijke gevallen lijkt verschil te maken.",
)
_WHOLE_SERVICE = Text(
    "The interaction was not rated by itself; this is the rating of the service as a whole.",
    "Het contact zelf is niet beoordeeld; dit is het oordeel over de dienst als geheel.",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """Shares of the differences within unit and period of one service, each with 95% limits.

    ``pair`` is part of ``encounter`` unless it was told apart. ``decisive`` is customer and pair together, with its
    sampling ``variance`` (NaN where the customer's variance is estimated at zero, so that its error is unknown).
    """

    service: str
    degree: float
    employee: Interval
    customer: Interval
    encounter: Interval
    decisive: float
    variance: float
    connected: float
    merged: bool


def co_creation(encounters: Encounters | None, organisation: Organisation) -> Finding:
    """Does the customer make more of the difference between encounters where customers co-create more?

    Parameters
    ----------
    encounters : ratings one by one with pseudonyms of employee and customer; None where there are none.
    organisation : who rated what.

    Returns
    -------
    Finding
        ``estimate`` is the change of the share of customer (and pair, where it can be told apart in every service) in
        the differences between encounters, from co-creation 0 to 1, held against 0. NaN with fewer than three degrees
        of co-creation (the shares of each service are shown all the same) or fewer than five units.

    Notes
    -----
    Per service a crossed model of the rating with random employee, customer, unit and unit x period; REML up to 100,000
    ratings, beyond that moments. Shares are of employee + customer (+ pair) + encounter: units and periods are left
    out. Their limits: delta method on the log odds from the covariance of the variances. The trend is a
    meta-regression over services (``link.trend``). A variance estimated at zero has no error of its own; the largest
    error of another service stands in.

    References
    ----------
    Gao & Owen (2017), doi 10.1214/17-EJS1236. Bates et al. (2015), doi 10.18637/jss.v067.i01.
    """
    finding = blank("co-creation", "above", 0.0, 0.0, _SCALE)
    outcome, rows = _rows(encounters)
    if encounters is None or rows is None or len(rows.unit) == 0:
        return finding
    finding = resting_on(finding, rows)
    if rows.n_units < FEWEST_UNITS:
        return few_units(finding, rows)
    parts = _parts(rows, encounters)
    if not parts:
        needed = {"employees": _FEWEST_EMPLOYEES, "customers": _FEWEST_CUSTOMERS}
        return replace(finding, reason=Text(_NO_SERVICE.en.format(**needed), _NO_SERVICE.nl.format(**needed)))
    finding = replace(finding, figures=_figures(parts), notes=_notes(parts, outcome))
    degree = np.array([p.degree for p in parts])
    missing = too_few(degree)
    if missing is not None:
        return replace(finding, reason=missing)
    variance = np.array([p.variance for p in parts])
    variance = np.where(np.isnan(variance), np.nanmax(np.append(variance, -np.inf)), variance)
    try:
        found = trend(np.array([p.decisive for p in parts]), np.where(variance > 0, variance, np.nan), degree)
    except NotEstimableError:
        return replace(finding, reason=_ALL_ZERO)
    here = figure("the same, for these very services", "hetzelfde, voor juist deze diensten", *_values(found.here))
    return replace(
        finding,
        estimate=found.wide.estimate,
        low=found.wide.low,
        high=found.wide.high,
        low90=found.narrow.low,
        high90=found.narrow.high,
        p_value=found.p_value,
        figures=(here, *finding.figures),
        reason=resting_on_services(int(np.isfinite(degree).sum())),
    )


_ALL_ZERO = Text(
    "In no service do customers differ beyond chance, so there is no trend to estimate.",
    "In geen enkele dienst verschillen klanten meer dan toeval, dus er is geen trend te schatten.",
)


def _rows(encounters: Encounters | None) -> tuple[str, Rated | None]:
    """Return what was rated, and the rows with employee and customer."""
    for variable in _RATED:
        rows = rated(encounters, (variable,), ("employee", "customer"))
        if rows is not None:
            return variable, rows
    return _RATED[0], None


def _parts(rows: Rated, encounters: Encounters) -> tuple[Parts, ...]:
    """Shares of every service that can be divided; a table without services is one service."""
    chosen = [(s, np.flatnonzero(rows.service == s)) for s in np.unique(rows.service)]
    usable = [(int(s), k) for s, k in chosen if _usable(rows.employee[k], rows.customer[k])]
    pairs = bool(usable) and all(_pairs_repeat(rows.employee[k], rows.customer[k]) for _, k in usable)
    out = []
    for s, k in usable:
        name = encounters.services[s] if s >= 0 else ""
        degree = float(encounters.co_creation[s]) if s >= 0 else float("nan")
        try:
            out.append(_divided(rows, k, name, degree, pairs))
        except NotEstimableError:  # this service's ratings do not vary, or cannot be told apart: it has no shares
            continue
    return tuple(out)


def _usable(employee: IntArray, customer: IntArray) -> bool:
    """Tell whether enough employees occur and enough customers occur more than once."""
    again = np.unique(customer, return_counts=True)[1] > 1
    return len(np.unique(employee)) >= _FEWEST_EMPLOYEES and int(again.sum()) >= _FEWEST_CUSTOMERS


def _pair(employee: IntArray, customer: IntArray) -> IntArray:
    return np.asarray(employee * (int(customer.max()) + 1) + customer)


def _pairs_repeat(employee: IntArray, customer: IntArray) -> bool:
    _, at, size = np.unique(_pair(employee, customer), return_inverse=True, return_counts=True)
    return bool((size[at] > 1).mean() >= _PAIRS_REPEAT)


def _divided(rows: Rated, k: IntArray, service: str, degree: float, pairs: bool) -> Parts:
    employee, customer = rows.employee[k], rows.customer[k]
    met = np.unique(_pair(employee, customer)) // (int(customer.max()) + 1)
    merged = len(met) == len(np.unique(customer))
    groups = {"employee": employee, "customer": customer}
    if pairs and not merged:
        groups["pair"] = _pair(employee, customer)
    for name, codes in (("unit", rows.unit[k]), ("cell", rows.cell[k])):
        if len(np.unique(codes)) > len(np.unique(groups.get("unit", codes[:1]))):
            groups[name] = codes
    method: crossed.Method = "exact" if len(k) <= _EXACT_UP_TO else "moments"
    fit = crossed.fit(rows.scores[k, 0], np.ones((len(k), 1)), groups, method=method)
    return _shares(fit, list(groups), service, degree, merged)


def _shares(fit: crossed.CrossedFit, names: list[str], service: str, degree: float, merged: bool) -> Parts:
    """Turn variances into shares of what lies within unit and period."""
    variance = np.nan_to_num(np.array([*(fit.variance[name] for name in names), fit.sigma2]))
    cov = np.nan_to_num(fit.variance_cov)
    within = np.array([name not in ("unit", "cell") for name in names] + [True])

    def share(*of: str) -> tuple[Interval, float]:
        part = np.array([name in of for name in [*names, "encounter"]])
        total = float(variance[within].sum())
        value = float(variance[part].sum()) / total
        gradient = (part - value * within) / total
        error = float(gradient @ cov @ gradient)
        if value <= 0 or value >= 1 or error <= 0:
            return Interval(value), float("nan")
        odds, half = np.log(value / (1 - value)), 1.959964 * np.sqrt(error) / (value * (1 - value))
        low, high = (float(1 / (1 + np.exp(-(odds + side * half)))) for side in (-1, 1))
        return Interval(value, low, high), error

    decisive, error = share("customer", "pair")
    return Parts(
        service=service,
        degree=degree,
        employee=share("employee")[0],
        customer=decisive,
        encounter=share("encounter")[0],
        decisive=decisive.estimate,
        variance=error,
        connected=fit.connected,
        merged=merged,
    )


def _values(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _figures(parts: tuple[Parts, ...]) -> tuple[Figure, ...]:
    out = []
    for p in parts:
        at = f" ({p.service})" if p.service else ""
        out += [
            figure(f"share of the employee{at}", f"aandeel van de medewerker{at}", *_values(p.employee)),
            figure(f"share of the customer{at}", f"aandeel van de klant{at}", *_values(p.customer)),
            figure(f"share of the encounter itself{at}", f"aandeel van het contact zelf{at}", *_values(p.encounter)),
        ]
    return tuple(out)


def _notes(parts: tuple[Parts, ...], outcome: str) -> tuple[Text, ...]:
    notes = [_NOISE, _ASSIGNED]
    if outcome != _RATED[0]:
        notes.insert(0, _WHOLE_SERVICE)
    for p in parts:
        name = {"service": p.service or CONSTRUCTS[outcome].label.en}
        if p.merged:
            notes.append(Text(_MERGED.en.format(**name), _MERGED.nl.format(**name)))
        if p.connected < 0.95:
            share = {**name, "share": f"{p.connected:.0%}"}
            notes.append(Text(_APART.en.format(**share), _APART.nl.format(**share)))
    return tuple(notes)
