"""Counts and shares per unit: generalised linear mixed models with random intercepts, by Laplace approximation.

Absence has two processes (Schaufeli, Bakker & van Rhenen 2009): engagement goes with how *often* people report ill,
burnout with how *long*. So they are two models here: spells as counts with exposure (``fit`` with family "poisson" or
"negative_binomial"), and their length as a hazard of return (``duration``). Retention is a share (family "binomial").
"""

from bevlogen.models.glmm_duration import duration
from bevlogen.models.glmm_family import Family
from bevlogen.models.glmm_fit import GlmmFit, fit

__all__ = ["Family", "GlmmFit", "duration", "fit"]
