"""The command line: one call per command, status 1 for wrong input, 2 for wrong usage, never a traceback.

What a command says is in the language of ``--language``, else of the organisation, else in English. Faults and help,
which are for whoever makes the files, are in English.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

import bevlogen as bv
from bevlogen.core.chain import Text
from bevlogen.errors import BevlogenError, ChoiceError, writing

if TYPE_CHECKING:
    from bevlogen.core.chain import Language as Spoken
    from bevlogen.show.printed import Judged, Printed
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
    str | None, typer.Option(help="Language: en or nl; default that of organisation.toml, and English without one.")
]
Answer = Annotated[bool, typer.Option("--quiet", help="Print the answer alone: no progress, no cautions.")]

_WIDEST = 120  # characters of a line of running text
_READING = Text("Reading", "Lezen")
_MEASURING = Text("Measuring", "Meten")
_LINKING = Text("Linking", "Verbanden toetsen")
_STEERING = Text("Steering", "Kiezen waar het eerst")
_WRITING = Text("Writing the report", "Rapport schrijven")
_CHOOSING = Text("Choosing", "Kiezen")
_FORECASTING = Text("Forecasting", "Vooruitkijken")
_ATTACKING = Text("Attacking", "Aanvallen")


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")], language: Language = None
) -> None:
    """Write a commented workspace to fill in."""
    spoken = _spoken(language)
    path = bv.new(directory, language=_asked(language))
    _say(
        Text(
            f"Wrote {path}. Fill in the files, then run: bevlogen check {directory}",
            f"{path} is gemaakt. Vul de bestanden in en typ dan: bevlogen check {directory}",
        ).in_(spoken)
    )


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

    spoken = _spoken(language, directory)
    if pdf is not None and pdf.suffix.lower() != ".pdf":
        raise BevlogenError(f'The name of the PDF must end in ".pdf"; found "{pdf}".')
    known(out)
    study = _open(directory, data, ledger, spoken, quiet)
    for text, step in ((_MEASURING, study.measure), (_LINKING, study.link), (_STEERING, study.steer)):
        with _step(text, spoken, quiet):
            step()
    with _step(_WRITING, spoken, quiet):
        report = study.report(out, language=spoken)
        if pdf is not None:
            printed = study.report(pdf, language=spoken)
        if json is not None:
            study.to_json(json)
    if not quiet:
        _say(Text("The report is at", "Het rapport staat in").in_(spoken) + f" {report.resolve()}")
        if pdf is not None:
            _say(Text("The PDF is at", "De PDF staat in").in_(spoken) + f" {printed.resolve()}")
    if open_ and not webbrowser.open(report.resolve().as_uri()):
        missing = Text("No browser found here; open that file in one.", "Hier is geen browser. Open het bestand zelf.")
        _say(missing.in_(spoken))


@app.command()
def measure(
    directory: Folder,
    json: Json = None,
    data: Data = None,
    ledger: Ledger = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Quality and level of every construct; with --json also of every unit that may be shown."""
    from bevlogen.show import printed

    spoken = _spoken(language, directory)
    study = _open(directory, data, ledger, spoken, quiet)
    with _step(_MEASURING, spoken, quiet):
        release = study.release(upto="measure")
    if not quiet:
        _print(printed.measured(release, spoken))
    if json is not None:
        study.to_json(json, upto="measure")


@app.command()
def link(
    directory: Folder,
    json: Json = None,
    data: Data = None,
    ledger: Ledger = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """One verdict per claim, with its reason."""
    from bevlogen.show import printed

    spoken = _spoken(language, directory)
    study = _open(directory, data, ledger, spoken, quiet)
    with _step(_LINKING, spoken, quiet):
        release = study.release(upto="link")
    if not quiet:
        _print_claims(*printed.linked(release, spoken))
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
    quiet: Answer = False,
) -> None:
    """What would moving a lever bring, down to right to exist, compared with doing nothing?"""
    from bevlogen.show import printed

    spoken = _spoken(language, directory)
    study = _open(directory, data, None, spoken, quiet)
    with _step(_MEASURING, spoken, quiet):
        study.measure()
    chosen = [u.strip() for u in units.split(",") if u.strip()]
    answer = study.what_if(lever, by, units=chosen, periods=periods, basis=basis)
    names = {u.key: u.name for u in study.workspace.units}
    label = study.workspace.organisation.construct(answer.lever).label.in_(spoken)
    for sentence in printed.moved(answer, label, [names.get(u, u) for u in chosen], spoken):
        _say(sentence)
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
    quiet: Answer = False,
) -> None:
    """Which moves together bring most within money, hours, numbers and fairness?"""
    from bevlogen.show import printed

    limits = bv.Limits(money, hours, at_once, 1, per_group, each_group, cost=dict(_cost(one) for one in cost or []))
    spoken = _spoken(language, directory)
    study = _open(directory, data, ledger, spoken, quiet)
    with _step(_CHOOSING, spoken, quiet):
        found = study.choose(limits, target=target)
    _print(printed.chosen(found, study.release(), target, spoken))


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
    quiet: Answer = False,
) -> None:
    """Where do existing customers, new ones, use and return go over the next year?"""
    from bevlogen.show import printed

    targets = {}
    for one in target or []:
        name, _, value = one.partition("=")
        try:
            targets[name] = float(value)
        except ValueError:
            raise BevlogenError(f'Found the target "{one}". Write it as return=0.') from None
    spoken = _spoken(language, directory)
    study = _open(directory, data, None, spoken, quiet)
    with _step(_FORECASTING, spoken, quiet):
        found = study.forecast(targets)
    _print(printed.foreseen(found, study.release(), spoken))


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    teams: Annotated[int, typer.Option(min=1, help="Number of teams.")] = 60,
    waves: Annotated[int, typer.Option(min=1, help="Number of periods.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same organisation.")] = 1,
    language: Language = None,
) -> None:
    """Write an organisation with a known chain; truth.json tells what is true."""
    spoken = _spoken(language)
    path = bv.simulate(directory, teams=teams, waves=waves, seed=seed, language=_asked(language))
    _say(
        Text(
            f"Wrote {path}. Try: bevlogen steer {directory}", f"{path} is gemaakt. Probeer: bevlogen steer {directory}"
        ).in_(spoken)
    )


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
    language: Language = None,
) -> None:
    """Send a file to a web application: stored as a whole or not at all; sending it again is safe."""
    from bevlogen.sources.push import push as send

    spoken = _spoken(language)
    if not token:
        raise BevlogenError("No key. Set BEVLOGEN_TOKEN to the key that the administrator made under Other systems.")
    stored = send(file, table, to, token, scale=(low, high))
    _say(
        Text(
            f"Stored: {stored.rows} rows, delivery {stored.delivery}.",
            f"Opgeslagen: {stored.rows} rijen, levering {stored.delivery}.",
        ).in_(spoken)
    )


@app.command()
def audit(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Releases, oldest first, or a workspace.")],
    k: Annotated[int, typer.Option("--k", min=2, help="A mean of fewer people is nobody's business.")] = 5,
    protection: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of the scale that must stay open about an answer.")
    ] = 0.25,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Attack what was released, by us or by any other product: what can be inferred, and about whom? Status 1 if so."""
    from bevlogen.show.inferred import HEAD, row, verdict
    from bevlogen.show.printed import Printed

    spoken = _spoken(language, *paths)
    with _step(_ATTACKING, spoken, quiet):
        found = bv.audit(paths, k=k, protection=protection)
    if not quiet:
        head, rows = tuple(t.in_(spoken) for t in HEAD), tuple(row(i, spoken) for i in found)
        _print(Printed(head, rows, len(head), (verdict(found, spoken),)))
    if found:
        raise typer.Exit(1)


@app.command()
def publish(
    directory: Folder,
    epsilon: Annotated[
        float | None,
        typer.Option(min=1e-6, help="Spent on each new mean, smaller is noisier; default a quarter of BUDGET for all."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            min=1e-6, help="Most ever told of one person; may be lowered later. Default that of the book, or 4."
        ),
    ] = None,
    book: Annotated[Path | None, typer.Option(help="What was published; default publications.jsonl in DIR.")] = None,
    period: Annotated[str | None, typer.Option(help="Period; the last by default.")] = None,
    data: Data = None,
    language: Language = None,
    quiet: Quiet = False,
) -> None:
    """Means of 300 people or more for open publication, under differential privacy. Not for teams."""
    from bevlogen.show import printed

    spoken = _spoken(language, directory)
    study = _open(directory, data, None, spoken, quiet)
    with _step(_MEASURING, spoken, quiet):
        found = study.publish(book or directory / "publications.jsonl", epsilon=epsilon, total=budget, period=period)
    if quiet:
        return
    names = {u.key: u.name for u in study.workspace.units}
    label = study.workspace.organisation.construct
    _print(printed.published(found, names.__getitem__, lambda key: label(key).label.in_(spoken), spoken))


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


def _asked(language: str | None) -> Spoken | None:
    if language is None:
        return None
    if language == "en":
        return "en"
    if language == "nl":
        return "nl"
    raise ChoiceError("language", language, ("en", "nl"))


def _spoken(language: str | None, *folders: Path) -> Spoken:
    """The language that was asked for, else that of the first folder with an organisation, else English."""
    from bevlogen.sources import language_of

    own = [found for found in map(language_of, folders) if found is not None]
    return _asked(language) or (own[0] if own else "en")


def _open(directory: Path, data: Path | None, ledger: Path | None, spoken: Spoken, quiet: bool) -> Study:
    with _step(_READING, spoken, quiet):
        return bv.open(directory, data=data, ledger=ledger)


@contextmanager
def _step(text: Text, spoken: Spoken, quiet: bool) -> Iterator[None]:
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
            task = progress.add_task(text.in_(spoken), total=None)
            with heard(lambda share: progress.update(task, total=1.0, completed=share)):
                yield
    except KeyboardInterrupt:
        stopped = Text(
            "Stopped. Run the command again to start over or go on.",
            "Gestopt. Geef de opdracht nog eens om opnieuw te beginnen of verder te gaan.",
        )
        typer.echo(stopped.in_(spoken), err=True)
        raise


def _print(found: Printed) -> None:
    """Print a table and the sentences under it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Cell

    if found.rows:
        table = Table(box=SIMPLE_HEAD)
        for place, head in enumerate(found.head):
            is_figure = place >= found.first_number
            title = head[:1].upper() + head[1:]
            table.add_column(title, justify="right" if is_figure else "left", overflow="fold", no_wrap=is_figure)
        for row in found.rows:
            # As Text: a label of the organisation may hold brackets, which a plain string takes for markup.
            table.add_row(*(Cell(cell) for cell in row))
        Console().print(table)
    for sentence in found.sentences:
        _say(sentence)


def _print_claims(claims: Sequence[Judged], counted: str) -> None:
    """Print each claim with its verdict and, indented, why; then how many there are of each verdict."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for claim in claims:
        typer.secho(f"{claim.key}: {claim.verdict}", bold=True)
        for part in (claim.claim, *claim.reason):
            _say(textwrap.fill(part, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
        _say("")
    _say(counted)
