"""One name per column, with its unit and meaning. A result may use no column that is not listed here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result table."""

    unit: str
    meaning: str


COLUMNS: dict[str, Column] = {
    "unit": Column("key", "team, branch or location"),
    "period": Column("label", "day, month, quarter or year, as 2024-03-31, 2024-03, 2024-Q1 or 2024"),
    "wave": Column("count", "rank of the period, from 1"),
    "construct": Column("key", "construct of the chain; a facet as employership.autonomy"),
    "claim": Column("key", "claim of the chain"),
    "cause": Column("key", "construct at the tail of an arrow"),
    "outcome": Column("key", "construct at the head of an arrow"),
    "design": Column("key", "cross-sectional, within, lagged or experiment"),
    "verdict": Column("key", "supported, contradicted, no meaningful effect or undetermined"),
    "reason": Column("sentence", "why the verdict is what it is, and what would settle it"),
    "n": Column("persons", "respondents behind the figure"),
    "n_obs": Column("count", "observations used"),
    "n_units": Column("count", "units used"),
    "n_waves": Column("count", "periods used"),
    "mean": Column("scale points", "mean of the scale score over respondents"),
    "sd": Column("scale points", "standard deviation over respondents, denominator n - 1"),
    "estimate": Column("named by the table", "point estimate"),
    "std_error": Column("as estimate", "standard error"),
    "statistic": Column("none", "test statistic"),
    "df": Column("count", "degrees of freedom of the reference distribution"),
    "p_value": Column("share", "two-sided p-value"),
    "q_value": Column("share", "p-value adjusted for all claims tested together (Benjamini-Hochberg)"),
    "conf_low": Column("as estimate", "lower limit of the interval at `level`"),
    "conf_high": Column("as estimate", "upper limit of the interval at `level`"),
    "level": Column("share", "coverage of the interval, 0 to 1"),
    "raw": Column("outcome units per cause unit", "estimate on the scales as measured"),
    "shrunken": Column("scale points", "unit mean drawn to the mean of similar units by its reliability"),
    "shrunken_low": Column("scale points", "lower limit of the 95% interval of the shrunken mean"),
    "shrunken_high": Column("scale points", "upper limit of the 95% interval of the shrunken mean"),
    "reliability": Column("share", "share of the variance of a unit mean that is true, 0 to 1"),
    "response_rate": Column("share", "respondents per head counted, 0 to 1"),
    "alpha": Column("share", "Cronbach's alpha"),
    "omega": Column("share", "McDonald's omega of one factor"),
    "icc1": Column("share", "share of one answer's variance that lies between units"),
    "icc2": Column("share", "reliability of a unit mean of average size"),
    "rwg_j": Column("share", "median within-unit agreement over units"),
    "mde": Column("as estimate", "effect that these data would detect with 80% chance at 5% two-sided"),
    "value": Column("named by the measure", "figure of record"),
    "exposure": Column("named by the measure", "what the figure is counted over"),
    "rule": Column("key", "disclosure rule that hides a figure"),
    "gain": Column("scale points", "expected change of the outcome if the lever reaches its target"),
    "probability": Column("share", "chance that the gain is larger than the smallest that matters"),
    "lever": Column("key", "what can be changed"),
}
