"""Someone holds the database, its bytes, older copies and the folder of keys, and tries to join people and answers."""

import logging
from collections import Counter

import pytest
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from listening.rounds import (
    answer,
    code_for_each,
    code_of,
    dump,
    listening_models,
    people,
    prepared,
    rank_correlation,
)

from bevlogen_web.accounts.models import Role
from bevlogen_web.listening import answering, closing, queries, seal, sending, services, tasks
from bevlogen_web.listening.models import Answer, Comment, Draft, Gate, Invitation, Letter, Round

# 60 orders drawn by lot have a rank correlation with standard deviation 1/sqrt(59) = 0.13; beyond 0.65 lies less than
# one draw in a million.
NO_ORDER = 0.65
MANY = 60
SECRET = "Zeldzame-woorden-om-te-zoeken"
PEOPLE_SIDE = ("Invitation", "Gate", "Asked")
ANSWER_SIDE = ("Letter", "Draft", "Answer", "Comment")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(cast, version, division):
    """A round of sixty people, with a code for each in the order of their staff numbers."""
    people(division, MANY)
    held = services.open_round(prepared(cast.organisation, version), cast.user(Role.DIRECTOR))
    return held, list(code_for_each(held).values())


@pytest.fixture
def answered(many):
    """The same after everyone has answered, one by one, each something else."""
    held, codes = many
    for number, code in enumerate(codes):
        answer(held, code, e1=number % 5 + 1, more=f"{SECRET} {number}")
    return held


def as_text(copy):
    return repr(copy)


def test_no_record_of_people_or_answers_has_a_time():
    checked = [listening_models()[name] for name in (*ANSWER_SIDE, "Invitation", "Gate", "Turnout")]
    times = [field for model in checked for field in model._meta.get_fields() if isinstance(field, models.DateField)]
    assert times == []


def test_answers_refer_to_nothing_but_round_and_unit():
    checked = [listening_models()[name] for name in ANSWER_SIDE]
    referred = {field.related_model.__name__ for model in checked for field in model._meta.fields if field.is_relation}
    assert referred == {"Round", "Unit"}


def test_nothing_refers_to_an_answer():
    checked = [listening_models()[name] for name in ANSWER_SIDE]
    assert [relation for model in checked for relation in model._meta.related_objects] == []


def test_no_code_is_stored(many):
    _held, codes = many
    copy = as_text(dump())
    assert [code for code in codes if code in copy] == []


def test_drafts_and_letters_are_not_in_clear(many):
    held, codes = many
    answering.save(codes[0], held, {"more": SECRET})
    answer(held, codes[1], more=SECRET)
    assert SECRET not in as_text(dump())


def test_letters_share_no_value_with_people(answered):
    copy = {name: list(model.objects.values_list()) for name, model in listening_models().items()}
    of_people = {value for name in PEOPLE_SIDE for row in copy[name] for value in row}
    of_letters = {value for row in copy["Letter"] for value in row}
    assert of_letters & of_people <= {answered.pk, None, True, False}


def test_a_draft_cannot_be_found_from_a_gate(many):
    held, codes = many
    answering.save(codes[0], held, {"e1": 1})
    place = f"{Draft.objects.get().pk:x}"
    assert [gate for gate in Gate.objects.values_list("hash", flat=True) if place in gate or gate in place] == []


def test_keys_of_letters_do_not_follow_the_order_of_answering(many):
    held, codes = many
    seen, order = set(), []
    for code in codes:
        answer(held, code, e1=1)
        new = set(Letter.objects.values_list("pk", flat=True)) - seen
        seen |= new
        order += new
    ranks = {number: rank for rank, number in enumerate(sorted(order))}
    assert abs(rank_correlation([ranks[number] for number in order])) < NO_ORDER


def test_every_letter_is_as_long_as_every_other(many):
    held, codes = many
    answer(held, codes[0], e1=1)
    answer(held, codes[1], e1=5, e2=5, more="\U0001f600" * 2000)
    assert len({len(bytes(sealed)) for sealed in Letter.objects.values_list("sealed", flat=True)}) == 1


def test_every_draft_is_as_long_as_every_other(many):
    held, codes = many
    answering.save(codes[0], held, {})
    answering.save(codes[1], held, {"e1": 5, "more": "x" * 2000})
    assert len({len(bytes(sealed)) for sealed in Draft.objects.values_list("sealed", flat=True)}) == 1


def test_handing_in_changes_three_tables_and_no_other(many):
    held, codes = many
    answering.save(codes[0], held, {"e1": 1})
    before = dump()
    answering.hand_in(codes[0], held)
    after = dump()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"listening_invitation", "listening_letter", "listening_draft"}


@pytest.fixture
def walked(many, caplog):
    """Someone answers from the first page to the last, through the pages: what changed, and what was logged."""
    _held, codes = many
    client = Client()
    caplog.set_level(logging.DEBUG, logger="bevlogen_web")
    before = dump()
    client.get(f"/a/{codes[0]}")
    client.post("/a/page/1", {"e1": "4"})
    client.post("/a/page/2", {"more": SECRET})
    client.post("/a/hand-in")
    after = dump()
    return {table for table in before if before[table] != after[table]}, caplog.text, codes[0]


def test_answering_through_the_pages_touches_no_session_job_or_log_in_the_database(walked):
    changed, _log, _code = walked
    assert changed == {"listening_invitation", "listening_letter"}


def test_answering_through_the_pages_leaves_no_line_in_the_log(walked):
    _changed, log, code = walked
    assert "/a/" not in log
    assert "a/page" not in log
    assert code not in log
    assert SECRET not in log


def test_answering_is_not_counted_in_the_metrics(walked, client):
    counts = client.get("/metrics").content.decode()
    assert 'route="a/' not in counts


def test_a_job_is_never_about_one_person(many):
    assert {name for name, task in vars(tasks).items() if hasattr(task, "enqueue")} == {"send", "tend", "tend_round"}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="transaction numbers are PostgreSQL's")
def test_before_stirring_transaction_numbers_would_join(answered):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM listening_letter l JOIN listening_invitation i ON l.xmin = i.xmin")
        assert cursor.fetchone() == (MANY,)


def test_stirring_leaves_no_letter_where_or_as_it_was(answered):
    before = dict(Letter.objects.values_list("pk", "sealed"))
    closing.stir(answered)
    after = dict(Letter.objects.values_list("pk", "sealed"))
    assert len(after) == MANY
    assert not set(before) & set(after)
    assert not {bytes(sealed) for sealed in before.values()} & {bytes(sealed) for sealed in after.values()}


def test_stirring_loses_no_answer_and_no_invitation(answered):
    before = sorted(Invitation.objects.values_list())
    closing.stir(answered)
    assert sorted(Invitation.objects.values_list()) == before
    closing.close(answered, None)
    assert Comment.objects.count() == MANY


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="transaction numbers are PostgreSQL's")
def test_transaction_numbers_join_nothing_after_stirring(answered):
    closing.stir(answered)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT xmin::text FROM listening_letter UNION SELECT xmin::text FROM listening_invitation"
        )
        assert len(cursor.fetchall()) == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="places of rows are PostgreSQL's")
def test_places_of_rows_do_not_follow_the_order_of_answering(answered):
    closing.stir(answered)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM listening_invitation ORDER BY ctid")
        order = [number for (number,) in cursor.fetchall()]
    ranks = {number: rank for rank, number in enumerate(sorted(order))}
    assert abs(rank_correlation([ranks[number] for number in order])) < NO_ORDER


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="transaction numbers are PostgreSQL's")
def test_transaction_numbers_of_answers_are_all_the_same(answered):
    closing.close(answered, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT xmin::text FROM listening_answer UNION SELECT xmin::text FROM listening_comment"
        )
        assert len(cursor.fetchall()) == 1


def test_stored_comments_do_not_follow_the_order_of_answering(answered):
    closing.close(answered, None)
    order = [int(text.split()[-1]) for text in Comment.objects.order_by("pk").values_list("text", flat=True)]
    assert abs(rank_correlation(order)) < NO_ORDER


def test_comments_stand_in_another_order_than_the_forms(answered):
    closing.close(answered, None)
    forms = [values["e1"] for values in Answer.objects.order_by("pk").values_list("values", flat=True)]
    comments = [int(text.split()[-1]) % 5 + 1 for text in Comment.objects.order_by("pk").values_list("text", flat=True)]
    assert forms != comments


def test_after_closing_nothing_knows_who_was_invited_in_the_round(answered):
    closing.close(answered, None)
    assert [model.objects.count() for model in (Invitation, Gate, Letter, Draft)] == [0, 0, 0, 0]


def test_an_older_copy_cannot_be_opened_with_what_is_left_in_the_folder(answered, settings):
    context = answering.letter_context(answered)
    old = [bytes(sealed) for sealed in Letter.objects.values_list("sealed", flat=True)]
    closing.close(answered, None)
    left = [path.read_bytes() for path in settings.DATA.rglob("*") if path.is_file()]
    assert left == []
    with pytest.raises(seal.KeyGoneError):
        seal.key_of(answered.key_name)
    with pytest.raises(InvalidTag):
        seal.unseal(old[0], bytes(32), context)


def test_a_copy_of_who_was_done_does_not_tell_whose_a_stored_answer_is(opened):
    """Answers of six of Noord, three of Zuid and one of Klein: a copy names the ten, and the store is read after it."""
    codes = code_for_each(opened)
    for team, done in (("noord", 6), ("zuid", 3), ("klein", 1)):
        for number in range(done):
            answer(opened, codes[f"{team}-{number}"], e1=number % 5 + 1, more=f"{team} {number}")
    copy = Counter(Invitation.objects.filter(used=True).values_list("unit__key", flat=True))
    closing.close(opened, None)
    assert copy == {"noord": 6, "zuid": 3, "klein": 1}
    for model in (Answer, Comment):
        stored = Counter(model.objects.values_list("unit__key", flat=True))
        assert stored.total() == copy.total()
        assert min(stored.values()) >= opened.rules["k"]


def test_the_meter_says_the_same_before_and_after_one_answer(opened, cast):
    codes = code_for_each(opened)
    for number in range(5):
        answer(opened, codes[f"noord-{number}"], e1=1)
    tasks.tend_round.call(opened.pk)
    director = cast.members[Role.DIRECTOR]
    before = queries.response(opened, director)
    answer(opened, codes["noord-5"], e1=5)
    tasks.tend_round.call(opened.pk)
    assert queries.response(opened, director) == before
    assert [bar for bar in before if bar.percent] != []


def test_the_key_of_another_round_opens_nothing(answered, cast, version):
    other = services.open_round(prepared(cast.organisation, version), cast.user(Role.DIRECTOR))
    with pytest.raises(InvalidTag):
        seal.unseal(
            bytes(Letter.objects.first().sealed), seal.key_of(other.key_name), answering.letter_context(answered)
        )


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads the bytes of an SQLite database")
def test_raw_bytes_keep_nothing_of_letters_gates_and_open_drafts(many):
    held, codes = many
    answering.save(codes[0], held, {"e1": 1})
    answer(held, codes[1], more=SECRET)
    traces = [bytes(sealed) for sealed in Letter.objects.values_list("sealed", flat=True)]
    traces += [bytes(sealed) for sealed in Draft.objects.values_list("sealed", flat=True)]
    gates = [gate.encode() for gate in Gate.objects.values_list("hash", flat=True)]
    raw = connection.connection.serialize()
    assert all(trace[:64] in raw for trace in [*traces, *gates])
    closing.close(held, None)
    raw = connection.connection.serialize()
    assert [trace for trace in [*traces, *gates] if trace[:64] in raw] == []


def test_the_number_of_gates_does_not_tell_who_was_reminded(opened, mailoutbox):
    sending.send(opened)
    answer(opened, code_of(opened, "noord-0"), e1=1)
    sending.send(services.remind(opened, None))
    done = Invitation.objects.annotate(n=models.Count("gates")).get(used=True)
    assert done.n == 3  # mailed, the extra one of this test, and one that nothing opens


def test_the_database_refuses_other_rules_for_an_open_round(opened):
    opened.rules = {"k": 1, "k_comments": 1, "percent_step": 5}
    with pytest.raises(DatabaseError), transaction.atomic():
        opened.save()


@pytest.mark.parametrize("change", [{"state": "draft", "key_name": ""}, {"period": "2027"}, {"kind": "pulse"}])
def test_the_database_refuses_to_turn_an_open_round_into_another(opened, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(**change)


def test_the_database_refuses_to_open_a_closed_round_again(opened):
    closing.close(opened, None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(state="open")


def test_the_database_refuses_to_change_an_answer(answered):
    closing.close(answered, None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.update(values={"e1": 5})


def test_the_database_refuses_to_change_a_comment(answered):
    closing.close(answered, None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Comment.objects.update(text="")


def test_who_is_erased_is_no_longer_named_and_still_counts(opened, cast):
    invitation = Invitation.objects.get(employee__key="noord-0")
    invitation.employee.delete()
    invitation.refresh_from_db()
    assert invitation.employee_id is None
