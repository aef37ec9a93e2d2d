"""A release as slides for a board: native charts and tables that can be edited, and no more than ten."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bevlogen.core.chain import Language
from bevlogen.core.foreseen import Outlook
from bevlogen.core.results import Interval
from bevlogen.core.shown import Release
from bevlogen.errors import BevlogenError
from bevlogen.show import figures, unitmap, worked
from bevlogen.show.answer import answer, moves_reason, open_claims, open_part, opening, reason_parts
from bevlogen.show.bookwords import word
from bevlogen.show.palette import TONES, decimals_format
from bevlogen.show.view import View, period_sentence, view_of
from bevlogen.show.wording import VERDICTS, joined

if TYPE_CHECKING:
    from bevlogen.show.deck import Deck, Page

MOST_LINKS, MOST_MOVES, MOST_ACTIONS, MOST_OPEN, MOST_SETTLED, MOST_COURSES = 20, 6, 6, 5, 8, 4
MOST_NAMED = 25  # points of the map that carry a name
_MOST_REASON = 320  # characters


def write_slides(release: Release, path: Path, language: Language) -> Path:
    """Write the release as slides; return the path.

    Raises
    ------
    BevlogenError
        If python-pptx is not installed.
    """
    path.write_bytes(slides_of(release, language))
    return path


def slides_of(release: Release, language: Language) -> bytes:
    """Return the slides of a release as a PowerPoint file."""
    try:
        from bevlogen.show.deck import Deck
    except ImportError as missing:
        raise BevlogenError(
            "Slides need python-pptx, which is not installed. Run: pip install bevlogen[web]"
        ) from missing
    view = view_of(release, language)
    simulated = f" · {view.say('simulated')}" if release.simulated else ""
    deck = Deck(release.title, f"{release.title}{simulated} · {period_sentence(view)}", language)
    for slide in _SLIDES:
        slide(view, deck)
    return deck.bytes()


def _answer(view: View, deck: Deck) -> None:
    said = answer(view)
    first, *rest = said.sentences
    page = deck.slide(first)
    page.kicker(view.say("answer"))
    page.paragraphs([*rest, said.caution], size=18)
    if said.counts:
        page.bars(
            view.say("verdicts_counted"),
            [(c.word, float(c.n), None) for c in said.counts],
            [TONES[c.verdict] for c in said.counts],
            number_format="0",
            alt="; ".join(f"{c.word}: {c.n}" for c in said.counts),
        )
    else:
        page.right_text([view.say("claims_none")])


def _chain(view: View, deck: Deck) -> None:
    links = [v for v in view.release.picture if v.headline is not None]
    settled = answer(view).settled
    page = deck.slide(view.say("chain"))
    if not links:
        page.paragraphs([view.say("no_picture")], size=20, wide=True)
        return
    shown = links[:MOST_LINKS]
    bars = [
        (
            f"{view.label(v.estimate.link.cause)} → {view.label(v.estimate.link.outcome)}: "
            f"{VERDICTS[v.verdict].in_(view.language)}",
            v.headline.estimate,
            Interval(v.headline.estimate, v.headline.low, v.headline.high),
        )
        for v in shown
        if v.headline is not None
    ]
    page.bars(
        word("chain_chart", view.language), bars, [TONES[v.verdict] for v in shown],
        number_format=decimals_format(2, signed=True), large=True,
        alt="; ".join(f"{name}: {view.effect(v)}" for name, v, _ in bars),
    )  # fmt: skip
    told = [f"{VERDICTS[s.verdict].in_(view.language)}: {s.text}" for s in settled[:MOST_SETTLED]]
    smallest = view.say("sd_explained", smallest=view.number(view.release.smallest_effect))
    more = [word("more_links", view.language, n=len(links) - MOST_LINKS)] if len(links) > MOST_LINKS else []
    page.right_text([*told, smallest, *more], head=word("settled", view.language) if told else "")


def _map(view: View, deck: Deck) -> None:
    placed = unitmap.placed(view)
    page = deck.slide(view.say("map"))
    if not placed:
        page.paragraphs([view.say("map_none", k=view.release.k), *figures.off_the_map(view)[:6]], size=18, wide=True)
        return
    named = len(placed) <= MOST_NAMED
    page.points(
        view.say("map"),
        [(view.name(p.unit) if named else "", p.employership, p.service) for p in placed],
        (view.say("employership_axis"), view.say("service_axis")),
        view.say("map_description", n=len(placed)),
    )
    corners = [f"{name}: {units}." for name, units in figures.clear_corners(view)]
    intro = view.say("map_intro")
    page.right_text([*corners, intro], head=view.say("clear_corners") if corners else "", size=12)


def _exist(view: View, deck: Deck) -> None:
    cards = figures.exist_cards(view)
    page = deck.slide(view.say("exist"))
    if not cards:
        page.paragraphs([view.say("exist_none")], size=20, wide=True)
        return
    outlooks = {o.measure: o for o in view.release.outlooks}
    for place, card in enumerate(cards[:MOST_COURSES]):
        _course(view, page, card, outlooks.get(card.key), place, min(len(cards), MOST_COURSES))
    shown, left = cards[:MOST_COURSES], [c.name for c in cards[MOST_COURSES:]]
    absent = figures.exist_absent(view)
    apart = joined([c.name for c in shown if c.is_apart], view.language)
    page.note(
        [
            word("dashed", view.language) if any(c.outlook for c in shown) else "",
            f"{apart[:1].upper()}{apart[1:]}: {view.say('outlook_apart')}" if apart else "",
            view.say("exist_absent", names=joined(absent, view.language)) if absent else joined(left, view.language),
        ]
    )


def _course(view: View, page: Page, card: figures.ExistCard, outlook: Outlook | None, place: int, many: int) -> None:
    """One figure with its past and what is expected."""
    release = view.release
    course = dict(zip(release.periods, view.series(release.root, card.key), strict=True))
    ahead = [p for p in outlook.periods if p not in course] if outlook is not None else []
    periods = [*release.periods, *ahead]
    lines: list[tuple[str, list[float | None]]] = [
        (word("measured", view.language), [_known(course.get(p, math.nan)) for p in periods])
    ]
    if outlook is not None:
        for key, band in (("outlook_low", 0), ("outlook_middle", 2), ("outlook_high", 4)):
            expected = dict(zip(outlook.periods, outlook.bands[band], strict=True))
            lines.append((view.say(key), [_known(expected.get(p, math.nan)) for p in periods]))
    share = card.key in release.measures_share
    decimals = max(0, view.decimals.get(card.key, 2) - (2 if share else 0))
    written = decimals_format(decimals, share=share)
    head = f"{card.name}: {card.latest} {card.unit}".strip() if card.latest else card.name
    facts = " · ".join(
        x for x in (card.period, card.change, view.say("better_lower") if card.lower_is_better else "") if x
    )
    alt = f"{card.name}. {'; '.join(f'{period}: {value}' for period, value in card.course)}. {card.outlook}".strip()
    page.course(head, facts, [view.period(p, short=True) for p in periods], lines, written, alt, (place, many))


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _moves(view: View, deck: Deck) -> None:
    cards = figures.move_cards(view)[:MOST_MOVES]
    page = deck.slide(view.say("moves"))
    reasons = reason_parts(moves_reason(view))
    if not cards:
        page.paragraphs(reasons[:6] or [view.say("moves_none")], size=18, wide=True)
        return
    head = ("#", view.say("unit"), word("lever", view.language), view.say("from_to"), word("gain_for", view.language),
            word("gain", view.language), word("interval90", view.language), view.say("chance"))  # fmt: skip
    rows = [
        (str(i), c.unit, c.lever, f"{c.level} → {c.target}", c.outcome, c.gain, c.span, c.chance)
        for i, c in enumerate(cards, start=1)
    ]
    page.table(head, rows, (0.4, 2.6, 2.0, 1.3, 1.9, 1.4, 1.7, 1.2), view.say("moves"))
    certainty = view.release.certainty
    sure = [view.say("moves_certainty", chance=view.chance(certainty))] if math.isfinite(certainty) else []
    page.note([*sure, view.say("moves_caution")])


def _worked(view: View, deck: Deck) -> None:
    actions = worked.action_cards(view)[:MOST_ACTIONS]
    if not actions:
        return
    page = deck.slide(view.say("worked"))
    head = (word("action", view.language), word("begun", view.language), word("gain_for", view.language),
            word("effect", view.language), view.say("interval95"), word("naive", view.language),
            view.say("verdict"))  # fmt: skip
    rows = []
    for action in actions:
        chief = action.chief[0] if action.chief else None
        figures_of = (chief.name, chief.effect, chief.span, chief.naive) if chief is not None else ("", "", "", "")
        name, *rest = figures_of
        rows.append((action.what, action.start, name, *rest, f"{action.badge.sign} {action.badge.word}"))
    page.table(head, rows, (3.2, 1.3, 1.8, 1.3, 1.6, 1.5, 1.8), view.say("worked"))
    page.note([word("worked_intro", view.language), view.say("worked_caution")])


def _unknown(view: View, deck: Deck) -> None:
    found = open_claims(view)
    page = deck.slide(word("slide_open", view.language))
    rows = [(c.claim.text.in_(view.language), opening(open_part(view, c), _MOST_REASON)) for c in found[:MOST_OPEN]]
    if not rows:
        page.paragraphs([view.say("claims_none")] if not view.release.claims else [], size=20, wide=True)
    else:
        head = (word("claim", view.language), word("settles", view.language))
        page.table(head, rows, (4.7, 7.8), word("slide_open", view.language))
    more = len(found) - MOST_OPEN
    page.note([word("more_open", view.language, n=more)] if more > 0 else [])


def _rules(view: View, deck: Deck) -> None:
    release = view.release
    n = len(release.suppressed)
    page = deck.slide(word("slide_rules", view.language))
    page.paragraphs(
        [
            view.say("privacy_k", k=release.k, k_comments=release.k_comments),
            view.say("privacy_complement"),
            view.say("privacy_count", n=view.number(n, 0)) if n else view.say("privacy_none"),
            *(f"– {sign}: {text}." for sign, text in figures.rules_in_force(view)),
            word("full_report", view.language),
            *([f"{view.say('simulated')}. {view.say('simulated_long')}"] if release.simulated else []),
            view.say("footer"),
            f"Bevlogen {release.provenance.version} · {view.say('fingerprint')}: {release.provenance.fingerprint[:12]}",
        ],
        size=16,
        wide=True,
    )


_SLIDES: tuple[Callable[[View, Deck], None], ...] = (
    _answer, _chain, _map, _exist, _moves, _worked, _unknown, _rules,
)  # fmt: skip
