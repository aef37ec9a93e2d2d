"""What a workspace holds once it is checked: organisation, instruments and tables under one set of names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core import thresholds
from bevlogen.core.chain import CONSTRUCTS, FACETS, Construct, Language, Text, parent_construct

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from bevlogen.core.moment_store import MomentStore, PartFacts

PeriodGrain = Literal["day", "month", "quarter", "year"]
RowTableName = Literal["answers", "interactions"]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Unit:
    """A team, branch or location. ``co_creation`` is a degree from 0 to 1; ``headcount`` counts persons."""

    key: str
    name: str
    parent: str | None = None
    service: str | None = None
    co_creation: float | None = None
    headcount: float | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """How items become one scale score: the mean of the items answered, each reverse-keyed item turned first.

    Attributes
    ----------
    construct : key, possibly a facet such as ``employership.autonomy``.
    items : item columns in the row table.
    reverse : the items among them that are reverse-keyed (``low + high - answer``).
    low, high : ends of the answer scale.
    options : number of answer options, for agreement; None for a continuous scale.
    min_answered : fewest items answered for a score; below it the score is missing.
    table : the row table that carries the items.
    respondents : who answered, as ``employees``; the same respondents on both sides of a link is same-source.
    """

    construct: str
    items: tuple[str, ...]
    reverse: frozenset[str]
    low: float
    high: float
    options: int | None
    min_answered: int
    table: RowTableName
    respondents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The disclosure policy. ``k`` respondents at least for a score, ``k_comments`` for comments.

    ``already_public`` names the tables (``scores``, ``results``) whose figures are published already, so that no
    threshold protects anything in them. ``min_response`` is the least response share for a unit's score.
    ``k_distributions`` respondents at least for a spread or distribution. ``protection`` is the share of a scale that
    must stay open about one person's answer, whatever is put together. ``k_by_construct`` raises ``k`` for a construct
    and its facets, and so do ``k_distributions_by_construct`` and ``protection_by_construct`` the other two.
    """

    k: int = thresholds.K
    k_comments: int = thresholds.K_COMMENTS
    min_response: float = 0.0
    already_public: frozenset[str] = frozenset()
    k_distributions: int = thresholds.K_DISTRIBUTIONS
    protection: float = thresholds.PROTECTION
    k_by_construct: Mapping[str, int] = field(default_factory=dict)
    k_distributions_by_construct: Mapping[str, int] = field(default_factory=dict)
    protection_by_construct: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of record. ``label`` and ``higher_is_better`` override the construct's where the file says so.

    ``unit_of_measure`` is plain text (``euro``, ``days per contract day``); ``is_share`` shows it as a percentage.
    """

    key: str
    label: Text
    higher_is_better: bool
    is_share: bool = False
    unit_of_measure: str = ""
    health: bool = False


@dataclass(frozen=True, slots=True)
class Organisation:
    """What ``organisation.toml`` says.

    Attributes
    ----------
    name : name of the organisation.
    language : language of the reports unless another is asked for.
    grain : length of a period.
    simulated : True for a demonstration; every page then says so.
    note : a sentence shown under the title (source of the data, warnings); "" for none.
    policy : disclosure policy.
    instruments : how items become scores.
    measures : figures of record by key, adjusters included.
    adjust : measures that every link holds constant.
    smallest_effect : smallest effect that matters, in SD of unit scores.
    respondents : by construct, who answered (from instruments and from ``scores``).
    norms : by construct, a (low, high) reference band on the construct's own scale, where given.
    targets : by measure, the value that it must not pass: break-even, or the target of a mission, where given.
    """

    name: str
    language: Language
    grain: PeriodGrain
    simulated: bool
    note: str
    policy: Policy
    instruments: tuple[Instrument, ...]
    measures: Mapping[str, Measure]
    adjust: tuple[str, ...]
    smallest_effect: float
    respondents: Mapping[str, frozenset[str]]
    norms: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)

    def construct(self, variable: str) -> Construct:
        """Return label and direction of a variable, with this organisation's own label where it has one."""
        measure = self.measures.get(variable)
        if measure is not None:
            return Construct(variable, measure.label, "result", measure.higher_is_better, measure.health)
        if variable in FACETS:
            return FACETS[variable]
        known = CONSTRUCTS[parent_construct(variable)]
        if variable == known.key:
            return known
        facet = variable.split(".", 1)[1].replace("_", " ")
        return Construct(variable, Text(facet, facet), known.side, known.higher_is_better, known.health)


@dataclass(frozen=True, slots=True)
class RowPartTable:
    """One part of a row table, such as a file of a day.

    ``key`` is a digest of the part and of how it is read; ``replaces`` says that it takes the place of earlier rows of
    the same units and periods; ``facts`` is what its check has found.
    """

    key: str
    relation: ibis.Table
    replaces: bool
    facts: PartFacts


def _asked(query: ibis.Table) -> pa.Table:
    return query.to_pyarrow()


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table with a row per respondent or encounter, under canonical names.

    ``relation`` is a lazy Ibis table with columns ``unit`` (text), ``period`` (text), every item column (double,
    NULL = not answered) and, where the source has them, ``employee``, ``customer``, ``service`` (text). The rows stay
    where they are; only ``measure`` sends a query, with ``fetch``, which says in one sentence what went wrong.
    With a ``store`` the table is scanned part by part, and parts that are known are not scanned again.
    """

    name: RowTableName
    relation: ibis.Table
    columns: frozenset[str]
    fetch: Callable[[ibis.Table], pa.Table] = field(default=_asked, compare=False)
    parts: tuple[RowPartTable, ...] = ()
    store: MomentStore | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Figures that were aggregated before they came here; all arrays have length m.

    ``unit`` and ``period`` index ``Workspace.units`` and ``Workspace.periods``; ``variable`` indexes ``variables``.
    ``n`` and ``sd`` are NaN where the source has none. ``scale_min`` and ``scale_max`` are the ends of the scale.
    """

    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    variable: IntArray
    mean: FloatArray
    n: FloatArray
    sd: FloatArray
    scale_min: FloatArray
    scale_max: FloatArray


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Figures of record; all arrays have length m. ``exposure`` is NaN where the source has none.

    With an exposure the figure of a group of units is sum(value) / sum(exposure); without one it is the mean of value
    weighted by headcount.
    """

    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    variable: IntArray
    value: FloatArray
    exposure: FloatArray


@dataclass(frozen=True, slots=True)
class Action:
    """Something done in a unit from a date on, to move a lever. ``period`` indexes the periods; None if outside."""

    unit: str
    start: str
    lever: str
    what: str
    period: int | None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A checked workspace: everything that the study needs, under one set of names.

    Attributes
    ----------
    organisation : what ``organisation.toml`` says.
    units : units in the order of the file; ``parent`` refers to a key among them.
    periods : period labels in time order.
    rows : row tables (answers, interactions), lazy.
    scores, results : aggregated tables; None where absent.
    actions : what was done.
    fingerprint : SHA-256 over the input files, for provenance.
    notes : what a reader must know of the input (rows of unknown units that the file said to skip, …).
    """

    organisation: Organisation
    units: tuple[Unit, ...]
    periods: tuple[str, ...]
    rows: tuple[RowTable, ...]
    scores: ScoreTable | None
    results: ResultTable | None
    actions: tuple[Action, ...]
    fingerprint: str
    notes: tuple[Text, ...] = ()
