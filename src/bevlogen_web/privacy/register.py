"""The register of processing: what is done with whose data, why, how long, and who receives it, from the facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bevlogen_web.privacy.facts import Facts


@dataclass(frozen=True, slots=True)
class Processing:
    """One line of the register (GDPR, article 30); ``used`` says whether it happens now."""

    title: str
    used: bool
    why: str
    whose: str
    what: str
    basis: str
    kept: str
    measures: str


def processings(facts: Facts) -> list[Processing]:
    """Give every kind of processing the application can do for this organisation."""
    return [
        _answers(facts),
        _addresses(facts),
        _customers(facts),
        _wishes(facts),
        _contacts(facts),
        _figures(facts),
        _staff(facts),
    ]


def receivers(facts: Facts) -> list[str]:
    """Give who else gets data, as far as the settings tell."""
    told = facts.particulars
    found = []
    if told.hosting:
        found.append(_("%(name)s runs the computers.") % {"name": told.hosting})
    if told.mailing or facts.mail_host:
        found.append(_("%(name)s sends the mail and sees addresses.") % {"name": told.mailing or facts.mail_host})
    if facts.sign_on_host:
        found.append(_("%(name)s checks who signs in.") % {"name": facts.sign_on_host})
    found += [
        _("The system “%(name)s” of the organisation may: %(scopes)s.") % {"name": name, "scopes": scopes}
        for name, scopes in facts.integrations
    ]
    return found


def months(number: int) -> str:
    """Write a number of months, as years where that is shorter."""
    if number % 12 == 0:
        return ngettext("%(n)d year", "%(n)d years", number // 12) % {"n": number // 12}
    return ngettext("%(n)d month", "%(n)d months", number) % {"n": number}


def _basis(facts: Facts) -> str:
    return facts.particulars.get_basis_display()


def _answers(facts: Facts) -> Processing:
    return Processing(
        title=_("Answers of employees"),
        used=facts.asks_employees,
        why=_("To see per team how employees are, and what to improve."),
        whose=_("Employees who want to answer. Nobody has to."),
        what=_("Answers on scales and in own words, with unit and round. No name, no number, no time."),
        basis=_basis(facts),
        kept=_("Answers %(answers)s, own words %(words)s after the round opened.")
        % {"answers": months(facts.periods.answers), "words": months(facts.periods.comments)},
        measures=_(
            "Answers are sealed until the round closes and then written in random order. Nothing joins them to a "
            "person. Figures are shown from %(k)d people on, own words from %(k_comments)d."
        )
        % {"k": facts.k, "k_comments": facts.k_comments},
    )


def _addresses(facts: Facts) -> Processing:
    return Processing(
        title=_("Who can be asked"),
        used=facts.asks_employees,
        why=_("To send each employee one code, and a reminder only to who has not answered."),
        whose=_("Employees."),
        what=_("Staff number, name, e-mail address, unit, language, first and last day of work, day last asked."),
        basis=_basis(facts),
        kept=_("Until %(period)s after the last day of work. Who was invited is forgotten when the round closes.")
        % {"period": months(facts.periods.employees)},
        measures=_("Only an administrator sees the list. It stands apart from answers."),
    )


def _customers(facts: Facts) -> Processing:
    return Processing(
        title=_("Ratings by customers"),
        used=facts.asks_customers,
        why=_("To see per team how customers find the service, and what to improve."),
        whose=_("Customers who want to answer. Nobody has to."),
        what=_("Ratings and own words, with unit, service and day. An address that is mailed to is deleted once sent."),
        basis=_("legitimate interest: good work and good service"),
        kept=_("Ratings %(ratings)s, own words %(words)s.")
        % {"ratings": months(facts.periods.ratings), "words": months(facts.periods.customer_comments)},
        measures=_(
            "Links are signed and hold nothing personal. Each mail has a link to end all mail; then only a code made "
            "from the address is kept, to respect that."
        ),
    )


def _wishes(facts: Facts) -> Processing:
    return Processing(
        title=_("Customers who want to be called back"),
        used=facts.asks_customers,
        why=_("To call back who asked for it."),
        whose=_("Customers who leave their number or address."),
        what=_("Number or address, what it is about, unit and day."),
        basis=_("consent of each person"),
        kept=_("Until they were called back, and %(period)s at most.") % {"period": months(facts.periods.wishes)},
        measures=_("A wish is not joined to a rating. Only the director and the manager of the unit see it."),
    )


def _contacts(facts: Facts) -> Processing:
    return Processing(
        title=_("Rated contacts from other systems"),
        used=facts.has_contacts,
        why=_("To link how employees are to how customers find the contact."),
        whose=_("Employees and customers in those contacts."),
        what=_("Day, unit, service, ratings, and a pseudonym for employee and customer."),
        basis=_basis(facts),
        kept=months(facts.periods.contacts),
        measures=_("Pseudonyms are made on arrival with a secret key. They are never shown on any page."),
    )


def _figures(facts: Facts) -> Processing:
    return Processing(
        title=_("Figures of record and files from before"),
        used=facts.has_results or facts.has_history,
        why=_("To see what engagement and service lead to."),
        whose=_("Nobody: figures are per unit. Files from before may hold answers of people."),
        what=_("Absence, turnover, retention and the like per unit and period; the files that were uploaded."),
        basis=_basis(facts),
        kept=_("Until the organisation takes them out."),
        measures=_("Only administrator and analyst handle files. What is shown keeps to the same smallest groups."),
    )


def _staff(facts: Facts) -> Processing:
    return Processing(
        title=_("Colleagues who sign in, and the log"),
        used=True,
        why=_("To let the right people in, and to account for what they did."),
        whose=_("Colleagues with a role here."),
        what=_("Name, e-mail address, role, second step of signing in; in the log a number, an act and a time."),
        basis=_("legitimate interest: good work and good service"),
        kept=_("The account until it is deleted, or a year without use or organisation. The log stays."),
        measures=_(
            "The log is a chain: an altered line is found. It holds no names. Log files of the server "
            "hold no addresses."
        ),
    )
