"""What people who answer see, and what is kept of it."""

from pathlib import Path

import pytest
from checks import assert_strict
from django.contrib.staticfiles import finders
from django.utils import timezone

from bevlogen_web.accounts.models import Role
from bevlogen_web.feedback import cards, limits, links, services
from bevlogen_web.feedback.models import Comment, Kind, Place, Reason, Refusal, Response, Spent, Wish

from .conftest import THREE, Visitor

SMALL = 60_000  # bytes of a respondent's page with everything it loads


def counted(reason: Reason) -> int:
    return sum(Refusal.objects.filter(reason=reason).values_list("n", flat=True))


def test_three_answers_are_kept_with_unit_version_and_day_only(visitor, poster, django_assert_num_queries):
    proof = visitor.proof()
    with django_assert_num_queries(3):  # a savepoint around one insert
        page = visitor.send(proof, **THREE)
    assert "Your answer is kept" in page.content.decode()
    kept = Response.objects.get()
    assert kept.values == {"cus_conduct": 5, "cus_craft": 4, "cus_satisfied": 5}
    assert (kept.unit_id, kept.version_id, kept.day) == (poster.unit_id, poster.version_id, timezone.localdate())


def test_respondent_gets_no_cookie(visitor):
    visitor.send(visitor.proof(), **THREE)
    assert visitor.client.cookies == {}


def test_last_question_sends_the_form_so_that_three_taps_do(visitor):
    html = visitor.look().content.decode()
    assert html.count('type="radio" name="cus_conduct"') == 6  # five points, and no answer
    assert html.count('<button name="cus_satisfied"') == 5


def test_pages_are_strict_and_kept_nowhere(visitor):
    page = visitor.look()
    assert_strict(page.content.decode())
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_page_is_small(visitor):
    loaded = [finders.find(name) for name in ("feedback/respond.css", "instruments/form.css", "web/icon.svg")]
    size = len(visitor.look().content) + sum(Path(path).stat().st_size for path in loaded)
    assert size < SMALL


def test_more_is_added_to_the_same_row(visitor):
    proof = visitor.proof()
    visitor.send(proof, **THREE)
    page = visitor.send(proof, page="1", cus_needs="3", cus_comment="Fine")
    assert "Your answer is kept" in page.content.decode()
    assert Response.objects.get().values == {"cus_conduct": 5, "cus_craft": 4, "cus_satisfied": 5, "cus_needs": 3}
    assert Comment.objects.get().text == "Fine"


def test_more_sent_twice_is_kept_once(visitor):
    proof = visitor.proof()
    visitor.send(proof, **THREE)
    visitor.send(proof, page="1", cus_needs="3", cus_comment="Fine")
    visitor.send(proof, page="1", cus_needs="1", cus_comment="Worse")
    assert Response.objects.get().values["cus_needs"] == 3
    assert Comment.objects.get().text == "Fine"


def test_comment_and_rating_share_no_number(visitor):
    proof = visitor.proof()
    visitor.send(proof, **THREE)
    visitor.send(proof, page="1", cus_comment="Fine")
    assert Comment.objects.get().pk != Response.objects.get().pk


def test_same_form_sent_twice_makes_one_row_and_two_thanks(visitor):
    proof = visitor.proof()
    visitor.send(proof, **THREE)
    again = visitor.send(proof, **THREE)
    assert "Thank you" in again.content.decode()
    assert Response.objects.count() == 1
    assert counted(Reason.TWICE) == 1


def test_poster_takes_many_answers(visitor):
    visitor.send(visitor.proof(), **THREE)
    visitor.send(visitor.proof(), **THREE)
    assert Response.objects.count() == 2


def test_link_for_one_contact_takes_one_answer(mailed):
    first, second = mailed.proof(), mailed.proof()
    mailed.send(first, **THREE)
    refused = mailed.send(second, **THREE)
    assert refused.status_code == 410
    assert "answered already" in refused.content.decode()
    assert Response.objects.count() == 1
    assert counted(Reason.USED) == 1


def test_used_link_says_so_when_opened_again(mailed):
    mailed.send(mailed.proof(), **THREE)
    assert "answered already" in mailed.look().content.decode()


def test_lost_answer_to_a_used_link_can_be_sent_again(mailed):
    proof = mailed.proof()
    mailed.send(proof, **THREE)
    assert "Thank you" in mailed.send(proof, **THREE).content.decode()


def test_used_link_and_answer_share_no_number(mailed):
    mailed.send(mailed.proof(), **THREE)
    assert Spent.objects.get().pk != Response.objects.get().pk


@pytest.mark.parametrize("token", ["nonsense", "abc.def", "%00", "a~b~c.d"])
def test_forged_link_gets_a_kind_page_and_is_counted(db, token):
    page = Visitor(token).look()
    assert page.status_code == 404
    assert "does not work" in page.content.decode()
    assert counted(Reason.FORGED) == 1


def test_altered_link_is_forged(visitor):
    visitor.path = visitor.path.replace("/f/", "/f/x")
    assert visitor.look().status_code == 404


def test_link_of_yesterday_is_expired(poster):
    token = links.link_for_contact(poster.key, timezone.localdate() - timezone.timedelta(days=1))
    assert "too old" in Visitor(token).look().content.decode()
    assert counted(Reason.EXPIRED) == 1


def test_paused_channel_takes_nothing(visitor, poster, cast):
    proof = visitor.proof()
    services.switch(poster, False, by=cast.user(Role.DIRECTOR))
    cards.forget()
    assert visitor.send(proof, **THREE).status_code == 410
    assert Response.objects.count() == 0


@pytest.mark.parametrize("proof", ["", "nonsense", "a~1~2~c.d"])
def test_form_without_good_proof_is_drawn_again_with_its_answers(visitor, proof):
    page = visitor.send(proof, **THREE).content.decode()
    assert "Please send it once more" in page
    assert 'name="cus_conduct" value="5" checked' in page
    assert Response.objects.count() == 0


def test_form_of_another_channel_is_forged(visitor, open_channel):
    other = Visitor(links.link_to(open_channel(Kind.LINK).key))
    visitor.send(other.proof(), **THREE)
    assert Response.objects.count() == 0


def test_old_form_is_drawn_again(visitor, monkeypatch):
    proof = visitor.proof()
    now = links.time.time() + links.FORM_VALID + 120
    monkeypatch.setattr(links.time, "time", lambda: now)
    assert "open for a long time" in visitor.send(proof, **THREE).content.decode()
    assert counted(Reason.STALE) == 1


def test_machine_that_fills_in_everything_is_not_kept(visitor):
    visitor.send(visitor.proof(), website="http://spam.example", **THREE)
    assert Response.objects.count() == 0
    assert counted(Reason.MACHINE) == 1


def test_nothing_chosen_is_not_kept(visitor):
    assert "choose an answer" in visitor.send(visitor.proof()).content.decode()
    assert Response.objects.count() == 0


def test_answer_outside_the_scale_is_not_kept(visitor):
    visitor.send(visitor.proof(), cus_conduct="9")
    assert Response.objects.count() == 0


def test_flood_from_one_place_is_stopped(visitor, monkeypatch):
    monkeypatch.setattr(limits, "MOST", 2)
    sent = [visitor.send(visitor.proof(), **THREE).status_code for _ in range(3)]
    assert sent == [200, 200, 429]
    assert Response.objects.count() == 2


def test_file_instead_of_a_form_is_refused(visitor):
    assert visitor.client.post(visitor.path, {"proof": visitor.proof(), **THREE}).status_code == 410


def test_huge_form_is_refused_unread(visitor):
    assert visitor.send(visitor.proof(), cus_comment="x" * 200_000).status_code == 410


def test_language_follows_the_browser_and_can_be_chosen(visitor):
    assert "How was the contact?" in visitor.look().content.decode()
    assert "Hoe was het contact?" in visitor.look("?l=nl").content.decode()


def test_kiosk_goes_back_to_the_start(open_channel):
    kiosk = Visitor(links.link_to(open_channel(Kind.KIOSK).key))
    page = kiosk.send(kiosk.proof(), **THREE)
    assert page.headers["Refresh"].endswith(f"url={kiosk.path}")


def test_poster_does_not_go_back_by_itself(visitor):
    assert "Refresh" not in visitor.send(visitor.proof(), **THREE).headers


def test_colleague_reads_a_contact_with_one_tap(open_channel, tap_version):
    staff = Visitor(links.link_to(open_channel(Kind.STAFF, tap_version).key))
    assert "radio" not in staff.look().content.decode()
    page = staff.send(staff.proof(), tap_customer="2")
    assert Response.objects.get().values == {"tap_customer": 2}
    assert "wish" not in page.content.decode()


def test_wish_is_kept_without_a_tie_to_the_answer(visitor, unit):
    visitor.send(visitor.proof(), **THREE)
    page = visitor.send(visitor.proof("wish/"), "wish/", contact="anna%40example.org", about="The%20bill")
    assert "We will contact you" in page.content.decode()
    wish = Wish.objects.get()
    assert (wish.contact, wish.about, wish.unit, wish.language) == ("anna@example.org", "The bill", unit, "en-gb")
    assert wish.pk != Response.objects.get().pk


def test_wish_sent_twice_is_kept_once(visitor):
    proof = visitor.proof("wish/")
    visitor.send(proof, "wish/", contact="06%2012345678")
    visitor.send(proof, "wish/", contact="06%2012345678")
    assert Wish.objects.count() == 1


def test_wish_without_a_way_back_is_not_kept(visitor):
    page = visitor.send(visitor.proof("wish/"), "wish/", contact="soon")
    assert "at least 8 digits" in page.content.decode()
    assert Wish.objects.count() == 0


def test_stop_link_ends_mail(cast, db):
    token = links.stop_link(cast.organisation.pk, links.address_hashes(cast.organisation.pk, "anna@example.org")[0])
    Visitor(f"stop/{token}").client.post(f"/f/stop/{token}/", {"List-Unsubscribe": "One-Click"})
    assert services.wants_no_mail(cast.organisation, "Anna@example.org")


def test_opening_a_stop_link_ends_nothing(cast, db):
    token = links.stop_link(cast.organisation.pk, links.address_hashes(cast.organisation.pk, "anna@example.org")[0])
    assert Visitor(f"stop/{token}").look().status_code == 200
    assert not services.wants_no_mail(cast.organisation, "anna@example.org")


def test_website_of_the_list_may_show_the_form(visitor, cast):
    Place.objects.create(organisation=cast.organisation, origin="https://www.example.org")
    page = visitor.look()
    assert "frame-ancestors 'self' https://www.example.org;" in page.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
