"""A structural equation model as a list of named parameters, read from a few lines of text.

The notation and the parameters that are added unasked follow lavaan (Rosseel 2012, doi 10.18637/jss.v048.i02), so that
a model can be taken over from a paper and checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bevlogen.errors import ChoiceError, ShapeError

Op = Literal["=~", "~", "~~", "~1"]
Invariance = Literal["loadings", "intercepts", "residuals", "regressions"]

_LINE = re.compile(r"^\s*([\w.]+)\s*(:=|=~|~~|~)\s*(.+?)\s*$")
_LEVEL = re.compile(r"^\s*level\s*:\s*([12])\s*$")
_TERM = re.compile(r"^(?:([\w.+-]+)\s*\*\s*)?([A-Za-z_][\w.]*|1)$")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One element of the model.

    Attributes
    ----------
    block : 0-based group, or level (0 within, 1 between).
    lhs, op, rhs : ``factor =~ indicator``, ``outcome ~ cause``, ``a ~~ b`` (covariance of a and b, or of what their
        causes leave over), ``a ~1`` (mean or intercept; ``rhs`` is empty).
    label : name given in the text; parameters with one label are equal. Empty if none.
    index : position in the vector of free parameters; -1 if fixed.
    value : value at which it is fixed; NaN with index -1 means: as in the sample (exogenous variables).
    """

    block: int
    lhs: str
    op: Op
    rhs: str
    label: str
    index: int
    value: float


@dataclass(frozen=True, slots=True)
class Block:
    """The variables of one group or level: observed ones first; ``exogenous`` are those taken as given."""

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Observed and latent names, in the order of the matrices."""
        return self.observed + self.latent


@dataclass(frozen=True, slots=True)
class Model:
    """Blocks, parameters and defined quantities; ``layout`` says whether blocks are groups or levels."""

    blocks: tuple[Block, ...]
    parameters: tuple[Parameter, ...]
    defined: tuple[tuple[str, str], ...]
    n_free: int
    layout: Literal["groups", "levels"]
    means: bool


@dataclass(frozen=True, slots=True)
class _Term:
    lhs: str
    op: Op
    rhs: str
    label: str
    value: float | None  # fixed at; None if free


def model(
    text: str,
    *,
    groups: int = 1,
    equal: Iterable[Invariance] = (),
    means: bool = True,
    fixed_x: bool = True,
    std_lv: bool = False,
    auto: bool = True,
) -> Model:
    """Read a model.

    Parameters
    ----------
    text : one statement per line (or between semicolons): ``f =~ x1 + x2`` (factor), ``y ~ a*x + z`` (regression, a
        names the coefficient), ``y ~~ 0*x`` (covariance, here fixed at 0), ``y ~ 1`` (intercept), ``ab := a*b``
        (defined quantity). ``level: 1`` and ``level: 2`` open the within and between part of a two-level model;
        ``#`` starts a comment.
    groups : number of groups, each with its own parameters.
    equal : what is held equal over groups. With ``intercepts`` the factor means of later groups become free.
    means : whether means are part of the model; two levels and missing values need them.
    fixed_x : take variables that are only causes as given; their moments are then not counted as parameters.
    std_lv : set the scale of factors by variance 1 instead of the first loading 1.
    auto : add, as lavaan's ``sem`` does: residual variances, covariances of exogenous factors and of outcomes that
        cause nothing, moments of exogenous variables, intercepts, and the scale of factors.
        Without it the model holds what is written and nothing else, as lavaan's ``lavaan``.

    Raises
    ------
    ShapeError
        A line cannot be read, or the text holds no statement.
    ChoiceError
        ``equal`` holds an unknown word.

    References
    ----------
    Rosseel (2012), doi 10.18637/jss.v048.i02. Meredith (1993), doi 10.1007/BF02294825, for invariance.

    Examples
    --------
    >>> model("m ~ a*x; y ~ b*m + x; ab := a*b", means=False).n_free
    5
    """
    levels, defined = _read(text)
    if len(levels) == 2 and groups > 1:
        raise ShapeError("A two-level model with several groups is not supported. Fit the groups apart.")
    if len(levels) == 2 and not means:
        raise ShapeError("A two-level model always has means. Leave out means=False.")
    equal = tuple(equal)
    for word in equal:
        if word not in _EQUAL:
            raise ChoiceError("equal", word, _EQUAL)
    layout: Literal["groups", "levels"] = "levels" if len(levels) == 2 else "groups"
    both = set.intersection(*(_names(terms) for terms in levels)) if len(levels) == 2 else set()
    blocks: list[Block] = []
    tables: list[list[_Term]] = []
    for number, terms in enumerate(levels):
        block = _block(terms, fixed_x and auto)
        terms = _scaled(terms, block, std_lv) if auto else terms
        zero_means = both if layout == "levels" and number == 0 else set()
        terms = terms + (_added(terms, block, means, std_lv, zero_means) if auto else [])
        blocks.append(block)
        tables.append(terms)
    if layout == "groups":
        blocks, tables = blocks * groups, [_for_group(tables[0], blocks[0], g, equal) for g in range(groups)]
    parameters, n_free = _numbered(tables, blocks[0], equal if groups > 1 else ())
    return Model(tuple(blocks), parameters, tuple(defined), n_free, layout, means)


def saturated(source: Model) -> Model:
    """Return the model in which every mean, variance and covariance of the observed variables is free."""
    return _moments_only(source, lambda a, b: True)


def independence(source: Model) -> Model:
    """Return the baseline: variances and means free, covariances zero, but those of exogenous variables as given."""
    return _moments_only(source, lambda a, b: a == b)


def _moments_only(source: Model, is_free: Callable[[str, str], bool]) -> Model:
    tables = []
    for number, block in enumerate(source.blocks):
        both = set(block.observed) & set(source.blocks[1].observed) if source.layout == "levels" else set()
        x = set(block.exogenous)
        terms = []
        for i, a in enumerate(block.observed):
            for b in block.observed[i:]:
                if a in x and b in x:
                    terms.append(_Term(a, "~~", b, "", float("nan")))
                elif is_free(a, b):
                    terms.append(_Term(a, "~~", b, "", None))
            if source.means and not (number == 0 and a in both):
                terms.append(_Term(a, "~1", "", "", float("nan") if a in x else None))
        tables.append(terms)
    blocks = tuple(replace(b, latent=()) for b in source.blocks)
    parameters, n_free = _numbered(tables, blocks[0], ())
    return Model(blocks, parameters, (), n_free, source.layout, source.means)


def _read(text: str) -> tuple[list[list[_Term]], list[tuple[str, str]]]:
    """Split the text into terms per level and defined quantities."""
    levels: list[list[_Term]] = [[]]
    defined: list[tuple[str, str]] = []
    for raw in re.split(r"[\n;]", text):
        line = raw.split("#")[0]
        if not line.strip():
            continue
        if opened := _LEVEL.match(line):
            if opened.group(1) == "2":
                levels.append([])
            continue
        found = _LINE.match(line)
        if not found:
            raise ShapeError(f'The model line "{line.strip()}" cannot be read. Write like "y ~ x" or "f =~ x1 + x2".')
        lhs, op, right = found.groups()
        if op == ":=":
            defined.append((lhs, right))
        else:
            levels[-1] += [_term(lhs, op, part) for part in right.split("+")]
    if not all(levels):
        raise ShapeError('The model, or one of its levels, is empty. Write at least one line like "y ~ x".')
    return levels, defined


def _term(lhs: str, op: str, part: str) -> _Term:
    found = _TERM.match(part.strip())
    if not found or (found.group(2) == "1" and op != "~"):
        raise ShapeError(f'The term "{part.strip()}" after "{lhs} {op}" cannot be read. Write a name or "a*name".')
    modifier, name = found.groups()
    fixed = float(modifier) if modifier and _NUMBER.match(modifier) else None
    label = modifier if modifier and fixed is None else ""
    if name == "1":
        return _Term(lhs, "~1", "", label, fixed)
    kinds: dict[str, Op] = {"=~": "=~", "~": "~", "~~": "~~"}
    return _Term(lhs, kinds[op], name, label, fixed)


def _names(terms: Sequence[_Term]) -> set[str]:
    latent = {t.lhs for t in terms if t.op == "=~"}
    return {n for t in terms for n in (t.lhs, t.rhs) if n and n not in latent}


def _block(terms: Sequence[_Term], fixed_x: bool) -> Block:
    latent = tuple(dict.fromkeys(t.lhs for t in terms if t.op == "=~"))
    ordered = [n for t in terms for n in (t.lhs, t.rhs) if n]
    observed = tuple(dict.fromkeys(n for n in ordered if n not in latent))
    depends = {t.rhs for t in terms if t.op == "=~"} | {t.lhs for t in terms if t.op in ("~", "~~", "~1")}
    depends |= {t.rhs for t in terms if t.op == "~~"}
    return Block(observed, latent, tuple(n for n in observed if n not in depends) if fixed_x else ())


def _scaled(terms: Sequence[_Term], block: Block, std_lv: bool) -> list[_Term]:
    """Fix the first loading of every factor at 1, unless its variance sets the scale."""
    if std_lv:
        return list(terms)
    first = {f: next(i for i, t in enumerate(terms) if t.op == "=~" and t.lhs == f) for f in block.latent}
    markers = {i for i in first.values() if terms[i].value is None and not terms[i].label}
    return [replace(t, value=1.0) if i in markers else t for i, t in enumerate(terms)]


def _added(terms: Sequence[_Term], block: Block, means: bool, std_lv: bool, zero_means: set[str]) -> list[_Term]:
    """Return the parameters that a complete model needs and the text left out."""
    written = {frozenset((t.lhs, t.rhs)) for t in terms if t.op == "~~"}
    caused = {t.lhs for t in terms if t.op == "~"}
    causes = {t.rhs for t in terms if t.op == "~"}
    indicators = {t.rhs for t in terms if t.op == "=~"}
    x = set(block.exogenous)
    free_x = [n for n in block.observed if n not in caused | indicators]
    out = [
        _Term(v, "~~", v, "", float("nan") if v in x else 1.0 if std_lv and v in block.latent else None)
        for v in block.variables
        if frozenset((v,)) not in written
    ]
    for family in (
        [f for f in block.latent if f not in caused and f not in indicators],
        [v for v in block.variables if v in caused and v not in causes and v not in indicators],
        free_x,
    ):
        pairs = [(a, b) for i, a in enumerate(family) for b in family[i + 1 :]]
        out += [
            _Term(a, "~~", b, "", float("nan") if a in x and b in x else None)
            for a, b in pairs
            if frozenset((a, b)) not in written
        ]
    has_mean = {t.lhs for t in terms if t.op == "~1"}
    if means:
        for v in block.variables:
            if v not in has_mean:
                zero = v in block.latent or v in zero_means
                out.append(_Term(v, "~1", "", "", 0.0 if zero else float("nan") if v in x else None))
    return out


def _for_group(terms: Sequence[_Term], block: Block, group: int, equal: Sequence[str]) -> list[_Term]:
    """Free the factor means of later groups where equal intercepts identify them."""
    if group == 0 or "intercepts" not in equal:
        return list(terms)
    return [replace(t, value=None) if t.op == "~1" and t.lhs in block.latent else t for t in terms]


_EQUAL: dict[str, Callable[[_Term, Block], bool]] = {
    "loadings": lambda t, b: t.op == "=~",
    "intercepts": lambda t, b: t.op == "~1" and t.lhs in b.observed,
    "residuals": lambda t, b: t.op == "~~" and t.lhs == t.rhs and t.lhs in b.observed,
    "regressions": lambda t, b: t.op == "~",
}


def _numbered(
    tables: Sequence[Sequence[_Term]], block: Block, equal: Sequence[str]
) -> tuple[tuple[Parameter, ...], int]:
    """Give every free parameter its place; one label, or one equality over groups, is one place."""
    places: dict[tuple[str, ...], int] = {}
    out = []
    for number, terms in enumerate(tables):
        for t in terms:
            if t.value is not None:
                out.append(Parameter(number, t.lhs, t.op, t.rhs, t.label, -1, t.value))
                continue
            shared = any(_EQUAL[word](t, block) for word in equal)
            key = (t.label,) if t.label else (("" if shared else str(number)), t.lhs, t.op, t.rhs)
            place = places.setdefault(key, len(places))
            out.append(Parameter(number, t.lhs, t.op, t.rhs, t.label, place, float("nan")))
    return tuple(out), len(places)
