"""The page is self-contained, complete in both languages, honest about what is hidden, and well formed."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bevlogen.core.chain import CLAIMS, CONSTRUCTS, Text
from bevlogen.core.shown import ShownScore, ShownUnit, Suppressed, Voice
from bevlogen.show import render_html, report, write_html
from bevlogen.show.wording import TEXTS, VERDICTS

LANGUAGES = ("en", "nl")
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reader(HTMLParser):
    """Collects the visible text, the headings and every tag that is not closed where it should be."""

    def __init__(self, html):
        super().__init__()
        self.open, self.faults, self.words, self.headings, self.ids = [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.open += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        expected = self.open.pop() if self.open else None
        self.faults += [] if expected == tag else [(expected, tag)]

    def handle_data(self, data):
        self.words += [] if "style" in self.open else [data]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def html(release, language):
    return render_html(release, language)


@pytest.fixture(scope="module")
def text(html):
    return Reader(html).text


@pytest.mark.parametrize(("language", "question"), [("en", "What helps? (Q4 2025)"), ("nl", "Wat helpt? (K4 2025)")])
def test_themes_are_told_and_comments_are_not(make_release, language, question):
    asked = Text("What helps?", "Wat helpt?")
    told = Voice("tram-h", "2025-Q4", asked, ("rooster", "poort"), ("It never fits",))
    silent = Voice("zorg-c", "2025-Q4", Text("Who helps?", "Wie helpt?"), (), ("Nobody at all",))
    page = Reader(render_html(make_release(voices=(told, silent)), language))
    assert question in page.text
    assert "rooster, poort" in page.text
    assert not any(words in page.text for words in ("never fits", "Nobody", "Who helps", "Wie helpt"))
    assert page.open == []


def test_without_themes_the_page_has_no_such_part(html):
    assert "said" not in Reader(html).ids


def test_write_returns_the_path(release, tmp_path):
    path = write_html(release, tmp_path / "report.html", "nl")
    assert path.read_text(encoding="utf-8") == render_html(release, "nl")


def test_every_tag_is_closed_in_order(html):
    reader = Reader(html)
    assert (reader.faults, reader.open) == ([], [])


def test_ids_are_unique(html):
    ids = Reader(html).ids
    assert sorted(ids) == sorted(set(ids))


def test_headings_never_skip_a_level(html):
    levels = Reader(html).headings
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_policy_allows_the_style_sheet_by_its_hash_and_nothing_else(html):
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search('Content-Security-Policy" content="(.*?)"', html)[1].replace("&#39;", "'")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize(
    "forbidden", ["<script", "http:", "https:", " style=", "unsafe-inline", "@import", "url(", " onclick"]
)
def test_page_holds_no(html, forbidden):
    assert forbidden not in html


@pytest.mark.parametrize("leak", [r"\bnan\b", r"\bNone\b", r"\binf\b", r"\bundefined\b", r"\{\w*\}", "&lt;svg"])
def test_text_holds_no(text, leak):
    assert re.search(leak, text) is None


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda c: c.id)
def test_every_claim_is_on_the_page(text, language, claim):
    assert claim.text.in_(language) in text


@pytest.mark.parametrize("construct", [c for k, c in CONSTRUCTS.items() if k not in ("customer_conduct", "capacity")])
def test_every_construct_of_the_picture_is_on_the_page(text, language, construct):
    assert construct.label.in_(language) in text


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_its_word(text, language, verdict):
    assert VERDICTS[verdict].in_(language) in text


def test_page_names_its_language(html, language):
    assert f'<html lang="{language}">' in html


def test_dutch_numbers_have_decimal_commas(release):
    text = Reader(render_html(release, "nl")).text
    assert "+0,62" in text
    assert "94,5%" in text
    assert "+0.62" not in text


def test_english_numbers_have_decimal_points(release):
    assert "+0.62" in Reader(render_html(release, "en")).text


def test_simulation_is_said_on_screen_and_on_paper(html, language):
    word = TEXTS["simulated"].in_(language)
    assert f"<strong>{word}.</strong>" in html
    assert f"{word}" in re.search(r"@top-left\{(.*?)\}", html)[1]


def test_real_data_are_not_called_simulated(make_release, language):
    assert TEXTS["simulated"].in_(language) not in render_html(make_release(simulated=False), language)


def test_title_is_escaped(make_release):
    html = render_html(make_release(title='<b>"Zorg" & co</b>'), "nl")
    assert '<b>"Zorg"' not in html
    assert "&lt;b&gt;" in html


def test_title_cannot_break_out_of_the_style_sheet(make_release):
    html = render_html(make_release(title='x"} </style><i>'), "nl")
    assert html.count("</style>") == 1


def test_hidden_unit_is_listed_with_its_rule_and_its_group(release):
    text = Reader(render_html(release, "nl")).text
    assert "Crisisdienst: minder dan 5 respondenten; zie het cijfer van Behandeling en begeleiding." in text


def test_hidden_latest_cell_is_not_replaced_by_an_older_figure(make_release):
    shown = ShownScore("werk-g", "2025-Q3", "loyalty", 8.0, 1.37, 1.37, 1.2, 1.5, 0.5)
    gone = Suppressed("werk-g", "2025-Q4", "loyalty", "threshold")
    html = render_html(make_release(scores=(shown,), suppressed=(gone,), positions=()), "nl")
    assert "1,37" not in html


def test_first_move_is_in_the_answer(release):
    assert (
        "Begin bij Havenlijn en Oosterhoutseweg met “zelf kunnen beslissen”" in Reader(render_html(release, "nl")).text
    )


def test_reason_stands_where_there_is_no_move(make_release):
    text = Reader(render_html(make_release(moves=(), moves_reason="No effect is sure enough."), "en")).text
    assert text.count("No effect is sure enough.") == 2


def test_same_source_is_labelled(text, language):
    assert TEXTS["same_source"].in_(language) in text


def test_conflict_between_own_data_and_literature_is_said(release):
    assert "The own figures and earlier research disagree" in Reader(render_html(release, "en")).text


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"positions": ()}, "map_none"),
        ({"moves": (), "moves_reason_nl": ""}, "steer_none_bare"),
        ({"results": ()}, "exist_none"),
        ({"claims": ()}, "claims_none"),
        ({"picture": ()}, "no_picture"),
        ({"scores": (), "results": ()}, "levels_none"),
        ({"scales": ()}, "quality_none"),
        ({"periods": (), "scores": (), "results": (), "suppressed": ()}, "period_none"),
    ],
)
def test_what_is_missing_is_said(make_release, changes, key):
    assert TEXTS[key].nl.format(k=5) in Reader(render_html(make_release(**changes), "nl")).text


def test_empty_release_still_gives_a_page(make_release, language):
    nothing = dict.fromkeys(
        ("units", "periods", "scores", "results", "suppressed", "scales", "claims", "picture", "positions", "moves"), ()
    )
    reader = Reader(render_html(make_release(**nothing, constructs={}, root=""), language))
    assert (reader.faults, reader.open) == ([], [])
    assert "nan" not in reader.text


def test_release_with_unknown_numbers_shows_none_of_them(make_release):
    nan = float("nan")
    score = ShownScore("all", "2025-Q4", "engagement", nan, 3.9, nan, nan, nan, nan)
    text = Reader(render_html(make_release(scores=(score,), suppressed=(), certainty=nan), "en")).text
    assert re.search(r"\bnan\b", text) is None


def test_many_units_stay_one_small_page(make_release, crowd):
    html = render_html(make_release(**crowd), "en")
    assert len(html.encode()) < 2_000_000
    assert "All 526 units" in html


def test_without_a_top_unit_the_middle_unit_stands_for_the_whole(make_release):
    levels = {"a": 2.11, "b": 3.22, "c": 4.33}
    units = tuple(ShownUnit(k, k, None, None, None, 0) for k in levels)
    scores = tuple(ShownScore(k, "2025", "engagement", 30.0, v, v, v, v, 0.9) for k, v in levels.items())
    changes = {"units": units, "scores": scores, "results": (), "suppressed": (), "root": "", "periods": ("2025",)}
    html = render_html(make_release(**changes, positions=(), moves=()), "en")
    assert ">3.22</text>" in html
    assert TEXTS["middle_unit"].en in Reader(html).text


def test_settled_claims_link_to_their_evidence(html):
    assert '<a href="#claim-employership-engages">' in html
    assert 'id="claim-employership-engages"' in html


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_used_and_in_both_languages(key):
    sources = [
        p for p in Path(report.__file__).parent.rglob("*") if p.suffix in (".py", ".j2") and p.name != "wording.py"
    ]
    code = " ".join(p.read_text(encoding="utf-8") for p in sources)
    assert f'"{key}"' in code or f"'{key}'" in code or key.startswith(("side_", "clearly_"))
    assert TEXTS[key].en
    assert TEXTS[key].nl


def test_organisation_itself_is_not_counted_among_its_units(release):
    assert "11 units" in " ".join(Reader(render_html(release, language="en")).words)


FINDING = {
    "en": (
        "Share of craftsmanship less that of conduct decides 0.04 −0.05 to 0.13",
        "Share of conduct 0.48 0.43 to 0.53",
        "Share left open 0.0040",
        "The claim says: this figure is 0, give or take 0.10.",
        "p: 0.380; adjusted for all that was tested together: below 0.001.",
        "Rests on 5,210 observations of 11 units in 8 periods",
        "Same people.",
    ),
    "nl": (
        "Deel van vakmanschap min dat van houding geeft de doorslag 0,04 −0,05 tot 0,13",
        "Deel van houding 0,48 0,43 tot 0,53",
        "Deel dat openblijft 0,0040",
        "De stelling zegt: dit cijfer is 0, met een marge van 0,10.",
        "p: 0,380; gecorrigeerd voor alles wat samen is getoetst: onder 0,001.",
        "Rust op 5.210 waarnemingen van 11 onderdelen in 8 perioden",
        "Zelfde mensen.",
    ),
}


def test_a_finding_is_told_in_the_readers_language_only(html, language):
    other = FINDING["nl" if language == "en" else "en"]
    text = Reader(html).text
    assert [sentence for sentence in FINDING[language] if sentence not in text] == []
    assert [sentence for sentence in other if sentence in text] == []


def test_a_finding_is_drawn_with_its_name(html, language):
    names = {"en": "conduct: the figure that decides", "nl": "houding: het cijfer dat de doorslag geeft"}
    assert f"{names[language]}</title>" in html


def test_a_finding_without_a_figure_has_no_drawing(html):
    assert "finding-hygiene" not in html


def test_unused_capacity_is_told(html, language):
    sentence = {
        "en": "33.5% of the capacity offered was not used in the fourth quarter of 2025",
        "nl": "33,5% van het aanbod ongebruikt in het vierde kwartaal van 2025",
    }[language]
    assert sentence in Reader(html).text


def test_what_can_be_done_stands_beside_each_rule_that_hides_something(make_release):
    gone = Suppressed("werk-g", "2025-Q4", "loyalty", "threshold")
    release = make_release(suppressed=(gone,), ways={"threshold": Text("Invite all.", "Nodig allen uit.")})
    assert "– a: Nodig allen uit." in Reader(render_html(release, "nl")).text
    assert "Wat u kunt doen" not in Reader(render_html(make_release(suppressed=(), ways={}), "nl")).text
