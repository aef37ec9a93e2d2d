"""Habits of the code that no linter checks, read from the files that git tracks."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bevlogen as bv
from bevlogen.core.glossary import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MOST_PUBLIC_NAMES = 30
HEAVY = ("ibis", "scipy", "pyarrow", "duckdb", "numpy", "jinja2", "pandas")
TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
# Written in parts, so that this file does not hold what it looks for.
FOREIGN = re.compile(
    "|".join(
        "".join(parts)
        for parts in (
            ("/wo", "rk/"),
            ("/ro", "ot/"),
            ("/ho", r"me/\w"),
            ("py", r"pi\."),
            ("python", "hosted"),
            ("index", "-url"),
        )
    )
)
UNFINISHED = re.compile("".join((r"\bTO", r"DO\b(?!.*#\d+)")))


def text_of(name):
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return ""


TEXTS = {name: text for name in TRACKED.split("\0") if name and (text := text_of(name))}


def nodes(kind):
    """Every node of a kind in the sources, with its file."""
    return [
        (path.relative_to(ROOT).as_posix(), node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kind)
    ]


def test_the_library_never_prints():
    assert [(name, n.lineno) for name, n in nodes(ast.Call) if getattr(n.func, "id", "") == "print"] == []


def test_no_error_is_caught_without_a_name():
    broad = (None, "Exception", "BaseException")
    handlers = nodes(ast.ExceptHandler)
    assert [(f, n.lineno) for f, n in handlers if n.type is None or getattr(n.type, "id", "") in broad] == []


def test_user_input_is_never_asserted():
    assert [(name, n.lineno) for name, n in nodes(ast.Assert)] == []


@pytest.mark.skipif(not TEXTS, reason="not a git checkout")
def test_every_todo_names_its_issue():
    assert [name for name, text in TEXTS.items() if UNFINISHED.search(text)] == []


@pytest.mark.skipif(not TEXTS, reason="not a git checkout")
def test_no_file_names_a_machine_or_a_registry():
    assert [(name, found[0]) for name, text in TEXTS.items() if (found := FOREIGN.search(text))] == []


def columns_of(call):
    """The literal column names of ``table({...})``."""
    keys = call.args[0].keys if call.args and isinstance(call.args[0], ast.Dict) else []
    return [key.value for key in keys if isinstance(key, ast.Constant)]


def test_every_column_of_a_result_stands_in_the_glossary():
    calls = [(name, n) for name, n in nodes(ast.Call) if getattr(n.func, "id", "") == "table"]
    used = {(name, column) for name, call in calls for column in columns_of(call)}
    assert used
    assert [pair for pair in sorted(used) if pair[1] not in COLUMNS] == []


def test_every_glossary_entry_says_unit_and_meaning():
    assert [name for name, column in COLUMNS.items() if not (column.unit and column.meaning)] == []


def test_public_names_are_few():
    assert len(bv.__all__) <= MOST_PUBLIC_NAMES


@pytest.mark.parametrize("name", bv.__all__)
def test_public_name_resolves_and_is_documented(name):
    assert (getattr(bv, name).__doc__ or "").strip()


def test_an_unknown_public_name_says_which_there_are():
    with pytest.raises(AttributeError, match=r'bevlogen has no "steering"\. Public names: '):
        bv.steering  # noqa: B018 - asking for it is the test


def test_help_starts_without_heavy_imports():
    code = (
        "import sys\nfrom bevlogen import cli\nsys.argv = ['bevlogen', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"sys.exit(','.join(m for m in {HEAVY!r} if m in sys.modules) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (run.returncode, run.stderr) == (0, "")
