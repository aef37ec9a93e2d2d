"""The demonstration: an organisation with its history, one user per role with a published password, a round, channels.

Everything in it is simulated by the library; nothing here makes up a figure.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts import services as accounts
from bevlogen_web.accounts.models import Membership, Organisation, Role, User
from bevlogen_web.actions import services as acting
from bevlogen_web.actions.models import Action
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses import services as refreshes
from bevlogen_web.analyses import study
from bevlogen_web.feedback import services as feedback
from bevlogen_web.feedback.models import Kind as ChannelKind
from bevlogen_web.instruments import queries as instruments
from bevlogen_web.instruments import services as questionnaires
from bevlogen_web.instruments.models import Audience
from bevlogen_web.intake import inbox
from bevlogen_web.intake import services as intake
from bevlogen_web.listening import services as listening
from bevlogen_web.listening import tasks
from bevlogen_web.listening.closing import fold, keep_turnout
from bevlogen_web.listening.models import Comment, Kind, Round, State
from bevlogen_web.organisation import services as organisations
from bevlogen_web.organisation.models import Employee, Service, Succession, Unit
from bevlogen_web.privacy import services as privacy

PASSWORD = "bevlogen-demo"
DOMAIN = "stadsdiensten.example"
SLUG = "stadsdiensten"
NAMES = {
    Role.DIRECTOR: "Dirkje de Vries",
    Role.MANAGER: "Mehmet Yilmaz",
    Role.ANALYST: "Anouk Jansen",
    Role.PRIVACY_OFFICER: "Peter Bakker",
    Role.WORKS_COUNCIL: "Olivia Smit",
    Role.ADMINISTRATOR: "Aziz Visser",
}
_TABLES = ("organisation.toml", "units.csv", "answers.parquet", "interactions.parquet", "results.csv")
_TRUTH = "truth.json"
_FIRST_YEAR = 2024  # of the simulated history
_MANAGED = "therapie-loc-02"
_WRITTEN = "comments.csv"
_DONE = "actions.csv"  # kept by the application itself, so that the history does not tell of them too
_DONE_TABLE = f'\n[tables.actions]\nfile = "{_DONE}"\n'
_OPEN_QUESTION = {
    "title": {"nl": "Eén open vraag", "en": "One open question"},
    "intro": {},
    "pages": [
        {
            "questions": [
                {
                    "key": "what_helps",
                    "kind": "open",
                    "text": {
                        "nl": "Wat zou u helpen om uw werk beter of met meer plezier te doen?",
                        "en": "What would help you to do your work better, or with more pleasure?",
                    },
                }
            ]
        }
    ],
}
_ROUND_DAYS = 14
_ASKED = (("tram-01", ChannelKind.POSTER), ("tram-01", ChannelKind.KIOSK), ("therapie-01", ChannelKind.LINK))


def prepare(say: Callable[[str], None]) -> None:
    """Make the demonstration organisation, if it is not there yet, and its picture.

    Parameters
    ----------
    say
        Told what is being done, because the first time takes a while.
    """
    organisation = Organisation.objects.filter(slug=SLUG).first()
    if organisation is None:
        say("Preparing the demonstration: an organisation with two years of history. Once only; half a minute or so…")
        organisation = _make()
    if analyses.current(organisation) is None:
        say("Making its steering picture…")
        refreshes.ask(organisation)
        study.run_waiting(organisation)


def address_of(role: Role) -> str:
    """Give the address with which a role signs in; it names the role."""
    return f"{role.replace('_', '-')}@{DOMAIN}"


@transaction.atomic
def _make() -> Organisation:
    organisation = Organisation.objects.create(name="Stadsdiensten", slug=SLUG, language="nl")
    members = {role: _member(organisation, role, name) for role, name in NAMES.items()}
    administrator = members[Role.ADMINISTRATOR].user
    folder = intake.folder_of(organisation) / "history" / uuid.uuid4().hex
    bv.simulate(folder, preset="demo")
    truth = json.loads((folder / _TRUTH).read_text(encoding="utf-8"))
    written, done = _rows(folder / _WRITTEN), _rows(folder / _DONE)
    told = folder / "organisation.toml"
    told.write_text(told.read_text(encoding="utf-8").replace(_DONE_TABLE, ""), encoding="utf-8")
    for path in folder.iterdir():
        if path.name not in _TABLES:
            path.unlink()
    intake.keep_history(organisation, folder, by=administrator)
    units = _units(organisation, folder, truth["traps"]["reorganisation"])
    organisations.assign(members[Role.MANAGER], [units[_MANAGED]], by=administrator)
    _round(organisation, units, administrator)
    _channels(organisation, units, administrator)
    _words(organisation, units, [(row["unit"], row["text"]) for row in written], administrator)
    _actions(units, done, members[Role.DIRECTOR])
    privacy.show_comments(organisation, True, by=members[Role.PRIVACY_OFFICER].user)
    inbox.open_for(organisation)
    return organisation


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _actions(units: Mapping[str, Unit], done: Sequence[Mapping[str, str]], director: Membership) -> None:
    """Keep what was done, one action for all units in which it began at once."""
    together: dict[tuple[str, str, str], list[Unit]] = {}
    for row in done:
        together.setdefault((row["start"], row["lever"], row["what"]), []).append(units[row["unit"]])
    for (start, lever, what), where in together.items():
        acting.add(Action(what=what, lever=lever, start=date.fromisoformat(start)), where, by=director)


def _member(organisation: Organisation, role: Role, name: str) -> Membership:
    user = accounts.make_account(address_of(role), PASSWORD, name=name)
    return accounts.add_member(organisation, user, role, by=None)


def _units(organisation: Organisation, folder: Path, merged: Sequence[Mapping[str, Any]]) -> dict[str, Unit]:
    """Take over the units of the history, with the reorganisation that lies in it."""
    known = bv.open(folder, data=folder).workspace.units
    offered = {
        unit.key: Service.objects.create(
            organisation=organisation, key=unit.key, name=unit.name, co_creation=unit.co_creation
        )
        for unit in known
        if unit.key == unit.service
    }
    units: dict[str, Unit] = {}
    for unit in known:  # parents stand before what is below them
        units[unit.key] = Unit.objects.create(
            organisation=organisation,
            key=unit.key,
            name=unit.name,
            parent=units[unit.parent] if unit.parent else None,
            service=offered[unit.service] if unit.service else None,
            headcount=round(unit.headcount) if unit.headcount else None,
        )
    for one in merged:
        years, quarters = divmod(one["first_wave"] - 1, 4)
        on = date(_FIRST_YEAR + years, 3 * quarters + 1, 1)
        Unit.objects.filter(organisation=organisation, key__in=one["ended"]).update(end=on)
        Unit.objects.filter(organisation=organisation, key=one["started"]).update(start=on)
        for old in one["ended"]:
            Succession.objects.create(old=units[old], new=units[one["started"]], on=on)
    return units


def _round(organisation: Organisation, units: Mapping[str, Unit], administrator: User) -> None:
    """Open a round in one location, so that the mail of the demonstration stays readable."""
    place = units[_MANAGED]
    teams = [unit for unit in units.values() if unit.parent_id == place.pk]
    Employee.objects.bulk_create(
        Employee(
            organisation=organisation,
            unit=team,
            key=f"{team.key}-{number:02d}",
            email=f"{team.key}-{number:02d}@{DOMAIN}",
            language="nl",
        )
        for team in teams
        for number in range(1, (team.headcount or 0) + 1)
    )
    version = instruments.published(organisation, Audience.EMPLOYEE).first()
    if version is None:
        return
    today = timezone.localdate()
    held = Round(
        organisation=organisation,
        name=f"Peiling {place.name}",
        kind=Kind.CENSUS,
        version=version,
        unit=place,
        period=f"{today.year}-Q{(today.month + 2) // 3}",
        closes=today + timedelta(days=_ROUND_DAYS),
        rules=listening.rules(5, 10),
    )
    number = listening.open_round(listening.prepare(held, administrator), administrator).pk
    transaction.on_commit(lambda: tasks.send.enqueue(number))


def _words(
    organisation: Organisation, units: Mapping[str, Unit], written: Sequence[tuple[str, str]], administrator: User
) -> None:
    """Keep what people wrote as a round of one question that closed with the last quarter, kept as rounds are kept."""
    draft = questionnaires.create(organisation, Audience.EMPLOYEE, _OPEN_QUESTION, by=administrator)
    questionnaires.publish(draft, by=administrator)
    today = timezone.localdate()
    closes = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1) - timedelta(days=1)
    held = Round.objects.create(
        organisation=organisation,
        name="Eén open vraag aan iedereen",
        kind=Kind.CENSUS,
        version=draft,
        period=f"{closes.year}-Q{closes.month // 3}",
        opens=closes - timedelta(days=_ROUND_DAYS),
        closes=closes,
        state=State.CLOSED,
        rules=listening.rules(5, 10),
    )
    parents = {unit.pk: unit.parent_id for unit in units.values()}
    wrote = Counter(units[key].pk for key, _ in written)
    homes = fold(wrote, parents, held.rules["k"])
    Comment.objects.bulk_create(
        Comment(round=held, unit_id=homes[units[key].pk], question="what_helps", text=text)
        for key, text in written
        if units[key].pk in homes
    )
    there = Unit.objects.filter(organisation=organisation, end=None, headcount__gt=0)
    invited = there.values_list("pk", "headcount")
    keep_turnout(held, [(unit, headcount or 0, wrote[unit]) for unit, headcount in invited])


def _channels(organisation: Organisation, units: Mapping[str, Unit], administrator: User) -> None:
    """Ask customers in three ways."""
    version = instruments.published(organisation, Audience.CUSTOMER).first()
    if version is None:
        return
    for key, kind in _ASKED:
        feedback.open_channel(organisation, units[key], version, kind, units[key].service, by=administrator)
