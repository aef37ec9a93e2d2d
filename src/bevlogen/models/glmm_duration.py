"""How long spells of absence last: the rate of return, with spells still going on counted rightly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models.glmm_fit import GlmmFit, fit


def duration(
    length: ArrayLike,
    ended: ArrayLike,
    X: ArrayLike,
    group: ArrayLike | Mapping[str, ArrayLike],
    *,
    breaks: ArrayLike = (7.0, 42.0, 365.0),
) -> GlmmFit:
    """Model how long spells of absence last: the rate of return, constant within stretches of time, unit intercepts.

    Parameters
    ----------
    length : (n,) length of each spell so far, above 0, in the unit of ``breaks`` (days).
    ended : (n,) whether it ended then; False for a spell still going on, or cut off by the end of the data.
    X : (n, p) covariates of the spell, without intercept.
    group : (n,) labels of one factor, or one or two named factors, as in ``fit``.
    breaks : (m,) rising ends of the stretches; the last stretch is open. Default: short, medium, long, extra long
        spells as Statistics Netherlands counts them. A stretch in which no spell ended is joined to the one before.

    Returns
    -------
    GlmmFit
        ``beta`` (p + stretches,): first the covariates, then the log rate of return per day in each stretch with X = 0.
        ``ratio`` of a covariate is a hazard ratio of *return*: below 1 means longer spells.
        ``n_obs`` counts stretches of spells.

    Raises
    ------
    ShapeError, NotEstimableError
        As ``fit``; also lengths not above 0, breaks that do not rise, or no spell that ended.

    Notes
    -----
    Piecewise exponential survival model with log-normal frailty per unit. Its likelihood is that of a Poisson model of
    the ends with the time in the stretch as exposure (Holford 1980), so one estimator serves. Spells of one person
    count as independent given the unit. Cutting off must not depend on how long the spell would have lasted.

    References
    ----------
    Holford (1980), doi 10.2307/2529982. Laird & Olivier (1981), doi 10.1080/01621459.1981.10477634.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> team, burnout = np.repeat(np.arange(40), 10), rng.normal(size=400)
    >>> days = rng.exponential(10 * np.exp(0.3 * burnout + rng.normal(0, 0.3, 40)[team]))
    >>> result = duration(np.minimum(days, 90), days < 90, burnout, team, breaks=(7, 28))
    >>> bool(abs(result.beta[0] + 0.3) < 3 * result.se[0])
    True
    """
    length_, ended_, X_ = np.asarray(length, dtype=float), np.asarray(ended), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    ends = np.asarray(breaks, dtype=float).ravel()
    named = dict(group) if isinstance(group, Mapping) else {"group": group}
    labels = {name: np.asarray(values) for name, values in named.items()}
    if len({len(length_), len(ended_), len(X_), *(len(v) for v in labels.values())}) > 1:
        raise ShapeError("length, ended, X and group differ in length. Give one row per spell in each.")
    if not (np.isfinite(length_) & (length_ > 0)).all():
        raise ShapeError("A spell has a length above 0. Count a spell of part of a day as that part.")
    if (np.diff(ends) <= 0).any() or (ends <= 0).any():
        raise ShapeError("The ends of the stretches must be above 0 and rise.")
    ended_ = ended_.astype(bool)
    if not ended_.any():
        raise NotEstimableError("No spell has ended within the data. Lengths cannot be told yet.")
    last = np.searchsorted(ends, length_)  # the stretch in which each spell stands or ended
    used = np.unique(last[ended_])
    starts = np.append(0.0, ends)[np.append(0, used[1:])]  # the first used stretch starts at 0
    stretch = np.searchsorted(starts, length_) - 1
    spell, k = np.nonzero(np.arange(len(starts)) <= stretch[:, None])
    time = np.minimum(length_[spell], np.append(starts[1:], np.inf)[k]) - starts[k]
    return fit(
        (ended_[spell] & (k == stretch[spell])).astype(float),
        np.column_stack([X_[spell], (k[:, None] == np.arange(len(starts))).astype(float)]),
        {name: values[spell] for name, values in labels.items()},
        family="poisson",
        exposure=time,
    )
