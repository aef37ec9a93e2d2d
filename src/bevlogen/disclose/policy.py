"""The policy in force: how many respondents each figure needs, and which figures are public already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bevlogen.core import thresholds
from bevlogen.core.chain import Construct, parent_construct
from bevlogen.core.tables import Policy, Workspace
from bevlogen.errors import BevlogenError

Number = TypeVar("Number", int, float)


class PolicyError(BevlogenError):
    """The disclosure policy is weaker than the least that Bevlogen accepts."""

    def __init__(self, setting: str, found: float, least: float) -> None:
        super().__init__(
            f"The disclosure policy has {setting} = {found:g}; it may be raised, never lowered. "
            f"Set {setting} to {least:g} or more."
        )


def check(policy: Policy) -> Policy:
    """Return the policy unchanged if it is at least as strict as the floor of the product.

    Raises
    ------
    PolicyError
        If ``k`` is below 5, ``k_comments`` or ``k_distributions`` below 10, ``protection`` below 0.25, ``min_response``
        below 0, or a threshold of a single construct below the one for all.
    """
    for setting, found, least in (
        ("k", policy.k, thresholds.K),
        ("k_comments", policy.k_comments, thresholds.K_COMMENTS),
        ("k_distributions", policy.k_distributions, thresholds.K_DISTRIBUTIONS),
        ("protection", policy.protection, thresholds.PROTECTION),
        ("min_response", policy.min_response, 0),
        *((f"k for {name}", k, policy.k) for name, k in policy.k_by_construct.items()),
        *(
            (f"k_distributions for {name}", k, policy.k_distributions)
            for name, k in policy.k_distributions_by_construct.items()
        ),
        *((f"protection for {name}", p, policy.protection) for name, p in policy.protection_by_construct.items()),
    ):
        if not found >= least:
            raise PolicyError(setting, found, least)
    return policy


def least_respondents(construct: Construct, policy: Policy) -> int:
    """Return the fewest persons for a figure: ``k`` or the construct's own, and for health never below 10.

    References
    ----------
    METHODS §3.11: 5 is the technical floor; figures on health are protected more strictly.
    """
    return max(_own(policy.k_by_construct, construct.key, policy.k), thresholds.K_HEALTH if construct.health else 0)


def least_for_spread(variable: str, policy: Policy) -> int:
    """Return the fewest persons for a spread: ``k_distributions`` or the construct's own."""
    return _own(policy.k_distributions_by_construct, variable, policy.k_distributions)


def protection_of(variable: str, policy: Policy) -> float:
    """Return the share of the scale that must stay open about one person: ``protection`` or the construct's own."""
    return _own(policy.protection_by_construct, variable, policy.protection)


def is_public_score(variable: str, workspace: Workspace) -> bool:
    """Say whether scores of a variable were published before: the table ``scores`` is, and no answer here feeds them.

    A variable that any instrument measures is never public, whatever the policy says of the table ``scores``.
    """
    measured_here = {name for i in workspace.organisation.instruments for name in _with_parent(i.construct)}
    return (
        "scores" in workspace.organisation.policy.already_public
        and workspace.scores is not None
        and variable not in measured_here
    )


def is_public_result(variable: str, workspace: Workspace) -> bool:
    """Say whether a figure of record was published before: it stands in ``results``, and that table is public."""
    return (
        "results" in workspace.organisation.policy.already_public
        and workspace.results is not None
        and variable in workspace.results.variables
    )


def _own(raised: Mapping[str, Number], variable: str, common: Number) -> Number:
    """Return the strictest that holds for a variable; what is asked of a facet holds for its whole too."""
    own = [n for name, n in raised.items() if name in _with_parent(variable) or parent_construct(name) == variable]
    return max(common, *own) if own else common


def _with_parent(variable: str) -> tuple[str, str]:
    return variable, parent_construct(variable)
