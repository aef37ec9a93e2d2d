"""What the command line prints is in one language, with names and figures as the page writes them."""

import math
from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Backtest, Outlook
from bevlogen.core.planned import Choice, Cost, Portfolio
from bevlogen.core.released import Publication, Published
from bevlogen.core.results import Interval
from bevlogen.show import printed

FREE = Cost()
TESTED = Backtest(0.1, math.nan, 0.2, math.nan, 0.8, 20, False)


def outlook(**kw):
    bands = tuple((0.8, value) for value in (0.81, 0.83, 0.85, 0.87, 0.9))
    given = {"measure": "retention", "periods": ("2026-Q1", "2026-Q2"), "bands": bands, "target": math.nan}
    given |= {"chance": math.nan, "tested": TESTED, "n_units": 12, "reason": Text("Sure.", "Zeker."), "now": 0.884}
    return Outlook(**given | kw)


def portfolio(release, *choices, spent=FREE, reached=math.nan):
    reason = Text("How sure.", "Hoe zeker.")
    return Portfolio(choices, Interval(0.6, 0.2, 1.1), reached, spent, (), reason, True, release.provenance)


CHOICE = Choice("zorg-j", "employership.autonomy", "engagement", Interval(0.6, 0.2, 1.1), Cost(5, 2), 0.4)


def test_a_forecast_has_shares_as_percentages_and_periods_in_words(release):
    found = printed.foreseen([outlook()], release, "nl")
    assert found.head == ("wat", "periode", "nu", "laag (10%)", "midden", "hoog (90%)")
    assert found.rows == (("behoud van klanten", "K2 2026", "88,4%", "81,0%", "85,0%", "90,0%"),)
    assert found.sentences == ("Behoud van klanten: Zeker.",)


def test_nothing_to_forecast_is_said_in_the_language(release):
    assert printed.foreseen([], release, "nl").sentences[0].startswith("Van het bestaansrecht is niets")
    assert printed.foreseen([], release, "en").sentences[0].startswith("Nothing of right to exist")


def test_a_choice_names_unit_and_lever_in_words_with_the_code_of_the_unit(release):
    found = printed.chosen(portfolio(release, CHOICE), release, None, "nl")
    assert found.head == ("Onderdeel", "code", "Werk aan", "Winst voor", "Winst (SD)", "90%-interval")
    assert found.rows[0][0] == "Jeugdteam Kralingen"
    assert found.rows[0][1:] == ("zorg-j", "zelf kunnen beslissen", "bevlogenheid", "0,60", "0,20 tot 1,10")
    assert found.sentences == ("Samen: 0,60 SD verwacht (90%-interval 0,20 tot 1,10).", "Hoe zeker.")


def test_a_choice_says_what_it_costs_and_whether_it_reaches_the_target(release):
    found = printed.chosen(portfolio(release, CHOICE, spent=Cost(5, 2.5), reached=0.71), release, 0.5, "en")
    assert found.sentences == (
        "Together: 0.60 SD expected (90% interval 0.20 to 1.10). This costs 5 in money and 2.5 hours.",
        "The chance that all moves together bring 0.5 SD is 71%.",
        "How sure.",
    )


def test_without_a_move_there_is_no_table_but_a_reason(release):
    found = printed.chosen(portfolio(release), release, None, "en")
    assert (found.rows, found.sentences) == ((), ("How sure.",))


def test_every_claim_has_its_verdict_and_reason_in_the_language(release):
    claims, counted = printed.linked(release, "nl")
    assert [c.key for c in claims] == [c.claim.id for c in release.claims]
    assert [" ".join(c.reason) for c in claims if c.key == "engaged-well"] == [
        next(c.reason_nl for c in release.claims if c.claim.id == "engaged-well")
    ]
    assert "nog niet te zeggen" in counted


def test_what_is_measured_has_its_code(release):
    scale = replace(release.scales[0], mean=3.456)
    found = printed.measured(replace(release, scales=(scale,)), "nl")
    assert found.rows[0][1:3] == (scale.construct, "3,46")
    assert printed.measured(replace(release, scales=()), "nl").sentences[0].startswith("Van geen enkel begrip")


def test_a_publication_has_names_and_what_is_left():
    found = Publication((Published("all", "2025-Q4", "engagement", 1639, 3.5, 0.082, 0.1),), 3.0, 4.0)
    shown = printed.published(found, {"all": "Stadsdiensten"}.__getitem__, str.upper, "nl")
    assert shown.rows == (("Stadsdiensten", "K4 2025", "ENGAGEMENT", "1.639", "3,5", "± 0,082", "0,1"),)
    assert shown.sentences[0].startswith("Over van het budget: 3,00 van 4.")
