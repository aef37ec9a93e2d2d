"""The disclose room: the one gate between what was found and what is shown."""

from bevlogen.core.released import LEDGER
from bevlogen.disclose.choices import guard_choices, may_choose
from bevlogen.disclose.collected import audit
from bevlogen.disclose.gate import release, release_link
from bevlogen.disclose.policy import PolicyError
from bevlogen.disclose.publication import NAME as PUBLICATIONS
from bevlogen.disclose.publication import publish
from bevlogen.disclose.reopen import reopen
from bevlogen.disclose.safe import heard, kept, remembered
from bevlogen.disclose.seen import are_few, as_shown, without_hidden
from bevlogen.disclose.whatif import guard_outlooks, guard_what_if

__all__ = [
    "LEDGER",
    "PUBLICATIONS",
    "PolicyError",
    "are_few",
    "as_shown",
    "audit",
    "guard_choices",
    "guard_outlooks",
    "guard_what_if",
    "heard",
    "kept",
    "may_choose",
    "publish",
    "release",
    "release_link",
    "remembered",
    "reopen",
    "without_hidden",
]
