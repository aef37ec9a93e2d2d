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
from bevlogen.models import sem_columns, sem_fit, sem_measures, sem_robust, sem_start
from bevlogen.models.sem_fit import Effect, Estimate, Information
from bevlogen.models.sem_likelihood import Clustered, Independent
from bevlogen.models.sem_measures import FitMeasures
from bevlogen.models.sem_model import Model, Op, independence, model, saturated
from bevlogen.models.sem_moments import ClusterMoments, Moments, cluster_moments, moments, moments_of_rows
from bevlogen.models.sem_robust import RobustMeasures

__all__ = [
    "ClusterMoments",
    "Effect",
    "Estimate",
    "FitMeasures",
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

    def average(self, names: Sequence[tuple[str, Op, str]]) -> Effect:
        """Return the average of free parameters, each named (lhs, op, rhs), with its error."""
        return sem_fit.effect(self.model, self.theta, self.vcov, names)

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
    parts = [rows[codes == g] for g in range(len(order))]
    found = [moments_of_rows(part, names, missing=missing) for part in parts]
    result = fit_moments(chosen, found, information=information or ("observed" if errors == "robust" else None))
    result = replace(result, groups=tuple(str(o) for o in order) if group is not None else ())
    if errors == "normal":
        return result
    clusters = None if cluster is None else [np.asarray(cluster)[codes == g] for g in range(len(order))]
    return _made_robust(result, parts, clusters, missing)


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
        likelihood: Independent | Clustered = sem_columns.clustered(chosen, data)
    else:
        groups = [data] if isinstance(data, Moments) else list(data)
        likelihood = Independent(
            tuple(sem_columns.ordered(chosen, b, g) for b, g in zip(range(len(groups)), groups, strict=True))
        )
        if len(groups) != len(chosen.blocks) or chosen.layout == "levels":
            raise ShapeError(f"The model has {len(chosen.blocks)} groups or levels; moments for {len(groups)} found.")
    samples = sem_start.samples(likelihood)
    chosen = sem_columns.filled(chosen, samples)
    best = sem_fit.optimum(chosen, likelihood, sem_start.start(chosen, samples))
    plain = isinstance(likelihood, Independent) and all(g.is_complete for g in likelihood.groups)
    information = information or ("expected" if plain else "observed")
    vcov = sem_fit.inverse_information(best.expected if information == "expected" else best.observed)
    if not best.converged:
        vcov = np.full_like(vcov, np.nan)
    notes = best.notes
    if best.converged and chosen.n_free and np.isnan(vcov).any():
        notes = (*notes, "The best fit lies where errors cannot be given; take no number from this model.")
    fitted, more = _measures(chosen, likelihood, samples, best)
    return SemFit(
        estimates=sem_fit.estimates(chosen, best.theta, vcov),
        theta=best.theta,
        vcov=vcov,
        measures=fitted,
        robust=None,
        information=information,
        n_obs=likelihood.n_obs,
        n_clusters=data.n_clusters if isinstance(data, ClusterMoments) else 0,
        groups=(),
        converged=best.converged and not np.isnan(vcov).any(),
        notes=notes + more,
        model=chosen,
    )


def _measures(
    chosen: Model, likelihood: Independent | Clustered, samples: Sequence[sem_start.Sample], best: sem_fit.Optimum
) -> tuple[FitMeasures, tuple[str, ...]]:
    """Compare with the unrestricted and the baseline model."""
    free, base = (sem_columns.filled(kind(chosen), samples) for kind in (saturated, independence))
    least = sem_fit.optimum(base, likelihood, sem_start.start(base, samples))
    top = least
    if sem_start.determines_covariances(likelihood):
        top = sem_fit.optimum(free, likelihood, sem_start.start(free, samples, covariances=True))
    tested = top is not least and top.converged
    notes = () if tested else ("There are too few rows for a test of the whole model; its fit is not given.",)
    given = sem_start.given_deviance(chosen, likelihood, samples)
    residuals = []
    implied, observed = (sem_fit.implied_at(m, o.theta) for m, o in ((chosen, best), (free if tested else base, top)))
    for block, (now, then) in enumerate(zip(implied, observed, strict=True)):
        (Sigma, mu), (cov, mean) = now.observed, then.observed
        weight = likelihood.groups[block].n if isinstance(likelihood, Independent) else 1
        lack = sem_measures.residual(cov, Sigma, mean, mu, chosen.means and chosen.layout == "groups")
        residuals.append((float(weight), lack if tested else math.nan))
    comparison = sem_measures.Comparison(
        deviance=best.deviance - given,
        unrestricted=top.deviance - given if tested else math.nan,
        baseline=least.deviance - given,
        n_par=chosen.n_free,
        n_par_unrestricted=free.n_free,
        n_par_baseline=base.n_free,
        n_obs=likelihood.n_obs,
        n_groups=1 if chosen.layout == "levels" else len(chosen.blocks),
        residuals=tuple(residuals),
        two_level=chosen.layout == "levels",
    )
    return sem_measures.measures(comparison), notes


def _made_robust(
    result: SemFit, parts: Sequence[FloatArray], clusters: Sequence[NDArray[np.generic]] | None, missing: str
) -> SemFit:
    """Replace the errors by those of the sandwich and add the scaled test."""
    names = result.model.blocks[0].observed
    rows = [p[np.isfinite(p).all(axis=1)] if missing == "listwise" else p for p in parts]
    kept = None
    if clusters is not None:
        kept = [
            c[np.isfinite(p).all(axis=1)] if missing == "listwise" else c for c, p in zip(clusters, parts, strict=True)
        ]
    likelihood = Independent(
        tuple(
            sem_columns.ordered(result.model, g, moments_of_rows(p, names, missing=missing)) for g, p in enumerate(rows)
        )
    )
    samples = sem_start.samples(likelihood)
    if not result.model.means:
        rows = [r - r.mean(axis=0) for r in rows]
    free, base = (sem_columns.filled(kind(result.model), samples) for kind in (saturated, independence))
    vcov, robust = sem_robust.sandwich(
        sem_robust.Case(result.model, result.theta, result.vcov),
        [
            sem_robust.Case(m, o.theta, sem_fit.inverse_information(o.observed))
            for m, o in (
                (free, sem_fit.optimum(free, likelihood, sem_start.start(free, samples, covariances=True))),
                (base, sem_fit.optimum(base, likelihood, sem_start.start(base, samples))),
            )
        ],
        rows,
        kept,
        result.measures,
    )
    estimates = sem_fit.estimates(result.model, result.theta, vcov)
    return replace(result, vcov=vcov, estimates=estimates, robust=robust)
