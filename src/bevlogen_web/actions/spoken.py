"""Why a plan or a choice cannot be made, in the language of the page; the library's English sentences are the keys."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from bevlogen_web.intake import spoken

# One that could stand in the hole of another stands before it.
SENTENCES = (
    _("There are no figures to study yet. Close a round first, or bring figures in."),
    _("Found %(n)s for %(what)s. Give 0 or more, or leave it out."),
    _('The cost of "%(lever)s" is below 0. Give 0 or more.'),
    _("Found a target of %(n)s. Give what all moves together must bring in SD, above 0."),
    _("These limits contradict each other: %(names)s. Loosen one of them."),
    _(
        "All units begin at once and none is left to compare with. Let a part begin later, or keep some out; else only "
        "the series can tell, from %(n)s periods before and %(after)s after the start."
    ),
    _("%(first)s; %(rest)s"),
    _("money (at most %(n)s)"),
    _("hours (at most %(n)s)"),
    _("at once (at most %(n)s)"),
    _("per unit (at most %(n)s)"),
    _("per group (at most %(n)s)"),
    _("each group (at least %(n)s in %(group)s)"),
    _("each group (at least %(n)s in )"),
    _("The solver found no set within the limits. Loosen one of them."),
    _("No figures of these units: %(names)s. Name units with data of their own."),
    _("Found %(n)s units. A fair start needs %(least)s or more."),
    _("Found %(n)s steps for %(units)s units. Give 2 steps or more, and no more than units."),
    _("Found a target of %(n)s. Give the effect in SD that must be found, above 0."),
    _('"%(name)s" is not measured. Found: %(names)s.'),
    _('Units do not differ in "%(name)s" beyond chance, so an effect has no measure.'),
)


def said(text: str) -> str | None:
    """Give a sentence of the library in the language of the page; None when it is not in the list."""
    return spoken.said(text, SENTENCES)
