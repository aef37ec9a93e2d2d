"""Organisations with known truth for the claims that another method than a plain link answers, and how those do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import calibration_links as links
from bevlogen.core.chain import CLAIMS
from bevlogen.core.judged import ClaimVerdict
from bevlogen.core.linked import Estimate, Finding
from bevlogen.core.measured import Encounters, Panel
from bevlogen.core.results import Provenance
from bevlogen.core.tables import Organisation, Policy
from bevlogen.link import chainpath, cocreation, driver, hygiene, importance, moderation, reciprocity
from bevlogen.steer.findings import judge_finding
from bevlogen.steer.verdict import judge

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Answer = Finding | ClaimVerdict
Draw = Callable[[int, np.random.Generator], Answer]
SMALLEST = 0.10
VERDICTS = ("supported", "contradicted", "no meaningful effect", "undetermined")
ORGANISATION = Organisation("Calibration", "en", "quarter", True, "", Policy(), (), {}, (), SMALLEST, {})
SETTLED = 30  # periods before the first one, so that nothing of the start is left


def _decisive(answer: Answer) -> tuple[float, float, float]:
    """Take the figure that decides; of a claim of links that of the first."""
    decides = answer if isinstance(answer, Finding) else answer.links[0].headline
    return (np.nan,) * 3 if decides is None else (decides.estimate, decides.low, decides.high)


def _off(truths: Mapping[str, float]) -> Callable[[Answer], tuple[float, float, float]]:
    """Take the figure that decides of the first link, less the truth of the design that it came from."""

    def shown(answer: Answer) -> tuple[float, float, float]:
        decides = None if isinstance(answer, Finding) else answer.links[0].headline
        truth = np.nan if decides is None else truths[decides.design]
        estimate, low, high = _decisive(answer)
        return estimate - truth, low - truth, high - truth

    return shown


def _verdict(answer: Answer) -> str:
    return (judge_finding(answer) if isinstance(answer, Finding) else answer).verdict


def _alone(answer: Answer) -> list[float]:
    """Whether each design, had it been the only one, would have supported the claim; of a claim of one link."""
    if isinstance(answer, Finding) or len(answer.links) > 1:
        return []
    found = {e.design: e for e in answer.links[0].estimate.estimates}
    return [float(d in found and _supports(found[d])) for d in links.DESIGNS]


def _supports(e: Estimate) -> bool:
    return e.low > 0 and not (-SMALLEST < e.low90 and e.high90 < SMALLEST)


@dataclass(frozen=True, slots=True)
class Case:
    """One truth for one claim: ``found`` draws an organisation of so many units and asks the claim of it.

    ``false`` are the verdicts that would be wrong. ``truth`` is that of the figure that ``shown`` takes from the
    finding, the deciding one unless said; NaN where it has none that an interval could hold. Beyond ``most`` units it
    is not run, for the time that it takes.
    """

    claim: str
    name: str
    truth: float
    false: tuple[str, ...]
    found: Draw
    shown: Callable[[Answer], tuple[float, float, float]] = _decisive
    most: int = 500


def run(case: Case, units: int, runs: int, seed: list[int]) -> FloatArray:
    """Ask the claim of so many organisations: (runs, 4) estimate, 95% limits and number of the verdict.

    Of a claim of one link (runs, 7): also whether each design alone would have supported it.
    """
    rng = np.random.default_rng(seed)
    answers = (case.found(units, rng) for _ in range(runs))
    return np.array([[*case.shown(a), VERDICTS.index(_verdict(a)), *_alone(a)] for a in answers])


@dataclass(frozen=True, slots=True)
class Tally:
    """What a claim came to over the runs of one case and number of units.

    ``answered`` is the share of runs with a figure; ``coverage`` and ``bias`` (median) are of those; ``verdicts`` (as
    in ``VERDICTS``) and ``false`` are shares of all runs. ``alone`` is the share that each design by itself would have
    supported; empty unless the claim is one link.
    """

    case: Case
    units: int
    runs: int
    answered: float
    coverage: float
    bias: float
    verdicts: tuple[float, ...]
    false: float
    alone: Mapping[str, float]

    @property
    def judged(self) -> bool:
        """Whether there is a truth to hold limits against."""
        return bool(self.answered > 0 and np.isfinite(self.case.truth))


def tally(case: Case, units: int, found: FloatArray) -> Tally:
    """Count what the runs of a case came to."""
    known = found[np.isfinite(found[:, :3]).all(axis=1)]
    verdicts = tuple(float(np.mean(found[:, 3] == i)) for i in range(len(VERDICTS)))
    return Tally(
        case,
        units,
        len(found),
        len(known) / len(found),
        float(np.mean((known[:, 1] <= case.truth) & (case.truth <= known[:, 2]))) if len(known) else np.nan,
        float(np.median(known[:, 0]) - case.truth) if len(known) else np.nan,
        verdicts,
        sum(verdicts[VERDICTS.index(v)] for v in case.false),
        {} if found.shape[1] == 4 else dict(zip(links.DESIGNS, found[:, 4:].mean(axis=0).tolist(), strict=True)),
    )


# --- ratings of encounters -------------------------------------------------------------------------------------------


def _encounters(
    scores: Mapping[str, FloatArray],
    unit: IntArray,
    reliability: float | list[float] = 1.0,
    *,
    employee: IntArray | None = None,
    customer: IntArray | None = None,
    service: IntArray | None = None,
    co_creation: FloatArray | None = None,
) -> Encounters:
    nobody = np.full(len(unit), -1, dtype=np.int64)
    degrees = np.empty(0) if co_creation is None else co_creation
    p = len(scores)
    return Encounters(
        variables=tuple(scores),
        unit=unit,
        period=np.zeros(len(unit), dtype=np.int64),
        employee=nobody if employee is None else employee,
        customer=nobody if customer is None else customer,
        service=nobody if service is None else service,
        scores=np.column_stack(list(scores.values())),
        low=np.ones(p),
        high=np.full(p, 5.0),
        reliability=np.broadcast_to(np.asarray(reliability, dtype=float), (p,)).copy(),
        services=tuple(f"service {i}" for i in range(len(degrees))),
        co_creation=degrees,
    )


def _seen(
    rng: np.random.Generator, scores: Mapping[str, FloatArray], error: float
) -> tuple[dict[str, FloatArray], list[float]]:
    """Scores with errors of answering, and their reliabilities."""
    seen = {k: v + np.sqrt(error) * rng.standard_normal(len(v)) for k, v in scores.items()}
    return seen, [1 - error / float(v.var(ddof=1)) for v in seen.values()]


PER_UNIT = 40  # rated encounters of a unit


def weighed(difference: float) -> Draw:
    """Craftsmanship and conduct of which the first explains so much more (share of what both explain)."""
    # With correlation r and weights a, b the shares are a^2 + rab + r^2 (b^2 - a^2) / 2 and its mirror image.
    r = 0.4
    grid = np.linspace(0, np.pi / 4, 20_001)
    a, b = np.cos(grid), np.sin(grid)
    apart = (a**2 - b**2) * (1 - r**2) / (a**2 + b**2 + 2 * r * a * b)
    at = int(np.argmin(np.abs(apart - difference)))
    weights = 0.7 * np.array([a[at], b[at]])

    def found(units: int, rng: np.random.Generator) -> Finding:
        unit = np.repeat(np.arange(units), PER_UNIT)
        X = rng.standard_normal((len(unit), 2)) @ np.linalg.cholesky([[1, r], [r, 1]]).T
        y = X @ weights + 0.6 * rng.standard_normal(len(unit))
        y += rng.standard_normal(units)[unit] * 0.3
        seen, known = _seen(rng, {"craftsmanship": X[:, 0], "conduct": X[:, 1], "interaction_quality": y}, 0.2)
        return importance.craft_and_conduct(_encounters(seen, unit, known), ORGANISATION, rng)

    return found


def explained(share: float) -> Draw:
    """Service quality of which interaction quality explains this share, within units."""

    def found(units: int, rng: np.random.Generator) -> Finding:
        unit = np.repeat(np.arange(units), PER_UNIT)
        x = rng.standard_normal(len(unit))
        y = np.sqrt(share) * x + np.sqrt(1 - share) * rng.standard_normal(len(unit))
        y += 0.3 * rng.standard_normal(units)[unit]
        seen, known = _seen(rng, {"interaction_quality": x, "service_quality": y}, 0.2)
        return importance.interaction_is_quality(_encounters(seen, unit, known), ORGANISATION, rng)

    return found


def shaped(kind: str, mean: float = 3.2) -> Draw:
    """Ratings from 1 to 5 in halves: craftsmanship in a straight line, of no use, bent without a ceiling, or as a cap.

    Where it is bent, every rating of craftsmanship is as common, and high quality occurs at the lowest.
    """

    def found(units: int, rng: np.random.Generator) -> Finding:
        unit = np.repeat(np.arange(units), PER_UNIT)
        if kind == "bent":
            x, c = (rng.integers(2, 11, len(unit)) / 2 for _ in range(2))
        else:
            x, c = (_answered(mean + 0.8 * rng.standard_normal(len(unit))) for _ in range(2))
        noise = 0.5 * rng.standard_normal(len(unit))
        y = {
            "straight": mean + 0.4 * (x - mean) + 0.4 * (c - mean) + noise,
            "unrelated": mean + 0.5 * (c - mean) + noise,
            "bent": mean + 0.5 * np.minimum(x - mean, 0) + 0.2 * (c - mean) + 2 * noise,
            "cap": np.minimum(1 + 1.2 * (x - 1), 2.4 + 0.4 * c + noise),
        }[kind]
        scores = {"craftsmanship": x, "conduct": c, "interaction_quality": _answered(y)}
        return hygiene.hygiene(_encounters(scores, unit), ORGANISATION, rng)

    return found


def _answered(score: FloatArray) -> FloatArray:
    return np.clip(np.rint(2 * score) / 2, 1, 5)


def divided(rise: float, services: int, chance: float = 0.05) -> Draw:
    """Services in which the customer's share rises by so much; services also differ by ``chance`` (SD)."""
    degrees = np.linspace(0.1, 0.9, services)

    def found(units: int, rng: np.random.Generator) -> Finding:
        service_of = np.arange(units) % services
        share = np.clip(0.25 + rise * (degrees - 0.5) + chance * rng.standard_normal(services), 0.02, 0.8)
        unit = np.repeat(np.arange(units), PER_UNIT)
        service = service_of[unit]
        employee = unit * 4 + rng.integers(0, 4, len(unit))
        customer = np.empty(len(unit), dtype=np.int64)
        for s in range(services):
            here = service == s
            customer[here] = s * 10_000_000 + rng.integers(0, max(int(here.sum()) // 4, 20), int(here.sum()))
        y = np.sqrt(0.15) * rng.standard_normal(4 * units)[employee]
        person = np.unique(customer, return_inverse=True)[1]
        y += np.sqrt(share[service]) * rng.standard_normal(int(person.max()) + 1)[person]
        y += np.sqrt(0.85 - share[service]) * rng.standard_normal(len(unit)) + 0.3 * rng.standard_normal(units)[unit]
        found_ = _encounters(
            {"interaction_quality": y},
            unit,
            employee=employee,
            customer=person.astype(np.int64),
            service=service.astype(np.int64),
            co_creation=degrees,
        )
        return cocreation.co_creation(found_, ORGANISATION)

    return found


def moderated(rise: float, services: int) -> Draw:
    """Services in which the weight of conduct rises by so much (SD per SD); they also differ by chance (SD .05)."""
    degrees = np.linspace(0.1, 0.9, services)

    def found(units: int, rng: np.random.Generator) -> Finding:
        unit = np.repeat(np.arange(units), PER_UNIT)
        service = (np.arange(units) % services)[unit]
        weight = 0.4 + rise * (degrees - 0.5) + 0.05 * rng.standard_normal(services)
        X = rng.standard_normal((len(unit), 2))
        left = 1 - 0.16 - float(np.mean((0.4 + rise * (degrees - 0.5)) ** 2)) - 0.05**2
        y = 0.4 * X[:, 0] + weight[service] * X[:, 1] + np.sqrt(left) * rng.standard_normal(len(unit))
        seen, known = _seen(rng, {"craftsmanship": X[:, 0], "conduct": X[:, 1], "interaction_quality": y}, 0.2)
        given = _encounters(seen, unit, known, service=service.astype(np.int64), co_creation=degrees)
        return moderation.co_creation_moderates(given, ORGANISATION)

    return found


# --- units over time -------------------------------------------------------------------------------------------------


def _panel(value: FloatArray, variables: tuple[str, ...], noise: float, rng: np.random.Generator) -> Panel:
    """Unit means with a sampling variance of ``noise`` times 20 over the number of answers."""
    n = np.clip(rng.poisson(20, value.shape), 5, None).astype(float)
    error = noise * 20 / n
    return _of(value + np.sqrt(error) * rng.standard_normal(value.shape), variables, n, error)


def _of(seen: FloatArray, variables: tuple[str, ...], n: FloatArray, error: FloatArray) -> Panel:
    J, T, _ = seen.shape
    units, periods = tuple(f"u{j}" for j in range(J)), tuple(f"2024-{t + 1:02d}" for t in range(T))
    return Panel(units, ("",) * J, periods, variables, seen, n, error)


def surveyed(setting: links.Setting) -> Draw:
    """Engagement and loyalty as in the study of links, as a report judges the link."""

    def found(units: int, rng: np.random.Generator) -> ClaimVerdict:
        pair = links.draw(replace(setting, units=units), rng)
        seen, error = np.stack([pair.x, pair.y], axis=2), np.stack([pair.x_error, pair.y_error], axis=2)
        return _judged("engaged-customers", _of(seen, ("engagement", "loyalty"), np.full(seen.shape, np.nan), error))

    return found


def carried(effect: float, waves: int, *, later: bool = False) -> Draw:
    """Loyalty and three figures of customers, as a report judges them: at a false discovery rate over the three links.

    Cause and outcomes last (.6 of the variance) and carry over by half; the effect comes at once or one wave later.
    """
    variables = "loyalty", *(link.outcome for link in CLAIMS["customers-carry"].links)
    setting = links.Setting(0, waves, next(k for k, v in links.EFFECTS.items() if v == effect), "normal", later=later)

    def found(units: int, rng: np.random.Generator) -> ClaimVerdict:
        value = links.scores(replace(setting, units=units), rng, len(variables) - 1)
        return _judged("customers-carry", _panel(value, variables, 0.3, rng))

    return found


def _judged(claim: str, panel: Panel) -> ClaimVerdict:
    chain = judge(driver.estimate(panel, ORGANISATION), ORGANISATION, Provenance("", "", 0))
    return next(c for c in chain.claims if c.claim.id == claim)


def mutual(forth: float, back: float, waves: int) -> Draw:
    """Engagement and loyalty with a lasting level each, and ups and downs that carry over by .3."""

    def found(units: int, rng: np.random.Generator) -> Finding:
        stable = rng.standard_normal((units, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
        now, seen = rng.standard_normal((units, 2)), []
        carry = np.array([[0.3, forth], [back, 0.3]])
        for t in range(SETTLED + waves):
            if t >= SETTLED:
                seen.append(stable + now)
            now = now @ carry + rng.standard_normal((units, 2))
        panel = _panel(np.stack(seen, axis=1), ("engagement", "loyalty"), 0.3, rng)
        return reciprocity.reciprocity(panel, ORGANISATION)

    return found


def chained(steps: tuple[float, ...], waves: int) -> Draw:
    """Stages that carry over by .4 and move the next one a period later by these steps."""

    def found(units: int, rng: np.random.Generator) -> Finding:
        now, seen = np.zeros((units, 5)), []
        for t in range(SETTLED + waves):
            later = 0.4 * now + rng.standard_normal((units, 5))
            later[:, 1:] += np.array(steps) * now[:, :-1]
            now = later
            if t >= SETTLED:
                seen.append(now)
        panel = _panel(np.stack(seen, axis=1), (*chainpath.STAGES, "retention"), 0.3, rng)
        return chainpath.whole_chain(panel, ORGANISATION, rng)

    return found


def passed_on(steps: tuple[float, ...]) -> float:
    """Product of the standardised steps."""
    carry = 0.4 * np.eye(5) + np.diag(steps, k=1)
    cov = np.linalg.solve(np.eye(25) - np.kron(carry.T, carry.T), np.eye(5).ravel()).reshape(5, 5)
    return float(np.prod(steps) * np.sqrt(cov[0, 0] / cov[4, 4]))


def _first_figure(name: str) -> Callable[[Answer], tuple[float, float, float]]:
    """Take the first figure whose name starts so."""

    def shown(answer: Answer) -> tuple[float, float, float]:
        figures = answer.figures if isinstance(answer, Finding) else ()
        value = next((f.value for f in figures if f.name.en.startswith(name)), None)
        return (np.nan,) * 3 if value is None else (value.estimate, value.low, value.high)

    return shown


_MISSED, _ANY = ("contradicted", "no meaningful effect"), ("supported", "contradicted")
_WHOLE, _BROKEN = (0.4, 0.4, 0.4, 0.4), (0.4, 0.4, 0.0, 0.4)
_FORTH = _first_figure("engagement →")


def _way(forth: float, back: float) -> float:
    """Standardised effect of engagement on loyalty, on the ups and downs within units."""
    carry = np.array([[0.3, forth], [back, 0.3]])
    cov = np.linalg.solve(np.eye(4) - np.kron(carry.T, carry.T), np.eye(2).ravel()).reshape(2, 2)
    return float(forth * np.sqrt(cov[0, 0] / cov[1, 1]))


def _as_judged(setting: links.Setting) -> Case:
    """Engagement and loyalty in one of the settings of the study of links, held against the truth of each design."""
    when = "" if setting.effect == "none" else " a wave later" if setting.later else " at once"
    name = f"no effect{when}" if setting.effect == "none" else f"effect {links.EFFECTS[setting.effect]:.1f}{when}"
    name += f", {setting.waves} wave{'s' * (setting.waves > 1)}, {'exact' if setting.exact else setting.shape}"
    false = _ANY if setting.effect == "none" else _MISSED
    return Case("engaged-customers", name, 0.0, false, surveyed(setting), _off(links.truths_of_designs(setting)))


CASES = (
    Case("craft-and-conduct", "equal", 0.0, ("contradicted",), weighed(0.0)),
    Case("craft-and-conduct", "0.10 apart", 0.1, ("supported",), weighed(0.1)),
    Case("craft-and-conduct", "0.30 apart", 0.3, ("supported",), weighed(0.3)),
    Case("interaction-is-quality", "half", 0.5, _ANY, explained(0.5)),
    Case("interaction-is-quality", "0.7", 0.7, ("contradicted",), explained(0.7)),
    Case("hygiene", "straight line, mean 3.2", np.nan, ("supported",), shaped("straight"), most=200),
    Case("hygiene", "straight line, mean 4.2", np.nan, ("supported",), shaped("straight", 4.2), most=200),
    Case("hygiene", "unrelated", np.nan, ("supported",), shaped("unrelated"), most=200),
    Case("hygiene", "low costs more, no ceiling", np.nan, ("supported",), shaped("bent"), most=200),
    Case("hygiene", "cap", np.nan, ("contradicted",), shaped("cap"), most=200),
    Case(
        "co-creation",
        "share of the customer .25",
        0.25,
        (),
        divided(0.0, 1, 0.0),
        _first_figure("share of the cus"),
        most=200,
    ),
    Case("co-creation", "no trend, 3 services", 0.0, _ANY, divided(0.0, 3), most=200),
    Case("co-creation", "no trend, 8 services", 0.0, _ANY, divided(0.0, 8), most=200),
    Case("co-creation", "share rises by .4, 8 services", 0.4, _MISSED, divided(0.4, 8), most=200),
    Case("co-creation-moderates", "no trend, 3 services", 0.0, _ANY, moderated(0.0, 3)),
    Case("co-creation-moderates", "no trend, 8 services", 0.0, _ANY, moderated(0.0, 8)),
    Case("co-creation-moderates", "weight rises by .4, 8 services", 0.4, _MISSED, moderated(0.4, 8)),
    *(
        Case("reciprocity", f"{name}, {T} waves", _way(*ways), false, mutual(*ways, T), _FORTH)
        for T in (5, 8)
        for name, ways, false in (
            ("neither way", (0.0, 0.0), _ANY),
            ("one way", (0.2, 0.0), ("supported",)),
            ("both ways", (0.2, 0.2), _MISSED),
        )
    ),
    Case("whole-chain", "one step broken", 0.0, _ANY, chained(_BROKEN, 6)),
    Case("whole-chain", "all steps .4", passed_on(_WHOLE), _MISSED, chained(_WHOLE, 6)),
    *(_as_judged(links.Setting(0, waves, "none", shape)) for waves in (1, 4, 8) for shape in ("normal", "skewed")),
    *(_as_judged(links.Setting(0, waves, "medium", "normal")) for waves in (1, 4, 8)),
    *(_as_judged(links.Setting(0, waves, "medium", "normal", later=True)) for waves in (4, 8)),
    *(_as_judged(links.Setting(0, 4, effect, "normal", exact=True)) for effect in ("none", "medium")),
    _as_judged(links.Setting(0, 4, "medium", "normal", later=True, exact=True)),
    *(
        Case("customers-carry", f"no effect, {waves} wave{'s' * (waves > 1)}", 0.0, _ANY, carried(0.0, waves))
        for waves in (1, 4, 8)
    ),
    Case("customers-carry", "effect .3 at once, 4 waves", np.nan, _MISSED, carried(0.3, 4)),
    Case("customers-carry", "effect .3 a wave later, 4 waves", np.nan, _MISSED, carried(0.3, 4, later=True)),
)
