"""Only ``disclose`` builds a Release, and ``show`` knows nothing but releases."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
ROOM = SOURCE / "bevlogen" / "disclose"
SHOW = SOURCE / "bevlogen" / "show"
CLOSED_TO_SHOW = ("bevlogen.measure", "bevlogen.link", "bevlogen.steer", "bevlogen.sources", "bevlogen.core.moments")


def calls(name, tree):
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [f for f in called if (isinstance(f, ast.Name) and f.id == name) or getattr(f, "attr", None) == name]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parsed(folder):
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}


def test_a_release_is_built_by_the_gate_and_opened_again_from_what_it_wrote():
    built = [path for path, tree in parsed(SOURCE).items() for _ in calls("Release", tree)]
    assert built == [ROOM / "gate.py", ROOM / "reopen.py"]


def test_a_release_is_not_taken_apart_and_rebuilt_elsewhere():
    """``replace(release, ...)`` would put figures back that the gate took out."""
    found = {path for path, tree in parsed(SOURCE).items() for f in calls("replace", tree) if isinstance(f, ast.Name)}
    assert not {path for path in found if path.is_relative_to(SHOW)}


def test_show_imports_no_room_that_measures():
    names = {name for tree in parsed(SHOW).values() for name in imported(tree)}
    assert not {name for name in names if name.startswith(CLOSED_TO_SHOW)}
