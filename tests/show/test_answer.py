"""The top of the page says no more than the verdicts and the plan allow."""

from dataclasses import replace

import pytest

from bevlogen.show.answer import answer, opening, reason_parts
from bevlogen.show.view import view_of


@pytest.fixture
def verdicts(make_release):
    """Give the first claims of a release these verdicts, and all others undetermined; return the first sentence."""

    def first_sentence(*found):
        claims = make_release().claims
        given = (*found, *("undetermined",) * (len(claims) - len(found)))
        changed = tuple(replace(c, verdict=v) for c, v in zip(claims, given, strict=True))
        return answer(view_of(make_release(claims=changed), "en")).sentences[0]

    return first_sentence


def test_some_support(verdicts):
    assert verdicts("supported").startswith("Part of the chain holds here: of the 16 claims 1 supported")


def test_support_and_contradiction(verdicts):
    assert verdicts("supported", "contradicted").startswith("The picture is mixed")


def test_contradiction_alone(verdicts):
    assert verdicts("contradicted").startswith("Where it can be said, the chain does not hold here")


def test_no_effect_alone_is_not_said_of_the_open_claims(verdicts):
    assert verdicts("no meaningful effect").endswith("1 without meaningful effect, 15 still open.")


def test_counts_in_a_mixed_answer_add_up(verdicts):
    said = verdicts("supported", "contradicted", "no meaningful effect")
    assert said.endswith("1 supported, 1 contradicted, 1 without meaningful effect, 13 still open.")


def test_what_would_settle_a_long_reason_is_kept(make_release):
    remedy = "Ask the two sides of different people."
    reason = f"{'A finding ' * 12}ends here. {'Why it is open ' * 6}ends too. {remedy}"
    claims = tuple(replace(c, verdict="undetermined", reason=reason) for c in make_release().claims)
    assert answer(view_of(make_release(claims=claims), "en")).needed.endswith(remedy)


def test_nothing_decided(verdicts):
    assert verdicts().startswith("Whether the chain holds here cannot be said yet")


def test_small_lead_is_called_uncertain(make_release):
    assert "lead" in answer(view_of(make_release(certainty=0.4), "en")).sentences[1]


def test_clear_lead_is_not(make_release):
    assert "lead" not in answer(view_of(make_release(certainty=0.95), "en")).sentences[1]


def test_opening_keeps_whole_sentences():
    assert opening("One is 0.5 long. Two is longer than that. Three.", most=30) == "One is 0.5 long."


def test_opening_of_a_short_reason_is_all_of_it():
    assert opening("One. Two.") == "One. Two."


def test_long_reason_is_split_by_link():
    assert reason_parts("None. a → b: 0.1 SD. Too wide. c → d: no.") == [
        "None.",
        "a → b: 0.1 SD. Too wide.",
        "c → d: no.",
    ]


def test_empty_reason_has_no_parts():
    assert reason_parts("") == []


def test_what_is_needed_is_said_of_a_link_that_is_still_open(make_release):
    release = make_release()
    claim = next(c for c in release.claims if len(c.links) > 1)
    settled, still_open = (replace(claim.links[i], verdict=v) for i, v in enumerate(("supported", "undetermined")))
    view = view_of(release, "en")
    arrows = [
        f"{view.label(x.estimate.link.cause)} → {view.label(x.estimate.link.outcome)}" for x in (settled, still_open)
    ]
    reason = f"{arrows[0]}: Sure. {arrows[1]}: Needs more waves."
    carries = replace(claim.claim, id="engaged-customers")
    changed = replace(claim, claim=carries, verdict="undetermined", links=(settled, still_open), reason=reason)
    said = answer(view_of(make_release(claims=(changed,)), "en")).needed
    assert said.endswith(f"{arrows[1]}: Needs more waves.")
