"""Every entry of every reference file is walked; what is left out of an entry is named in its test, with a reason."""

import importlib.util
import json
from pathlib import Path

import pytest

from bevlogen.testing import shared_folder

TESTS = Path(__file__).parents[1] / "models"
WALKED = {  # test file: the lists of entries that its tests run over
    "test_agreement": ("CASES",),
    "test_anova": ("CASES",),
    "test_ceiling": ("MODELS",),
    "test_crossed": ("CASES",),
    "test_did": ("GROUP_TIME", "TWO_WAY"),
    "test_glmm": ("CASES",),
    "test_lmm": ("CASES", "NESTED"),
    "test_meta": ("MODELS",),
    "test_reliability": ("CASES", "TWO_LEVEL"),
    "test_riclpm": ("CASES",),
    "test_sem": ("CASES",),
    "test_shapley": ("CASES",),
}


def walked(name):
    spec = importlib.util.spec_from_file_location(f"read_{name}", TESTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lists = [getattr(module, kept) for kept in WALKED[name]]
    return {m["id"] for kept in lists for m in (kept.values() if isinstance(kept, dict) else kept)}


@pytest.mark.skipif(shared_folder() is None, reason="reference values lie beside the checkout; they are not here")
def test_every_stored_entry_is_walked():
    files = (shared_folder() / "reference").glob("*.json")
    stored = {model["id"]: file.name for file in files for model in json.loads(file.read_text())["models"]}
    seen = set().union(*(walked(name) for name in WALKED))
    assert len(stored) > 80
    assert {ident: file for ident, file in stored.items() if ident not in seen} == {}
