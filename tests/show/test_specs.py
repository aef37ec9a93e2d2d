"""Figures as specifications: the same in the page and on the server, in the words and numbers of the reader."""

import json
import re
from pathlib import Path

import pytest
import vl_convert

from bevlogen.show import specs

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "src" / "bevlogen_web" / "cockpit" / "static" / "cockpit" / "figures.min.js"
POINT = specs.Point("Team A", 0.5, -0.25, 0.1, 0.9, -0.6, 0.1, -0.2, 0.1, chosen=True)


def _texts(svg: bytes) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode())


def test_the_map_names_its_corners_in_plain_words():
    spec = specs.unit_map("nl", reach=2.0, whiskers=True)
    texts = _texts(specs.drawn(spec, [POINT.row()], "svg"))
    assert {"beide sterk", "beide blijven achter", "dienst sterk, werkgeverschap blijft achter"} <= set(texts)
    assert "Team A" in texts


def test_numbers_are_written_as_the_reader_writes_them():
    rows = [{"period": "2024", "value": 0.5}, {"period": "2025", "value": 0.75}]
    for language, point in (("nl", ","), ("en", ".")):
        spec = specs.course(language, title="x", share=False, order=["2024", "2025"])
        assert any(point in text for text in _texts(specs.drawn(spec, rows, "svg")))


def test_an_alarm_has_its_own_shape():
    rows = [{"period": "2024", "value": 0.5, "alarm": False}, {"period": "2025", "value": 0.9, "alarm": True}]
    svg = specs.drawn(specs.course("en", title="x", share=True, order=["2024", "2025"]), rows, "svg").decode()
    assert specs.LIGHT["--bad"] in svg


def test_png_and_pdf_are_what_they_say():
    spec = specs.scatter("en", cause="a", outcome="b")
    assert specs.drawn(spec, [POINT.row()], "png").startswith(b"\x89PNG")
    assert specs.drawn(spec, [POINT.row()], "pdf").startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_specification_leads_to_no_other_host(language):
    text = json.dumps(specs.unit_map(language, reach=1.0, whiskers=False))
    assert set(re.findall(r"https?://[^\"]*", text)) == {specs.SCHEMA}


def test_drawing_leaves_the_specification_as_it_was():
    spec = specs.scatter("en", cause="a", outcome="b")
    before = json.dumps(spec)
    specs.drawn(spec, [POINT.row()], "svg")
    assert json.dumps(spec) == before


def test_the_page_and_the_server_draw_with_the_same_vega():
    said = BUNDLE.read_text("utf-8")[:120]
    assert f"vega {vl_convert.get_vega_version()}," in said
    lite = re.search(r"vega-lite (\d+\.\d+)", said)[1]
    assert lite in vl_convert.get_vegalite_versions()


def test_the_lock_of_the_bundle_names_no_registry():
    lock = (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
    assert "resolved" not in lock
    assert "://" not in lock
