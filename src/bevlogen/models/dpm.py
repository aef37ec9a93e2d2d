"""Does x move y later on, whatever stable thing makes units differ: the dynamic panel model with fixed effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError
from bevlogen.models import riclpm, sem
from bevlogen.models.sem import Effect, FitMeasures, SemFit

FloatArray = NDArray[np.float64]

_UNITS_PER_PARAMETER = 10  # below it the 95 % limits covered 75 to 90 % in simulations; see Notes of fit


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction: cause on later outcome.

    Attributes
    ----------
    effect : of the cause on the outcome one wave later.
    carry_over : of the outcome on itself.
    fit : fit measures.
    converged, is_admissible, notes : as in ``riclpm.RiclpmFit``.
    model : the whole fit; the cause is x, the outcome y.
    """

    effect: Effect
    carry_over: Effect
    fit: FitMeasures
    converged: bool
    is_admissible: bool
    notes: tuple[str, ...]
    model: SemFit


@dataclass(frozen=True, slots=True)
class DpmFit:
    """Both directions.

    Attributes
    ----------
    xy, yx : effect of x on later y, and of y on later x.
    yy, xx : carry-over of y and of x.
    forth, back : the two fits behind them.
    n_units, n_waves : what it rests on.
    converged : both fits did.
    notes : of both.
    """

    xy: Effect
    yx: Effect
    xx: Effect
    yy: Effect
    forth: Direction
    back: Direction
    n_units: int
    n_waves: int
    converged: bool
    notes: tuple[str, ...]


def fit(x: ArrayLike, y: ArrayLike, *, missing: Literal["ml", "listwise"] = "ml") -> DpmFit:
    """Fit the dynamic panel model by maximum likelihood, in both directions.

    Parameters
    ----------
    x, y : (J, T) values of J units at T equally spaced waves, T at least 3; NaN where missing.
    missing : use every value (full-information maximum likelihood), or complete units only.

    Returns
    -------
    DpmFit

    Raises
    ------
    ShapeError
        x and y differ in shape.
    NotEstimableError
        Fewer than three waves, or no more units than the 2 T - 1 variables whose covariances are left free.

    Notes
    -----
    ``y_t = mean_t + b x_(t-1) + l y_(t-1) + alpha + e_t`` for t = 2 to T. alpha may correlate with y_1 and every x.
    x is predetermined: e_t is unrelated to x up to t - 1, and free to go with x at t and later, so y may act back on
    x. Effects are equal over waves. Standardised effects are in SDs of the observed variables, averaged over waves
    (for RI-CLPM: of within parts); limits from t with J - 1 degrees of freedom. With three waves the estimate is that
    of Anderson & Hsiao's instruments. The model asks much of the data: in simulations (60 to 150 runs each) the 95 %
    limits covered 86 to 89 % with 60 or 200 units and 4 waves, 75 % with 60 units and 8 waves, 93 to 95 % with 500
    units and 8 waves. A jackknife over units did not help. With fewer than 10 units per parameter ``notes`` says so;
    use it then beside the random-intercept model, not instead of it.

    References
    ----------
    Allison, Williams & Moral-Benito (2017), doi 10.1177/2378023117710578.

    Examples
    --------
    >>> from bevlogen.models import dpm
    >>> rng = np.random.default_rng(4)
    >>> stable = rng.normal(size=(300, 1))
    >>> x, y = rng.normal(size=(2, 300, 4)) + stable
    >>> y[:, 1:] += 0.4 * x[:, :-1]
    >>> dpm.fit(x, y).xy.low > 0.1
    True
    """
    X, Y = riclpm.waves(x, y, least=3)
    forth, back = _direction(X, Y, missing), _direction(Y, X, missing)
    return DpmFit(
        xy=forth.effect,
        yx=back.effect,
        xx=back.carry_over,
        yy=forth.carry_over,
        forth=forth,
        back=back,
        n_units=min(forth.model.n_obs, back.model.n_obs),
        n_waves=X.shape[1],
        converged=forth.converged and back.converged,
        notes=tuple(dict.fromkeys(forth.notes + back.notes)),
    )


def _direction(cause: FloatArray, outcome: FloatArray, missing: Literal["ml", "listwise"]) -> Direction:
    T = cause.shape[1]
    columns = {f"x{t + 1}": cause[:, t] for t in range(T - 1)} | {f"y{t + 1}": outcome[:, t] for t in range(T)}
    rows = np.isfinite(np.column_stack(list(columns.values())))
    n = int((rows.any(axis=1) if missing == "ml" else rows.all(axis=1)).sum())
    if n <= 2 * T - 1:
        raise NotEstimableError(
            f"This model of {T} waves needs at least {2 * T} units. Found: {n}. Use fewer waves or the simpler model.",
            "few-units",
        )
    spec = sem.model(_text(T), auto=False)
    result = sem.fit(spec, columns, missing=missing)
    later, df = range(2, T + 1), result.n_obs - 1
    return Direction(
        effect=result.average([(f"y{t}", "~", f"x{t - 1}") for t in later], df),
        carry_over=result.average([(f"y{t}", "~", f"y{t - 1}") for t in later], df),
        fit=result.measures,
        converged=result.converged,
        is_admissible=riclpm.is_admissible(result),
        notes=result.notes + riclpm.few_units(result.n_obs, spec.n_free, _UNITS_PER_PARAMETER),
        model=result,
    )


def _text(T: int) -> str:
    """Write the model out; x_T plays no part in y up to T."""
    given = ["y1"] + [f"x{t}" for t in range(1, T)]
    lines = [f"{a} ~~ {b}" for i, a in enumerate(given) for b in given[i:]]
    lines += [f"{v} ~ 1" for v in given]
    lines += ["alpha ~~ alpha"] + [f"alpha ~~ {v}" for v in given]
    for t in range(2, T + 1):
        lines += [f"alpha =~ 1*y{t}", f"y{t} ~ b*x{t - 1} + l*y{t - 1}", f"y{t} ~~ y{t}", f"y{t} ~ 1"]
        lines += [f"y{t} ~~ x{s}" for s in range(t, T)]
    return "\n".join(lines)
