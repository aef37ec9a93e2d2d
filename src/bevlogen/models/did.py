"""Did an action work? Effects against comparable units, before and after; never plain two-way fixed effects.

With actions that begin at different times and effects that differ, the two-way fixed-effects coefficient weighs some
effects negatively (Goodman-Bacon 2021, doi 10.1016/j.jeconom.2021.03.014), so it is not offered here.

========================  ==================================================================
``group_time``            many units, actions at different times, covariates (Callaway & Sant'Anna)
``imputation``            the same question, more precise where errors are independent over time (Borusyak et al.)
``history``               units chosen for their scores: among units with the same history
``synthetic``             few units acted upon at one moment (Arkhangelsky et al.)
``interrupted``           one unit or a total, long series
``regression_to_mean``    what the worst units gain without any action
========================  ==================================================================
"""

from bevlogen.models.did_group_time import Averages, GroupTime, group_time
from bevlogen.models.did_history import History, history, noise_after
from bevlogen.models.did_imputation import Imputation, imputation
from bevlogen.models.did_interrupted import LEAST_POINTS, Interrupted, interrupted
from bevlogen.models.did_limits import FEWEST_COMPARED, Band, SmallSample
from bevlogen.models.did_regression import RegressionToMean, extreme_mean, regression_to_mean
from bevlogen.models.did_synthetic import Synthetic, synthetic

__all__ = [
    "FEWEST_COMPARED",
    "LEAST_POINTS",
    "Averages",
    "Band",
    "GroupTime",
    "History",
    "Imputation",
    "Interrupted",
    "RegressionToMean",
    "SmallSample",
    "Synthetic",
    "extreme_mean",
    "group_time",
    "history",
    "imputation",
    "interrupted",
    "noise_after",
    "regression_to_mean",
    "synthetic",
]
