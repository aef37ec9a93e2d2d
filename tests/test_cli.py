"""The command line as typed: status, one clear sentence, and never a traceback."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

import bevlogen as bv
from bevlogen import cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "steering.schema.json").read_text(encoding="utf-8")))
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
POINTED_AT = set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
# The README was there before these; take each out as it is written (issue 2).
FINE, WRONG_INPUT, WRONG_USAGE = 0, 1, 2


@pytest.fixture
def run(monkeypatch, capsys):
    """Type a command; return status, what it says and what it says as an error."""

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["bevlogen", *(str(word) for word in words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return end.value.code or FINE, said.out, said.err

    return typed


@pytest.fixture(scope="session")
def organisation(tmp_path_factory):
    """The template: two teams, the smallest that is complete."""
    return bv.new(tmp_path_factory.mktemp("organisation") / "mine", language="en")


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    return bv.simulate(tmp_path_factory.mktemp("simulated") / "made", teams=6, waves=2, language="en")


@pytest.fixture(scope="session")
def moving(tmp_path_factory):
    """Enough units and periods to look ahead and to choose; its own language is Dutch."""
    return bv.simulate(tmp_path_factory.mktemp("moving") / "made", teams=12, waves=6)


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch):
    monkeypatch.delenv("BEVLOGEN_DATA", raising=False)


@pytest.fixture
def a_file(tmp_path):
    path = tmp_path / "a_file"
    path.write_text("", encoding="utf-8")
    return path


def one_sentence(text):
    """One line that ends as a sentence does."""
    return text.count("\n") == 1 and text.rstrip().endswith(".")


# --- success ---------------------------------------------------------------------------------------------------------


def test_new_writes_a_workspace_that_check_accepts(run, tmp_path):
    assert run("new", tmp_path / "mine")[0] == FINE
    assert run("check", tmp_path / "mine") == (FINE, "No faults.\n", "")


def test_steer_writes_a_report_and_says_where(run, organisation, tmp_path):
    status, said, errors = run("steer", organisation, "--out", tmp_path / "r.html")
    assert (status, errors) == (FINE, "")
    assert said == f"The report is at {tmp_path / 'r.html'}\n"
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.parametrize("command", ["steer", "measure", "link"])
def test_json_follows_the_published_schema(run, simulated, tmp_path, command):
    out = ("--out", tmp_path / "r.html") if command == "steer" else ()
    assert run(command, simulated, "--json", tmp_path / "r.json", *out)[0] == FINE
    SCHEMA.validate(json.loads((tmp_path / "r.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", ["steer", "measure", "link"])
def test_quiet_says_nothing(run, organisation, tmp_path, command):
    out = ("--out", tmp_path / "r.html") if command == "steer" else ()
    assert run(command, organisation, "--quiet", *out) == (FINE, "", "")


@pytest.mark.parametrize(("language", "word"), [("en", '<html lang="en"'), ("nl", '<html lang="nl"')])
def test_the_report_is_in_the_language_asked_for(run, organisation, tmp_path, language, word):
    run("steer", organisation, "--out", tmp_path / "r.html", "--language", language)
    assert word in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_measure_lists_every_construct(run, simulated):
    assert "engagement" in run("measure", simulated)[1]


def test_measure_says_that_nothing_may_be_shown(run, organisation):
    assert run("measure", organisation)[1] == "No construct has enough respondents to be shown.\n"


def test_link_lists_every_claim(run, organisation):
    assert "customers-carry" in run("link", organisation)[1]


def test_the_report_may_go_in_a_folder_that_is_not_there_yet(run, organisation, tmp_path):
    out = tmp_path / "not" / "there" / "r.html"
    assert run("steer", organisation, "--out", out)[0] == FINE
    assert out.exists()


def test_steer_writes_a_pdf_as_well(run, simulated, tmp_path):
    status, said, errors = run("steer", simulated, "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.pdf")
    assert (status, errors) == (FINE, "")
    assert f"The PDF is at {tmp_path / 'r.pdf'}\n" in said
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_the_name_says_what_the_report_is(run, simulated, tmp_path):
    status, said, errors = run("steer", simulated, "--out", tmp_path / "r.xlsx")
    assert (status, errors) == (FINE, "")
    assert f"The report is at {tmp_path / 'r.xlsx'}\n" in said
    assert load_workbook(tmp_path / "r.xlsx").sheetnames[0] == "Summary"


def test_a_report_by_an_unknown_name_is_refused_before_the_work(run, organisation, tmp_path):
    status, _, errors = run("steer", organisation, "--out", tmp_path / "r.doc")
    assert status == 1
    assert errors == 'The name of a report must end in .html, .htm, .pdf, .xlsx or .pptx; found "r.doc".\n'
    assert not (tmp_path / "r.doc").exists()


def test_a_pdf_by_another_name_is_refused(run, organisation, tmp_path):
    status, _, errors = run("steer", organisation, "--out", tmp_path / "r.html", "--pdf", tmp_path / "r.doc")
    assert status == 1
    assert 'must end in ".pdf"' in errors
    assert not (tmp_path / "r.html").exists()


def test_simulate_writes_a_workspace_without_faults(run, tmp_path):
    assert run("simulate", tmp_path / "made", "--teams", "3", "--waves", "1", "--seed", "2")[0] == FINE
    assert run("check", tmp_path / "made")[0] == FINE


def test_a_label_with_brackets_is_printed_as_it_stands(run, organisation, tmp_path):
    """Square brackets are markup to the library that draws the table; an unmatched one stopped the command."""
    folder = tmp_path / "brackets"
    folder.mkdir()
    text = (organisation / "organisation.toml").read_text(encoding="utf-8")
    (folder / "organisation.toml").write_text(
        text.replace("share = true", 'label = { en = "[/red]", nl = "[/red]" }'), encoding="utf-8"
    )
    assert run("link", folder, "--data", organisation)[0] == FINE


# --- language --------------------------------------------------------------------------------------------------------

# A command, and words of its answer in each language.
ANSWERS = [
    (("measure",), "Mean", "Gemiddelde"),
    (("link",), "undetermined", "nog niet te zeggen"),
    (("whatif", "--lever", "autonomy", "--by", "0.3"), "doing nothing", "niets doen"),
    (("choose", "--at-once", "2", "--cost", "engagement=5,2"), "No move is", "Van geen enkele stap"),
    (("forecast",), "Looking back", "Achteraf"),
]


@pytest.mark.parametrize(("words", "english", "dutch"), ANSWERS, ids=[a[0][0] for a in ANSWERS])
def test_a_command_answers_in_the_language_of_the_organisation_unless_asked(run, moving, words, english, dutch):
    command, *options = words
    for more, here, not_here in (
        ((), dutch, english),
        (("--language", "en"), english, dutch),
    ):
        status, said, _ = run(command, moving, *options, *more)
        assert status == FINE
        assert here in said
        assert not_here not in said


def test_an_audit_speaks_the_language_of_the_workspace_it_attacks(run, organisation, tmp_path):
    dutch = bv.new(tmp_path / "mine")
    bv.open(organisation).release()
    bv.open(dutch).release()
    assert run("audit", organisation)[1].startswith("Nothing follows")
    assert run("audit", dutch)[1].startswith("Uit deze cijfers samen volgt niets")
    assert run("audit", dutch, "--language", "en")[1].startswith("Nothing follows")


MAKING = [("new",), ("simulate", "--teams", "3", "--waves", "1")]


@pytest.mark.parametrize("words", MAKING, ids=["new", "simulate"])
def test_without_an_organisation_a_command_speaks_english_unless_asked(run, tmp_path, words):
    command, *more = words
    assert run(command, tmp_path / "a", *more)[1].startswith("Wrote ")
    assert "is gemaakt" in run(command, tmp_path / "b", *more, "--language", "nl")[1]


@pytest.mark.parametrize("words", MAKING, ids=["new", "simulate"])
def test_a_workspace_is_made_in_the_language_asked_for(run, tmp_path, words):
    command, *more = words
    run(command, tmp_path / "made", *more, "--language", "en")
    assert bv.open(tmp_path / "made").workspace.organisation.language == "en"


def test_numbers_are_written_in_the_way_of_the_language(run, simulated):
    assert re.search(r"engagement\s.* \d\.\d\d ", run("measure", simulated)[1])
    assert re.search(r"bevlogenheid\s.* \d,\d\d ", run("measure", simulated, "--language", "nl")[1])


# --- wrong input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "steer", "measure", "link"])
def test_a_missing_folder_is_wrong_input(run, tmp_path, command):
    status, said, errors = run(command, tmp_path / "nowhere")
    assert status == WRONG_INPUT
    assert "organisation.toml: there is no such file. Make one with: bevlogen new DIR." in said + errors


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[organisation\n", "organisation.toml, row 1: no valid TOML."),
        (b"\xff\xfe\x00", "organisation.toml: not written in UTF-8."),
        (b"", "organisation.toml"),
        (b"organisation = 3\ntables = 4\ninstruments = 'x'\n", "a value where a table is expected"),
    ],
)
def test_a_broken_organisation_toml_is_wrong_input(run, tmp_path, content, sentence):
    (tmp_path / "organisation.toml").write_bytes(content)
    status, _, errors = run("steer", tmp_path, "--out", tmp_path / "r.html")
    assert status == WRONG_INPUT
    assert sentence in errors
    assert not (tmp_path / "r.html").exists()


def test_an_unknown_language_is_wrong_input(run, organisation):
    assert run("steer", organisation, "--language", "fr") == (
        WRONG_INPUT,
        "",
        'Unknown language "fr". Choose one of: en, nl.\n',
    )


@pytest.mark.parametrize("option", ["--out", "--json"])
def test_a_folder_is_no_place_for_a_file(run, organisation, tmp_path, option):
    words = ("steer", organisation, "--out", tmp_path / "r.html", option, organisation)
    assert run(*words) == (
        WRONG_INPUT,
        "",
        f'Cannot write "{organisation}": Is a directory. Name another place.\n',
    )


@pytest.mark.parametrize("option", ["--out", "--json"])
def test_an_output_below_a_file_is_wrong_input(run, organisation, a_file, tmp_path, option):
    status, said, errors = run("steer", organisation, "--out", tmp_path / "r.html", option, a_file / "x")
    assert (status, said) == (WRONG_INPUT, "")
    assert one_sentence(errors.replace(". Name another place", ""))


@pytest.mark.parametrize("command", ["measure", "link"])
def test_the_json_of_a_step_below_a_file_is_wrong_input(run, organisation, a_file, command):
    status, _, errors = run(command, organisation, "--quiet", "--json", a_file / "x.json")
    assert status == WRONG_INPUT
    assert errors.startswith("Cannot write ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_told(run, organisation):
    status, _, errors = run("steer", organisation, "--out", "/dev/full")
    assert (status, errors) == (WRONG_INPUT, 'Cannot write "/dev/full": No space left on device. Name another place.\n')


@pytest.mark.parametrize("command", ["new", "simulate", "demo"])
@pytest.mark.parametrize("below", ["", "x"])
def test_a_file_is_no_place_for_a_workspace(run, a_file, command, below):
    more = ("--no-open",) if command == "demo" else ()
    status, said, errors = run(command, a_file / below, *more)
    assert (status, said) == (WRONG_INPUT, "")
    assert len(errors.splitlines()) == 1


def test_new_never_writes_over_a_workspace(run, organisation):
    before = (organisation / "organisation.toml").read_bytes()
    assert run("new", organisation)[0] == WRONG_INPUT
    assert (organisation / "organisation.toml").read_bytes() == before


def test_simulate_writes_in_an_empty_folder_only(run, organisation):
    assert run("simulate", organisation)[0] == WRONG_INPUT


def test_check_says_every_fault_and_writes_nothing(run, tmp_path):
    run("new", tmp_path)
    (tmp_path / "answers.csv").write_text("unit,filled_on,e1,e2,e3,a1,a2\nzz,2024-01-01,9,x,1,1,1\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    status, said, _ = run("check", tmp_path)
    assert status == WRONG_INPUT
    assert said.endswith("3 faults. Nothing was written.\n")
    assert sorted(tmp_path.iterdir()) == before


# --- wrong usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("steer",),
        ("stear", "x"),
        ("steer", "x", "--no-such-option"),
        ("steer", "x", "y"),
        ("simulate", "x", "--teams", "0"),
        ("simulate", "x", "--waves", "many"),
        ("simulate", "x", "--seed", "-1"),
        ("link", "x", "--json"),
    ],
)
def test_wrong_usage_has_status_2_and_makes_nothing(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    status, said, errors = run(*words)
    assert status == WRONG_USAGE
    assert "Usage: bevlogen" in said + errors or errors.startswith("Error: Option")
    assert not list(tmp_path.iterdir())


def test_help_is_no_fault(run):
    assert run("--help")[0] == FINE


# --- being stopped ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_ends_without_a_traceback(tmp_path):
    code = "from bevlogen.cli import main; print('loaded', flush=True); main()"
    words = [sys.executable, "-c", code, "simulate", str(tmp_path / "large"), "--teams", "20000", "--waves", "40"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    # Whoever starts the tests in the background makes all below ignore Ctrl-C; a person at a terminal does not.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes, env=environment, preexec_fn=heed) as process:
        process.stdout.readline()  # before that it is Python that is stopped, not the command
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode not in (FINE, WRONG_USAGE)
    assert "Traceback" not in errors


# --- what the README says --------------------------------------------------------------------------------------------


def commands_of(block):
    """The commands of a shell block, without their remarks."""
    return [words for line in block.splitlines() if (words := shlex.split(line, comments=True))]


OURS = [words[1:] for block in SHELL for words in commands_of(block) if words[0] == "bevlogen"]


def test_the_readme_commands_run_in_the_order_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [run(*words)[0] for words in OURS] == [FINE] * 3
    assert (tmp_path / "report.html").exists()
    assert (tmp_path / "report.json").exists()


def test_the_readme_make_commands_exist():
    wanted = {words[1] for block in SHELL for words in commands_of(block) if words[0] == "make"}
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= wanted <= targets


def test_every_command_of_the_readme_table_exists():
    named = set(re.findall(r"`bevlogen (\w+)", README))
    assert named == {command.name or command.callback.__name__ for command in cli.app.registered_commands}


def test_the_readme_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bv.new("mine")
    exec(compile("\n".join(PYTHON), "README.md", "exec"), {})
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("link", sorted(POINTED_AT))
def test_what_the_readme_points_at_is_there(link):
    assert (ROOT / link).exists()


def test_a_data_folder_that_is_not_there_is_wrong_usage(run, organisation):
    assert run("check", organisation, "--data", "nodir")[0] == WRONG_USAGE


def test_whatif_says_per_construct_what_a_move_may_bring(run, moving):
    status, said, _ = run("whatif", moving, "--lever", "autonomy", "--by", "0.3")
    assert status == FINE
    first = (
        "Als zelf kunnen beslissen 0,3 omhoog gaat op de eigen schaal, in alle onderdelen, dan kan dat tot en met het "
    )
    assert said.startswith(first)
    assert "ongeveer hetzelfde als niets doen." in said


def test_whatif_writes_the_period_in_words(run, moving):
    words = ("whatif", moving, "--lever", "engagement", "--by", "1", "--periods", "2")
    assert re.search(r"SD beter in het \w+ kwartaal van 20\d\d,", run(*words)[1])
    assert re.search(r"SD better by the \w+ quarter of 20\d\d,", run(*words, "--language", "en")[1])


def test_whatif_of_an_unknown_lever_names_those_there_are(run, simulated):
    status, _, wrong = run("whatif", simulated, "--lever", "pay", "--by", "0.3", "--quiet")
    assert status == WRONG_INPUT
    assert 'No lever "pay" is measured here. Found: employership' in wrong


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (("--money=-1",), "Found -1 for money. Give 0 or more, or leave it out."),
        (("--cost", "engagement=x"), 'Found the cost "engagement=x". Write it as engagement=5,2'),
        (("--cost", "engagement=-5"), 'The cost of "engagement" is below 0. Give 0 or more.'),
    ],
)
def test_choose_refuses_limits_that_cannot_be(run, simulated, limits, message):
    status, _, wrong = run("choose", simulated, *limits)
    assert status == WRONG_INPUT
    assert message in wrong


def test_forecast_says_where_right_to_exist_goes(run, moving):
    status, said, _ = run("forecast", moving, "--target", "retention=0.5", "--language", "en", "--quiet")
    assert status == FINE
    assert "Return (share of revenue): The chance that it lies below 0% (a loss) some time in the coming" in said
    assert re.search(r"Customers who stay: The chance that it lies below 50% some time in the coming year", said)


def test_targets_of_the_organisation_stand_in_forecast_and_report(run, moving, tmp_path):
    folder = shutil.copytree(moving, tmp_path / "org", ignore=shutil.ignore_patterns("releases*"))
    toml = folder / "organisation.toml"
    toml.write_text(toml.read_text("utf-8") + "\n[targets]\nretention = 0.5\n", encoding="utf-8")
    status, said, _ = run("forecast", folder, "--language", "en", "--quiet")
    assert status == FINE
    assert "Customers who stay: The chance that it lies below 50% some time in the coming year is" in said
    page = bv.open(folder).report(tmp_path / "report.html", language="en").read_text("utf-8")
    assert "The chance that it lies below 50% some time" in page


def test_a_target_of_what_is_not_measured_is_one_fault(run, simulated, tmp_path):
    folder = shutil.copytree(simulated, tmp_path / "org", ignore=shutil.ignore_patterns("releases*"))
    toml = folder / "organisation.toml"
    toml.write_text(toml.read_text("utf-8") + "\n[targets]\nretenton = 0.5\n", encoding="utf-8")
    status, said, _ = run("check", folder)
    assert status == WRONG_INPUT
    assert 'targets.retenton": no results for "retenton". Did you mean "retention"?' in " ".join(said.split())


def test_forecast_with_a_target_that_is_no_number_says_how_to_write_it(run, simulated):
    status, _, wrong = run("forecast", simulated, "--target", "return")
    assert status == WRONG_INPUT
    assert 'Found the target "return". Write it as return=0.' in wrong
