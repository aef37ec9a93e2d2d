"""A realistic release made by hand: a city organisation with three services, twelve units and eight quarters."""

import math
from dataclasses import replace

import pytest

from bevlogen.core.chain import CLAIMS, CONSTRUCTS, FACETS, PICTURE, Text
from bevlogen.core.judged import ClaimVerdict, Combined, LinkVerdict, Published
from bevlogen.core.linked import Estimate, Figure, Finding, LinkEstimate
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.planned import Move, Position
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.shown import Release, ShownResult, ShownScore, ShownUnit, Suppressed

NAN = float("nan")
PERIODS = tuple(f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4))
UNITS = (
    ShownUnit("all", "Stadsdiensten", None, None, None, 0),
    ShownUnit("tram", "Trams", "all", "tram", 0.1, 1),
    ShownUnit("tram-n", "Remise Noord", "tram", "tram", 0.1, 2),
    ShownUnit("tram-z", "Remise Zuid", "tram", "tram", 0.1, 2),
    ShownUnit("tram-h", "Havenlijn en Oosterhoutseweg", "tram", "tram", 0.1, 2),
    ShownUnit("zorg", "Behandeling en begeleiding", "all", "therapy", 0.9, 1),
    ShownUnit("zorg-j", "Jeugdteam Kralingen", "zorg", "therapy", 0.9, 2),
    ShownUnit("zorg-v", "Volwassenen Centrum", "zorg", "therapy", 0.9, 2),
    ShownUnit("zorg-c", "Crisisdienst", "zorg", "therapy", 0.9, 2),
    ShownUnit("werk", "Sociale werkplaats", "all", "workshop", 0.5, 1),
    ShownUnit("werk-g", "Groenploeg", "werk", "workshop", 0.5, 2),
    ShownUnit("werk-f", "Fietsenmakerij", "werk", "workshop", 0.5, 2),
)
HIDDEN_UNIT = "zorg-c"
SCORED = ("employership", "engagement", "initiative", "conduct", "interaction_quality", "service_quality", "loyalty")
MEASURED = {"absence": 0.061, "turnover": 0.034, "retention": 0.884, "return": 2.4, "use": 0.63}
# claim id -> estimate, half interval and verdict of each of its links, in order
EVIDENCE = {
    "employership-engages": [(0.62, 0.11, "supported")],
    "engaged-customers": [(0.34, 0.16, "supported")],
    "engaged-well": [(-0.03, 0.06, "no meaningful effect")],
    "engaged-initiative": [(0.41, 0.2, "supported")],
    "customers-carry": [(0.22, 0.3, "undetermined"), None, (-0.31, 0.18, "contradicted")],
    "empty-tram": [(0.12, 0.22, "undetermined")],
}
PICTURED = {
    ("employership", "engagement"): (0.62, 0.11, "supported"),
    ("engagement", "initiative"): (0.41, 0.2, "supported"),
    ("engagement", "absence"): (-0.03, 0.06, "no meaningful effect"),
    ("engagement", "turnover"): (-0.18, 0.24, "undetermined"),
    ("engagement", "conduct"): (0.29, 0.14, "supported"),
    ("engagement", "interaction_quality"): (0.25, 0.21, "supported"),
    ("engagement", "loyalty"): (0.34, 0.16, "supported"),
    ("conduct", "interaction_quality"): (0.71, 0.09, "supported"),
    ("interaction_quality", "service_quality"): (0.55, 0.12, "supported"),
    ("interaction_quality", "loyalty"): (0.2, 0.25, "undetermined"),
    ("service_quality", "loyalty"): (0.48, 0.15, "supported"),
    ("loyalty", "retention"): (0.22, 0.3, "undetermined"),
    ("loyalty", "return"): (-0.31, 0.18, "contradicted"),
    ("use", "return"): (0.12, 0.22, "undetermined"),
}
# claim id -> what its own method found
FOUND = {
    "craft-and-conduct": Finding(
        "craft-and-conduct", 0.04, -0.05, 0.13, -0.03, 0.11, "equal", 0.0, 0.1, 0.38,
        Text("share of craftsmanship less that of conduct", "deel van vakmanschap min dat van houding"),
        (Figure(Text("share of conduct", "deel van houding"), Interval(0.48, 0.43, 0.53)),
         Figure(Text("share left open", "deel dat openblijft"), Interval(0.004))),
        "within", True, 5210, 11, 8, Text("", ""), (Text("Same people.", "Zelfde mensen."),),
    ),
    "hygiene": Finding(
        "hygiene", NAN, NAN, NAN, NAN, NAN, "above", 0.0, 0.1, NAN, Text("mark", "kenmerk"), (), "within", True, 0, 0,
        0, Text("Too few.", "Te weinig."),
    ),
}  # fmt: skip
REASONS = {
    "supported": ("The interval lies above zero within units.", "Het interval ligt binnen onderdelen boven nul."),
    "contradicted": ("The interval lies on the other side of zero.", "Het interval ligt aan de andere kant van nul."),
    "no meaningful effect": ("The interval lies within ±0.10 SD.", "Het interval ligt binnen ±0,10 SD."),
    "undetermined": (
        "The interval is too wide; about 40 more units would settle it.",
        "Het interval is te breed; met ongeveer 40 onderdelen meer is het te zeggen.",
    ),
}


def estimate(value, half, design="within", **changes):
    """An estimate whose interval is ``half`` wide on either side."""
    made = Estimate(
        design=design,
        estimate=value,
        std_error=half / 1.96,
        df=40.0,
        low=value - half,
        high=value + half,
        low90=value - half * 0.84,
        high90=value + half * 0.84,
        raw=value * 0.8,
        raw_low=(value - half) * 0.8,
        raw_high=(value + half) * 0.8,
        uncorrected=value * 0.7,
        mde=half * 1.43,
        p_value=0.01,
        n_obs=88,
        n_units=11,
        n_waves=8,
    )
    return replace(made, **changes)


def link_verdict(link, known, *, same_source=False):
    """A verdict on one link; ``known`` is (estimate, half interval, verdict) or None where there are no data."""
    if known is None:
        found = LinkEstimate(link, link.sign, (), False, NAN, NAN, "No data.", "Geen cijfers.")
        return LinkVerdict(found, None, None, None, "undetermined", *REASONS["undetermined"])
    value, half, verdict = known
    own = estimate(value, half)
    others = (
        estimate(value + 0.12, half * 0.9, "cross-sectional", n_waves=1),
        estimate(value / 2, half, "lagged", n_waves=7),
    )
    found = LinkEstimate(link, link.sign, (others[0], own, others[1]), same_source, 0.7, 0.8)
    published = Published(
        0.18, 0.12, -0.07, 0.43, "causal", "16 panels, attitudes to later results", ("riketta2008", "harter2010")
    )
    combined = Combined(value * 0.7, half / 2.4, value * 0.7 - half * 0.8, value * 0.7 + half * 0.8, 0.02, 0.61, 14.0)
    return LinkVerdict(found, own, published, combined, verdict, *REASONS[verdict])


def claim_verdict(claim):
    """A verdict on one claim, from the table above."""
    known = EVIDENCE.get(claim.id)
    if claim.id in FOUND:
        return ClaimVerdict(claim, "undetermined", *REASONS["undetermined"], (), FOUND[claim.id], 0.0004)
    if known is None:
        reason = f"Needs {claim.needs.en}.", f"Nodig: {claim.needs.nl}."
        return ClaimVerdict(claim, "undetermined", *reason, ())
    links = tuple(
        link_verdict(link, found, same_source=claim.id == "employership-engages")
        for link, found in zip(claim.links, known, strict=True)
    )
    verdict = links[0].verdict
    return ClaimVerdict(claim, verdict, *REASONS[verdict], links)


def course(unit, construct, step):
    """A smooth, made-up level on a scale from 1 to 5."""
    return round(
        3.6 + 0.3 * math.sin(len(unit) * 1.7 + len(construct)) + 0.04 * step + 0.08 * math.sin(step + len(unit)), 1
    )


def scores():
    return tuple(
        ShownScore(u.key, p, c, 40.0 + 3 * i, level := course(u.name, c, t), level, level - 0.2, level + 0.2, 0.74)
        for i, u in enumerate(UNITS)
        if u.key != HIDDEN_UNIT
        for c in SCORED
        for t, p in enumerate(PERIODS)
    )


def results():
    return tuple(
        ShownResult(u.key, p, m, round(base * (1 + 0.05 * math.sin(len(u.name) + len(m)) + 0.01 * t), 3))
        for u in UNITS
        if u.key != HIDDEN_UNIT
        for m, base in MEASURED.items()
        for t, p in enumerate(PERIODS)
    )


def suppressed():
    own = [Suppressed(HIDDEN_UNIT, p, c, "threshold") for c in SCORED for p in PERIODS]
    return (
        *own,
        Suppressed("zorg-j", "2025-Q4", "loyalty", "complement"),
        Suppressed("werk-f", "2025-Q4", "engagement", "all-equal"),
    )


def position(unit, employership, service):
    return Position(
        unit,
        PERIODS[-1],
        "8 units",
        Interval(service, service - 0.6, service + 0.6),
        Interval(employership, employership - 0.5, employership + 0.5),
        Interval(0.2, -0.1, 0.5),
        Interval(-0.1, -0.4, 0.2),
        NAN,
        43.0,
    )


POSITIONS = (
    position("tram-n", 1.21, 0.83),
    position("tram-z", 1.14, 0.71),
    position("tram-h", -1.32, -0.94),
    position("zorg-j", 0.12, 1.44),
    position("zorg-v", -0.61, 0.52),
    position("werk-g", 0.83, -1.02),
    position("werk-f", -0.12, 0.11),
)
MOVES = (
    Move(
        "tram-h",
        "employership.autonomy",
        "loyalty",
        2.9,
        3.6,
        "peers",
        1.4,
        Interval(0.31, 0.08, 0.55),
        0.92,
        "within",
        41.0,
    ),
    Move(
        "zorg-v",
        "employership",
        "loyalty",
        3.1,
        3.5,
        "own past",
        0.8,
        Interval(0.17, -0.04, 0.39),
        0.71,
        "within",
        62.0,
    ),
    Move(
        "werk-f",
        "engagement",
        "loyalty",
        3.3,
        3.7,
        "norm",
        0.6,
        Interval(0.12, -0.09, 0.33),
        0.56,
        "cross-sectional",
        55.0,
    ),
)


def quality(construct, i):
    alpha, omega = Interval(0.84, 0.82, 0.86), Interval(0.85, 0.83, 0.87)
    icc2 = Interval(0.42 + 0.06 * i, 0.31 + 0.06 * i, 0.52 + 0.06 * i)
    return ScaleQuality(
        construct, 4, 3120.0, 11, 8, 3.7, 0.8, 1.0, 5.0, alpha, omega, Interval(0.12, 0.08, 0.17), icc2, 0.81
    )


def build(**changes):
    """The release; any field can be replaced."""
    occurring = {k: CONSTRUCTS[k] for k in (*SCORED, *MEASURED)} | {
        "employership.autonomy": FACETS["employership.autonomy"]
    }
    made = Release(
        title="Stadsdiensten",
        language="nl",
        note="Cijfers van medewerkers en klanten.",
        simulated=True,
        periods=PERIODS,
        units=UNITS,
        constructs=occurring | {k: CONSTRUCTS[k] for link in PICTURE for k in (link.cause, link.outcome)},
        measures_share=frozenset({"absence", "turnover", "retention", "use"}),
        unit_of_measure={"return": "million euro"},
        scores=scores(),
        results=results(),
        suppressed=suppressed(),
        scales=tuple(quality(c, i) for i, c in enumerate(SCORED)),
        claims=tuple(claim_verdict(c) for c in CLAIMS.values()),
        picture=tuple(link_verdict(link, PICTURED.get((link.cause, link.outcome))) for link in PICTURE),
        positions=POSITIONS,
        moves=MOVES,
        moves_reason="",
        moves_reason_nl="",
        certainty=0.58,
        smallest_effect=0.10,
        k=5,
        k_comments=10,
        root="all",
        provenance=Provenance(
            "0.1.0", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", 1, "y ~ within + between + (1|unit) + period"
        ),
    )
    return replace(made, **changes)


@pytest.fixture(scope="session")
def make_release():
    return build


@pytest.fixture(scope="session")
def release():
    return build()


@pytest.fixture(scope="session")
def crowd():
    """Changes that make it an organisation of 526 units and five years."""
    keys = [f"s{i}" for i in range(526)]
    years = ("2018", "2019", "2020", "2021", "2022")
    return {
        "periods": years,
        "units": (UNITS[0], *(ShownUnit(k, f"School {k}", "all", None, None, 1) for k in keys)),
        "positions": tuple(position(k, math.sin(i * 1.7), math.cos(i * 2.3)) for i, k in enumerate(keys)),
        "moves": (),
        "suppressed": (),
        "scores": tuple(
            ShownScore(k, y, c, 40.0, 3.7, 3.7, 3.5, 3.9, 0.7) for k in ("all", *keys) for c in SCORED for y in years
        ),
        "results": tuple(ShownResult(k, y, m, v) for k in ("all", *keys) for m, v in MEASURED.items() for y in years),
    }
