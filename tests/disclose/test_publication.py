"""Open publication: large groups, a book that remembers, a budget that runs out."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import bevlogen as bv
from bevlogen.cli import app
from bevlogen.disclose.noise import NoiseError
from bevlogen.disclose.publication import publish

MANY = list(np.random.default_rng(1).integers(1, 6, 400).astype(float))


@pytest.fixture
def told(small, tmp_path):
    made = small([None, 0], [[[], MANY]])

    def publishing(draw=lambda mean, b: mean + b, made=made, **kw):
        given = {"epsilon": 0.4, "total": 1.0} | kw
        return publish(made.workspace, made.measurement, tmp_path / "book.jsonl", draw=draw, **given)

    publishing.book = tmp_path / "book.jsonl"
    publishing.small = small
    return publishing


def test_the_whole_organisation_is_published_with_noise_and_no_team(told):
    (found,) = told().means
    assert (found.unit, found.n) == ("u0", 400)
    assert found.mean == pytest.approx(np.mean(MANY) + 4 / 400 / 0.4, abs=0.006)


def test_what_was_published_is_not_drawn_again_and_costs_nothing(told):
    first = told()
    again = told(draw=lambda mean, b: mean + 10 * b)
    assert again == first
    assert again.left == pytest.approx(0.6)


def test_a_new_period_is_paid_for_until_the_budget_is_spent(told):
    made = told.small([None, 0], [[[], MANY]] * 3)
    assert [told(made=made, period=p).left for p in ("2021", "2022")] == pytest.approx([0.6, 0.2])
    with pytest.raises(NoiseError, match=r"0\.2 is left"):
        told(made=made, period="2023")
    assert len(told.book.read_text().splitlines()) == 2


def test_by_default_four_editions_are_paid_for(told):
    made = told.small([None, 0], [[[], MANY]] * 5)
    given = {"made": made, "epsilon": None, "total": None}
    assert [told(period=p, **given).left for p in ("2021", "2022", "2023", "2024")] == pytest.approx([3, 2, 1, 0])
    with pytest.raises(NoiseError, match=r"The budget of 4 is spent\. Nothing new may be published"):
        told(period="2025", **given)


def test_by_default_the_budget_is_that_of_the_book(told):
    made = told.small([None, 0], [[[], MANY]] * 2)
    told(made=made, period="2021", epsilon=0.9)
    later = told(made=made, period="2022", epsilon=None, total=None)
    assert (later.total, later.left) == (1.0, pytest.approx(0))


def test_a_small_organisation_is_refused(told):
    with pytest.raises(NoiseError, match="not for teams"):
        told(made=told.small([None, 0], [[[], MANY[:299]]]))
    assert not told.book.exists()


def test_the_budget_may_not_be_raised(told):
    told()
    with pytest.raises(NoiseError, match="never raised"):
        told(total=2.0)


def test_an_altered_book_is_refused(told):
    told()
    entry = json.loads(told.book.read_text())
    told.book.write_text(json.dumps(entry | {"epsilon": 0.0}) + "\n")
    with pytest.raises(NoiseError, match="broken at line 1"):
        told()


def test_the_book_holds_no_exact_mean(told):
    told()
    assert f"{np.mean(MANY):.4f}"[:6] not in told.book.read_text()


@pytest.mark.slow
def test_the_command_publishes_with_opendp(tmp_path):
    bv.simulate(tmp_path / "org", teams=40, waves=2, seed=2)
    done = CliRunner().invoke(app, ["publish", str(tmp_path / "org")], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "Over van het budget: 3,00 van 4. Deze gemiddelden mag u publiceren, die van teams niet." in done.output
    assert (tmp_path / "org" / "publications.jsonl").exists()
