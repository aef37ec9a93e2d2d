"""Every text can be read in both languages."""

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src" / "bevlogen_web"
APPS = sorted(path.parent.name for path in WEB.glob("*/apps.py"))
TEMPLATES = sorted(WEB.rglob("templates/**/*.html"))
SAME_IN_BOTH = {"Bevlogen", "CSV", "PDF", "PNG", "Parquet", "SD", "SPSS", "SVG"}
APART = ("code", "pre", "script", "style")
SPOKEN = ("alt", "aria-label", "placeholder", "title")
TRANSLATING = ("blocktranslate", "blocktrans")


class _Words(HTMLParser):
    """Collects words a reader would see or hear, but for code and for what is marked as being in one language."""

    def __init__(self) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.apart: list[str] = []  # the element that stands apart, and those of its kind inside it

    def handle_starttag(self, tag, attrs) -> None:
        if self.apart:
            self.apart += [tag] * (tag == self.apart[0])
        elif tag in APART or (tag != "html" and "lang" in dict(attrs)):
            self.apart = [tag]
        else:
            self.words |= {value for name, value in attrs if name in SPOKEN and re.search(r"[^\W\d_]{2}", value or "")}

    def handle_endtag(self, tag) -> None:
        if self.apart and tag == self.apart[0]:
            self.apart.pop()

    def handle_data(self, data) -> None:
        if not self.apart:
            self.words |= set(re.findall(r"[^\W\d_]{2,}", data))


def _untranslated(template: str) -> set[str]:
    """Words of a template that stand outside the tags which translate."""
    kept, inside = [], False
    for token in Lexer(template).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if name.startswith(TRANSLATING) or name.removeprefix("end") in TRANSLATING:
            inside = not name.startswith("end")
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        else:
            kept.append("0")
    words = _Words()
    words.feed("".join(kept))
    return words.words - SAME_IN_BOTH


@pytest.mark.parametrize("app", APPS)
def test_every_text_has_its_dutch(app):
    script = [sys.executable, ROOT / "scripts" / "compile-messages", "--check", app]
    answer = subprocess.run(script, capture_output=True, text=True, check=False)
    assert answer.stdout == ""
    assert answer.returncode == 0


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_template_gives_every_word_to_translate(path):
    assert _untranslated(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_figures_are_written_by_the_library(path):
    assert not re.search(r"\|(floatformat|stringformat|intcomma)\b", path.read_text(encoding="utf-8"))


def test_no_text_hides_in_an_f_string_where_it_is_not_found_for_translation():
    calls = [
        f"{path.relative_to(WEB)}:{call.lineno}"
        for path in sorted(WEB.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "gettext", "ngettext", "pgettext")
    ]
    assert calls == []


def test_a_bare_word_is_found():
    assert _untranslated('<p title="Hello there">{% translate "Fine" %} bare {{ name }}</p>') == {"bare", "Hello there"}


def test_code_and_marked_languages_stand_apart():
    marked = '<code>unit; date</code><ul lang="en"><li>row<ul><li>deep</li></ul>still</li></ul><p>bare</p>'
    assert _untranslated(marked) == {"bare"}
