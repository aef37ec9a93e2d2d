"""Structural equation models of one level, several groups or two levels, by maximum likelihood.

The public face: ``model`` reads a model, ``fit`` fits it to columns, ``fit_moments`` to what a scan kept of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import ChoiceError, ShapeError
from bevlogen.models import sem_columns, sem_compare, sem_estimates, sem_fit, sem_robust, sem_start
from bevlogen.models.sem_compare import Alternatives
from bevlogen.models.sem_estimates import Effect, Estimate
from bevlogen.models.sem_fit import Information
from bevlogen.models.sem_incomplete import IncompleteMeasures
from bevlogen.models.sem_likelihood import Clustered, Independent
from bevlogen.models.sem_measures import FitMeasures
from bevlogen.models.sem_model import Model, Op, model
from bevlogen.models.sem_moments import ClusterMoments, Moments, cluster_moments, moments, moments_of_rows
from bevlogen.models.sem_robust import RobustMeasures

__all__ = [
    "ClusterMoments",
    "Effect",
    "Estimate",
    "FitMeasures",
    "IncompleteMeasures",
    "Model",
    "Moments",
    "RobustMeasures",
    "SemFit",
    "cluster_moments",
    "fit",
    "fit_moments",
    "model",
    "moments",
    "moments_of_rows",
]

FloatArray = NDArray[np.float64]

_MISSING = ("listwise", "ml")
_ERRORS = ("normal", "robust")


@dataclass(frozen=True, slots=True)
class SemFit:
    """A fitted model.

    Attributes
    ----------
    estimates : every parameter and defined quantity, in the order of the model.
    theta, vcov : (q,), (q, q) free parameters and their covariance; NaN where the data do not determine them.
    measures : how well it fits.
    incomplete : indices corrected for missing values; None without any, or where they cannot be given.
    robust : measures under non-normality, if robust errors were asked for.
    information : which information matrix the errors rest on.
    n_obs, n_clusters : rows, and clusters (0 for one level).
    groups : labels of the groups, in the order of blocks.
    converged : whether the numbers can be used.
    notes : what a reader must know: no optimum, not determined, variance below zero.
    model : the model, with values from the sample filled in.
    """

    estimates: tuple[Estimate, ...]
    theta: FloatArray
    vcov: FloatArray
    measures: FitMeasures
    incomplete: IncompleteMeasures | None
    robust: RobustMeasures | None
    information: Information
    n_obs: int
    n_clusters: int
    groups: tuple[str, ...]
    converged: bool
    notes: tuple[str, ...]
    model: Model

    def get(self, lhs: str, op: str, rhs: str = "", block: int = 0) -> Estimate:
        """Return one parameter by its names, as ``get("y", "~", "x")``; a covariance in either order."""
        sides = ((lhs, rhs), (rhs, lhs)) if op == "~~" else ((lhs, rhs),)
        for e in self.estimates:
            if e.op == op and e.block == block and (e.lhs, e.rhs) in sides:
                return e
        raise ChoiceError("parameter", f"{lhs} {op} {rhs}", [f"{e.lhs} {e.op} {e.rhs}" for e in self.estimates])

    def labelled(self, label: str) -> Estimate:
        """Return the parameter or defined quantity with this label."""
        for e in self.estimates:
            if e.label == label:
                return e
        raise ChoiceError("label", label, [e.label for e in self.estimates if e.label])

    def average(self, names: Sequence[tuple[str, Op, str]], df: float = math.inf) -> Effect:
        """Return the average of free parameters, each named (lhs, op, rhs), with limits from t with ``df``."""
        return sem_estimates.effect(self.model, self.theta, self.vcov, names, df)

    def paths(self, labels: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Return (k,) estimates and (k, k) covariance of labelled free parameters, as a Monte Carlo interval needs."""
        places = {p.label: p.index for p in self.model.parameters if p.label and p.index >= 0}
        for label in labels:
            if label not in places:
                raise ChoiceError("label", label, places)
        index = [places[label] for label in labels]
        return self.theta[index], self.vcov[np.ix_(index, index)]


def fit(
    spec: Model | str,
    data: Mapping[str, ArrayLike],
    *,
    group: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    missing: Literal["listwise", "ml"] = "listwise",
    information: Information | None = None,
    errors: Literal["normal", "robust"] = "normal",
) -> SemFit:
    """Fit a structural equation model to columns.

    Parameters
    ----------
    spec : a model, or its text (then with means, exogenous variables as given).
    data : (n,) column per observed variable; NaN where missing. Other columns are ignored.
    group : (n,) labels, for a model of as many groups; blocks follow the order of appearance.
    cluster : (n,) labels: the clusters of a two-level model, or, with one level, what robust errors allow to depend.
    missing : ``listwise`` uses complete rows; ``ml`` uses every answer (full information, missing at random).
    information : behind the standard errors; by default ``expected`` for complete single-level data with normal
        errors, else ``observed``.
    errors : ``normal`` theory, or ``robust`` (Huber-White sandwich, with scaled test).

    Returns
    -------
    SemFit

    Raises
    ------
    ShapeError
        Columns are missing, differ in length, or ask for what cannot be combined.
    NotEstimableError
        Too few rows, a variable that does not vary, or fewer clusters than two.

    Notes
    -----
    Normal-theory maximum likelihood, covariances with denominator n; errors and tests are those of large samples.
    A model that the data do not determine comes back with ``converged=False``, errors NaN and a note.

    References
    ----------
    Bollen (1989), Structural equations with latent variables. Arbuckle (1996) for missing values. Muthén (1994),
    doi 10.1177/0049124194022003006, for two levels. Yuan & Bentler (2000), doi 10.1111/0081-1750.00078, for robust
    errors.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=300)
    >>> m = 0.5 * x + rng.normal(size=300)
    >>> y = 0.4 * m + rng.normal(size=300)
    >>> result = fit("m ~ a*x; y ~ b*m + x; ab := a*b", {"x": x, "m": m, "y": y})
    >>> bool(abs(result.labelled("ab").estimate - 0.2) < 3 * result.labelled("ab").std_error)
    True
    """
    chosen = model(spec) if isinstance(spec, str) else spec
    if missing not in _MISSING:
        raise ChoiceError("missing", missing, _MISSING)
    if errors not in _ERRORS:
        raise ChoiceError("errors", errors, _ERRORS)
    columns = sem_columns.columns_of(chosen, data)
    if chosen.layout == "levels":
        if cluster is None or missing == "ml" or errors == "robust":
            raise ShapeError("A two-level model needs cluster=..., complete rows and normal errors.")
        return fit_moments(chosen, sem_columns.two_level(chosen, columns, np.asarray(cluster)), information=information)
    names = chosen.blocks[0].observed
    rows = np.column_stack([columns[n] for n in names])
    labels = np.zeros(len(rows), int) if group is None else np.asarray(group)
    codes, order = sem_columns.in_appearance(labels)
    if len(labels) != len(rows) or len(order) != len(chosen.blocks):
        raise ShapeError(f"The model has {len(chosen.blocks)} groups; {len(order)} found. Use model(groups=...).")
    keep = np.isfinite(rows).all(axis=1) if missing == "listwise" else np.isfinite(rows).any(axis=1)
    parts = [rows[keep & (codes == g)] for g in range(len(order))]
    found = [sem_columns.ordered(chosen, moments_of_rows(part, names, missing=missing)) for part in parts]
    if errors == "robust":
        information = information or "observed"
    result, others = _fitted(chosen, Independent(tuple(found)), information)
    result = replace(result, groups=tuple(str(o) for o in order) if group is not None else ())
    if errors == "normal" or not result.converged:
        return result
    clusters = None if cluster is None else [np.asarray(cluster)[keep & (codes == g)] for g in range(len(order))]
    return _made_robust(result, others, parts, clusters)


def fit_moments(
    spec: Model | str,
    data: Moments | Sequence[Moments] | ClusterMoments,
    *,
    information: Information | None = None,
) -> SemFit:
    """Fit the same model from moments; the answer equals ``fit`` on the rows behind them.

    Parameters
    ----------
    spec : a model or its text.
    data : moments of one group, of each group, or of rows in clusters. Names must cover the model's variables.

    Raises
    ------
    ShapeError, NotEstimableError
        As in ``fit``; also where exogenous variables taken as given have missing values.
    """
    chosen = model(spec) if isinstance(spec, str) else spec
    if isinstance(data, ClusterMoments):
        return _fitted(chosen, sem_columns.clustered(chosen, data), information)[0]
    groups = [data] if isinstance(data, Moments) else list(data)
    if len(groups) != len(chosen.blocks) or chosen.layout == "levels":
        raise ShapeError(f"The model has {len(chosen.blocks)} groups or levels; moments for {len(groups)} found.")
    return _fitted(chosen, Independent(tuple(sem_columns.ordered(chosen, g) for g in groups)), information)[0]


def _fitted(
    spec: Model, likelihood: Independent | Clustered, information: Information | None
) -> tuple[SemFit, Alternatives]:
    """Fit, with the models it is compared with."""
    samples = sem_start.samples(likelihood)
    chosen = sem_columns.filled(spec, samples)
    best = sem_fit.optimum(chosen, likelihood, sem_start.start(chosen, samples))
    if information is None:
        plain = isinstance(likelihood, Independent) and all(g.is_complete for g in likelihood.groups)
        information = "expected" if plain else "observed"
    vcov = sem_fit.inverse_information(best.expected if information == "expected" else best.observed)
    notes = best.notes
    if not best.converged:
        vcov = np.full_like(vcov, np.nan)
    elif np.isnan(vcov).any():
        notes = (*notes, "The best fit lies where errors cannot be given; take no number from this model.")
    others = sem_compare.alternatives(chosen, likelihood, samples)
    compared = sem_compare.compare(chosen, best, others, likelihood, samples)
    result = SemFit(
        estimates=sem_estimates.estimates(chosen, best.theta, vcov),
        theta=best.theta,
        vcov=vcov,
        measures=compared.measures,
        incomplete=compared.incomplete,
        robust=None,
        information=information,
        n_obs=likelihood.n_obs,
        n_clusters=likelihood.moments.n_clusters if isinstance(likelihood, Clustered) else 0,
        groups=(),
        converged=best.converged and not np.isnan(vcov).any(),
        notes=notes + compared.notes,
        model=chosen,
    )
    return result, others


def _made_robust(
    result: SemFit,
    others: Alternatives,
    rows: Sequence[FloatArray],
    clusters: Sequence[NDArray[np.generic]] | None,
) -> SemFit:
    """Replace the errors by those of the sandwich and add the scaled test."""
    if not result.model.means:
        rows = [r - r.mean(axis=0) for r in rows]
    own = sem_robust.Case(result.model, result.theta, result.vcov)
    vcov = sem_robust.sandwich(own, rows, clusters)
    robust = None
    if others.top is not None:
        free, base = (
            sem_robust.Case(m, o.theta, sem_fit.inverse_information(o.observed))
            for m, o in ((others.free, others.top), (others.base, others.least))
        )
        robust = sem_robust.scaled(own, free, base, rows, clusters, result.measures)
    return replace(
        result, vcov=vcov, estimates=sem_estimates.estimates(result.model, result.theta, vcov), robust=robust
    )
