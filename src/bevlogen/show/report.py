"""The steering picture as one self-contained HTML page: no network, no script, one style sheet known by its hash."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.show import evidence, figures, forewarned, methods, pathdiagram, unitmap, worked
from bevlogen.show.answer import answer, moves_reason, reason_parts
from bevlogen.show.bookwords import word
from bevlogen.show.said import said_rows
from bevlogen.show.view import View, period_sentence, view_of
from bevlogen.show.wording import DESIGN_MEANINGS, DESIGNS, VERDICT_MEANINGS, joined

_SECTIONS = ("chain", "map", "exist", "moves", "worked", "claims", "said", "levels", "methods")


def write_html(release: Release, path: Path, language: Language) -> Path:
    """Write the steering picture to ``path`` and return it.

    Parameters
    ----------
    release : what may be shown.
    path : file to write; an existing one is replaced.
    language : ``en`` or ``nl``.
    """
    path.write_text(render_html(release, language), encoding="utf-8")
    return path


def render_html(release: Release, language: Language) -> str:
    """Return the steering picture as HTML.

    Nothing is estimated here: figures of the release are picked, sorted and written. The page loads nothing; its
    content security policy allows its own style sheet by hash and nothing else.
    """
    view = view_of(release, language)
    environment = _environment()
    running_head = f"{release.title} – {view.say('simulated')}" if release.simulated else release.title
    style = environment.get_template("report.css.j2").render(running_head=_css_text(running_head))
    page = environment.get_template("report.html.j2")
    return page.render(
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'",
        sections=[part for part in _SECTIONS if part != "said" or any(one.words for one in release.voices)],
        methods=methods.METHODS,
        not_done=methods.NOT_DONE,
        **_page(view),
    )


def style_sheet() -> str:
    """Return the style sheet of the page, without running head."""
    return _environment().get_template("report.css.j2").render(running_head=_css_text(""))


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bevlogen.show", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _page(view: View) -> dict[str, object]:
    """Everything the template asks for, by name."""
    release = view.release
    columns = figures.level_columns(view)
    on_map = unitmap.placed(view)
    return {
        "view": view,
        "say": view.say,
        "language": view.language,
        "release": release,
        "joined": lambda names: joined(list(names), view.language),
        "period_sentence": period_sentence(view),
        "answer": answer(view),
        "diagram": pathdiagram.diagram(view),
        "link_rows": evidence.link_rows(view),
        "stages": evidence.stages(view),
        "absent": evidence.absent_constructs(view),
        "verdict_meanings": [
            (evidence.sign_of(view, verdict), meaning.in_(view.language))
            for verdict, meaning in VERDICT_MEANINGS.items()
        ],
        "design_meanings": [
            (DESIGNS[design].in_(view.language), meaning.in_(view.language))
            for design, meaning in DESIGN_MEANINGS.items()
        ],
        "sign_of": lambda verdict: evidence.sign_of(view, verdict),
        "maps": [unitmap.unit_map(view, frame) for frame in (unitmap.WIDE, unitmap.NARROW)] if on_map else [],
        "n_units": sum(unit.key != release.root for unit in release.units),
        "n_on_map": len(on_map),
        "crowded": len(on_map) > unitmap.MOST_WHISKERS,
        "positions": figures.position_rows(view),
        "has_intervals": figures.has_intervals(view),
        "middle": bool(release.units) and release.root not in view.units,
        "scale_notes": figures.scale_notes(view),
        "corners": figures.clear_corners(view),
        "off_the_map": figures.off_the_map(view),
        "exist_cards": figures.exist_cards(view),
        "warning_cards": forewarned.warning_cards(view),
        "exist_absent": figures.exist_absent(view),
        "move_cards": figures.move_cards(view),
        "action_cards": worked.action_cards(view),
        "moves_reason": reason_parts(moves_reason(view)),
        "claims": evidence.claims(view),
        "level_columns": [view.label(column) for column in columns],
        "level_tables": figures.level_tables(view, columns) if columns and release.units else (),
        "rules": figures.rules_in_force(view),
        "ways": figures.ways_forward(view),
        "quality": figures.quality_rows(view),
        "said_rows": said_rows(view),
        "said_words": word("team_said", view.language),
        "said_how": word("team_said_how", view.language, k=release.k_comments),
    }


def _css_text(text: str) -> Markup:
    """Write a text as a CSS string: everything but letters, digits and spaces becomes a code point."""
    return Markup('"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"')


def _digest(style: str) -> str:
    """Hash of the style sheet as the policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"
