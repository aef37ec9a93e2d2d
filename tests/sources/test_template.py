from __future__ import annotations

import pytest

from bevlogen import sources
from bevlogen.errors import BevlogenError


def test_template_passes_its_own_check(tmp_path):
    assert sources.check(sources.write_template(tmp_path / "new")) == ()


def test_template_shows_every_table(tmp_path):
    workspace = sources.open_workspace(sources.write_template(tmp_path / "new"))
    assert {table.name for table in workspace.rows} == {"answers", "interactions"}
    assert workspace.results is not None
    assert workspace.actions


def test_template_overwrites_nothing(tmp_path):
    (tmp_path / "units.csv").write_text("mine")
    with pytest.raises(BevlogenError, match=r"already has: units.csv\. Nothing was written"):
        sources.write_template(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["units.csv"]
