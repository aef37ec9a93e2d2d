"""The data protection impact assessment: risks with what was done about them, and what is still to be settled."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bevlogen_web.privacy.facts import Facts


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that could go wrong for people: how bad without measures, what is done, and what stays."""

    what: str
    without: str
    measures: str
    stays: str


def risks(facts: Facts) -> list[Risk]:
    """Give the risks for respondents and others, worst first."""
    high, middle, low = _("high"), _("medium"), _("low")
    people = {"k": facts.k, "k_comments": facts.k_comments}
    return [
        Risk(
            _("A manager or administrator finds out what one employee answered."),
            high,
            _(
                "Answers are sealed while a round is open. At closing they are shuffled and written without a person, "
                "and the key is destroyed. Nothing joins answer and invitation: no number, time or order."
            ),
            low,
        ),
        Risk(
            _("Somebody recognises a colleague in the figures of a small team."),
            high,
            _(
                "A figure is shown from %(k)d people on. Where a rest could be worked out by subtraction, more is "
                "hidden, also over time and over units."
            )
            % people,
            low,
        ),
        Risk(
            _("Somebody recognises a colleague by the words they chose."),
            high,
            _("Own words are kept apart from ratings and shown from %(k_comments)d people on. Who answers is told so.")
            % people,
            middle,
        ),
        Risk(
            _("Somebody who does not answer is put under pressure."),
            middle,
            _(
                "No page shows who answered. That a code was used is kept until the round closes, for reminders. The "
                "response of a unit is rounded and set once a day at most."
            ),
            low,
        ),
        Risk(
            _("Figures are used to judge one person."),
            high,
            _("Figures are per unit only. None exists per person, and small units are not shown."),
            middle,
        ),
        Risk(
            _("The database or a backup falls into wrong hands."),
            high,
            _(
                "Keys of open rounds lie outside the database and its backups. Addresses stand apart from answers. "
                "Contacts hold pseudonyms."
            ),
            middle,
        ),
        Risk(
            _("Somebody signs in with a stolen password."),
            middle,
            _("A second step is required of everyone, and too many tries lock the account for a while.")
            if facts.second_factor
            else _("Too many tries lock the account for a while. A second step is not required now."),
            low if facts.second_factor else middle,
        ),
        Risk(
            _("Rules are made looser after people have answered."),
            middle,
            _(
                "The rules of a round are fixed when it opens and shown to who answers. A longer period of keeping "
                "holds only for what comes later. Every change stands in the log."
            ),
            low,
        ),
        Risk(
            _("An administrator alters the log to hide something."),
            middle,
            _("The log is a chain. Each month its head is mailed to works council and privacy officer."),
            low,
        ),
        Risk(
            _("A customer gets mail they do not want."),
            low,
            _("At most one mail in 30 days, with a link to end all mail."),
            low,
        ),
    ]


def to_settle(facts: Facts) -> list[str]:
    """Give what is still open before this installation should be used for real."""
    told = facts.particulars
    checks = (
        (facts.demo, _("This is a demonstration with published passwords. Do not put real people in it.")),
        (facts.local, _("This installation is for one computer. Set BEVLOGEN_HOSTS before colleagues use it.")),
        (not facts.mail_host, _("Mail is written to files, with the codes in it. Set BEVLOGEN_MAIL_URL.")),
        (
            not facts.second_factor and not facts.local,
            _("A second step of signing in is not required. Take out BEVLOGEN_SECOND_FACTOR=0."),
        ),
        (
            told.pk is None,
            _("The organisation has not filled in who is responsible and where people can ask questions."),
        ),
        (not told.officer, _("No data protection officer is named. Say so if there is none by law.")),
        (not told.hosting, _("It is not said who runs the computers. That party needs a processing agreement.")),
        (
            told.agreed is None,
            _("It is not noted that the works council agreed (in the Netherlands: WOR, article 27)."),
        ),
        (
            facts.periods.comments > facts.periods.answers,
            _("Own words of employees are kept longer than their answers. They are easier to recognise."),
        ),
        (facts.k < 5, _("An open round shows figures of fewer than 5 people.")),
    )
    return [text for applies, text in checks if applies]
