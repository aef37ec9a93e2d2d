"""Simulate an organisation whose chain is known, as a complete workspace with the truth beside it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bevlogen.core.chain import Language
from bevlogen.errors import BevlogenError, ChoiceError, writing
from bevlogen.sources.section import DEFAULT_LANGUAGE
from bevlogen.sources.simulate_chain import NODES, solve
from bevlogen.sources.simulate_demo import DEMO_TEAMS, DEMO_WAVES, demo, with_looked_so
from bevlogen.sources.simulate_organisation import FIRST_YEAR, KINDS, Plan, plain
from bevlogen.sources.simulate_people import RESPONSE, Block, answer_blocks, encounter_blocks, staff
from bevlogen.sources.simulate_records import Record, expected_figure, records
from bevlogen.sources.simulate_settings import organisation_toml, readme
from bevlogen.sources.simulate_truth import true_scores, truth
from bevlogen.sources.simulate_words import comments

FloatArray = NDArray[np.float64]
Preset = Literal["chain", "demo"]
_PERIOD_SD = 0.12  # how far a wave moves all units together, in SD of true unit scores


def simulate(
    directory: str | Path,
    *,
    teams: int = 60,
    waves: int = 8,
    seed: int = 1,
    preset: Preset = "chain",
    answers_per_cell: float | None = None,
    person_stability: float = 0.0,
    language: Language | None = None,
) -> Path:
    """Write a simulated organisation as a workspace, with the truth beside it.

    Parameters
    ----------
    directory : folder to write; made if absent, must be empty.
    teams, waves : number of teams and of quarters; ``demo`` has 60 and 8.
    seed : of the random numbers; the same seed gives the same files.
    preset : ``chain``, plain; ``demo``, the demonstration organisation with its traps.
    answers_per_cell : mean number of answers per team and quarter; None for teams of 4 to 30 people.
    person_stability : share (0 to 1) of a person's deviation from the team that lasts over the waves. The true unit
        score holds whoever is in the team; so with more than 0 unit means lie closer to it than spread and number of
        answers say, since the same people answer again. Anonymous answers cannot show that.
    language : of the organisation; Dutch by default.

    Returns
    -------
    Path
        ``directory``: ``organisation.toml``, ``units.csv``, ``answers.parquet``, ``interactions.parquet``,
        ``results.csv``, ``actions.csv``, ``truth.json``, ``true_scores.parquet``, ``README.txt``; of the preset
        ``demo`` also ``comments.csv``, what people wrote with their last form.

    Raises
    ------
    BevlogenError
        If the folder is not empty or cannot be written, or a number is out of its range.

    Notes
    -----
    Latent unit scores follow a linear chain of lasting levels and first-order autoregressive deviations
    (``simulate_chain``). Persons and encounters spread around them; items are rounded to 1 to 5. True unit scores are
    the expected answers of the team, and truth.json gives each link on the scale of the estimates.
    """
    directory = Path(directory)
    _check(directory, teams, waves, preset, answers_per_cell, person_stability)
    if seed < 0:
        raise BevlogenError(f"Found a seed of {seed}. Give a whole number from 0.")
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(7)]
    headcount = None if answers_per_cell is None else answers_per_cell / RESPONSE
    organisation = demo(streams[0]) if preset == "demo" else plain(teams, waves, headcount, streams[0])
    latent = _latent(organisation, waves, streams[1])
    people = staff(organisation, expected_figure(organisation, latent, "turnover"), streams[2])
    facts = records(organisation, people, latent, streams[3])
    scores = true_scores(organisation, latent)

    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
    answered = answer_blocks(organisation, people, latent, person_stability, streams[4])
    _write_rows(directory / "answers.parquet", organisation, answered)
    _write_rows(
        directory / "interactions.parquet", organisation, encounter_blocks(organisation, people, latent, streams[5])
    )
    if preset == "demo":
        answers = directory / "answers.parquet"
        organisation = with_looked_so(organisation, answers, scores["engagement"])
        _write_comments(directory / "comments.csv", organisation, latent, _answered(organisation, answers), streams[6])
    _write_units(directory / "units.csv", organisation)
    _write_results(directory / "results.csv", organisation, facts)
    _write_actions(directory / "actions.csv", organisation)
    _write_true_scores(directory / "true_scores.parquet", organisation, scores, facts)
    known = {
        "seed": seed,
        "preset": preset,
        "teams": len(organisation.teams),
        "waves": waves,
        "person_stability": person_stability,
        "unit_scores": "true_scores.parquet",
        **truth(organisation, scores, facts),
    }
    (directory / "truth.json").write_text(json.dumps(known, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    (directory / "README.txt").write_text(readme(organisation, seed, has_comments=preset == "demo"), encoding="utf-8")
    (directory / "organisation.toml").write_text(
        organisation_toml(organisation, language or DEFAULT_LANGUAGE), encoding="utf-8"
    )
    return directory


def period_label(wave: int) -> str:
    """Quarter of a wave that counts from 0."""
    return f"{FIRST_YEAR + wave // 4}-Q{wave % 4 + 1}"


def _check(
    directory: Path, teams: int, waves: int, preset: str, answers_per_cell: float | None, person_stability: float
) -> None:
    if preset not in get_args(Preset):
        raise ChoiceError("preset", preset, get_args(Preset))
    if directory.exists() and not directory.is_dir():
        raise BevlogenError("The place to write to is a file. Name a folder that is empty or not there yet.")
    if directory.exists() and any(directory.iterdir()):
        raise BevlogenError("The folder is not empty. Name a folder that is empty or not there yet.")
    if teams < 1 or waves < 1:
        raise BevlogenError(f"Found {teams} teams and {waves} waves. Ask for at least one of each.")
    if preset == "demo" and ((teams, waves) != (DEMO_TEAMS, DEMO_WAVES) or answers_per_cell is not None):
        raise BevlogenError(
            f"The demo organisation has {DEMO_TEAMS} teams of its own size and {DEMO_WAVES} waves. "
            'Leave those out, or choose the preset "chain".'
        )
    if answers_per_cell is not None and answers_per_cell <= 0:
        raise BevlogenError("The number of answers per team and quarter is not above 0. Give one that is, or none.")
    if not 0 <= person_stability <= 1:
        raise BevlogenError(f"Found a person stability of {person_stability}. Give a share from 0 to 1.")


def _latent(organisation: Plan, waves: int, rng: np.random.Generator) -> FloatArray:
    """Latent unit scores (J, T, K), period effects and planted differences included."""
    out = np.empty((len(organisation.teams), waves, len(NODES)))
    for k in sorted(set(organisation.kind.tolist())):
        units = organisation.kind == k
        out[units] = solve(organisation.paths, KINDS[k].co_creation, organisation.lasting).draw(
            int(units.sum()), waves, rng
        )
    return out + organisation.shift + _PERIOD_SD * rng.standard_normal((1, waves, len(NODES)))


# --- files -----------------------------------------------------------------------------------------------------------


def _days(wave: int, day: FloatArray) -> NDArray[np.datetime64]:
    """Dates within the quarter from shares of it."""
    year, quarter = FIRST_YEAR + wave // 4, wave % 4
    start = np.datetime64(date(year, 3 * quarter + 1, 1))
    end = np.datetime64(date(year + (quarter == 3), 3 * ((quarter + 1) % 4) + 1, 1))
    length = (end - start).astype(np.int64)
    return np.asarray(start + np.minimum((day * length).astype(np.int64), length - 1))


def _coded(codes: NDArray[np.int64], labels: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels, pa.string()))


def _row_table(organisation: Plan, block: Block) -> pa.Table:
    columns = {
        "unit": _coded(block.unit, [team.key for team in organisation.teams]),
        "date": pa.array(_days(block.wave, block.day), pa.date32()),
    }
    if block.employee is not None and block.customer is not None:
        columns["employee"] = _pseudonyms("m", block.employee)
        columns["customer"] = _pseudonyms("k", block.customer)
        columns["service"] = _coded(organisation.kind[block.unit], [kind.key for kind in KINDS])
    for name, answer in block.answers.items():
        columns[name] = pa.array(answer, pa.int8(), mask=block.missing[name])
    return pa.table(columns)


def _pseudonyms(letter: str, codes: NDArray[np.int64]) -> pa.Array:
    known, at = np.unique(codes, return_inverse=True)
    return _coded(at, [f"{letter}{code:06d}" for code in known]).cast(pa.string())


def _write_rows(path: Path, organisation: Plan, blocks: Iterable[Block]) -> None:
    writer: pq.ParquetWriter | None = None
    for block in blocks:
        table = _row_table(organisation, block)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_units(path: Path, organisation: Plan) -> None:
    units = (*organisation.groups, *organisation.teams)
    rows = [
        (
            u.key,
            u.name,
            u.parent or "",
            u.service or "",
            "" if u.co_creation is None else u.co_creation,
            "" if u.headcount is None else int(u.headcount),
        )
        for u in units
    ]
    _write_csv(path, ("unit", "name", "parent", "service", "co_creation", "headcount"), rows)


def _write_results(path: Path, organisation: Plan, facts: Sequence[Record]) -> None:
    _write_csv(path, ("unit", "period", "measure", "value", "exposure"), _result_rows(organisation, facts))


def _result_rows(organisation: Plan, facts: Sequence[Record]) -> Iterator[tuple[object, ...]]:
    for record in facts:
        for i, wave in np.argwhere(organisation.active):
            exposure = "" if record.exposure is None else f"{record.exposure[i, wave]:g}"
            if exposure != "0":
                value = f"{record.value[i, wave]:.10g}"
                yield organisation.teams[i].key, period_label(int(wave)), record.measure, value, exposure


def _write_actions(path: Path, organisation: Plan) -> None:
    rows = [
        (a.unit, f"{FIRST_YEAR + a.start_wave // 4}-{3 * (a.start_wave % 4) + 1:02d}-01", a.lever, a.what)
        for a in organisation.actions
    ]
    _write_csv(path, ("unit", "start", "lever", "what"), rows)


def _answered(organisation: Plan, answers: Path) -> NDArray[np.int64]:
    """Forms of the last wave, (J,)."""
    table = pq.read_table(answers, columns=["unit", "date"])
    last = np.datetime64(f"{period_label(organisation.active.shape[1] - 1)[:4]}-10")
    units = np.array(table["unit"].to_pylist())[table["date"].to_numpy().astype("datetime64[M]") >= last]
    return np.array([np.count_nonzero(units == team.key) for team in organisation.teams])


def _write_comments(
    path: Path, organisation: Plan, latent: FloatArray, answered: NDArray[np.int64], rng: np.random.Generator
) -> None:
    period = period_label(organisation.active.shape[1] - 1)
    rows = ((unit, period, text) for unit, text in comments(organisation, latent, answered, rng))
    _write_csv(path, ("unit", "period", "text"), rows)


def _write_true_scores(path: Path, organisation: Plan, scores: dict[str, FloatArray], facts: Sequence[Record]) -> None:
    """Write true unit scores of the cells that exist; a figure of record is its own truth."""
    seen = {**scores, **{record.measure: record.figure for record in facts}}
    cells = np.argwhere(organisation.active)
    labels = [period_label(wave) for wave in range(organisation.active.shape[1])]
    keys = [team.key for team in organisation.teams]
    tables = [
        pa.table(
            {
                "unit": _coded(cells[:, 0], keys),
                "period": _coded(cells[:, 1], labels),
                "construct": pa.array([name] * len(cells), pa.string()),
                "score": pa.array(values[organisation.active], from_pandas=True),
            }
        )
        for name, values in seen.items()
    ]
    pq.write_table(pa.concat_tables(tables), path, compression="zstd")
