"""Cases for the fuzz: any page, as anyone, with forms filled in well, badly or not at all."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver
from hypothesis import strategies as st

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation

# Not fuzzed: reading measurements, and what belongs to the sign-in library.
FOREIGN = ("accounts/", "metrics", "health")
OWN = ("accounts/setup/", "accounts/join/", "accounts/profile/", "accounts/language/", "accounts/my-data/")
AWKWARD = (
    "", " ", "0", "-1", "1e400", "nan", "9" * 40, "1,5", "2026-02-30", "2026-11-23", "0001-01-01", "9999-12-31",
    "true", "null", "[]", "{}", "\x00", "a\x00b", "\ud7ff", "\u202e", "é" * 300, "x" * 70_000, "'; DROP TABLE x; --",
    "<script>1</script>", "{{ 7 }}", "%s%(n)d", "../../etc/passwd", "a@b.example", "A@HERE.EXAMPLE", "here", "there",
    "nl", "en-gb", "fr", "2026-Q4", "2026-13", "=1+1", "\r\nSubject: x", "🚋",
)  # fmt: skip
text = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=40), st.integers(-10, 10**20).map(str))
words = st.text(st.characters(blacklist_characters="/?#\x00", blacklist_categories=("Cs",)), min_size=1, max_size=30)
tables = st.one_of(
    st.binary(max_size=400),
    st.lists(st.lists(text, max_size=6), max_size=6).map(
        lambda rows: "\n".join(";".join(row) for row in rows).encode("utf-8", "replace")
    ),
    st.sampled_from(
        (b"unit;name;parent\nt1;Team;\n", b"unit,period,measure,value\nt1,2026,absence,4\n", b"PK\x03\x04")
    ),
)
UPLOADED = ("a.csv", "a.xlsx", "a.zip", "a.toml", "organisation.toml", "a.exe", "\u202e.csv")


@dataclass(frozen=True, slots=True)
class Page:
    """An address with holes for what changes: ``o/<slug:slug>/units/<int:number>/``."""

    route: str

    def fill(self, draw, known: dict[str, tuple[str, ...]]) -> str:
        """Draw what goes in the holes: mostly what exists."""

        def one(hole: re.Match[str]) -> str:
            kind, name = hole[1] or "str", hole[2]
            if known.get(name) and draw(st.integers(0, 9)):
                return draw(st.sampled_from(known[name]))
            if kind == "int":
                return str(draw(st.one_of(st.integers(0, 12), st.sampled_from((2**31, 2**63, 2**63 - 1, 10**30)))))
            return draw(words if kind == "str" else st.from_regex(r"\A[-a-zA-Z0-9_]{1,20}\Z"))

        return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", one, self.route)


def pages() -> list[Page]:
    """Every page of the application, from its list of addresses."""
    found = [Page(route) for route in _routes("", get_resolver().url_patterns)]
    return [page for page in found if not page.route.startswith(FOREIGN) or page.route.startswith(OWN)]


def _routes(above: str, patterns):
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if "(?P" not in route and "^" not in route:
                yield route
        else:
            yield from _routes(route, pattern.url_patterns)


class _Fields(HTMLParser):
    """Names of fields in a page, with the values they offer, and which of them take files."""

    def __init__(self) -> None:
        super().__init__()
        self.offered: dict[str, list[str]] = {}
        self.files: set[str] = set()
        self._select = ""

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "option" and self._select:
            self.offered[self._select].append(given.get("value") or "")
        if tag not in ("input", "select", "textarea", "button") or not given.get("name"):
            return
        self.offered.setdefault(given["name"], [])
        self._select = given["name"] if tag == "select" else ""
        if given.get("type") == "file":
            self.files.add(given["name"])
        elif given.get("value"):
            self.offered[given["name"]].append(given["value"])


def filled_in(draw, html: str) -> dict[str, object]:
    """Draw what is sent with the forms of a page: mostly what they offer, sometimes anything, and sometimes nothing."""
    parser = _Fields()
    parser.feed(html)
    sent: dict[str, object] = {}
    for name, offered in parser.offered.items():
        how = draw(st.integers(0, 9))
        if name in parser.files and how:
            sent[name] = SimpleUploadedFile(draw(st.sampled_from(UPLOADED)), draw(tables))
        elif offered and how > 3:
            sent[name] = draw(st.sampled_from(offered))
        elif how:
            sent[name] = draw(text)
    if not draw(st.integers(0, 4)):
        sent[draw(words)] = draw(text)
    return sent


def contract_faults() -> list[str]:
    """Everything stored that its own rules forbid: fields, constraints, NUL signs, a broken log. Tells no values."""
    faults = []
    for model in apps.get_models():
        if not model.__module__.startswith("bevlogen_web"):
            continue
        for row in model._default_manager.all():
            faults += [f"{model._meta.label}.{field.name}" for field in model._meta.concrete_fields if _bad(field, row)]
    return faults + [f"log {one.slug}" for one in Organisation.objects.all() if audit.find_break(one) is not None]


def _bad(field, row) -> bool:
    """Whether a value is of another kind, too long, out of its range, no choice, or holds a NUL sign."""
    value = getattr(row, field.attname)
    if value in field.empty_values:
        return False
    try:
        field.run_validators(value)
    except ValidationError:
        return True
    known = {key for key, _label in field.flatchoices}
    return bool(known and value not in known) or (isinstance(value, str) and "\x00" in value)


# JSON of any shape, and of nearly the right one, for the API.
_leaf = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), text)
anything = st.recursive(
    _leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def like(schema: dict, parts: dict):
    """Draw JSON that follows a schema of OpenAPI, with a fault in some places."""
    if "$ref" in schema:
        return st.deferred(lambda: like(parts[schema["$ref"].rsplit("/", 1)[1]], parts))
    if "anyOf" in schema:
        return st.one_of([like(one, parts) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | text
    if schema.get("type") == "object" and "properties" in schema:
        required = {name: like(schema["properties"][name], parts) for name in schema.get("required", [])}
        optional = {name: like(one, parts) for name, one in schema["properties"].items() if name not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if schema.get("type") == "object":
        return st.dictionaries(st.sampled_from(("overall", "conduct", "")) | st.text(max_size=8), _leaf, max_size=3)
    if schema.get("type") == "array":
        return st.lists(like(schema.get("items", {}), parts), max_size=3)
    known = st.sampled_from(("t1", "2026", "2026-11-20", "absence", "a@b.example", "nl"))
    simple = {"integer": st.integers(-3, 10), "number": st.floats(), "string": known | text, "boolean": st.booleans()}
    return simple.get(schema.get("type"), anything)
