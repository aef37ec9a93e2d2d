"""What a finding of another method than a link comes to: one rule for all, and the sentences that go with it."""

from __future__ import annotations

import math

from scipy import special

from bevlogen.core.chain import CLAIMS, Text
from bevlogen.core.judged import ClaimVerdict
from bevlogen.core.linked import Finding
from bevlogen.core.results import Verdict
from bevlogen.steer import power, reasons

_Z90, _Z95 = float(special.ndtri(0.95)), float(special.ndtri(0.975))
_POWER = 0.80
_MOST_UNITS = 100_000
# Shared mood lifts both sides alike: it makes shares and ceilings, but not a difference between two slopes.
_UNMOVED_BY_MOOD = ("moderation", "variance")

_SHARED_MOOD = Text(
    "The same people answered both sides at one time. Part of this is then their mood, and that cannot be told from "
    "what the claim says. Ask the two sides of different people.",
    "Dezelfde mensen vulden beide kanten in op één moment. Een deel hiervan is dan hun stemming, en die is niet te "
    "scheiden van wat de stelling zegt. Vraag de twee kanten aan verschillende mensen.",
)
_NO_INTERVAL = Text(
    "How sure this is, cannot be worked out from these data; more units are needed.",
    "Hoe zeker dit is, is uit deze gegevens niet te berekenen; er zijn meer onderdelen nodig.",
)


def judge_finding(finding: Finding) -> ClaimVerdict:
    """Does the claim hold, by the figure that its own method calls decisive? Before adjustment for other tests.

    Notes
    -----
    ``above``: *no meaningful effect* (or what ``if_negligible`` says) where the null is 0 and the 90% interval lies
    within the margin of it; else *supported* if the 95% interval lies above the null, *contradicted* if below.
    ``equal``: *supported* if the 90% interval lies within the margin of the null (two one-sided tests at 5%),
    *contradicted* if the 95% interval lies wholly beyond the margin. All else is *undetermined*. What the same people
    answered at one moment does not support a claim of the first kind, as in ``judge_link``.

    References
    ----------
    Schuirmann (1987), doi 10.1007/BF01068419.
    """
    claim = CLAIMS[finding.claim]
    if not math.isfinite(finding.estimate):
        return ClaimVerdict(claim, "undetermined", finding.reason.en, finding.reason.nl, (), finding)
    verdict, told = _decided(finding)
    # A method on figures of one moment says in its own reason what a shared mood does to it.
    label = reasons.SAME_SOURCE_LABEL if finding.same_source and finding.design == "lagged" else None
    reason = reasons.join(_sentence(finding, verdict), told, finding.reason, label)
    return ClaimVerdict(claim, verdict, reason.en, reason.nl, (), finding)


def deciding_p(finding: Finding) -> float:
    """Return the p-value that the false discovery rate is held over; NaN without a figure that has limits.

    Notes
    -----
    ``above``: the method's own two-sided p; where it gives none, from the 95% limit on the side of the null. ``equal``:
    that of the two one-sided tests where the figure lies within the margin, else two-sided of lying beyond it. A claim
    that a negligible figure contradicts has the p-value of the two one-sided tests too. P-values worked back from
    limits take the limits as normal.
    """
    f = finding
    if not _has_limits(f):
        return math.nan
    refuted = f.expects == "above" and f.if_negligible == "contradicted" and f.null == 0 and _within(f)
    if refuted or (f.expects == "equal" and abs(f.estimate - f.null) < f.margin):
        below = _one_sided(f.estimate - (f.null - f.margin), (f.estimate - f.low90) / _Z90)
        above = _one_sided(f.null + f.margin - f.estimate, (f.high90 - f.estimate) / _Z90)
        return max(below, above)
    if f.expects == "equal":
        return min(1.0, 2 * _beyond(f, f.margin))
    return f.p_value if math.isfinite(f.p_value) else min(1.0, 2 * _beyond(f, 0.0))


def _beyond(f: Finding, margin: float) -> float:
    """One-sided p of lying further than ``margin`` from the null, on the side where the figure lies."""
    if f.estimate >= f.null:
        return _one_sided(f.estimate - f.null - margin, (f.estimate - f.low) / _Z95)
    return _one_sided(f.null - f.estimate - margin, (f.high - f.estimate) / _Z95)


def _one_sided(distance: float, error: float) -> float:
    if error <= 0:
        return 0.0 if distance > 0 else 1.0
    return float(special.ndtr(-distance / error))


def _has_limits(f: Finding) -> bool:
    return all(math.isfinite(v) for v in (f.estimate, f.low, f.high, f.low90, f.high90))


def _within(f: Finding) -> bool:
    return f.null - f.margin < f.low90 and f.high90 < f.null + f.margin


def _decided(f: Finding) -> tuple[Verdict, Text | None]:
    if not _has_limits(f):
        return "undetermined", _NO_INTERVAL
    if f.expects == "equal":
        if _within(f):
            return "supported", None
        apart = f.low > f.null + f.margin or f.high < f.null - f.margin
        return ("contradicted", None) if apart else ("undetermined", _what_settles(f))
    if f.null == 0 and _within(f):
        return f.if_negligible, None
    if f.high < f.null:
        return "contradicted", None
    if not f.low > f.null:
        return "undetermined", _what_settles(f)
    mood = f.same_source and f.design in ("cross-sectional", "within")
    if mood and CLAIMS[f.claim].method not in _UNMOVED_BY_MOOD:
        return "undetermined", _SHARED_MOOD
    return "supported", None


def _sentence(f: Finding, verdict: Verdict) -> Text:
    """Say what the figure is and where it lies, in the words of the verdict."""
    scale, margin = f.scale, _number(f.margin, f)
    value, at95, at90 = _number(f.estimate, f), _interval(f, f.low, f.high, 95), _interval(f, f.low90, f.high90, 90)
    over = Text(f"over {f.n_units} units", f"over {f.n_units} onderdelen")
    plain = Text(f"{_capital(scale.en)}: {value.en} {at95.en}", f"{_capital(scale.nl)}: {value.nl} {at95.nl}")
    if not _has_limits(f):
        return Text(f"{_capital(scale.en)}: {value.en}, {over.en}.", f"{_capital(scale.nl)}: {value.nl}, {over.nl}.")
    if f.expects == "equal":
        close = Text(
            f"{_capital(scale.en)}: {value.en} {at90.en}, {over.en}. That is less than {margin.en} either way, the "
            "smallest difference that matters.",
            f"{_capital(scale.nl)}: {value.nl} {at90.nl}, {over.nl}. Dat is naar beide kanten minder dan {margin.nl}, "
            "het kleinste verschil dat ertoe doet.",
        )
        apart = Text(
            f"{plain.en}, {over.en}. The difference is larger than {margin.en}, the smallest that matters.",
            f"{plain.nl}, {over.nl}. Het verschil is groter dan {margin.nl}, het kleinste dat ertoe doet.",
        )
        open_ = Text(f"These data cannot tell. {plain.en}, {over.en}.", f"Nog niet te zeggen. {plain.nl}, {over.nl}.")
        return {"supported": close, "contradicted": apart}.get(verdict, open_)
    if f.null == 0 and _within(f):
        return Text(
            f"{_capital(scale.en)}: {value.en} {at90.en}, {over.en}. That is surely smaller than {margin.en}, the "
            "smallest that matters.",
            f"{_capital(scale.nl)}: {value.nl} {at90.nl}, {over.nl}. Dat is zeker kleiner dan {margin.nl}, het "
            "kleinste dat ertoe doet.",
        )
    return _against_null(f, verdict, plain, over)


def _against_null(f: Finding, verdict: Verdict, plain: Text, over: Text) -> Text:
    null = _number(f.null, f) if f.null else Text("0", "0")
    if f.low > f.null:
        return Text(f"{plain.en}, so above {null.en}, {over.en}.", f"{plain.nl}, dus boven {null.nl}, {over.nl}.")
    if verdict == "contradicted":
        return Text(f"{plain.en}, so below {null.en}, {over.en}.", f"{plain.nl}, dus onder {null.nl}, {over.nl}.")
    return Text(
        f"These data cannot tell. {plain.en}, on both sides of {null.en}, {over.en}.",
        f"Nog niet te zeggen. {plain.nl}, aan beide kanten van {null.nl}, {over.nl}.",
    )


def _what_settles(f: Finding) -> Text | None:
    """Name the number of units that would settle it, as the width of an interval goes with their square root."""
    error = (f.high - f.low) / (2 * _Z95)
    if not (f.margin > 0 and error > 0 and f.n_units > 0):
        return None
    if f.expects == "equal":
        seen, target = (_Z90 + float(special.ndtri(_POWER))) * error, f.margin
    else:
        seen = (_Z95 + float(special.ndtri(_POWER))) * error
        target = 2 * f.margin if seen > 2 * f.margin else f.margin if seen > f.margin else f.margin / 2
    units = power.units_needed(f.n_units, seen, target)
    if units > _MOST_UNITS:
        return Text(
            "No feasible number of units would settle it this way.",
            "Geen haalbaar aantal onderdelen kan het op deze manier uitwijzen.",
        )
    if units <= f.n_units:
        return None
    about = reasons.about(units)
    aim = _number(target, f)
    if f.expects == "equal":
        return Text(
            f"To tell whether it is smaller than {aim.en}, about {about} units are needed (now {f.n_units}).",
            f"Om te weten of het kleiner is dan {aim.nl}, zijn ongeveer {about} onderdelen nodig (nu {f.n_units}).",
        )
    return Text(
        f"To see {aim.en}, about {about} units are needed (now {f.n_units}).",
        f"Om {aim.nl} te zien, zijn ongeveer {about} onderdelen nodig (nu {f.n_units}).",
    )


def _interval(f: Finding, low: float, high: float, level: int) -> Text:
    a, b = _number(low, f), _number(high, f)
    return Text(f"({level}% interval {a.en} to {b.en})", f"({level}%-interval {a.nl} tot {b.nl})")


def _number(value: float, f: Finding) -> Text:
    """Write a figure with as many decimals as its interval can carry: two, or more where that is narrow."""
    width = f.high - f.low
    places = 2 if not 0 < width < 0.1 else min(5, 1 - math.floor(math.log10(width)))
    near = 0 < abs(value) < 0.5 * 10.0**-places
    return reasons.number(value, places + 1 if near else places)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
