"""The command line: one call per command, status 1 for wrong input, 2 for wrong usage, never a traceback."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

import bevlogen as bv
from bevlogen.errors import BevlogenError, ChoiceError, writing

if TYPE_CHECKING:
    from bevlogen.study import Study

app = typer.Typer(
    help="What do I steer on: the customer or the employee? From files to the steering picture.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder with organisation.toml.")]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder with the tables, if they are not in DIR.", envvar="BEVLOGEN_DATA", exists=True, file_okay=False
    ),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures in the documented schema to this file.")]
Ledger = Annotated[
    Path | None,
    typer.Option(
        help="File that remembers what was released; default releases.jsonl in DIR.",
        envvar="BEVLOGEN_LEDGER",
        dir_okay=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Language = Annotated[
    str | None, typer.Option(help="Language of the report: en or nl; default as in organisation.toml.")
]


@app.command()
def new(directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")]) -> None:
    """Write a commented workspace to fill in."""
    path = bv.new(directory)
    _say(f"Wrote {path}. Fill in the files, then run: bevlogen check {directory}")


@app.command()
def check(directory: Folder, data: Data = None) -> None:
    """List every fault of a workspace at once; status 1 if there is one."""
    faults = bv.check(directory, data=data)
    for fault in faults:
        _say(fault.sentence())
    if faults:
        _say(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}. Nothing was written.")
        raise typer.Exit(1)
    _say("No faults.")


@app.command()
def steer(
    directory: Folder,
    out: Annotated[
        Path,
        typer.Option(
            help="Where to write the report; .html is a page, .pdf for the board, .xlsx a workbook, .pptx slides."
        ),
    ] = Path("report.html"),
    json: Json = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the report for the board as PDF to this file.")] = None,
    data: Data = None,
    ledger: Ledger = None,
    language: Language = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    quiet: Quiet = False,
) -> None:
    """From files to the steering picture: the main job."""
    from bevlogen.show.documents import known

    spoken = _language(language)
    if pdf is not None and pdf.suffix.lower() != ".pdf":
        raise BevlogenError(f'The name of the PDF must end in ".pdf"; found "{pdf}".')
    known(out)
    study = _open(directory, data, ledger, quiet)
    for text, step in (("Measuring", study.measure), ("Linking", study.link), ("Steering", study.steer)):
        with _step(text, quiet):
            step()
    with _step("Writing the report", quiet):
        report = study.report(out, language=spoken)
        if pdf is not None:
            printed = study.report(pdf, language=spoken)
        if json is not None:
            study.to_json(json)
    if not quiet:
        _say(f"The report is at {report.resolve()}")
        if pdf is not None:
            _say(f"The PDF is at {printed.resolve()}")
    if open_ and not webbrowser.open(report.resolve().as_uri()):
        _say("No browser found here; open that file in one.")


@app.command()
def measure(
    directory: Folder, json: Json = None, data: Data = None, ledger: Ledger = None, quiet: Quiet = False
) -> None:
    """Quality and level of every construct; with --json also of every unit that may be shown."""
    study = _open(directory, data, ledger, quiet)
    with _step("Measuring", quiet):
        release = study.release(upto="measure")
    rows = [
        (s.construct, f"{s.mean:.2f}", _number(s.alpha.estimate), _number(s.icc1.estimate), _number(s.icc2.estimate))
        for s in release.scales
    ]
    if rows:
        _answer(("construct", "mean", "alpha", "ICC(1)", "ICC(2)"), rows, quiet)
    elif not quiet:
        _say("No construct has enough respondents to be shown.")
    if json is not None:
        study.to_json(json, upto="measure")


@app.command()
def link(directory: Folder, json: Json = None, data: Data = None, ledger: Ledger = None, quiet: Quiet = False) -> None:
    """One verdict per claim, with its reason."""
    study = _open(directory, data, ledger, quiet)
    with _step("Linking", quiet):
        release = study.release(upto="link")
    dutch = release.language == "nl"
    rows = [(c.claim.id, c.verdict, c.reason_nl if dutch else c.reason) for c in release.claims]
    _answer(("claim", "verdict", "reason"), rows, quiet)
    if json is not None:
        study.to_json(json, upto="link")


@app.command()
def whatif(
    directory: Folder,
    lever: Annotated[str, typer.Option(help="What is moved: autonomy, leadership, engagement, ...")],
    by: Annotated[float, typer.Option(help="How far, in points of its own scale; below 0 lowers it.")],
    units: Annotated[str, typer.Option(help="Keys of units, with commas between; none means all.")] = "",
    periods: Annotated[int, typer.Option(min=1, max=40, help="How many periods to look ahead.")] = 8,
    basis: Annotated[Literal["own", "published", "combined"], typer.Option(help="What it rests on.")] = "combined",
    data: Data = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """What would moving a lever bring, down to right to exist, compared with doing nothing?"""
    study = _open(directory, data, None, quiet)
    spoken = _language(language) or study.workspace.organisation.language
    with _step("Measuring", quiet):
        study.measure()
    chosen = [u.strip() for u in units.split(",") if u.strip()]
    answer = study.what_if(lever, by, units=chosen, periods=periods, basis=basis)
    for fan in answer.fans:
        _say(fan.text.in_(spoken))
    if not quiet:
        for note in answer.notes:
            _say(note.in_(spoken))


@app.command()
def choose(
    directory: Folder,
    at_once: Annotated[int | None, typer.Option(help="Most moves.")] = None,
    money: Annotated[float | None, typer.Option(help="Money in all.")] = None,
    hours: Annotated[float | None, typer.Option(help="Hours in all.")] = None,
    per_group: Annotated[int | None, typer.Option(help="Most moves in the units under one parent.")] = None,
    each_group: Annotated[int | None, typer.Option(help="Fewest moves in the units under each parent.")] = None,
    cost: Annotated[
        list[str] | None, typer.Option(help="Money and hours of one move, as engagement=5,2; may be repeated.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="SD over all moves to reach.")] = None,
    data: Data = None,
    ledger: Ledger = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Which moves together bring most within money, hours, numbers and fairness?"""
    limits = bv.Limits(money, hours, at_once, 1, per_group, each_group, cost=dict(_cost(one) for one in cost or []))
    study = _open(directory, data, ledger, quiet)
    spoken = _language(language) or study.workspace.organisation.language
    with _step("Choosing", quiet):
        found = study.choose(limits, target=target)
    rows = [
        (c.unit, c.lever, c.outcome, f"{c.gain.estimate:.2f}", f"{c.gain.low:.2f} - {c.gain.high:.2f}")
        for c in found.choices
    ]
    if rows:
        _answer(("unit", "lever", "outcome", "gain", "90%"), rows, quiet)
    _say(found.reason.in_(spoken))


def _cost(written: str) -> tuple[str, bv.Cost]:
    lever, _, amounts = written.partition("=")
    try:
        money, *hours = (float(amount) for amount in amounts.split(","))
        return lever, bv.Cost(money, *hours[:1])
    except ValueError:
        raise BevlogenError(f'Found the cost "{written}". Write it as engagement=5,2: money, and hours.') from None


@app.command()
def forecast(
    directory: Folder,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="Value that a measure must not pass, as return=0; may be repeated. Else those of organisation.toml."
        ),
    ] = None,
    data: Data = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Where do existing customers, new ones, use and return go over the next year?"""
    targets = {}
    for one in target or []:
        name, _, value = one.partition("=")
        try:
            targets[name] = float(value)
        except ValueError:
            raise BevlogenError(f'Found the target "{one}". Write it as return=0.') from None
    study = _open(directory, data, None, quiet)
    dutch = (_language(language) or study.workspace.organisation.language) == "nl"
    with _step("Forecasting", quiet):
        found = study.forecast(targets)
    rows = [(o.measure, o.periods[-1], *(f"{o.bands[i][-1]:.3g}" for i in (0, 2, 4))) for o in found]
    if rows:
        _answer(("measure", "period", "low", "middle", "high"), rows, quiet)
    for o in found:
        _say(f"{o.measure}: {o.reason.nl if dutch else o.reason.en}")
    if not found:
        _say("Nothing of right to exist is measured in enough units and periods.")


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    teams: Annotated[int, typer.Option(min=1, help="Number of teams.")] = 60,
    waves: Annotated[int, typer.Option(min=1, help="Number of periods.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same organisation.")] = 1,
) -> None:
    """Write an organisation with a known chain; truth.json tells what is true."""
    path = bv.simulate(directory, teams=teams, waves=waves, seed=seed)
    _say(f"Wrote {path}. Try: bevlogen steer {directory}")


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the demonstration.")] = Path("demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    report: Annotated[bool, typer.Option("--report", help="Only the report, without the web application.")] = False,
    language: Annotated[str | None, typer.Option(help="Language of the report: en or nl.")] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
) -> None:
    """A demonstration organisation in the browser, nothing to configure.

    Without a terminal (or with BEVLOGEN_DEMO_ONCE=1) it is prepared and tried, and the command ends.
    """
    if report or find_spec("django") is None:
        workspace = directory / "stadsdiensten"
        if not (workspace / "organisation.toml").exists():
            bv.simulate(workspace, preset="demo")
        steer(workspace, out=directory / "report.html", json=directory / "report.json", language=language, open_=open_)
        return
    if language is not None:
        raise BevlogenError("The web application has both languages. Add --report to choose that of the report.")
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
    if os.environ.get("BEVLOGEN_DEMO_ONCE") == "1" or not sys.stdout.isatty():
        _say(f"This is no terminal: the demonstration is prepared in {directory} and tried.")
        _web(directory, ["--port=0", "--once"], demo=True)
    _web(directory, [f"--port={port}", *(["--open"] if open_ else [])], demo=True)


@app.command()
def push(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Excel or Parquet.")],
    to: Annotated[str, typer.Option(help="Address of the web application, such as https://bevlogen.example.org.")],
    table: Annotated[
        Literal["units", "results", "interactions"], typer.Option(help="What one row of the file is.")
    ] = "results",
    token: Annotated[
        str, typer.Option(help="Key of the integration; better given in the environment.", envvar="BEVLOGEN_TOKEN")
    ] = "",
    low: Annotated[float, typer.Option(help="Lowest rating of contacts.")] = 1,
    high: Annotated[float, typer.Option(help="Highest rating of contacts.")] = 5,
) -> None:
    """Send a file to a web application: stored as a whole or not at all; sending it again is safe."""
    from bevlogen.sources.push import push as send

    if not token:
        raise BevlogenError("No key. Set BEVLOGEN_TOKEN to the key that the administrator made under Other systems.")
    stored = send(file, table, to, token, scale=(low, high))
    _say(f"Stored: {stored.rows} rows, delivery {stored.delivery}.")


@app.command()
def audit(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Releases, oldest first, or a workspace.")],
    k: Annotated[int, typer.Option("--k", min=2, help="A mean of fewer people is nobody's business.")] = 5,
    protection: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of the scale that must stay open about an answer.")
    ] = 0.25,
    language: Annotated[str, typer.Option(help="nl or en.")] = "en",
    quiet: Quiet = False,
) -> None:
    """Attack what was released, by us or by any other product: what can be inferred, and about whom? Status 1 if so."""
    from bevlogen.show.inferred import HEAD, row, verdict

    spoken = _language(language) or "en"
    with _step("Attacking", quiet):
        found = bv.audit(paths, k=k, protection=protection)
    if not quiet:
        if found:
            _answer(tuple(getattr(t, spoken) for t in HEAD), [row(i, spoken) for i in found], quiet)
        _say(verdict(found, spoken))
    if found:
        raise typer.Exit(1)


@app.command()
def publish(
    directory: Folder,
    epsilon: Annotated[float, typer.Option(min=1e-6, help="Spent on each new mean; smaller is noisier.")] = 0.1,
    budget: Annotated[float, typer.Option(min=1e-6, help="Most ever told of one person; never raised later.")] = 1.0,
    book: Annotated[Path | None, typer.Option(help="What was published; default publications.jsonl in DIR.")] = None,
    period: Annotated[str | None, typer.Option(help="Period; the last by default.")] = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Means of 300 people or more for open publication, under differential privacy. Not for teams."""
    study = _open(directory, data, None, quiet)
    with _step("Measuring", quiet):
        found = study.publish(book or directory / "publications.jsonl", epsilon=epsilon, total=budget, period=period)
    rows = [
        (m.unit, m.period, m.construct, f"{m.n}", f"{m.mean:g}", f"± {m.half:g}", f"{m.epsilon:g}") for m in found.means
    ]
    _answer(("unit", "period", "construct", "respondents", "mean", "noise (95%)", "epsilon"), rows, quiet)
    if not quiet:
        _say(f"Left of the budget: {found.left:.3g}. These means may be published; those of teams may not.")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    bind: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 in a container.")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Folder for everything that is kept; default bevlogen-data.", file_okay=False)
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="A demonstration, with made-up users.")] = False,
) -> None:
    """Run the web application; stop it with Ctrl-C."""
    if find_spec("django") is None:
        typer.echo("The web application is not installed. Run: pip install bevlogen[web]", err=True)
        raise typer.Exit(1)
    _web(data, [f"--port={port}", f"--bind={bind}"], demo=demo)


def _web(data: Path | None, options: Sequence[str], *, demo: bool) -> NoReturn:
    """Let the web application take the place of this process: the library never loads it."""
    environment = dict(os.environ)
    if data is not None:
        environment["BEVLOGEN_HOME"] = str(data)
    if demo:
        environment["BEVLOGEN_DEMO"] = "1"
    os.execve(sys.executable, [sys.executable, "-m", "bevlogen_web", "serve", *options], environment)


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="bevlogen")
    except BevlogenError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


def _say(text: str) -> None:
    typer.echo(text)


def _language(language: str | None) -> Literal["en", "nl"] | None:
    if language is None:
        return None
    if language == "en":
        return "en"
    if language == "nl":
        return "nl"
    raise ChoiceError("language", language, ("en", "nl"))


def _open(directory: Path, data: Path | None, ledger: Path | None, quiet: bool) -> Study:
    with _step("Reading", quiet):
        return bv.open(directory, data=data, ledger=ledger)


@contextmanager
def _step(text: str, quiet: bool) -> Iterator[None]:
    """Show a bar with the elapsed time while a step runs, on a terminal only; a long scan says how far it is."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bevlogen.core.progress import heard

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(text, total=None)
            with heard(lambda share: progress.update(task, total=1.0, completed=share)):
                yield
    except KeyboardInterrupt:
        typer.echo("Stopped. Run the command again to start over or go on.", err=True)
        raise


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}"


def _answer(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], quiet: bool) -> None:
    if quiet:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head)
    for row in rows:
        # As Text: a label of the organisation may hold brackets, which a plain string takes for markup.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
