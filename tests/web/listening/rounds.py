"""What the tests of rounds begin with: questions, people, a round, and codes."""

from datetime import timedelta

from django.apps import apps
from django.db import connection

from bevlogen_web.listening import answering, sending, services
from bevlogen_web.listening.models import Invitation, Kind, Round
from bevlogen_web.organisation.models import Employee
from bevlogen_web.organisation.queries import today

ENDS = {"nl": ["oneens", "eens"], "en": ["disagree", "agree"]}


def scale(key, **more):
    texts = {"nl": f"Stelling {key}", "en": f"Statement {key}"}
    return {
        "key": key,
        "kind": "scale",
        "construct": "engagement",
        "text": texts,
        "low": 1,
        "high": 5,
        "ends": ENDS,
    } | more


DEFINITION = {
    "title": {"nl": "Peiling", "en": "Pulse"},
    "intro": {"nl": "Een paar vragen.", "en": "A few questions."},
    "pages": [
        {"questions": [scale("e1"), scale("e2", reverse=True)]},
        {"questions": [{"key": "more", "kind": "open", "text": {"nl": "Wilt u iets kwijt?", "en": "Anything else?"}}]},
    ],
}


def people(unit, size):
    Employee.objects.bulk_create(
        Employee(
            organisation=unit.organisation,
            unit=unit,
            key=f"{unit.key}-{number}",
            name=f"Mens {unit.key} {number}",
            email=f"{unit.key}{number}@people.example",
            language="nl",
        )
        for number in range(size)
    )


def prepared(organisation, version, kind=Kind.CENSUS, **more):
    held = Round(
        organisation=organisation,
        name="Najaar",
        kind=kind,
        version=version,
        period="2026-Q4",
        closes=today() + timedelta(days=14),
        rules=services.rules(5, 10),
    )
    for name, value in more.items():
        setattr(held, name, value)
    held.save()
    return held


def code_of(held, key):
    """A fresh code for the employee with this staff number."""
    return sending.new_code(Invitation.objects.get(round=held, employee__key=key))


def code_for_each(held):
    """A fresh code per invitation, by staff number."""
    return {one.employee.key: sending.new_code(one) for one in Invitation.objects.filter(round=held)}


def answer(held, code, **answers):
    """Fill the form in with this code and hand it in."""
    answering.save(code, held, answers)
    return answering.hand_in(code, held)


def dump():
    """Everything the database says, by table, as an administrator would copy it."""
    with connection.cursor() as cursor:
        return {table: rows_of(cursor, table) for table in connection.introspection.table_names(cursor)}


def rows_of(cursor, table):
    cursor.execute(f'SELECT * FROM "{table}"')
    return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor.fetchall()]


def listening_models():
    return {model.__name__: model for model in apps.get_app_config("listening").get_models()}


def rank_correlation(order):
    """Spearman's rank correlation of a permutation of 0..n-1 with the order it stands in."""
    n = len(order)
    return 1 - 6 * sum((place - rank) ** 2 for place, rank in enumerate(order)) / (n * (n**2 - 1))
